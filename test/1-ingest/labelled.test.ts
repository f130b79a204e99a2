/** How much personal data redaction finds in our own labelled texts, and how much it takes that is none. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { PiiClass } from '../../src/domain/pii.ts'
import { type Measured, measure } from './labelled.ts'

const { classes, negatives, negatives_taken } = measure()

/** Recall and precision in percent that no change may go below. */
const FLOORS: Record<PiiClass, [recall: number, precision: number]> = {
  email: [97, 97],
  phone: [94, 97],
  card: [92, 100],
  iban: [98, 100],
  'national-id': [90, 100],
  ip: [96, 100],
  name: [94, 97],
}

test('there are 300 labelled values and 300 that only look like one', () => {
  expect(classes.reduce((sum, it) => sum + it.labelled, 0)).toBeGreaterThanOrEqual(300)
  expect(negatives).toBeGreaterThanOrEqual(300)
})

test.each(classes)('$class: $masked of $labelled are masked, $right of $taken are personal data', (it) => {
  const [recall, precision] = FLOORS[it.class]

  expect(percent(it.masked, it.labelled), it.failures.join('\n')).toBeGreaterThanOrEqual(recall)
  expect(percent(it.right, it.taken), it.failures.join('\n')).toBeGreaterThanOrEqual(precision)
})

test('of what only looks like personal data, at most one in a hundred is taken', () => {
  expect(negatives_taken.length, negatives_taken.join('\n')).toBeLessThanOrEqual(negatives / 100)
})

/** When the numbers change, put the table that this test shows into docs/privacy.md. */
test('docs/privacy.md says these numbers', () => {
  const docs = readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8')
  const [, table] = /<!-- measured -->\n\n([\s\S]*?)\n\n<!-- end -->/.exec(docs) ?? []

  expect(table).toBe(tableOf(classes))
  expect(docs).toContain(`${negatives_taken.length} of ${negatives}`)
})

function tableOf(rows: Measured[]): string {
  const cells = rows.map((it) => [
    `\`${it.class}\``,
    `${it.masked} of ${it.labelled}`,
    `${percent(it.masked, it.labelled).toFixed(1)} %`,
    `${it.right} of ${it.taken}`,
    `${percent(it.right, it.taken).toFixed(1)} %`,
  ])
  const head = ['class', 'masked', 'recall', 'rightly taken', 'precision']
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function percent(part: number, all: number): number {
  return (100 * part) / all
}
