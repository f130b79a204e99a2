/**
 * What Kysely asks of a driver, over Node's own SQLite.
 *
 * SQLite works in the thread that asks, so whoever waits inside it for a lock keeps that thread from all else. Here nothing does: no
 * connection waits, and what meets a lock of another process or thread is tried again after a short sleep, until patience ends.
 *
 * All that writes goes over one connection, in the order in which it came, one transaction at a time. What is read outside of
 * a transaction waits for none: while one is open it goes over a second connection, and sees what stood there before.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { setImmediate, setTimeout } from 'node:timers/promises'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { EngineError } from '../domain/error.ts'

export type Connections = {
  file: string
  writing: DatabaseSync
  /** Opens the second connection; null where there can be only one. */
  openReading: (() => DatabaseSync) | null
  /** How long a write, or a read, waits for others before it gives up with `database_error`. */
  patience_ms: number
}

export function dialectOver(connections: Connections): Dialect {
  return {
    createDriver: () => driverOver(connections),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SideBySide(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

class SideBySide extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** What Kysely is lent for a statement or a transaction. `end_turn` is there while a transaction is open. */
type Lent = DatabaseConnection & { end_turn: (() => void) | null }

function driverOver({ file, writing, openReading, patience_ms }: Connections): Driver {
  const write = runner(writing)
  const turn = turns()
  let reading: { sqlite: DatabaseSync; run: Run } | null = null
  /** When this handle last held the write lock: waiting for others began after that. */
  let free_at = 0

  const read: Run = (query) => {
    if (!writing.isTransaction) return write(query)
    if (reading === null) {
      const sqlite = openReading!()
      reading = { sqlite, run: runner(sqlite) }
    }
    return reading.run(query)
  }

  const patiently = async <T>(asked_at: number, attempt: () => T): Promise<T> => {
    for (let sleeps = 0; ; sleeps++) {
      try {
        return attempt()
      } catch (error) {
        const is_over = performance.now() - Math.max(asked_at, free_at) > patience_ms
        if (!isBusy(error) || is_over) throw asEngineError(error, file)
      }
      await setTimeout(Math.min(1 + sleeps, LONGEST_SLEEP_MS) * (0.5 + Math.random() / 2))
    }
  }

  const inTurn = async <T>(attempt: () => T): Promise<{ result: T; end_turn: () => void }> => {
    const asked_at = performance.now()
    const end_turn = await turn()
    try {
      const result = await patiently(asked_at, attempt)
      free_at = performance.now()
      return { result, end_turn }
    } catch (error) {
      end_turn()
      throw error
    }
  }

  const execute = async (query: CompiledQuery): Promise<QueryResult<unknown>> => {
    if (openReading !== null && isRead(query)) return patiently(performance.now(), () => read(query))
    const { result, end_turn } = await inTurn(() => write(query))
    end_turn()
    return result
  }

  const endTurn = (connection: DatabaseConnection) => {
    const lent = connection as Lent
    free_at = performance.now()
    lent.end_turn!()
    lent.end_turn = null
  }

  return {
    init: async () => {},
    async acquireConnection() {
      const lent: Lent = {
        end_turn: null,
        async executeQuery<R>(query: CompiledQuery) {
          const result = lent.end_turn ? guarded(file, () => write(query)) : await execute(query)
          return result as QueryResult<R>
        },
        async *streamQuery<R>(query: CompiledQuery) {
          yield await lent.executeQuery<R>(query)
        },
      }
      return lent
    },
    async beginTransaction(connection) {
      // All our transactions write. One that asked for the write lock only halfway, after a read, would fail when another process wrote in between.
      const { end_turn } = await inTurn(() => writing.exec('BEGIN IMMEDIATE'))
      ;(connection as Lent).end_turn = end_turn
    },
    async commitTransaction(connection) {
      guarded(file, () => writing.exec('COMMIT'))
      endTurn(connection)
    },
    async rollbackTransaction(connection) {
      // A full disk has rolled back already, and the error of that is the one to tell.
      if (writing.isTransaction) guarded(file, () => writing.exec('ROLLBACK'))
      endTurn(connection)
    },
    releaseConnection: async () => {},
    async destroy() {
      reading?.sqlite.close()
      writing.close()
    },
  }
}

const LONGEST_SLEEP_MS = 10

/** What is surely only read; a pragma may be anything. */
function isRead({ query, sql }: CompiledQuery): boolean {
  return query.kind === 'SelectQueryNode' || /^\s*(?:select|explain)\b/i.test(sql)
}

/** Gives turns in the order in which they are asked for; each lasts until the function it comes with is called. */
function turns(): () => Promise<() => void> {
  let last: Promise<void> = Promise.resolve()
  let asked = 0
  return async () => {
    const before = last
    let end = () => {}
    last = new Promise((resolve) => {
      end = resolve
    })
    if (asked++ > 0) {
      await before
      // A long line of writers lets others have the thread in between.
      await setImmediate()
    }
    return () => {
      asked--
      end()
    }
  }
}

type Run = (query: CompiledQuery) => QueryResult<unknown>

type Prepared = { statement: StatementSync; is_reader: boolean }

/** Runs queries on a connection, and keeps the statements that it has prepared. */
function runner(sqlite: DatabaseSync): Run {
  const statements = new Map<string, Prepared>()
  const prepare = (text: string): Prepared => {
    const known = statements.get(text)
    if (known) return known
    const statement = sqlite.prepare(text)
    const prepared = { statement, is_reader: statement.columns().length > 0 }
    if (statements.size < MAX_PREPARED) statements.set(text, prepared)
    return prepared
  }
  return ({ sql, parameters }) => {
    const { statement, is_reader } = prepare(sql)
    const values = parameters as SQLInputValue[]
    if (is_reader) return { rows: statement.all(...values) }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] }
  }
}

const MAX_PREPARED = 500

function guarded<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asEngineError(error, file)
  }
}

/** Whether another process or thread holds what was asked for. */
export function isBusy(error: unknown): boolean {
  return (((error as { errcode?: number }).errcode ?? 0) & 0xff) === SQLITE_BUSY
}

const SQLITE_BUSY = 5

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

/** An error of SQLite or of the disk, as a person can use it; any other as it is. */
export function asEngineError(error: unknown, file: string): unknown {
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
