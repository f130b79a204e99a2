/** Agents as the Managed Agents API has them. Reverie runs none: they say what sessions were made with, and group them by name. */
import { isDeepStrictEqual } from 'node:util'
import { redactJson } from '../1-ingest/redact.ts'
import {
  agentCalled,
  findAgent,
  insertAgent,
  insertVersion,
  listAgentsOfApi,
  updateAgent,
  versionsOfAgent,
} from '../db/agents.ts'
import type { Transaction } from '../db/database.ts'
import type { Bounds } from '../db/recordings.ts'
import { listAgents } from '../db/sessions.ts'
import { type Agent, AgentContent, agentNamed, UNKNOWN_MODEL } from '../domain/agent.ts'
import { EngineError } from '../domain/error.ts'
import { derivedId, randomId } from '../domain/id.ts'
import { type MetadataPatch, patched } from '../domain/metadata.ts'
import { type Page, type PageRequest, pageByTime, pageOf, readCursor } from '../domain/page.ts'
import type { AgentSnapshot } from '../domain/recording.ts'
import { notFound } from './find.ts'
import { type Opened, transaction } from './opened.ts'
import { privacyOfWire } from './privacy.ts'

export type AgentPatch = Partial<AgentContent> & { metadata?: MetadataPatch }

export function agentsOf(opened: Opened) {
  const { db, now } = opened
  return {
    async createAgent(wanted: AgentContent & { metadata: Record<string, string> }): Promise<Agent> {
      const at = now().toISOString()
      const { value } = await redactJson(wanted, await privacyOfWire(opened))
      const agent = {
        ...value,
        id: randomId('agent'),
        version: 1,
        created_at: at,
        updated_at: at,
        archived_at: null,
      }
      await transaction(db, false, (tx) => insertAgent(tx, agent))
      return agent
    },

    /** At that version, or at its last. Throws `not_found_error` where there is none. An agent of sessions from files is one, too. */
    async agentById(id: string, version?: number): Promise<Agent> {
      const found = (await findAgent(db, id, version)) ?? (await agentOfFiles(id, version))
      if (found) return found
      throw noAgent(id, version)
    },

    /** Newest first. */
    async agentList(
      filter: { include_archived: boolean; created: Bounds } & PageRequest,
    ): Promise<Page<Agent>> {
      return pageByTime(filter, (after, limit) => listAgentsOfApi(db, filter, { after, limit }))
    },

    /** Newest first. */
    async agentVersions(id: string, page: PageRequest): Promise<Page<Agent>> {
      if (!(await findAgent(db, id))) throw noAgent(id)
      const limit = page.limit ?? 20
      const cursor = readCursor(page.page)
      const below = cursor === null ? null : Number(cursor)
      const rows = await versionsOfAgent(db, id, { below, limit: limit + 1 })
      return pageOf(rows, { limit }, (it) => String(it.version))
    },

    /**
     * What is given takes the place of what was there; a change of anything but the metadata is a new version.
     *
     * Throws `conflict_error` where `version` is not the agent's last.
     */
    async changeAgent(id: string, patch: AgentPatch, version?: number): Promise<Agent> {
      const { metadata, ...value } = (await redactJson(patch, await privacyOfWire(opened))).value
      return transaction(db, false, async (tx) => {
        const agent = await findAgent(tx, id)
        if (!agent) throw noAgent(id)
        if (version !== undefined && version !== agent.version)
          throw new EngineError(
            'conflict_error',
            `the agent ${id} is at version ${agent.version}, not ${version}`,
            {
              hint: 'retrieve it, and update what stands there now',
            },
          )
        refuseArchived(agent)
        const changed: Agent = {
          ...agent,
          ...value,
          metadata: patched(agent.metadata, metadata),
          updated_at: now().toISOString(),
        }
        if (isDeepStrictEqual({ ...changed, updated_at: agent.updated_at }, agent)) return agent
        const is_new = !isDeepStrictEqual(AgentContent.parse(changed), AgentContent.parse(agent))
        if (is_new) changed.version++
        await updateAgent(tx, changed, agent.version)
        return changed
      })
    },

    /** Archived once and for all; sessions that were made with it stay. */
    async archiveAgent(id: string): Promise<Agent> {
      return transaction(db, false, async (tx) => {
        const agent = await findAgent(tx, id)
        if (!agent) throw noAgent(id)
        if (agent.archived_at !== null) return agent
        const at = now().toISOString()
        const archived = { ...agent, archived_at: at, updated_at: at }
        await updateAgent(tx, archived, agent.version)
        return archived
      })
    },
  }

  async function agentOfFiles(id: string, version = 1): Promise<Agent | undefined> {
    if (version !== 1) return undefined
    const found = (await listAgents(db)).find((it) => agentId(it.agent) === id)
    if (!found) return undefined
    const at = new Date(0).toISOString()
    return {
      ...agentNamed(found.agent),
      ...{ id, version: 1, metadata: {}, created_at: at, updated_at: at, archived_at: null },
    }
  }
}

export type AgentWanted = {
  /** An id, or the name of an agent. */
  id: string
  version: number | null
  overrides: Partial<Pick<AgentContent, 'model' | 'system' | 'tools' | 'mcp_servers' | 'skills'>>
}

/**
 * The agent that a session is made with, as it is now; one that is not known is made.
 *
 * Throws `invalid_request_error` for one that is archived, `not_found_error` for a version that an agent never had.
 */
export async function agentForSession(
  tx: Transaction,
  { id, version, overrides }: AgentWanted,
  at: string,
): Promise<AgentSnapshot> {
  const is_id = id.startsWith('agent_')
  const last = is_id ? await findAgent(tx, id) : await agentCalled(tx, id)
  if (last) refuseArchived(last)
  const known = last ?? (await makeAgent(tx, id, version ?? 1, at))
  const agent =
    version === null || version === known.version
      ? known
      : ((await findAgent(tx, known.id, version)) ?? (await versionUnseen(tx, known, version)))
  const { metadata, created_at, updated_at, archived_at, ...snapshot } = agent
  return { ...snapshot, ...overrides }
}

/** The id of an agent of which nothing but its name is known. */
export function agentId(name: string): string {
  return derivedId('agent', name)
}

async function makeAgent(tx: Transaction, id: string, version: number, at: string): Promise<Agent> {
  const is_id = id.startsWith('agent_')
  const own = is_id ? id : agentId(id)
  const agent = {
    ...agentNamed(id),
    // One of that name may have been archived.
    id: (await findAgent(tx, own)) ? randomId('agent') : own,
    ...{ version, metadata: {}, created_at: at, updated_at: at, archived_at: null },
  }
  await insertAgent(tx, agent)
  return agent
}

/** Of an agent that somebody else runs, any version may come; of one that was made here, only those it had. */
async function versionUnseen(tx: Transaction, agent: Agent, version: number): Promise<Agent> {
  if (agent.model.id !== UNKNOWN_MODEL) throw noAgent(agent.id, version)
  const unseen = { ...agent, version }
  await insertVersion(tx, unseen)
  if (version > agent.version) await updateAgent(tx, unseen, version)
  return unseen
}

function refuseArchived(agent: Agent): void {
  if (agent.archived_at === null) return
  throw new EngineError('invalid_request_error', `the agent ${agent.id} is archived`, {
    hint: 'create another',
  })
}

function noAgent(id: string, version?: number): EngineError {
  return notFound(
    'agent',
    version === undefined ? id : `${id} of version ${version}`,
    'list the agents of this workspace',
  )
}
