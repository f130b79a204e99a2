/**
 * The hooks of Claude Code, as it calls them: a process of their own, told on stdin, in a home of its own.
 *
 * What is said of time holds of the bundle on an idle machine, and is measured by `npm run bench:hook`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MIGRATIONS, migrate } from '../../src/db/migrate.ts'
import { isRecalled } from '../../src/domain/recalled-memory.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { openDesk } from '../govern/desk.ts'
import { CaughtUp, HookAnswer } from './json-shapes.ts'
import { type Ended, reverie, reverieJson } from './reverie.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/reverie-test', import.meta.url))

let home: string
let data: string
let database: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reverie-hook-'))
  data = join(home, '.local', 'share', 'reverie')
  database = join(data, 'reverie.db')
})
afterEach(async () => {
  await quiet()
  // Somebody may still be saying in the log that another is at it.
  rmSync(home, { recursive: true, maxRetries: 5, retryDelay: 200 })
})

test('a session is given what was learned, and ends as one session with its recall attached', async () => {
  await remember('Run `npm run lint` before `git commit`.')
  const session = told('acme-api', 'session-1')

  const begun = await hook('session-start', session)
  transcript(session, begun.answer.hookSpecificOutput!.additionalContext)
  const ended = await hook('session-end', session)
  await stored(1)

  const given = begun.answer.hookSpecificOutput!.additionalContext
  expect(begun.answer.hookSpecificOutput!.hookEventName).toBe('SessionStart')
  expect(given).toContain('Run `npm run lint` before `git commit`.')
  expect(ended.answer).toEqual({})
  await withEngine(async (engine) => {
    const { data: sessions } = await engine.sessions()
    expect(sessions).toMatchObject([{ external_session_id: 'session-1', agent: 'claude-code:acme-api' }])
    const { data: recalls } = await engine.recalls({ session: sessions[0]!.id })
    expect(recalls).toMatchObject([
      { session_key: 'session-1', agent: 'claude-code:acme-api', memories: [{ given: 'delivered' }] },
    ])
    const { session: whole } = await engine.session(sessions[0]!.id)
    const telling = whole!.events.filter((it) => JSON.stringify(it).includes('npm run lint'))
    expect(telling.map(isRecalled)).toEqual([true])
  })
})

test.each([
  { where: 'a folder below the project', cwd: '/home/ada/acme-api/src', agent: 'claude-code:src' },
  { where: 'a worktree', cwd: '/home/ada/acme-api-wt/', agent: 'claude-code:acme-api-wt' },
  { where: 'Windows', cwd: 'C:\\code\\acme-api', agent: 'claude-code:acme-api' },
])(
  'the agent of a session that begins in $where is that of the session when it is stored',
  async ({ cwd, agent }) => {
    await remember('Write to the log.', agent)
    const session = { ...told('x', 'session-1'), cwd }

    const begun = await hook('session-start', session)
    transcript(session, '')
    await hook('session-end', session)
    await stored(1)

    expect(begun.answer.hookSpecificOutput?.additionalContext).toContain('Write to the log.')
    await withEngine(async (engine) => expect((await engine.sessions()).data).toMatchObject([{ agent }]))
  },
)

test('a session that goes on in another folder is still that of the project it began in', async () => {
  await remember('Write to the log.')
  const session = told('acme-api', 'session-1')
  transcript(session, '')

  const { answer } = await hook('session-start', { ...session, cwd: '/tmp/elsewhere', source: 'resume' })

  expect(answer.hookSpecificOutput?.additionalContext).toContain('Write to the log.')
})

test('where nothing was learned yet nothing is said, and nothing is made', async () => {
  const { answer, stdout } = await hook('session-start', told('acme-api', 'session-1'))

  expect([answer, stdout, existsSync(database)]).toEqual([{}, '', false])
})

test('that lessons wait for a decision is told once a dream', async () => {
  await dreamWithChanges()
  const session = told('acme-api', 'session-1')

  const answers = [await hook('session-start', session), await hook('session-start', session)]

  expect(answers.map((it) => it.answer.systemMessage)).toEqual([
    expect.stringMatching(/^3 lessons wait for your decision: .*decide$/),
    undefined,
  ])
})

test.each([
  { name: 'damaged', harm: () => writeFileSync(database, 'no database at all'.repeat(999)) },
  { name: 'gone', harm: () => rmSync(database) },
  { name: 'of a newer version', harm: () => sql("INSERT INTO migration VALUES ('9999-later', '')") },
  { name: 'that of another program', harm: () => sql('PRAGMA application_id = 7') },
])('a database that is $name keeps no session from beginning, and it is said once', async ({ harm }) => {
  await remember('Write to the log.')
  const session = told('acme-api', 'session-1')
  const well = await hook('session-start', session)
  const kept = readFileSync(database)
  for (const it of ['-wal', '-shm']) rmSync(database + it, { force: true })
  harm()

  const first = await hook('session-start', session)
  const second = await hook('session-start', session)
  writeFileSync(database, kept)
  const mended = await hook('session-start', session)
  harm()
  const again = await hook('session-start', session)
  const end = await hook('session-end', session)

  expect(well.answer.hookSpecificOutput).toBeDefined()
  expect(first.answer.systemMessage).toMatch(/^Reverie could not read its memory \(.+\)\. Sessions go on/)
  expect([second.answer, end.answer]).toEqual([{}, {}])
  expect(mended.answer.hookSpecificOutput).toBeDefined()
  expect(again.answer.systemMessage).toBe(first.answer.systemMessage)
})

test('a database that another program keeps is not waited for', async () => {
  await remember('Write to the log.')
  const other = new DatabaseSync(database)
  other.exec('BEGIN IMMEDIATE')

  let answer: unknown = {}
  let took_ms = 0
  // Where the machine is so busy that the time is over before the database is asked, a session goes without and nothing is wrong.
  await until(async () => {
    const began = performance.now()
    ;({ answer } = await hook('session-start', told('acme-api', 'session-1')))
    took_ms = performance.now() - began
    return JSON.stringify(answer) !== '{}'
  })
  other.exec('ROLLBACK')
  other.close()

  expect(answer).toEqual({ systemMessage: expect.stringMatching(/could not read its memory/) })
  // Most of it is the start of a process from its sources, on a machine that runs other tests.
  expect(took_ms).toBeLessThan(10_000)
  await withEngine(async (engine) => expect((await engine.recalls()).data).toEqual([]))
})

test('a database of an older version is brought up to date in the background, and the session goes without', async () => {
  mkdirSync(data, { recursive: true })
  const old = new DatabaseSync(database, { timeout: 10_000 })
  migrate(old, MIGRATIONS.slice(0, -1))
  const applied = () => Number(old.prepare('SELECT count(*) AS n FROM migration').get()!.n)

  const { answer } = await hook('session-start', told('acme-api', 'session-1'))
  await until(async () => applied() === MIGRATIONS.length)
  old.close()

  expect(answer).toEqual({})
})

test('where not even that can be written down that it was said, nothing is said', async () => {
  mkdirSync(join(home, '.local', 'share'), { recursive: true })
  writeFileSync(data, 'a file in the place of the folder')

  const start = await hook('session-start', told('acme-api', 'session-1'))
  const bad = await hook('session-start', 'no JSON')
  const end = await hook('session-end', told('acme-api', 'session-1'))
  rmSync(data)

  expect([start.answer, bad.answer, end.answer]).toEqual([{}, {}, {}])
})

test.each(['', 'null', '[]', '"a"', '{}', '{"session_id": 7}', '{"session_id": ""}', '{"session_id"'])(
  'what is not understood, as %j, is said once, and nothing fails',
  async (input) => {
    const [first, second] = [await hook('session-start', input), await hook('session-end', input)]

    expect(first.answer).toEqual({ systemMessage: expect.stringMatching(/was not understood/) })
    expect(second.answer).toEqual({})
  },
)

test('what a harness calls a session or a transcript becomes no path', async () => {
  const outside = join(home, 'secret.txt')
  writeFileSync(outside, '{"type":"user","message":{"role":"user","content":"hello"},"uuid":"u1"}\n')
  const session = {
    session_id: '../../../../etc/\u001b[2J',
    cwd: '/home/ada/\u001b[2J../..',
    transcript_path: outside,
  }

  const start = await hook('session-start', session)
  const end = await hook('session-end', session)
  await quiet()

  expect([start.stdout, end.stdout]).toEqual(['', ''])
  await withEngine(async (engine) => expect((await engine.sessions()).data).toEqual([]))
  expect(readdirSync(home).sort()).toEqual(['.local', 'secret.txt'])
})

test('sessions whose end nobody told of are stored with the next of their project', async () => {
  const missed = told('acme-api', 'missed')
  const recent = told('acme-api', 'goes-on')
  for (const it of [missed, recent]) transcript(it, '')
  const two_hours_ago = Date.now() / 1000 - 7_200
  utimesSync(missed.transcript_path, two_hours_ago, two_hours_ago)
  const session = told('acme-api', 'session-1')
  transcript(session, '')

  await hook('session-end', session)
  await stored(2)

  expect(await names()).toEqual(['missed', 'session-1'])
})

test('twenty sessions that end at once are stored once each', async () => {
  const sessions = Array.from({ length: 20 }, (_, i) => told('acme-api', `session-${i}`))
  for (const it of sessions) transcript(it, '')

  const ended = await Promise.all(sessions.map((it) => hook('session-end', it)))
  await stored(20)

  expect(ended.map((it) => it.answer)).toEqual(sessions.map(() => ({})))
  expect(await names()).toEqual(sessions.map((it) => it.session_id).sort())
  expect(left()).toEqual([])
}, 60_000)

test('what was killed halfway is done by the next', async () => {
  const first = told('acme-api', 'session-1')
  transcript(first, '')
  await hook('session-end', first)
  process.kill(await holder(), 'SIGKILL')
  // In a container nobody may take notice of its end; then its lock counts for as long as a minute.
  const long_ago = Date.now() / 1000 - 3_600
  for (const it of hookFolders()) utimesSync(join(it, 'lock'), long_ago, long_ago)
  const waiting = left().length
  const second = told('acme-api', 'session-2')
  transcript(second, '')

  await hook('session-end', second)
  await stored(2)

  expect(waiting).toBe(1)
  expect(await names()).toEqual(['session-1', 'session-2'])
})

test('a transcript that cannot be stored stays written down, and keeps no other from being stored', async () => {
  const session = told('acme-api', 'session-1')
  transcript(session, '')
  await remember('Write to the log.')
  sql("CREATE TRIGGER refuse BEFORE INSERT ON session BEGIN SELECT raise(ABORT, 'refused'); END")
  await hook('session-end', session)
  await until(async () => logged().includes('failed'))
  await quiet()
  const waiting = left().length
  sql('DROP TRIGGER refuse')

  const caught_up = CaughtUp.parse(await reverieJson(['hook', 'catch-up'], { home }))

  expect(waiting).toBe(1)
  expect(caught_up).toMatchObject({ sessions_new: 1, failed: [], is_elsewhere: false })
  expect(left()).toEqual([])
})

test('an agent is dreamed for once a day, where sessions have come since', async () => {
  mkdirSync(data, { recursive: true })
  const dreamed: number[] = []
  for (const [id, hour] of [
    ['a', 0],
    ['b', 1],
    ['b', 30],
    ['c', 31],
    ['c', 60],
  ] as const) {
    const session = told('acme-api', id)
    transcript(session, '')
    const now = () => new Date(Date.UTC(2026, 10, 3, hour))
    const engine = openEngine({ database, now })
    await engine.storeEnded([session.transcript_path])
    dreamed.push((await engine.dreamWhereDue([session.transcript_path])).length)
    await engine.close()
  }

  expect(dreamed).toEqual([1, 0, 1, 0, 1])
})

test('the background dreams for an agent that nobody has dreamed for', async () => {
  const session = told('acme-api', 'session-1')
  transcript(session, '')

  await hook('session-end', session)
  await stored(1)
  await quiet()

  await withEngine(async (engine) =>
    expect((await engine.dreams()).data).toMatchObject([
      { agent: 'claude-code:acme-api', status: 'completed' },
    ]),
  )
})

test('personal data that is to be redacted is', async () => {
  const session = told('acme-api', 'session-1')
  transcript(session, '', 'Write to ada@lovelace.org please.')

  await hook('session-end', session, { REVERIE_REDACT: 'email' })
  await stored(1)

  const shown = await reverieJson(['sessions', 'show', 'session-1'], { home })
  expect(JSON.stringify(shown)).toContain('Write to')
  expect(JSON.stringify(shown)).not.toContain('ada@lovelace.org')
})

test('what a session said is to be redacted is, whoever stores it later', async () => {
  const session = told('acme-api', 'session-1')
  transcript(session, '', 'Write to ada@lovelace.org please.')
  await remember('Write to the log.')
  sql("CREATE TRIGGER refuse BEFORE INSERT ON session BEGIN SELECT raise(ABORT, 'refused'); END")
  await hook('session-end', session, { REVERIE_REDACT: 'email' })
  await until(async () => logged().includes('failed'))
  await quiet()
  sql('DROP TRIGGER refuse')

  await reverie(['hook', 'catch-up'], { home })

  const shown = await reverieJson(['sessions', 'show', 'session-1'], { home })
  expect(JSON.stringify(shown)).toContain('Write to')
  expect(JSON.stringify(shown)).not.toContain('ada@lovelace.org')
})

test('options that a later version adds to an older installation are passed over', async () => {
  const { exit_code, stderr } = await reverie(['hook', 'session-start', '--later', 'thing'], { home })

  expect([exit_code, stderr]).toEqual([0, ''])
})

// ---------------------------------------------------------------- the world

type Told = { session_id: string; transcript_path: string; cwd: string }

function told(project: string, session_id: string): Told {
  const folder = join(home, 'projects', project)
  return { session_id, transcript_path: join(folder, `${session_id}.jsonl`), cwd: `/home/ada/${project}` }
}

type Hooked = Ended & {
  answer: {
    systemMessage?: string
    hookSpecificOutput?: { hookEventName: string; additionalContext: string }
  }
}

async function hook(name: string, input: object | string, env: Record<string, string> = {}): Promise<Hooked> {
  const child = spawn(process.execPath, [main, 'hook', name], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, NODE_COMPILE_CACHE, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(typeof input === 'string' ? input : JSON.stringify(input))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  expect([stderr, child.exitCode]).toEqual(['', 0])
  return { stdout, stderr, exit_code: 0, answer: HookAnswer.parse(JSON.parse(stdout || '{}')) }
}

/** A session as Claude Code writes it, with what it was given before its first message. */
function transcript(
  { session_id, transcript_path, cwd }: Told,
  given: string,
  words = 'Please add a test.',
): void {
  const of = (uuid: string, parentUuid: string | null, second: number, type: string, content: unknown) =>
    JSON.stringify({
      ...{ uuid: `${session_id}-${uuid}`, parentUuid: parentUuid && `${session_id}-${parentUuid}` },
      ...{ isSidechain: false, cwd, sessionId: session_id, version: '2.1.40', type },
      message: { role: type, content },
      timestamp: `2026-11-03T09:00:0${second}.000Z`,
    })
  mkdirSync(join(transcript_path, '..'), { recursive: true })
  const lines = [
    of('u1', null, 1, 'user', `${given}\n\n${words} (${session_id})`),
    of('a1', 'u1', 2, 'assistant', [{ type: 'text', text: 'Done.' }]),
  ]
  writeFileSync(transcript_path, `${lines.join('\n')}\n`)
}

/** A memory that a person wrote, so that every session is given it, whatever lot it draws. */
async function remember(words: string, agent = 'claude-code:acme-api'): Promise<void> {
  mkdirSync(data, { recursive: true })
  await withEngine(async (engine) => {
    writeFileSync(
      join(home, 'first.jsonl'),
      JSON.stringify({ agent, id: 'first', steps: [{ role: 'user', text: 'Hello' }] }),
    )
    await engine.ingest([join(home, 'first.jsonl')])
    await engine.dream({ agent })
    const [first] = (await engine.sessions()).data
    const { id } = await engine.memoryStore(agent)
    await engine.createMemory(id, { path: '/by-hand.md', content: words }, 'user:ada')
    await engine.erase({ session_ids: [first!.id] }, { as: 'user:ada', dry_run: false })
  })
  rmSync(join(home, 'first.jsonl'))
}

/** Three calls that fail unless another came first, again and again: a person has to decide on each. */
async function dreamWithChanges(): Promise<void> {
  const desk = await openDesk(home)
  const file = desk.sessionFile(['book', 'cancel', 'refund'])
  await desk.engine.close()
  mkdirSync(data, { recursive: true })
  await withEngine(async (engine) => {
    await engine.ingest([file], { agent: 'claude-code:acme-api' })
    const [report] = await engine.dream()
    expect(report!.changes).toHaveLength(3)
  })
}

async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = openEngine({ database })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

function sql(statement: string): void {
  const sqlite = new DatabaseSync(database)
  sqlite.exec(statement)
  sqlite.close()
}

async function names(): Promise<string[]> {
  const rows = await withEngine(async (engine) => (await engine.sessions({ limit: 99 })).data)
  return rows.map((it) => it.external_session_id).sort()
}

/** Waits for the background to have stored so many. */
async function stored(count: number): Promise<void> {
  await until(async () => existsSync(database) && (await names().catch(() => [])).length === count)
}

async function quiet(): Promise<void> {
  await until(async () => hookFolders().every((it) => !existsSync(join(it, 'lock'))))
}

async function holder(): Promise<number> {
  const lock = () =>
    hookFolders()
      .map((it) => join(it, 'lock'))
      .find((it) => existsSync(it) && readFileSync(it, 'utf8') !== '')
  await until(async () => lock() !== undefined)
  return Number(readFileSync(lock()!, 'utf8'))
}

/** What is written down and not stored. */
function left(): string[] {
  return hookFolders().flatMap((it) => (existsSync(join(it, 'ended')) ? readdirSync(join(it, 'ended')) : []))
}

function logged(): string {
  const log = join(data, 'hooks.log')
  return existsSync(log) ? readFileSync(log, 'utf8') : ''
}

function hookFolders(): string[] {
  const folder = join(data, 'hooks')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((it) =>
    it.isDirectory() ? [join(folder, it.name)] : [],
  )
}

async function until(is_so: () => Promise<boolean>): Promise<void> {
  for (let waited_ms = 0; !(await is_so()); waited_ms += 50) {
    if (waited_ms > 30_000) throw new Error('waited too long')
    await setTimeout(50)
  }
}
