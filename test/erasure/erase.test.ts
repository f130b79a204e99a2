/** What is erased is gone: from every table, every derived text, and every byte of the files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { found } from './bytes.ts'
import { judgedAlike, MARKS, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-erase-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const ana = { as: 'user:ana', dry_run: false } as const
let folder: string
let path: string
let day: number
let runs = 0

beforeEach(() => {
  folder = join(scratch, `${runs++}`)
  mkdirSync(folder)
  path = join(folder, 'reverie.db')
  day = 0
})

function open(): Engine {
  return openEngine({ database: path, now: () => new Date(Date.UTC(2026, 6, 1 + day, 3)) })
}

async function night(engine: Engine, lines: string[], name = 'sessions'): Promise<void> {
  const file = join(scratch, `${name}-${runs++}.jsonl`)
  writeFileSync(file, lines.join('\n'))
  day++
  await engine.ingest([file], { harness: 'steps' })
  await engine.dream()
}

test('nothing of erased sessions is left in any file, whatever was made of them', async () => {
  const engine = open()
  await trust(engine)
  await night(engine, [...ordinary(30), ...marked(30), ...judgedAlike(24, 300)], 'qzxfile')
  const hold = { file: 'policy.yaml', text: 'format_version: 1\n' }
  await engine.setPolicy(hold, 'user:ana')
  await night(engine, [...ordinary(10, 100), ...marked(16, 50)])
  await decideAndUndo(engine)
  await night(engine, [...ordinary(10, 200), ...marked(4, 90)])

  const seen = { bytes: Object.keys(found(MARKS, folder)), memory: await memoryText(engine) }
  expect(MARKS.filter((it) => !seen.bytes.includes(it))).toEqual(['qzxfile'])
  expect(seen.memory).toContain('qzxtool')
  expect(tableTexts(path, 'change')).toContain('qzxtool')
  expect(tableTexts(path, 'decision')).toContain('qzxedited')
  expect(tableTexts(path, 'dream')).toContain('qzxalike')

  const report = await engine.erase({ person: 'qzxperson' }, { ...ana, reason: 'qzxperson asked for it' })

  expect(report).toMatchObject({ sessions: 74, bytes_left: false })
  expect(report.stores[0]!.memories_removed.join()).toContain('qzxtool')
  expect(found(MARKS, folder)).toEqual({})
  expect((await engine.verifyAudit()).broken).toBe(null)
  await engine.close()
  expect(found(MARKS, folder)).toEqual({})
  expect(sqliteCheck(path)).toEqual(['ok'])
})

/** Marked sessions, put in over the wire: settled, grown since, the same as another, or never read by anybody. */
async function recordMarked(engine: Engine): Promise<Record<'grown' | 'same' | 'unread' | 'kept', string>> {
  const said = (id: string, it: string) => ({
    type: 'user.message',
    id: `sevt_${id}`,
    processed_at: '2026-06-20T09:00:00Z',
    content: [{ type: 'text', text: it }],
  })
  const wanted = { agent: { id: 'desk', version: null, overrides: {} }, environment_id: null }
  const nothing = { resources: [], vault_ids: [], budget: null, initial_events: [] }
  const begin = async (title: string, metadata = {}) =>
    (await engine.createSession({ ...wanted, ...nothing, title, metadata }, 'user:ana')).id
  const [grown, same, unread, kept] = [
    await begin('qzxprompt', { note: 'qzxdetail', external_id: 'qzxsession' }),
    await begin('qzxprompt'),
    await begin('qzxprompt', { external_id: 'qzxtask' }),
    await begin('Of somebody else'),
  ]
  for (const id of [grown, same]) {
    await engine.sendEvents(id, [said('1', 'qzxprompt again')])
    await engine.settle()
  }
  await engine.sendEvents(grown, [said('2', 'qzxanswer')])
  await engine.settle()
  await engine.sendEvents(grown, [said('3', 'qzxwish')])
  await engine.sendEvents(unread, [said('1', 'qzxnever'), { type: 'session.status_running' }])
  await engine.sendEvents(kept, [said('1', 'Of somebody else.')])
  return { grown, same, unread, kept }
}

test('nothing is left of erased sessions that were put in over the wire, whether a dream has read them or not', async () => {
  const engine = open()
  const { grown, same, unread, kept } = await recordMarked(engine)
  expect((await engine.sessionById(same)).id).toBe(same)
  expect(Object.keys(found(MARKS, folder))).toContain('qzxnever')

  const report = await engine.erase({ session_ids: [grown, 'qzxtask'] }, ana)

  expect(report).toMatchObject({ sessions: 3, bytes_left: false })
  expect(found(MARKS, folder)).toEqual({})
  for (const id of [grown, same, unread]) await expect(engine.sessionById(id)).rejects.toThrow('no session')
  expect((await engine.sessionById(kept)).title).toBe('Of somebody else')
  expect((await engine.verifyAudit()).broken).toBe(null)
  await engine.close()
  expect(sqliteCheck(path)).toEqual(['ok'])
})

test('sessions over the wire go with the person they worked for, whether a dream has read them or not', async () => {
  const engine = open()
  const begin = async (metadata: Record<string, string>, agent = 'desk') => {
    const wanted = { agent: { id: agent, version: null, overrides: {} }, environment_id: null, title: null }
    const nothing = { resources: [], vault_ids: [], budget: null, initial_events: [] }
    const { id } = await engine.createSession({ ...wanted, ...nothing, metadata }, 'user:ana')
    return id
  }
  const said = (text: string) => [{ type: 'user.message', content: [{ type: 'text', text }] }]
  const settled = await begin({ person: 'qzxperson' })
  const renamed = await begin({ user_id: 'bob' })
  for (const id of [settled, renamed]) await engine.sendEvents(id, said(`qzxtold ${id}`))
  await engine.settle()
  expect((await engine.sessions()).data.map((it) => it.person).toSorted()).toEqual(['bob', 'qzxperson'])
  await engine.updateSession(renamed, { metadata: { user_id: 'qzxperson' } })
  const unread = await begin({ user_id: 'qzxperson' })
  await engine.sendEvents(unread, said('qzxnever'))
  const empty = await begin({ person: 'qzxperson' })
  const others = [
    await begin({ person: 'bob', user_id: 'qzxother' }),
    await begin({ person: 'qzxperson' }, 'clerk'),
    await begin({}),
  ]

  const report = await engine.erase({ person: 'qzxperson', agent: 'desk' }, ana)

  expect(report).toMatchObject({ sessions: 4, bytes_left: false })
  for (const id of [settled, renamed, unread, empty])
    await expect(engine.sessionById(id)).rejects.toThrow('no session')
  for (const id of others) expect((await engine.sessionById(id)).id).toBe(id)
  await engine.erase({ person: 'qzxperson' }, ana)
  await engine.close()
  expect(found(['qzxperson', 'qzxtold', 'qzxnever'], folder)).toEqual({})
})

test.each([
  {
    name: 'those before a day, but not what went on later,',
    before: '2026-06-21T00:00:00Z',
    sessions: 4,
    left: 1,
  },
  { name: 'none before a day on which they went on', before: '2026-06-20T00:00:00Z', sessions: 0, left: 4 },
])('of sessions over the wire, $name are erased', async ({ before, sessions, left }) => {
  const engine = open()
  await recordMarked(engine)
  const report = await engine.erase({ before }, ana)
  expect(report.sessions).toBe(sessions)
  const { data } = await engine.sessionList({
    ...{ created: {}, include_archived: true, order: 'asc', limit: 10, page: null },
  })
  expect(data).toHaveLength(left)
  await engine.close()
})

test('deleting a session over the wire leaves none of its bytes, once it is finished', async () => {
  const engine = open()
  const { grown, unread } = await recordMarked(engine)
  await expect(engine.deleteSession(unread, 'user:ana')).rejects.toThrow('running')
  await engine.sendEvents(unread, [{ type: 'session.status_idle' }])
  await engine.deleteSession(unread, 'user:ana')
  await engine.deleteSession(grown, 'user:ana')
  expect(await engine.finishErasure()).toBe(true)
  expect(found(MARKS, folder)).toEqual({})
  await engine.close()
})

test('where only transcripts may not be kept, the events go, and the session stays', async () => {
  const engine = open()
  const { grown, kept } = await recordMarked(engine)
  const text = 'format_version: 1\nretention: [{ transcripts: 5d }]\n'
  await engine.setPolicy({ file: 'policy.yaml', text }, 'user:ana')
  day = 20
  await engine.retain(false)
  expect((await engine.eventList(grown, { processed: {}, order: 'asc' })).data).toEqual([])
  expect((await engine.sessionById(kept)).title).toBe(null)
  const words = MARKS.filter((it) => !['qzxdetail', 'qzxsession', 'qzxtask'].includes(it))
  expect(found(words, folder)).toEqual({})
  expect((await engine.retain(true)).transcripts).toBe(0)
  await engine.close()
})

/** A person approves some of what waits, edits one, rejects one, adopts, and takes one back. */
async function decideAndUndo(engine: Engine): Promise<void> {
  const { data } = await engine.changes()
  expect(data.length).toBeGreaterThan(2)
  const [first, second, ...others] = data
  const approved = { decision: 'approved', reason: '', edited: null, until: null, covered_by: null } as const
  const edited = `${first!.after}\nAs qzxedited.\n`
  await engine.decide([{ id: first!.id }], { ...approved, edited, reason: 'with the date' }, 'user:ana')
  const rejected = { ...approved, decision: 'rejected' } as const
  await engine.decide([{ id: second!.id }], { ...rejected, reason: 'not for everybody' }, 'user:ana')
  await engine.decide(
    others.map(({ id }) => ({ id })),
    approved,
    'user:ana',
  )
  await engine.adopt({}, 'user:ana')
  await engine.undo(others[0]!.id, { as: 'user:ana', reason: 'it is wrong' })
}

async function memoryText(engine: Engine): Promise<string> {
  const { data } = await engine.memories(undefined, { limit: 1_000 })
  return data.map((it) => it.content).join('\n')
}

function tableTexts(database: string, table: string): string {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const rows = sqlite.prepare(`SELECT * FROM ${table}`).all()
  sqlite.close()
  return JSON.stringify(rows)
}

function sqliteCheck(database: string): unknown[] {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const rows = sqlite.prepare('PRAGMA integrity_check').all()
  const broken = sqlite.prepare('PRAGMA foreign_key_check').all()
  sqlite.close()
  return [...rows.map((it) => it.integrity_check), ...broken]
}
