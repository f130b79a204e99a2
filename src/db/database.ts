import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { Kysely, type Transaction as KyselyTransaction, sql } from 'kysely'
import { DEFAULT_WORKSPACE } from '../domain/default-workspace.ts'
import { EngineError } from '../domain/error.ts'
import { asEngineError, dialectOver, isBusy } from './driver.ts'
import { migrate, refuseOlder, refuseUnknown } from './migrate.ts'
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

/** How long whoever writes waits for others that do before it gives up. */
const PATIENCE_MS = 30_000

export type Opening = {
  patience_ms?: number
  /** At how many pages in the log a commit carries them over to the file; SQLite's own number unless told. */
  checkpoint_pages?: number
  /**
   * Opened by somebody in a hurry: `patience_ms` holds for opening too, none is made where there is none (`not_found_error`), and one of an
   * older Reverie is left for others to migrate (`database_version_error`).
   */
  as_it_stands?: boolean
}

/**
 * Opens, and creates when there is none, the database at `path`, in the workspace of that name, or of that id; `:memory:` is one
 * that dies with the process. Throws `not_found_error` where there is no such workspace: one is never made by a typo.
 *
 * Opening waits where it has to migrate; after that nothing that is done with the database keeps the thread waiting for another
 * process or thread.
 */
export function openDatabase(
  path: string,
  workspace: string | { id: string } = DEFAULT_WORKSPACE,
  { patience_ms = PATIENCE_MS, checkpoint_pages, as_it_stands = false }: Opening = {},
): Database {
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
  const { sqlite: writing, workspace_id } = openFile(file, workspace, as_it_stands ? patience_ms : null)
  if (checkpoint_pages !== undefined) writing.exec(`PRAGMA wal_autocheckpoint = ${checkpoint_pages}`)
  const openReading = file === ':memory:' ? null : () => openAgain(file, workspace_id)
  return new Kysely<Schema>({ dialect: dialectOver({ file, writing, openReading, patience_ms }) })
}

function openFile(
  file: string,
  workspace: string | { id: string },
  /** Set where the file is opened as it stands. */
  patience_ms: number | null,
): { sqlite: DatabaseSync; workspace_id: string } {
  let sqlite: DatabaseSync | null = null
  try {
    if (patience_ms !== null) refuseMissing(file)
    else if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    sqlite = new DatabaseSync(file, { timeout: patience_ms ?? PATIENCE_MS })
    // Before the first pragma, which may write to the file.
    refuseUnknown(sqlite)
    if (patience_ms !== null) refuseOlder(sqlite)
    switchToWal(sqlite, patience_ms ?? PATIENCE_MS)
    sqlite.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY')
    // What is taken out is overwritten where it stood, also where the page that held it was once rebuilt.
    sqlite.exec('PRAGMA secure_delete = ON')
    migrate(sqlite)
    const workspace_id = workspaceId(sqlite, workspace)
    knowWorkspace(sqlite, workspace_id)
    sqlite.exec('PRAGMA busy_timeout = 0')
    return { sqlite, workspace_id }
  } catch (error) {
    sqlite?.close()
    throw asEngineError(error, file)
  }
}

/**
 * Carries what commits have left in the log over to the file, as far as nobody has to wait for it: regularly done in a thread of its
 * own, it spares those that answer from doing it at a commit.
 */
export async function carryLogOver(db: Database): Promise<void> {
  await sql`PRAGMA wal_checkpoint(PASSIVE)`.execute(db)
}

/** A second connection to a database that is open, to read. */
function openAgain(file: string, workspace_id: string): DatabaseSync {
  const sqlite = new DatabaseSync(file, { timeout: 0 })
  sqlite.exec('PRAGMA query_only = ON; PRAGMA temp_store = MEMORY')
  knowWorkspace(sqlite, workspace_id)
  return sqlite
}

function refuseMissing(file: string): void {
  if (existsSync(file)) return
  throw new EngineError('not_found_error', `there is no database ${file}`, {
    hint: 'the first `reverie ingest` makes it',
  })
}

function knowWorkspace(sqlite: DatabaseSync, id: string): void {
  sqlite.function('own_workspace', { deterministic: true, directOnly: true }, () => id)
}

function workspaceId(sqlite: DatabaseSync, workspace: string | { id: string }): string {
  const [column, name] = typeof workspace === 'string' ? ['name', workspace] : ['id', workspace.id]
  const found = sqlite.prepare(`SELECT id FROM workspace WHERE ${column} = ?`).get(name)
  if (found) return found.id as string
  const names = sqlite.prepare('SELECT name FROM workspace ORDER BY name').all()
  throw new EngineError('not_found_error', `there is no workspace ${name}`, {
    hint: `known are ${names.map((it) => it.name).join(', ')}; \`reverie workspace create\` makes one`,
  })
}

/** Two processes that switch a new file to WAL at once would wait for each other: SQLite fails one of them, whatever its timeout. */
function switchToWal(sqlite: DatabaseSync, patience_ms: number): void {
  const give_up_at = Date.now() + patience_ms
  for (;;) {
    try {
      sqlite.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > give_up_at) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 + Math.random() * 8)
    }
  }
}
