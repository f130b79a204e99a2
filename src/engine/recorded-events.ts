/**
 * The events of sessions: put in, listed, and looked at thread by thread.
 *
 * Whoever puts events in may bring their ids and times. The same event again is there already; another one of the same id is refused.
 */
import type { Database } from '../db/database.ts'
import {
  eventsNamed,
  eventsOfState,
  listEvents,
  type Span,
  spansOf,
  threadsNamed,
} from '../db/recorded-events.ts'
import {
  type Bounds,
  findFiledSession,
  findRecording,
  OPERATORS,
  type StoredRecording,
  updateRecording,
} from '../db/recordings.ts'
import { readSession } from '../db/sessions.ts'
import type { EngineError } from '../domain/error.ts'
import { primaryThread, wireEventOf } from '../domain/filed-event.ts'
import { type Page, type PageRequest, pageOf, readCursor } from '../domain/page.ts'
import type { RecordedEvent, WireEvent } from '../domain/recorded-event.ts'
import type { AgentSnapshot, RecordingStatus } from '../domain/recording.ts'
import { factsOf, threadStatusAfter } from '../domain/recording-facts.ts'
import type { Usage } from '../domain/usage.ts'
import { agentId } from './agents.ts'
import { notFound } from './find.ts'
import { agentOfFile, changeable, invalid, noSession, recordingNamed } from './find-session.ts'
import { type Once, once } from './idempotency.ts'
import { type Opened, transaction } from './opened.ts'
import { keyedOnce, privacyOfWire } from './privacy.ts'
import { preparedEvents, putIn } from './put-events.ts'

export type EventsWanted = {
  types?: string[] | undefined
  processed: Bounds
  order: 'asc' | 'desc'
} & PageRequest

export type SessionThread = {
  id: string
  session_id: string
  parent_thread_id: string | null
  agent: AgentSnapshot
  status: RecordingStatus
  usage: Usage | null
  active_seconds: number
  duration_seconds: number
  workflow_run_id: string | null
  archived_at: string | null
  created_at: string
  updated_at: string
}

/** What a stream follows: a session, or one thread of it. `ends` where nothing can come any more. */
export type Followed = { session_id: string; thread_id: string | null; is_primary: boolean; ends: boolean }

export function recordedEventsOf(opened: Opened) {
  const { db, now } = opened
  return {
    /**
     * Puts events in, all of them or none, in the order given; gives them as they are kept.
     *
     * Throws `invalid_request_error` for the result of a call that is not there, for an id that another event has, and for a session
     * that takes no events; `not_found_error` where there is no such session.
     */
    async sendEvents(id: string, sent: WireEvent[], asked: Once = null): Promise<RecordedEvent[]> {
      const privacy = await privacyOfWire(opened)
      const prepared = await preparedEvents(sent, privacy)
      const made = await transaction(db, false, async (tx) => {
        const recording = await changeable(tx, id)
        const at = now().toISOString()
        const ids = await once(tx, keyedOnce(asked, privacy), now(), () => putIn(tx, recording, prepared, at))
        const there = await eventsNamed(tx, recording.id, ids)
        return ids.flatMap((it) => there.get(it)?.event ?? [])
      })
      return made
    },

    /** In the order in which they were put in, or against it. */
    async eventList(id: string, wanted: EventsWanted): Promise<Page<RecordedEvent>> {
      const recording = await findRecording(db, id)
      if (recording) return recordedPage(db, recording.id, undefined, wanted)
      const filed = await findFiledSession(db, id)
      if (!filed) throw noSession(id)
      return filedPage(db, filed.id, wanted)
    },

    /** What is put in from now on is followed by whoever asks here first. Throws `not_found_error`. */
    async followed(id: string, thread_id?: string): Promise<Followed> {
      const recording = await findRecording(db, id)
      if (!recording) {
        const filed = await findFiledSession(db, id)
        if (!filed) throw noSession(id)
        if (thread_id !== undefined && thread_id !== primaryThread(filed.id)) throw noThread(thread_id, id)
        return { session_id: filed.id, thread_id: null, is_primary: false, ends: true }
      }
      if (thread_id === undefined)
        return { session_id: recording.id, thread_id: null, is_primary: false, ends: false }
      const { parent_thread_id } = await thread(recording.id, thread_id)
      const is_primary = parent_thread_id === null
      return {
        session_id: recording.id,
        thread_id: is_primary ? null : thread_id,
        ...{ is_primary, ends: false },
      }
    },

    /** The thread that every session has, and those that its events name. */
    async threadList(
      id: string,
      { statuses, ...page }: { statuses?: RecordingStatus[] | undefined } & PageRequest,
    ): Promise<Page<SessionThread>> {
      const all = await threadsOf(id)
      return pageOf(
        all.filter((it) => statuses === undefined || statuses.includes(it.status)),
        page,
      )
    },

    threadById: (id: string, thread_id: string): Promise<SessionThread> => thread(id, thread_id),

    /** Throws `invalid_request_error` for the thread that every session has: that is archived with it. */
    async archiveThread(id: string, thread_id: string): Promise<SessionThread> {
      const { parent_thread_id } = await thread(id, thread_id)
      if (parent_thread_id === null)
        throw invalid(`${thread_id} is the session's own thread`, 'archive the session')
      await transaction(db, false, async (tx) => {
        const recording = await recordingNamed(tx, id)
        if (recording.archived_threads[thread_id] !== undefined) return
        const at = now().toISOString()
        const archived_threads = { ...recording.archived_threads, [thread_id]: at }
        await updateRecording(tx, recording.id, { archived_threads, updated_at: at })
      })
      return thread(id, thread_id)
    },

    /** The events of one thread. */
    async threadEvents(id: string, thread_id: string, page: PageRequest): Promise<Page<RecordedEvent>> {
      const { parent_thread_id } = await thread(id, thread_id)
      const wanted = { processed: {}, order: 'asc' as const, ...page }
      const recording = await findRecording(db, id)
      if (!recording) return filedPage(db, id, wanted)
      return recordedPage(db, recording.id, parent_thread_id === null ? null : thread_id, wanted)
    },
  }

  async function thread(id: string, thread_id: string): Promise<SessionThread> {
    const found = (await threadsOf(id)).find((it) => it.id === thread_id)
    if (found) return found
    throw noThread(thread_id, id)
  }

  async function threadsOf(id: string): Promise<SessionThread[]> {
    const recording = await findRecording(db, id)
    if (recording) return threadsOfRecording(db, recording)
    const filed = await findFiledSession(db, id)
    if (!filed) throw noSession(id)
    return [
      {
        id: primaryThread(filed.id),
        session_id: filed.id,
        parent_thread_id: null,
        agent: await agentOfFile(db, filed.agent),
        status: 'idle',
        ...{ usage: null, active_seconds: 0, duration_seconds: 0, workflow_run_id: null, archived_at: null },
        created_at: filed.created_at,
        updated_at: filed.updated_at,
      },
    ]
  }
}

async function threadsOfRecording(db: Database, recording: StoredRecording): Promise<SessionThread[]> {
  const state = (await eventsOfState(db, [recording.id])).get(recording.id) ?? []
  const span = (await spansOf(db, [recording.id])).get(recording.id) ?? { first_at: null, last_at: null }
  const own_state = state.filter((it) => it.session_thread_id === undefined)
  const { usage, active_seconds, duration_seconds } = factsOf(own_state, span)
  const primary = {
    id: primaryThread(recording.id),
    session_id: recording.id,
    parent_thread_id: null,
    agent: recording.agent,
    status: recording.status,
    ...{ usage, active_seconds, duration_seconds },
    workflow_run_id: null,
    archived_at: recording.archived_at,
    created_at: recording.created_at,
    updated_at: recording.updated_at,
  }
  const children = (await threadsNamed(db, recording.id)).map(({ thread_id, first_at, last_at }) => {
    const own = state.filter((it) => it.session_thread_id === thread_id)
    const begun = own.find((it) => it.type === 'session.thread_created')
    const archived_at = recording.archived_threads[thread_id] ?? recording.archived_at
    const told = own.flatMap((it) => threadStatusAfter(it.type) ?? []).at(-1) ?? 'idle'
    const created_at = first_at ?? recording.created_at
    const ended_at = last_at ?? created_at
    return {
      ...primary,
      id: thread_id,
      parent_thread_id: primary.id,
      agent: agentOfThread(recording.agent, own.find((it) => typeof it.agent_name === 'string')?.agent_name),
      status: archived_at === null ? told : ('terminated' as const),
      ...timesAndUsage(own, { first_at, last_at }),
      workflow_run_id: typeof begun?.workflow_run_id === 'string' ? begun.workflow_run_id : null,
      archived_at,
      created_at,
      updated_at: archived_at ?? ended_at,
    }
  })
  return [primary, ...children]
}

function timesAndUsage(own: RecordedEvent[], span: Span) {
  const as_session = own.map((it) => ({ ...it, type: it.type.replace('session.thread_', 'session.') }))
  const { usage, active_seconds, duration_seconds } = factsOf(as_session, span)
  return { usage, active_seconds, duration_seconds }
}

function agentOfThread(agent: AgentSnapshot, name: unknown): AgentSnapshot {
  return typeof name !== 'string' || name === agent.name ? agent : { ...agent, name, id: agentId(name) }
}

async function recordedPage(
  db: Database,
  recording_id: string,
  thread_id: string | null | undefined,
  { types, processed, order, page, limit = MOST_EVENTS }: EventsWanted,
): Promise<Page<RecordedEvent>> {
  const cursor = readCursor(page)
  const after = cursor === null ? null : Number(cursor)
  const rows = await listEvents(
    db,
    recording_id,
    { types, thread_id, processed },
    { after, order, limit: limit + 1 },
  )
  const { data, next_page } = pageOf(rows, { limit }, (it) => String(it.seq))
  return { data: data.map((it) => it.event), next_page }
}

export const MOST_EVENTS = 1_000

/** The events of a session that came from a file; none where its transcript was removed. */
async function filedPage(
  db: Database,
  id: string,
  { types, processed, order, page, limit = MOST_EVENTS }: EventsWanted,
): Promise<Page<RecordedEvent>> {
  const session = await readSession(db, id)
  const events = (session?.events ?? [])
    .map((it) => wireEventOf(it, id))
    .filter((it) => (types === undefined || types.includes(it.type)) && isWithin(it.processed_at, processed))
  return pageOf(order === 'asc' ? events : events.reverse(), { limit, page: page ?? null })
}

function isWithin(at: string | null, bounds: Bounds): boolean {
  return OPERATORS.every(([name]) => {
    const bound = bounds[name]
    if (bound === undefined) return true
    if (at === null) return false
    return name === 'gt'
      ? at > bound
      : name === 'gte'
        ? at >= bound
        : name === 'lt'
          ? at < bound
          : at <= bound
  })
}

function noThread(thread_id: string, id: string): EngineError {
  return notFound('thread', thread_id, `list the threads of ${id}`)
}
