/**
 * What a store believes no more of an error, because its remedy stopped working, is after an erasure what it would be had the sessions
 * never been there.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-changed-tool-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** The tool that was tried after the error, on each of three nights, and in how many sessions; it works but on the second. */
const NIGHTS = [
  { tool: 'read_file_stream', sessions: 24, works: true },
  { tool: 'read_file_stream', sessions: 10, works: false },
  { tool: 'read_file_chunks', sessions: 8, works: true },
]
/** Of each night some. */
const GONE = ['0-1', '0-2', '0-7', '0-11', '1-0', '1-5', '2-3']

test('a store that sessions were erased from has noted what one has that never had them', async () => {
  const whole = await dreamed(() => true, [])
  const erased = await dreamed(() => true, GONE)
  const never = await dreamed((id) => !GONE.includes(id), [])

  expect(erased).toEqual(never)
  expect(never).toMatchObject({ trait: 'switch read_file_chunks', status: 'probation', sessions: 7 })
  expect(never.watch.counted_before).toMatchObject({ 'switch read_file_stream': [8, 28] })
  expect(whole.watch.counted_before).toMatchObject({ 'switch read_file_stream': [10, 34] })
})

/** What is known of the error after the last night. */
async function dreamed(has: (id: string) => boolean, gone: string[]) {
  const folder = mkdtempSync(join(scratch, 'store-'))
  const database = join(folder, 'reverie.db')
  const engine = openEngine({ database, now: () => new Date('2026-09-01T00:00:00Z') })
  for (const [night, { tool, sessions, works }] of NIGHTS.entries()) {
    const ids = Array.from({ length: sessions }, (_, i) => `${night}-${i}`).filter(has)
    const file = join(folder, `${night}.jsonl`)
    writeFileSync(file, ids.map((id) => JSON.stringify(session(id, night, tool, works))).join('\n'))
    await engine.ingest([file], { harness: 'steps' })
    await engine.dream({ store: 'desk', agent: 'desk' })
  }
  if (gone.length > 0) await engine.erase({ session_ids: gone }, { as: 'user:ana', dry_run: false })
  await engine.close()
  const sqlite = new DatabaseSync(database)
  const rows = sqlite.prepare(`SELECT content, status FROM pattern WHERE channel = 'repair'`).all()
  sqlite.close()
  const known = rows.map((it) => ({ ...JSON.parse(String(it.content)), status: it.status }))
  const { memory_store_id, created_at, updated_at, ...pattern } = known.find((it) =>
    /read_file \|/.test(it.context),
  )
  return pattern
}

function session(id: string, night: number, tool: string, works: boolean): object {
  const call = (name: string, error: string | null) => [
    { role: 'assistant', text: '', calls: [{ id: `${name}-${id}`, name, args: { document: 'a.pdf' } }] },
    { role: 'tool', call_id: `${name}-${id}`, name, text: error ?? 'read', error: error !== null },
  ]
  return {
    ...{ agent: 'desk', id, user: 'ana', agent_version: 'v1', task_id: `task-${Number(id.slice(2)) % 5}` },
    started_at: new Date(Date.UTC(2026, 0, 5 + night, 9)).toISOString(),
    steps: [
      { role: 'user', text: `Please read file ${id}.` },
      ...call('read_file', 'Error: the file is too large'),
      ...call(tool, works ? null : 'Error: switched off'),
      { role: 'assistant', text: 'That is all.' },
    ],
  }
}
