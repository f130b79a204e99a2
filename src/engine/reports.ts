/** Reports: what memory stores learned over some time, whether it helps, and what it costs. */

import { armsByStep, liftByDay, stepDays } from '../7-measure/over-time.ts'
import { alarmsOf } from '../alarms.ts'
import { countWaiting } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import {
  askedBetween,
  changingDreams,
  dreamsBetween,
  recalledByDay,
  sizesByDay,
} from '../db/days-of-store.ts'
import { listExperiments } from '../db/experiments.ts'
import { EngineError } from '../domain/error.ts'
import type { MemoryStore } from '../domain/memory.ts'
import type { AgentEffect, LessonEffect, Report, StoreReport } from '../domain/report.ts'
import { endedTrials } from '../measure.ts'
import { digest } from './dreams.ts'
import { oneDream } from './find.ts'
import { type ExperimentWithLifts, liftsOf } from './lifts.ts'
import type { Opened } from './opened.ts'
import { storesOf } from './stores.ts'

export type ReportWanted = {
  store?: string
  agent?: string
  /** Days (`YYYY-MM-DD`, UTC), both included; by default the twelve weeks up to today. */
  from?: string
  to?: string
}

type Span = { from: string; to: string }

export function reportsOf(opened: Opened) {
  const { db, now } = opened
  return {
    /**
     * One report over the memory stores that were asked for, in order of their names. It is measured now, from what is stored.
     *
     * Throws `not_found_error` for a store or agent that is not there, `invalid_request_error` where the time ends before it begins.
     */
    async report({ from, to, ...which }: ReportWanted = {}): Promise<Report> {
      const made_at = now()
      const last = to ?? made_at.toISOString().slice(0, 10)
      const span = { from: from ?? dayBefore(last, USUAL_DAYS - 1), to: last }
      if (span.from > span.to)
        throw new EngineError('invalid_request_error', `${span.to} is before ${span.from}`, {
          hint: 'give the first day as --from and the last one as --to',
        })
      const stores: StoreReport[] = []
      for (const it of await storesOf(db, which)) stores.push(await storeReport(opened, it, span))
      return { made_at: made_at.toISOString(), ...span, stores }
    },
  }
}

const USUAL_DAYS = 12 * 7

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10)
}

async function storeReport(opened: Opened, store: MemoryStore, { from, to }: Span): Promise<StoreReport> {
  const { db, now } = opened
  const { id, name, agent } = store
  const { data: experiments } = await liftsOf(opened).lifts({ store: id, limit: MOST_EXPERIMENTS })
  const alerts = await alarmsOf(db, store, now())
  return {
    ...{ memory_store_id: id, store: name, agent },
    dreams: await dreamsBetween(db, id, from, to),
    waiting: await countWaiting(db, id),
    digests: await digestsIn(db, id, { from, to }),
    effect: await effectOf(db, store, experiments, { from, to }),
    agents: experiments.filter((it) => it.kind === 'agent').map(agentEffect),
    lessons: experiments
      .filter((it) => it.kind === 'lesson')
      .map(lessonEffect)
      .sort(byEffect),
    memory: await sizesByDay(db, id, from, to),
    recalled: await recalledByDay(db, id, from, to),
    asked: await askedBetween(db, id, from, to),
    alarms: alerts.flatMap(({ text, alarm }) => (alarm === undefined ? [] : { text, ...alarm })),
  }
}

const MOST_EXPERIMENTS = 1_000
const MOST_DIGESTS = 10

async function digestsIn(db: Database, memory_store_id: string, span: Span): Promise<StoreReport['digests']> {
  const ids = await changingDreams(db, memory_store_id, { ...span, most: MOST_DIGESTS })
  const digests: StoreReport['digests'] = []
  for (const it of ids) digests.push(await digest(db, await oneDream(db, it)))
  return digests
}

/** Of the comparison that runs, or else of the last one. */
async function effectOf(
  db: Database,
  store: MemoryStore,
  experiments: ExperimentWithLifts[],
  { from, to }: Span,
): Promise<StoreReport['effect']> {
  const compared = experiments.find((it) => it.kind === 'memory')
  if (compared === undefined) return null
  const [experiment] = await listExperiments(db, { id: compared.id })
  const trials = await endedTrials(db, store, experiment!)
  const { control_share, draws_lots, verdict, lifts } = compared
  return {
    ...{ control_share, draws_lots, verdict, lifts },
    step_days: stepDays(from, to),
    arms: armsByStep(trials, from, to),
    lift_by_day: liftByDay(trials, control_share, from, to),
  }
}

function agentEffect({ id, control_agent, status, verdict, lifts }: ExperimentWithLifts): AgentEffect {
  return { id, control_agent, status, verdict, lifts }
}

function lessonEffect({ id, pattern_id, status, verdict, lesson, lifts }: ExperimentWithLifts): LessonEffect {
  const of = (metric: 'completion' | 'recurrence') => lifts.find((it) => it.metric === metric) ?? null
  return {
    ...{ id, pattern_id, status, verdict, lesson },
    ...{ completion: of('completion'), recurrence: of('recurrence') },
  }
}

/** The largest first; those of which nothing is known yet last. */
function byEffect(a: LessonEffect, b: LessonEffect): number {
  const known = (it: LessonEffect) => it.completion?.estimate ?? Number.NEGATIVE_INFINITY
  return known(a) === known(b) ? (a.id < b.id ? -1 : 1) : known(b) - known(a)
}
