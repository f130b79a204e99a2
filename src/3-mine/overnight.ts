/**
 * Overnight: the findings of tonight and the patterns known from before in, where each of them stands out.
 *
 * - A finding that needs no p value is told at once.
 * - A finding that rests on one (`needs_confirmation`) is told at once only on the first look (`first-look.ts`), where a whole
 *   backlog is judged together. A p value stands one look: judged anew on sixty nights, pure noise publishes a lesson in a third to
 *   a half of all stores. On any later night such a finding is a candidate, and it is told when the sessions after that
 *   night confirm it (`confirmation.ts`). Sessions that made it a candidate never count for it.
 * - *Confirmed* is what the e-values of tonight confirm, channel by channel. A lesson may fall back to *probation*, where
 *   it is told still; it is not taken back because its q rose a little.
 * - *Stale* is a lesson that the counts no longer show and the e-values do not confirm, or that stopped happening
 *   (`staleness.ts`); or another account of the same wish is told in its place (`told_by`). After such an alarm only later evidence counts, for the lesson and for whatever else is then first
 *   said of the same action; what mends its error is mined from what is counted from then on (`since.ts`), and needs no other proof.
 *   When a remedy stopped working, the other ways out of its error that agents are warned off have to be tried again: such
 *   a warning is stale with it.
 * - A confirmed lesson has to be confirmed anew when the agent is another one (`epoch.ts`).
 * - What is told already explains other findings of its action (`repetition.ts`). These count as not found, and are told again when it is not.
 * - *Dormant* is a lesson of which nothing was seen in three months of work (`dormancy.ts`), until something is.
 * - *Disputed* is what the counts of tonight contradict each other about. What was retired stays so.
 * - Sessions that were told a lesson speak neither for it nor against it, nor does their silence (`told.ts`); only that a remedy
 *   works no more is seen in them too, and never that it does. How sessions end may be any lesson's doing: of what is told about
 *   that, only sessions speak that were told nothing.
 *
 * Nothing is deleted here, but for candidates of which nothing was seen for as long.
 */
import type { Pattern, Watch } from '../domain/pattern.ts'
import { type Cell, type Count, EVERY, rowKey, type Tally, totalOf } from '../domain/tally.ts'
import { afterNight, eValue, isConfirmed, unconfirmed } from './confirmation.ts'
import { isLongUnseen, weeksOfWork } from './dormancy.ts'
import { beginsEpoch } from './epoch.ts'
import {
  type Claim,
  claimOf,
  historyOf,
  isOfEndings,
  isRemedy,
  isSameClaim,
  isWithinTasks,
  occasionsOf,
  type Seen,
  seenByContext,
  signOf,
  trialsOf,
} from './expectation.ts'
import { actionOf, type Finding } from './finding.ts'
import type { IsFirstLook } from './first-look.ts'
import { patternId } from './lesson.ts'
import { MIN_SUPPORT } from './mine.ts'
import { type Lesson, withoutRepetition } from './repetition.ts'
import { hasTask } from './session-lessons.ts'
import { countedBefore, sinceAlarms } from './since.ts'
import { ALARM, detectorAfter, holdsAgain, usualRate } from './staleness.ts'
import { type Counted, tallyOf } from './tally.ts'
import { untoldIn, wasToldNothing, weeksTold } from './told.ts'

export type Night = {
  agent: string
  /** The sessions of tonight, and their counts. */
  counted: Counted[]
  touched: Tally
  /** The counts of all sessions, those of tonight among them. */
  tally: Tally
  /** By what had been counted before. */
  isFirstLook: IsFirstLook
}

export type Standing = Pick<Pattern, 'status' | 'e' | 'watch'>

/**
 * `others` are known patterns that were not found tonight. A finding that denies a lesson still told has no standing: first
 * that lesson has to go.
 */
export function overnight(findings: Finding[], known: Pattern[], night: Night): Standings {
  const comparable = comparableIn(night)
  const all = standingsOf(findings, known, night, comparable)
  const left = withoutRepetition(findings, toldBy(all), night.tally)
  return left.length === findings.length ? all : standingsOf(left, known, night, comparable)
}

type Standings = { found: Map<Finding, Standing>; others: Pattern[] }

/** What sessions are told after this night, or would be at the next sign of it. */
function toldBy({ found, others }: Standings): Lesson[] {
  const all = [
    ...[...found].map(([it, { status }]) => ({ claim: claimOf(it), effect: it.effect, status })),
    ...others.map((it) => ({ claim: claimOf(it), effect: it.effect, status: it.status })),
  ]
  return all.filter((it) => isTold(it.status))
}

function standingsOf(
  findings: Finding[],
  known: Pattern[],
  night: Night,
  comparable: ReturnType<typeof comparableIn>,
): Standings {
  const entries = entriesOf(findings, known, night.agent).map((it) => stillShown(it, night.tally))
  const known_contexts = new Set(entries.flatMap((it) => (it.before ? [it.claim.context] : [])))
  const seen = seenByContext(night.counted, known_contexts)
  const watched = entries.map((it) => ({ ...it, watch: watchOf(it, seen, night, comparable) }))
  const confirmed = confirmedAmong(watched)
  const alarmed = alarmedAmong(watched, night.tally)
  const doubted = doubtedActions(alarmed, known)
  const weeks = weeksOfWork(night.tally)
  const since = sinceAlarms(known)

  const told_by = new Map(
    findings.flatMap((it) =>
      (it.alike ?? []).map((other) => [patternId(other, night.agent), patternId(it, night.agent)]),
    ),
  )

  const found = new Map<Finding, Standing>()
  const others: Pattern[] = []
  for (const it of watched) {
    const is_alarmed = alarmed.has(it)
    const before = since.get(it.claim.context)
    const is_doubted = doubted.has(calledAction(it.claim)) && !(before && isRemedy(it.claim))
    const entry = is_doubted ? asFirstSaid(it) : it
    const status = statusOf(entry, confirmed.has(it), is_alarmed, is_doubted, night.isFirstLook)
    const counted_before = is_alarmed
      ? countedBefore(it.claim, night.tally, MIN_SUPPORT)
      : before && Object.fromEntries(before)
    const watch = { ...settled(entry, status, is_alarmed, is_doubted), counted_before }
    const e = watch.confirmation && inThreeDigits(eValue(watch.confirmation))
    const is_unseen = isLongUnseen(it.claim, night.tally, weeks)
    const standing = { status: is_unseen && isTold(status) ? ('dormant' as const) : status, e, watch }
    if (it.finding) found.set(it.finding, standing)
    else if (status !== 'candidate' || !is_unseen)
      others.push({ ...it.before!, ...standing, watch: { ...watch, told_by: told_by.get(it.before!.id) } })
  }
  return { found, others }
}

/** More digits would only look exact. */
function inThreeDigits(e: number): number {
  return Number(e.toPrecision(3))
}

/** One pattern on its way through the night: found, known, or both. */
type Entry = { claim: Claim; finding: Finding | null; before: Pattern | null }
type Watched = Entry & { watch: Watch }

function entriesOf(findings: Finding[], known: Pattern[], agent: string): Entry[] {
  const unfound = new Map(known.map((it) => [it.id, it]))
  const entries = findings.flatMap((finding): Entry[] => {
    const claim = claimOf(finding)
    const before = unfound.get(patternId(finding, agent)) ?? null
    if (!before) return [{ claim, finding, before }]
    const is_same = isSameClaim(claim, claimOf(before))
    // Another remedy for the same error takes the place of the one before; the opposite of what is told does not, nor what is not sure.
    const is_opposite = claim.trait === before.trait && claim.tier === before.tier
    if (!is_same && (is_opposite || !finding.published) && isTold(before.status)) return []
    unfound.delete(before.id)
    return [{ claim, finding, before: is_same || before.status === 'retired' ? before : null }]
  })
  const others = [...unfound.values()].filter((it) => it.status !== 'retired')
  return [...entries, ...others.map((it) => ({ claim: claimOf(it), finding: null, before: it }))]
}

/** Of a lesson that is given to sessions fewer and fewer of the lowest ids are left to show it: what it showed before stays. */
function stillShown(entry: Entry, tally: Tally): Entry {
  const { claim, finding, before } = entry
  if (!finding || !before || finding.sightings.length >= before.sightings.length) return entry
  if (Object.keys(weeksTold(tally, claim)).length === 0) return entry
  const shown = new Set(finding.sightings.map((it) => it.session_id))
  const others = before.sightings.filter((it) => !shown.has(it.session_id))
  const sightings = [...finding.sightings, ...others].slice(0, before.sightings.length)
  return { ...entry, finding: { ...finding, sightings } }
}

function isTold(status: Pattern['status'] | undefined): boolean {
  return status === 'probation' || status === 'confirmed' || status === 'dormant'
}

/** What is remembered of a pattern, with what tonight adds. Tonight adds nothing to what was not known before it. */
function watchOf(
  { claim, finding, before }: Entry,
  seen: Map<string, Seen[]>,
  night: Night,
  comparable: ReturnType<typeof comparableIn>,
): Watch {
  if (!before) return newWatch(claim, finding!)
  if (before.status === 'retired') return before.watch
  const is_another_agent = before.status === 'confirmed' && beginsEpoch(claim, night.tally, night.touched)
  const watch = is_another_agent ? anew(before.watch) : before.watch
  const { confirmation, since } = watch
  const occasions = occasionsOf(claim, seen)
  const held = occasions.filter((it) => it).length
  return {
    ...watch,
    confirmation:
      confirmation && afterNight(confirmation, signOf(claim), ...comparable(claim, isTold(before.status))),
    detector: isTold(before.status)
      ? detectorAfter(trialsOf(claim, seen), watch.detector, watch.usual_rate)
      : 0,
    since: since && { held: since.held + held, n: since.n + occasions.length },
  }
}

/** Whether occasions with a trait can be compared with others of the same cell. */
function isComparedBy({ channel, context }: Finding): boolean {
  return ['call', 'repair', 'session', 'approval'].includes(channel) || context === 'claims ended'
}

function newWatch(claim: Claim, finding: Finding): Watch {
  const { kind, effect } = finding
  const is_compared = isComparedBy(finding) && kind !== 'disputed' && effect.unexposed[1] > 0
  return {
    expectation: claim.expectation,
    epoch: 0,
    confirmation: is_compared ? unconfirmed(0) : null,
    usual_rate: usualRate(historyOf(finding, claim)),
    detector: 0,
    since: null,
  }
}

/** The evidence begins anew. */
function anew(watch: Watch): Watch {
  const epoch = watch.epoch + 1
  return { ...watch, epoch, confirmation: watch.confirmation && unconfirmed(epoch), detector: 0 }
}

/**
 * The counts of tonight with the trait, and all, by cell. None of sessions that were told the claim; and of how sessions end, none of sessions that
 * were told anything, once it is told: a lesson by which those with an error end well would take from the others what confirms them.
 */
function comparableIn({ counted, touched }: Night) {
  const untold = untoldIn(touched)
  let told_nothing: Tally | undefined
  return (claim: Claim, is_told: boolean): [exposed: Record<Cell, Count>, all: Record<Cell, Count>] => {
    const { channel, context, trait } = claim
    const is_alone = is_told && isOfEndings(claim)
    if (is_alone) told_nothing ??= tallyOf(counted.filter(wasToldNothing))
    const cellsOf = (key: string) => {
      const row = is_alone ? told_nothing!.get(key) : touched.get(key)
      const left = row && (is_alone ? row : untold(row, channel === 'repair' ? EVERY : trait))
      const cells = Object.entries(left?.cells ?? {})
      return Object.fromEntries(isWithinTasks(claim) ? cells.filter(([cell]) => hasTask(cell)) : cells)
    }
    return [cellsOf(rowKey(context, trait)), cellsOf(rowKey(context, EVERY))]
  }
}

/** Those that the e-values of tonight confirm, each judged together with all others of its channel and tier. */
function confirmedAmong(watched: Watched[]): Set<Watched> {
  const compared = watched.filter((it) => it.watch.confirmation && it.before?.status !== 'retired')
  const families = Map.groupBy(compared, ({ claim }) => `${claim.channel} ${claim.tier}`)
  return new Set(
    [...families.values()].flatMap((family) => {
      const is_confirmed = isConfirmed(family.map((it) => eValue(it.watch.confirmation!)))
      return family.filter((_, i) => is_confirmed[i])
    }),
  )
}

/** Actions of which a lesson stopped happening: what the old counts say of them is in doubt. */
function doubtedActions(alarmed: Set<Watched>, known: Pattern[]): Set<string> {
  const tonight = [...alarmed].map((it) => it.claim)
  const before = known.filter((it) => it.status === 'stale' && it.watch.since !== null)
  return new Set([...tonight, ...before].map(calledAction).filter((it) => it !== ''))
}

/** Lessons that stopped happening, and the warnings that have to go with them. */
function alarmedAmong(watched: Watched[], tally: Tally): Set<Watched> {
  const told = watched.filter((it) => isTold(it.before?.status))
  const ended = told.filter((it) => it.watch.detector >= ALARM)
  const errors = ended.filter((it) => isRemedy(it.claim)).map((it) => it.claim.context)
  const isWayOut = (action: string) =>
    errors.some((it) => totalOf(tally.get(rowKey(it, `switch ${action}`)))[1] >= MIN_SUPPORT)
  const warnings = told.filter(
    ({ claim }) => claim.channel === 'call' && claim.trait === EVERY && isWayOut(actionOf(claim)),
  )
  return new Set([...ended, ...warnings])
}

/** What had been taken back already when its action came into doubt is said as if for the first time. */
function asFirstSaid(it: Watched): Watched {
  const is_gone = it.before?.status === 'stale' && it.watch.since === null
  return it.finding && is_gone ? { ...it, before: null } : it
}

/** The action whose calls a claim is about; empty when it is about something else. */
function calledAction(claim: Pick<Claim, 'channel' | 'context'>): string {
  return claim.channel === 'call' || claim.channel === 'repair' ? actionOf(claim) : ''
}

function statusOf(
  it: Watched,
  is_borne_out: boolean,
  is_alarmed: boolean,
  is_doubted: boolean,
  isFirstLook: IsFirstLook,
): Pattern['status'] {
  const { finding, before, claim } = it
  // What people preferred was never verified, however often they did: it is told, and stays on probation.
  const is_confirmed = is_borne_out && claim.channel !== 'approval'
  if (before?.status === 'retired') return 'retired'
  if (finding?.kind === 'disputed') return 'disputed'
  if (is_alarmed) return 'stale'
  if (isTold(before?.status)) return is_confirmed ? 'confirmed' : finding ? 'probation' : 'stale'
  const was = before?.status ?? 'candidate'
  if (!finding) return was === 'disputed' ? 'stale' : was
  if (is_confirmed) return 'confirmed'
  const may_be_told = is_borne_out || mayBeTold(it, finding, is_doubted, isFirstLook)
  return finding.published && may_be_told ? 'probation' : was
}

/** What is not told and not confirmed by later sessions is told by what was counted, as far as that may be believed. */
function mayBeTold(
  { before, watch }: Watched,
  finding: Finding,
  is_doubted: boolean,
  isFirstLook: IsFirstLook,
): boolean {
  const { since, usual_rate } = watch
  if (finding.needs_confirmation)
    return since === null && (isFirstLook(finding) || before?.status === 'stale')
  return since === null ? before !== null || !is_doubted : holdsAgain(since, usual_rate)
}

/** What is to be remembered of a pattern that has this status now. */
function settled(it: Watched, status: Pattern['status'], is_alarmed: boolean, is_doubted: boolean): Watch {
  const { before, finding, claim, watch } = it
  const nothing_yet = { held: 0, n: 0 }
  if (is_alarmed) return { ...anew(watch), since: nothing_yet }
  if (!before && status === 'candidate' && is_doubted) return { ...watch, since: nothing_yet }
  if (!isTold(status) || isTold(before?.status)) return watch
  return {
    ...watch,
    usual_rate: usualRate(watch.since ?? historyOf(finding!, claim)),
    detector: 0,
    since: null,
  }
}
