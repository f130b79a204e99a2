import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { Kysely, type Transaction as KyselyTransaction, SqliteDialect, sql } from 'kysely'
import { EngineError } from '../domain/error.ts'
import { DEFAULT_WORKSPACE } from '../domain/workspace.ts'
import { migrate, refuseUnknown } from './migrate.ts'
import type { Schema } from './schema.ts'

/**
 * The embedded database: one SQLite file in WAL mode, used by any number of processes at once.
 *
 * It is opened in one workspace and stays there: whoever is handed it cannot ask for the rows of another by mistake, because
 * queries compare with `OWN_WORKSPACE`, which the connection knows, and not with an argument that somebody has to pass on.
 *
 * Opening migrates. A database of a newer Reverie, or of another program, is refused, untouched.
 */
export type Database = Kysely<Schema>
export type Transaction = KyselyTransaction<Schema>

/** In a query: the id of the workspace that the database was opened in. */
export const OWN_WORKSPACE = sql<string>`own_workspace()`

/** How long a process waits for another one's write before it gives up. */
const BUSY_TIMEOUT_MS = 30_000

/**
 * Opens, and creates when there is none, the database at `path`, in the workspace of that name; `:memory:` is one that dies
 * with the process. Throws `not_found_error` where there is no such workspace: one is never made by a typo.
 */
export function openDatabase(path: string, workspace = DEFAULT_WORKSPACE.name): Database {
  if (/^[a-z]+:\/\//i.test(path) && !path.startsWith('file://')) {
    throw new EngineError(
      'invalid_request_error',
      `the database ${path.replace(/\/\/[^@/]*@/, '//…@')} is not a file`,
      {
        hint: 'this version keeps its data in one SQLite file: give a path',
      },
    )
  }
  const file = path.startsWith('file://') ? fileURLToPath(path) : path
  const database = driver(openFile(file, workspace), file)
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database }) })
}

function openFile(file: string, workspace: string): DatabaseSync {
  let sqlite: DatabaseSync | null = null
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    sqlite = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    // Before the first pragma, which may write to the file.
    refuseUnknown(sqlite)
    switchToWal(sqlite)
    sqlite.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY')
    migrate(sqlite)
    const id = workspaceId(sqlite, workspace)
    sqlite.function('own_workspace', { deterministic: true, directOnly: true }, () => id)
    return sqlite
  } catch (error) {
    sqlite?.close()
    throw asEngineError(error, file)
  }
}

function workspaceId(sqlite: DatabaseSync, name: string): string {
  const found = sqlite.prepare('SELECT id FROM workspace WHERE name = ?').get(name)
  if (found) return found.id as string
  const names = sqlite.prepare('SELECT name FROM workspace ORDER BY name').all()
  throw new EngineError('not_found_error', `there is no workspace ${name}`, {
    hint: `known are ${names.map((it) => it.name).join(', ')}; \`reverie workspace create\` makes one`,
  })
}

/** Two processes that switch a new file to WAL at once would wait for each other: SQLite fails one of them, whatever its timeout. */
function switchToWal(sqlite: DatabaseSync): void {
  const give_up_at = Date.now() + BUSY_TIMEOUT_MS
  for (;;) {
    try {
      sqlite.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY || Date.now() > give_up_at) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 + Math.random() * 8)
    }
  }
}

const SQLITE_BUSY = 5

/** What Kysely asks of a SQLite driver, from Node's own. */
function driver(sqlite: DatabaseSync, file: string) {
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const guarded = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw asEngineError(error, file)
    }
  }
  return {
    close: () => sqlite.close(),
    prepare(sql: string) {
      // All our transactions write. Asking for the write lock at the start waits for it; asking
      // halfway, after a read, fails at once when another process wrote in between.
      const text = sql === 'begin' ? 'begin immediate' : sql
      let statement = statements.get(text)
      if (!statement) {
        statement = guarded(() => sqlite.prepare(text))
        if (statements.size < 500) statements.set(text, statement)
      }
      const prepared = statement
      return {
        reader: prepared.columns().length > 0,
        all: (parameters: readonly unknown[]) =>
          guarded(() => prepared.all(...(parameters as SQLInputValue[]))),
        run: (parameters: readonly unknown[]) =>
          // A full disk has rolled back already, and the error of that is the one to tell.
          text === 'rollback' && !sqlite.isTransaction
            ? NOTHING_DONE
            : guarded(() => prepared.run(...(parameters as SQLInputValue[]))),
        iterate: (parameters: readonly unknown[]) =>
          guarded(() => prepared.iterate(...(parameters as SQLInputValue[]))) as IterableIterator<unknown>,
      }
    },
  }
}

const NOTHING_DONE = { changes: 0, lastInsertRowid: 0 }

/** SQLite's primary result codes that a person can do something about; the rest are bugs of ours. */
const hints: Record<number, string> = {
  5: 'another process has been writing for very long; try again when it has finished',
  6: 'another process has been writing for very long; try again when it has finished',
  8: 'the file or its folder is read-only; allow writing, or give another place with --db PATH',
  10: 'the disk reported an error; check its space and health, then run the command again',
  11: 'the file is damaged; restore it from a backup',
  13: 'the disk is full; free some space and run the command again: what was finished is kept',
  14: 'give the path of a file, in a folder that can be read and written, with --db PATH',
  26: 'this file is something else; give another place with --db PATH',
}

function asEngineError(error: unknown, file: string): unknown {
  if (error instanceof EngineError || !(error instanceof Error)) return error
  const { errcode, code } = error as { errcode?: number; code?: string }
  const hint = errcode === undefined ? fileHint(code) : hints[errcode & 0xff]
  if (hint === undefined) return error
  return new EngineError('database_error', `the database ${file} cannot be used: ${error.message}`, {
    hint,
    cause: error,
  })
}

function fileHint(code: string | undefined): string | undefined {
  return code === 'ENOSPC' ? hints[13] : code !== undefined && /^E[A-Z]+$/.test(code) ? hints[14] : undefined
}
