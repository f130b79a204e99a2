/**
 * Ingest of a transcript that arrives: bytes in, stored sessions out, with the same account as of a file.
 *
 * The bytes are unpacked, parsed, redacted and reviewed as they come, on a thread of their own, and are written nowhere before they are
 * redacted. However many arrive, no more than a fixed number is held: whoever sends waits while what came before is being read. Sessions
 * are stored a few at a time, so that whatever else this process does goes on in between.
 *
 * A body that is cut off leaves the sessions that were complete. Sent again it goes on from there, since what is known is not stored twice.
 */
import { setImmediate } from 'node:timers/promises'
import { CutOff, type Packing, unpacked } from './1-ingest/unpack.ts'
import type { Database } from './db/database.ts'
import type { AuditEntry } from './domain/audit.ts'
import { EngineError } from './domain/error.ts'
import { emptyReport, type IngestReport, redactReport, storeItems, workspaceOf } from './ingest.ts'
import { openInlet } from './ingest-inlet.ts'
import { type FromThread, type Item, rest, type ToThread, takeThread } from './ingest-threads.ts'
import type { IngestOptions } from './ready-session.ts'

export type Body = {
  bytes: AsyncIterable<Uint8Array>
  /** What the sender says the bytes are compressed with; a compressed file is recognised without. */
  packing: Packing | null
  /** What its sender calls it, as a file name: some harnesses name a session by its file. */
  name: string
}

export type StreamLimits = {
  /** Bytes of transcript, unpacked. */
  most_bytes: number
  /** How long nothing may arrive before the body counts as cut off. */
  patience_ms: number
}

export type StreamReport = {
  report: IngestReport
  /** Why not all of the body was read; null when it was. */
  cut_off: string | null
  /** The sessions in it, stored now or from before, in the order of the body: those at the beginning, and how many more there are. */
  session_ids: string[]
  more_sessions: number
}

const GB = 1024 * 1024 * 1024
export const STREAM_LIMITS: StreamLimits = { most_bytes: 4 * GB, patience_ms: 30_000 }

/** Ids that are told; those of a larger body can be listed. */
const MAX_IDS = 1_000
/** Few enough that nobody waits for them for long. */
const SMALL_BATCH = { bytes: 256 * 1024, sessions: 20 }
/** What the thread of one body may hold: enough for a single session of some hundred MB. */
const MEMORY_MB = 1_024
/** Bodies that are read at the same time; others wait until one of these is done. */
const MAX_AT_ONCE = 3

/**
 * Throws `invalid_request_error` where nothing in the body is a session, and `request_too_large` where it is too large, what
 * came before that being stored.
 */
export async function ingestStream(
  db: Database,
  body: Body,
  options: Omit<IngestOptions, 'workspace'>,
  { now, by, limits }: { now: () => Date; by: AuditEntry['actor']; limits: StreamLimits },
): Promise<StreamReport> {
  const report = emptyReport()
  const ids = new Set<string>()
  const arriving = new ArrivingBody(body, limits)
  const leave = await placeInLine()
  try {
    const items = readBody(arriving, { ...options, workspace: await workspaceOf(db) })
    await storeItems(db, items, report, {
      ...{ options, now, by, batch: SMALL_BATCH, pause: setImmediate },
      stored: (id) => ids.add(id),
      ended: () => {},
    })
  } finally {
    leave()
  }
  report.files = 1
  report.bytes = arriving.bytes
  const { failure } = arriving
  const cut_off = failure instanceof CutOff ? failure.message : null
  if (cut_off !== null) {
    const reason = ids.size === 0 ? cut_off : `${cut_off}; what was complete before is stored`
    report.skipped.push({ path: body.name, line: null, reason })
  }
  report.sessions_skipped = report.skipped.length
  const clean = await redactReport(report, options.privacy)
  if (failure !== undefined && cut_off === null) throw withStored(failure, clean)
  if (ids.size === 0) throw nothingIn(clean)
  const session_ids = [...ids].slice(0, MAX_IDS)
  return { report: clean, cut_off, session_ids, more_sessions: ids.size - session_ids.length }
}

/** The bytes of a body as the parsers get them, how many these were, and why they ended if it is not because they were all. */
class ArrivingBody {
  bytes = 0
  failure: unknown
  readonly name: string
  private readonly body: Body
  private readonly limits: StreamLimits

  constructor(body: Body, limits: StreamLimits) {
    this.name = body.name
    this.body = body
    this.limits = limits
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const { most_bytes, patience_ms } = this.limits
    try {
      for await (const it of unpacked(patiently(this.body.bytes, patience_ms), this.body.packing)) {
        this.bytes += it.length
        if (this.bytes > most_bytes) throw tooLarge(most_bytes)
        yield it
      }
    } catch (error) {
      this.failure = error
    }
  }
}

/** The bytes as long as they come. Whatever breaks a body off, its sender or the network, it is cut off. */
async function* patiently(bytes: AsyncIterable<Uint8Array>, patience_ms: number): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]()
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const silence = new Promise<never>((_, reject) => {
        const why = `nothing more of the body came for ${patience_ms / 1_000} seconds`
        timer = setTimeout(() => reject(new CutOff(why)), patience_ms)
      })
      const next = await Promise.race([source.next(), silence]).finally(() => clearTimeout(timer))
      if (next.done) return
      if (next.value.length > 0) yield next.value
    }
  } catch (error) {
    throw error instanceof CutOff || error instanceof EngineError
      ? error
      : new CutOff('the body was broken off', error)
  } finally {
    // Of a source that is silent this would never come back.
    source.return?.().catch(() => {})
  }
}

/** What a thread reads in the body, in order. */
async function* readBody(arriving: ArrivingBody, options: IngestOptions): AsyncGenerator<Item> {
  const thread = takeThread(MEMORY_MB)
  const { inlet, put, end, close } = openInlet()
  const waiting: Item[] = []
  let failure: unknown
  let wake = () => {}
  thread.hear = ({ item }: FromThread) => {
    waiting.push(item)
    wake()
  }
  thread.fail = (error) => {
    failure ??= asEngineError(error)
    close()
    wake()
  }
  const message: ToThread = { type: 'read', file: 0, path: arriving.name, bytes: 0, options, inlet }
  thread.worker.postMessage(message, [inlet.port])
  const feeding = (async () => {
    for await (const it of arriving.chunks()) if (!(await put(it))) break
    end(arriving.failure !== undefined)
  })()

  let is_done = false
  try {
    while (!is_done) {
      const item = waiting.shift()
      if (item) {
        is_done = item.type === 'end'
        if (is_done) await feeding
        yield item.type === 'end' ? { ...item, bytes: arriving.bytes } : item
        if (item.type === 'session') {
          const taken: ToThread = { type: 'taken', bytes: item.session.content.length }
          thread.worker.postMessage(taken)
          // Others are waiting for this thread, too.
          await setImmediate()
        }
      } else if (failure !== undefined) throw failure
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    close()
    // A thread that was broken off in the middle of a body is of no more use.
    if (is_done) rest(thread)
    else void thread.worker.terminate()
  }
}

let reading = 0
const line: (() => void)[] = []

/** Resolves when it is one's turn, to what says that one is done. */
async function placeInLine(): Promise<() => void> {
  if (reading < MAX_AT_ONCE) reading++
  else await new Promise<void>((resolve) => line.push(resolve))
  return () => {
    const next = line.shift()
    // The place goes on to whoever is next.
    if (next) next()
    else reading--
  }
}

function asEngineError(error: unknown): unknown {
  if ((error as { code?: string }).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error
  return new EngineError(
    'request_too_large',
    `what belongs together in the body needs more than ${MEMORY_MB} MB`,
    {
      hint: 'send each session as a body of its own, or many as one session a line',
      cause: error,
    },
  )
}

function tooLarge(most_bytes: number): EngineError {
  return new EngineError('request_too_large', `the body holds more than ${most_bytes} bytes of transcript`, {
    hint: 'send it in parts',
  })
}

/** What was stored before a body turned out to be no good. */
function withStored(failure: unknown, { sessions_new }: IngestReport): unknown {
  if (!(failure instanceof EngineError) || sessions_new === 0) return failure
  const { type, message, hint } = failure
  const stored = `${message}; ${sessions_new} sessions that were complete before that are stored`
  return new EngineError(type, stored, { ...(hint === null ? {} : { hint }), cause: failure })
}

function nothingIn({ skipped }: IngestReport): EngineError {
  const [first, ...more] = skipped.map(({ line, reason }) =>
    line === null ? reason : `line ${line}: ${reason}`,
  )
  const others = more.length === 0 ? '' : ` (and ${more.length} more: ${more.slice(0, 3).join('; ')})`
  return new EngineError(
    'invalid_request_error',
    `there is no session in the body: ${first ?? 'it is empty'}${others}`,
    {
      hint: 'send a whole transcript file, or one session a line',
    },
  )
}
