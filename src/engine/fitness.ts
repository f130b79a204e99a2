/** Fitness: whether the work of an agent is one that dreaming helps, what is missing, and whether Reverie is kept going. */
import { REVIEWER } from '../2-review/review.ts'
import { judgeFitness, type WorkedSession } from '../7-measure/fitness.ts'
import { waitingChanges } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import { listDreams } from '../db/dreams.ts'
import { storesOfAgent } from '../db/memory-stores.ts'
import { listSchedules } from '../db/schedules.ts'
import { countUndreamed, type SessionWork, workBetween } from '../db/session-work.ts'
import { listAgents, readReviews } from '../db/sessions.ts'
import type { Fitness } from '../domain/fitness.ts'
import { type Page, type PageRequest, pageOf } from '../domain/page.ts'
import type { Observation } from '../domain/review.ts'
import { approvalIn, intentsOf } from '../drift.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'

/** The latest are looked at; more say no more of what the work is like. */
const MOST_SESSIONS = 2_000
const WAITS_LONG_DAYS = 14
const SLEEPS_LONG_DAYS = 7
const DAY_MS = 86_400_000
const EVER = { from: '', until: '~' }

export function fitnessOf({ db, now }: Opened) {
  return {
    /** One row an agent, by name. Throws `not_found_error` for an unknown agent. */
    async fitness({ agent, ...page }: { agent?: string } & PageRequest = {}): Promise<Page<Fitness>> {
      const known = (await listAgents(db)).map((it) => it.agent)
      if (agent !== undefined && !known.includes(agent))
        throw notFound(
          'agent',
          agent,
          known.length === 0 ? 'ingest some sessions first' : `known are ${known.join(', ')}`,
        )
      const { data, next_page } = pageOf(agent === undefined ? known : [agent], page)
      const rows: Fitness[] = []
      for (const it of data) rows.push(await fitnessIn(db, it, now()))
      return { data: rows, next_page }
    },
  }
}

async function fitnessIn(db: Database, agent: string, now: Date): Promise<Fitness> {
  const work = await workBetween(db, agent, { ...EVER, most: MOST_SESSIONS })
  const { intents } = intentsOf(work)
  const sessions: WorkedSession[] = []
  for (let i = 0; i < work.length; i += CHUNK) {
    const some = work.slice(i, i + CHUNK)
    const reviews = await readReviews(
      db,
      some.flatMap((it) => it.pieces),
      REVIEWER,
    )
    for (const it of some) {
      // The last piece first, for of what people said of a session the last word counts.
      const observations = it.pieces.toReversed().flatMap((id) => reviews.get(id)?.observations ?? [])
      sessions.push(workedSession(it, intents.get(it.id)!, observations))
    }
  }
  return { agent, ...judgeFitness(sessions), upkeep: await upkeepOf(db, agent, work.length, now) }
}

/** Reviews are large, and of each only a few words are kept. */
const CHUNK = 100

function workedSession(row: SessionWork, intent: string, observations: Observation[]): WorkedSession {
  const { at, harness, task, person, tool_calls } = row
  const of = (channel: Observation['channel']) => observations.filter((it) => it.channel === channel)
  return {
    ...{ at, harness: harness as WorkedSession['harness'], intent, person, tool_calls },
    has_task: task !== null,
    result: row.outcome_result as WorkedSession['result'],
    verified: row.outcome_verified === 1,
    approved: approvalIn(observations),
    has_feedback: row.feedback > 0,
    edited: of('edit').some((it) => it.context === 'edit'),
    corrected: of('correction').some((it) => it.context === 'said' && it.bad),
    asks: of('temporal').some((it) => it.bad),
    failed: of('call').flatMap((it) => (it.bad ? [it.context.slice('call '.length)] : [])),
    errors: of('repair').map((it) => it.context.slice('repair '.length).replace(' | ', ': ')),
    dead_on_arrival: of('arrival').length > 0,
  }
}

async function upkeepOf(
  db: Database,
  agent: string,
  sessions: number,
  now: Date,
): Promise<Fitness['upkeep']> {
  const stores = await storesOfAgent(db, agent)
  const [undreamed, waiting, dreams, schedules] = [[0], [] as string[], [] as Dreamed[], [0]]
  for (const { id } of stores) {
    undreamed.push(await countUndreamed(db, id, agent))
    const found = (await waitingChanges(db, id)).filter((it) => it.status === 'undecided')
    const proposed = await Promise.all(
      [...new Set(found.map((it) => it.dream_id))].map((dream) => listDreams(db, { id: dream, limit: 1 })),
    )
    const times = new Map(proposed.flat().map((it) => [it.id, it.ended_at ?? it.created_at]))
    waiting.push(...found.map((it) => times.get(it.dream_id)!))
    dreams.push(...(await listDreams(db, { memory_store_id: id, limit: 1 })))
    schedules.push((await listSchedules(db, { status: 'active', memory_store_id: id, limit: 1_000 })).length)
  }
  const last = dreams.sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0] ?? null
  const upkeep = {
    memory_stores: stores.length,
    last_dream: last && { ended_at: last.ended_at, status: last.status },
    sessions_not_dreamed_of: stores.length === 0 ? sessions : Math.max(...undreamed),
    changes_waiting: waiting.length,
    waiting_since: waiting.sort()[0] ?? null,
    active_schedules: schedules.reduce((sum, it) => sum + it, 0),
  }
  return { ...upkeep, notes: notesOn(upkeep, now) }
}

type Dreamed = { id: string; created_at: string; ended_at: string | null; status: string }

/** Only what can be known from here: a timer of the system that starts dreams is seen by nobody but the system. */
function notesOn(upkeep: Omit<Fitness['upkeep'], 'notes'>, now: Date): string[] {
  const { last_dream, sessions_not_dreamed_of, changes_waiting, waiting_since, active_schedules } = upkeep
  const daysSince = (time: string) => Math.floor((now.getTime() - Date.parse(time)) / DAY_MS)
  if (last_dream === null) return ['It was never dreamed of: `reverie dream`.']
  const slept = last_dream.ended_at === null ? 0 : daysSince(last_dream.ended_at)
  const waits = waiting_since === null ? 0 : daysSince(waiting_since)
  return [
    ...(last_dream.status === 'failed' ? ['The last dream failed: `reverie dreams` says why.'] : []),
    ...(slept >= SLEEPS_LONG_DAYS && sessions_not_dreamed_of > 0
      ? [
          `${sessions_not_dreamed_of} sessions wait since the last dream, ${slept} days ago${active_schedules === 0 ? ', and no schedule is set here' : ''}.`,
        ]
      : []),
    ...(waits >= WAITS_LONG_DAYS
      ? [
          `${changes_waiting} changes wait for a decision, the oldest for ${waits} days: \`reverie decide\`. What nobody decides on helps nobody.`,
        ]
      : []),
  ]
}
