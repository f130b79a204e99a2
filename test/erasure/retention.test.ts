/** What a policy keeps no longer goes: wholly, or only what was said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { parsePolicy, readPolicy } from '../../src/5-decide/policy-file.ts'
import { keptSince } from '../../src/5-decide/retention.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { found } from './bytes.ts'
import { at, MARKS, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-retention-'))
afterAll(() => rmSync(scratch, { recursive: true }))

let engine: Engine
let today: Date
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(scratch, 'run-'))
  today = new Date(at(100))
  engine = openEngine({ database: join(folder, 'reverie.db'), now: () => today })
  return () => engine.close()
})

async function ingest(lines: string[]): Promise<void> {
  const file = join(scratch, 'sessions.jsonl')
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file], { harness: 'steps' })
}

const policy = (retention: string) => `format_version: 1\nretention:\n${retention}\n`
const keep = (retention: string) =>
  engine.setPolicy({ file: 'policy.yaml', text: policy(retention) }, 'user:ana')

describe('how long a session is kept', () => {
  const now = new Date('2026-11-01T00:00:00Z')
  const rules = `  - { agent: 'claude-code:*', transcripts: 10d }\n  - { agent: desk, sessions: 400d, transcripts: 90d }\n  - sessions: 30d`
  test.each([
    { agent: 'claude-code:app', sessions: null, transcripts: '2026-10-22' },
    { agent: 'desk', sessions: '2025-09-27', transcripts: '2026-08-03' },
    { agent: 'other', sessions: '2026-10-02', transcripts: null },
  ])('is said for $agent by the first rule that fits it', ({ agent, sessions, transcripts }) => {
    const kept = keptSince(parsePolicy(policy(rules)), agent, now)
    expect([kept.sessions?.slice(0, 10) ?? null, kept.transcripts?.slice(0, 10) ?? null]).toEqual([
      sessions,
      transcripts,
    ])
  })

  test('is for ever where no rule fits', () => {
    const kept = keptSince(parsePolicy('format_version: 1\n'), 'desk', now)
    expect(kept).toEqual({ sessions: null, transcripts: null })
  })

  test.each([
    ['neither', `  - agent: desk`],
    ['a transcript that outlives its session', `  - { sessions: 90d, transcripts: 90d }`],
    ['no days', `  - { sessions: 0d }`],
    ['another unit', `  - { sessions: 2 weeks }`],
  ])('is refused where it says %s', (_, rule) => {
    expect(readPolicy(policy(rule)).errors).toHaveLength(1)
  })
})

test('sessions that are too old are erased, others stay, and what goes is first shown', async () => {
  await ingest([...marked(20), ...ordinary(30, 40)])
  await engine.dream()
  await keep('  - { agent: desk, sessions: 70d }')

  const dry = await engine.retain(true)
  expect(dry).toMatchObject({ dry_run: true, transcripts: 0, erased: { sessions: 20 } })
  expect((await engine.sessions({ limit: 99 })).data).toHaveLength(50)

  expect(await engine.retain(false)).toMatchObject({ erased: { sessions: 20 }, bytes_left: false })
  expect((await engine.sessions({ limit: 99 })).data).toHaveLength(30)
  expect(found(MARKS, folder)).toEqual({})
  const [record] = (await engine.audit()).data
  expect(record).toMatchObject({ action: 'sessions.erased' })
  expect(record!.actor).toMatch(/^policy:[0-9a-f]{64}$/)
  expect(await engine.retain(false)).toMatchObject({ transcripts: 0, erased: { sessions: 0 } })
})

test('only transcripts go where only those are too old: counts and lessons stay, and it is said that they went', async () => {
  await ingest(ordinary(40))
  await engine.dream()
  const before = await engine.lessons()
  const [lesson] = before.data
  const shown = await engine.evidence(lesson!.id)
  await keep('  - transcripts: 60d')
  today = new Date(at(99))

  expect(await engine.retain(false)).toMatchObject({ transcripts: 39, erased: { sessions: 0 } })

  expect(found(['refund order 5 to the card', 'refund order 39 to the card'], folder)).toEqual({
    'refund order 39 to the card': ['reverie.db', 'reverie.db'],
  })
  const { data: sessions } = await engine.sessions({ limit: 99 })
  expect(sessions).toHaveLength(40)
  const old = await engine.session('ordinary-0')
  expect(old).toMatchObject({ session: null, transcript_removed_at: at(99), row: { title: '' } })
  expect((await engine.session('ordinary-39')).session).not.toBe(null)
  const after = await engine.evidence(lesson!.id)
  expect(shown.data.length).toBeGreaterThan(after.data.length)
  expect(after.transcripts_removed.length).toBeGreaterThan(0)
  expect(after.lesson).toMatchObject({ text: lesson!.text, sessions: lesson!.sessions })
  expect((await engine.audit()).data[0]).toMatchObject({ action: 'transcripts.removed' })
  expect((await engine.verifyAudit()).broken).toBe(null)
  expect(await engine.retain(false)).toMatchObject({ transcripts: 0 })
})

test('a session without a transcript can still be erased exactly, and is known when it comes again', async () => {
  await ingest(ordinary(40))
  await engine.dream()
  await keep('  - transcripts: 1d')
  await engine.retain(false)
  await ingest(ordinary(40))
  expect((await engine.sessions({ limit: 99 })).data).toHaveLength(40)

  const report = await engine.erase({ before: at(500) }, { as: 'user:ana', dry_run: false })

  expect(report).toMatchObject({ sessions: 40 })
  expect((await engine.lessons({ candidates: true })).data).toEqual([])
})

test('a dream reads nothing that has to go, and says so', async () => {
  await ingest([...marked(20), ...ordinary(30, 40)])
  await keep('  - { agent: desk, sessions: 70d, transcripts: 50d }')

  const [report] = await engine.dream()

  expect(report!.dream).toMatchObject({ sessions_read: 30 })
  expect(report!.dream.notes.join()).toContain(
    '20 sessions were not read: the policy keeps them no longer. `reverie retention run` removes them.',
  )
  const quoted = report!.patterns.flatMap((it) => it.evidence.map(({ external_session_id: id }) => id))
  expect(quoted.length).toBeGreaterThan(0)
  expect(quoted.filter((id) => id.startsWith('qzx') || Number(id.split('-')[1]) < 50)).toEqual([])
})
