import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import type { EngineError } from '../../src/domain/error.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Answer, Order } from './opening.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-database-'))
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true }))
const NOW = '2026-11-03T09:00:00.000Z'

test('a database is made where there is none, with the folders that lead to it, in WAL mode', async () => {
  const db = openDatabase(join(folder, 'not/yet/there.db'))
  const { rows } = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(db)
  await db.destroy()

  expect(rows).toEqual([{ journal_mode: 'wal' }])
  expect(readdirSync(join(folder, 'not/yet'))).toEqual(['there.db'])
})

test('a database may be given as a file URL', async () => {
  const path = join(folder, 'a place with spaces.db')
  await make(pathToFileURL(path).href)
  expect(readFileSync(path).subarray(0, 15).toString()).toBe('SQLite format 3')
})

describe('what cannot be opened is told, with what to try, and left as it was', () => {
  test.each<{
    name: string
    path: string
    made: (path: string) => unknown
    type: string
    message: RegExp
    hint: RegExp
  }>([
    {
      name: 'a database of a newer version',
      path: 'newer.db',
      made: async (path) => {
        await make(path)
        changed(path, "INSERT INTO migration VALUES ('0999-from-the-future', '2030-01-01')")
      },
      type: 'database_version_error',
      message: /newer\.db was made by a newer version of Reverie \(0999-from-the-future\)/,
      hint: /upgrade Reverie/,
    },
    {
      name: 'a database of a newer version that does without WAL',
      path: 'newer-no-wal.db',
      made: async (path) => {
        await make(path)
        changed(path, "PRAGMA journal_mode = DELETE; INSERT INTO migration VALUES ('0999-x', '2030-01-01')")
      },
      type: 'database_version_error',
      message: /newer version/,
      hint: /upgrade Reverie/,
    },
    {
      name: 'a database of another program',
      path: 'places.sqlite',
      made: (path) => changed(path, 'CREATE TABLE bookmark (url TEXT)'),
      type: 'database_error',
      message: /places\.sqlite is a database of another program/,
      hint: /--db PATH/,
    },
    {
      name: 'a file that is no database',
      path: 'letter.txt',
      made: (path) => writeFileSync(path, 'Dear reader, '.repeat(500)),
      type: 'database_error',
      message: /letter\.txt cannot be used: file is not a database/,
      hint: /--db PATH/,
    },
    {
      name: 'a damaged database',
      path: 'damaged.db',
      made: async (path) => {
        await make(path)
        const bytes = readFileSync(path)
        writeFileSync(path, bytes.fill(0xee, 100, 3_000))
      },
      type: 'database_error',
      message: /damaged\.db cannot be used: database disk image is malformed/,
      hint: /restore it from a backup/,
    },
    {
      name: 'a folder',
      path: 'a-folder',
      made: (path) => mkdirSync(path),
      type: 'database_error',
      message: /a-folder cannot be used/,
      hint: /the path of a file/,
    },
    {
      name: 'a file inside a file',
      path: 'note.txt/reverie.db',
      made: (path) => writeFileSync(join(path, '..'), 'a note'),
      type: 'database_error',
      message: /note\.txt\/reverie\.db cannot be used: (?:EEXIST|ENOTDIR)/,
      hint: /the path of a file/,
    },
  ])('$name', async ({ path: name, made, type, message, hint }) => {
    const path = join(folder, name)
    await made(path)
    const before = digests(folder)

    const error = refusal(path)

    expect(error).toMatchObject({ name: 'EngineError', type })
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(hint)
    expect(digests(folder)).toEqual(before)
  })

  test('an address of another kind of database, without its password', () => {
    const error = refusal('postgres://reverie:hunter2@db.example.org/reverie')
    expect(error.type).toBe('invalid_request_error')
    expect(error.message).not.toContain('hunter2')
  })

  test.each<{ name: string; path: string; made: (path: string) => unknown; message: RegExp; hint: RegExp }>([
    {
      name: 'a folder in which nothing may be written',
      path: 'locked/new.db',
      made: (path) => {
        mkdirSync(join(path, '..'))
        chmodSync(join(path, '..'), 0o555)
      },
      message: /locked\/new\.db cannot be used: unable to open database file/,
      hint: /a folder that can be read and written/,
    },
    {
      name: 'a file that may not be written',
      path: 'read-only.db',
      made: (path) => {
        writeFileSync(path, '')
        chmodSync(path, 0o444)
      },
      message: /read-only\.db cannot be used: attempt to write a readonly database/,
      hint: /allow writing/,
    },
    {
      name: 'a file that may not be read',
      path: 'secret.db',
      made: (path) => {
        writeFileSync(path, '')
        chmodSync(path, 0o000)
      },
      message: /secret\.db cannot be used: unable to open database file/,
      hint: /a folder that can be read and written/,
    },
  ])('$name', async ({ path: name, made, message, hint }) => {
    const path = join(folder, name)
    made(path)

    const answer = await openedByAnybody(path)

    expect(answer).toMatchObject({
      type: 'database_error',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })
})

test('damage deep in the file is told when it is met', async () => {
  const path = join(folder, 'half-damaged.db')
  const db = openDatabase(path)
  await db.transaction().execute(async (tx) => {
    for (let i = 0; i < 300; i++) await ensureMemoryStore(tx, `store ${i}`, 'desk', NOW)
  })
  await db.destroy()
  const bytes = readFileSync(path)
  // A page that holds rows of the table, from its head on: `desk` stands in no index.
  const page = 4096 * Math.floor(bytes.indexOf('desk') / 4096)
  bytes.fill(0xee, page, page + 4096)
  writeFileSync(path, bytes)

  const damaged = openDatabase(path)
  const reading = damaged.selectFrom('memory_store').selectAll().execute()

  await expect(reading).rejects.toMatchObject({
    type: 'database_error',
    message: expect.stringMatching(/half-damaged\.db cannot be used: database disk image is malformed/),
    hint: expect.stringMatching(/restore it from a backup/),
  })
  await damaged.destroy()
})

test('on a full disk the write that does not fit is told and undone, and the database goes on', async () => {
  const db = openDatabase(join(folder, 'full.db'))
  await ensureMemoryStore(db, 'before', 'desk', NOW)
  const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(db)
  await sql`PRAGMA max_page_count = ${sql.lit(rows[0]!.page_count + 2)}`.execute(db)

  const writing = db.transaction().execute(async (tx) => {
    for (let i = 0; i < 1_000; i++) await ensureMemoryStore(tx, `store ${i}`, 'desk', NOW)
  })

  await expect(writing).rejects.toMatchObject({
    type: 'database_error',
    message: expect.stringMatching(/full\.db cannot be used: database or disk is full/),
    hint: expect.stringMatching(/free some space and run the command again/),
  })
  await sql`PRAGMA max_page_count = 1000000`.execute(db)
  await ensureMemoryStore(db, 'after', 'desk', NOW)
  const stores = await db.selectFrom('memory_store').select('name').orderBy('name').execute()
  expect(stores.map((it) => it.name)).toEqual(['after', 'before'])
  await db.destroy()
})

async function make(path: string): Promise<void> {
  const db = openDatabase(path)
  await db.selectFrom('migration').selectAll().execute()
  await db.destroy()
}

function changed(path: string, statements: string): void {
  const sqlite = new DatabaseSync(path)
  sqlite.exec(statements)
  sqlite.close()
}

function refusal(path: string): EngineError {
  try {
    void openDatabase(path).destroy()
  } catch (error) {
    return error as EngineError
  }
  throw new Error(`${path} was opened`)
}

/** What stands in a folder, and a digest of every file in it. */
function digests(of: string): Record<string, string> {
  const files = readdirSync(of, { withFileTypes: true })
  return Object.fromEntries(
    files.map((it) => [it.name, it.isFile() ? sha256(readFileSync(join(of, it.name))) : 'folder']),
  )
}

/** Root may do everything, so for root the attempt is made as nobody. */
async function openedByAnybody(path: string): Promise<Answer> {
  const child = fork(join(import.meta.dirname, 'opening.ts'), { execArgv: [] })
  child.send({ path, uid: process.getuid?.() === 0 ? 65_534 : null } satisfies Order)
  const [answer] = await once(child, 'message')
  child.disconnect()
  return answer as Answer
}
