/** Drift and fitness at the command line: in words, as Markdown and as JSON. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { showOneDream } from '../../src/cli/show/dream.ts'
import type { Dream } from '../../src/domain/dream.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-cli-drift-'))
afterAll(() => rmSync(home, { recursive: true }))
const world = { home, env: { REVERIE_DB: join(home, 'drift.db') } }

beforeAll(async () => {
  generateComplianceDesk(join(home, 'desk'))
  await reverie(['ingest', 'desk'], world)
})

const wide = (text: string) => text.split('\n').filter((it) => it.length > 80)

describe('drift', () => {
  test('says first whether anything passed a threshold, then what moved, in 80 columns', async () => {
    const { stdout, exit_code } = await reverie(['drift', '--window', '4w'], world)

    expect(exit_code).toBe(0)
    expect(stdout).toMatch(
      /^compliance-desk: 2026-08-31 to 2026-09-27 \(\d+ sessions\) against 2026-10-10 to/,
    )
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /No alarm: no threshold .* More than luck moved: ended well,/,
    )
    expect(stdout).toMatch(
      /\n {20}then +now +change +at the same work\nended well +52 % +76 % +\+24 \(\+13 to \+35\)/,
    )
    expect(stdout).toContain('suggest_template 1 % then, 10 % now')
    expect(stdout).toContain('Work: the mix moved no more than by luck.')
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /Agent version: 1\.5\.0 ran 0 sessions then, \d+ now; 1\.4\.0/,
    )
    expect(stdout).toContain('compliance-desk has no memory store yet: only behaviour is compared.')
    expect(wide(stdout)).toEqual([])
  })

  test('tells alarms with what to do, and writes the same as Markdown', async () => {
    const backwards = ['--from', '2026-09-01', '--to', '2026-10-30', '--window', '2w', '--out', 'drift.md']
    const { stdout } = await reverie(['drift', ...backwards], world)
    const markdown = readFileSync(join(home, 'drift.md'), 'utf8')

    expect(stdout).toContain(`Written to ${join(home, 'drift.md')}.`)
    expect(markdown).toMatch(/^# compliance-desk: 2026-09-01 to 2026-09-14 \(\d+ sessions\) against/)
    expect(markdown).toMatch(/\n\| +\| then \| now \| change \| at the same work \|\n\| --- \|/)
    expect(markdown).toMatch(/\n\| ended well \| \d+ % \| \d+ % \|/)
    const again = await reverie(['drift', ...backwards], world)
    expect(again.exit_code).toBe(1)
    expect(again.stderr).toContain('drift.md')
  })

  test('the JSON has every number', async () => {
    const it = shapes.ShownDrift.parse(await reverieJson(['drift', '--window', '28d'], world))
    expect(it.window_days).toBe(28)
    expect(it.actions.p).toBe(0.001)
    expect(it.behaviour.find(({ behaviour }) => behaviour === 'tokens')).toMatchObject({ difference: null })
  })

  test.each([
    [['--from', '2026-13-01'], 2, /Give a date as/],
    [['--window', '0d'], 2, /Give days or weeks, as 7d or 4w/],
    [['--window', '20w'], 1, /overlap/],
    [['--to', '2027-03-01'], 1, /sessions of compliance-desk are known from 2026-08-31 to 2026-11-06/],
  ])('%j is refused with what to give', async (args, exit_code, said) => {
    const ended = await reverie(['drift', ...args], world)
    expect(ended.exit_code).toBe(exit_code)
    expect(ended.stderr.replaceAll('\n', ' ')).toMatch(said)
  })
})

describe('doctor', () => {
  test('gives the verdict, what can teach, when, and what to see to', async () => {
    const { stdout } = await reverie(['doctor'], world)

    expect(stdout).toMatch(/^compliance-desk: fit for dreaming\n/)
    expect(stdout).toMatch(/392 sessions from 2026-08-31 to 2026-11-06, 41 a week; 28 kinds of work, 14/)
    expect(stdout).toMatch(/\n {2}\+ Calls: parse_document fails in 49 sessions of 17 kinds of work/)
    expect(stdout.replace(/\n +/g, ' ')).toMatch(
      /- Approvals: People approved 9\d % of what went well and 9\d % of what failed\./,
    )
    expect(stdout.replace(/\n +/g, ' ')).toMatch(
      /A lesson about whole sessions: now for 30 points \(342 of \d+\), in about/,
    )
    expect(stdout).toContain('It was never dreamed of: `reverie dream`.')
    expect(wide(stdout)).toEqual([])
  })

  test('says what to ingest where there is nothing', async () => {
    const { stdout } = await reverie(['doctor', '--db', 'empty.db'], world)
    expect(stdout).toMatch(/^No sessions are stored, so nothing can be said yet\./)
  })
})

test('an alarm is told in full on its first night, and in a line while it stands', () => {
  const alarm = (since: string) => ({
    ...{ type: 'alarm' as const, text: 'Sessions that end well went down. See what changed.' },
    ...{ sessions: 40, sightings: [], alarm: { type: 'completion' as const, since } },
  })
  const dream = (since: string): Dream => ({
    ...{
      id: 'drm_1',
      status: 'completed',
      memory_store_id: 'memstore_1',
      agent: 'desk',
      result: 'unchanged',
    },
    ...{ notes: [], alerts: [alarm(since)], sessions_read: 4, observations: 4, error: null },
    ...{ model: null, spending: null },
    ...{ created_at: '2026-11-03T03:00:00Z', ended_at: '2026-11-03T03:00:01Z' },
  })
  const plain = (text: string) => text
  const screen = {
    ...{ columns: 200, bold: plain, dim: plain, good: plain, bad: plain, more: () => '' },
    command: (words: string[]) => words.join(' '),
  }
  const told = (since: string) => showOneDream({ dream: dream(since), changes: [] }, screen)

  expect(told('2026-11-03')).toContain('ALERT: Sessions that end well went down. See what changed.')
  expect(told('2026-10-28')).toContain('ALERT, still: completion since 2026-10-28.')
  expect(told('2026-10-28')).not.toContain('went down')
})
