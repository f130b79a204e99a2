import type { DatabaseSync } from 'node:sqlite'
import { EngineError } from '../domain/error.ts'
import { initial } from './migrations/0001-initial.ts'
import { peopleAndAlerts } from './migrations/0002-people-and-alerts.ts'
import { audit } from './migrations/0004-audit.ts'
import { watchedPatterns } from './migrations/0005-watched-patterns.ts'
import { settings } from './migrations/0009-settings.ts'
import { decisions } from './migrations/0010-decisions.ts'
import { workspaces } from './migrations/0011-workspaces.ts'
import { policies } from './migrations/0012-policies.ts'
import { erasure } from './migrations/0013-erasure.ts'
import { history } from './migrations/0015-history.ts'
import { auditPolicy } from './migrations/0016-audit-policy.ts'
import { server } from './migrations/0017-server.ts'
import { schedules } from './migrations/0018-schedules.ts'
import { webhooks } from './migrations/0019-webhooks.ts'
import { redactedEvents } from './migrations/0021-redacted-events.ts'
import { recall } from './migrations/0022-recall.ts'
import { memoryTexts } from './migrations/0023-memory-texts.ts'
import { recurrence } from './migrations/0024-recurrence.ts'
import { told } from './migrations/0025-told.ts'
import { patternsWithRowid } from './migrations/0026-patterns-with-rowid.ts'
import { model } from './migrations/0027-model.ts'
import { barsInCells } from './migrations/0028-bars-in-cells.ts'

export type Migration = { name: string; sql: string }

/** In order; appended to, never edited. */
export const MIGRATIONS: Migration[] = [
  { name: '0001-initial', sql: initial },
  { name: '0002-people-and-alerts', sql: peopleAndAlerts },
  { name: '0004-audit', sql: audit },
  { name: '0005-watched-patterns', sql: watchedPatterns },
  { name: '0009-settings', sql: settings },
  { name: '0010-decisions', sql: decisions },
  { name: '0011-workspaces', sql: workspaces },
  { name: '0012-policies', sql: policies },
  { name: '0013-erasure', sql: erasure },
  { name: '0015-history', sql: history },
  { name: '0016-audit-policy', sql: auditPolicy },
  { name: '0017-server', sql: server },
  { name: '0018-schedules', sql: schedules },
  { name: '0019-webhooks', sql: webhooks },
  { name: '0021-redacted-events', sql: redactedEvents },
  { name: '0022-recall', sql: recall },
  { name: '0023-memory-texts', sql: memoryTexts },
  { name: '0024-recurrence', sql: recurrence },
  { name: '0025-told', sql: told },
  { name: '0026-patterns-with-rowid', sql: patternsWithRowid },
  { name: '0027-model', sql: model },
  { name: '0028-bars-in-cells', sql: barsInCells },
]

/** Stands in the header of the file and says whose it is: "RVRI". */
const APPLICATION_ID = 0x52565249

/**
 * Brings a database to the present schema. Each migration runs in one transaction together with the
 * record that it ran, and the transaction takes the write lock before it looks: of twenty processes
 * that start at once, one migrates and nineteen find it done. A migration that fails leaves nothing.
 *
 * A table that others refer to may be made anew, so references are checked when it has been.
 */
export function migrate(sqlite: DatabaseSync, migrations = MIGRATIONS): void {
  if (appliedTo(sqlite).length === migrations.length) return
  sqlite.exec('PRAGMA foreign_keys = OFF')
  try {
    for (const it of migrations) applyTo(sqlite, it)
  } finally {
    sqlite.exec('PRAGMA foreign_keys = ON')
  }
}

function applyTo(sqlite: DatabaseSync, migration: Migration): void {
  sqlite.exec('BEGIN IMMEDIATE')
  try {
    if (!appliedTo(sqlite).includes(migration.name)) {
      sqlite.exec(
        `PRAGMA application_id = ${APPLICATION_ID};
         CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT`,
      )
      sqlite.exec(migration.sql)
      const [broken] = sqlite.prepare('PRAGMA foreign_key_check').all()
      if (broken) throw new Error(`${migration.name} leaves ${broken.table} referring to no ${broken.parent}`)
      sqlite.prepare('INSERT INTO migration VALUES (?, ?)').run(migration.name, new Date().toISOString())
    }
    sqlite.exec('COMMIT')
  } catch (error) {
    // On a full disk SQLite has rolled back already.
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
    throw error
  }
}

/**
 * Refuses a database that this version cannot understand, before anything is written to it.
 *
 * Throws `database_error` for a database of another program, `database_version_error` for one of a newer Reverie.
 */
export function refuseUnknown(sqlite: DatabaseSync, migrations = MIGRATIONS): void {
  // In this order: whoever makes the first table writes the id in the same transaction.
  const is_empty = !sqlite.prepare('SELECT 1 FROM sqlite_schema').get()
  const { application_id } = sqlite.prepare('PRAGMA application_id').get() as { application_id: number }
  if (!is_empty && application_id !== APPLICATION_ID) {
    throw new EngineError('database_error', `${sqlite.location()} is a database of another program`, {
      hint: 'give another place with --db PATH; nothing was written to this one',
    })
  }
  const unknown = appliedTo(sqlite).find((name) => !migrations.some((known) => known.name === name))
  if (unknown !== undefined) {
    throw new EngineError(
      'database_version_error',
      `the database ${sqlite.location()} was made by a newer version of Reverie (${unknown})`,
      { hint: 'upgrade Reverie, or give another database with --db PATH; nothing was written to this one' },
    )
  }
}

/** Refuses a database that would have to be migrated; `details.is_older` tells it from one of a newer Reverie. */
export function refuseOlder(sqlite: DatabaseSync, migrations = MIGRATIONS): void {
  if (appliedTo(sqlite).length === migrations.length) return
  const message = `the database ${sqlite.location()} is still that of an older version of Reverie`
  throw new EngineError('database_version_error', message, {
    hint: 'any command that uses it brings it up to date, as `reverie lessons`',
    details: { is_older: true },
  })
}

function appliedTo(sqlite: DatabaseSync): string[] {
  const exists = sqlite
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'")
    .get()
  if (!exists) return []
  const applied = sqlite.prepare('SELECT name FROM migration ORDER BY name').all() as { name: string }[]
  return applied.map((it) => it.name)
}
