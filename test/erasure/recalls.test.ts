/** What a session was given, the lots that it drew and what it came to in numbers go with it, by whichever name it recalled. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Engine, openEngine, openWorkspaces } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { found } from './bytes.ts'
import { at, MARKS, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-erase-recalls-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const ana = { as: 'user:ana', dry_run: false } as const
let engine: Engine
let folder: string
let today: Date

beforeEach(async () => {
  folder = mkdtempSync(join(scratch, 'run-'))
  today = new Date(at(100))
  engine = openEngine({ database: join(folder, 'reverie.db'), now: () => today })
  await trust(engine)
  await ingest(ordinary(40))
  await engine.dream()
  return () => engine.close()
})

async function ingest(lines: string[]): Promise<void> {
  const file = join(scratch, 'sessions.jsonl')
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file], { harness: 'steps' })
}

async function recall(session: string | undefined, person?: string, task?: string): Promise<string> {
  return (await engine.recall({ agent: 'desk', session, person, task }, 'user:ana')).id!
}

const TABLES = ['recall', 'recall_memory', 'assignment', 'session_measures', 'experiment'] as const

function rowsOf(table: (typeof TABLES)[number]): Record<string, unknown>[] {
  const sqlite = new DatabaseSync(join(folder, 'reverie.db'), { readOnly: true })
  const rows = sqlite.prepare(`SELECT * FROM ${table}`).all()
  sqlite.close()
  return rows
}

function recalls(): unknown[] {
  return rowsOf('recall').map((it) => it.id)
}

test('what a person was given goes with their sessions to the last byte, and what others were given stays', async () => {
  await recall('qzxsession-60', 'qzxperson', 'qzxtask-4')
  await recall('qzxsession-61')
  // Of a session that never came, and of none.
  await recall('qzxsession-99', 'qzxperson')
  await recall(undefined, 'qzxperson')
  const others = [await recall('ordinary-200', 'ana'), await recall('somebody-else'), await recall(undefined)]
  await ingest([...marked(6, 60), ...ordinary(1, 200)])
  await engine.dream()
  const measured = rowsOf('session_measures').length

  const dry = await engine.erase({ person: 'qzxperson' }, { ...ana, dry_run: true })
  expect(dry).toMatchObject({ sessions: 6, recalls: 4 })
  expect(await engine.erase({ person: 'qzxperson' }, ana)).toMatchObject({ ...dry, dry_run: false })

  expect(found(MARKS, folder)).toEqual({})
  expect(recalls()).toEqual(others)
  for (const table of ['recall_memory', 'assignment'] as const) {
    expect(rowsOf(table).length).toBeGreaterThan(0)
    expect(rowsOf(table).filter((it) => !others.includes(String(it.recall_id)))).toEqual([])
  }
  expect(rowsOf('session_measures')).toHaveLength(measured - 6)
  expect((await engine.verifyAudit()).broken).toBe(null)
})

test.each([
  { recalled: 'external', erased: 'external' },
  { recalled: 'external', erased: 'our' },
  { recalled: 'our', erased: 'external' },
  { recalled: 'our', erased: 'our' },
] as const)(
  'of a session that recalled by its $recalled id and is erased by its $erased one nothing is left',
  async (by) => {
    await ingest(ordinary(1, 200))
    const names = { external: 'ordinary-200', our: (await engine.session('ordinary-200')).row.id }
    await recall(names[by.recalled])
    const other = await recall('ordinary-1')

    expect(await engine.erase({ session_ids: [names[by.erased]] }, ana)).toMatchObject({
      sessions: 1,
      recalls: 1,
    })

    expect(recalls()).toEqual([other])
  },
)

test('a session is a person’s when it recalled for that person, whatever its transcript says', async () => {
  await recall('ordinary-200', 'dora')
  await ingest(ordinary(2, 200))

  expect(await engine.erase({ person: 'dora' }, ana)).toMatchObject({ sessions: 1, recalls: 1 })

  await expect(engine.session('ordinary-200')).rejects.toThrow('no session')
  await engine.session('ordinary-201')
})

test('what was recalled for a session that never came is erased by the name it was to have', async () => {
  const [first, second] = [await recall('qzxsession-1'), await recall('qzxsession-2')]

  expect(await engine.erase({ session_ids: ['qzxsession-1'] }, ana)).toMatchObject({
    sessions: 0,
    recalls: 1,
  })

  expect(recalls()).toEqual([second])
  expect((await engine.audit()).data[0]).toMatchObject({ action: 'sessions.erased', object: first })
  expect(await engine.erase({ session_ids: ['qzxsession-1'] }, ana)).toMatchObject({ recalls: 0 })
  await expect(engine.erase({ session_ids: ['qzxsession-3'] }, ana)).rejects.toThrow('there is no session')
})

test('what a subagent was given goes when its parent goes', async () => {
  const line = (i: number, type: 'user' | 'assistant', more: object) =>
    JSON.stringify({
      ...{
        type,
        uuid: `u${i}`,
        parentUuid: i === 0 ? null : `u${i - 1}`,
        sessionId: 'qzxsession',
        cwd: '/srv/app',
      },
      ...{ timestamp: at(i), message: { role: type, content: 'qzxprompt' }, ...more },
    })
  const lines = [0, 1].flatMap((side) =>
    (['user', 'assistant'] as const).map((type, i) =>
      line(2 * side + i, type, side === 0 ? {} : { isSidechain: true, agentId: 'qzxtool' }),
    ),
  )
  const file = join(scratch, 'qzxsession.jsonl')
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file], { harness: 'claude-code' })
  const subagent = (await engine.sessions({ limit: 99 })).data.find(
    (it) => it.parent_external_session_id !== null,
  )!
  await recall('qzxsession')
  await recall(subagent.external_session_id)
  await recall(subagent.id)

  expect(await engine.erase({ session_ids: ['qzxsession'] }, ana)).toMatchObject({ sessions: 2, recalls: 3 })

  expect(recalls()).toEqual([])
  expect(found(MARKS, folder)).toEqual({})
})

describe('retention', () => {
  beforeEach(async () => {
    const text = `format_version: 1\nretention:\n  - { agent: desk, sessions: 30d }\n`
    await engine.setPolicy({ file: 'policy.yaml', text }, 'user:ana')
  })

  test('takes what was recalled for nobody, or for a session that never came, at the age of a session', async () => {
    await recall('qzxsession-1')
    await recall(undefined, 'qzxperson')
    today = new Date(at(129))
    const young = await recall('qzxsession-2')
    expect((await engine.retain(false)).erased.recalls).toBe(0)
    today = new Date(at(131))

    expect((await engine.retain(true)).erased).toMatchObject({ recalls: 2 })
    expect((await engine.retain(false)).erased).toMatchObject({ recalls: 2 })

    expect(recalls()).toEqual([young])
    expect(found(['qzxsession-1', 'qzxperson'], folder)).toEqual({})
  })

  test('keeps what a session was given for as long as the session', async () => {
    const id = await recall('ordinary-130')
    today = new Date(at(131))
    await ingest(ordinary(1, 130))
    today = new Date(at(159))
    await engine.retain(false)
    expect(recalls()).toEqual([id])
    today = new Date(at(161))
    await engine.retain(false)
    expect(recalls()).toEqual([])
  })
})

test('what experiments measured is measured anew without the sessions that are gone', async () => {
  await recall('ordinary-200')
  await ingest(ordinary(3, 200))
  const sqlite = new DatabaseSync(join(folder, 'reverie.db'))
  sqlite.exec(`UPDATE experiment SET lifts = '[{"metric":"tokens"}]', measured_at = '2026-04-15T00:00:00Z'`)
  const ended = `UPDATE experiment SET status = 'ended', ended_at = '2026-04-16T00:00:00Z' WHERE kind = 'lesson'`
  const n_ended = sqlite.prepare(ended).run().changes
  sqlite.close()
  expect(n_ended).toBeGreaterThan(0)

  await engine.erase({ session_ids: ['ordinary-200'] }, ana)

  const measured = (status: string) =>
    new Set(
      rowsOf('experiment').flatMap((it) => (it.status === status ? [`${it.lifts} ${it.measured_at}`] : [])),
    )
  expect(measured('running')).toEqual(new Set(['[] null']))
  // One that has ended is history: numbers over all of its sessions.
  expect(measured('ended')).toEqual(new Set(['[{"metric":"tokens"}] 2026-04-15T00:00:00Z']))
})

test('a memory store that is deleted takes with it what was given of it, and its experiments', async () => {
  await recall('qzxsession-1', 'qzxperson')
  const { memory_store_id } = await engine.recallById(String(recalls()[0]))
  await engine.deleteStore(memory_store_id, 'user:ana')
  for (const table of ['recall', 'recall_memory', 'assignment', 'experiment'] as const)
    expect([table, rowsOf(table)]).toEqual([table, []])
  await engine.finishErasure()
  expect(found(MARKS, folder)).toEqual({})
})

test('another workspace keeps what its sessions of the same names and persons were given', async () => {
  const database = join(folder, 'reverie.db')
  const workspaces = openWorkspaces({ database })
  await workspaces.create({ name: 'elsewhere' }, 'user:ana')
  await workspaces.close()
  const elsewhere = openEngine({ database, workspace: 'elsewhere', now: () => today })
  const file = join(scratch, 'elsewhere.jsonl')
  writeFileSync(file, ordinary(40).join('\n'))
  await elsewhere.ingest([file], { harness: 'steps' })
  await elsewhere.dream()
  const there = await elsewhere.recall({ agent: 'desk', session: 'ordinary-200', person: 'ana' }, 'user:ana')
  await recall('ordinary-200', 'ana')

  await engine.erase({ session_ids: ['ordinary-200'] }, ana)
  await engine.erase({ person: 'ana' }, ana)

  expect(recalls()).toEqual([there.id])
  await elsewhere.close()
})
