/**
 * How fast the server answers while it dreams: reads of memories and writes of events, at 1, 8 and 64 connections, each while a dream
 * over 5,000 sessions runs in the same process.
 *
 *     npm run bench:http [-- --sessions 5000 --connections 1,8,64 --json]
 *
 * The server is `reverie serve` from the bundle; the clients are here, in another process, on sockets that stay open, with nothing of an
 * HTTP library between them and the clock. Each row is one dream, from when it was asked for to its end: an agent of its own, whose
 * sessions no dream has read. The same is measured once with no dream, to compare with.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generateComplianceDesk } from '../examples/compliance-desk/generate.ts'
import { openEngine } from './engine-as-shipped.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '1,8,64' },
    memories: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
})
const SESSIONS = Number(values.sessions)
const MEMORIES = Number(values.memories)
const CONNECTIONS = values.connections.split(',').map(Number)
/** The bar: the 99th percentile of reads while a dream runs. */
const P99_MS = 50
const CALM_MS = 3_000
/** So many bytes of text in each event that is written. */
const TEXT = 'what the agent said about it '.repeat(18)

type Measured = {
  what: 'reads' | 'writes'
  dream: boolean
  connections: number
  requests: number
  seconds: number
  per_second: number
  p50_ms: number
  p99_ms: number
  max_ms: number
}

const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-http-'))
const started: ChildProcess[] = []
try {
  const database = join(folder, 'reverie.db')
  const agents = CONNECTIONS.flatMap((n) => [`reads-${n}`, `writes-${n}`])
  await putSessionsIn(database, agents)
  const door = await serve(database)
  const { memories, sessions } = await prepare(door)
  const rows: Measured[] = []
  for (const connections of CONNECTIONS)
    for (const what of ['reads', 'writes'] as const) {
      const next = what === 'reads' ? reading(door, memories) : writing(door, sessions)
      const calm = AbortSignal.timeout(CALM_MS)
      rows.push({ what, dream: false, connections, ...(await measure(door, connections, next, calm)) })
      const dream = dreamOf(door, `${what}-${connections}`)
      const measured = await measure(door, connections, next, dream.ended)
      await dream.checked
      rows.push({ what, dream: true, connections, ...measured })
    }
  const worst = Math.max(...rows.filter((it) => it.dream && it.what === 'reads').map((it) => it.p99_ms))
  const settings = {
    sessions: SESSIONS,
    memories: MEMORIES,
    bytes_of_an_event: TEXT.length,
    cores: availableParallelism(),
    node: process.version,
  }
  if (values.json)
    console.log(JSON.stringify({ settings, rows, p99_of_reads_ms: worst, bar_ms: P99_MS }, null, 2))
  else {
    console.log(
      `a dream over ${SESSIONS} sessions a row, ${MEMORIES} memories, events of ${TEXT.length} bytes, ${settings.cores} cores, Node ${settings.node}`,
    )
    console.table(rows)
    console.log(
      `p99 of reads while a dream runs: ${worst.toFixed(1)} ms at the worst; the bar is ${P99_MS} ms${worst < P99_MS ? '' : ', which is missed'}`,
    )
  }
} finally {
  for (const it of started) it.kill('SIGKILL')
  rmSync(folder, { recursive: true })
}

/** As many sessions for each agent, none the copy of another. */
async function putSessionsIn(database: string, agents: string[]): Promise<void> {
  const engine = openEngine({ database })
  for (const [seed, agent] of agents.entries()) {
    const generated = join(folder, 'generated')
    const renamed = join(folder, agent)
    generateComplianceDesk(generated, { seed: seed + 1, sessions: SESSIONS })
    mkdirSync(renamed)
    for (const file of readdirSync(generated))
      writeFileSync(
        join(renamed, file),
        readFileSync(join(generated, file), 'utf8').replaceAll(
          '"agent":"compliance-desk"',
          `"agent":"${agent}"`,
        ),
      )
    await engine.ingest([renamed])
    rmSync(renamed, { recursive: true })
  }
  await engine.close()
}

type Door = { port: number; token: string }

async function serve(database: string): Promise<Door> {
  const reverie = fileURLToPath(new URL('../bin/reverie.js', import.meta.url))
  const options = ['--db', database, '--port', '0', '--rate-limit', '0', '--log-level', 'error']
  const server = spawn(process.execPath, [reverie, 'serve', ...options, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(server)
  const [said] = (await once(createInterface(server.stdout), 'line')) as [string]
  const { address, key } = JSON.parse(said) as { address: string; key: { token: string } }
  return { port: Number(new URL(address).port), token: key.token }
}

/** A memory store to read and sessions to write into. */
async function prepare(door: Door): Promise<{ memories: string[]; sessions: string[] }> {
  const store = await made(door, '/v1/memory_stores', { name: 'read' })
  const memories: string[] = []
  for (let i = 0; i < MEMORIES; i++) {
    const content = `${TEXT}\n${i}\n`
    const id = await made(door, `/v1/memory_stores/${store}/memories`, { path: `/${i}.md`, content })
    memories.push(`/v1/memory_stores/${store}/memories/${id}`)
  }
  const sessions: string[] = []
  for (let i = 0; i < 64; i++)
    sessions.push(await made(door, '/v1/sessions', { agent: 'written', environment_id: 'env_default' }))
  return { memories, sessions }
}

async function made(door: Door, path: string, body: object): Promise<string> {
  return (await asked(door, 'POST', path, body)).id
}

async function asked(
  { port, token }: Door,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, string> & { id: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'x-api-key': token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
  return answer.json() as Promise<Record<string, string> & { id: string }>
}

/** A dream over everything of that agent, asked for now; `ended` is aborted when it is over. */
function dreamOf(door: Door, agent: string): { ended: AbortSignal; checked: Promise<void> } {
  const over = new AbortController()
  const run = async () => {
    const schedule = await made(door, '/v1/dream_schedules', { name: agent, agent, model: 'none' })
    const { dream_id } = await asked(door, 'POST', `/v1/dream_schedules/${schedule}/run`)
    for (;;) {
      const dream = await asked(door, 'GET', `/v1/dreams/${dream_id}`)
      if (dream.status === 'completed') return
      if (dream.ended_at !== null) throw new Error(`the dream ended as ${JSON.stringify(dream.error)}`)
      await new Promise((done) => setTimeout(done, 100))
    }
  }
  return { ended: over.signal, checked: run().finally(() => over.abort()) }
}

type Next = () => string

function reading(door: Door, memories: string[]): Next {
  let n = 0
  return () => requestOf(door, 'GET', memories[(n++ * 7_919) % memories.length]!)
}

function writing(door: Door, sessions: string[]): Next {
  let n = 0
  return () => {
    const events = [{ type: 'agent.message', content: [{ type: 'text', text: `${n} ${TEXT}` }] }]
    return requestOf(door, 'POST', `/v1/sessions/${sessions[n++ % sessions.length]}/events`, { events })
  }
}

function requestOf({ port, token }: Door, method: string, path: string, body?: object): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const of_body =
    text === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-api-key: ${token}\r\n${of_body}\r\n${text}`
}

/** Asks over and over on so many connections until the signal; every answer has to be a good one. */
async function measure(door: Door, connections: number, next: Next, ended: AbortSignal) {
  const times: number[] = []
  const begin = performance.now()
  const line = async () => {
    const socket = connect(door.port, '127.0.0.1')
    socket.setNoDelay()
    await once(socket, 'connect')
    while (!ended.aborted) {
      const start = performance.now()
      socket.write(next())
      const head = await answerOn(socket)
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(head)
      times.push(performance.now() - start)
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, line))
  const seconds = (performance.now() - begin) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!
  return {
    requests: times.length,
    seconds: rounded(seconds),
    per_second: Math.round(times.length / seconds),
    p50_ms: rounded(at(0.5)),
    p99_ms: rounded(at(0.99)),
    max_ms: rounded(times.at(-1)!),
  }
}

/** One whole answer: its length is said at its head, or it comes in chunks that end with an empty one. */
function answerOn(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const hear = (bytes: Buffer) => {
      heard += bytes.toString('latin1')
      const end = heard.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /\r\ncontent-length: (\d+)/i.exec(heard.slice(0, end))?.[1]
      const is_whole =
        length === undefined ? heard.endsWith('\r\n0\r\n\r\n') : heard.length >= end + 4 + Number(length)
      if (!is_whole) return
      socket.off('data', hear)
      socket.off('close', gone)
      resolve(heard)
    }
    const gone = () => reject(new Error('the server closed the connection'))
    socket.on('data', hear)
    socket.once('close', gone)
  })
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
