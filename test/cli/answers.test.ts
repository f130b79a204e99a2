/** Every command over one database: what it answers as JSON and as text, page by page, and with which exit code. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-cli-'))
afterAll(() => rmSync(home, { recursive: true }))

const world = { home, env: { REVERIE_DB: join(home, 'answers.db') } }
const answers: Record<string, unknown> = {}
const TRUSTING = join(import.meta.dirname, '../../examples/policies/trusting.yaml')

beforeAll(async () => {
  generateComplianceDesk(join(home, 'desk'))
  writeSteps('refund-desk', [{ id: 'run-1', outcome: null }])
  answers.ingest = await reverieJson(['ingest', 'desk', 'refund-desk.jsonl'], world)
  answers.dry = await reverieJson(['dream', '--dry-run'], world)
  answers.dream = await reverieJson(['dream'], world)
  await reverieJson(['decide', '--all', 'approve', '--yes'], world)
  await reverieJson(['adopt', '--store', 'compliance-desk'], world)
})

describe('JSON', () => {
  test('ingest', () => {
    expect(shapes.Ingest.parse(answers.ingest)).toMatchObject({
      sessions_new: 393,
      sessions_known: 8,
      sessions_skipped: 0,
      by_harness: { steps: { sessions_new: 393 } },
    })
  })

  test('dream: one for each agent, the last one on top, the changes of all', () => {
    const { dream, dreams, changes, failed } = shapes.Dreamed.parse(answers.dream)

    expect(dreams.map((it) => it.dream.agent)).toEqual(['compliance-desk', 'refund-desk'])
    expect(dream).toEqual(dreams[1]!.dream)
    expect(changes).toEqual(dreams.flatMap((it) => it.changes))
    expect(changes.length).toBeGreaterThan(5)
    expect(failed).toEqual([])
  })

  test('dream --dry-run says what would change, and what it said is not there afterwards', async () => {
    const dry = shapes.Dreamed.parse(answers.dry)
    const { data } = await reverieJson(['dreams'], world)

    expect(dry.dry_run).toBe(true)
    expect(dry.changes.map((it) => it.path)).toEqual(
      shapes.Dreamed.parse(answers.dream).changes.map((it) => it.path),
    )
    expect(data).toHaveLength(2)
  })

  test('dream of one agent, when nothing is new', async () => {
    const it = shapes.Dreamed.parse(
      await reverieJson(['dream', '--agent', 'refund-desk', '--since', '2w'], world),
    )

    expect(it.dream).toMatchObject({ status: 'completed', agent: 'refund-desk', result: 'nothing_new' })
    expect(it.dreams).toHaveLength(1)
  })

  test('dream when there is nothing to dream of', async () => {
    const it = await reverieJson(['dream', '--db', 'empty.db'], world)

    expect(shapes.Dreamed.parse(it)).toMatchObject({ dream: null, changes: [], dreams: [] })
  })

  test.each<[args: string, shape: z.ZodType, at_least: number]>([
    ['lessons', shapes.list(shapes.Lesson), 5],
    ['lessons --tier process --store compliance-desk', shapes.list(shapes.Lesson), 3],
    ['lessons --candidates', shapes.list(shapes.Lesson), 5],
    ['risk', shapes.list(shapes.RiskRow), 20],
    ['risk --agent compliance-desk --store compliance-desk', shapes.list(shapes.RiskRow), 20],
    ['doctor', shapes.list(shapes.FitnessRow), 2],
    ['baseline', shapes.list(shapes.BaselineRow), 2],
    ['baseline --agent compliance-desk --by-intent', shapes.list(shapes.BaselineRow), 20],
    ['sessions', shapes.list(shapes.SessionRow), 50],
    ['sessions list --agent refund-desk', shapes.list(shapes.SessionRow), 1],
    ['memory', shapes.list(shapes.MemoryRow), 5],
    ['memory ls --store compliance-desk', shapes.list(shapes.MemoryRow), 5],
    ['memory history /_index.md', shapes.list(shapes.VersionRow), 1],
    ['audit', shapes.list(shapes.AuditRow), 5],
    ['workspace', shapes.list(shapes.WorkspaceRow), 1],
    ['dreams', shapes.list(shapes.OneDream), 2],
    ['dreams list --store refund-desk', shapes.list(shapes.OneDream), 1],
  ])('%s is a list', async (args, shape, at_least) => {
    const { data } = shape.parse(await reverieJson(args.split(' '), world)) as { data: unknown[] }

    expect(data.length).toBeGreaterThanOrEqual(at_least)
  })

  test('models, of which none is configured', async () => {
    const it = shapes.Models.parse(await reverieJson(['models'], world))

    expect(it).toMatchObject({ file: null, default: 'none', wire: null, models: [], night: null })
    expect(it.providers.map((provider) => provider.name)).toContain('anthropic')
  })

  test('drift of one agent, from its first week to its last', async () => {
    const it = shapes.ShownDrift.parse(await reverieJson(['drift', '--agent', 'compliance-desk'], world))

    expect(it).toMatchObject({ agent: 'compliance-desk', window_days: 7, file: null })
    expect(it.before.sessions).toBeGreaterThan(20)
    expect(it.memory!.after.memories).toBe(it.memory!.before.memories)
  })

  test('evidence, by the first characters of a lesson’s id, quotes what stands in the session', async () => {
    const { data: lessons } = await reverieJson(['lessons', '--tier', 'process'], world)
    const id: string = lessons[0].id
    const { lesson, data } = shapes.EvidenceOfLesson.parse(
      await reverieJson(['evidence', id.slice(0, 12)], world),
    )
    const { session_id, event_id, quote, external_session_id } = data[0]!
    const shown = shapes.OneSession.parse(await reverieJson(['sessions', 'show', session_id], world))

    expect(lesson.id).toBe(id)
    expect(data).toHaveLength(lesson.evidence_count)
    expect(shown.session.external_session_id).toBe(external_session_id)
    expect(JSON.stringify(shown.events.find((it) => it.id === event_id))).toContain(
      JSON.stringify(quote).slice(1, -1),
    )
  })

  test('sessions show takes the harness’s own id', async () => {
    const { session } = shapes.OneSession.parse(await reverieJson(['sessions', 'show', 'run-1'], world))

    expect(session).toMatchObject({ external_session_id: 'run-1', agent: 'refund-desk', events: 2 })
  })

  test('workspace create makes what workspace show tells', async () => {
    const made = await reverieJson(
      ['workspace', 'create', 'clinic', '--offline', '--model-host', 'localhost:1', '--region', 'eu'],
      world,
    )
    const shown = await reverieJson(['workspace', 'show', '--workspace', 'clinic'], world)

    expect(shapes.WorkspaceRow.parse(made)).toMatchObject({
      offline: true,
      model_hosts: ['localhost:1'],
      regions: ['eu'],
    })
    expect(shown).toEqual(made)
    expect((await reverieJson(['sessions', '--workspace', 'clinic'], world)).data).toEqual([])
    expect((await reverieJson(['audit', '--workspace', 'clinic'], world)).data).toMatchObject([
      { seq: 1, action: 'workspace.created', object: made.id },
    ])
  })

  test('workspace set changes what is named, and leaves a record where something changed', async () => {
    const set = (...args: string[]) => reverieJson(['workspace', 'set', 'clinic', ...args], world)
    expect(await set('--online', '--model-host', 'api.example.com')).toMatchObject({
      offline: false,
      model_hosts: ['api.example.com'],
      regions: ['eu'],
    })
    expect(await set('--no-hosts', '--any-region')).toMatchObject({ model_hosts: [], regions: [] })
    await set('--no-hosts')
    const { data } = await reverieJson(['audit', '--workspace', 'clinic'], world)
    expect(data.map((it: { action: string }) => it.action)).toEqual([
      'workspace.changed',
      'workspace.changed',
      'workspace.created',
    ])
    const { error } = JSON.parse(
      (await reverie(['workspace', 'set', 'clinik', '--offline', '--json'], world)).stdout,
    )
    expect(error).toMatchObject({ type: 'not_found_error', message: 'there is no workspace clinik' })
  })

  test('memory cat', async () => {
    const it = shapes.MemoryRow.parse(await reverieJson(['memory', 'cat', '_index.md'], world))

    expect(it).toMatchObject({ path: '/_index.md', store: 'compliance-desk' })
    expect(it.content).toMatch(/^# What earlier sessions taught/)
  })

  test('dreams show', async () => {
    const { dreams } = shapes.Dreamed.parse(answers.dream)
    const it = shapes.ShownDream.parse(await reverieJson(['dreams', 'show', dreams[0]!.dream.id], world))

    const as_proposed = it.changes.map((change) => ({
      ...change,
      status: 'undecided',
      memory_version_id: null,
    }))
    expect({ ...it, changes: as_proposed }).toEqual(dreams[0])
    expect(it.changes.every((change) => change.status === 'adopted')).toBe(true)
  })

  test('audit export and audit verify', async () => {
    const { records } = shapes.AuditExported.parse(
      await reverieJson(['audit', 'export', 'audit.jsonl'], world),
    )
    const whole = shapes.AuditVerified.parse(await reverieJson(['audit', 'verify'], world))
    const noted = shapes.AuditVerified.parse(
      await reverieJson(['audit', 'verify', '--head', whole.head.hash], world),
    )

    expect(whole).toMatchObject({ records, broken: null, noted_head: null })
    expect(noted.noted_head).toBe('found')
  })

  test('memory export writes every memory as it is', async () => {
    const it = shapes.Exported.parse(
      await reverieJson(['memory', 'export', 'exported', '--store', 'compliance-desk'], world),
    )
    const { data } = await reverieJson(['memory', '--store', 'compliance-desk', '--limit', '1000'], world)

    expect(it).toMatchObject({
      store: 'compliance-desk',
      memories: data.length,
      files: data.length + 1,
      folder: join(home, 'exported'),
    })
    for (const { path, content } of data)
      expect(readFileSync(join(home, 'exported', path), 'utf8')).toBe(content)
  })

  test.each(['lessons', 'sessions', 'memory', 'dreams', 'evidence', 'memory history _index.md'])(
    '%s gives the same rows page by page as at once',
    async (command) => {
      const args = command === 'evidence' ? ['evidence', await firstLesson()] : command.split(' ')
      const whole: { data: unknown[] } = await reverieJson([...args, '--limit', '1000'], world)
      const size = Math.ceil(whole.data.length / 2)
      const first = await reverieJson([...args, '--limit', String(size)], world)
      const second = first.next_page
        ? await reverieJson([...args, '--limit', String(size), '--page', first.next_page], world)
        : { data: [], next_page: null }

      expect([...first.data, ...second.data]).toEqual(whole.data)
      expect(second.next_page).toBe(null)
    },
  )
})

describe('text', () => {
  test('ingest tells what is new, known and skipped, for each harness', async () => {
    mkdirSync(join(home, 'mixed'), { recursive: true })
    writeFileSync(join(home, 'mixed', 'no-transcript.jsonl'), 'hello\n')
    writeSteps('mixed/known', [{ id: 'run-1', outcome: null }])
    const { stdout, exit_code } = await reverie(['ingest', 'mixed'], world)

    expect(stdout).toMatch(/^harness +new +known +new events +size +removed$/m)
    expect(stdout).toMatch(/^steps +0 +1 +0 /m)
    expect(stdout).toContain('no-transcript.jsonl:1')
    expect(exit_code).toBe(0)
  })

  test('ingest tells which secrets it removed, and no command ever shows one', async () => {
    const key = ['AKIA', 'Q3EGR7ZJ5KPL', 'TX2M'].join('')
    const secret = { text: `aws_access_key_id=${key}`, outcome: null, id: 'run-secret', agent: 'keeper' }
    writeSteps('secret', [secret])
    const db = ['--db', 'secret.db']
    const { stdout } = await reverie(['ingest', 'secret.jsonl', ...db], world)
    const shown = await reverie(['sessions', 'show', 'run-secret', ...db], world)

    expect(stdout).toMatch(/Removed before anything was stored: 1 \S+\./)
    expect(shown.stdout).toContain('[redacted:')
    expect(`${stdout}${shown.stdout}`).not.toContain(key)
  })

  test('lessons come with their evidence command, which works as printed', async () => {
    const { stdout } = await reverie(['lessons', '--limit', '1'], world)
    const [, id] = /evidence (pat_[0-9a-f]{8})$/m.exec(stdout)!

    expect((await reverie(['evidence', id!], world)).exit_code).toBe(0)
  })

  test('no line of an answer but a command or a path is wider than 80 columns', async () => {
    const id = await firstLesson()
    for (const args of [
      ['lessons'],
      ['risk'],
      ['baseline', '--by-intent'],
      ['evidence', id],
      ['sessions'],
      ['dreams'],
      ['sessions', 'show', 'run-1'],
    ]) {
      const { stdout } = await reverie(args, world)
      const wide = stdout.split('\n').filter((it) => it.length > 80 && !it.includes('reverie -- '))
      expect(wide).toEqual([])
    }
  })

  test('dreams show tells every line that came', async () => {
    const { dreams } = shapes.Dreamed.parse(answers.dream)
    const { dream, changes } = dreams[0]!
    const { stdout } = await reverie(['dreams', 'show', dream.id], world)

    expect(stdout).toContain(`392 new sessions read, ${changes.length} changes proposed`)
    expect(stdout).toContain('    + Call `get_customer` before `update_record`.')
  })

  test('nothing but the answer is written where stderr is no terminal', async () => {
    expect((await reverie(['dream'], world)).stderr).toBe('')
    expect((await reverie(['ingest', 'desk'], world)).stderr).toBe('')
  })
})

describe('several stores', () => {
  const two = { home, env: { REVERIE_DB: join(home, 'two-stores.db') } }
  beforeAll(async () => {
    await reverie(['policy', 'set', TRUSTING], two)
    await reverie(['ingest', 'desk'], two)
    await reverie(['dream', '--agent', 'compliance-desk'], two)
    for (const agent of ['desk-b', 'desk-c']) {
      writeSteps(agent, failingRuns(agent))
      await reverie(['ingest', `${agent}.jsonl`], two)
    }
    await reverie(['dream'], two)
  })

  test('ls lists all of them, with the store', async () => {
    const { data } = shapes.list(shapes.MemoryRow).parse(await reverieJson(['memory', '--limit', '99'], two))
    const { stdout } = await reverie(['memory', '--limit', '99'], two)

    expect([...new Set(data.map((it) => it.store))]).toEqual(['compliance-desk', 'desk-b', 'desk-c'])
    expect(stdout).toMatch(/^store +size +changed \(UTC\) +path$/m)
  })

  test('pages go on from one store to the next', async () => {
    const whole = await reverieJson(['memory', '--limit', '99'], two)
    const rows: unknown[] = []
    for (let page: string | null = ''; page !== null; ) {
      const it = await reverieJson(['memory', '--limit', '4', ...(page ? ['--page', page] : [])], two)
      rows.push(...it.data)
      page = it.next_page
    }

    expect(rows).toEqual(whole.data)
  })

  test.each(['cat', 'history'])('%s of a path that one store has needs no --store', async (command) => {
    const { data } = await reverieJson(['memory', '--store', 'compliance-desk'], two)
    const path = data.at(-1).path

    expect((await reverie(['memory', command, path], two)).exit_code).toBe(0)
  })

  test.each([
    ['cat', '/_index.md'],
    ['history', '/_index.md'],
    ['export', 'out'],
  ])('%s of what several stores have names them', async (command, what) => {
    const { stderr, exit_code } = await reverie(['memory', command, what], two)

    expect(stderr).toContain('choose one with --store: compliance-desk, desk-b, desk-c')
    expect(exit_code).toBe(1)
  })
})

describe('exit codes', () => {
  // Once: written again while another command opens it as a database, it would be empty for a moment.
  beforeAll(() => writeFileSync(join(home, 'bad.jsonl'), 'hello\n'))

  test.concurrent.each<[code: number, what: string, args: string[], says: RegExp]>([
    [0, 'no arguments', [], /Usage: reverie/],
    [0, 'help', ['lessons', '--help'], /--tier/],
    [0, 'an empty folder', ['ingest', 'empty'], /No sessions found/],
    [0, 'nothing new to dream of', ['dream'], /no new sessions/],
    [0, 'nothing at all to dream of', ['dream', '--db', 'none.db'], /nothing to dream of/],
    [0, 'no lessons yet', ['lessons', '--db', 'none.db'], /No lessons to show/],
    [0, 'no sessions yet', ['sessions', '--db', 'none.db'], /No sessions yet/],
    [0, 'no memories yet', ['memory', '--db', 'none.db'], /No memories yet/],
    [0, 'no risk yet', ['risk', '--db', 'none.db'], /No risk to show/],
    [0, 'no dreams yet', ['dreams', '--db', 'none.db'], /No dreams yet/],
    [0, 'one bad file among good ones', ['ingest', 'bad.jsonl', 'desk'], /Skipped 1 time/],
    [1, 'only a bad file', ['ingest', 'bad.jsonl'], /bad\.jsonl:1/],
    [1, 'a path that is not there', ['ingest', 'nowhere'], /nothing there; check the path/],
    [
      1,
      'a lesson that is not there',
      ['evidence', 'pat_ffffffffffff'],
      /there is no lesson pat_ffffffffffff/,
    ],
    [1, 'a session that is not there', ['sessions', 'show', 'x'], /there is no session x/],
    [1, 'a dream that is not there', ['dreams', 'show', 'drm_x'], /there is no dream drm_x/],
    [1, 'a memory that is not there', ['memory', 'cat', 'x.md'], /there is no memory \/x\.md/],
    [1, 'a store that is not there', ['lessons', '--store', 'x'], /there is no memory store x/],
    [1, 'an agent that is not there', ['dream', '--agent', 'x'], /there is no agent x/],
    [1, 'an agent without a store', ['risk', '--agent', 'x'], /there is no agent x/],
    [
      1,
      'a workspace that is not there',
      ['sessions', '--workspace', 'x'],
      /there is no workspace x known are clinic, default/,
    ],
    [
      1,
      'a workspace that is there already',
      ['workspace', 'create', 'default'],
      /there is a workspace default already/,
    ],
    [
      1,
      'a name for a workspace that is none',
      ['workspace', 'create', 'A B'],
      /"A B" is no name for a workspace/,
    ],
    [
      1,
      'a host that is none',
      ['workspace', 'create', 'x', '--model-host', 'http://y/z'],
      /http:\/\/y\/z is no host/,
    ],
    [1, 'a region that is none', ['workspace', 'create', 'x', '--region', 'The EU'], /The EU is no region/],
    [1, 'a page that is none', ['sessions', '--page', 'x'], /x is no page/],
    [1, 'a database that is none', ['lessons', '--db', 'bad.jsonl'], /cannot be used/],
    [1, 'an export over files', ['memory', 'export', 'desk', '--store', 'compliance-desk'], /is not empty/],
    [
      1,
      'an export into a file',
      ['memory', 'export', 'bad.jsonl', '--store', 'compliance-desk'],
      /cannot write/,
    ],
    [2, 'a command that is none', ['lesson'], /did you mean lessons\?/],
    [2, 'an option that is none', ['lessons', '--teir', 'x'], /did you mean --tier\?/],
    [2, 'a noun with a wrong verb', ['memory', 'list'], /has no command list it has ls, cat, history, show/],
    [2, 'a tier that is none', ['lessons', '--tier', 'best'], /verified, process, people, marker/],
    [2, 'a harness that is none', ['ingest', 'desk', '--harness', 'x'], /managed-agents/],
    [2, 'a time that is none', ['dream', '--since', 'yesterday'], /12h, 7d, 2w/],
    [2, 'a limit that is none', ['sessions', '--limit', '0'], /whole number from 1/],
    [2, 'an argument that is missing', ['ingest'], /missing required argument 'path'/],
    [2, 'an argument too many', ['dream', 'now'], /too many arguments/],
  ])('%i for %s', async (code, _, args, says) => {
    mkdirSync(join(home, 'empty'), { recursive: true })
    const { stdout, stderr, exit_code } = await reverie(args, world)

    expect(`${stdout}${stderr}`.replace(/\s+/g, ' ')).toMatch(says)
    expect(exit_code).toBe(code)
  })

  test.each<[code: number, args: string[]]>([
    [1, ['evidence', 'pat_ffffffffffff']],
    [1, ['lessons', '--db', 'postgres://somewhere/else']],
    [2, ['lessons', '--tier', 'best']],
    [2, ['memory', 'list']],
  ])('%i in JSON mode is told on stdout: %j', async (code, args) => {
    const { stdout, stderr, exit_code } = await reverie([...args, '--json'], world)

    expect(shapes.Failure.parse(JSON.parse(stdout)).error.hint).toEqual(expect.any(String))
    expect(stderr).toBe('')
    expect(exit_code).toBe(code)
  })

  test('an export leaves nothing behind where it would overwrite', async () => {
    const before = readdirSync(join(home, 'desk'))
    await reverie(['memory', 'export', 'desk', '--store', 'compliance-desk'], world)

    expect(readdirSync(join(home, 'desk'))).toEqual(before)
    expect(existsSync(join(home, 'desk', '_index.md'))).toBe(false)
  })
})

async function firstLesson(): Promise<string> {
  return (await reverieJson(['lessons', '--limit', '1'], world)).data[0].id
}

type Run = { id: string; agent?: string; text?: string; outcome: null }

function writeSteps(name: string, runs: (Run | object)[]): void {
  const lines = runs.map((it) => {
    const { text = 'Please refund order 17.', ...run } = it as Run
    const steps = [
      { role: 'user', text },
      { role: 'assistant', text: 'Done.' },
    ]
    return JSON.stringify({ agent: 'refund-desk', steps, ...run })
  })
  writeFileSync(join(home, `${name}.jsonl`), `${lines.join('\n')}\n`)
}

/** An agent whose tool refuses one argument, and takes another. */
function failingRuns(agent: string): object[] {
  return Array.from({ length: 12 }, (_, i) => ({
    id: `${agent}-${i}`,
    agent,
    task_id: i,
    steps: [
      { role: 'user', text: `Please book trip ${i} of ${agent}.` },
      { role: 'assistant', calls: [{ id: 'c1', name: 'book', args: { trip: `T-${i}` } }] },
      { role: 'tool', call_id: 'c1', name: 'book', text: 'Error: the office is closed', error: true },
    ],
  }))
}
