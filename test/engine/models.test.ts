/** Which models may be asked, what they may cost, and what is counted, over a real database and a provider that says what it is told to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Spending } from '../../src/domain/spending.ts'
import type { DreamOptions } from '../../src/engine/dreams.ts'
import { openEngine, openWorkspaces } from '../../src/engine.ts'
import { configure, KEY } from '../model/scripted-models.ts'
import { type ScriptedServer, scriptedServer } from '../model/scripted-servers.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-models-'))
const models_file = join(folder, 'models.yaml')
const SESSIONS = 6
const DAY = '2026-11-20'

let server: ScriptedServer
let database: string
let n = 0

beforeAll(async () => {
  server = await scriptedServer(() => ({ json: { claims: [], operations: [] } }))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  database = join(folder, `${++n}.db`)
  await configured()
  await ingested(0, SESSIONS)
  server.requests.length = 0
})
afterEach(() => delete process.env[KEY])

/** Those sessions from one number to before another. */
async function ingested(from: number, to: number): Promise<void> {
  const transcript = join(folder, `${n}-${from}.jsonl`)
  const lines = Array.from({ length: to - from }, (_, i) => sessionLine(from + i))
  writeFileSync(transcript, lines.join('\n'))
  await using((it) => it.ingest([transcript]))
}

function sessionLine(i: number): string {
  return JSON.stringify({
    ...{ id: `run-${i}`, agent: 'desk', started_at: `2026-11-${10 + i}T09:00:00Z` },
    steps: [
      { role: 'user', text: `Please send offer ${i} to the customer, and never by post again.` },
      { role: 'assistant', text: `Offer ${i} went out by mail, as you asked for it.` },
    ],
  })
}

const PRICES = ['prices:', '  scripted/m: { input: 1000, output: 1000 }']

function configured(...besides: string[]): Promise<void> {
  const base_url = server.base_url('openai')
  return configure(database, models_file, {
    ...{ protocol: 'openai', base_url, more: ['concurrency: 2'] },
    besides: ['default: scripted/m', ...PRICES, ...besides],
  })
}

type Engine = ReturnType<typeof openEngine>

async function using<T>(work: (engine: Engine) => Promise<T>, at = `${DAY}T12:00:00Z`): Promise<T> {
  const engine = openEngine({ database, models_file, now: () => new Date(at) })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

async function dreamt(how: DreamOptions = {}, at?: string) {
  const [report] = await using((it) => it.dream({ agent: 'desk', ...how }), at)
  return report!.dream
}

function rows(query: string): Record<string, unknown>[] {
  const sqlite = new DatabaseSync(database)
  const found = sqlite.prepare(query).all()
  sqlite.close()
  return found
}

function tokensIn({ uses }: Spending): number {
  return uses.reduce((sum, { usage }) => sum + usage.input_tokens + usage.output_tokens, 0)
}

describe('a dream with a model', () => {
  test('keeps what it asked, exactly as the provider bills it', async () => {
    const { model, spending } = await dreamt()
    const billed = server.billed()
    const [use, ...others] = spending!.uses

    expect(model).toBe('scripted/m')
    expect(others).toEqual([])
    expect(use).toEqual({
      ...{ stage: 'review', provider: 'scripted', model: 'm' },
      ...{ calls: SESSIONS, from_cache: 0, unusable: 0, failed: 0 },
      usage: {
        input_tokens: sum(server.requests.map((it) => it.billed.input)),
        output_tokens: sum(server.requests.map((it) => it.billed.output)),
        cache_read_input_tokens: sum(server.requests.map((it) => it.billed.cache_read)),
        cache_creation_input_tokens: 0,
      },
      cost_usd: expect.closeTo(
        (tokensIn(spending!) * 1_000) / 1e6 + use!.usage.cache_read_input_tokens / 1e3,
        6,
      ),
    })
    expect(billed.input).toBeGreaterThan(0)
    expect(server.most_at_once()).toBeLessThanOrEqual(2)
  })

  test('plans no less than it pays, and tells it before it asks', async () => {
    const told: { asked: number; cost: number | null }[] = []
    const [report] = await using((it) =>
      it.dream({ agent: 'desk' }, undefined, ({ cost_usd, calls, model }) => {
        told.push({ asked: server.requests.length, cost: cost_usd })
        expect([calls, model]).toEqual([SESSIONS, 'scripted/m'])
      }),
    )
    const { planned, uses } = report!.dream.spending!

    expect(told).toEqual([{ asked: 0, cost: planned.cost_usd }])
    expect(uses[0]!.cost_usd!).toBeLessThan(planned.cost_usd!)
  })

  test('that is only tried asks nothing, and needs no key', async () => {
    delete process.env[KEY]
    const { spending } = await dreamt({ dry_run: true })

    expect(spending).toMatchObject({ planned: { calls: SESSIONS }, uses: [] })
    expect(server.requests).toEqual([])
  })

  test('asks nothing where nothing is new', async () => {
    await dreamt()
    const asked = server.requests.length
    const { result, spending } = await dreamt()

    expect(result).toBe('nothing_new')
    expect(spending).toMatchObject({ planned: { calls: 0 }, uses: [], stopped: null })
    expect(server.requests).toHaveLength(asked)
  })

  test('is found again with what it spent, and so is the sum of a time in the report', async () => {
    const { id, spending } = await dreamt()
    const [listed, report] = await using(async (it) => [
      (await it.dreams()).data.find((dream) => dream.id === id),
      await it.report({ from: DAY, to: DAY }),
    ])

    expect(listed).toMatchObject({ model: 'scripted/m', spending })
    expect(report.stores[0]!.asked).toEqual(spending!.uses)
  })

  test('notes every call with its cost and no word of a session', async () => {
    const { id } = await dreamt()
    const calls = rows('SELECT * FROM model_call')

    expect(calls).toHaveLength(server.requests.length)
    expect(new Set(calls.map((it) => it.dream_id))).toEqual(new Set([id]))
    expect(JSON.stringify(calls)).not.toMatch(/offer|post/)
  })

  test('keeps answers for a month, in which nobody pays for them again', async () => {
    const answers = () => rows('SELECT count(*) AS n FROM model_answer')[0]!.n
    await dreamt()
    const kept = answers()
    await dreamt({}, '2026-12-20T11:59:59Z')
    expect([kept, answers()]).toEqual([SESSIONS, SESSIONS])

    await dreamt({}, '2026-12-20T12:00:01Z')
    expect(answers()).toBe(0)
  })

  test('is dreamed again from its recording by nobody, for nothing, whatever the budget', async () => {
    const record = join(folder, `recording-${n}`)
    const recorded = await dreamt({ record })
    const asked = server.requests.length
    database = join(folder, `${n}-again.db`)
    await configured('budget: { day: { tokens: 1 } }')
    await ingested(0, SESSIONS)
    const again = await dreamt({ replay: record })

    expect(again).toMatchObject({ model: 'scripted/m', sessions_read: recorded.sessions_read })
    expect(again.spending!.uses).toEqual([])
    expect(server.requests).toHaveLength(asked)
  })

  test('says without one that it asked none', async () => {
    expect(await dreamt({ model: 'none' })).toMatchObject({ model: null, spending: null })
    expect(server.requests).toEqual([])
  })
})

describe('a budget', () => {
  test('stops a dream, which says so, and the next one reads the rest; nothing is paid twice', async () => {
    const one = (await dreamt({ dry_run: true })).spending!.planned
    // Room for what one may take, and for what two and a half do where the answers are short.
    const tokens = Math.ceil((3.5 * one.input_tokens + one.output_tokens) / SESSIONS)

    const first = await dreamt({ budget: { tokens, usd: null } })
    const asked = server.requests.length
    const second = await dreamt()

    expect(first.spending!.stopped).toMatch(/^the budget of this dream is used up: /)
    expect(first.sessions_read).toBeGreaterThanOrEqual(1)
    expect(first.sessions_read).toBeLessThanOrEqual(3)
    expect(tokensIn(first.spending!)).toBeLessThanOrEqual(tokens)
    expect(first.notes.join()).toContain('the budget of this dream is used up')
    expect(second.sessions_read).toBe(SESSIONS - first.sessions_read)
    expect(asked).toBe(first.sessions_read)
    expect(new Set(server.requests.map((it) => it.prompt)).size).toBe(server.requests.length)
  })

  test('that allows not one question fails the dream, and leaves everything new', async () => {
    await expect(dreamt({ budget: { tokens: 10, usd: null } })).rejects.toThrow(/budget of this dream/)
    expect(server.requests).toEqual([])
    expect((await dreamt()).sessions_read).toBe(SESSIONS)
  })

  test('of a day is that of all dreams of the workspace, until midnight UTC', async () => {
    const paid = await dreamt()
    await ingested(SESSIONS, SESSIONS + 1)
    await configured(`budget: { day: { usd: ${paid.spending!.uses[0]!.cost_usd! + 0.1} } }`)

    await expect(dreamt({}, `${DAY}T23:59:59Z`)).rejects.toThrow(/the budget of the day is used up/)
    expect((await dreamt({}, '2026-11-21T00:00:00Z')).sessions_read).toBe(1)
  })

  test('of a day begins anew at midnight, also while a dream runs', async () => {
    const one = (await dreamt({ dry_run: true })).spending!.planned
    const tokens = Math.ceil((3.5 * one.input_tokens + one.output_tokens) / SESSIONS)
    await configured(`budget: { day: { tokens: ${tokens} } }`)
    const now = () => new Date(server.requests.length < 3 ? `${DAY}T23:59:59Z` : '2026-11-21T00:00:00Z')
    const engine = openEngine({ database, models_file, now })
    const [report] = await engine.dream({ agent: 'desk' })
    await engine.close()

    // One day has room for three.
    expect(report!.dream.sessions_read).toBeGreaterThan(3)
    expect(report!.dream.spending!.stopped).toMatch(/^the budget of the day is used up/)
  })

  test('in money needs a price', async () => {
    await expect(dreamt({ model: 'scripted/n', budget: { tokens: null, usd: 1 } })).rejects.toMatchObject({
      type: 'invalid_request_error',
      message: 'there is a budget in money, and no price of scripted/n',
      hint: expect.stringContaining('`prices`'),
    })
  })
})

describe('before a dream begins it is refused', () => {
  test.each([
    [
      'a name that is none',
      'haiku',
      'invalid_request_error',
      'haiku is no model',
      'anthropic/claude-haiku-4-5',
    ],
    [
      'a provider that is not configured',
      'elsewhere/m',
      'invalid_request_error',
      'there is no provider elsewhere',
      'known are scripted, anthropic',
    ],
    [
      'a host that the workspace does not list',
      'ollama/m',
      'permission_error',
      'localhost:11434',
      '--model-host localhost:11434',
    ],
    [
      'a provider without its key',
      'openai/gpt-4o',
      'invalid_request_error',
      'openai needs a key',
      'OPENAI_API_KEY',
    ],
  ])('%s', async (_, model, type, message, hint) => {
    await expect(dreamt({ model })).rejects.toMatchObject({
      type,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    })
    expect(rows('SELECT id FROM dream')).toEqual([])
  })

  test.each<DreamOptions>([{ record: folder }, { at_night: true }, { budget: { tokens: 1_000, usd: null } }])(
    '%o without a model',
    async (how) => {
      await expect(dreamt({ model: 'none', ...how })).rejects.toThrow('no model is asked')
      const engine = openEngine({ database })
      await expect(engine.dream({ agent: 'desk', ...how })).rejects.toThrow('no model is asked')
      await engine.close()
    },
  )

  test('a file that is not there', async () => {
    rmSync(models_file)
    await expect(dreamt()).rejects.toMatchObject({ type: 'file_access_error' })
  })

  test('with the hosts that are listed already in the hint, since naming one takes their place', async () => {
    const hint = await dreamt({ model: 'ollama/m' }).catch((error) => error.hint)
    const { host } = new URL(server.url)

    expect(hint).toContain(`workspace set default --model-host ${host} --model-host localhost:11434`)
  })
})

describe('over the wire', () => {
  const wire = ['wire:', '  big: scripted/m', '  off: none']
  const asked = (id: string) => async (it: Engine) => {
    const [store] = await it.memoryStores()
    const session_ids = (await it.sessions()).data.map((row) => row.id)
    const model = { id, speed: 'standard' as const }
    const request = { memory_store_id: store!.id, session_ids, model, instructions: null }
    return it.requestDream({ ...request, output_behavior: 'update_existing' }, 'user:ana')
  }
  beforeEach(() => dreamt({ model: 'none' }))

  test('an id that the file does not name is refused, with those that it does', async () => {
    await configured(...wire)

    await expect(using(asked('huge'))).rejects.toMatchObject({
      type: 'invalid_request_error',
      message: 'model: there is no huge here; known are none, big, off',
    })
  })

  test.each(['big', 'off', 'none'])('%s is taken, and told as it was asked for', async (id) => {
    await configured(...wire)

    expect((await using(asked(id))).model).toEqual({ id, speed: 'standard' })
  })

  test('without a file every id is taken', async () => {
    const engine = openEngine({ database })
    expect((await asked('claude-opus-5-5')(engine)).model.id).toBe('claude-opus-5-5')
    await engine.close()
  })

  test('a schedule is asked for in the same words', async () => {
    await configured(...wire)
    const schedule = { name: 'nightly', description: null, metadata: {}, instructions: null, threshold: null }
    const cron = { expression: '0 3 * * *', timezone: 'UTC' }
    const made = (id: string) => (it: Engine) =>
      it.createSchedule(
        {
          ...{ ...schedule, cron, agent: 'desk', output_behavior: 'update_existing' },
          model: { id, speed: 'standard' },
        },
        'user:ana',
      )
    const { id } = await using(made('big'))

    await expect(using(made('huge'))).rejects.toThrow('there is no huge here')
    await expect(
      using((it) => it.changeSchedule(id, { model: { id: 'huge', speed: 'standard' } }, 'user:ana')),
    ).rejects.toThrow('there is no huge here')
  })
})

describe('what is configured', () => {
  test('tells of each model what it costs and what is missing, and never a key', async () => {
    await configured('wire: { big: anthropic/claude-haiku-4-5, small: scripted/n }')
    process.env[KEY] = 'sk-very-secret'
    const setup = await using((it) => it.models())

    expect(setup.models).toMatchObject([
      { name: 'scripted/m', price: { input: 1_000, output: 1_000 }, is_ready: true, missing: null },
      { name: 'anthropic/claude-haiku-4-5', price: { input: 1, output: 5 }, is_ready: false },
      { name: 'scripted/n', price: null, is_ready: true },
    ])
    expect(setup.models[1]!.missing).toContain('ANTHROPIC_API_KEY')
    expect(setup.providers[0]).toMatchObject({
      name: 'scripted',
      api_key_env: KEY,
      has_key: true,
      refusal: null,
    })
    expect(setup.providers[1]).toMatchObject({ name: 'anthropic', has_key: false })
    expect(JSON.stringify(setup)).not.toContain('secret')
  })

  test.each([
    [['AWS_BEARER_TOKEN_BEDROCK'], true],
    [['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'], true],
    [['AWS_ACCESS_KEY_ID'], false],
    [[], false],
  ])('of Bedrock %j is a key: %s', async (names, has_key) => {
    for (const it of names) process.env[it] = 'secret'
    const { providers } = await using((it) => it.models())
    for (const it of names) delete process.env[it]

    expect(providers.find((it) => it.name === 'bedrock')!.has_key).toBe(has_key)
  })

  test('tells what was spent today, in this workspace alone', async () => {
    const { spending } = await dreamt()
    const spent = (await using((it) => it.models())).spent_today
    const tomorrow = (await using((it) => it.models(), '2026-11-21T00:00:00Z')).spent_today
    const workspaces = openWorkspaces({ database })
    await workspaces.create({ name: 'other' }, 'user:ana')
    await workspaces.close()
    const other = openEngine({
      database,
      workspace: 'other',
      models_file,
      now: () => new Date(`${DAY}T13:00:00Z`),
    })

    expect(spent.tokens).toBe(sum(spending!.uses.flatMap((it) => Object.values(it.usage))))
    expect(spent.usd).toBeCloseTo(spending!.uses[0]!.cost_usd!, 6)
    expect(tomorrow).toEqual({ tokens: 0, usd: 0 })
    expect((await other.models()).spent_today).toEqual({ tokens: 0, usd: 0 })
    await other.close()
  })
})

function sum(all: number[]): number {
  return all.reduce((total, it) => total + it, 0)
}
