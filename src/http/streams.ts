/**
 * Events as they happen, as server-sent events. Nothing is replayed: whoever wants all opens the stream, then lists what was before.
 *
 * A reader that is too slow is let go, not waited for: what is held for it is bounded. A quiet stream says every fifteen seconds that it is
 * there, all of them by one clock.
 */
import type { Context } from 'hono'
import { randomId } from '../domain/id.ts'
import type { RecordedEvent } from '../domain/recorded-event.ts'
import type { Followed } from '../engine.ts'
import type { Env } from './env.ts'

const HEARTBEAT_MS = 15_000
/** What may wait for a reader. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store',
  // Proxies that collect what comes would hold it back.
  'x-accel-buffering': 'no',
}

const encoder = new TextEncoder()
const OPENED = encoder.encode(': events follow as they happen\n\n')
const HEARTBEAT = encoder.encode(': still here\n\n')

/** The stream of a session, or of a thread of it. Events that are put in after this has settled are in it. */
export async function streamOf(c: Context<Env>, followed: Followed): Promise<Response> {
  const { feed, now } = c.var.server
  let stop = () => {}
  let reader: ReadableStreamDefaultController<Uint8Array> | null = null
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        reader = controller
      },
      cancel: () => finish(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
  )
  const write = (bytes: Uint8Array) => {
    if (reader === null) return
    if (reader.desiredSize! < bytes.byteLength) finish()
    else reader.enqueue(bytes)
  }
  const beat = () => write(HEARTBEAT)
  const finish = () => {
    stop()
    stopBeating(beat)
    const open = reader
    reader = null
    try {
      open?.close()
    } catch {
      // Its reader has gone already, and that was all there was to do.
    }
  }

  write(OPENED)
  if (followed.ends) finish()
  else {
    stop = await feed.listen(followed.session_id, {
      ...followed,
      event: (event) => write(frameOf(event)),
      end(why) {
        if (why === 'deleted')
          write(frameOf({ id: randomId('sevt'), type: 'session.deleted', processed_at: now().toISOString() }))
        else if (why !== 'stopped') c.var.report(why.failed)
        finish()
      },
    })
    if (reader !== null) startBeating(beat)
    else stop()
  }
  return c.body(body, 200, HEADERS)
}

const frames = new WeakMap<RecordedEvent, Uint8Array>()

/** The same bytes for all who listen. */
function frameOf(event: RecordedEvent): Uint8Array {
  const known = frames.get(event)
  if (known !== undefined) return known
  const frame = encoder.encode(`event: message\ndata: ${JSON.stringify(event)}\n\n`)
  frames.set(event, frame)
  return frame
}

const beating = new Set<() => void>()
let clock: NodeJS.Timeout | null = null

function startBeating(beat: () => void): void {
  beating.add(beat)
  clock ??= setInterval(() => {
    for (const it of [...beating]) it()
  }, HEARTBEAT_MS).unref()
}

function stopBeating(beat: () => void): void {
  beating.delete(beat)
  if (beating.size > 0 || clock === null) return
  clearInterval(clock)
  clock = null
}
