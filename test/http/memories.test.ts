/** Memories over the wire: written by id, compared by hash, listed by folder, and never two in one place. */
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cloneMemoryStore } from '../../src/db/memory-store-clones.ts'
import { memoryStoreById } from '../../src/db/memory-stores.ts'
import { sha256 } from '../../src/domain/id.ts'
import { misshapen, overlaps } from '../../src/domain/memory-path.ts'
import { every, SDKS } from '../sdk/server.ts'
import { BasicMemory, FullMemory, MemoryPrefix } from '../sdk/shapes.ts'
import { type Door, type Json, openDoor } from './door.ts'

let door: Door
let store: string
beforeAll(async () => {
  door = await openDoor()
})
beforeEach(async () => {
  store = await newStore()
})
afterAll(() => door.close())

const newStore = async () => (await door.ask('POST', '/v1/memory_stores', { name: 'notes' })).json.id
const at = (path: string) => `/v1/memory_stores/${store}/memories${path}`
const create = (path: string, content: string | null = 'text') => door.ask('POST', at(''), { path, content })
const update = (id: string, body: object) => door.ask('POST', at(`/${id}`), body)
const paths = async (query = '') => (await door.ask('GET', at(query))).json.data.map((it: Json) => it.path)
const versions = async () =>
  (await door.ask('GET', `/v1/memory_stores/${store}/memory_versions`)).json.data.map(
    (it: Json) => `${it.operation} ${it.path}`,
  )

describe.each(SDKS)('$sdk', (sdk) => {
  test('makes, reads, changes, moves, lists and deletes a memory', async () => {
    const { memories } = door.client(sdk).beta.memoryStores
    const in_store = { memory_store_id: store }
    const text = 'Ärger 🙂\r\n\u0000\u2028 end '

    const made = await memories.create(store, { path: '/a/b.md', content: text })
    expect(BasicMemory.parse(made)).toMatchObject({
      ...{ path: '/a/b.md', memory_store_id: store, content_size_bytes: Buffer.byteLength(text) },
      content_sha256: sha256(text),
    })
    const read = await memories.retrieve(made.id, in_store)
    expect(FullMemory.parse(read)).toEqual({ ...made, content: text })
    expect(await memories.retrieve(made.id, { ...in_store, view: 'basic' })).toEqual(made)

    const changed = await memories.update(made.id, { ...in_store, content: 'other', view: 'full' })
    const { memory_version_id, updated_at } = changed
    expect(changed).toEqual({
      ...made,
      ...{ content: 'other', content_sha256: sha256('other'), content_size_bytes: 5 },
      ...{ memory_version_id, updated_at },
    })
    expect(memory_version_id).not.toBe(made.memory_version_id)
    expect(updated_at > made.updated_at).toBe(true)

    const moved = await memories.update(made.id, { ...in_store, path: '/c.md' })
    expect(moved).toMatchObject({
      id: made.id,
      path: '/c.md',
      content: null,
      content_sha256: sha256('other'),
    })

    await memories.create(store, { path: '/d/e', content: '' })
    expect(await every(memories.list(store, { depth: 1 }))).toEqual([
      moved,
      MemoryPrefix.parse({ type: 'memory_prefix', path: '/d/' }),
    ])
    expect(await memories.delete(made.id, in_store)).toEqual({ id: made.id, type: 'memory_deleted' })
    await expect(memories.retrieve(made.id, in_store)).rejects.toMatchObject({ status: 404 })
    expect(await versions()).toEqual([
      'deleted /c.md',
      'created /d/e',
      'modified /c.md',
      'modified /a/b.md',
      'created /a/b.md',
    ])
  })

  test('is told of conflicts by error classes, and asks once', async () => {
    const { memories } = door.client(sdk).beta.memoryStores
    const { id } = await memories.create(store, { path: '/a', content: '1' })
    const asked = door.requests()
    const precondition = { type: 'content_sha256', content_sha256: sha256('0') } as const
    for (const refused of [
      () => memories.update(id, { memory_store_id: store, content: '2', precondition }),
      () => memories.delete(id, { memory_store_id: store, expected_content_sha256: sha256('0') }),
      () => memories.create(store, { path: '/a/b', content: '' }),
    ])
      await expect(refused()).rejects.toBeInstanceOf(sdk.Sdk.ConflictError)
    expect(door.requests() - asked).toBe(3)
  })
})

describe('a new memory', () => {
  test.each([
    { content: null, is: '' },
    { content: '', is: '' },
    { content: 'x'.repeat(102_400), is: 'x'.repeat(102_400) },
  ])('of %# is the bytes that were sent', async ({ content, is }) => {
    const { json } = await create('/a', content)
    const { json: read } = await door.ask('GET', at(`/${json.id}`))
    expect(read).toMatchObject({
      content: is,
      content_size_bytes: Buffer.byteLength(is),
      content_sha256: sha256(is),
    })
  })

  test.each([
    {
      what: 'more than 102,400 bytes',
      body: { path: '/a', content: 'é'.repeat(51_201) },
      says: '102400 bytes',
    },
    { what: 'half a character', body: { path: '/a', content: '\ud800' }, says: 'Unicode' },
    { what: 'no content', body: { path: '/a' }, says: 'content' },
    { what: 'content that is a number', body: { path: '/a', content: 1 }, says: 'content' },
    { what: 'no path', body: { content: '' }, says: 'path' },
    { what: 'a path without /', body: { path: 'a', content: '' }, says: 'starts with /' },
    { what: 'a path that goes up', body: { path: '/a/../../etc/passwd', content: '' }, says: '. or ..' },
    { what: 'a path with NUL', body: { path: '/a\u0000.md', content: '' }, says: 'control' },
    { what: 'a path that is not in NFC', body: { path: '/e\u0301', content: '' }, says: 'Form C' },
    { what: 'a path of 21 segments', body: { path: '/a'.repeat(21), content: '' }, says: '20 segments' },
    {
      what: 'a path of 1,025 bytes',
      body: { path: `/${'a'.repeat(1_024)}`, content: '' },
      says: '1024 bytes',
    },
    { what: 'a field that is unknown', body: { path: '/a', content: '', view: 'full' }, says: 'view' },
  ])('with $what is refused, and nothing is stored', async ({ body, says }) => {
    const { status, json } = await door.ask('POST', at(''), body)
    expect({ status, type: json.error.type }).toEqual({ status: 400, type: 'invalid_request_error' })
    expect(json.error.message).toContain(says)
    expect([await paths(), await versions()]).toEqual([[], []])
  })

  test('in a full store is refused, and fits when one is deleted', async () => {
    await fill(store, 10_000)
    const refused = await create('/one-more')
    expect(refused).toMatchObject({ status: 400, json: { error: { type: 'invalid_request_error' } } })
    expect(refused.json.error.message).toContain('10000 memories')
    const [first] = (await door.ask('GET', at('?limit=1'))).json.data
    await door.ask('DELETE', at(`/${first!.id}`))
    expect((await create('/one-more')).status).toBe(200)
  })
})

/** So many memories, in hundreds of one folder each. */
async function fill(memory_store_id: string, n: number): Promise<void> {
  const name = (i: number) => String(i).padStart(5, '0')
  const at = '2026-11-22T00:00:00.000Z'
  const rows = Array.from({ length: n }, (_, i) => ({
    ...{
      id: `memver_${name(i)}${memory_store_id.slice(-19)}`,
      memory_id: `mem_${name(i)}${memory_store_id.slice(-19)}`,
    },
    ...{
      memory_store_id,
      operation: 'created',
      path: `/${Math.floor(i / 100)}/${name(i)}`,
      content: `text ${i}`,
    },
    ...{ content_sha256: sha256(`text ${i}`), content_size_bytes: `text ${i}`.length, created_at: at },
    created_by: 'user:ann',
  }))
  await door.db.transaction().execute(async (tx) => {
    for (let i = 0; i < n; i += 1_000) {
      await tx
        .insertInto('memory_version')
        .values(rows.slice(i, i + 1_000))
        .execute()
      const memories = rows.slice(i, i + 1_000).map(({ id, memory_id, path }) => ({
        ...{ id: memory_id, memory_store_id, memory_version_id: id, path, created_at: at, updated_at: at },
      }))
      await tx.insertInto('memory').values(memories).execute()
    }
  })
}

test('a store of 10,000 memories is copied in less than a second', async () => {
  await fill(store, 10_000)
  const began = performance.now()
  const to = await door.db.transaction().execute(async (tx) => {
    const from = (await memoryStoreById(tx, store))!
    return cloneMemoryStore(tx, from, { name: 'copy', actor: 'user:ann', now: '2026-11-22T00:00:00.000Z' })
  })
  expect(performance.now() - began).toBeLessThan(1_000 * SLOWEST_MACHINE)
  const { n } = await door.db
    .selectFrom('memory')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('memory_store_id', '=', to.id)
    .executeTakeFirstOrThrow()
  expect(n).toBe(10_000)
})

/** Tests run beside each other, on machines that are busy. */
const SLOWEST_MACHINE = 10

describe('no two memories are in one place', () => {
  test.each([
    { there: '/a', wanted: '/a' },
    { there: '/a', wanted: '/a/b' },
    { there: '/a', wanted: '/a/b/c/d' },
    { there: '/a/b/c/d', wanted: '/a' },
    { there: '/a/b', wanted: '/a' },
  ])('with $there there is no $wanted, neither made nor moved', async ({ there, wanted }) => {
    const { json: one } = await create(there)
    const { json: other } = await create('/other')
    for (const asked of [() => create(wanted), () => update(other.id, { path: wanted, content: 'x' })]) {
      const { status, headers, json } = await asked()
      expect(status).toBe(409)
      expect(headers.get('x-should-retry')).toBe('false')
      expect(json.error).toMatchObject({
        ...{ type: 'memory_path_conflict_error', conflicting_memory_id: one.id, conflicting_path: there },
        message: expect.any(String),
      })
    }
    expect(await paths()).toEqual([there, '/other'].sort())
    expect((await door.ask('GET', at(`/${other.id}`))).json.content).toBe('text')
  })

  test.each([
    { there: '/a', wanted: '/A' },
    { there: '/a', wanted: '/ab' },
    { there: '/a', wanted: '/a-b/c' },
    { there: '/a/b', wanted: '/a/c' },
    { there: '/a/b', wanted: '/a0' },
  ])('with $there there can be $wanted', async ({ there, wanted }) => {
    await create(there)
    expect((await create(wanted)).status).toBe(200)
  })

  test('a memory may move to where only it is in the way, and others to where it was', async () => {
    const { json: one } = await create('/a')
    expect((await update(one.id, { path: '/a/b' })).json.path).toBe('/a/b')
    expect((await update(one.id, { path: '/a' })).json.path).toBe('/a')
    await update(one.id, { path: '/c' })
    expect((await create('/a')).status).toBe(200)
    expect(await paths()).toEqual(['/a', '/c'])
  })

  test('whatever is made, moved and deleted', async () => {
    const segment = fc.constantFrom('a', 'b', 'a-b', 'é', '..', 'e\u0301')
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((it) => `/${it.join('/')}`)
    const step = fc.record({ does: fc.constantFrom('make', 'move', 'delete'), path, which: fc.nat() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        store = await newStore()
        const model = new Map<string, string>()
        for (const { does, path, which } of steps) {
          const id = [...model.keys()][which % Math.max(model.size, 1)]
          const others = [...model].filter(([other]) => does === 'make' || other !== id).map(([, it]) => it)
          const expected =
            misshapen(path) !== null ? 400 : others.some((it) => overlaps(it, path)) ? 409 : 200
          if (does === 'make') {
            const { status, json } = await create(path)
            expect(status).toBe(expected)
            if (status === 200) model.set(json.id, path)
          } else if (id !== undefined && does === 'move') {
            expect((await update(id, { path })).status).toBe(expected)
            if (expected === 200) model.set(id, path)
          } else if (id !== undefined) {
            await door.ask('DELETE', at(`/${id}`))
            model.delete(id)
          }
        }
        const bytes = (it: string) => Buffer.from(it)
        expect(await paths('?limit=100')).toEqual(
          [...model.values()].sort((a, b) => bytes(a).compare(bytes(b))),
        )
      }),
      { numRuns: 25 },
    )
  })
})

describe('an update', () => {
  test.each([
    { what: 'nothing', body: {} },
    { what: 'nulls', body: { content: null, path: null, precondition: null } },
    { what: 'what it is already', body: { content: 'text', path: '/a' } },
    {
      what: 'what it is already, expecting something else',
      body: { content: 'text', ...expecting('other') },
    },
    { what: 'no change, expecting something else', body: expecting('other') },
  ])('with $what is answered, and writes no version', async ({ body }) => {
    const { json: made } = await create('/a')
    expect(await update(made.id, body)).toMatchObject({ status: 200, json: made })
    expect(await versions()).toEqual(['created /a'])
  })

  test.each([
    { what: 'another text', body: { content: 'new', ...expecting('text') }, status: 200 },
    { what: 'another path', body: { path: '/b', ...expecting('text') }, status: 200 },
    { what: 'both', body: { path: '/b', content: 'new', ...expecting('text') }, status: 200 },
    { what: 'another text', body: { content: 'new', ...expecting('old') }, status: 409 },
    { what: 'another path', body: { path: '/b', ...expecting('old') }, status: 409 },
    {
      what: 'its own text elsewhere',
      body: { path: '/b', content: 'text', ...expecting('old') },
      status: 409,
    },
    { what: 'a path that is taken', body: { path: '/c', ...expecting('of c') }, status: 409 },
    { what: 'anything', body: { content: 'new', precondition: { type: 'content_sha256' } }, status: 200 },
  ])('with $what and a precondition is answered with $status: %#', async ({ body, status }) => {
    const { json: made } = await create('/a')
    await create('/c', 'of c')
    const { json, ...answer } = await update(made.id, body)
    expect(answer.status).toBe(status)
    if (status === 409) {
      expect(json.error).toEqual({
        type: 'memory_precondition_failed_error',
        message: expect.any(String),
        hint: expect.any(String),
      })
      expect(answer.headers.get('x-should-retry')).toBe('false')
    }
    expect(await versions()).toHaveLength(status === 200 ? 3 : 2)
  })

  test.each([
    { body: { precondition: { type: 'path', content_sha256: 'a' } } },
    { body: { precondition: { type: 'content_sha256', path: '/a' } } },
    { body: { content: 'x'.repeat(102_401) } },
    { body: { path: '/a/' } },
    { body: { id: 'mem_1' } },
    { body: [] },
  ])('with %j is refused, and nothing changes', async ({ body }) => {
    const { json: made } = await create('/a')
    expect((await update(made.id, body)).status).toBe(400)
    expect((await door.ask('GET', at(`/${made.id}?view=basic`))).json).toEqual(made)
  })

  test('two clients that race with preconditions lose no word', async () => {
    const { json: made } = await create('/count', '')
    const [one, other] = SDKS.map((sdk) => door.client(sdk).beta.memoryStores.memories)
    const append = async (memories: NonNullable<typeof one>, word: string) => {
      for (;;) {
        const { content, content_sha256 } = await memories.retrieve(made.id, { memory_store_id: store })
        const wanted = {
          memory_store_id: store,
          content: `${content}${word} `,
          precondition: { type: 'content_sha256', content_sha256 } as const,
        }
        const done = await memories.update(made.id, wanted).then(
          () => true,
          (error: { error: { error: { type: string } } }) => {
            expect(error.error.error.type).toBe('memory_precondition_failed_error')
            return false
          },
        )
        if (done) return
      }
    }
    const words = Array.from({ length: 20 }, (_, i) => String(i))
    await Promise.all(words.map((word, i) => append(i % 2 === 0 ? one! : other!, word)))

    const { content } = (await door.ask('GET', at(`/${made.id}`))).json
    expect(String(content).trim().split(' ').sort()).toEqual(words.sort())
    expect(
      (await door.ask('GET', `/v1/memory_stores/${store}/memory_versions?limit=100`)).json.data,
    ).toHaveLength(21)
  })

  test('of two that create at one path one is told of the other', async () => {
    const answers = await Promise.all([create('/a', '1'), create('/a', '2'), create('/a/b', '3')])
    expect(answers.map((it) => it.status).sort()).toEqual([200, 409, 409])
    const [made] = answers.filter((it) => it.status === 200)
    for (const { json } of answers.filter((it) => it.status === 409))
      expect(json.error.conflicting_memory_id).toBe(made!.json.id)
  })
})

function expecting(text: string) {
  return { precondition: { type: 'content_sha256', content_sha256: sha256(text) } }
}

describe('a deletion', () => {
  test.each([
    { expected: '', status: 409 },
    { expected: sha256('other'), status: 409 },
    { expected: sha256('text').toUpperCase(), status: 409 },
    { expected: sha256('text'), status: 200 },
  ])('that expects $expected is answered with $status', async ({ expected, status }) => {
    const { json } = await create('/a')
    const answer = await door.ask('DELETE', at(`/${json.id}?expected_content_sha256=${expected}`))
    expect(answer.status).toBe(status)
    expect(await paths()).toEqual(status === 200 ? [] : ['/a'])
    if (status === 409) expect(answer.json.error.type).toBe('memory_precondition_failed_error')
  })

  test('makes room for a new memory, which is another one', async () => {
    const { json: first } = await create('/a')
    await door.ask('DELETE', at(`/${first.id}`))
    const { json: second } = await create('/a')
    expect(second.id).not.toBe(first.id)
    expect((await door.ask('DELETE', at(`/${first.id}`))).status).toBe(404)
    expect(await paths()).toEqual(['/a'])
  })
})

describe('a list', () => {
  const FILES = ['/a', '/b-c/x', '/b/c/d', '/b/c/e', '/b/f', '/b0', '/é/z']
  beforeEach(async () => {
    for (const it of FILES.toReversed()) await create(it, `text of ${it}`)
  })

  test.each([
    { query: '', is: ['/a', '/b-c/x', '/b/c/d', '/b/c/e', '/b/f', '/b0', '/é/z'] },
    { query: '?depth=0', is: ['/a', '/b-c/x', '/b/c/d', '/b/c/e', '/b/f', '/b0', '/é/z'] },
    { query: '?depth=1', is: ['/a', '/b-c/', '/b/', '/b0', '/é/'] },
    { query: '?path_prefix=/', is: ['/a', '/b-c/x', '/b/c/d', '/b/c/e', '/b/f', '/b0', '/é/z'] },
    { query: '?path_prefix=/b/', is: ['/b/c/d', '/b/c/e', '/b/f'] },
    { query: '?path_prefix=/b/&depth=1', is: ['/b/c/', '/b/f'] },
    { query: '?path_prefix=/b/c/&depth=1', is: ['/b/c/d', '/b/c/e'] },
    { query: '?path_prefix=/B/', is: [] },
    { query: '?path_prefix=/a/', is: [] },
    { query: '?path_prefix=%2F%C3%A9%2F', is: ['/é/z'] },
  ])('with $query is $is, whatever fits on a page', async ({ query, is }) => {
    expect(await paths(query)).toEqual(is)
    for (const limit of [1, 2, 3]) {
      const found: unknown[] = []
      for (let page: string | null = ''; page !== null; ) {
        const joined: string = `${query === '' ? '?' : `${query}&`}limit=${limit}${page === '' ? '' : `&page=${page}`}`
        const { data, next_page }: Json = (await door.ask('GET', at(joined))).json
        expect(data.length).toBeLessThanOrEqual(limit)
        // A page that says there is more is followed by more.
        expect(data.length).toBeGreaterThan(is.length === 0 ? -1 : 0)
        found.push(...data.map((it: Json) => it.path))
        page = next_page
      }
      expect(found).toEqual(is)
    }
  })

  test.each([
    { query: 'depth=2', says: 'depth' },
    { query: 'depth=-1', says: 'depth' },
    { query: 'path_prefix=/b', says: 'ends in /' },
    { query: 'path_prefix=b/', says: 'starts with /' },
    { query: 'path_prefix=', says: 'ends in /' },
    { query: 'path_prefix=/../', says: '. or ..' },
    { query: 'path_prefix=/%00/', says: 'control' },
    { query: 'path_prefix=/%25/', says: null },
    { query: "path_prefix=/'%20OR%201=1--/", says: null },
    { query: 'view=all', says: 'view' },
    { query: 'limit=101', says: 'limit' },
    { query: 'order=desc', says: 'order' },
    { query: 'page=x', says: 'page' },
  ])('with $query is refused, or empty where it is but odd', async ({ query, says }) => {
    const { status, json } = await door.ask('GET', at(`?${query}`))
    expect(status).toBe(says === null ? 200 : 400)
    if (says === null) expect(json.data).toEqual([])
    else expect(json.error.message).toContain(says)
  })

  test('with texts has 20 on a page at most', async () => {
    for (let i = 0; i < 20; i++) await create(`/more/${i}`)
    const { data, next_page } = (await door.ask('GET', at('?view=full&limit=100'))).json
    expect(data).toHaveLength(20)
    expect(data[0]).toMatchObject({ content: 'text of /a' })
    expect(next_page).not.toBeNull()
    for (const it of (await door.ask('GET', at('?limit=100'))).json.data) expect(it.content).toBeNull()
  })

  test('goes on only with its own filter, in its own store, and misses nothing that stays when others go', async () => {
    const { next_page } = (await door.ask('GET', at('?limit=3&path_prefix=/b/'))).json
    expect(next_page).toBeNull()
    const first = (await door.ask('GET', at('?limit=3'))).json
    for (const wrong of ['&depth=1', '&path_prefix=/b/'])
      expect((await door.ask('GET', at(`?page=${first.next_page}${wrong}`))).status).toBe(400)
    const elsewhere = `/v1/memory_stores/${await newStore()}/memories?page=${first.next_page}`
    expect((await door.ask('GET', elsewhere)).status).toBe(400)

    await door.ask('DELETE', at(`/${first.data[2]!.id}`))
    await create('/0')
    expect(await paths(`?page=${first.next_page}`)).toEqual(['/b/c/e', '/b/f', '/b0', '/é/z'])
  })
})

test('1,000 memories come through the SDK page by page, each once, and 100 folders of them', async () => {
  await fill(store, 1_000)
  const { memories } = door.client().beta.memoryStores
  const all = await every(memories.list(store, { limit: 100 }))
  expect(new Set(all.map((it) => it.path)).size).toBe(1_000)
  expect(all).toHaveLength(1_000)
  const folders = await every(memories.list(store, { limit: 3, depth: 1 }))
  expect(folders).toEqual(Array.from({ length: 10 }, (_, i) => ({ type: 'memory_prefix', path: `/${i}/` })))
})

test('a memory is found in its own store alone', async () => {
  const { json: made } = await create('/a')
  const other = await newStore()
  const path = `/v1/memory_stores/${other}/memories/${made.id}`
  for (const [method, body] of [['GET'], ['POST', { content: 'x' }], ['DELETE']] as const)
    expect((await door.ask(method, path, body)).status).toBe(404)
  expect((await door.ask('GET', at(`/${made.id}`))).json.content).toBe('text')
})

describe('the generated index', () => {
  const LESSON = '---\npattern: pat_1\n---\n\n# Ask first\n\nAsk first.\n'

  /** A store with a lesson of a dream and the index that goes with it. */
  const dreamt = async () => {
    const engine = door.engine
    const made = await newStore()
    const file = { name: 'a.md', bytes: Buffer.from(LESSON) }
    await engine.importMemories([file], {
      ...{ store: made, format: 'markdown', as: 'user:ann', replace: true, dry_run: false },
    })
    store = made
  }
  const index = async () => {
    const [found] = (await door.ask('GET', at('?view=full&path_prefix=/'))).json.data.filter(
      (it: Json) => it.path === '/_index.md',
    )
    return found === undefined ? null : String(found.content)
  }

  test('is not made where programs write: two memories are two', async () => {
    await create('/a')
    const { json: b } = await create('/b')
    await update(b.id, { content: 'other' })
    expect(await paths()).toEqual(['/a', '/b'])
  })

  test('follows their writes where there is one', async () => {
    await dreamt()
    expect(await index()).not.toBeNull()
    const { json: b } = await create('/b.md', '# Being b\n')
    expect(await index()).toContain('b.md')
    await update(b.id, { path: '/c.md' })
    expect(await index()).not.toContain('b.md')
    expect(await index()).toContain('c.md')
    await door.ask('DELETE', at(`/${b.id}`))
    expect(await index()).not.toContain('c.md')
  })

  test('is theirs once they write it, and gone once they delete it', async () => {
    await dreamt()
    const [it] = (await door.ask('GET', at(''))).json.data.filter(({ path }: Json) => path === '/_index.md')
    await update(it!.id, { content: '# Mine\n' })
    await create('/b.md')
    expect(await index()).toBe('# Mine\n')
    await door.ask('DELETE', at(`/${it!.id}`))
    await create('/c.md')
    expect(await index()).toBeNull()
  })
})

test('where the policy is regulated nobody writes alone, and everybody may delete', async () => {
  const { json: made } = await create('/a')
  const engine = door.engine
  await engine.setPolicy({ file: 'policy.yaml', text: 'format_version: 1\nregulated: true\n' }, 'user:ann')
  const refused = [await create('/b'), await update(made.id, { content: 'other' })]
  expect(refused.map((it) => [it.status, it.json.error.type])).toEqual([
    [403, 'permission_error'],
    [403, 'permission_error'],
  ])
  expect((await door.ask('DELETE', at(`/${made.id}`))).status).toBe(200)
  await engine.setPolicy({ file: 'policy.yaml', text: 'format_version: 1\n' }, 'user:ann')
})

test('every write is in the audit log, by the key that asked, and nothing of the text or the path', async () => {
  const { json: made } = await create('/private-path', 'private text')
  await update(made.id, { content: 'more private text' })
  await update(made.id, { path: '/other-private-path' })
  await door.ask('DELETE', at(`/${made.id}`))
  const rows = await door.db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(4).execute()
  expect(rows.map((it) => [it.action, it.actor, it.reason])).toEqual([
    ['memory.deleted', `user:${door.key.id}`, 'deleted over the API'],
    ['memory.modified', `user:${door.key.id}`, 'moved over the API'],
    ['memory.modified', `user:${door.key.id}`, 'written over the API'],
    ['memory.created', `user:${door.key.id}`, 'written over the API'],
  ])
  expect(JSON.stringify(rows)).not.toContain('private')
  expect(await door.engine.verifyAudit()).toMatchObject({ broken: null })
})
