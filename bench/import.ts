/**
 * How fast is a large import over HTTP, how much memory does it take, and how long are others kept waiting by it?
 *
 *     npm run bench:import [-- --mb 200 --json]
 *
 * A server in a process of its own is sent one body, as it is, with gzip and with zstd: sessions in the steps format, and events of the
 * Managed Agents API, a session a line. The body is made while it is sent, so this process holds none of it, and while it is read somebody else asks
 * for what is quick to answer. Memory is the peak of the server's process: it must not grow with the body.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { createGzip, createZstdCompress } from 'node:zlib'

const { values } = parseArgs({
  options: { mb: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
})
const MB = 1024 * 1024
const bytes = Number(values.mb) * MB

const PACKED = {
  plain: null,
  gzip: () => createGzip({ level: 1 }),
  zstd: () => createZstdCompress(),
} as const
const LINES = { steps: stepsLine, 'managed-agents': eventsLine } as const

const rows = []
for (const [format, lineOf] of Object.entries(LINES))
  for (const [packing, make] of Object.entries(PACKED)) {
    if (format !== 'steps' && packing !== 'plain') continue
    rows.push({ format, packing, ...(await measured(lineOf, make)) })
  }
if (values.json) console.log(JSON.stringify({ mb: Number(values.mb), rows }, null, 2))
else console.table(rows)

async function measured(lineOf: (i: number) => string, make: (() => ReturnType<typeof createGzip>) | null) {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-'))
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, 'import-server.ts'), join(folder, 'a.db')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  try {
    const told = server.stdout.setEncoding('utf8')
    const { port, token } = JSON.parse((await once(told, 'data'))[0])
    const headers = { 'x-api-key': token }
    const outgoing = request({ port, method: 'POST', path: '/v1/sessions/import', headers })
    const answered = once(outgoing, 'response')
    const begin = performance.now()
    let is_done = false
    const waits = waitsOf(port, () => is_done)
    const body = Readable.from(linesOf(lineOf), { objectMode: false })
    await (make === null ? pipeline(body, outgoing) : pipeline(body, make(), outgoing))
    const [incoming] = await answered
    let text = ''
    for await (const chunk of incoming.setEncoding('utf8')) text += chunk
    const ms = performance.now() - begin
    is_done = true
    const sorted = (await waits).sort((a, b) => a - b)
    const report = JSON.parse(text)
    server.stdin.end()
    const { peak_memory_mb } = JSON.parse((await once(told, 'data'))[0])
    return {
      sessions: report.sessions_new,
      mb_per_s: Math.round((report.bytes / MB / ms) * 10_000) / 10,
      peak_memory_mb: Math.round(peak_memory_mb),
      others_p50_ms: Math.round(sorted[sorted.length >> 1]!),
      others_p99_ms: Math.round(sorted[Math.floor(sorted.length * 0.99)]!),
    }
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How long each of many small requests took, one after another. */
async function waitsOf(port: number, isDone: () => boolean): Promise<number[]> {
  const waits: number[] = []
  while (!isDone()) {
    const begin = performance.now()
    await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()
    waits.push(performance.now() - begin)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return waits
}

function* linesOf(lineOf: (i: number) => string): Generator<Buffer> {
  let sent = 0
  for (let i = 0; sent < bytes; ) {
    let text = ''
    for (; text.length < 64 * 1024; i++) text += lineOf(i)
    const chunk = Buffer.from(text)
    sent += chunk.length
    yield chunk
  }
}

/** Numbers that look like chance and are the same every time. */
function noise(i: number): string {
  return (Math.imul(i, 2_654_435_761) >>> 0).toString(36)
}

function turnsOf(i: number): { name: string; order: string; found: string }[] {
  return Array.from({ length: 12 }, (_, k) => {
    const words = Array.from({ length: 60 }, (_, w) => noise(i * 7_919 + k * 61 + w)).join(' ')
    return { name: k % 2 ? 'get_order' : 'refund', order: noise(i + k), found: words }
  })
}

function stepsLine(i: number): string {
  const steps = turnsOf(i).flatMap(({ name, order, found }, k) => [
    { role: 'assistant', text: '', calls: [{ id: `c${k}`, name, args: { order } }] },
    { role: 'tool', call_id: `c${k}`, name, text: found, error: false },
  ])
  const first = { role: 'user', text: `Please see to order ${noise(i)}.` }
  return `${JSON.stringify({ id: `run-${i}`, agent: 'desk', task_id: `t${i % 50}`, steps: [first, ...steps] })}\n`
}

function eventsLine(i: number): string {
  const text = (it: string) => [{ type: 'text', text: it }]
  const events = turnsOf(i).flatMap(({ name, order, found }, k) => [
    { type: 'agent.tool_use', id: `sevt_${i}u${k}`, name, input: { order } },
    { type: 'agent.tool_result', id: `sevt_${i}r${k}`, tool_use_id: `sevt_${i}u${k}`, content: text(found) },
  ])
  const first = { type: 'user.message', id: `sevt_${i}m`, content: text(`Please see to order ${noise(i)}.`) }
  const session = { id: `sesn_bench${i}`, agent: { name: 'desk' } }
  return `${JSON.stringify({ session, events: [first, ...events] })}\n`
}
