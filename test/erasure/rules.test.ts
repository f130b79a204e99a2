/** What an erasure takes with it, what it leaves, and when it is refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Engine, type IngestChoice, openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { found } from './bytes.ts'
import { at, MARKS, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-erase-rules-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const now = { as: 'user:ana', dry_run: false } as const
let path: string
let engine: Engine
let files = 0

beforeEach(() => {
  path = join(scratch, `${files++}.db`)
  engine = openEngine({ database: path, now: () => new Date('2026-09-01T03:00:00Z') })
})
afterEach(() => engine.close())

async function ingest(lines: string[], how: IngestChoice = {}) {
  const file = join(scratch, `${files++}.jsonl`)
  writeFileSync(file, lines.join('\n'))
  return engine.ingest([file], { harness: 'steps', ...how })
}

const external = async () => (await engine.sessions({ limit: 999 })).data.map((it) => it.external_session_id)

/** The same session with more, or fewer, steps. */
function grown(line: string, steps: number): string {
  const session = JSON.parse(line)
  const more = Array.from({ length: steps }, (_, i) => ({ role: 'user', text: `And then ${i}?` }))
  return JSON.stringify({ ...session, ended_at: at(300), steps: [...session.steps, ...more] })
}
function shortened(line: string): string {
  const session = JSON.parse(line)
  return JSON.stringify({ ...session, steps: session.steps.slice(0, 6) })
}

describe('what was erased', () => {
  const [erased] = marked(1) as [string]

  test.each([
    { name: 'the same transcript', lines: [erased] },
    { name: 'the same under another id', lines: [erased.replace('qzxsession-0', 'another')] },
    { name: 'one that went on from it', lines: [grown(erased, 3)] },
    { name: 'an earlier part of it', lines: [shortened(erased)] },
  ])('is refused when $name is ingested, and --again stores it', async ({ lines }) => {
    await ingest([erased, ...ordinary(3)])
    await engine.erase({ session_ids: ['qzxsession-0'] }, now)

    const refused = await ingest(lines)
    expect(refused).toMatchObject({ sessions_new: 0, sessions_known: 0, sessions_skipped: 1 })
    expect(refused.skipped[0]!.reason).toBe(
      'it holds a session that was erased on 2026-09-01; --again stores it all the same',
    )
    expect(await external()).toHaveLength(3)

    expect(await ingest(lines, { again: true })).toMatchObject({ sessions_new: 1, sessions_skipped: 0 })
    expect(await ingest(lines)).toMatchObject({ sessions_known: 1, sessions_skipped: 0 })
  })

  test('keeps nothing else out', async () => {
    await ingest([...marked(2), ...ordinary(3)])
    await engine.erase({ session_ids: ['qzxsession-0'] }, now)

    expect(await ingest([...marked(3), ...ordinary(5)])).toMatchObject({
      sessions_new: 3,
      sessions_known: 4,
      sessions_skipped: 1,
    })
  })

  test('may be erased again, and is not there', async () => {
    await ingest(marked(1))
    const { id } = (await engine.sessions()).data[0]!
    expect(await engine.erase({ session_ids: [id] }, now)).toMatchObject({ sessions: 1 })
    expect(await engine.erase({ session_ids: [id, 'qzxsession-0'] }, now)).toMatchObject({ sessions: 0 })
    await expect(engine.erase({ session_ids: ['nobody'] }, now)).rejects.toMatchObject({
      type: 'not_found_error',
    })
  })
})

describe('with a session go', () => {
  test('its later copies, but not what it is itself a copy of', async () => {
    const [first, other] = ordinary(2) as [string, string]
    const resumed = grown(first, 2)
    await ingest([first])
    await ingest([resumed, other])
    const { data } = await engine.sessions()
    expect(data).toHaveLength(3)
    const resumed_id = data.find((it) => it.continues_session_id !== null)!.id
    const first_id = data.find((it) => it.external_session_id === 'ordinary-0' && it.id !== resumed_id)!.id

    const dry = { ...now, dry_run: true }
    expect(await engine.erase({ session_ids: ['ordinary-0'] }, dry)).toMatchObject({ sessions: 2 })
    expect(await engine.erase({ session_ids: [first_id] }, dry)).toMatchObject({ sessions: 2, followers: 1 })
    expect(await engine.erase({ session_ids: [resumed_id] }, now)).toMatchObject({
      sessions: 1,
      followers: 0,
    })
    expect(await ingest([first, other])).toMatchObject({ sessions_known: 2 })
    expect(await ingest([resumed])).toMatchObject({ sessions_skipped: 1 })
  })

  test('nothing that is older than a newer part of it: a conversation is as old as its last part', async () => {
    const [first, other] = ordinary(2) as [string, string]
    await ingest([first])
    await ingest([grown(first, 2), other])

    const report = await engine.erase({ before: at(100) }, now)

    expect(report).toMatchObject({ sessions: 1, kept_for_newer: 1 })
    expect((await external()).toSorted()).toEqual(['ordinary-0', 'ordinary-0'])
  })
})

test('a person is found by the placeholder that stands for the name', async () => {
  const sessions = ordinary(4).map((it) => it.replace('"user":"ana"', '"user":"Ana Sorel"'))
  await ingest(sessions, { names: ['Ana Sorel'] })
  const persons = (await engine.sessions()).data.map((it) => it.person)
  expect(persons.filter((it) => it!.startsWith('[redacted:name:'))).toHaveLength(2)

  expect(await engine.erase({ person: 'Ana Sorel' }, now)).toMatchObject({ sessions: 2 })
  expect((await engine.sessions()).data.map((it) => it.person).toSorted()).toEqual(['ben', 'cleo'])
})

test('a dry run says the same and changes nothing', async () => {
  await trust(engine)
  await ingest([...ordinary(20), ...marked(30)])
  await engine.dream()
  const before = dump()
  const dry = await engine.erase({ person: 'qzxperson' }, { ...now, dry_run: true })
  expect(dump()).toEqual(before)

  const report = await engine.erase({ person: 'qzxperson' }, now)
  expect({ ...report, dry_run: true }).toEqual(dry)
  expect(report.sessions).toBe(30)
})

test('a lesson that still holds keeps its memory, without the words of those that are gone', async () => {
  await trust(engine)
  await ingest([...ordinary(40), ...marked(30)])
  await engine.dream()
  const lesson = '/mistakes/get_order-before-refund.md'
  expect((await engine.memory(undefined, lesson)).content).toContain('qzxdetail')

  const report = await engine.erase({ person: 'qzxperson' }, now)

  expect(report.stores[0]).toMatchObject({ memories_rewritten: [lesson] })
  const { content, created_by } = await engine.memory(undefined, lesson)
  expect(content).toContain('Call `get_order` before `refund`.')
  expect(content).toContain('the order is not loaded for the card')
  expect(content).not.toContain('qzx')
  expect(created_by).toMatch(/^dream:/)
  const { data: history } = await engine.memoryHistory(undefined, lesson)
  expect(history.map((it) => [it.operation, it.content === null])).toEqual([
    ['modified', false],
    ['created', true],
  ])
  expect((await engine.dream())[0]!.dream.result).toBe('nothing_new')
})

test('where two people approve each text, nothing is written anew: the lesson is taken out, and proposed again', async () => {
  await trust(engine)
  await ingest([...ordinary(40), ...marked(30)])
  await engine.dream()
  await engine.setPolicy({ file: 'policy.yaml', text: 'format_version: 1\nregulated: true\n' }, 'user:ana')
  const lesson = '/mistakes/get_order-before-refund.md'

  const report = await engine.erase({ person: 'qzxperson' }, now)

  expect(report.stores[0]).toMatchObject({ memories_rewritten: [] })
  expect(report.stores[0]!.memories_removed).toContain(lesson)
  const { changes } = (await engine.dream())[0]!
  expect(changes.find((it) => it.path === lesson)).toMatchObject({ kind: 'add', status: 'undecided' })
  expect(JSON.stringify(changes)).not.toContain('qzx')
})

test('what a person wrote stays, and is named where it repeats words of theirs', async () => {
  await ingest([...ordinary(20), ...marked(30)])
  await engine.dream()
  const file = { name: 'note.md', bytes: Buffer.from('Remember qzxtool.\n') }
  const how = { store: 'desk', format: 'markdown', as: 'user:ana', replace: false, dry_run: false } as const
  await engine.importMemories([file], how)

  const report = await engine.erase({ person: 'qzxperson' }, now)

  expect(report.stores[0]!.people_repeat).toEqual(['/note.md'])
  expect((await engine.memory(undefined, '/note.md')).content).toBe('Remember qzxtool.\n')
})

test('it is refused while a dream of a store involved runs', async () => {
  await ingest([...ordinary(5), ...marked(2)])
  await engine.dream()
  const sqlite = new DatabaseSync(path)
  sqlite
    .prepare(
      `INSERT INTO dream (id, memory_store_id, status, worker, lease_expires_at, created_at)
       SELECT 'drm_running', id, 'running', ?, '2099-01-01T00:00:00Z', '2026-09-01T00:00:00Z' FROM memory_store`,
    )
    .run(`${hostname()}:${process.ppid}:other`)
  sqlite.close()
  const before = dump()

  await expect(engine.erase({ person: 'qzxperson' }, now)).rejects.toMatchObject({
    type: 'conflict_error',
    message: 'the dream drm_running is still running',
  })
  expect(dump()).toEqual(before)
})

test('a dream that was believed dead cannot write what it had read', async () => {
  await ingest([...ordinary(5), ...marked(2)])
  await engine.dream()
  const sqlite = new DatabaseSync(path)
  sqlite.exec(
    `INSERT INTO dream (id, memory_store_id, status, worker, lease_expires_at, created_at)
     SELECT 'drm_paused', id, 'running', 'here', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z' FROM memory_store`,
  )

  expect(await engine.erase({ person: 'qzxperson' }, now)).toMatchObject({ sessions: 2 })

  expect(sqlite.prepare("SELECT worker FROM dream WHERE id = 'drm_paused'").get()).toEqual({
    worker: 'nobody',
  })
  sqlite.close()
  expect((await engine.dream())[0]!.dream).toMatchObject({ id: 'drm_paused', status: 'completed' })
})

test('while another process reads, it says that bytes are left, and finishes when that one has', async () => {
  await ingest([...ordinary(5), ...marked(6)])
  const reader = new DatabaseSync(path)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM session').get()

  expect(await engine.erase({ person: 'qzxperson' }, now)).toMatchObject({ sessions: 6, bytes_left: true })
  expect(await external()).toHaveLength(5)
  expect(await engine.finishErasure()).toBe(false)
  reader.exec('COMMIT')
  reader.close()

  expect(await engine.finishErasure()).toBe(true)
  expect(found(MARKS, scratch)).not.toHaveProperty([path])
  expect(await engine.finishErasure()).toBe(true)
})

/** Every row of every table. */
function dump(): unknown {
  const sqlite = new DatabaseSync(path, { readOnly: true })
  const tables = sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
  const rows = tables.map(({ name }) => sqlite.prepare(`SELECT * FROM "${name}"`).all())
  sqlite.close()
  return rows
}
