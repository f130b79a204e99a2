/**
 * Repetition: what better lessons about the same action already explain is not told besides.
 *
 * That an action fails gives way to what makes it fail and to what mends its errors; that an error recurs, to whatever is told of the
 * calls that run into it. Only what is told explains anything: whoever is warned of nothing else has to be warned of this. Compared is what
 * was counted of all sessions, for who was told one lesson was not told the other.
 */
import type { Effect } from '../domain/pattern.ts'
import { EVERY, rowKey, type Sighting, type Tally, totalOf } from '../domain/tally.ts'
import { type Claim, claimOf, isRemedy } from './expectation.ts'
import { actionOf, type Finding } from './finding.ts'

export type Lesson = { claim: Claim; effect: Effect }

/** `told` are lessons that are told if nothing explains them. */
export function withoutRepetition(findings: Finding[], told: Lesson[], tally: Tally): Finding[] {
  const reasons = told.filter((it) => !isFragile(it.claim) || !isFailureExplained(it.claim, told, tally))
  return findings.filter((it) => {
    const claim = claimOf(it)
    if (isFragile(claim)) return !isFailureExplained(claim, reasons, tally)
    return it.kind !== 'recurring' || !isErrorExplained(it, reasons, tally)
  })
}

function isFragile({ channel, trait }: Claim): boolean {
  return channel === 'call' && trait === EVERY
}

/** Whether a claim says what makes the calls of its context fail. */
function isMistake(claim: Claim): boolean {
  return claim.channel === 'call' && !isFragile(claim)
}

function isFailureExplained(fragile: Claim, told: Lesson[], tally: Tally): boolean {
  return (
    told.some(({ claim }) => isMistake(claim) && claim.context === fragile.context) ||
    isMended(fragile, told, tally)
  )
}

/**
 * Whether what mends its errors is told for at least half of an action's failures: whoever stopped calling it would never come to that.
 * A remedy that is another action says itself what to call instead.
 */
function isMended(fragile: Claim, told: Lesson[], tally: Tally): boolean {
  const remedies = told.filter(
    ({ claim }) =>
      isRemedy(claim) && actionOf(claim) === actionOf(fragile) && !claim.trait.startsWith('switch '),
  )
  const met = remedies.reduce(
    (sum, { claim }) => sum + totalOf(tally.get(rowKey(claim.context, 'met')))[1],
    0,
  )
  return met > 0 && 2 * met >= totalOf(tally.get(rowKey(fragile.context, EVERY)))[0]
}

/** Whether mistakes that are told leave hardly any of an error, or whether half of the sessions that show it show what is told of its action. */
function isErrorExplained(error: Finding, told: Lesson[], tally: Tally): boolean {
  const of_calls = told.filter(({ claim }) => claim.channel === 'call' && actionOf(claim) === actionOf(error))
  if (of_calls.some((it) => prevents(it, error))) return true
  const explained = new Set(of_calls.flatMap(({ claim }) => failuresOf(claim, tally)).map(sessionOf))
  const { bad = [], good = [] } = tally.get(rowKey(error.context, 'met'))?.sightings ?? {}
  const met = [...bad, ...good].map(sessionOf)
  const known = met.filter((it) => explained.has(it)).length
  return known > 0 && 2 * known >= met.length
}

/** Whether a mistake that is told leaves so few failures of an action that at most half of those with this error can be among them. */
function prevents({ claim, effect }: Lesson, error: Finding): boolean {
  return isMistake(claim) && 2 * effect.unexposed[0] <= error.sessions
}

function failuresOf({ context, trait, expectation }: Claim, tally: Tally): Sighting[] {
  const of = expectation.of_those === 'with' ? trait : EVERY
  return tally.get(rowKey(context, of))?.sightings.bad ?? []
}

function sessionOf({ session_id }: Sighting): string {
  return session_id
}
