/** Whose memory a recall is about: what was said, what the session knows of itself, and what the workspace holds. */
import { agentCalled } from '../db/agents.ts'
import type { Database } from '../db/database.ts'
import { memoryStoreById, storesOfAgent } from '../db/memory-stores.ts'
import { findRecording, recordingOfExternalId, type StoredRecording } from '../db/recordings.ts'
import { findSession, listSessions } from '../db/sessions.ts'
import type { MemoryStore } from '../domain/memory.ts'
import { notFound } from './find.ts'
import { memoryStore } from './stores.ts'

/** What was said. A store is called by its name or id. */
type Named = { agent?: string; store?: string; session?: string }

/** `store` is null where the agent has none yet. */
export type RecallTarget = {
  store: MemoryStore | null
  agent: string
  /** How the session will be known when it is stored; null for no session. */
  session_key: string | null
  notes: string[]
}

/**
 * The agent is the one that is named, else that of the session, else that of the memory store; the store is the one that is named, else the
 * one that the session mounts, else the agent's own: the one of its name, or its oldest.
 */
export async function recallTarget(db: Database, { agent, store, session }: Named): Promise<RecallTarget> {
  const recording = session === undefined ? undefined : await recordingCalled(db, session)
  const session_key = recording?.id ?? session ?? null
  const named =
    agent ??
    recording?.agent.name ??
    (session === undefined ? undefined : (await findSession(db, session))?.agent)
  const chosen = store === undefined ? undefined : await memoryStore(db, store)
  const mounted = chosen || !recording ? [] : await mountedBy(db, recording)
  if (mounted.length > 0) return { ...preferred(mounted, named!), agent: named!, session_key }
  if (chosen || named === undefined) {
    const only = chosen ?? (await memoryStore(db))
    return { store: only, agent: named ?? only.agent, session_key, notes: [] }
  }
  const own = await storesOfAgent(db, named)
  if (own.length > 0)
    return { store: own.find((it) => it.name === named) ?? own[0]!, agent: named, session_key, notes: [] }
  await refuseUnknown(db, named)
  const note = `${named} has no memory store yet: the first \`reverie dream\` over its sessions makes one.`
  return { store: null, agent: named, session_key, notes: [note] }
}

/** All names under which a session may have recalled: those that it has when it is stored, and its parent's. */
export async function namesOfSession(db: Database, name: string): Promise<string[]> {
  const row = await findSession(db, name)
  const recording = row ? undefined : await recordingCalled(db, name)
  const behind = recording ?? (row && (await findRecording(db, row.id)))
  const names = [name, row?.id, row?.external_session_id, row?.parent_external_session_id, behind?.id]
  return [...new Set(names.filter((it) => it != null))]
}

async function recordingCalled(db: Database, name: string): Promise<StoredRecording | undefined> {
  const found = await findRecording(db, name)
  if (found) return found
  const id = await recordingOfExternalId(db, name)
  return id === undefined ? undefined : findRecording(db, id)
}

async function mountedBy(db: Database, { resources }: StoredRecording): Promise<MemoryStore[]> {
  const ids = resources.flatMap((it) => (it.type === 'memory_store' ? it.memory_store_id : []))
  const stores: MemoryStore[] = []
  for (const id of ids) {
    const found = await memoryStoreById(db, id)
    if (found && found.archived_at === null) stores.push(found)
  }
  return stores
}

/** That of the session's agent before those of others, then in the order in which they were mounted. */
function preferred(mounted: MemoryStore[], agent: string): { store: MemoryStore; notes: string[] } {
  const store = mounted.find((it) => it.agent === agent) ?? mounted[0]!
  const others = mounted.filter((it) => it !== store)
  if (others.length === 0) return { store, notes: [] }
  const names = others.map((it) => `${it.name} (${it.id})`).join(', ')
  return { store, notes: [`The session mounts more memory stores, each recalled by its own: ${names}.`] }
}

async function refuseUnknown(db: Database, agent: string): Promise<void> {
  const [session] = await listSessions(db, { agent, limit: 1 })
  if (session || (await agentCalled(db, agent))) return
  throw notFound(
    'agent',
    agent,
    'an agent is known from its first session on; `reverie sessions` shows theirs',
  )
}
