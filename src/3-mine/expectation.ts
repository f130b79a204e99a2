/**
 * Expectation: what a pattern says of single occasions, so that each later one is for it or against it. A call without its
 * guard, or in the wrong shape, fails; the remedy works; people still change what they used to change.
 *
 * What is said of times is not followed here: a habit is one of days, not of sessions, and its own test sees it end.
 */
import type { Expectation, Pattern } from '../domain/pattern.ts'
import type { Observation } from '../domain/review.ts'
import { EVERY } from '../domain/tally.ts'
import type { Finding } from './finding.ts'
import { hasTask } from './session-lessons.ts'
import type { Counted } from './tally.ts'
import { toldTest, wasToldNothing } from './told.ts'

/** What a pattern is about, found tonight or known from before. */
export type Claim = Pick<Pattern, 'channel' | 'tier' | 'context' | 'trait'> & {
  /** Whose sessions it is about; null for everybody's. */
  person: string | null
  expectation: Expectation
}

export function claimOf(it: Finding | Pattern): Claim {
  const { channel, tier, context, trait } = it
  const about = { channel, tier, context, trait }
  return 'watch' in it
    ? { ...about, person: it.scope.person, expectation: it.watch.expectation }
    : { ...about, person: it.person ?? null, expectation: expectationOf(it) }
}

function expectationOf(finding: Finding): Expectation {
  return { of_those: finding.lacks === null ? 'with' : 'without', bad: !goesWell(finding) }
}

/** Whether it is about what works, or what people like. */
function goesWell({ kind, class: kind_of_lesson, effect }: Finding): boolean {
  return kind === 'preference' ? effect.odds_ratio! < 1 : kind === 'repair' || kind_of_lesson === 'success'
}

/** What is found only within tasks is followed only there: of other sessions the difficulty is not known. */
export function isWithinTasks({ tier, channel }: Claim): boolean {
  return tier === 'verified' || channel === 'approval'
}

/** The same said of the same occasions, night after night. */
export function isSameClaim(a: Claim, b: Claim): boolean {
  return a.trait === b.trait && a.tier === b.tier && signOf(a) === signOf(b)
}

/** 1 when things should go badly more often with the trait, -1 when less often. */
export function signOf({ expectation: { of_those, bad } }: Claim): 1 | -1 {
  return (of_those === 'with') === bad ? 1 : -1
}

/** How often a finding has come true so far. */
export function historyOf({ effect }: Finding, { expectation }: Claim): { held: number; n: number } {
  const [bad, n] = effect.exposed
  return { held: expectation.bad ? bad : n - bad, n }
}

/** What was observed of a context, and in which session. */
export type Seen = { session: Counted; observation: Observation }

/** By context, in the order of time. */
export function seenByContext(sessions: Counted[], contexts: Set<string>): Map<string, Seen[]> {
  const seen = new Map([...contexts, EDIT].map((it): [string, Seen[]] => [it, []]))
  const by_time = sessions.toSorted((a, b) => timeOf(a) - timeOf(b))
  for (const session of by_time)
    for (const observation of session.observations)
      seen.get(observation.context)?.push({ session, observation })
  return seen
}

/** In milliseconds; sessions without a time come first, in the order of their arrival. */
function timeOf({ at }: Counted): number {
  return (at === null ? 0 : Date.parse(at)) || 0
}

/** Those about which a claim says something, in their order: whether each went as it says. None of a session that was told it. */
export function occasionsOf(claim: Claim, seen: Map<string, Seen[]>): boolean[] {
  const wasTold = toldTest(claim)
  return occasionsIn(claim, seen, (session) => !wasTold(session))
}

/**
 * The same, to see whether what a claim says has come to an end. A remedy works or does not whoever suggested it, and those who were told
 * it see first that it stopped: so here they count. Of all else, what it says may happen no more because they were told. And how sessions
 * end may be another lesson's doing, so that is seen in those alone which were told nothing.
 */
export function trialsOf(claim: Claim, seen: Map<string, Seen[]>): boolean[] {
  if (isRemedy(claim)) return occasionsIn(claim, seen, () => true)
  return isOfEndings(claim) ? occasionsIn(claim, seen, wasToldNothing) : occasionsOf(claim, seen)
}

/** Whether a claim says with what sessions end well or badly, by their verified outcomes. */
export function isOfEndings({ tier }: Claim): boolean {
  return tier === 'verified'
}

/** Whether a claim says what mends an error. Else, of an error, it says what does not. */
export function isRemedy({ channel, expectation }: Claim): boolean {
  return channel === 'repair' && !expectation.bad
}

function occasionsIn(
  claim: Claim,
  seen: Map<string, Seen[]>,
  counts: (session: Counted) => boolean,
): boolean[] {
  const { channel, context, trait, person, expectation } = claim
  if (channel === 'edit') return editsOf(claim, seen, counts)
  return seen
    .get(context)!
    .filter(({ session }) => counts(session))
    .filter(({ session }) => (!isWithinTasks(claim) || hasTask(session.cell)) && isOf(person, session))
    .filter(
      ({ observation: { traits } }) =>
        trait === EVERY || trait in traits === (expectation.of_those === 'with'),
    )
    .map(({ observation }) => observation.bad === expectation.bad)
}

/** The context of which every session has one occasion in which a person edited an output. */
const EDIT = 'edit'

/** Of the sessions in which somebody edited, after a request of the claim's topic when it has one: whether they changed the same again. */
function editsOf(claim: Claim, seen: Map<string, Seen[]>, counts: (session: Counted) => boolean): boolean[] {
  const { context, trait, person } = claim
  const topic = / when (.+)$/.exec(trait)?.[1]
  const again = seen.get(context)!.filter(({ observation }) => trait in observation.traits)
  const changed = new Set(again.map(({ session }) => session.session_id))
  return seen
    .get(EDIT)!
    .filter(({ session }) => isOf(person, session) && counts(session))
    .filter(({ observation }) => topic === undefined || `asked ${topic}` in observation.traits)
    .map(({ session }) => changed.has(session.session_id))
}

function isOf(person: string | null, session: Counted): boolean {
  return person === null || person === session.person
}
