/** What was learned, over HTTP: lessons, the quotes behind them, digests, and where sessions are likely to fail. */
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { cloneKnowledge } from '../../src/db/memory-store-clones.ts'
import type { Change } from '../../src/domain/change.ts'
import { openWorkspaces } from '../../src/engine.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let stranger: Caller
let changes: Change[]
let lesson: Json

beforeAll(async () => {
  desk = await serveDesk()
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, 'user:ana')
  await workspaces.close()
  changes = await desk.night(['refund', 'invoice'])
  reader = await desk.caller('reader')
  stranger = await desk.caller('admin', 'others')
  lesson = (await reader.get('/v1/lessons?limit=1')).json.data[0]
})
afterAll(() => desk.close())

const idsAt = async (path: string, by = reader) => (await by.get(path)).json.data.map((it: Json) => it.id)

describe('lessons', () => {
  test('a lesson is told as it stands', async () => {
    expect(lesson).toMatchObject({
      type: 'lesson',
      id: expect.stringMatching(/^pat_/),
      tier: 'process',
      scope: { agent: 'desk', person: null },
      memory_store_id: expect.stringMatching(/^memstore_/),
    })
    expect((await reader.get(`/v1/lessons/${lesson.id}`)).json).toEqual(lesson)
  })

  test.each([
    ['', 2],
    ['agent=desk', 2],
    ['agent=somebody', 0],
    ['tier=people', 0],
    ['tier=process&class=mistake', 2],
    ['class=success', 0],
    ['statuses[]=stale', 0],
    ['statuses[]=stale&statuses[]=confirmed&statuses[]=probation', 2],
    ['include_candidates=true', 2],
  ])('?%s gives %i', async (query, n) => {
    expect(await idsAt(`/v1/lessons?${query}`)).toHaveLength(n)
  })

  test.each([
    'tier=good',
    'statuses[]=good',
    'include_candidates=1',
    'limit=0',
    'limit=1001',
    'page=next',
    'sort=up',
  ])('?%s is refused', async (query) => {
    const { status, json } = await reader.get(`/v1/lessons?${query}`)

    expect([status, json.error.type]).toEqual([400, 'invalid_request_error'])
  })

  test('pages lead through all of them once', async () => {
    const first = await reader.get('/v1/lessons?limit=1')
    const second = await reader.get(`/v1/lessons?limit=1&page=${first.json.next_page}`)

    expect(second.json.next_page).toBeNull()
    expect([...first.json.data, ...second.json.data].map((it: Json) => it.id).sort()).toEqual(
      (await idsAt('/v1/lessons')).sort(),
    )
  })

  test('one store at a time, where one is named', async () => {
    const { memory_store_id } = lesson

    expect(await idsAt(`/v1/lessons?memory_store_id=${memory_store_id}`)).toHaveLength(2)
    expect((await reader.get(`/v1/lessons/${lesson.id}?memory_store_id=${memory_store_id}`)).status).toBe(200)
    expect((await reader.get(`/v1/lessons?memory_store_id=memstore_${'0'.repeat(24)}`)).status).toBe(404)
    // The name of the store, which the command line takes.
    expect((await reader.get('/v1/lessons?memory_store_id=desk')).status).toBe(404)
  })

  test.each([
    ['the beginning of an id', () => lesson.id.slice(0, 10)],
    ['another id', () => `pat_${'0'.repeat(24)}`],
    ['an id of something else', () => changes[0]!.id],
  ])('%s is no lesson', async (_, idOf) => {
    for (const path of ['', '/evidence']) {
      const { status, json } = await reader.get(`/v1/lessons/${idOf()}${path}`)
      expect([status, json.error.type]).toEqual([404, 'not_found_error'])
    }
  })

  test('another workspace knows of none of it', async () => {
    expect(await idsAt('/v1/lessons?include_candidates=true', stranger)).toEqual([])
    expect(await idsAt('/v1/digests', stranger)).toEqual([])
    expect(await idsAt('/v1/risks', stranger)).toEqual([])
    expect((await stranger.get(`/v1/lessons/${lesson.id}/evidence`)).status).toBe(404)
  })
})

describe('evidence', () => {
  test('of a file, it names the session that was stored of it', async () => {
    const { json } = await reader.get(`/v1/lessons/${lesson.id}/evidence`)
    const stored = (await desk.engine.sessions({ limit: 1_000 })).data.map((it) => it.id)

    expect(json.data).toHaveLength(lesson.evidence_count)
    expect(json.transcripts_removed).toEqual([])
    for (const it of json.data) expect(stored).toContain(it.session_id)
  })

  test('of what was put in event by event, it names the session that was put in', async () => {
    const { json } = await reader.get(`/v1/lessons/${lesson.id}/evidence?limit=1`)
    const { session_id } = json.data[0]
    const sqlite = new DatabaseSync(desk.path)
    const recording = `sesn_${'ab'.repeat(12)}`
    sqlite.prepare('UPDATE session SET recording_id = ? WHERE id = ?').run(recording, session_id)
    const after = await reader.get(`/v1/lessons/${lesson.id}/evidence?limit=1`)
    const [change] = (await reader.get('/v1/changes')).json.data.filter((it: Json) =>
      it.pattern_ids.includes(lesson.id),
    )
    sqlite.prepare('UPDATE session SET recording_id = NULL WHERE id = ?').run(session_id)
    sqlite.close()

    expect(after.json.data[0]).toEqual({ ...json.data[0], session_id: recording })
    expect(change.evidence.map((it: Json) => it.session_id)).toContain(recording)
  })
})

describe('digests', () => {
  test('the last dream of each store, in words', async () => {
    const { json } = await reader.get('/v1/digests')

    expect(json).toEqual({
      data: [
        expect.objectContaining({
          type: 'digest',
          dream_id: changes[0]!.dream_id,
          store: 'desk',
          status: 'completed',
          result: 'changed',
          is_as_recorded: true,
        }),
      ],
      next_page: null,
    })
    expect(json.data[0].changes.map((it: Json) => [it.type, it.id])).toEqual(
      changes.map((it) => ['digested_change', it.id]),
    )
  })

  test('of a dream, with what was said of it by whom', async () => {
    const { id, dream_id } = changes[0]!
    await desk.reject({ id })
    const { json } = await reader.get(`/v1/digests?dream_id=${dream_id}`)

    expect(json.data[0].changes[0].decisions).toEqual([
      {
        type: 'digested_decision',
        decision: 'rejected',
        by: { type: 'user_actor', user_id: 'ana' },
        reason: 'not so',
        at: expect.any(String),
        is_edited: false,
      },
    ])
  })

  test('of no dream that there is', async () => {
    expect((await reader.get(`/v1/digests?dream_id=drm_${'0'.repeat(24)}`)).status).toBe(404)
  })
})

test('risks are of one agent, and of none that there is not', async () => {
  const { status, json } = await reader.get('/v1/risks?agent=desk')
  const unknown = await reader.get('/v1/risks?agent=nobody')

  expect([status, json]).toEqual([200, { data: [], next_page: null }])
  expect([unknown.status, unknown.json.error.type]).toEqual([404, 'not_found_error'])
})

test('a lesson that the output of a dream knows as well is told of the store that is named', async () => {
  const { memory_store_id } = lesson
  const { id } = (await (await desk.caller('reviewer')).post('/v1/memory_stores', { name: 'output' })).json
  const db = openDatabase(desk.path)
  await db.transaction().execute((tx) => cloneKnowledge(tx, memory_store_id, id))
  await db.destroy()

  for (const path of [`/v1/lessons/${lesson.id}`, `/v1/lessons/${lesson.id}/evidence`]) {
    const { status, json } = await reader.get(path)
    expect([status, json.error.message]).toEqual([
      400,
      `2 memory stores have learned the lesson ${lesson.id}`,
    ])
    for (const it of [memory_store_id, id]) expect(json.error.hint).toContain(it)
    expect((await reader.get(`${path}?memory_store_id=${id}`)).status).toBe(200)
  }
})
