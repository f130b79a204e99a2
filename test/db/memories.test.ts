import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { listMemories, writeMemory } from '../../src/db/memories.ts'
import { ensureMemoryStore, findMemoryStore } from '../../src/db/memory-stores.ts'
import { versionsAt } from '../../src/db/memory-versions.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Actor, MemoryVersion } from '../../src/domain/memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-memories-'))
const NOW = '2026-11-03T09:00:00.000Z'
let db: Database
let store: string
let stores = 0

beforeAll(() => {
  db = openDatabase(join(folder, 'memories.db'))
})
beforeEach(async () => {
  store = await newStore()
})
afterAll(async () => {
  await db.destroy()
  rmSync(folder, { recursive: true })
})

describe('a memory is written only over what the writer has seen', () => {
  test.each<{
    name: string
    stands: string | null
    expected: string | null
    content: string | null
    written: string | null
  }>([
    {
      name: 'nothing, and nothing expected',
      stands: null,
      expected: null,
      content: 'new',
      written: 'created',
    },
    { name: 'nothing, and a text expected', stands: null, expected: 'old', content: 'new', written: null },
    { name: 'the text expected', stands: 'old', expected: 'old', content: 'new', written: 'modified' },
    { name: 'another text than expected', stands: 'theirs', expected: 'old', content: 'new', written: null },
    { name: 'a text, and nothing expected', stands: 'theirs', expected: null, content: 'new', written: null },
    {
      name: 'the text expected, to take it away',
      stands: 'old',
      expected: 'old',
      content: null,
      written: 'deleted',
    },
    {
      name: 'another text, to take it away',
      stands: 'theirs',
      expected: 'old',
      content: null,
      written: null,
    },
    { name: 'nothing, to take it away', stands: null, expected: null, content: null, written: null },
  ])('there stands $name: $written', async ({ stands, expected, content, written }) => {
    if (stands !== null) await write('/a.md', stands, null)
    const versions = await historyOf(store, '/a.md')

    const version = await write('/a.md', content, expected)

    expect(version?.operation ?? null).toBe(written)
    expect(await standing()).toEqual(after(stands, content, written !== null))
    expect(await historyOf(store, '/a.md')).toEqual(version ? [version, ...versions] : versions)
  })

  function after(stands: string | null, content: string | null, is_written: boolean): Record<string, string> {
    const text = is_written ? content : stands
    return text === null ? {} : { '/a.md': text }
  }
})

test('every version is kept, newest first, also of one millisecond, and of a clock that runs backwards', async () => {
  const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`)
  for (const [i, text] of texts.entries()) await write('/a.md', text, texts[i - 1] ?? null, NOW)
  await write('/a.md', 'earlier, by the clock', texts.at(-1)!, '2020-01-01T00:00:00.000Z')

  const history = await historyOf(store, '/a.md')

  expect(history.map((it) => it.content)).toEqual(['earlier, by the clock', ...texts.toReversed()])
})

test('what is taken away and written again is a new memory with the whole history of its path', async () => {
  const first = await write('/a.md', 'one', null)
  await write('/a.md', null, 'one')
  expect(await standing()).toEqual({})
  const again = await write('/a.md', 'two', null)

  const history = await historyOf(store, '/a.md')

  expect(again!.memory_id).not.toBe(first!.memory_id)
  expect(history.map((it) => [it.operation, it.content])).toEqual([
    ['created', 'two'],
    ['deleted', null],
    ['created', 'one'],
  ])
})

test('a version says what was written, of which bytes, and by whom', async () => {
  const version = await write('/grüße.md', 'Grüße', null, NOW, 'user:mia')
  const [memory] = await listMemories(db, store)

  const digest = { content: 'Grüße', content_sha256: sha256('Grüße'), content_size_bytes: 7 }
  expect(version).toMatchObject({
    ...digest,
    created_by: 'user:mia',
    created_at: NOW,
    memory_store_id: store,
  })
  expect(memory).toMatchObject({ ...digest, created_by: 'user:mia', memory_version_id: version!.id })
})

test('memories are listed by path, a page at a time', async () => {
  for (const path of ['/c.md', '/a.md', '/b/d.md', '/b.md']) await write(path, path, null)

  const pages: string[][] = []
  for (let after: string | undefined; pages.length < 3; after = pages.at(-1)!.at(-1)) {
    pages.push((await listMemories(db, store, { after, limit: 2 })).map((it) => it.path))
  }

  expect(pages).toEqual([['/a.md', '/b.md'], ['/b/d.md', '/c.md'], []])
})

test('a store that is asked for by many at once is made once', async () => {
  const made = await Promise.all(
    Array.from({ length: 10 }, () => ensureMemoryStore(db, 'wanted', 'desk', NOW)),
  )
  expect(new Set(made.map((it) => it.id)).size).toBe(1)
  expect(await findMemoryStore(db, made[0]!.id)).toEqual(made[0])
})

test('whatever is written in whatever order, a store is what a map would be, with every step in its history', async () => {
  const path = fc.constantFrom('/a.md', '/b.md', '/c/d.md')
  const text = fc.option(fc.constantFrom('one', 'two', 'three', ''), { freq: 3 })
  /** A writer that has seen what stands there, or believes something else. */
  const step = fc.record({ path, content: text, belief: fc.option(text, { nil: 'seen' as const, freq: 3 }) })

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      store = await newStore()
      const model = new Map<string, string>()
      const past = new Map<string, (string | null)[]>()

      for (const { path, content, belief } of steps) {
        const stands = model.get(path) ?? null
        const expected = belief === 'seen' ? stands : belief
        const version = await write(path, content, expected)

        const fits = expected === stands && !(stands === null && content === null)
        expect(version !== null).toBe(fits)
        if (!fits) continue
        if (content === null) model.delete(path)
        else model.set(path, content)
        past.set(path, [content, ...(past.get(path) ?? [])])
      }

      expect(await standing()).toEqual(Object.fromEntries(model))
      for (const [path, contents] of past)
        expect((await historyOf(store, path)).map((it) => it.content)).toEqual(contents)
    }),
    { numRuns: 60 },
  )
})

async function newStore(): Promise<string> {
  return (await ensureMemoryStore(db, `store ${++stores}`, 'desk', NOW)).id
}

async function write(
  path: string,
  content: string | null,
  expected: string | null,
  now = NOW,
  created_by: Actor = 'dream:drm_1',
): Promise<MemoryVersion | null> {
  const digest = expected === null ? null : sha256(expected)
  return db
    .transaction()
    .execute((tx) =>
      writeMemory(tx, store, { path, content, expected: digest, created_by, reason: 'by hand', now }),
    )
}

async function standing(): Promise<Record<string, string>> {
  return Object.fromEntries((await listMemories(db, store)).map((it) => [it.path, it.content]))
}

/** Without the place in the order of writing. */
async function historyOf(memory_store_id: string, path: string) {
  return (await versionsAt(db, memory_store_id, path)).map(({ seq, ...it }) => it)
}
