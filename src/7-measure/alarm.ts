/**
 * Alarm: what drifted, held against the thresholds of the policy.
 *
 * A difference raises one when it is past its threshold and is no luck. A dream looks every night, at several things, and intervals
 * that are wrong once in twenty would cry wolf every other week; so the difference has to be larger than 1.6 times the
 * half-width of its 95 % interval, which luck does in one of a thousand looks, on the side that matters. Sessions of one intent are
 * compared where enough can be, so that other work raises nothing.
 *
 * One that stands is over when what was measured is within half of its threshold, so that nothing goes on and off around it. What
 * could not be measured is not over for that.
 */
import type { Alarm, AlarmType } from '../domain/alarm.ts'
import type { Behaviour, Drift, MemoryDrift, StoreState, Writes } from '../domain/drift.ts'
import type { Alarms } from '../domain/policy.ts'

/** 3.09, the one-sided 1 in 1,000, in units of 1.96. */
const SURE = 3.09 / 1.96
/** Of the random deals of a mix. */
const LUCK = 0.002

/** What the measures are held against. */
export type Held = {
  thresholds: Alarms
  /** `YYYY-MM-DD`: what alarms that are new stand since. */
  since: string
  /** Those that were raised before and may be over. */
  standing?: ReadonlySet<AlarmType>
}

/** The alarms that behaviour raises. */
export function behaviourAlarms(moved: Pick<Drift, 'behaviour' | 'actions'>, held: Held): Alarm[] {
  return [...behaviourReadings(moved), ...mixReadings(moved)].flatMap((it) => raised(it, held))
}

/** The alarms that a memory raises, between whose two states lie so many weeks. */
export function memoryAlarms(memory: MemoryDrift, weeks: number, held: Held): Alarm[] {
  return memoryReadings(memory, weeks).flatMap((it) => raised(it, held))
}

/** The alarms of behaviour of which none of these comparisons says anything. What a memory does is always known. */
export function unmeasured(moved: Pick<Drift, 'behaviour' | 'actions'>[]): Set<AlarmType> {
  const unknown = (type: Behaviour) =>
    moved.every((it) => it.behaviour.find(({ behaviour }) => behaviour === type)!.difference === null)
  return new Set([
    ...WATCHED.map((it) => it.type).filter(unknown),
    ...(moved.every((it) => it.actions.divergence === null) ? (['tool_mix'] as const) : []),
  ])
}

function raised(
  { is_sure, ...reading }: Reading,
  { thresholds, since, standing = new Set() }: Held,
): Alarm[] {
  const { type, measured } = reading
  const threshold = thresholds[type]
  if (threshold === 'off') return []
  const stands = standing.has(type)
  if (measured <= (stands ? threshold / 2 : threshold) || !(stands || is_sure)) return []
  return [{ ...reading, since, threshold, to_do: TO_DO[type] }]
}

type Reading = Pick<Alarm, 'type' | 'text' | 'measured'> & { is_sure: boolean }

/** In which direction each is worse, and what it is called. */
const WATCHED: { type: Behaviour & AlarmType; worse: 1 | -1; noun: string }[] = [
  { type: 'completion', worse: -1, noun: 'Sessions that end well' },
  { type: 'approved_but_wrong', worse: 1, noun: 'Approved sessions that were verified to have failed' },
  { type: 'tool_errors', worse: 1, noun: 'Calls that fail' },
  { type: 'refusals', worse: 1, noun: 'Sessions in which the agent declines' },
  { type: 'escalation', worse: 1, noun: 'Sessions that are handed to a person' },
]

function behaviourReadings({ behaviour }: Pick<Drift, 'behaviour'>): Reading[] {
  return WATCHED.flatMap(({ type, worse, noun }) => {
    const { before, after, difference, at_equal_work } = behaviour.find((it) => it.behaviour === type)!
    const compared = at_equal_work ?? difference
    if (compared === null) return []
    const half_width = (compared.high - compared.low) / 2
    const measured = compared.estimate * worse
    const from = `from ${percent(before.mean!)} of ${before.sessions} to ${percent(after.mean!)} of ${after.sessions}`
    const interval = `${points(compared.estimate)} (95 % interval ${points(compared.low)} to ${points(compared.high)})`
    const how = at_equal_work === null ? '' : ' between sessions of one intent'
    const text = `${noun} went ${from}: ${interval}${how}.`
    return [{ type, text, measured, is_sure: measured > SURE * half_width }]
  })
}

function mixReadings({ actions }: Pick<Drift, 'actions'>): Reading[] {
  const { divergence, by_luck, p, moved } = actions
  if (divergence === null || by_luck === null || p === null) return []
  const most = moved
    .slice(0, 2)
    .map((it) => `${it.name} from ${percent(it.before)} to ${percent(it.after)}`)
    .join(', ')
  const text = `The agent uses other tools for the same work: the mix moved by ${bits(divergence)}, of which luck and other work make ${bits(by_luck)}. Most of all ${most} of all calls.`
  return [{ type: 'tool_mix', text, measured: divergence - by_luck, is_sure: p <= LUCK }]
}

function memoryReadings({ a_week, before, after, resurrected }: MemoryDrift, weeks: number): Reading[] {
  const counted = (type: AlarmType, measured: number, text: string): Reading => ({
    ...{ type, measured, text },
    is_sure: true,
  })
  const grew = growth(a_week.after)
  const rewritten = churn(a_week.after, after)
  const ended = endedIn(after) - endedIn(before)
  const paths = resurrected.map((it) => it.path).join(', ')
  return [
    counted(
      'memory_growth',
      grew,
      `The memory grows by ${Math.round(grew)} memories a week; it has ${after.memories}.`,
    ),
    counted(
      'memory_churn',
      rewritten,
      `Of ${after.memories} memories, ${Math.round(a_week.after.modified)} were changed and ${Math.round(a_week.after.deleted)} removed, counted as a week's.`,
    ),
    counted(
      'contradictions',
      after.contradictions,
      `${after.contradictions} live ${after.contradictions === 1 ? 'memory says' : 'memories say'} that another says otherwise.`,
    ),
    counted(
      'resurrections',
      resurrected.length,
      `Live again although people rejected it or took it back: ${paths}.`,
    ),
    counted(
      'lessons_retired',
      ended / Math.max(weeks, 1),
      `${ended} more lessons than before are retired or disputed: ${endedIn(before)} then, ${endedIn(after)} now.`,
    ),
  ]
}

function growth({ created, deleted }: Writes): number {
  return created - deleted
}

/** A memory of few lessons is written over by every dream, and that is no churn. */
const FEW = 10

function churn({ modified, deleted }: Writes, { memories }: StoreState): number {
  return (modified + deleted) / Math.max(memories, FEW)
}

function endedIn({ lessons }: StoreState): number {
  return lessons.retired + lessons.disputed
}

const TO_DO: Record<AlarmType, string> = {
  completion:
    'See `reverie risk` for the work that fails, and what changed: the agent version, the tools, the memory (`reverie memory history`).',
  approved_but_wrong:
    'Look at sessions that were approved and failed before anybody approves more like them; let outcomes decide, not approvals.',
  tool_errors: 'See which calls fail with `reverie lessons`: a tool or its schema may have changed.',
  refusals: 'Read some of the sessions; a memory or an instruction may forbid too much.',
  escalation:
    'Read some of the sessions that were handed over; compare those without memory, if there are any.',
  tool_mix: 'Check that the new ways are wanted. A tool, the agent version or a memory changed what it does.',
  memory_growth:
    'Read what was added with `reverie digest`; raise what the policy asks before something goes live.',
  memory_churn: 'See who writes with `reverie audit list`; two writers may undo each other.',
  contradictions: 'Decide which holds: `reverie memory ls` names them.',
  resurrections:
    'Look at its history with `reverie memory history PATH`, and take it out with `reverie memory remove`.',
  lessons_retired:
    'Read why with `reverie lessons`; if a tool changed, the lessons about it have to be learned again.',
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

function points(difference: number): string {
  const rounded = Math.round(100 * difference)
  return `${rounded > 0 ? '+' : ''}${rounded} ${Math.abs(rounded) === 1 ? 'point' : 'points'}`
}

function bits(value: number): string {
  return `${value.toFixed(2)} bits`
}
