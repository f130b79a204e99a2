/** What is erased is gone: from every table, every derived text, and every byte of the files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { found } from './bytes.ts'
import { judgedAlike, MARKS, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-erase-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const ana = { as: 'user:ana', dry_run: false } as const
let folder: string
let path: string
let day: number
let runs = 0

beforeEach(() => {
  folder = join(scratch, `${runs++}`)
  mkdirSync(folder)
  path = join(folder, 'reverie.db')
  day = 0
})

function open(): Engine {
  return openEngine({ database: path, now: () => new Date(Date.UTC(2026, 6, 1 + day, 3)) })
}

async function night(engine: Engine, lines: string[], name = 'sessions'): Promise<void> {
  const file = join(scratch, `${name}-${runs++}.jsonl`)
  writeFileSync(file, lines.join('\n'))
  day++
  await engine.ingest([file], { harness: 'steps' })
  await engine.dream()
}

test('nothing of erased sessions is left in any file, whatever was made of them', async () => {
  const engine = open()
  await trust(engine)
  await night(engine, [...ordinary(30), ...marked(30), ...judgedAlike(24, 300)], 'qzxfile')
  const hold = { file: 'policy.yaml', text: 'format_version: 1\n' }
  await engine.setPolicy(hold, 'user:ana')
  await night(engine, [...ordinary(10, 100), ...marked(16, 50)])
  await decideAndUndo(engine)
  await night(engine, [...ordinary(10, 200), ...marked(4, 90)])

  const seen = { bytes: Object.keys(found(MARKS, folder)), memory: await memoryText(engine) }
  expect(MARKS.filter((it) => !seen.bytes.includes(it))).toEqual(['qzxfile'])
  expect(seen.memory).toContain('qzxtool')
  expect(tableTexts(path, 'change')).toContain('qzxtool')
  expect(tableTexts(path, 'decision')).toContain('qzxedited')
  expect(tableTexts(path, 'dream')).toContain('qzxalike')

  const report = await engine.erase({ person: 'qzxperson' }, { ...ana, reason: 'qzxperson asked for it' })

  expect(report).toMatchObject({ sessions: 74, bytes_left: false })
  expect(report.stores[0]!.memories_removed.join()).toContain('qzxtool')
  expect(found(MARKS, folder)).toEqual({})
  expect((await engine.verifyAudit()).broken).toBe(null)
  await engine.close()
  expect(found(MARKS, folder)).toEqual({})
  expect(sqliteCheck(path)).toEqual(['ok'])
})

/** A person approves some of what waits, edits one, rejects one, adopts, and takes one back. */
async function decideAndUndo(engine: Engine): Promise<void> {
  const { data } = await engine.changes()
  expect(data.length).toBeGreaterThan(2)
  const [first, second, ...others] = data
  const approved = { decision: 'approved', reason: '', edited: null, until: null, covered_by: null } as const
  const edited = `${first!.after}\nAs qzxedited.\n`
  await engine.decide([{ id: first!.id }], { ...approved, edited, reason: 'with the date' }, 'user:ana')
  const rejected = { ...approved, decision: 'rejected' } as const
  await engine.decide([{ id: second!.id }], { ...rejected, reason: 'not for everybody' }, 'user:ana')
  await engine.decide(
    others.map(({ id }) => ({ id })),
    approved,
    'user:ana',
  )
  await engine.adopt({}, 'user:ana')
  await engine.undo(others[0]!.id, { as: 'user:ana', reason: 'it is wrong' })
}

async function memoryText(engine: Engine): Promise<string> {
  const { data } = await engine.memories(undefined, { limit: 1_000 })
  return data.map((it) => it.content).join('\n')
}

function tableTexts(database: string, table: string): string {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const rows = sqlite.prepare(`SELECT * FROM ${table}`).all()
  sqlite.close()
  return JSON.stringify(rows)
}

function sqliteCheck(database: string): unknown[] {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const rows = sqlite.prepare('PRAGMA integrity_check').all()
  const broken = sqlite.prepare('PRAGMA foreign_key_check').all()
  sqlite.close()
  return [...rows.map((it) => it.integrity_check), ...broken]
}
