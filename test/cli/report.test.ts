/** `reverie report` and `reverie baseline`, as a person meets them: what is written, what is left alone, and what they say. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Report } from '../../src/domain/report.ts'
import { WrittenReport } from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-report-'))
afterAll(() => rmSync(home, { recursive: true }))

const world = { home, env: { REVERIE_DB: join(home, 'report.db') } }
const docs = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8')

beforeAll(async () => {
  const session = {
    ...{ id: 'run-1', agent: 'desk', task_id: 'kyc', outcome: { success: true } },
    ...{ started_at: '2026-03-02T09:00:00Z', ended_at: '2026-03-02T09:04:30Z' },
    steps: [{ role: 'user', text: 'Please see to it.' }],
  }
  const line = (id: string) =>
    `${JSON.stringify({ ...session, id, steps: [{ role: 'user', text: `See to ${id}.` }] })}\n`
  writeFileSync(join(home, 'desk.jsonl'), Array.from({ length: 8 }, (_, i) => line(`run-${i}`)).join(''))
  await reverie(['ingest', 'desk.jsonl'], world)
  await reverie(['dream'], world)
})

const report = (folder: string) => reverie(['report', '--out', folder], world)

describe('reverie report', () => {
  test('writes a page and its numbers into a new folder', async () => {
    const written = WrittenReport.parse(await reverieJson(['report', '--out', 'new/report'], world))

    expect(readdirSync(join(home, 'new/report')).sort()).toEqual(['report.html', 'report.json'])
    expect(written).toMatchObject({
      html: join(home, 'new/report/report.html'),
      json: join(home, 'new/report/report.json'),
    })
    expect(Report.parse(JSON.parse(readFileSync(written.json, 'utf8')))).toEqual(written.report)
    expect(readFileSync(written.html, 'utf8')).toContain('<h2>desk</h2>')
  })

  test('says where the page is, and what it says', async () => {
    const { stdout, exit_code } = await report('said')

    expect(exit_code).toBe(0)
    expect(stdout).toContain(join(home, 'said/report.html'))
    expect(stdout).toContain('* desk\n    Nothing is measured yet.\n    The memory is empty.\n')
  })

  test('takes the place of the last one', async () => {
    await report('again')
    const first = readFileSync(join(home, 'again/report.json'), 'utf8')
    writeFileSync(join(home, 'again/report.json'), first.replace('"desk"', '"old"'))

    expect((await report('again')).exit_code).toBe(0)
    expect(readFileSync(join(home, 'again/report.json'), 'utf8')).not.toContain('"old"')
    expect(readdirSync(join(home, 'again'))).toHaveLength(2)
  })

  test.each<[what: string, make: (folder: string) => void]>([
    ['another file', (folder) => writeFileSync(join(folder, 'notes.txt'), 'mine')],
    [
      'a page of somebody else',
      (folder) => writeFileSync(join(folder, 'report.html'), '<!doctype html>mine'),
    ],
    ['numbers of somebody else', (folder) => writeFileSync(join(folder, 'report.json'), '{"mine": true}')],
    ['a folder', (folder) => mkdirSync(join(folder, 'report.html'))],
    [
      'a link',
      (folder) => {
        writeFileSync(join(home, 'elsewhere.html'), 'mine')
        symlinkSync(join(home, 'elsewhere.html'), join(folder, 'report.html'))
      },
    ],
  ])('leaves a folder as it is in which there is %s', async (what, make) => {
    const folder = join(home, what.replaceAll(' ', '-'))
    mkdirSync(folder)
    make(folder)
    const before = readdirSync(folder)

    const { stderr, exit_code } = await report(folder)

    expect(exit_code).toBe(1)
    expect(stderr.replace(/\s+/g, ' ')).toContain(`${before[0]} in ${folder} is none of ours`)
    expect(readdirSync(folder)).toEqual(before)
    if (lstatSync(join(folder, before[0]!)).isFile())
      expect(readFileSync(join(folder, before[0]!), 'utf8')).toContain('mine')
    if (existsSync(join(home, 'elsewhere.html')))
      expect(readFileSync(join(home, 'elsewhere.html'), 'utf8')).toBe('mine')
  })

  test('docs/report.md explains every key of report.json', () => {
    const missing = keysOf(z.toJSONSchema(Report, { unrepresentable: 'any' }))
      .filter((it) => !['sightings', 'decisions', 'counts', 'dream', 'changes'].includes(it))
      .filter((it) => !docs.includes(`\`${it}\``))

    expect(missing.filter((it) => !DIGEST.has(it))).toEqual([])
  })
})

/** What docs/cli.md has to explain, as part of a digest. */
const DIGEST = new Set(
  keysOf(z.toJSONSchema(Report.shape.stores.element.shape.digests.element, { unrepresentable: 'any' })),
)

function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return [...new Set([...own, ...Object.values(schema).flatMap(keysOf)])]
}

describe('reverie baseline', () => {
  test('is told in units that a person reads, with what is not known', async () => {
    const { stdout } = await reverie(['baseline'], world)

    expect(stdout).toContain('* desk\n    No lesson is live yet: this is the baseline.')
    expect(stdout).toContain('8 sessions on 2026-03-02, the outcome of 8 verified.')
    expect(stdout).toMatch(/^ +completed +100 % +68 % to 100 % +8 of 8$/m)
    expect(stdout).toMatch(/^ +time, median +4\.5 min +4\.5 min to 4\.5 min +8 of 8$/m)
    expect(stdout).toMatch(/^ +failed calls, mean +0\.0 +too little to say +8 of 8$/m)
    expect(stdout).toMatch(/^ +tokens, median +unknown +0 of 8$/m)
  })

  test('by intent names each kind of work', async () => {
    const { stdout } = await reverie(['baseline', '--by-intent'], world)

    expect(stdout).toMatch(/^ +8 +100 % +4\.5 min +0\.0 +kyc$/m)
  })

  test('without sessions says what to do', async () => {
    const { stdout } = await reverie(['baseline', '--db', 'none.db'], world)

    expect(stdout).toMatch(/^No sessions yet\.\n\nNext: .*ingest/)
  })
})
