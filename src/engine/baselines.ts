/** How agents work without lessons: what every later effect is measured against. */
import { clustersAmong, signatureOf } from '../3-mine/intent.ts'
import { baselineMetrics } from '../7-measure/baseline.ts'
import type { Database } from '../db/database.ts'
import { firstLessonAt } from '../db/memory-history.ts'
import { everyMemoryStore } from '../db/memory-stores.ts'
import { type SessionWork, workBetween } from '../db/session-work.ts'
import { listAgents } from '../db/sessions.ts'
import type { Baseline } from '../domain/baseline.ts'
import type { SessionMeasures } from '../domain/measures.ts'
import { type Page, type PageRequest, pageOf } from '../domain/page.ts'
import { measuresOfWork } from '../measure.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'

export type BaselineWanted = {
  agent?: string
  /** Of sessions that began at or after this time and before that, RFC 3339. */
  since?: string
  until?: string
  /** Each intent as well. */
  by_intent?: boolean
}

export function baselinesOf({ db }: Opened) {
  return {
    /**
     * The sessions of each agent that began before the first lesson was live in a memory of its, in numbers; all of them while none
     * is. With `by_intent` those of each intent follow, the most frequent first. Of more than 20,000 sessions the latest count. Throws `not_found_error` for an agent
     * that has no sessions.
     */
    async baseline(filter: BaselineWanted & PageRequest = {}): Promise<Page<Baseline>> {
      const baselines: Baseline[] = []
      for (const agent of await agentsAsked(db, filter.agent))
        baselines.push(...(await baselinesOfAgent(db, agent, filter)))
      return pageOf(baselines, filter)
    },
  }
}

const MOST_SESSIONS = 20_000

async function agentsAsked(db: Database, wanted: string | undefined): Promise<string[]> {
  const agents = (await listAgents(db)).map((it) => it.agent)
  if (wanted === undefined) return agents
  if (agents.includes(wanted)) return [wanted]
  throw notFound(
    'agent',
    wanted,
    agents.length === 0 ? '`reverie ingest` brings sessions in' : `known are ${agents.join(', ')}`,
  )
}

async function baselinesOfAgent(
  db: Database,
  agent: string,
  { since = '', until = END_OF_TIME, by_intent }: BaselineWanted,
): Promise<Baseline[]> {
  const frozen_at = await firstLessonOf(db, agent)
  const last = frozen_at !== null && frozen_at < until ? frozen_at : until
  const work = await workBetween(db, agent, { from: since, until: last, most: MOST_SESSIONS })
  const measures = await measuresOfWork(db, work)
  const of = (intent: string | null, sessions: SessionWork[]) =>
    baselineOf({ agent, frozen_at, intent }, sessions, measures)
  const whole = of(null, work)
  if (!by_intent) return [whole]
  const intents = [...byIntent(work)].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  return [whole, ...intents.map(([intent, sessions]) => of(intent, sessions))]
}

/** Sorts after every time. */
const END_OF_TIME = '~'

async function firstLessonOf(db: Database, agent: string): Promise<string | null> {
  const times: string[] = []
  for (const it of await everyMemoryStore(db)) {
    const at = it.agent === agent ? await firstLessonAt(db, it.id) : null
    if (at !== null) times.push(at)
  }
  return times.sort()[0] ?? null
}

function byIntent(work: SessionWork[]): Map<string, SessionWork[]> {
  const named = work.map((it) => ({ it, name: it.task ?? it.intent ?? signatureOf(it.title) }))
  const signatures = new Set(named.flatMap(({ it, name }) => (it.task === null ? [name] : [])))
  const clusters = clustersAmong([...signatures].sort())
  const groups = Map.groupBy(named, ({ it, name }) => (it.task === null ? clusters.get(name)! : name))
  return new Map([...groups].map(([intent, of]) => [intent, of.map(({ it }) => it)]))
}

function baselineOf(
  { agent, frozen_at, intent }: Pick<Baseline, 'agent' | 'frozen_at' | 'intent'>,
  sessions: SessionWork[],
  measures: Map<string, SessionMeasures>,
): Baseline {
  const known = sessions.flatMap((it) => measures.get(it.id) ?? [])
  return {
    agent,
    intent,
    example: intent?.startsWith('~') ? (sessions.find((it) => it.title !== '')?.title ?? null) : null,
    frozen_at,
    first_at: sessions[0]?.at ?? null,
    last_at: sessions.at(-1)?.at ?? null,
    sessions: sessions.length,
    verified: known.filter((it) => it.verified).length,
    unmeasured: sessions.length - known.length,
    metrics: baselineMetrics(known, sessions.length),
  }
}
