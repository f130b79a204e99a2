/** What programs write over the wire, and what people and dreams do with memories: each holds beside the other. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { memoriesAsOf } from '../../src/db/memory-versions.ts'
import type { Change } from '../../src/domain/change.ts'
import { sha256 } from '../../src/domain/id.ts'
import { ANA, type Desk, openDesk } from './desk.ts'

const KEY = 'user:apikey_1'

let desk: Desk
let store: string
beforeEach(async () => {
  desk = await openDesk()
  store = (await desk.engine.createStore({ name: 'desk', description: '', metadata: { agent: 'desk' } }, KEY))
    .id
})
afterEach(() => desk.close())

const create = async (path: string, content = 'text\n') =>
  (await desk.engine.createMemory(store, { path, content }, KEY)).id
const update = (id: string, wanted: { path?: string; content?: string }) =>
  desk.engine.updateMemory(store, id, { path: null, content: null, expected: null, ...wanted }, KEY)
const standing = async () =>
  Object.fromEntries((await desk.engine.memories('desk')).data.map((it) => [it.path, it.content]))
const history = async (path: string) =>
  (await desk.engine.memoryHistory('desk', path)).data.map((it) => `${it.operation} ${it.content}`)
const newest = async () => (await desk.engine.listVersions(store, {}, { view: 'basic' })).data[0]!
const idAt = async (path: string) => (await desk.engine.memory('desk', path)).id

describe('a memory that was moved', () => {
  test('was taken away from where it was, and its history goes on where it is', async () => {
    const id = await create('/a')
    await update(id, { path: '/b' })
    await update(id, { content: 'more\n' })

    expect(await history('/a')).toEqual(['deleted null', 'created text\n'])
    expect(await history('/b')).toEqual(['modified more\n', 'modified text\n'])
    await expect(desk.engine.memory('desk', '/a')).rejects.toMatchObject({ type: 'not_found_error' })
    const removing = desk.engine.removeMemory('desk', '/a', { as: ANA, reason: 'gone' })
    await expect(removing).rejects.toMatchObject({ type: 'not_found_error' })
    await update(id, { path: '/a' })
    expect(await history('/a')).toEqual(['modified more\n', 'deleted null', 'created text\n'])
  })

  test('differs from what it was, not from what stood where it came to', async () => {
    const other = await create('/b', 'other\n')
    await desk.engine.deleteMemory(store, other, null, KEY)
    const id = await create('/a')
    await update(id, { path: '/b', content: 'more\n' })
    const { before, diff } = await desk.engine.memoryDiff('desk', (await newest()).id)
    expect(before!.path).toBe('/a')
    expect(diff.filter((it) => !it.startsWith('@'))).toEqual(['-text', '+more'])
  })

  test('is back where it was when the text of then is put back, beside itself', async () => {
    const id = await create('/a')
    const { id: first } = await newest()
    await update(id, { path: '/b', content: 'more\n' })
    await desk.engine.restoreMemory(first, { as: ANA })
    expect(await desk.standing()).toEqual({ '/a': 'text\n', '/b': 'more\n' })
    expect(await idAt('/b')).toBe(id)
  })

  test('goes back when the store does, and there again', async () => {
    await create('/_index.md', '# Mine\n')
    const id = await create('/a')
    await create('/c/d')
    const then = desk.now().toISOString()
    await update(id, { path: '/c/a' })
    await update(await idAt('/c/d'), { path: '/a/d' })
    const { back, restored } = await desk.engine.restoreStore('desk', { time: then }, { as: ANA })
    expect(restored.map((it) => [it.operation, it.path])).toEqual([
      ['created', '/a'],
      ['deleted', '/a/d'],
      ['deleted', '/c/a'],
      ['created', '/c/d'],
    ])
    expect(await standing()).toEqual({ '/_index.md': '# Mine\n', '/a': 'text\n', '/c/d': 'text\n' })
    await desk.engine.restoreStore('desk', { seq: back }, { as: ANA })
    expect(Object.keys(await standing())).toEqual(['/_index.md', '/a/d', '/c/a'])
  })
})

test('whatever is made, moved, rewritten and taken away, the store is known as it was at any time, and goes back there', async () => {
  const path = fc.constantFrom('/a', '/a/b', '/b', '/b/c', '/d')
  const content = fc.constantFrom('one\n', 'two\n')
  const does = fc.constantFrom('create', 'move', 'write', 'delete')
  const steps = fc.array(fc.record({ does, path, content, which: fc.nat() }), { minLength: 1, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (steps, to) => {
      store = (
        await desk.engine.createStore({ name: `${Math.random()}`, description: '', metadata: {} }, KEY)
      ).id
      const db = openDatabase(desk.path)
      const stands = async () =>
        (await desk.engine.memories(store)).data.map((it) => ({ ...it, store: undefined }))
      const past: { seq: number; state: Awaited<ReturnType<typeof stands>> }[] = []
      for (const { does, path, content, which } of steps) {
        const ids = (await desk.engine.memories(store)).data.map((it) => it.id)
        const id = ids[which % Math.max(ids.length, 1)]
        const act = async () => {
          if (does === 'create') await create(path, content)
          else if (id === undefined) return
          else if (does === 'delete') await desk.engine.deleteMemory(store, id, null, KEY)
          else await update(id, does === 'move' ? { path } : { content })
        }
        await act().catch((error) => expect(error.type).toBe('memory_path_conflict_error'))
        const { id: version } = (await newest()) ?? { id: undefined }
        if (version === undefined) continue
        past.push({ seq: (await desk.engine.memoryVersion(version)).seq, state: await stands() })
      }
      for (const { seq, state } of past) expect(await memoriesAsOf(db, store, seq)).toEqual(state)
      const then = past[to % Math.max(past.length, 1)]
      if (then !== undefined) {
        await desk.engine.restoreStore(store, { seq: then.seq }, { as: ANA })
        const texts = (its: { path: string; content: string }[]) => its.map((it) => [it.path, it.content])
        // A store without an index of its own has one after a person acted on all of it.
        const now = (await stands()).filter((it) => it.path !== '/_index.md')
        expect(texts(now)).toEqual(texts(then.state))
      }
      await db.destroy()
    }),
    { numRuns: 30 },
  )
})

test('what stands stays, where what stood there was redacted', async () => {
  const [id, other] = [await create('/a', 'secret\n'), await create('/b', 'secret too\n')]
  const { id: last } = await newest()
  const then = await desk.engine.memoryVersion(last)
  const first = (await desk.engine.memoryHistory('desk', '/a')).data[0]!
  await update(id, { content: 'new\n', path: '/c' })
  await desk.engine.deleteMemory(store, other, null, KEY)
  for (const it of [first.id, last]) await desk.engine.redactVersion(store, it, KEY)

  const { erased, restored } = await desk.engine.restoreStore('desk', { seq: then.seq }, { as: ANA })
  expect([erased.length, restored]).toEqual([2, []])
  expect(await desk.standing()).toEqual({ '/c': 'new\n' })
  await expect(desk.engine.restoreMemory(first.id, { as: ANA })).rejects.toMatchObject({
    type: 'invalid_request_error',
    message: expect.stringContaining('erased'),
  })
})

test('an import says of a memory for which there is no room that it is in conflict, and takes the others', async () => {
  await create('/a')
  await create('/b/c')
  const files = ['a/b.md', 'b.md', 'd.md', 'd.md/e.md'].map((name) => ({
    name,
    bytes: Buffer.from('text\n'),
  }))
  await update(await idAt('/a'), { path: '/a' })
  await create('/b.md/x')
  const report = await desk.engine.importMemories(files, {
    ...{ store: 'desk', format: 'markdown', as: ANA, replace: true, dry_run: false },
  })
  expect(report.memories.map((it) => [it.path, it.result])).toEqual([
    ['/a/b.md', 'conflicting'],
    ['/b.md', 'conflicting'],
    ['/d.md', 'created'],
    ['/d.md/e.md', 'conflicting'],
  ])
  expect(Object.keys(await standing())).toContain('/d.md')
})

describe('a lesson of a dream', () => {
  const SHIP = '/mistakes/get_ship-before-ship.md'
  const live = async (): Promise<Change> => {
    const [ship] = await desk.live(await desk.night(['ship']))
    expect(ship!.path).toBe(SHIP)
    return ship!
  }

  test.each([
    {
      name: 'deleted',
      take: async () => desk.engine.deleteMemory(store, await idAt(SHIP), null, KEY),
      left: [],
    },
    { name: 'moved', take: async () => update(await idAt(SHIP), { path: '/mine.md' }), left: ['/mine.md'] },
    {
      name: 'moved, then deleted',
      async take() {
        const id = await idAt(SHIP)
        await update(id, { path: '/mine.md' })
        await desk.engine.deleteMemory(store, id, null, KEY)
      },
      left: [],
    },
    { name: 'rewritten', take: async () => update(await idAt(SHIP), { content: '# Mine\n' }), left: [SHIP] },
    { name: 'emptied', take: async () => update(await idAt(SHIP), { content: '' }), left: [SHIP] },
  ])('$name by a program stays so, whatever the next dreams see', async ({ take, left }) => {
    await live()
    await take()
    expect(await desk.night()).toEqual([])
    expect(await desk.night(['ship'], 10)).toEqual([])
    expect(Object.keys(await desk.standing())).toEqual(left)
  })

  test('is put up again against what a program wrote meanwhile', async () => {
    const [ship] = await desk.night(['ship'])
    await desk.approve(ship!)
    await create(SHIP, 'A program’s.\n')
    const { superseded } = await desk.engine.adopt({ changes: [ship!.id] }, ANA)
    expect(superseded.map((it) => it.again?.before_sha256)).toEqual([sha256('A program’s.\n')])
  })

  test('waits while a memory is where its folder has to be, and says which', async () => {
    const [ship] = await desk.night(['ship'])
    const id = await create('/mistakes')
    await desk.approve(ship!)
    const { refused } = await desk.engine.adopt({ changes: [ship!.id] }, ANA)
    expect(refused.map((it) => it.why)).toEqual(['/mistakes is a memory: move or remove that first'])
    await update(id, { path: '/other' })
    expect((await desk.engine.adopt({ changes: [ship!.id] }, ANA)).adopted).toHaveLength(1)
  })

  test('does not go live in a store that was archived', async () => {
    const [ship] = await desk.night(['ship'])
    await desk.approve(ship!)
    await desk.engine.archiveStore(store, KEY)
    const { refused } = await desk.engine.adopt({ changes: [ship!.id] }, ANA)
    expect(refused.map((it) => it.why)).toEqual(['its memory store was archived, so it does not change'])
  })

  test('goes live where a memory is in the place of the index, which is not made then', async () => {
    await create('/_index.md/notes.md')
    await live()
    expect(Object.keys(await standing())).toEqual(['/_index.md/notes.md', SHIP])
  })
})
