/**
 * The alarms of a night: the last days of an agent and its memory, held against the days before and against those before its first lesson.
 *
 * It reads what is stored already, of a long past only the latest sessions, and measures once what nobody has measured, so it costs a dream
 * little. An alarm that stands is carried from dream to dream with the day on which it was raised, so that it can be told once.
 */
import { behaviourAlarms, type Held, memoryAlarms, unmeasured } from './7-measure/alarm.ts'
import { MIN_SESSIONS } from './7-measure/difference.ts'
import { behaviourDrift, type MeasuredSession } from './7-measure/drift.ts'
import type { Database } from './db/database.ts'
import { listDreams } from './db/dreams.ts'
import { firstLessonAt } from './db/memory-history.ts'
import { policyInForce } from './db/policies.ts'
import { workBetween } from './db/session-work.ts'
import type { Alarm, AlarmType } from './domain/alarm.ts'
import type { Alert } from './domain/alert.ts'
import type { MemoryStore } from './domain/memory.ts'
import { measuredSessions, memoryDrift, type Span } from './drift.ts'

/** With what the last window is compared: the time before it, so many windows long. */
const BEFORE = 4
/** Of a window, the latest; more make a difference no clearer that matters. */
const MOST_SESSIONS = 1_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/**
 * What a dream of this store alerts of: alarms that the policy in force raises now, or raised in the last dream and that are not over.
 * `stay` is called in between, for whoever holds a lease.
 */
export async function alarmsOf(
  db: Database,
  store: MemoryStore,
  now: Date,
  stay: () => Promise<void> = async () => {},
): Promise<Alert[]> {
  const { alarms } = (await policyInForce(db)).policy
  const standing = await standingIn(db, store.id)
  const span_ms = Number.parseInt(alarms.window, 10) * DAY_MS
  const held = {
    thresholds: alarms,
    since: now.toISOString().slice(0, 10),
    standing: new Set(standing.keys()),
  }
  const { sessions, unknown, ...behaviour } = await behaviourNow(db, store, now, span_ms, held)
  await stay()
  const last = spanBefore(now.getTime() + 1, span_ms)
  const memory = await memoryDrift(db, store, { before: last, after: last, at: last.from })
  const found = [...behaviour.found, ...memoryAlarms(memory, span_ms / WEEK_MS, held)]
  return [
    // What nobody can measure now is not over for that, unless nobody wants to know.
    ...[...standing.values()].filter(({ alarm: { type } }) => unknown.has(type) && alarms[type] !== 'off'),
    ...found.map(({ type, text, to_do, since }) => ({
      ...{ type: 'alarm' as const, text: `${text} ${to_do}`, sessions },
      sightings: [],
      alarm: { type, since: standing.get(type)?.alarm.since ?? since },
    })),
  ]
}

type Standing = Alert & { alarm: NonNullable<Alert['alarm']> }

/** The alarms of the last dream that was completed. */
async function standingIn(db: Database, memory_store_id: string): Promise<Map<AlarmType, Standing>> {
  const dreams = await listDreams(db, { memory_store_id, limit: 10 })
  const last = dreams.find((it) => it.status === 'completed')
  const alarms = last?.alerts.filter((it): it is Standing => it.alarm !== undefined) ?? []
  return new Map(alarms.map((it) => [it.alarm.type, it]))
}

/** What the last span of an agent raises against the four before, and against those before its first lesson; and of what nothing is known. */
async function behaviourNow(
  db: Database,
  store: MemoryStore,
  now: Date,
  span_ms: number,
  held: Held,
): Promise<{ sessions: number; found: Alarm[]; unknown: Set<AlarmType> }> {
  const read = (span: Span) => workBetween(db, store.agent, { ...span, most: MOST_SESSIONS })
  const last = spanBefore(now.getTime() + 1, span_ms)
  const former = spanBefore(Date.parse(last.from), BEFORE * span_ms)
  const lately = await read(last)
  if (lately.length < MIN_SESSIONS) return { sessions: 0, found: [], unknown: unmeasured([]) }
  const first = await firstLessonAt(db, store.id)
  const is_past = first !== null && first < former.from
  const baseline = is_past ? await read(spanBefore(Date.parse(first), BEFORE * span_ms)) : []
  const { windows } = await measuredSessions(db, [lately, await read(former), baseline])
  const threshold = held.thresholds.tool_mix
  const worth_dealing = { actions: threshold === 'off' ? 1 : threshold / 2, intents: 1 }
  const against = (then: MeasuredSession[], which: string) => {
    const moved = behaviourDrift(then, windows[0]!, worth_dealing)
    const found = behaviourAlarms(moved, held).map((it) => ({
      ...it,
      text: `${it.text} Compared are the last ${days(span_ms)} with ${which}.`,
    }))
    return { moved, found }
  }
  const compared = [
    against(windows[1]!, `the ${days(BEFORE * span_ms)} before`),
    against(windows[2]!, 'those before the first lesson'),
  ]
  const found = compared.flatMap((it) => it.found).toReversed()
  const once = new Map(found.map((it) => [it.type, it]))
  return {
    sessions: lately.length,
    found: [...once.values()].reverse(),
    unknown: unmeasured(compared.map((it) => it.moved)),
  }
}

function spanBefore(end: number, length: number): Span {
  return { from: new Date(end - length).toISOString(), until: new Date(end).toISOString() }
}

function days(ms: number): string {
  return `${Math.round(ms / DAY_MS)} days`
}
