/**
 * Epochs: is the agent of tonight still the one that a lesson was confirmed for?
 *
 * It is another one when sessions of a version come that the lesson's context had not seen, or when its tool is given other
 * arguments: one that was hardly ever given is now given mostly, or one nearly always given hardly ever.
 */
import { EVERY, rowKey, type Tally, type TallyRow, totalOf } from '../domain/tally.ts'
import { versionOf } from './cell.ts'
import type { Claim } from './expectation.ts'
import { actionOf } from './finding.ts'

/** `tally` counts all sessions, `touched` those of tonight, which are among them. */
export function beginsEpoch(claim: Claim, tally: Tally, touched: Tally): boolean {
  return hasNewVersion(claim, tally, touched) || takesOtherArguments(claim, tally, touched)
}

function hasNewVersion({ context }: Claim, tally: Tally, touched: Tally): boolean {
  const key = rowKey(context, EVERY)
  const tonight = touched.get(key)
  if (!tonight) return false
  const cells = tally.get(key)!.cells
  const known = Object.keys(cells).filter((it) => cells[it]![1] > (tonight.cells[it]?.[1] ?? 0))
  const versions = new Set(known.map(versionOf))
  return Object.keys(tonight.cells).some((it) => !versions.has(versionOf(it)))
}

/** Fewer calls than this do not show which arguments are usual. */
const MIN_CALLS = 5
const HARDLY_EVER = 0.05
const MOSTLY = 0.5
const NEARLY_ALWAYS = 0.95

function takesOtherArguments(claim: Claim, tally: Tally, touched: Tally): boolean {
  const context = `call ${toolOf(claim)}`
  const [, n_tonight] = totalOf(touched.get(rowKey(context, EVERY)))
  const n_before = totalOf(tally.get(rowKey(context, EVERY)))[1] - n_tonight
  if (n_tonight < MIN_CALLS || n_before < MIN_CALLS) return false
  const tonight = argumentsOf(context, touched)
  for (const [name, n] of argumentsOf(context, tally)) {
    const given = tonight.get(name) ?? 0
    const [before, now] = [(n - given) / n_before, given / n_tonight]
    if (before < HARDLY_EVER ? now > MOSTLY : before > NEARLY_ALWAYS && now < HARDLY_EVER) return true
  }
  return false
}

/** The action that a claim is about: that of its context, or of its trait where the context is the whole session. */
function toolOf(claim: Claim): string {
  return actionOf(claim) || claim.trait.replace(/^(?:use|repeat) /, '').replace(/ \d+ times or more$/, '')
}

/** On how many calls each argument was given, in whatever shape. */
function argumentsOf(context: string, tally: Tally): Map<string, number> {
  const given = new Map<string, number>()
  for (const row of tally.values()) {
    const name = row.context === context ? argumentOf(row) : null
    if (name !== null) given.set(name, (given.get(name) ?? 0) + totalOf(row)[1])
  }
  return given
}

function argumentOf({ trait }: TallyRow): string | null {
  return /^arg (.+?) = /.exec(trait)?.[1] ?? null
}
