/**
 * Worlds in which no behaviour has any effect: the same sessions with the same behaviour, ending otherwise.
 *
 * Each keeps some of what makes sessions fail for other reasons. What a miner finds in them is false by construction.
 */

import type { Random } from '../../examples/compliance-desk/random.ts'
import { stratumOf } from '../../src/3-mine/cell.ts'
import { fitNuisance } from '../../src/3-mine/score-test.ts'
import { SESSION_RIDGE } from '../../src/3-mine/session-lessons.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import type { Observation } from '../../src/domain/review.ts'
import { type Cell, EVERY, rowKey } from '../../src/domain/tally.ts'
import { failed } from './recorded.ts'

/** Outcomes change places among the sessions of a group, so every group keeps its number of failures. */
export function shuffledOutcomes<T extends Counted>(
  sessions: T[],
  group: (session: T) => string,
  random: Random,
): T[] {
  const judged = sessions.filter((it) => failed(it) !== null)
  const ending = new Map<T, boolean>()
  for (const members of Map.groupBy(judged, group).values()) {
    const endings = random.shuffle(members.map((it) => failed(it)!))
    for (const [i, it] of members.entries()) ending.set(it, endings[i]!)
  }
  return sessions.map((it) => (ending.has(it) ? ended(it, ending.get(it)!) : it))
}

/** Outcomes are drawn anew from the chance of failure that was fitted for each task and agent version. */
export function resimulatedOutcomes<T extends Counted>(sessions: T[], random: Random): T[] {
  const every = tallyOf(sessions).get(rowKey('session', EVERY))
  if (!every) return sessions
  const fit = fitNuisance(every.cells, SESSION_RIDGE)
  return sessions.map((it) => {
    if (failed(it) === null) return it
    const cell = cellOfOutcome(it)
    const place = fit.index.get(cell)
    if (place === undefined) throw new Error(`the outcome of ${it.session_id} was not counted in ${cell}`)
    return ended(it, random.chance(fit.p[place]!))
  })
}

/** The stratum in which the outcome of a judged session is counted: agent version, the rule that judged it, and intent. */
export function cellOfOutcome(session: Counted): Cell {
  const { rule } = session.observations.find((it) => it.channel === 'session')!
  return stratumOf('session', session, rule)
}

/** Whether a call failed changes places among the first calls of the same action by the same agent version. */
export function shuffledCalls<T extends Counted>(
  sessions: T[],
  version: (session: T) => string,
  random: Random,
): T[] {
  const calls = sessions.flatMap((session) =>
    session.observations.filter((it) => it.channel === 'call').map((it) => ({ session, it })),
  )
  const ending = new Map<Observation, boolean>()
  for (const members of Map.groupBy(
    calls,
    ({ session, it }) => `${it.context}\0${version(session)}`,
  ).values()) {
    const endings = random.shuffle(members.map(({ it }) => it.bad))
    for (const [i, { it }] of members.entries()) ending.set(it, endings[i]!)
  }
  return sessions.map((session) => ({
    ...session,
    observations: session.observations.map((it) => (ending.has(it) ? { ...it, bad: ending.get(it)! } : it)),
  }))
}

/** The same session, had it ended that way. */
export function ended<T extends Counted>(session: T, bad: boolean): T {
  return {
    ...session,
    observations: session.observations.map((it) => (it.channel === 'session' ? { ...it, bad } : it)),
  }
}
