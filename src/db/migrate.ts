import type { DatabaseSync } from 'node:sqlite'
import { EngineError } from '../domain/error.ts'
import { initial } from './migrations/0001-initial.ts'

const migrations = [{ name: '0001-initial', sql: initial }]

/**
 * Brings a database to the present schema. Each migration runs in one transaction together with the
 * record that it ran, and the transaction takes the write lock before it looks: of twenty processes
 * that start at once, one migrates and nineteen find it done.
 *
 * Throws `database_version_error` for a database that a newer version made, which is left as it is.
 */
export function migrate(sqlite: DatabaseSync): void {
  if (appliedTo(sqlite).length === migrations.length) return
  for (const migration of migrations) {
    sqlite.exec('BEGIN IMMEDIATE')
    try {
      sqlite.exec(
        'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT',
      )
      if (!appliedTo(sqlite).includes(migration.name)) {
        sqlite.exec(migration.sql)
        sqlite.prepare('INSERT INTO migration VALUES (?, ?)').run(migration.name, new Date().toISOString())
      }
      sqlite.exec('COMMIT')
    } catch (error) {
      sqlite.exec('ROLLBACK')
      throw error
    }
  }
}

function appliedTo(sqlite: DatabaseSync): string[] {
  const exists = sqlite
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'")
    .get()
  if (!exists) return []
  const applied = sqlite.prepare('SELECT name FROM migration ORDER BY name').all() as { name: string }[]
  const unknown = applied.filter((it) => !migrations.some((known) => known.name === it.name))
  if (unknown.length > 0) {
    throw new EngineError(
      'database_version_error',
      `this database was made by a newer version of Reverie (${unknown[0]!.name})`,
      {
        hint: 'upgrade Reverie, or give another database with --db PATH',
      },
    )
  }
  return applied.map((it) => it.name)
}
