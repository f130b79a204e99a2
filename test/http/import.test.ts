/** Transcripts put in over HTTP: any harness, compressed or not, cut off or not, the same as from a file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Body, type Engine, openWorkspaces } from '../../src/engine.ts'
import { type RunningServer, startServer } from '../sdk/server.ts'

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is what the test says of it
type Json = any
type Answer = { status: number; json: Json }

const scratch = mkdtempSync(join(tmpdir(), 'reverie-import-'))
let served: RunningServer
let workspaces = 0

beforeAll(async () => {
  served = await startServer()
})
afterAll(async () => {
  await served.close()
  rmSync(scratch, { recursive: true })
})

/** A workspace without any sessions, and a key to it. */
async function emptyWorkspace(
  role: 'reader' | 'writer' = 'writer',
): Promise<{ token: string; engine: Engine }> {
  const name = `w${workspaces++}`
  const all = openWorkspaces({ database: served.database })
  const { id } = await all.create({ name }, 'user:test')
  await all.close()
  return { token: (await served.key(role, name)).token, engine: served.server.engineOf(id) }
}

async function put(
  token: string,
  bytes: Uint8Array,
  query = '',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${served.port}/v1/sessions/import${query}`, {
    method: 'POST',
    headers: { 'x-api-key': token, ...headers },
    body: Buffer.from(bytes),
  })
  return { status: answer.status, json: await answer.json() }
}

/** So many sessions in the steps format, a line each. */
function lines(n: number, from = 0): Buffer {
  const line = (i: number) => {
    const steps = [
      { role: 'user', text: `Please see to order ${i}, ${(i * 7_919) % 10_007}.` },
      { role: 'assistant', text: '', calls: [{ id: 'c', name: 'refund', args: { order: i } }] },
      {
        role: 'tool',
        call_id: 'c',
        name: 'refund',
        text: `refunded ${(i * 104_729) % 1_000_003}`,
        error: false,
      },
    ]
    return `${JSON.stringify({ id: `run-${i}`, agent: 'desk', steps })}\n`
  }
  return Buffer.from(Array.from({ length: n }, (_, i) => line(from + i)).join(''))
}

const FIXTURES = ['claude-code', 'codex', 'managed-agents', 'openai-chat', 'steps'].flatMap((harness) =>
  readdirSync(`test/fixtures/${harness}`)
    .filter((it) => it.endsWith('.jsonl'))
    .map((it) => `test/fixtures/${harness}/${it}`),
)

const PACKED: [how: string, pack: (bytes: Buffer) => Buffer, encoding?: string][] = [
  ['as it is', (it) => it],
  ['as a file of gzip', (it) => gzipSync(it)],
  ['as a file of zstd', (it) => zstdCompressSync(it)],
  ['packed with gzip for the way', (it) => gzipSync(it), 'gzip'],
  ['packed with zstd for the way', (it) => zstdCompressSync(it), 'zstd'],
  ['as a file of zstd, packed with gzip for the way', (it) => gzipSync(zstdCompressSync(it)), 'gzip'],
  ['as two parts of gzip', (it) => inTwo(it, gzipSync)],
  ['as two parts of zstd', (it) => inTwo(it, zstdCompressSync)],
]

function inTwo(bytes: Buffer, pack: (bytes: Buffer) => Buffer): Buffer {
  const half = bytes.length >> 1
  return Buffer.concat([pack(bytes.subarray(0, half)), pack(bytes.subarray(half))])
}

/** What is kept of sessions, but for when and where they came from. */
async function kept(engine: Engine): Promise<unknown[]> {
  const { data } = await engine.sessions({ limit: 10_000 })
  const found = await Promise.all(data.map(({ id }) => engine.session(id)))
  return found.map(({ row, session }) => {
    const { id, ingested_at, continues_session_id, ...same } = row
    return { ...same, session: session && { ...session, id: null } }
  })
}

describe('a transcript is the same session as from a file:', () => {
  test.each(FIXTURES)('%s', async (path) => {
    const file = await emptyWorkspace()
    const report = await file.engine.ingest([path])
    const { token, engine } = await emptyWorkspace()
    const { status, json } = await put(token, readFileSync(path), `?filename=${basename(path)}`)

    if (report.sessions_new === 0)
      return expect([status, json.error.type]).toEqual([400, 'invalid_request_error'])
    const { files, skipped, ...counts } = report
    expect(status).toBe(200)
    expect(json).toEqual({
      type: 'session_import',
      is_complete: true,
      ...counts,
      skipped: skipped.map(({ line, reason }) => ({ line, reason })),
      session_ids: (await engine.sessions()).data.map((it) => it.id).toReversed(),
      more_sessions: 0,
    })
    expect(await kept(engine)).toEqual(await kept(file.engine))
  })

  test.each(PACKED)('%s', async (_, pack, encoding) => {
    const { token } = await emptyWorkspace()
    const bytes = lines(400)
    const headers: Record<string, string> = encoding === undefined ? {} : { 'content-encoding': encoding }
    const { json } = await put(token, pack(bytes), '', headers)

    expect([json.sessions_new, json.bytes, json.is_complete, json.skipped]).toEqual([
      400,
      bytes.length,
      true,
      [],
    ])
  })

  test('sent again it is known, under the same ids', async () => {
    const { token } = await emptyWorkspace()
    const first = await put(token, lines(20))
    const again = await put(token, gzipSync(lines(25)))

    expect([again.json.sessions_new, again.json.sessions_known]).toEqual([5, 20])
    expect(again.json.session_ids.slice(0, 20)).toEqual(first.json.session_ids)
  })

  test('of a session that was put in event by event, the id is the one it was given then', async () => {
    const { token, engine } = await emptyWorkspace()
    const { json } = await put(token, lines(1))
    const { DatabaseSync } = await import('node:sqlite')
    const sqlite = new DatabaseSync(served.database)
    const recording = `sesn_${'cd'.repeat(12)}`
    sqlite.prepare('UPDATE session SET recording_id = ? WHERE id = ?').run(recording, json.session_ids[0])
    sqlite.close()

    expect((await put(token, lines(1))).json.session_ids).toEqual([recording])
    expect((await engine.sessions()).data).toHaveLength(1)
  })

  test('the first thousand ids are told, and how many more there are', async () => {
    const { token } = await emptyWorkspace()
    const { json } = await put(token, zstdCompressSync(lines(1_100)))

    expect([json.sessions_new, json.session_ids.length, json.more_sessions]).toEqual([1_100, 1_000, 100])
  })

  test('the agent and the harness are those that the caller says', async () => {
    const { token, engine } = await emptyWorkspace()
    const path = 'test/fixtures/codex/subagent.jsonl'
    const { json } = await put(token, readFileSync(path), '?agent=ada&harness=codex')

    expect(Object.keys(json.by_harness)).toEqual(['codex'])
    expect((await engine.sessions()).data[0]!.agent).toBe('ada')
  })

  test('many at once are all there', async () => {
    const { token, engine } = await emptyWorkspace()
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => put(token, lines(30, 30 * i))))

    expect(answers.map((it) => it.json.sessions_new)).toEqual(Array(8).fill(30))
    expect((await engine.sessions({ limit: 1_000 })).data).toHaveLength(240)
  })
})

describe('a body that is cut off leaves what was complete:', () => {
  test.each([
    ['gzip', gzipSync, 0.2],
    ['gzip', gzipSync, 0.7],
    ['zstd', zstdCompressSync, 0.7],
  ] as const)('%s, after %s', async (_, pack, share) => {
    const { token, engine } = await emptyWorkspace()
    const packed = pack(lines(1_500))
    const { status, json } = await put(token, packed.subarray(0, packed.length * share))
    const stored = (await engine.sessions({ limit: 10_000 })).data.map((it) => it.external_session_id)
    const again = await put(token, packed)

    expect([status, json.is_complete]).toEqual([200, false])
    expect(json.sessions_new).toBeGreaterThan(100)
    expect(stored.toReversed()).toEqual(Array.from({ length: json.sessions_new }, (_, i) => `run-${i}`))
    expect(json.skipped.at(-1)).toEqual({
      line: null,
      reason: 'the compressed body ends before it is complete; what was complete before is stored',
    })
    expect([again.json.sessions_new, again.json.sessions_known]).toEqual([
      1_500 - stored.length,
      stored.length,
    ])
  })

  test('one that was damaged on the way', async () => {
    const { token } = await emptyWorkspace()
    const packed = zstdCompressSync(lines(1_500))
    const at = Math.floor(packed.length * 0.8)
    packed.fill(0xff, at, at + 50)
    const { json } = await put(token, packed)

    expect(json.is_complete).toBe(false)
    expect(json.sessions_new).toBeGreaterThan(100)
    expect(json.skipped.at(-1).reason).toMatch(/^the body is damaged/)
  })

  test('one whose last line is torn', async () => {
    const { token } = await emptyWorkspace()
    const { json } = await put(token, lines(5).subarray(0, -20))

    expect([json.sessions_new, json.skipped]).toEqual([
      4,
      [{ line: 5, reason: 'torn: a JSON value that does not end' }],
    ])
  })

  test.each(['claude-code/blocks.jsonl', 'codex/bare-2025.jsonl', 'managed-agents/denied-deploy.jsonl'])(
    'nothing of %s, which is one session to its end',
    async (path) => {
      const { token, engine } = await emptyWorkspace()
      const packed = gzipSync(readFileSync(`test/fixtures/${path}`))
      const { status, json } = await put(token, packed.subarray(0, packed.length - 30))

      expect([status, json.error.type]).toEqual([400, 'invalid_request_error'])
      expect(json.error.message).toContain('ends before it is complete')
      expect((await engine.sessions()).data).toEqual([])
    },
  )

  test('one whose sender goes away', async () => {
    const { token, engine } = await emptyWorkspace()
    const outgoing = request({
      port: served.port,
      method: 'POST',
      path: '/v1/sessions/import',
      headers: { 'x-api-key': token, 'transfer-encoding': 'chunked' },
    })
    outgoing.on('error', () => {})
    outgoing.write(lines(50))
    await setTimeout(300)
    outgoing.destroy()
    const stored = async () => (await engine.sessions({ limit: 100 })).data.length
    for (let tries = 0; tries < 40 && (await stored()) < 50; tries++) await setTimeout(100)

    expect(await stored()).toBe(50)
    expect((await put(token, lines(51))).json.sessions_known).toBe(50)
  })

  test('one that falls silent', async () => {
    const { engine } = await emptyWorkspace()
    const bytes = async function* () {
      yield lines(10)
      await new Promise(() => {})
    }
    const { report, cut_off } = await take(engine, { bytes: bytes() }, { patience_ms: 100 })

    expect([report.sessions_new, cut_off]).toEqual([10, 'nothing more of the body came for 0.1 seconds'])
  })

  test('one that breaks off', async () => {
    const { engine } = await emptyWorkspace()
    const bytes = async function* () {
      yield lines(10)
      throw new Error('the cable')
    }
    const { report, cut_off } = await take(engine, { bytes: bytes() })

    expect([report.sessions_new, cut_off]).toEqual([10, 'the body was broken off'])
  })
})

function take(
  engine: Engine,
  body: Partial<Body>,
  limits: { most_bytes?: number; patience_ms?: number } = {},
) {
  const whole = { bytes: pieces(Buffer.alloc(0)), packing: null, name: 'body.jsonl', ...body }
  return engine.importSessions(whole, { limits }, 'user:test')
}

async function* pieces(bytes: Buffer, size = 10_000): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

describe('what is no transcript is refused, and stored nowhere:', () => {
  test.each<{ name: string; bytes: Buffer; encoding?: string; query?: string; says: RegExp }>([
    { name: 'nothing', bytes: Buffer.alloc(0), says: /empty/ },
    { name: 'words', bytes: Buffer.from('Good morning!\n'), says: /no session in the body.*not JSON/ },
    { name: 'other JSON', bytes: Buffer.from('{"a":1}\n{"a":2}\n'), says: /not recognised/ },
    {
      name: 'another harness than is said',
      bytes: lines(2),
      query: '?harness=codex',
      says: /no conversation/,
    },
    { name: 'a zip archive', bytes: Buffer.from('PK\x03\x04abc'), says: /a zip archive/ },
    { name: 'a picture', bytes: Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\0'), says: /binary file/ },
    {
      name: 'plain text said to be gzip',
      bytes: lines(2),
      encoding: 'gzip',
      says: /not compressed with gzip/,
    },
    {
      name: 'gzip said to be zstd',
      bytes: gzipSync(lines(2)),
      encoding: 'zstd',
      says: /not compressed with zstd/,
    },
    {
      name: 'nothing said to be gzip',
      bytes: Buffer.alloc(0),
      encoding: 'gzip',
      says: /not compressed with gzip/,
    },
    { name: 'what only begins like gzip', bytes: Buffer.from('\x1f\x8bnonsense', 'latin1'), says: /damaged/ },
    { name: 'an encoding that is not known', bytes: lines(2), encoding: 'br', says: /br is not known/ },
    {
      name: 'a gzip of a gzip of a gzip',
      bytes: gzipSync(gzipSync(gzipSync(lines(2)))),
      says: /compressed with gzip/,
    },
    { name: 'a harness that there is not', bytes: lines(2), query: '?harness=claude', says: /harness/ },
    { name: 'a parameter that there is not', bytes: lines(2), query: '?again=true', says: /again/ },
  ])('$name', async ({ bytes, encoding, query, says }) => {
    const { token, engine } = await emptyWorkspace()
    const headers: Record<string, string> = encoding === undefined ? {} : { 'content-encoding': encoding }
    const { status, json } = await put(token, bytes, query, headers)

    expect([status, json.error.type]).toEqual([400, 'invalid_request_error'])
    expect(json.error.message).toMatch(says)
    expect((await engine.sessions()).data).toEqual([])
  })

  test('more than is taken, of which what came before is stored', async () => {
    const { engine } = await emptyWorkspace()
    const bytes = pieces(zstdCompressSync(lines(1_500)))
    const error = await take(engine, { bytes }, { most_bytes: 200_000 }).catch((it) => it)

    expect([error.type, error.message]).toEqual([
      'request_too_large',
      expect.stringMatching(
        /^the body holds more than 200000 bytes of transcript; \d+ sessions .* are stored$/,
      ),
    ])
    expect((await engine.sessions({ limit: 10_000 })).data.length).toBeGreaterThan(0)
  })

  test('a line of a hundred million zeros, packed into a few kB, around which all is kept', async () => {
    const { token } = await emptyWorkspace()
    const zeros = Buffer.alloc(100_000_000, '0')
    const bomb = zstdCompressSync(Buffer.concat([lines(3), zeros, Buffer.from('\n'), lines(3, 3)]))
    const { json } = await put(token, bomb)

    expect(bomb.length).toBeLessThan(20_000)
    expect([json.sessions_new, json.skipped.length]).toEqual([6, 1])
    expect(json.skipped[0]).toEqual({ line: 4, reason: expect.stringContaining('at most 32 MB are read') })
  })

  test('whoever may only read', async () => {
    const { token } = await emptyWorkspace('reader')
    const { status, json } = await put(token, lines(2))

    expect([status, json.error.type]).toEqual([403, 'permission_error'])
  })
})

test('a secret is written nowhere, whether its session is stored or torn', async () => {
  const { token, engine } = await emptyWorkspace()
  const secret = `ghp_${'a1B2'.repeat(9)}`
  const session = (id: string) =>
    JSON.stringify({
      id,
      agent: 'desk',
      steps: [{ role: 'user', text: `Use ${secret} and mail ana@example.com.` }],
    })
  const { json } = await put(
    token,
    Buffer.from(`${session('a')}\n${session('b').slice(0, -5)}`),
    '?redact=email',
  )

  const { session: stored } = await engine.session(json.session_ids[0])
  expect(JSON.stringify(stored)).toMatch(/\[redacted:[\w-]+\] and mail \[redacted:email:\w+\]/)
  expect(Object.values(json.redactions)).toEqual([1, 1])
  const folder = join(served.database, '..')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  expect(files.filter((it) => readFileSync(join(folder, it)).includes(secret))).toEqual([])
})

test('what was erased stays away', async () => {
  const { token, engine } = await emptyWorkspace()
  const { json } = await put(token, lines(2))
  await engine.erase({ session_ids: [json.session_ids[0]] }, { as: 'user:test', dry_run: false })
  const again = await put(token, lines(2))

  expect([again.json.sessions_known, again.json.sessions_skipped]).toEqual([1, 1])
  expect(again.json.skipped[0].reason).toMatch(/^it holds a session that was erased/)
})

test('the audit log names the key that put them in', async () => {
  const { token, engine } = await emptyWorkspace()
  await put(token, lines(1))
  const { data } = await engine.audit()

  expect([data[0]!.action, data[0]!.actor]).toEqual([
    'sessions.ingested',
    expect.stringMatching(/^user:apikey_/),
  ])
})

test('others are answered while a large body is read', async () => {
  const { token } = await emptyWorkspace()
  const reading = put(token, zstdCompressSync(lines(1_500)))
  const waits: number[] = []
  let is_done = false
  void reading.finally(() => {
    is_done = true
  })
  while (!is_done) {
    const start = performance.now()
    await fetch(`http://127.0.0.1:${served.port}/healthz`).then((it) => it.text())
    waits.push(performance.now() - start)
  }

  expect((await reading).json.sessions_new).toBe(1_500)
  expect(waits.length).toBeGreaterThan(20)
})
