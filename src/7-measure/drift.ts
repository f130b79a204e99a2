/**
 * Drift: the sessions of two windows of days in, how far behaviour moved from one to the other out.
 *
 * Every behaviour is compared twice: all sessions of a window with all of the other, and sessions of one intent with each other. What
 * shows in the first and not in the second is other work, not another agent.
 */
import type { Behaviour, BehaviourDrift, Drift } from '../domain/drift.ts'
import type { SessionMeasures } from '../domain/measures.ts'
import { differenceOf, MIN_SESSIONS, mean, type Value } from './difference.ts'
import { mixDrift } from './distance.ts'

/** What a window knows of one session. */
export type MeasuredSession = {
  intent: string
  agent_version: string | null
  measures: SessionMeasures
  /** The last word of people on it; null where they said none. */
  approved: boolean | null
}

export type BehaviourOfWindows = Pick<Drift, 'behaviour' | 'actions' | 'intents' | 'versions'>

/** Above which divergence it is worth finding out how much of it is luck (`distance.ts`). */
export type WorthDealing = { actions: number; intents: number }

export function behaviourDrift(
  before: MeasuredSession[],
  after: MeasuredSession[],
  worth_dealing: WorthDealing = { actions: 0, intents: 0 },
): BehaviourOfWindows {
  return {
    behaviour: Object.entries(READINGS).map(([behaviour, reading]) =>
      driftIn(behaviour as Behaviour, reading, before, after),
    ),
    actions: mixDrift(before.map(actionsOf), after.map(actionsOf), worth_dealing.actions),
    intents: mixDrift(before.map(intentOf), after.map(intentOf), worth_dealing.intents),
    versions: versionsIn(before, after),
  }
}

type Reading = { is_share: boolean; of: (session: MeasuredSession) => number | null }

const share = (of: Reading['of']): Reading => ({ is_share: true, of })
const amount = (of: Reading['of']): Reading => ({ is_share: false, of })

/** How each is read off a session; null where the session does not say. */
const READINGS: Record<Behaviour, Reading> = {
  completion: share((it) => it.measures.completed),
  approved_but_wrong: share(({ approved, measures }) =>
    approved === true && measures.verified ? 1 - measures.completed! : null,
  ),
  tool_errors: share(({ measures: { tool_calls, tool_errors } }) =>
    tool_calls === 0 ? null : Math.min(1, tool_errors / tool_calls),
  ),
  refusals: share((it) => Number(it.measures.refusals > 0)),
  escalation: share((it) => Number(it.measures.escalated)),
  duration_ms: amount((it) => it.measures.duration_ms),
  tokens: amount((it) => it.measures.tokens),
  tool_calls: amount((it) => it.measures.tool_calls),
  words: amount((it) => it.measures.words),
}

function driftIn(
  behaviour: Behaviour,
  { of, is_share }: Reading,
  before: MeasuredSession[],
  after: MeasuredSession[],
): BehaviourDrift {
  const values = (sessions: MeasuredSession[], stratum: (it: MeasuredSession) => string): Value[] =>
    sessions.flatMap((it) => {
      const y = of(it)
      return y === null ? [] : [{ y, stratum: stratum(it) }]
    })
  const compared = (stratum: (it: MeasuredSession) => string) =>
    differenceOf(values(before, stratum), values(after, stratum), is_share)
  const side = (sessions: MeasuredSession[]) => {
    const known = values(sessions, () => '').map((it) => it.y)
    return { sessions: known.length, mean: known.length === 0 ? null : mean(known) }
  }
  return {
    behaviour,
    before: side(before),
    after: side(after),
    difference: compared(() => ''),
    at_equal_work: compared((it) => it.intent),
  }
}

function actionsOf({ intent, measures }: MeasuredSession) {
  return { counts: measures.tools, stratum: intent }
}

function intentOf({ intent }: MeasuredSession) {
  return { counts: { [intent]: 1 }, stratum: '' }
}

function versionsIn(before: MeasuredSession[], after: MeasuredSession[]): Drift['versions'] {
  const versions = [...new Set([...before, ...after].map((it) => it.agent_version))]
  const ran = (sessions: MeasuredSession[], version: string | null) =>
    sessions.filter((it) => it.agent_version === version).length
  return versions
    .map((version) => ({ version, before: ran(before, version), after: ran(after, version) }))
    .sort(
      (a, b) => b.after - a.after || b.before - a.before || ((a.version ?? '') < (b.version ?? '') ? -1 : 1),
    )
}

/** What cannot be said of two windows, and why. */
export function whyTooFew(before: number, after: number): string[] {
  if (Math.min(before, after) >= MIN_SESSIONS) return []
  return [
    `Too few sessions to compare behaviour: ${before} before and ${after} after, and it takes ${MIN_SESSIONS} of each. Choose a longer window, or other days.`,
  ]
}
