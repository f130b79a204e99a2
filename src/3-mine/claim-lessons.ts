/**
 * Claim lessons: what a language model says of session after session, where something else than the model bears it out.
 *
 * - What people want is told when it was read in the words of people as often as a correction has to be heard
 *   (`correction-lessons.ts`). What counts tell already, in the same words, is not told twice.
 * - Anything is told when it goes with how sessions ended, by the test of session lessons, and is confirmed as these are. Claims are a
 *   family of their own there, so asking a model takes nothing from what counts find.
 * - What only recurs is a candidate. A model that says the same a hundred times has said it, and no more.
 */
import type { FAMILY } from '../domain/claim.ts'
import { wilsonInterval } from '../domain/proportion.ts'
import { type Sighting, type TallyRow, totalOf } from '../domain/tally.ts'
import { MIN_INTENTS, MIN_SESSIONS } from './correction-lessons.ts'
import type { Finding } from './finding.ts'
import { intentsBehind, onlyPersonBehind } from './people.ts'
import { type Family, verifiedFindings } from './session-lessons.ts'
import { AS_COUNTED, type Untold } from './told.ts'

/** Fewer sessions than this are no recurrence. */
const MIN_RECURRING = 3

/** `contexts` maps the row of each context of claims to the rows of its groups; `corrections` are what counts find that people want. */
export function claimFindings(
  contexts: Map<TallyRow, TallyRow[]>,
  corrections: Finding[],
  untold: Untold = AS_COUNTED,
): Finding[] {
  const ended = new Map([...contexts].filter(([every]) => every.context === CLAIMS.whole))
  const groupsIn = (context: string) =>
    [...contexts].flatMap(([every, traits]) => (every.context === context ? traits : []))
  const borne_out = verifiedFindings(ended, CLAIMS, untold).map(asBorneOut)
  const told = new Set(borne_out.filter((it) => it.published).map((it) => it.trait))
  const isTold = (it: TallyRow) => told.has(it.trait) || corrections.some((other) => tells(other, it))
  const asked_for = groupsIn('claims said').flatMap((it) => askedFor(untold(it, it.trait), isTold))
  const known = new Set([...borne_out, ...asked_for].map((it) => it.trait))
  const others = groupsIn('claims seen').filter((it) => !known.has(it.trait))
  return [...borne_out, ...asked_for, ...others.flatMap((it) => claimed(untold(it, it.trait)))]
}

/** A mistake has to go with failure, and so has what people had to ask for; what is good practice, with success. */
const CLAIMS: Family = {
  whole: 'claims ended',
  isSayable: ({ trait, class: kind }) => (familyOf(trait) === 'practice') === (kind === 'success'),
}

type ClaimFamily = (typeof FAMILY)[keyof typeof FAMILY]

function familyOf(trait: string): ClaimFamily {
  return trait.slice(0, trait.indexOf(' ')) as ClaimFamily
}

function asBorneOut(finding: Finding): Finding {
  return { ...finding, kind: 'borne_out', channel: 'model' }
}

/** What is told already for another reason is watched. */
function askedFor(row: TallyRow, isTold: (row: TallyRow) => boolean): Finding[] {
  const [said] = totalOf(row)
  if (said < MIN_RECURRING) return []
  const person = onlyPersonBehind(row)
  const is_often = said >= MIN_SESSIONS && intentsBehind(row) >= MIN_INTENTS
  return [
    {
      ...seenIn(row),
      published: is_often && !isTold(row),
      kind: 'asked_for',
      tier: 'people',
      ...(person === undefined ? {} : { person }),
    },
  ]
}

/** Whether the counts find, in most of the places where the model found it, that people want something. */
function tells({ published, sightings }: Finding, { sightings: { bad } }: TallyRow): boolean {
  const places = new Set(sightings.map(placeOf))
  return published && 2 * bad.filter((it) => places.has(placeOf(it))).length > bad.length
}

function placeOf({ session_id, event }: Sighting): string {
  return `${session_id} ${event}`
}

function claimed(row: TallyRow): Finding[] {
  return totalOf(row)[1] < MIN_RECURRING
    ? []
    : [{ ...seenIn(row), published: false, kind: 'claimed', tier: 'marker' }]
}

/** What all that recurs has in common. Where a claim was made there is nothing that it could be compared with. */
function seenIn(row: TallyRow): Omit<Finding, 'published' | 'kind' | 'tier'> {
  const [said] = totalOf(row)
  return {
    class: familyOf(row.trait) === 'mistake' ? 'mistake' : 'practice',
    channel: 'model',
    context: row.context,
    trait: row.trait,
    better: null,
    effect: { exposed: [said, said], unexposed: [0, 0], odds_ratio: null, low: null, high: null },
    p: null,
    q: null,
    strength: wilsonInterval(said, said)[0],
    sessions: said,
    sightings: row.sightings.bad,
    lacks: null,
  }
}
