/** All that a database holds, as one hash a table, to tell that nothing was stored. */
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

/** When a key was last used is noted by reading, too. */
const NOTED_ANYWAY = ['api_key', 'sqlite_sequence']

export function storedIn(database: string): Record<string, string> {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  try {
    const tables = sqlite
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map((it) => String(it.name))
      .filter((it) => !NOTED_ANYWAY.includes(it))
    return Object.fromEntries(
      tables.map((name) => {
        const hash = createHash('sha256')
        let rows = 0
        for (const row of sqlite.prepare(`SELECT * FROM "${name}"`).iterate()) {
          hash.update(JSON.stringify(Object.values(row).map(String)))
          rows += 1
        }
        return [name, `${rows} ${hash.digest('hex')}`]
      }),
    )
  } finally {
    sqlite.close()
  }
}

/** Whether no job waits or runs. */
export function isAtRest(database: string): boolean {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const open = sqlite.prepare("SELECT 1 FROM job WHERE status IN ('pending', 'running')").get()
  sqlite.close()
  return open === undefined
}
