/** Memory stores over the wire: every row of what the Managed Agents API says of them, and what is left of one that was deleted. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cloneKnowledge, cloneMemoryStore } from '../../src/db/memory-store-clones.ts'
import { memoryStoreById } from '../../src/db/memory-stores.ts'
import { every, SDKS } from '../sdk/server.ts'
import { MemoryStore } from '../sdk/shapes.ts'
import { type Door, type Json, openDoor } from './door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door.close())

const STORES = '/v1/memory_stores'

async function newStore(name = 'notes'): Promise<string> {
  return (await door.ask('POST', STORES, { name })).json.id
}

describe.each(SDKS)('$sdk', (sdk) => {
  test('makes, reads, changes, lists, archives and deletes a store', async () => {
    const { memoryStores } = door.client(sdk).beta
    const made = await memoryStores.create({ name: 'Desk', metadata: { team: 'a', user: 'ann' } })
    expect(MemoryStore.parse(made)).toMatchObject({ name: 'Desk', description: '', archived_at: null })
    expect(await memoryStores.retrieve(made.id)).toEqual(made)

    const changed = await memoryStores.update(made.id, {
      description: 'What the desk knows.',
      metadata: { team: 'b', user: null, more: 'c' },
    })
    expect(changed).toEqual({
      ...made,
      description: 'What the desk knows.',
      metadata: { team: 'b', more: 'c' },
      updated_at: changed.updated_at,
    })
    expect(changed.updated_at > made.updated_at).toBe(true)

    const archived = await memoryStores.archive(made.id)
    expect(archived).toEqual({
      ...changed,
      archived_at: archived.updated_at,
      updated_at: archived.updated_at,
    })
    expect(await memoryStores.archive(made.id)).toEqual(archived)
    const ids = async (include_archived?: boolean) =>
      (await every(memoryStores.list({ limit: 1, include_archived }))).map((it) => it.id)
    expect(await ids()).not.toContain(made.id)
    expect(await ids(true)).toContain(made.id)

    expect(await memoryStores.delete(made.id)).toEqual({ id: made.id, type: 'memory_store_deleted' })
    await expect(memoryStores.retrieve(made.id)).rejects.toMatchObject({
      status: 404,
      error: { error: { type: 'not_found_error' } },
    })
    expect(await ids(true)).not.toContain(made.id)
  })
})

const LONG = 'x'.repeat(256)
test.each([
  { what: 'no name', body: {}, says: 'name' },
  { what: 'an empty name', body: { name: '' }, says: 'name' },
  { what: 'a name of 256 characters', body: { name: LONG }, says: 'name' },
  { what: 'a name with a line break', body: { name: 'a\nb' }, says: 'control' },
  { what: 'a long description', body: { name: 'a', description: 'x'.repeat(1_025) }, says: 'description' },
  { what: 'a field that is unknown', body: { name: 'a', agent: 'b' }, says: 'agent' },
  { what: 'metadata that is a list', body: { name: 'a', metadata: [] }, says: 'metadata' },
  { what: 'a key without a character', body: { name: 'a', metadata: { '': 'b' } }, says: 'metadata' },
  { what: 'a long value', body: { name: 'a', metadata: { b: 'x'.repeat(513) } }, says: 'metadata.b' },
  { what: '17 pairs', body: { name: 'a', metadata: pairs(17) }, says: '16 pairs' },
])('$what is refused, and no store is made', async ({ body, says }) => {
  const before = await door.db.selectFrom('memory_store').selectAll().execute()
  const { status, json } = await door.ask('POST', STORES, body)
  expect({ status, type: json.error.type }).toEqual({ status: 400, type: 'invalid_request_error' })
  expect(json.error.message).toContain(says)
  expect(await door.db.selectFrom('memory_store').selectAll().execute()).toEqual(before)
})

function pairs(n: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: n }, (_, i) => [`key ${i}`, 'value']))
}

test.each([
  { body: {}, left: { name: 'notes', description: 'd', metadata: { a: '1' } } },
  { body: { name: null, description: null, metadata: null }, left: { name: 'notes', description: 'd' } },
  { body: { description: '' }, left: { description: '' } },
  { body: { metadata: { a: null } }, left: { metadata: {} } },
  { body: { metadata: { a: null, b: '2' } }, left: { metadata: { b: '2' } } },
])('an update with $body leaves $left', async ({ body, left }) => {
  const made = { name: 'notes', description: 'd', metadata: { a: '1' } }
  const { id } = (await door.ask('POST', STORES, made)).json
  for (const method of ['POST', 'PATCH']) {
    const { status, json } = await door.ask(method, `${STORES}/${id}`, body)
    expect(status).toBe(200)
    expect(json).toMatchObject(left)
  }
})

test('an update to more than 16 pairs is refused', async () => {
  const { id } = (await door.ask('POST', STORES, { name: 'a', metadata: pairs(16) })).json
  expect((await door.ask('POST', `${STORES}/${id}`, { metadata: { more: '1' } })).status).toBe(400)
  const swapped = await door.ask('POST', `${STORES}/${id}`, { metadata: { more: '1', 'key 0': null } })
  expect(swapped.status).toBe(200)
})

test('updated_at moves with the store, and not with its memories', async () => {
  const { json: made } = await door.ask('POST', STORES, { name: 'notes' })
  await door.ask('POST', `${STORES}/${made.id}/memories`, { path: '/a', content: 'b' })
  await door.ask('POST', `${STORES}/${made.id}`, { name: 'notes' })
  expect((await door.ask('GET', `${STORES}/${made.id}`)).json).toEqual(made)
})

test('an archived store is read, and not written', async () => {
  const id = await newStore()
  const { json: memory } = await door.ask('POST', `${STORES}/${id}/memories`, { path: '/a', content: '1' })
  await door.ask('POST', `${STORES}/${id}/memories/${memory.id}`, { content: '2' })
  const versions = (await door.ask('GET', `${STORES}/${id}/memory_versions`)).json.data
  await door.ask('POST', `${STORES}/${id}/archive`)

  const statuses = async (...asked: [string, string, unknown?][]) => {
    const found: number[] = []
    for (const it of asked) found.push((await door.ask(it[0], `${STORES}/${id}${it[1]}`, it[2])).status)
    return found
  }
  const refused = await statuses(
    ['POST', '', { name: 'other' }],
    ['POST', '/memories', { path: '/b', content: '' }],
    ['POST', `/memories/${memory.id}`, { content: '3' }],
    ['POST', `/memories/${memory.id}`, { path: '/c' }],
  )
  expect(refused).toEqual([400, 400, 400, 400])
  const done = await statuses(
    ['GET', ''],
    ['GET', '/memories'],
    ['GET', `/memories/${memory.id}`],
    ['POST', `/memory_versions/${versions[1]!.id}/redact`],
    ['DELETE', `/memories/${memory.id}`],
    ['DELETE', ''],
  )
  expect(done).toEqual([200, 200, 200, 200, 200, 200])
})

describe('a list', () => {
  let ids: string[]
  beforeAll(async () => {
    ids = []
    for (let i = 0; i < 25; i++) ids.unshift(await newStore(`store ${i}`))
  })

  test('is the newest first, 20 at a time unless told', async () => {
    const { data, next_page } = (await door.ask('GET', STORES)).json
    expect(data.map((it: Json) => it.id)).toEqual(ids.slice(0, 20))
    const second = (await door.ask('GET', `${STORES}?page=${next_page}&limit=5`)).json
    expect(second.data.map((it: Json) => it.id)).toEqual(ids.slice(20))
  })

  test('is in one order where many were made at one time', async () => {
    const created_at = '2026-01-01T00:00:00.000Z'
    const many = Array.from({ length: 7 }, (_, i) => `memstore_${String(i).padStart(24, '0')}`)
    const [like] = await door.db.selectFrom('memory_store').selectAll().limit(1).execute()
    await door.db
      .insertInto('memory_store')
      .values(many.map((id) => ({ ...like!, id, created_at, archived_at: null, deleted_at: null })))
      .execute()
    const { memoryStores } = door.client().beta
    const found = await every(memoryStores.list({ limit: 2, 'created_at[lte]': '2026-01-01T01:00:00+01:00' }))
    expect(found.map((it) => it.id)).toEqual(many.toReversed())
    await door.db.deleteFrom('memory_store').where('id', 'in', many).execute()
  })

  test('of a time has what was made at its first and at its last moment', async () => {
    const at = async (id: string) => (await door.ask('GET', `${STORES}/${id}`)).json.created_at
    const [to, from] = [await at(ids[3]!), await at(ids[5]!)]
    const range = `created_at%5Bgte%5D=${from}&created_at%5Blte%5D=${to}`
    const { data } = (await door.ask('GET', `${STORES}?${range}`)).json
    expect(data.map((it: Json) => it.id)).toEqual(ids.slice(3, 6))
  })

  test.each([
    { query: 'limit=0', says: 'limit' },
    { query: 'limit=101', says: 'limit' },
    { query: 'limit=two', says: 'limit' },
    { query: 'limit=1&limit=2', says: 'limit' },
    { query: 'include_archived=yes', says: 'include_archived' },
    { query: 'created_at[gte]=yesterday', says: 'created_at' },
    { query: 'created_at[gt]=2026-01-01T00:00:00Z', says: 'created_at[gt]' },
    { query: 'order=asc', says: 'order' },
    { query: 'page=nonsense', says: 'page' },
  ])('with $query is refused', async ({ query, says }) => {
    const { status, json } = await door.ask('GET', `${STORES}?${query}`)
    expect({ status, type: json.error.type }).toEqual({ status: 400, type: 'invalid_request_error' })
    expect(json.error.message).toContain(says)
  })

  test('does not go on with the cursor of another filter', async () => {
    const { next_page } = (await door.ask('GET', `${STORES}?limit=1`)).json
    expect((await door.ask('GET', `${STORES}?page=${next_page}`)).status).toBe(200)
    expect((await door.ask('GET', `${STORES}?page=${next_page}&include_archived=true`)).status).toBe(400)
    expect((await door.ask('GET', `${STORES}?page=${next_page!.slice(0, 16)}YWZ0ZXIgeA`)).status).toBe(400)
    expect((await door.ask('GET', `${STORES}?page=${next_page!.slice(0, 16)}x`)).status).toBe(400)
  })
})

test('a store is known by its id alone, whatever another is called', async () => {
  const id = await newStore()
  const impostor = await newStore(id)
  expect((await door.ask('GET', `${STORES}/${id}`)).json.id).toBe(id)
  await door.ask('DELETE', `${STORES}/${id}`)
  expect((await door.ask('GET', `${STORES}/${id}`)).status).toBe(404)
  expect((await door.ask('GET', `${STORES}/${impostor}`)).status).toBe(200)
})

test.each([
  { role: 'reader', may: [200, 403, 403, 403, 403] },
  { role: 'writer', may: [200, 403, 403, 403, 403] },
  { role: 'reviewer', may: [200, 200, 200, 200, 403] },
  { role: 'admin', may: [200, 200, 200, 200, 200] },
] as const)('a $role may read, make, change, archive and delete: $may', async ({ role, may }) => {
  const { token } = await door.keyOf(role)
  const id = await newStore()
  const asked = [
    ['GET', `${STORES}/${id}`],
    ['POST', STORES, { name: 'a' }],
    ['POST', `${STORES}/${id}`, { name: 'b' }],
    ['POST', `${STORES}/${id}/archive`],
    ['DELETE', `${STORES}/${id}`],
  ] as const
  const statuses: number[] = []
  for (const [method, path, body] of asked)
    statuses.push((await door.ask(method, path, body, { token })).status)
  expect(statuses).toEqual(may)
})

describe('a store that was deleted', () => {
  const SECRET = 'the blue heron nests at pier nine'

  test('leaves no word of its own in any table, and its history without words', async () => {
    const { json: made } = await door.ask('POST', STORES, {
      name: SECRET,
      description: SECRET,
      metadata: { a: SECRET },
    })
    await learnedInto(made.id, SECRET)
    await door.ask('POST', `${STORES}/${made.id}/memories`, { path: `/${SECRET}`, content: SECRET })

    expect((await door.ask('DELETE', `${STORES}/${made.id}`)).status).toBe(200)

    const words: string[] = []
    for (const table of TABLES)
      if (JSON.stringify(await door.db.selectFrom(table).selectAll().execute()).includes(SECRET))
        words.push(table)
    expect(words).toEqual([])
    for (const table of ['memory', 'ledger', 'tally', 'pattern', 'tombstone'] as const) {
      const left = await door.db
        .selectFrom(table)
        .selectAll()
        .where('memory_store_id', '=', made.id)
        .execute()
      expect([table, left]).toEqual([table, []])
    }
    const versions = await door.db
      .selectFrom('memory_version')
      .selectAll()
      .where('memory_store_id', '=', made.id)
      .execute()
    expect(versions.map(({ content, redacted_by }) => [content, redacted_by])).toEqual(
      versions.map(() => [null, `user:${door.key.id}`]),
    )
    expect(versions.length).toBeGreaterThan(1)
    expect((await door.audited()).slice(-1)).toEqual(['store.deleted'])
    // And not in the files either, once what was erased is removed from them.
    await door.engine.finishErasure()
    for (const file of [door.database, `${door.database}-wal`])
      expect(readFileSync(file).includes(SECRET)).toBe(false)
  })

  test('is gone for good, and deleting it again finds nothing', async () => {
    const id = await newStore()
    await door.ask('DELETE', `${STORES}/${id}`)
    const statuses: number[] = []
    for (const [method, path, body] of [
      ['DELETE', ''],
      ['POST', '', { name: 'a' }],
      ['POST', '/archive'],
      ['GET', '/memories'],
      ['POST', '/memories', { path: '/a', content: '' }],
      ['GET', '/memory_versions'],
    ] as const)
      statuses.push((await door.ask(method, `${STORES}/${id}${path}`, body)).status)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404])
  })

  test.each([
    { what: 'waits to read it', status: 'pending', is_output: false },
    { what: 'reads it', status: 'running', is_output: false },
    { what: 'writes it', status: 'running', is_output: true },
  ] as const)('has no dream that $what: that is refused first', async ({ status, is_output }) => {
    const [id, other] = [await newStore(), await newStore()]
    const dream_id = `drm_${id.slice(-24)}`
    const lease = status === 'running' ? { worker: 'me', lease_expires_at: '2099' } : {}
    await door.db
      .insertInto('dream')
      .values({
        ...{ worker: null, lease_expires_at: null, result: null, ended_at: null, error_type: null },
        ...{ error_message: null, read_through: null, created_at: '2026' },
        ...{ id: dream_id, memory_store_id: is_output ? other : id, status, ...lease },
      })
      .execute()
    if (is_output) await requested(dream_id, { output_store_id: id })

    const refused = await door.ask('DELETE', `${STORES}/${id}`)
    expect(refused).toMatchObject({ status: 400, json: { error: { type: 'invalid_request_error' } } })
    expect(refused.json.error.message).toContain(dream_id)
    await door.db
      .updateTable('dream')
      .set({ status: 'canceled', ended_at: '2026', worker: null, lease_expires_at: null })
      .where('id', '=', dream_id)
      .execute()
    expect((await door.ask('DELETE', `${STORES}/${id}`)).status).toBe(200)
  })
})

test('a copy has the same memories, of the same authors and times, under ids of its own, and knows the same', async () => {
  const { json: from } = await door.ask('POST', STORES, {
    name: 'from',
    description: 'd',
    metadata: { a: '1' },
  })
  await learnedInto(from.id, 'something')
  for (const path of ['/a', '/b/c', '/b/d'])
    await door.ask('POST', `${STORES}/${from.id}/memories`, { path, content: `text of ${path}` })
  const { json: memory } = await door.ask('POST', `${STORES}/${from.id}/memories`, {
    path: '/e',
    content: '1',
  })
  await door.ask('POST', `${STORES}/${from.id}/memories/${memory.id}`, { content: '2' })

  const to = await door.db.transaction().execute(async (tx) => {
    const store = (await memoryStoreById(tx, from.id))!
    const made = await cloneMemoryStore(tx, store, {
      name: 'to',
      actor: 'dream:drm_1',
      now: '2026-12-01T00:00:00.000Z',
    })
    await cloneKnowledge(tx, from.id, made.id)
    return made
  })

  expect(to).toMatchObject({
    name: 'to',
    description: 'd',
    metadata: { a: '1' },
    created_at: '2026-12-01T00:00:00.000Z',
  })
  const standing = async (id: string) =>
    (await door.ask('GET', `${STORES}/${id}/memories?view=full`)).json.data.map(
      ({ path, content, created_at, updated_at }: Json) => ({ path, content, created_at, updated_at }),
    )
  expect(await standing(to.id)).toEqual(await standing(from.id))
  const ids = async (id: string) =>
    (await door.ask('GET', `${STORES}/${id}/memories`)).json.data.flatMap((it: Json) => [
      it.id,
      it.memory_version_id,
    ])
  expect(new Set([...(await ids(to.id)), ...(await ids(from.id))]).size).toBe(
    4 * (await standing(to.id)).length,
  )
  const versions = (await door.ask('GET', `${STORES}/${to.id}/memory_versions`)).json.data
  expect(
    versions.map((it: Json) => [it.path, it.operation, (it.created_by as { type: string } | null)?.type]),
  ).toEqual([
    ['/learned.md', 'created', undefined],
    ...['/e', '/b/d', '/b/c', '/a'].map((path) => [path, 'created', 'api_actor']),
  ])
  for (const table of ['ledger', 'tally', 'pattern', 'tombstone'] as const) {
    const known = async (id: string) => {
      const rows = await door.db.selectFrom(table).selectAll().where('memory_store_id', '=', id).execute()
      return rows.map((it) => ({ ...it, memory_store_id: null, seq: null }))
    }
    expect(await known(to.id)).toEqual(await known(from.id))
    expect((await known(to.id)).length).toBe(1)
  }
  expect((await door.audited()).slice(-1)).toEqual(['store.created'])
})

/** What a dream would have left in a store, with `words` wherever there can be words. */
async function learnedInto(memory_store_id: string, words: string): Promise<void> {
  const { db } = door
  const id = memory_store_id.slice(-24)
  const dream_id = `drm_${id}`
  const at = '2026-11-22T01:00:00.000Z'
  await db.insertInto('transcript').values({ sha256: id, size_bytes: 0, content: new Uint8Array() }).execute()
  const session = await db
    .insertInto('session')
    .values({
      ...{ id: `sesn_${id}`, workspace_id: 'wrkspc_000000000000000000000000', harness: 'steps' },
      ...{ external_session_id: id, agent: 'desk', agent_version: null, task: null, person: null },
      ...{ parent_external_session_id: null, continues_session_id: null, copied: null, title: '' },
      ...{ started_at: null, ended_at: null, outcome_result: 'unknown', outcome_verified: 0, reward: null },
      ...{ outcome_rule: null, events: 0, human_turns: 0, tool_calls: 0, tool_errors: 0, feedback: 0 },
      ...{ redactions: 0, transcript_sha256: id, fingerprints: new Uint8Array(), ingested_at: at },
    })
    .executeTakeFirstOrThrow()
  await db
    .insertInto('dream')
    .values({
      ...{
        id: dream_id,
        memory_store_id,
        status: 'failed',
        result: null,
        worker: null,
        lease_expires_at: null,
      },
      ...{ notes: JSON.stringify([words]), created_at: at, ended_at: at, error_type: 'model_error' },
      ...{ error_message: words, read_through: null },
    })
    .execute()
  await db
    .insertInto('ledger')
    .values({ memory_store_id, session_seq: Number(session.insertId), dream_id })
    .execute()
  const counted = { bad: 0, n: 1, cells: '{}', weeks: '{}', sightings: '[]' }
  await db
    .insertInto('tally')
    .values({ memory_store_id, context: words, trait: '', channel: 'call', ...counted })
    .execute()
  const told = { class: 'mistake', channel: 'call', tier: 'process', status: 'confirmed' }
  await db
    .insertInto('pattern')
    .values({
      ...{ id: `pat_${id}`, memory_store_id, ...told, content: JSON.stringify({ text: words }) },
      ...{ created_at: at, updated_at: at },
    })
    .execute()
  for (const [seq, status] of ['undecided', 'approved'].entries())
    await db
      .insertInto('change')
      .values({
        ...{ id: `chg_${seq}${id.slice(1)}`, dream_id, seq, operation: 'modified', kind: 'refresh' },
        ...{ path: `/${words}`, before: words, before_sha256: 'x', after: words, reason: words },
        ...{ pattern_ids: '[]', verdict: 'hold', verdict_reason: words, memory_version_id: null },
        ...{ status, policy_sha256: null },
      })
      .execute()
  await db
    .insertInto('decision')
    .values({
      ...{ change_id: `chg_1${id.slice(1)}`, decision: 'approved', by: 'user:ann', reason: words, at },
      ...{ content_sha256: 'x', edited: words },
    })
    .execute()
  await db
    .insertInto('tombstone')
    .values({
      ...{ memory_store_id, change_id: null, key: 'k', kind: 'add', cause: 'rejected', reason: words },
      ...{ sessions: 1, until: null, covered_by: `/${words}`, created_by: 'user:ann', created_at: at },
    })
    .execute()
  await db
    .insertInto('memory_version')
    .values({
      ...{ id: `memver_${id}`, memory_id: `mem_${id}`, memory_store_id, operation: 'created' },
      ...{ path: '/learned.md', content: words, content_sha256: id, content_size_bytes: words.length },
      ...{ created_at: at, created_by: `dream:${dream_id}` },
    })
    .execute()
  await db
    .insertInto('memory')
    .values({
      ...{ id: `mem_${id}`, memory_store_id, memory_version_id: `memver_${id}`, path: '/learned.md' },
      ...{ created_at: at, updated_at: at },
    })
    .execute()
}

async function requested(dream_id: string, how: { output_store_id?: string }): Promise<void> {
  await door.db
    .insertInto('dream_request')
    .values({
      ...{ dream_id, session_ids: '[]', model: '{}', instructions: null, output_behavior: 'create_new' },
      ...{ requested_by: 'user:ann', ...how },
    })
    .execute()
}

const TABLES = [
  ...(['memory_store', 'memory', 'memory_version', 'dream', 'change', 'decision', 'tombstone'] as const),
  ...(['pattern', 'tally', 'audit', 'setting'] as const),
]
