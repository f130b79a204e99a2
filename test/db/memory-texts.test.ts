/** The words of memories: found in the store that they are in as long as they stand, whatever is asked, and really gone then. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { promisedBy } from '../../src/6-recall/expected-lift.ts'
import { queryWords } from '../../src/6-recall/query.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { redactVersions } from '../../src/db/erasure.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { cloneMemoryStore } from '../../src/db/memory-store-clones.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import {
  memoriesIn,
  memoriesNumbered,
  memoriesOfPeople,
  memoriesWith,
  mostPromising,
} from '../../src/db/memory-texts.ts'
import { MIGRATIONS, migrate } from '../../src/db/migrate.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Actor, MemoryStore, MemoryVersion } from '../../src/domain/memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-texts-'))
const NOW = '2026-11-03T00:00:00.000Z'
let db: Database
let store: MemoryStore
let files = 0

beforeEach(async () => {
  db = openDatabase(join(folder, `texts-${files++}.db`))
  store = await ensureMemoryStore(db, 'desk', 'desk', NOW)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function write(
  path: string,
  content: string | null,
  {
    in: into = store,
    over = null as string | null,
    to = undefined as string | undefined,
    by = 'user:ana' as Actor,
  } = {},
): Promise<MemoryVersion> {
  const expected = over === null ? null : sha256(over)
  const wanted = { path, to, content, expected, created_by: by, reason: '', now: NOW } as const
  return (await db.transaction().execute((tx) => writeMemory(tx, into.id, wanted)))!
}

/** The paths of the memories of a store that have this word. */
async function having(word: string, of = store): Promise<string[]> {
  const found = await memoriesWith(db, of.id, [word], 100)
  const memories = await memoriesNumbered(db, of.id, found.get(word) ?? [])
  return memories.map((it) => it.path).sort()
}

describe('a memory is found by its words', () => {
  test.each<[word: string, text: string]>([
    ['refund', 'Check every refund twice.'],
    ['refunds', 'Check every refund twice.'],
    ['müller', 'Frau MÜLLER decides.'],
    ['muller', 'Frau Müller decides.'],
    ['customer', 'Call `get_customer` first.'],
    ['счёт', 'Закрыть СЧЁТ.'],
  ])('%s in %j', async (word, text) => {
    await write('/a.md', text)
    expect(await having(word)).toEqual(['/a.md'])
  })

  test('and of its path, also where it was moved', async () => {
    await write('/invoices/a.md', 'Text.')
    expect(await having('invoices')).toEqual(['/invoices/a.md'])
    await write('/invoices/a.md', 'Text.', { over: 'Text.', to: '/receipts/a.md' })
    expect([await having('invoices'), await having('receipts')]).toEqual([[], ['/receipts/a.md']])
  })

  test('as long as they stand there', async () => {
    await write('/a.md', 'Zebra.')
    await write('/a.md', 'Okapi.', { over: 'Zebra.' })
    expect([await having('zebra'), await having('okapi')]).toEqual([[], ['/a.md']])
    await write('/a.md', null, { over: 'Okapi.' })
    expect([await having('okapi'), await memoriesIn(db, store.id)]).toEqual([[], 0])
  })

  test('in its own store only, also where a memory says the id of another', async () => {
    const other = await ensureMemoryStore(db, 'other', 'other', NOW)
    await write('/a.md', `Zebra ${store.id.replace('_', '')} ${store.id}.`, { in: other })
    expect([await having('zebra'), await having('zebra', other)]).toEqual([[], ['/a.md']])
  })

  test('in a copy of the store as well', async () => {
    await write('/a.md', 'Zebra.')
    const copy = await db
      .transaction()
      .execute((tx) => cloneMemoryStore(tx, store, { name: 'copy', actor: 'user:ana', now: NOW }))
    await write('/a.md', 'Okapi.', { over: 'Zebra.' })
    expect([await having('zebra'), await having('zebra', copy)]).toEqual([[], ['/a.md']])
  })

  test('but the index of a store is none', async () => {
    await write('/_index.md', 'Zebra.')
    expect([await having('zebra'), await memoriesIn(db, store.id)]).toEqual([[], 0])
  })
})

test('what people wrote is found apart from the lessons of dreams, by the front matter that dreams write', async () => {
  const pattern = `pat_${'ab'.repeat(12)}`
  const lesson = `---\nname: a\npattern: ${pattern}\n---\nCall a.\n`
  const by = 'dream:drm_1'
  await write('/lesson.md', lesson, { by })
  await write('/imported.md', lesson)
  await write('/says.md', `Not in front matter:\npattern: ${pattern}\n`, { by })
  await write('/body.md', `---\nname: a\n---\npattern: ${pattern}\n`, { by })
  await write('/open.md', `---\npattern: ${pattern}\n`, { by })
  const found = await memoriesNumbered(db, store.id, await memoriesOfPeople(db, store.id, 10))
  expect(found.map((it) => it.path).sort()).toEqual(['/body.md', '/imported.md', '/open.md', '/says.md'])
})

const effectCount = fc.tuple(fc.nat(50), fc.nat(50)).map(([bad, good]): [number, number] => [bad, bad + good])

test('lessons come in the order of what their counts promise, only those that count, for everybody or for one person', async () => {
  const anyLesson = fc.record({
    tier: fc.constantFrom('verified' as const, 'process' as const, 'people' as const, 'marker' as const),
    status: fc.constantFrom('candidate', 'probation', 'confirmed', 'stale', 'dormant', 'disputed', 'retired'),
    person: fc.constantFrom(null, 'ana', 'bo'),
    effect: fc.record({ exposed: effectCount, unexposed: effectCount }),
    bad: fc.boolean(),
  })
  const [lessons] = fc.sample(fc.array(anyLesson, { minLength: 150, maxLength: 150 }), {
    seed: 7,
    numRuns: 1,
  })
  const told = lessons!.map(({ bad, ...it }, i) => {
    const id = `pat_${sha256(`${i}`).slice(0, 24)}`
    return { ...it, id, path: `/${i}.md`, expectation: { of_those: 'with' as const, bad } }
  })
  for (const { id, path, tier, status, person, effect, expectation } of told) {
    await write(path, `---\npattern: ${id}\n---\nText.\n`, { by: 'dream:drm_1' })
    const content = JSON.stringify({ scope: { agent: 'desk', person }, effect, watch: { expectation } })
    const kind = { class: 'mistake', channel: 'call', tier, status, content }
    await db
      .insertInto('pattern')
      .values({ id, memory_store_id: store.id, ...kind, created_at: NOW, updated_at: NOW })
      .execute()
  }
  for (const person of [null, 'ana']) {
    const seqs = await mostPromising(db, store.id, person ?? '', 1_000)
    const paths = new Map((await memoriesNumbered(db, store.id, seqs)).map((it) => [it.seq, it.path]))
    const found = seqs.map((it) => told.find(({ path }) => path === paths.get(it))!)
    const counts = ['candidate', 'probation', 'confirmed']
    const wanted = told.filter(
      (it) => it.person === person && it.tier !== 'marker' && counts.includes(it.status),
    )
    expect(found.map((it) => it.path).sort()).toEqual(wanted.map((it) => it.path).sort())
    const promises = found.map((it) => promisedBy(it, 1))
    for (const [i, it] of promises.entries()) expect(it).toBeLessThanOrEqual((promises[i - 1] ?? it) + 1e-9)
  }
})

test('whatever a stranger asks is answered', async () => {
  await write('/a.md', 'Check every refund twice.')
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constantFrom(
          '" OR 1',
          'a* NEAR(b, 2)',
          '{words}: a',
          '^a',
          'AND',
          "'; DROP TABLE memory; --",
          '\0refund',
        ),
      ),
      async (query) => {
        const words = queryWords(query)
        const found = await memoriesWith(db, store.id, words, 100)
        for (const word of found.keys()) expect(words).toContain(word)
      },
    ),
  )
})

test('a word in too many memories is left out', async () => {
  for (const it of ['a', 'b', 'c']) await write(`/${it}.md`, `Zebra ${it}okapi.`)
  const found = await memoriesWith(db, store.id, ['zebra', 'aokapi', 'gnu'], 2)
  expect([...found.keys()]).toEqual(['aokapi'])
})

test('the database may be vacuumed: every memory is still found by its own words', async () => {
  for (let i = 0; i < 50; i++) await write(`/${i}.md`, `word${i}x`)
  for (let i = 0; i < 50; i += 2) await write(`/${i}.md`, null, { over: `word${i}x` })
  await sql`VACUUM`.execute(db)
  for (let i = 0; i < 50; i++) expect(await having(`word${i}x`)).toEqual(i % 2 === 0 ? [] : [`/${i}.md`])
})

test('memories of a database from before are found as well', async () => {
  const path = join(folder, 'before.db')
  const before = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex((it) => it.name === '0023-memory-texts'),
  )
  const sqlite = new DatabaseSync(path)
  migrate(sqlite, before)
  sqlite.exec(`
    INSERT INTO memory_store (id, workspace_id, name, agent, created_at, updated_at)
      SELECT 'memstore_1', id, 'desk', 'desk', '', '' FROM workspace;
    INSERT INTO memory_version (id, memory_id, memory_store_id, operation, path, content, content_sha256, content_size_bytes, created_at, created_by)
      VALUES ('memver_0', 'mem_1', 'memstore_1', 'created', '/a.md', 'Gnu.', 'sha', 4, '', 'user:ana'),
        ('memver_1', 'mem_1', 'memstore_1', 'modified', '/a.md', 'Zebra.', 'sha', 6, '', 'user:ana');
    INSERT INTO memory VALUES ('mem_1', 'memstore_1', 'memver_1', '/a.md', '', '');`)
  sqlite.close()
  const opened = openDatabase(path)
  const found = await memoriesWith(opened, 'memstore_1', ['zebra', 'gnu'], 10)
  await opened.destroy()
  expect([...found.keys()]).toEqual(['zebra'])
})

describe('what is erased is gone', () => {
  /** Random letters, so that no word is a beginning of another and none is in the program. */
  const WORDS = Array.from({ length: 400 }, (_, i) => sha256(`secret ${i}`).replace(/\d/g, 'q').slice(0, 14))
  let path: string

  beforeAll(() => {
    path = join(folder, 'erased.db')
  })

  test('to the last byte of the file, one memory at a time or many', async () => {
    const own = openDatabase(path)
    db = own
    store = await ensureMemoryStore(own, 'desk', 'desk', NOW)
    const texts = WORDS.map((_, i) => WORDS.slice(i, i + 5).join(' '))
    const versions: MemoryVersion[] = []
    for (const [i, text] of texts.entries()) versions.push(await write(`/${i}.md`, text))
    await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(own)
    // The last of each memory alone would stand there only in the index.
    expect(standing()).toHaveLength(WORDS.length)

    for (const [i, text] of texts.entries()) await write(`/${i}.md`, null, { over: text })
    await own.transaction().execute((tx) =>
      redactVersions(
        tx,
        versions.map(({ id }) => ({ id, hides_path: true })),
        NOW,
      ),
    )
    await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(own)
    expect(standing()).toEqual([])
    await own.destroy()
  }, 60_000)

  function standing(): string[] {
    const files = readdirSync(folder).filter((it) => it.startsWith('erased.db'))
    const bytes = files.map((it) => readFileSync(join(folder, it)).toString('latin1')).join('\n')
    // A term is kept without what it has in common with the one before it.
    return WORDS.filter((it) => bytes.includes(it) || bytes.includes(it.slice(3)))
  }
})
