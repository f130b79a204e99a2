/** Dreams, and what they came to. */
import { recordedHash } from '../db/audit.ts'
import { readChanges } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import { decisionsOn } from '../db/decisions.ts'
import { listDreams } from '../db/dreams.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import { listAgents } from '../db/sessions.ts'
import type { Change } from '../domain/change.ts'
import { type Digest, digestOf } from '../domain/digest.ts'
import type { Dream } from '../domain/dream.ts'
import { EngineError } from '../domain/error.ts'
import type { MemoryStore } from '../domain/memory.ts'
import { type Page, type PageRequest, pageByTime, pageOf } from '../domain/page.ts'
import type { Budget, Spending } from '../domain/spending.ts'
import { AS_USUAL, type DreamReport, dream, type World } from '../dream.ts'
import type { ModelAtHand } from '../model/at-hand.ts'
import { settle } from '../settle.ts'
import { notFound, oneDream } from './find.ts'
import type { Opened } from './opened.ts'
import { memoryStore, storeOf, storesNamed } from './stores.ts'
import { isAlive, WORKER } from './worker.ts'

export type DreamOptions = {
  /** Name of the memory store; by default that of the agent. */
  store?: string
  /** Only this agent; by default every agent that has sessions, one dream and one store each. */
  agent?: string
  since?: string
  dry_run?: boolean
  /** `provider/model`, or `none`; where it is left out, what the configuration says. */
  model?: string
  /** Of each dream, in the place of what the configuration says. */
  budget?: Budget
  /** Ask the model in batches, by night, and wait for them. */
  at_night?: boolean
  /** A folder that every exchange with a model is written into. */
  record?: string
  /** A folder whose answers stand for a model: nothing is called. */
  replay?: string
}

/** What a model will be asked, and at most cost, before it is asked anything. */
export type PlannedDream = Spending['planned'] & { agent: string; model: string }

export function dreamsOf(opened: Opened) {
  const { db, now } = opened
  return {
    /**
     * One dream for each agent that was asked for, one after another. What was put in over the wire is settled before.
     *
     * Throws `not_found_error` for an unknown agent or store, `conflict_error` while a dream of the same store runs, `model_error` where a model
     * was to read sessions and could read none, and what `openModel` throws.
     */
    async dream(
      how: DreamOptions = {},
      progress: World['progress'] = () => {},
      tell: (planned: PlannedDream) => void = () => {},
    ): Promise<DreamReport[]> {
      await settle(db, 'all idle', now)
      const reports: DreamReport[] = []
      for (const memory_store of await storesToDream(opened, how)) {
        const model = await modelFor(opened, how, memory_store)
        const planned = (it: Spending['planned']) =>
          tell({ agent: memory_store.agent, model: model!.model.name, ...it })
        const world = { now, worker: WORKER, is_alive: isAlive, progress, planned, ...(model && { model }) }
        reports.push(
          await dream(
            db,
            { ...AS_USUAL, memory_store, since: how.since ?? null, dry_run: how.dry_run ?? false },
            world,
          ),
        )
      }
      return reports
    },

    async dreams(filter: { store?: string } & PageRequest = {}): Promise<Page<Dream>> {
      const memory_store_id =
        filter.store === undefined ? undefined : (await memoryStore(db, filter.store)).id
      return pageByTime(filter, (before, limit) => listDreams(db, { memory_store_id, before, limit }))
    },

    async dreamReport(id: string): Promise<{ dream: Dream; changes: Change[] }> {
      const found = await oneDream(db, id)
      return { dream: found, changes: await readChanges(db, found.id) }
    },

    /** What a dream learned, and what became of it; by default the last dream of each memory store, or of that one. */
    async digests(filter: { dream?: string; store?: string } & PageRequest = {}): Promise<Page<Digest>> {
      if (filter.dream !== undefined)
        return { data: [await digest(db, await oneDream(db, filter.dream))], next_page: null }
      const { data, next_page } = pageOf(await storesNamed(db, filter.store), filter)
      const last = await Promise.all(data.map((it) => listDreams(db, { memory_store_id: it.id, limit: 1 })))
      return { data: await Promise.all(last.flat().map((it) => digest(db, it))), next_page }
    },
  }
}

/** What is asked besides; without a word of one, nothing of models is loaded. */
async function modelFor(
  opened: Opened,
  { model, budget, dry_run, at_night, record, replay }: DreamOptions,
  { id }: MemoryStore,
): Promise<ModelAtHand | null> {
  const said = model ?? budget ?? record ?? replay ?? opened.models_file
  if (said === undefined && at_night !== true) return null
  const { openModel } = await import('./open-model.ts')
  const night = at_night === true ? ({ at_night: 'wanted' } as const) : {}
  return openModel(opened, { model, budget, dry_run, record, replay, ...night, of: { memory_store_id: id } })
}

async function storesToDream(opened: Opened, how: DreamOptions): Promise<MemoryStore[]> {
  const agents = (await listAgents(opened.db)).map((it) => it.agent)
  if (how.agent !== undefined && !agents.includes(how.agent)) {
    throw notFound(
      'agent',
      how.agent,
      agents.length === 0 ? 'ingest some sessions first' : `known are ${agents.join(', ')}`,
    )
  }
  const known = how.store === undefined ? undefined : await findMemoryStore(opened.db, how.store)
  if (known && how.agent !== undefined && known.agent !== '' && known.agent !== how.agent) {
    throw new EngineError(
      'invalid_request_error',
      `the memory store ${known.name} belongs to the agent ${known.agent}`,
      {
        hint: 'a store holds what one agent learned: give another --store',
      },
    )
  }
  // A store that is nobody's becomes the agent's that is named; without a name, the dream finds out whose it is.
  if (known) return [{ ...known, agent: known.agent === '' ? (how.agent ?? '') : known.agent }]
  const chosen = how.agent !== undefined ? [how.agent] : agents
  if (how.store !== undefined && chosen.length !== 1) {
    throw new EngineError(
      'invalid_request_error',
      `there is no memory store ${how.store}, and ${chosen.length} agents it could be made for`,
      {
        hint: `add --agent NAME${chosen.length === 0 ? '' : `, one of ${chosen.join(', ')}`}`,
      },
    )
  }
  return Promise.all(chosen.map((agent) => storeOf(opened, agent, how)))
}

/** What a dream learned, and what became of it. */
export async function digest(db: Database, dream: Dream): Promise<Digest> {
  const changes = await readChanges(db, dream.id)
  const ids = changes.map((it) => it.id)
  const { name } = await memoryStore(db, dream.memory_store_id)
  const recorded = await recordedHash(db, 'dream.completed', dream.id)
  return digestOf(dream, name, changes, await decisionsOn(db, ids), recorded)
}
