import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { planted, traps } from '../../examples/compliance-desk/planted.ts'
import type { DreamReport } from '../../src/dream.ts'
import { openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'

describe.each([1, 3, 2026])('a dream over the compliance desk, seed %i', (seed) => {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-desk-dream-'))
  const engine = openEngine({ database: ':memory:', now: () => new Date('2026-11-07T03:00:00Z') })
  let report: DreamReport

  beforeAll(async () => {
    generateComplianceDesk(folder, { seed })
    await trust(engine)
    await engine.ingest([folder])
    report = (await engine.dream())[0]!
  })
  afterAll(async () => {
    await engine.close()
    rmSync(folder, { recursive: true })
  })

  /** What an agent would be told. */
  const told = () => report.patterns.filter((it) => !['candidate', 'disputed'].includes(it.status))

  test.each(planted.filter((it) => it.wait_for_issue === undefined))(
    'finds: $name',
    ({ channel, matches }) => {
      const found = told().filter((it) => matches(it.text))
      expect(found.map((it) => it.channel)).toContain(channel)
    },
  )

  test.each(traps)('does not fall for: $name', async ({ matches }) => {
    const { data: memories } = await engine.memories(undefined, { limit: 1_000 })
    // Not even as a candidate that is only watched.
    expect(report.patterns.map((it) => it.text).filter(matches)).toEqual([])
    expect(memories.map((it) => it.content).filter(matches)).toEqual([])
  })

  test('warns a person of what is approved but wrong, and tells no agent of it', async () => {
    const { data: memories } = await engine.memories(undefined, { limit: 1_000 })
    const disputed = report.patterns.filter((it) => it.status === 'disputed')
    expect(disputed.map((it) => it.text)).toEqual([
      'Check the outcome when `close_ticket` is called with `skip_verification = true`: people approve it, and it fails.',
    ])
    expect(memories.filter((it) => it.content.includes('skip_verification'))).toEqual([])
  })

  test('tells each thing once', () => {
    const texts = told().map((it) => it.text)
    expect(texts).toEqual([...new Set(texts)])
    expect(texts.filter((it) => /subject line/.test(it))).toHaveLength(1)
  })

  test('rests each lesson on words that stand in the transcripts, in the session that is named', () => {
    const words = wordsOfSessions(folder)
    for (const { text, evidence } of report.patterns) {
      expect(evidence.length, text).toBeGreaterThan(0)
      for (const { quote, external_session_id } of evidence) {
        const session = words.get(external_session_id) ?? []
        expect(
          session.some((it) => it.includes(quote)),
          `${external_session_id}: ${quote}`,
        ).toBe(true)
      }
    }
  })

  test('writes one memory for each lesson, and the index', async () => {
    const { data: memories } = await engine.memories(undefined, { limit: 1_000 })
    expect(new Set(report.changes.map((it) => `${it.operation} ${it.status}`))).toEqual(
      new Set(['created adopted']),
    )
    expect(memories.map((it) => it.path).sort()).toEqual(
      ['/_index.md', ...report.changes.map((it) => it.path)].sort(),
    )
    expect(memories).toHaveLength(told().length + 1)
    for (const it of told())
      expect(
        memories.some((memory) => memory.content.includes(it.text)),
        it.text,
      ).toBe(true)
  })

  test('and a second one over the same sessions changes nothing', async () => {
    const [again] = await engine.dream()
    expect(again!.dream).toMatchObject({ status: 'completed', result: 'nothing_new', sessions_read: 0 })
    expect(again!.changes).toEqual([])
  })
})

/** Every text in the transcript of a session, by the id that its harness gave it. */
function wordsOfSessions(folder: string): Map<string, string[]> {
  const lines = globSync('*.jsonl', { cwd: folder }).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').trim().split('\n'),
  )
  return new Map(lines.map((line) => [JSON.parse(line).id as string, textsIn(JSON.parse(line))]))
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
