import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { MIGRATIONS, migrate } from '../../src/db/migrate.ts'
import { readPatterns } from '../../src/db/patterns.ts'
import { Pattern } from '../../src/domain/pattern.ts'
import { pattern } from '../4-consolidate/patterns.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-watched-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each<{ of: Partial<Pattern>; expectation: Pattern['watch']['expectation'] }>([
  { of: { channel: 'call', trait: 'after get' }, expectation: { of_those: 'without', bad: true } },
  { of: { channel: 'call', trait: 'arg id = empty' }, expectation: { of_those: 'with', bad: true } },
  { of: { channel: 'repair', trait: 'ask' }, expectation: { of_those: 'with', bad: false } },
  { of: { channel: 'repair', trait: 'met' }, expectation: { of_those: 'with', bad: true } },
  { of: { channel: 'session', class: 'success' }, expectation: { of_those: 'with', bad: false } },
])(
  'a pattern that was kept before patterns were watched, $of, is watched from now on',
  async ({ of, expectation }) => {
    const path = join(folder, `${of.channel}-${of.trait ?? ''}.db`)
    const { e, watch, ...kept } = pattern(1, of)
    const sqlite = new DatabaseSync(path)
    migrate(
      sqlite,
      MIGRATIONS.slice(
        0,
        MIGRATIONS.findIndex((it) => it.name === '0005-watched-patterns'),
      ),
    )
    sqlite.exec("INSERT INTO memory_store VALUES ('memstore_1', 'desk', 'desk', '2026-11-03T03:00:00Z', 0)")
    sqlite
      .prepare('INSERT INTO pattern VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        kept.id,
        'memstore_1',
        kept.class,
        kept.channel,
        kept.tier,
        kept.status,
        JSON.stringify(kept),
        '',
        '',
      )
    sqlite.close()

    const db = openDatabase(path)
    const [read] = await readPatterns(db, null)
    await db.destroy()

    expect(Pattern.parse(read)).toEqual({
      ...kept,
      e: null,
      watch: { expectation, epoch: 0, confirmation: null, usual_rate: 0.3, detector: 0, since: null },
    })
  },
)
