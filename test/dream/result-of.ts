/**
 * What dreams have left in a database, as one value that can be compared: stores, memories with their
 * history, patterns, tally, ledger, dreams and changes. Random ids are reduced to what they name.
 */
import { DatabaseSync } from 'node:sqlite'

const QUERIES = {
  store: 'SELECT name, agent FROM memory_store ORDER BY name',
  memory: `SELECT memory.path, content, created_by FROM memory
           JOIN memory_version ON memory_version.id = memory_version_id ORDER BY memory.path`,
  version: 'SELECT * FROM memory_version ORDER BY seq',
  pattern: 'SELECT * FROM pattern ORDER BY id',
  tally: 'SELECT * FROM tally ORDER BY context, trait',
  ledger: 'SELECT * FROM ledger ORDER BY session_seq',
  dream: 'SELECT * FROM dream ORDER BY rowid',
  change: `SELECT change.* FROM change JOIN dream ON dream.id = dream_id ORDER BY dream.rowid, seq`,
}

export type Result = Record<keyof typeof QUERIES, Record<string, unknown>[]>

export function resultOf(path: string): Result {
  const sqlite = new DatabaseSync(path)
  const rows = Object.entries(QUERIES).map(([name, query]) => [name, sqlite.prepare(query).all()])
  sqlite.close()
  const text = JSON.stringify(Object.fromEntries(rows))
  return JSON.parse(text.replace(/\b(drm|chg|mem|memver|memstore)_[0-9a-f]{24}\b/g, '$1'))
}
