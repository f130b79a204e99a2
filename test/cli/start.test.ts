/** The first command a stranger runs: on a machine without sessions, again, and on one that has some. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Started } from './json-shapes.ts'
import { type Ended, reverie, reverieJson } from './reverie.ts'

const root = mkdtempSync(join(tmpdir(), 'reverie-start-'))
afterAll(() => rmSync(root, { recursive: true }))

const DATA_FOLDER =
  process.platform === 'darwin' ? 'Library/Application Support/reverie' : '.local/share/reverie'
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

describe('where the machine has no sessions', () => {
  const home = newHome('empty')
  let first: Ended
  let second: Ended
  beforeAll(async () => {
    first = await reverie(['start'], { home })
    second = await reverie(['start'], { home })
  })

  test('it says so and dreams over the sample', () => {
    expect(first.stdout).toContain('No agent sessions found')
    expect(first.stdout).toContain('Lessons of compliance-desk')
    expect(first.stdout).toContain('Call `get_customer` before `update_record`.')
    expect(first.exit_code).toBe(0)
  })

  test('each lesson comes with a quote, at most ten are shown', () => {
    const lessons = first.stdout.split(/^\* /m).slice(1)

    expect(lessons.length).toBeGreaterThan(4)
    expect(lessons.length).toBeLessThanOrEqual(10)
    for (const it of lessons) expect(it).toMatch(/^ {4}(a person|the agent|a tool|the web): ".+/m)
  })

  test('it says what changed in the memory', () => {
    expect(first.stdout).toMatch(/^ {2}\+ new +\/mistakes\/\S+\.md$/m)
  })

  test.each(['all lessons', 'what the memory holds', 'sessions from elsewhere'])(
    'the command for %s works as printed',
    (what) => expect(runAsPrinted(first, what, home)).not.toBe(''),
  )

  test('the command for the evidence shows the first lesson', () => {
    const lesson = /^\* (.+)$/m.exec(first.stdout)![1]!

    expect(runAsPrinted(first, 'the quotes behind the first lesson', home)).toContain(lesson)
  })

  test('the second time nothing is new, and the lessons are still there', () => {
    expect(second.stdout).toContain('Nothing is new')
    expect(second.stdout).toContain('No new sessions of 1 agent.')
    expect(lessonsOf(second)).toBe(lessonsOf(first))
    expect(second.exit_code).toBe(0)
  })

  test('everything it wrote is in the data folder', () => {
    expect(filesIn(home).filter((it) => !it.startsWith(DATA_FOLDER))).toEqual([])
  })

  test('the lessons of the sample are not among one’s own', async () => {
    const own = await reverieJson(['lessons', '--candidates'], { home })

    expect(own.data).toEqual([])
  })

  test('JSON says that it is the sample', async () => {
    const it = Started.parse(await reverieJson(['start'], { home }))

    expect(it).toMatchObject({ is_sample: true, folders: [], ingest: { sessions_new: 0 } })
    expect(it.database).toBe(join(home, DATA_FOLDER, 'sample.db'))
    expect(it.lessons.length).toBeLessThanOrEqual(10)
    expect(it.lessons_by_agent['compliance-desk']).toBeGreaterThanOrEqual(it.lessons.length)
  })
})

test('commands for the sample name its database, whichever database was asked for', async () => {
  const home = newHome('elsewhere')
  const started = await reverie(['start', '--db', 'mine.db'], { home })

  expect(runAsPrinted(started, 'what the memory holds', home)).toMatch(/\d+ changes wait/)
})

test('the sample is not sent to the model that dreams ask as a rule', async () => {
  const home = newHome('model')
  const models_file = join(home, 'models.yaml')
  writeFileSync(models_file, 'default: ollama/llama3\n')
  const it = Started.parse(await reverieJson(['start'], { home, env: { REVERIE_MODELS: models_file } }))

  expect(it).toMatchObject({ is_sample: true, failed: [] })
  expect(it.dreams[0]!.dream).toMatchObject({ model: null, spending: null })
})

test('where no dream came to its end, it does not say that there is nothing to learn', async () => {
  const home = newHome('refused')
  const project = join(home, '.claude', 'projects', '-home-ann-acme-api')
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, `${sessionId(0)}.jsonl`), claudeCodeSession(0))
  const models_file = join(home, 'models.yaml')
  writeFileSync(models_file, 'default: ollama/llama3\n')
  const { stdout } = await reverie(['start'], { home, env: { REVERIE_MODELS: models_file } })

  expect(stdout).toContain('No dream came to its end; why is told below.')
  expect(stdout).not.toContain('told from chance')
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('--model-host localhost:11434')
})

describe('where Claude Code keeps sessions', () => {
  const home = newHome('claude')
  const project = join(home, '.claude', 'projects', '-home-ann-acme-api')
  let first: Ended
  let before: string[]
  beforeAll(async () => {
    mkdirSync(project, { recursive: true })
    for (let i = 0; i < 9; i++) writeFileSync(join(project, `${sessionId(i)}.jsonl`), claudeCodeSession(i))
    writeFileSync(join(project, 'notes.json'), '{"not": "a transcript"}')
    before = stateOf(join(home, '.claude'))
    first = await reverie(['start'], { home })
  })

  test('it reads them and makes no sample', () => {
    expect(first.stdout).toContain(`Claude Code: ${join(home, '.claude', 'projects')}`)
    expect(first.stdout).toMatch(/^claude-code +9 +0 /m)
    expect(first.stdout).not.toContain('compliance-desk')
    expect(filesIn(home).filter((it) => it.includes('sample'))).toEqual([])
  })

  test('it tells what it could not read, and why', () => {
    expect(first.stdout).toMatch(/Skipped 1 time:\n +not recognised/)
    expect(first.stdout).toContain('notes.json')
  })

  test('it tells a lesson from them, with what was said', () => {
    expect(first.stdout).toContain('deploy')
    expect(first.stdout).toMatch(/^ {4}a tool: ".*no such target/m)
  })

  test('it leaves them as they were, and writes only into the data folder', () => {
    expect(stateOf(join(home, '.claude'))).toEqual(before)
    expect(filesIn(home).filter((it) => !it.startsWith('.claude') && !it.startsWith(DATA_FOLDER))).toEqual([])
  })

  test('the second time only what was added is new', async () => {
    writeFileSync(join(project, `${sessionId(9)}.jsonl`), claudeCodeSession(9))
    const { stdout } = await reverie(['start'], { home })

    expect(stdout).toMatch(/^claude-code +1 +9 /m)
  })
})

test('XDG_DATA_HOME moves the data folder', async () => {
  const home = newHome('xdg')
  if (process.platform !== 'linux') return
  await reverie(['start'], { home, env: { XDG_DATA_HOME: join(home, 'data') } })

  expect(filesIn(home).filter((it) => !it.startsWith('data/reverie/'))).toEqual([])
  expect(filesIn(home)).toContain('data/reverie/sample.db')
})

function newHome(name: string): string {
  const home = join(root, name)
  mkdirSync(home)
  return home
}

/** Runs the command under that heading through a shell, with the way to call the command line replaced by the real one. */
function runAsPrinted({ stdout }: Ended, what: string, home: string): string {
  const command = stdout.split(`  ${what}:\n`)[1]!.split('\n')[0]!.trim()
  const args = command.replace(/^npm run -s reverie -- /, '')
  expect(args).not.toBe(command)
  const line = `"${process.execPath}" "${main}" ${args}`
  return execFileSync('sh', ['-c', line], { cwd: home, encoding: 'utf8', env: { HOME: home } })
}

function lessonsOf({ stdout }: Ended): string {
  return stdout.slice(stdout.indexOf('Lessons of'), stdout.indexOf('Memory\n'))
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name).slice(folder.length + 1))
    .sort()
}

function stateOf(folder: string): string[] {
  return filesIn(folder).map((it) => {
    const path = join(folder, it)
    return `${it} ${statSync(path).mtimeMs} ${readFileSync(path, 'utf8')}`
  })
}

function sessionId(i: number): string {
  return `0a000000-0000-4000-8000-00000000000${i}`
}

/** A person asks for a deploy, and the script that does it refuses, every time. */
function claudeCodeSession(i: number): string {
  const common = {
    sessionId: sessionId(i),
    cwd: '/home/ann/acme-api',
    version: '2.1.0',
    userType: 'external',
  }
  const uuid = (n: number) => `0b0000${i}${n}-0000-4000-8000-000000000000`
  const at = (n: number) => `2026-11-0${1 + (i % 9)}T09:0${n}:00.000Z`
  const call = { type: 'tool_use', id: `toolu_${i}`, name: 'deploy', input: { target: `stage-${i}` } }
  const result = {
    type: 'tool_result',
    tool_use_id: `toolu_${i}`,
    is_error: true,
    content: 'Error: no such target in the plan',
  }
  const entries = [
    { type: 'user', message: { role: 'user', content: `Please deploy ${words[i]} to stage ${i}.` } },
    { type: 'assistant', message: { id: `msg_${i}`, role: 'assistant', model: 'model-4', content: [call] } },
    { type: 'user', message: { role: 'user', content: [result] } },
  ]
  return entries
    .map((it, n) => ({
      ...it,
      ...common,
      uuid: uuid(n),
      parentUuid: n === 0 ? null : uuid(n - 1),
      timestamp: at(n),
    }))
    .map((it) => `${JSON.stringify(it)}\n`)
    .join('')
}

const words = [
  'billing',
  'search',
  'the gateway',
  'mail',
  'the front page',
  'reports',
  'sign-in',
  'the map',
  'chat',
  'sync',
]
