/** Memory versions over the wire: all that was written, by whom, and how one is taken out of history again. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeMemory } from '../../src/db/memories.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Actor } from '../../src/domain/memory.ts'
import { every, SDKS } from '../sdk/server.ts'
import { BasicVersion, DeletedVersion, FullVersion, RedactedVersion } from '../sdk/shapes.ts'
import { type Door, type Json, openDoor } from './door.ts'

let door: Door
let store: string
beforeAll(async () => {
  door = await openDoor()
})
beforeEach(async () => {
  store = (await door.ask('POST', '/v1/memory_stores', { name: 'notes' })).json.id
})
afterAll(() => door.close())

const in_store = (path: string) => `/v1/memory_stores/${store}${path}`
const create = async (path: string, content: string) =>
  (await door.ask('POST', in_store('/memories'), { path, content })).json
const update = async (id: string, body: object) =>
  (await door.ask('POST', in_store(`/memories/${id}`), body)).json
const remove = (id: string) => door.ask('DELETE', in_store(`/memories/${id}`))
const versions = async (query = ''): Promise<Json[]> =>
  (await door.ask('GET', in_store(`/memory_versions${query}`))).json.data
const redact = (id: string) => door.ask('POST', in_store(`/memory_versions/${id}/redact`))

describe.each(SDKS)('$sdk', (sdk) => {
  test('lists, retrieves and redacts versions, each with all keys that the SDK knows', async () => {
    const { memoryVersions } = door.client(sdk).beta.memoryStores
    const { id } = await create('/a', 'one')
    await update(id, { content: 'two', path: '/b' })
    await remove(id)

    const listed = await every(memoryVersions.list(store, { limit: 1 }))
    const [deleted, modified, created] = listed
    expect(listed).toHaveLength(3)
    expect(DeletedVersion.parse(deleted)).toMatchObject({ operation: 'deleted', path: '/b' })
    expect(BasicVersion.parse(modified)).toMatchObject({ operation: 'modified', path: '/b' })
    expect(BasicVersion.parse(created)).toMatchObject({ operation: 'created', path: '/a' })
    for (const it of listed)
      expect(it).toMatchObject({
        ...{ memory_id: id, memory_store_id: store },
        created_by: { type: 'api_actor', api_key_id: door.key.id },
      })

    const whole = await memoryVersions.retrieve(created!.id, { memory_store_id: store })
    expect(FullVersion.parse(whole)).toEqual({ ...created, content: 'one' })
    const basic = await memoryVersions.retrieve(created!.id, { memory_store_id: store, view: 'basic' })
    expect(basic).toEqual(created)

    const redacted = await memoryVersions.redact(created!.id, { memory_store_id: store })
    expect(RedactedVersion.parse(redacted)).toEqual({
      ...created,
      ...{ path: null, content: null, content_sha256: null, content_size_bytes: null },
      redacted_at: redacted.redacted_at,
      redacted_by: { type: 'api_actor', api_key_id: door.key.id },
    })
    expect(await memoryVersions.redact(created!.id, { memory_store_id: store })).toEqual(redacted)
    expect((await every(memoryVersions.list(store)))[2]).toEqual(redacted)
  })
})

describe('a list', () => {
  test('has one version for every write that changed something, the newest first', async () => {
    const { id } = await create('/a', 'one')
    for (const body of [{ content: 'one' }, { content: 'two' }, { path: '/b' }, { path: '/b' }])
      await update(id, body)
    await create('/a', 'three')
    expect((await versions('?view=full')).map((it) => [it.operation, it.path, it.content])).toEqual([
      ['created', '/a', 'three'],
      ['modified', '/b', 'two'],
      ['modified', '/a', 'two'],
      ['created', '/a', 'one'],
    ])
  })

  test('is told by whoever wrote: a key, a person, a dream by its session, a dream without one', async () => {
    const memory_store_id = store
    const [told, silent] = [await dreamOf('recording'), await dreamOf(null)]
    const authors = ['user:ann', `user:${door.key.id}`, `dream:${told.id}`, `dream:${silent.id}`] as Actor[]
    for (const [i, created_by] of authors.entries())
      await door.db.transaction().execute((tx) =>
        writeMemory(tx, memory_store_id, {
          ...{ path: `/${i}`, content: 'text', expected: null, created_by, reason: 'by hand' },
          now: `2026-11-22T00:00:0${i}.000Z`,
        }),
      )

    expect((await versions()).map((it) => it.created_by)).toEqual([
      null,
      { type: 'session_actor', session_id: told.recording_id },
      { type: 'api_actor', api_key_id: door.key.id },
      { type: 'user_actor', user_id: 'ann' },
    ])
    const paths = async (query: string) => (await versions(query)).map((it) => it.path)
    expect(await paths(`?session_id=${told.recording_id}`)).toEqual(['/2'])
    expect(await paths('?session_id=sesn_other')).toEqual([])
    expect(await paths(`?api_key_id=${door.key.id}`)).toEqual(['/1'])
    expect(await paths('?api_key_id=ann')).toEqual([])
    expect(await paths('?service_account_id=svac_1')).toEqual([])
    expect(await paths('?service_account_id=ann')).toEqual([])
    expect(await paths(`?api_key_id=${door.key.id}&session_id=${told.recording_id}`)).toEqual([])
  })

  test('of a memory, an operation or a time is those alone, of deleted memories too', async () => {
    const a = await create('/a', 'one')
    const b = await create('/b', 'one')
    await update(a.id, { path: '/c' })
    await remove(a.id)
    const all = await versions()
    const these = async (query: string) => (await versions(query)).map((it) => `${it.operation} ${it.path}`)
    expect(await these(`?memory_id=${a.id}`)).toEqual(['deleted /c', 'modified /c', 'created /a'])
    expect(await these(`?memory_id=${b.id}`)).toEqual(['created /b'])
    expect(await these('?memory_id=mem_other')).toEqual([])
    expect(await these('?operation=created')).toEqual(['created /b', 'created /a'])
    expect(await these(`?operation=deleted&memory_id=${a.id}`)).toEqual(['deleted /c'])
    const range = `?created_at[gte]=${all[2]!.created_at}&created_at[lte]=${all[1]!.created_at}`
    expect(await these(range)).toEqual(['modified /c', 'created /b'])
  })

  test.each([
    { query: 'operation=renamed', says: 'operation' },
    { query: 'limit=0', says: 'limit' },
    { query: 'view=none', says: 'view' },
    { query: 'created_at[lte]=now', says: 'created_at' },
    { query: 'path=/a', says: 'path' },
    { query: 'page=x', says: 'page' },
  ])('with $query is refused', async ({ query, says }) => {
    const { status, json } = await door.ask('GET', in_store(`/memory_versions?${query}`))
    expect({ status, type: json.error.type }).toEqual({ status: 400, type: 'invalid_request_error' })
    expect(json.error.message).toContain(says)
  })

  test('of 1,000 comes page by page, each once, and with texts 20 at a time', async () => {
    const { id } = await create('/a', '0')
    const by = { actor: 'user:ann', created_by: 'user:ann', reason: 'by hand' } as const
    const memory_store_id = store
    await door.db.transaction().execute(async (tx) => {
      for (let i = 1; i < 1_000; i++)
        await writeMemory(tx, memory_store_id, {
          ...{ path: '/a', content: `${i}`, expected: sha256(`${i - 1}`), now: '2026-11-22T00:00:00.000Z' },
          ...by,
        })
    })
    const { memoryVersions } = door.client().beta.memoryStores
    const all = await every(memoryVersions.list(store, { limit: 100, memory_id: id }))
    expect(new Set(all.map((it) => it.id)).size).toBe(1_000)
    const { data } = (await door.ask('GET', in_store('/memory_versions?view=full&limit=100'))).json
    expect(data.map((it: Json) => it.content)).toEqual(Array.from({ length: 20 }, (_, i) => `${999 - i}`))
    const cursor = (await door.ask('GET', in_store('/memory_versions?limit=1'))).json.next_page
    const wrong = await door.ask('GET', in_store(`/memory_versions?page=${cursor}&operation=created`))
    expect(wrong.status).toBe(400)
  })
})

describe('redacting', () => {
  test('refuses what stands, and takes what stood', async () => {
    const { id, memory_version_id: first } = await create('/a', 'one')
    expect(await redact(String(first))).toMatchObject({
      status: 400,
      json: { error: { type: 'invalid_request_error' } },
    })
    const { memory_version_id: second } = await update(id, { content: 'two' })
    expect((await redact(String(first))).status).toBe(200)
    expect((await redact(String(second))).status).toBe(400)
    await remove(id)
    expect((await redact(String(second))).status).toBe(200)
    const [deletion] = await versions()
    expect((await redact(deletion!.id)).json).toMatchObject({ operation: 'deleted', path: null })
    expect((await versions('?view=full')).flatMap((it) => [it.path, it.content])).toEqual(
      Array.from({ length: 6 }, () => null),
    )
    expect((await door.audited()).slice(-1)).toEqual(['version.redacted'])
  })

  test('finds no version of another store, nor one that is none', async () => {
    const { id, memory_version_id: version } = await create('/a', 'one')
    await update(id, { content: 'two' })
    const other = (await door.ask('POST', '/v1/memory_stores', { name: 'other' })).json.id
    const path = `/v1/memory_stores/${other}/memory_versions/${version}`
    expect((await door.ask('GET', path)).status).toBe(404)
    expect((await door.ask('POST', `${path}/redact`)).status).toBe(404)
    expect((await redact('memver_1')).status).toBe(404)
    expect((await versions('?view=full'))[1]!.content).toBe('one')
  })

  test('takes the text out of what dreams proposed and people typed too, once no version has it', async () => {
    const SECRET = 'the key is under the third stone'
    const [one, two] = [await create('/a', SECRET), await create('/b', SECRET)]
    const dream = await dreamOf(null)
    const waiting = { status: 'undecided', operation: 'modified', before: SECRET, after: 'new' }
    const changes = [
      { ...waiting, id: 'chg_1', before_sha256: sha256(SECRET) },
      { ...waiting, id: 'chg_2', before: 'old', before_sha256: sha256('old'), after: SECRET },
      { ...waiting, id: 'chg_3', before: 'old', before_sha256: sha256('old') },
    ]
    for (const [seq, it] of changes.entries())
      await door.db
        .insertInto('change')
        .values({
          ...{ dream_id: dream.id, seq, kind: 'refresh', path: '/a', reason: 'why', pattern_ids: '[]' },
          ...{ verdict: 'hold', verdict_reason: 'why', memory_version_id: null, policy_sha256: null },
          ...it,
        })
        .execute()
    const said = { change_id: 'chg_3', decision: 'approved', by: 'user:ann', reason: '', at: '2026' }
    await door.db
      .insertInto('decision')
      .values({ ...said, content_sha256: sha256(SECRET), edited: SECRET })
      .execute()
    for (const { id } of [one, two]) await update(id, { content: 'other' })

    const statuses = async () =>
      (await door.db.selectFrom('change').select('status').orderBy('id').execute()).map((it) => it.status)
    await redact(String(one.memory_version_id))
    expect(await statuses()).toEqual(['undecided', 'undecided', 'undecided'])
    await redact(String(two.memory_version_id))
    expect(await statuses()).toEqual(['superseded', 'superseded', 'undecided'])
    await door.engine.finishErasure()
    for (const file of [door.database, `${door.database}-wal`])
      expect(readFileSync(file).includes(SECRET)).toBe(false)
  })

  test('is an admin’s', async () => {
    const { token } = await door.keyOf('reviewer')
    const { id, memory_version_id: first } = await create('/a', 'one')
    await update(id, { content: 'two' })
    const refused = await door.ask('POST', in_store(`/memory_versions/${first}/redact`), undefined, { token })
    expect(refused.status).toBe(403)
  })
})

/** A dream that has ended, and the session that told of it where it has one. */
async function dreamOf(recording: 'recording' | null) {
  const id = `drm_${sha256(`${store} ${recording}`).slice(0, 24)}`
  const recording_id = recording === null ? null : `sesn_${id.slice(4)}`
  await door.db
    .insertInto('dream')
    .values({
      ...{ id, memory_store_id: store, status: 'completed', result: 'unchanged', worker: null },
      ...{ lease_expires_at: null, created_at: '2026', ended_at: '2026', error_type: null },
      ...{ error_message: null, read_through: null },
    })
    .execute()
  if (recording_id !== null)
    await door.db
      .insertInto('dream_request')
      .values({
        ...{ dream_id: id, session_ids: '[]', model: '{}', instructions: null, requested_by: 'user:ann' },
        ...{ output_behavior: 'create_new', recording_id },
      })
      .execute()
  return { id, recording_id }
}
