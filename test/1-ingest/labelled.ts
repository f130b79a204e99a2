/**
 * Our own labelled texts, and how well redaction does on them.
 *
 * In `pii-labelled/*.txt`, ⟦class:value⟧ is personal data, and ⟦no:value⟧ only looks like it. All of it is made up: numbers
 * with right check digits, domains and phone numbers that are kept for examples. Blank lines part one text from the next.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { piiFinder } from '../../src/1-ingest/pii.ts'
import { PII_SHAPES, type PiiClass } from '../../src/domain/pii.ts'

export type Measured = {
  class: PiiClass
  labelled: number
  /** Labelled, and not a character of it left. */
  masked: number
  /** Taken for this class, and how many of these hold personal data of any class. */
  taken: number
  right: number
  /** What was left or wrongly taken, for whoever mends it. */
  failures: string[]
}

const folder = join(import.meta.dirname, 'pii-labelled')
const CLASSES: PiiClass[] = [...PII_SHAPES, 'name']

export function measure(): { classes: Measured[]; negatives: number; negatives_taken: string[] } {
  const find = piiFinder({
    classes: CLASSES,
    names: readFileSync(join(folder, 'names.txt'), 'utf8'),
    key: 'a key of this test',
  })
  const classes = CLASSES.map(
    (it): Measured => ({ class: it, labelled: 0, masked: 0, taken: 0, right: 0, failures: [] }),
  )
  const of = (kind: string) => classes.find((it) => it.class === kind)!
  let negatives = 0
  const negatives_taken: string[] = []
  for (const { text, labels } of samples()) {
    const found = find(text, '')
    const is_masked = (place: number) => found.some((it) => it.start <= place && place < it.end)
    for (const { start, end, kind } of labels) {
      const value = text.slice(start, end)
      if (kind === 'no') {
        negatives++
        if (found.some((it) => it.start < end && start < it.end)) negatives_taken.push(value)
        continue
      }
      const row = of(kind)
      row.labelled++
      if (Array.from(value, (_, i) => start + i).every(is_masked)) row.masked++
      else row.failures.push(`left: ${value}`)
    }
    for (const it of found) {
      const row = of(it.class)
      row.taken++
      if (labels.some((label) => label.kind !== 'no' && label.start < it.end && it.start < label.end))
        row.right++
      else row.failures.push(`taken: ${text.slice(it.start, it.end)}`)
    }
  }
  return { classes, negatives, negatives_taken }
}

type Label = { start: number; end: number; kind: string }

function samples(): { text: string; labels: Label[] }[] {
  const files = globSync('*.txt', { cwd: folder }).filter((it) => it !== 'names.txt')
  return files.sort().flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n\n').map(unmarked))
}

function unmarked(marked: string): { text: string; labels: Label[] } {
  const labels: Label[] = []
  let text = ''
  let at = 0
  for (const { 0: all, 1: kind, 2: value, index } of marked.matchAll(/⟦([a-z-]+):([^⟧]*)⟧/g)) {
    text += marked.slice(at, index)
    labels.push({ start: text.length, end: text.length + value!.length, kind: kind! })
    text += value
    at = index + all.length
  }
  return { text: text + marked.slice(at), labels }
}
