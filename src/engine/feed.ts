/**
 * The feed: events of sessions, told to whoever listens, as they are written, by this process or another.
 *
 * One look at the database serves all listeners of the process: what was written since the look before, four times a second while somebody
 * listens, and at once after a write of our own. Whoever listens to a quiet session costs an entry in a table.
 */
import type { Database } from '../db/database.ts'
import { arrivedAfter, eventsAt, lastSeq, stillThere } from '../db/recorded-events.ts'
import type { RecordedEvent } from '../domain/recorded-event.ts'

export type Listener = {
  /** A thread, null for the session with all its threads. */
  thread_id: string | null
  /** Only what is the session's own, and what it is told of its threads. */
  is_primary: boolean
  event: (event: RecordedEvent) => void
  /** Nothing comes any more: the session was deleted, the server stops, or what was written could not be read. */
  end: (why: 'deleted' | 'stopped' | { failed: unknown }) => void
}

export type Feed = ReturnType<typeof openFeed>

const LOOK_EVERY_MS = 250
const AT_ONCE = 1_000

/** Of how many looks one asks whether the sessions are still there. */
const DELETED_EVERY = 8

export function openFeed(db: Database) {
  const listeners = new Map<string, Set<Listener>>()
  let timer: NodeJS.Timeout | null = null
  let seen = 0
  let looks = 0
  let working: Promise<void> | null = null
  let is_asked_again = false
  let is_closed = false

  return {
    /** Tells what is written from now on. Gives what stops it. */
    async listen(session_id: string, listener: Listener): Promise<() => void> {
      if (timer === null) {
        seen = Math.max(seen, await lastSeq(db))
        timer ??= setInterval(look, LOOK_EVERY_MS)
        timer.unref()
      }
      if (is_closed) {
        listener.end('stopped')
        return () => {}
      }
      const others = listeners.get(session_id) ?? new Set()
      listeners.set(session_id, others.add(listener))
      return () => {
        others.delete(listener)
        if (others.size === 0 && listeners.get(session_id) === others) listeners.delete(session_id)
        if (listeners.size === 0) rest()
      }
    },

    /** Something was written here: looks at once. */
    look,

    /** A session was deleted here: whoever listens to it is told. */
    deleted,

    /** Ends every stream. */
    close(): void {
      is_closed = true
      endAll('stopped')
    },

    /** How many listen. */
    get size(): number {
      return [...listeners.values()].reduce((sum, it) => sum + it.size, 0)
    },
  }

  function endAll(why: Parameters<Listener['end']>[0]): void {
    const all = [...listeners.values()].flatMap((it) => [...it])
    listeners.clear()
    rest()
    for (const it of all) it.end(why)
  }

  function rest(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  function look(): void {
    if (timer === null) return
    if (working !== null) {
      is_asked_again = true
      return
    }
    working = tellWhatCame()
      // Whoever listens has to ask again: going on would leave out what was not read.
      .catch((failed) => endAll({ failed }))
      .finally(() => {
        working = null
        if (!is_asked_again) return
        is_asked_again = false
        look()
      })
  }

  async function tellWhatCame(): Promise<void> {
    for (;;) {
      const arrived = await arrivedAfter(db, seen, AT_ONCE)
      if (arrived.length === 0) break
      const heard = arrived.filter((it) => listeners.has(it.recording_id)).map((it) => it.seq)
      for (const it of heard.length === 0 ? [] : await eventsAt(db, heard)) tell(it)
      seen = arrived.at(-1)!.seq
      if (arrived.length < AT_ONCE) break
    }
    if (looks++ % DELETED_EVERY !== 0) return
    const there = await stillThere(db, [...listeners.keys()])
    for (const id of [...listeners.keys()]) if (!there.has(id)) deleted(id)
  }

  function tell(it: { recording_id: string; thread_id: string | null; event: RecordedEvent }): void {
    for (const listener of listeners.get(it.recording_id) ?? []) {
      const { thread_id, is_primary } = listener
      if (thread_id !== null && it.thread_id !== thread_id) continue
      if (is_primary && it.thread_id !== null && !it.event.type.startsWith('session.thread')) continue
      listener.event(it.event)
    }
  }

  function deleted(session_id: string): void {
    const all = listeners.get(session_id)
    listeners.delete(session_id)
    if (listeners.size === 0) rest()
    for (const it of all ?? []) it.end('deleted')
  }
}
