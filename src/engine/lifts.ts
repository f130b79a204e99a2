/** Lifts: what sessions with and without something say of it, measured now from what is stored. */
import type { Database } from '../db/database.ts'
import { listExperiments } from '../db/experiments.ts'
import { readPatterns } from '../db/patterns.ts'
import type { Experiment } from '../domain/experiment.ts'
import { type Page, type PageRequest, pageOf } from '../domain/page.ts'
import { measureStore } from '../measure.ts'
import { type ShownExperiment, shown } from './experiments.ts'
import { theOne } from './find.ts'
import type { Opened } from './opened.ts'
import { memoryStore, storesNamed } from './stores.ts'

export type LiftsWanted = {
  store?: string
  kind?: Experiment['kind']
  /** One experiment, by its id or an unambiguous beginning of it. */
  experiment?: string
}

/**
 * An experiment with its lifts: of one that runs, as they are now, of one that has ended, as they were then. `verdict` and `reason` are
 * those of the last dream, which acts on them.
 */
export type ExperimentWithLifts = ShownExperiment & {
  /** What the lifts say of completion, and of a lesson of recurrence, in sentences; or what is missing to say anything. */
  says: string
}

export function liftsOf({ db }: Opened) {
  return {
    /** Those of whole memories first, then of agents, then of lessons; the running before the ended, and the newest first. */
    async lifts(filter: LiftsWanted & PageRequest = {}): Promise<Page<ExperimentWithLifts>> {
      const wanted = (await experimentsWanted(db, filter)).sort(byKind)
      const { data, next_page } = pageOf(wanted, filter)
      const now = await measuredNow(db, data)
      const told = await shown(db, data)
      return {
        data: told.map((it) => {
          const { lifts = it.lifts, says = it.reason } = now.get(it.id) ?? {}
          return { ...it, lifts, says }
        }),
        next_page,
      }
    },
  }
}

async function experimentsWanted(
  db: Database,
  { store, kind, experiment }: LiftsWanted,
): Promise<Experiment[]> {
  const memory_store_id = store === undefined ? undefined : (await memoryStore(db, store)).id
  if (experiment === undefined) return listExperiments(db, { memory_store_id, kind })
  const found = /^exp_[0-9a-f]*$/.test(experiment)
    ? await listExperiments(db, { memory_store_id, kind, id: experiment })
    : []
  return [theOne('experiment', experiment, found, 'list them, or `reverie experiments`')]
}

const KINDS: Experiment['kind'][] = ['memory', 'agent', 'lesson']

function byKind(a: Experiment, b: Experiment): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    Number(a.status === 'ended') - Number(b.status === 'ended') ||
    (a.started_at < b.started_at ? 1 : a.started_at > b.started_at ? -1 : 0) ||
    (a.id < b.id ? -1 : 1)
  )
}

/** Of those of these experiments that run: what they come to. */
async function measuredNow(
  db: Database,
  experiments: Experiment[],
): Promise<Map<string, Pick<ExperimentWithLifts, 'lifts' | 'says'>>> {
  const running = experiments.filter((it) => it.status === 'running')
  const ids = new Set(running.map((it) => it.memory_store_id))
  const stores = (await storesNamed(db, undefined)).filter((it) => ids.has(it.id))
  const measured = new Map<string, Pick<ExperimentWithLifts, 'lifts' | 'says'>>()
  for (const store of stores) {
    const { experiments } = await measureStore(db, store, await readPatterns(db, store.id), new Set())
    for (const { experiment, lifts, says } of experiments) measured.set(experiment.id, { lifts, says })
  }
  return measured
}
