/** Drift: how far an agent and its memory have moved between two windows of days. */
import { behaviourAlarms, memoryAlarms } from '../7-measure/alarm.ts'
import { behaviourDrift, whyTooFew } from '../7-measure/drift.ts'
import type { Database } from '../db/database.ts'
import { storesOfAgent } from '../db/memory-stores.ts'
import { policyInForce } from '../db/policies.ts'
import { timeOfWork, workBetween } from '../db/session-work.ts'
import { listAgents } from '../db/sessions.ts'
import type { Drift, MixDrift } from '../domain/drift.ts'
import { EngineError } from '../domain/error.ts'
import type { MemoryStore } from '../domain/memory.ts'
import { measuredSessions, memoryDrift, type Span } from '../drift.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'
import { memoryStore } from './stores.ts'

export type DriftWanted = {
  agent?: string
  store?: string
  /** Days in UTC, `YYYY-MM-DD`; where they are left out, the first and the last on which the agent worked. */
  from?: string
  to?: string
  /** By default what the policy says of alarms. */
  window_days?: number
}

const DAY_MS = 86_400_000

export function driftOf({ db }: Opened) {
  return {
    /**
     * What moved between the window that begins with the day `from` and the one that ends with the day `to`.
     *
     * Throws `not_found_error` for an unknown agent or store, `invalid_request_error` for windows that overlap or lie where nothing is known.
     */
    async drift(wanted: DriftWanted = {}): Promise<Drift> {
      const { agent, store } = await whose(db, wanted)
      const { alarms } = (await policyInForce(db)).policy
      const window_days = wanted.window_days ?? Number.parseInt(alarms.window, 10)
      const { before, after } = await windowsOf(db, agent, window_days, wanted)
      const read = (it: Span) => workBetween(db, agent, { ...it, most: Number.MAX_SAFE_INTEGER })
      const work = [await read(before), await read(after)]
      const { windows, beginnings } = await measuredSessions(db, work)
      const moved = behaviourDrift(windows[0]!, windows[1]!)
      const at = nextDay(before.from)
      const memory = store === null ? null : await memoryDrift(db, store, { before, after, at })
      const held = { thresholds: alarms, since: dayOf(after.from) }
      const weeks = (Date.parse(after.until) - Date.parse(at)) / (7 * DAY_MS)
      const told = (span: Span, side: 0 | 1) => ({
        from: dayOf(span.from),
        to: dayOf(span.until, -1),
        sessions: work[side]!.length,
        intents: new Set(windows[side]!.map((it) => it.intent)).size,
      })
      return {
        agent,
        window_days,
        before: told(before, 0),
        after: told(after, 1),
        alarms: [
          ...behaviourAlarms(moved, held),
          ...(memory === null ? [] : memoryAlarms(memory, weeks, held)),
        ],
        ...moved,
        intents: readable(moved.intents, beginnings),
        memory,
        notes: [
          ...whyTooFew(work[0]!.length, work[1]!.length),
          ...notMeasured(work.flat().length - windows.flat().length),
          ...(memory === null ? [`${agent} has no memory store yet: only behaviour is compared.`] : []),
        ],
      }
    },
  }
}

/** The agent that is meant, and its store: that named like it, else its oldest. */
async function whose(
  db: Database,
  { agent, store }: DriftWanted,
): Promise<{ agent: string; store: MemoryStore | null }> {
  if (store !== undefined) {
    const found = await memoryStore(db, store)
    if (agent !== undefined && found.agent !== agent)
      throw notFound(
        'memory store of this agent',
        store,
        `${found.name} is that of ${found.agent || 'nobody'}`,
      )
    return { agent: found.agent, store: found }
  }
  const known = (await listAgents(db)).map((it) => it.agent)
  const chosen = agent ?? (known.length === 1 ? known[0]! : undefined)
  if (chosen === undefined && known.length > 0)
    throw new EngineError('invalid_request_error', `there are ${known.length} agents`, {
      hint: `choose one with --agent: ${known.join(', ')}`,
    })
  if (chosen === undefined || !known.includes(chosen))
    throw notFound(
      'agent',
      chosen ?? '',
      known.length === 0 ? 'ingest some sessions first' : `known are ${known.join(', ')}`,
    )
  const stores = await storesOfAgent(db, chosen)
  return { agent: chosen, store: stores.find((it) => it.name === chosen) ?? stores[0] ?? null }
}

async function windowsOf(
  db: Database,
  agent: string,
  window_days: number,
  { from, to }: DriftWanted,
): Promise<{ before: Span; after: Span }> {
  const known = await timeOfWork(db, agent)
  if (known === null) throw notFound('session', '', `nothing is known of what ${agent} did`)
  const [first, last] = [dayOf(known.first), dayOf(known.last)]
  const length = window_days * DAY_MS
  const begin = Date.parse(from ?? first)
  const end = Date.parse(to ?? last) + DAY_MS
  const before = { from: timeAt(begin), until: timeAt(begin + length) }
  const after = { from: timeAt(end - length), until: timeAt(end) }
  const where = `sessions of ${agent} are known from ${first} to ${last}`
  if (after.from < before.until)
    throw new EngineError(
      'invalid_request_error',
      `of ${agent}, the window that begins on ${dayOf(before.from)} and the one that ends on ${dayOf(after.until, -1)} overlap`,
      { hint: `choose days that lie further apart, or a shorter window; ${where}` },
    )
  for (const { from, until } of [before, after])
    if (dayOf(until, -1) < first || dayOf(from) > last)
      throw new EngineError(
        'invalid_request_error',
        `nothing is known of ${agent} from ${dayOf(from)} to ${dayOf(until, -1)}`,
        { hint: where },
      )
  return { before, after }
}

function timeAt(ms: number): string {
  return new Date(ms).toISOString()
}

function nextDay(time: string): string {
  return timeAt(Date.parse(time) + DAY_MS)
}

/** The day of a time, or of the moment so many milliseconds later. */
function dayOf(time: string, later = 0): string {
  return timeAt(Date.parse(time) + later).slice(0, 10)
}

/** With the first words of a session in the place of a cluster, where they are kept. */
function readable(
  { moved, appeared, vanished, ...rest }: MixDrift,
  beginnings: Map<string, string>,
): MixDrift {
  const named = <T extends { name: string }>(it: T): T => {
    const words = beginnings.get(it.name)
    return words === undefined ? it : { ...it, name: `like "${words}"` }
  }
  return { ...rest, moved: moved.map(named), appeared: appeared.map(named), vanished: vanished.map(named) }
}

function notMeasured(sessions: number): string[] {
  if (sessions === 0) return []
  const what = sessions === 1 ? 'One session is' : `${sessions} sessions are`
  return [`${what} left out of the behaviour: the transcript was removed before it was measured.`]
}
