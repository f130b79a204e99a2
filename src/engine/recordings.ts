/**
 * Sessions as the Managed Agents API has them. One that is put in over the wire is a recording; one that came from a file is shown
 * beside it, finished, and takes no more events.
 */
import type { Privacy } from '../1-ingest/pii.ts'
import { lostSecret, redactJson, withoutBare } from '../1-ingest/redact.ts'
import { appendAudit } from '../db/audit.ts'
import { noteBytesLeft } from '../db/bytes.ts'
import type { Database, Transaction } from '../db/database.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import { eventsOfState, spansOf } from '../db/recorded-events.ts'
import {
  deleteRecordings,
  type FiledSession,
  findFiledSession,
  findRecording,
  insertRecording,
  type Listed,
  listRecordings,
  placeOf,
  type RecordingFilter,
  recordingOfExternalId,
  sessionsOfRecording,
  updateRecording,
} from '../db/recordings.ts'
import { listAgents } from '../db/sessions.ts'
import type { AgentContent } from '../domain/agent.ts'
import type { AuditEntry } from '../domain/audit.ts'
import type { EngineError } from '../domain/error.ts'
import { randomId } from '../domain/id.ts'
import type { Actor } from '../domain/memory.ts'
import { type MetadataPatch, patched } from '../domain/metadata.ts'
import { type Place, readCursor, writeCursor } from '../domain/page.ts'
import type { WireEvent } from '../domain/recorded-event.ts'
import type { AgentSnapshot, Budget, Recording, RecordingFacts, Resource } from '../domain/recording.ts'
import { factsOf } from '../domain/recording-facts.ts'
import { NO_USAGE } from '../domain/usage.ts'
import { erase } from '../erasure/erase.ts'
import { type Settled, settle } from '../settle.ts'
import { type AgentWanted, agentForSession } from './agents.ts'
import { DEFAULT_ENVIRONMENT, environmentForSession } from './environments.ts'
import { notFound } from './find.ts'
import { agentOfFile, changeable, invalid, noSession, recordingNamed } from './find-session.ts'
import { type Once, once } from './idempotency.ts'
import { knownSecrets, rememberSecrets } from './known-secrets.ts'
import { type Opened, transaction } from './opened.ts'
import { keyedOnce, privacyOfWire } from './privacy.ts'
import { preparedEvents, putIn, redactEarlier } from './put-events.ts'
import { isAlive } from './worker.ts'

export type ResourceWanted =
  | {
      type: 'memory_store'
      memory_store_id: string
      access: 'read_write' | 'read_only'
      instructions: string | null
    }
  | { type: 'file'; file_id: string; mount_path: string | null }
  | {
      type: 'github_repository'
      url: string
      checkout: { type: 'branch' | 'commit' } | null
      mount_path: string | null
    }

export type SessionWanted = {
  agent: AgentWanted
  environment_id: string | null
  title: string | null
  metadata: Record<string, string>
  resources: ResourceWanted[]
  vault_ids: string[]
  budget: Budget | null
  initial_events: WireEvent[]
}

export type SessionPatch = {
  title?: string | null
  metadata?: MetadataPatch
  agent?: Partial<Pick<AgentContent, 'tools' | 'mcp_servers'>>
  budget?: Budget | null
}

/** A session as the wire tells of it. */
export type ShownSession = Omit<Recording, 'archived_threads'> & RecordingFacts

export type SessionsWanted = Omit<RecordingFilter, 'agents'> & {
  order: 'asc' | 'desc'
  limit: number
  page: string | null
}

export type PageBothWays<T> = { data: T[]; next_page: string | null; prev_page: string | null }

export function recordingsOf(opened: Opened) {
  const { db, now } = opened
  return {
    /**
     * A new session, with the events it begins with. Agents and environments that are not known are made. `metadata.external_id` names a
     * session: a second one of that name is the first.
     *
     * Throws `not_found_error` for a memory store that is not there, `invalid_request_error` for what is archived,
     * `conflict_error` for an idempotency key that was used for another request. Nothing is left of one that fails.
     */
    async createSession(wanted: SessionWanted, as: Actor, asked: Once = null): Promise<ShownSession> {
      const privacy = await privacyOfWire(opened)
      const { value, found } = await withoutSecrets(wanted, privacy)
      const { agent, title, metadata, resources } = value
      const events = await preparedEvents(wanted.initial_events, privacy)
      const [id] = await transaction(db, false, (tx) =>
        once(tx, keyedOnce(asked, privacy), now(), async () => {
          const external_id = metadata.external_id ?? null
          const known = external_id === null ? undefined : await recordingOfExternalId(tx, external_id)
          if (known !== undefined) return [known]
          const at = now().toISOString()
          const recording = {
            id: randomId('sesn'),
            ...{ title, metadata, external_id },
            agent: await agentForSession(tx, agent, at),
            environment_id: await environmentForSession(tx, value.environment_id, at),
            resources: await mounted(tx, resources, at),
            vault_ids: value.vault_ids,
            budget: wanted.budget,
            status: 'idle' as const,
            dream_id: null,
            created_at: at,
            created_by: as,
          }
          await insertRecording(tx, recording)
          await appendAudit(tx, created(recording.id, as, at))
          rememberSecrets(recording.id, found)
          if (wanted.initial_events.length > 0)
            await putIn(tx, (await findRecording(tx, recording.id))!, events, at)
          return [recording.id]
        }),
      )
      return shownById(db, id!)
    },

    /** By its id, or by that of a session that was stored of it. Throws `not_found_error`. */
    sessionById: (id: string): Promise<ShownSession> => shownById(db, id),

    /** In order of time, in both directions: `prev_page` leads to what came before. */
    async sessionList({
      page,
      order,
      limit,
      ...wanted
    }: SessionsWanted): Promise<PageBothWays<ShownSession>> {
      const filter = { ...wanted, agents: await agentsNamed(db, wanted.agent_id) }
      const cursor = placeOnPage(page)
      const list = (after: Place | null, direction: 'asc' | 'desc', limit: number) =>
        listRecordings(db, filter, { after, order: direction, limit })
      const back = order === 'asc' ? 'desc' : 'asc'
      const goes_back = cursor?.direction === 'before'
      const rows = await list(cursor?.place ?? null, goes_back ? back : order, limit + 1)
      const data = goes_back ? rows.slice(0, limit).reverse() : rows.slice(0, limit)
      const more = rows.length > limit
      const [first, last] = [data.at(0), data.at(-1)]
      const isThere = async (it: Listed, direction: 'asc' | 'desc') =>
        (await list(placeOf(it), direction, 1)).length > 0
      const has_next = last !== undefined && (goes_back ? await isThere(last, order) : more)
      const has_prev =
        first !== undefined && cursor !== null && (goes_back ? more : await isThere(first, back))
      return {
        data: await shown(db, data),
        next_page: has_next ? cursorOf('after', last) : null,
        prev_page: has_prev ? cursorOf('before', first) : null,
      }
    },

    /** Throws `invalid_request_error` for what may not change: a session from a file, an archived one, the agent of one that runs, a new budget. */
    async updateSession(id: string, patch: SessionPatch): Promise<ShownSession> {
      const { value, found } = await redactJson(patch, await privacyOfWire(opened))
      if (lostSecret(value.metadata?.external_id, patch.metadata?.external_id)) throw secretName()
      await transaction(db, false, async (tx) => {
        const recording = await changeable(tx, id)
        if (value.agent !== undefined && recording.status === 'running')
          throw invalid('the agent of a session that is running cannot change', 'wait until it is idle')
        if (patch.budget != null && recording.budget === null)
          throw invalid(
            'budget: a session that was created without one gets none',
            'create a session with a budget',
          )
        const agent = value.agent && { ...recording.agent, ...value.agent }
        const given = { title: value.title, metadata: patched(recording.metadata, value.metadata) }
        const { external_id } = recording.metadata
        const { title, metadata } = withoutBare(given, [...knownSecrets(recording.id), ...found])
        if (given.metadata.external_id !== external_id)
          throw invalid('metadata.external_id: it is given once, when the session is created', 'leave it out')
        const at = now().toISOString()
        await redactEarlier(tx, recording, found, at)
        await updateRecording(tx, recording.id, {
          ...(title !== undefined && { title }),
          ...(value.metadata && {
            metadata: { ...metadata, ...(external_id !== undefined && { external_id }) },
          }),
          ...(agent && { agent }),
          ...(patch.budget !== undefined && { budget: patch.budget }),
          updated_at: at,
        })
      })
      return shownById(db, id)
    },

    /** Takes no more events from now on. Throws `invalid_request_error` for one that is running, or that came from a file. */
    async archiveSession(id: string): Promise<ShownSession> {
      await transaction(db, false, async (tx) => {
        const recording = await recordingNamed(tx, id)
        if (recording.archived_at !== null) return
        refuseRunning(recording, 'archived')
        const at = now().toISOString()
        await updateRecording(tx, recording.id, { archived_at: at, updated_at: at, status: 'terminated' })
      })
      return shownById(db, id)
    },

    /**
     * Deletes a session with all that rests on it: what dreams have read of it is erased as `erase` does. Gives its id.
     *
     * Throws `invalid_request_error` for one that is running, `conflict_error` while a dream of a store involved runs.
     */
    async deleteSession(id: string, as: `user:${string}`): Promise<string> {
      const deleted = await transaction(db, false, async (tx) => {
        const recording = await findRecording(tx, id)
        if (!recording) {
          if (await findFiledSession(tx, id)) return null
          throw noSession(id)
        }
        refuseRunning(recording, 'deleted')
        const stored = await sessionsOfRecording(tx, recording.id)
        if (stored.length > 0) return null
        const at = now().toISOString()
        await deleteRecordings(tx, [recording.id])
        await noteBytesLeft(tx, at)
        await appendAudit(tx, {
          ...created(recording.id, as, at),
          action: 'session.deleted',
          reason: 'on request',
        })
        return recording.id
      })
      if (deleted !== null) return deleted
      const { id: shown_id } = await shownById(db, id)
      const request = {
        which: { session_ids: [shown_id] },
        actor: as,
        reason: 'a person deleted it',
        dry_run: false,
      }
      await erase(db, request, { now, is_alive: isAlive })
      return shown_id
    },

    /** Throws `invalid_request_error` for one that takes none. */
    async addFile(id: string, file: { file_id: string; mount_path: string | null }): Promise<FileResource> {
      const { value } = await redactJson(file, await privacyOfWire(opened))
      return transaction(db, false, async (tx) => {
        const recording = await changeable(tx, id)
        const at = now().toISOString()
        const made = mountedFile({ type: 'file', ...value }, at)
        const resources = [...recording.resources, made]
        if (resources.length > MOST_RESOURCES)
          throw invalid(`resources: at most ${MOST_RESOURCES}`, 'delete one first')
        await updateRecording(tx, recording.id, { resources, updated_at: at })
        return made
      })
    },

    /** A token is not kept, for nothing here uses it; the repository says when it was given. */
    async renewRepository(id: string, resource_id: string): Promise<Resource> {
      return transaction(db, false, async (tx) => {
        const recording = await changeable(tx, id)
        const at = now().toISOString()
        const found = resourceNamed(recording, resource_id)
        if (found.type !== 'github_repository')
          throw invalid(`the resource ${resource_id} is no repository`, 'only repositories have a token')
        const renewed = { ...found, updated_at: at }
        const resources = recording.resources.map((it) => (it === found ? renewed : it))
        await updateRecording(tx, recording.id, { resources, updated_at: at })
        return renewed
      })
    },

    async removeResource(id: string, resource_id: string): Promise<void> {
      await transaction(db, false, async (tx) => {
        const recording = await changeable(tx, id)
        const found = resourceNamed(recording, resource_id)
        const resources = recording.resources.filter((it) => it !== found)
        await updateRecording(tx, recording.id, { resources, updated_at: now().toISOString() })
      })
    },

    /** By its id; a memory store, which has none of its own, by that of the store. */
    async resourceById(id: string, resource_id: string): Promise<Resource> {
      return resourceNamed(await shownById(db, id), resource_id)
    },

    /** Stores what was put in over the wire as sessions, which dreams read: these, or all that nobody writes at the moment. */
    settle: (ids: string[] | 'all idle' = 'all idle'): Promise<Settled> => settle(db, ids, now),
  }
}

const MOST_RESOURCES = 500

function refuseRunning({ id, status }: Recording, what: string): void {
  if (status !== 'running') return
  throw invalid(
    `the session ${id} is running and cannot be ${what}`,
    'put in a session.status_idle event when it has ended',
  )
}

function created(id: string, actor: Actor, at: string): AuditEntry {
  return {
    ...{ at, actor, action: 'session.created', object: id },
    ...{ before_sha256: null, after_sha256: null, reason: 'put in over the wire' },
  }
}

async function withoutSecrets({ initial_events, budget, ...wanted }: SessionWanted, privacy?: Privacy) {
  const { metadata, agent, resources } = wanted
  const { value, found } = await redactJson(wanted, privacy)
  const names = [
    [value.metadata.external_id, metadata.external_id],
    [value.agent.id, agent.id],
    [value.environment_id, wanted.environment_id],
    ...resources.map((it, i) => [idOf(value.resources[i]!), idOf(it)]),
  ]
  if (names.some(([clean, given]) => lostSecret(clean, given))) throw secretName()
  return { value, found }
}

function idOf(it: ResourceWanted): string | undefined {
  return it.type === 'memory_store' ? it.memory_store_id : it.type === 'file' ? it.file_id : undefined
}

function secretName(): EngineError {
  return invalid('one of the ids and names reads like a secret', 'give it another: it would be told again')
}

async function mounted(tx: Transaction, wanted: ResourceWanted[], at: string): Promise<Resource[]> {
  const made: Resource[] = []
  for (const it of wanted) {
    const times = { id: randomId('sesrsc'), created_at: at, updated_at: at }
    if (it.type === 'memory_store') made.push(await mountedStore(tx, it))
    else if (it.type === 'file') made.push(mountedFile(it, at))
    else {
      const name = it.url
        .replace(/\/+$/, '')
        .replace(/.*\//, '')
        .replace(/\.git$/, '')
      made.push({ ...it, ...times, mount_path: it.mount_path ?? `/workspace/${name || 'repository'}` })
    }
  }
  return made
}

function mountedFile(it: Extract<ResourceWanted, { type: 'file' }>, at: string): FileResource {
  const mount_path = it.mount_path ?? `/mnt/session/uploads/${it.file_id}`
  return { ...it, mount_path, id: randomId('sesrsc'), created_at: at, updated_at: at }
}

type FileResource = Extract<Resource, { type: 'file' }>

async function mountedStore(
  tx: Transaction,
  it: Extract<ResourceWanted, { type: 'memory_store' }>,
): Promise<Resource> {
  const found = await findMemoryStore(tx, it.memory_store_id)
  if (found?.id !== it.memory_store_id)
    throw notFound('memory store', it.memory_store_id, 'create it before a session has it')
  if (found.archived_at !== null)
    throw invalid(`the memory store ${found.id} is archived, and no new session has it`, 'choose another')
  const slug = found.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return {
    ...it,
    name: found.name,
    description: found.description,
    mount_path: `/mnt/memory/${slug === '-' || slug === '' ? found.id : slug}`,
  }
}

function resourceNamed(
  { id, resources }: Pick<Recording, 'id' | 'resources'>,
  resource_id: string,
): Resource {
  const found = resources.find((it) =>
    it.type === 'memory_store' ? it.memory_store_id === resource_id : it.id === resource_id,
  )
  if (found) return found
  throw notFound('resource', resource_id, `list the resources of ${id}`)
}

async function shownById(db: Database, id: string): Promise<ShownSession> {
  const recording = await findRecording(db, id)
  if (recording) {
    const { settled_through, last_event, same_as, ...it } = recording
    return (await shown(db, [{ kind: 'recorded', recording: it }]))[0]!
  }
  const session = await findFiledSession(db, id)
  if (session) return (await shown(db, [{ kind: 'filed', session }]))[0]!
  throw noSession(id)
}

async function shown(db: Database, rows: Listed[]): Promise<ShownSession[]> {
  const ids = rows.flatMap((it) => (it.kind === 'recorded' ? it.recording.id : []))
  const [states, spans] = [await eventsOfState(db, ids), await spansOf(db, ids)]
  const agents = new Map<string, AgentSnapshot>()
  const result: ShownSession[] = []
  for (const row of rows) {
    if (row.kind === 'recorded') {
      const { archived_threads, ...recording } = row.recording
      const { id } = recording
      const facts = factsOf(states.get(id) ?? [], spans.get(id) ?? { first_at: null, last_at: null })
      result.push({ ...recording, ...facts })
    } else {
      const { agent } = row.session
      const snapshot = agents.get(agent) ?? (await agentOfFile(db, agent))
      agents.set(agent, snapshot)
      result.push(filedSession(row.session, snapshot))
    }
  }
  return result
}

function filedSession(it: FiledSession, agent: AgentSnapshot): ShownSession {
  const metadata: Record<string, string | null> = {
    harness: it.harness,
    external_id: it.external_session_id,
    task_id: it.task,
    agent_version: it.agent_version,
  }
  const said = Object.entries(metadata).filter((pair): pair is [string, string] => pair[1] !== null)
  const span = { first_at: it.created_at, last_at: it.ended_at }
  return {
    id: it.id,
    title: it.title === '' ? null : it.title,
    metadata: Object.fromEntries(said.map(([key, value]) => [key, value.slice(0, 512)])),
    agent,
    environment_id: DEFAULT_ENVIRONMENT,
    ...{ resources: [], vault_ids: [], budget: null, dream_id: null, archived_at: null },
    status: 'idle',
    created_at: it.created_at,
    updated_at: it.updated_at,
    ...factsOf([], span),
    usage: NO_USAGE,
  }
}

/** Names of agents of sessions from files that are shown under that id; null where none was asked for. */
async function agentsNamed(db: Database, agent_id: string | undefined): Promise<string[] | null> {
  if (agent_id === undefined) return null
  const names: string[] = []
  for (const { agent } of await listAgents(db))
    if ((await agentOfFile(db, agent)).id === agent_id) names.push(agent)
  return names
}

function cursorOf(direction: 'after' | 'before', it: Listed): string {
  const { created_at, id } = placeOf(it)
  return writeCursor(`${direction} ${created_at} ${id}`)
}

function placeOnPage(page: string | null): { direction: string; place: Place } | null {
  const [direction, created_at, id] = readCursor(page)?.split(' ') ?? []
  if (direction === undefined || created_at === undefined || id === undefined) return null
  return { direction, place: { created_at, id } }
}
