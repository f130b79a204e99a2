/**
 * Mine: a tally in, findings out, and the reasons for what could not be said.
 *
 * Everything follows from the counts: the same tally gives the same findings, whoever counted it and in
 * whatever order. What a finding is called, and the words that prove it, come later (`lesson.ts`).
 */
import type { Alert } from '../domain/alert.ts'
import { EVERY, type Tally, type TallyRow, totalOf } from '../domain/tally.ts'
import { approvalFindings, whyNoApprovalLessons } from './approval-lessons.ts'
import { callFindings } from './call-lessons.ts'
import { intentOf } from './cell.ts'
import { claimFindings } from './claim-lessons.ts'
import { correctionFindings } from './correction-lessons.ts'
import { deadOnArrival } from './dead-on-arrival.ts'
import { editFindings, redoneFindings } from './edit-lessons.ts'
import type { Finding } from './finding.ts'
import { byCluster, clustersIn } from './intent.ts'
import { suspectSources, withoutSuspects } from './outcome-source.ts'
import { hasPlainNames } from './plain-names.ts'
import { repairFindings } from './repair-lessons.ts'
import { MIN_OUTCOMES, sessionFindings } from './session-lessons.ts'
import type { Since } from './since.ts'
import { temporalFindings } from './temporal-lessons.ts'
import { type Untold, untoldIn } from './told.ts'

/** A pattern needs at least this many occasions before any channel looks at it. */
export const MIN_SUPPORT = 3

export type Mined = {
  findings: Finding[]
  notes: string[]
  alerts: Alert[]
  /** Of sessions without a task: what each signature of first words was taken for (`byCluster`). */
  clusters: Map<string, string>
  /** Rules whose verdicts teach nothing for now. */
  suspects: Set<string>
}

/** What is in `since` of the counts of errors is not believed. */
export function mine(counted: Tally, since: Since = new Map()): Mined {
  const clusters = clustersIn(counted)
  const tally = byCluster(counted, clusters)
  const suspects = suspectSources(tally)
  const trusted = withoutSuspects(tally, suspects.rules)
  const outcomes = knownOutcomes(trusted)
  const approvals = contextsOf(trusted, 'approval')
  const edits = contextsOf(tally, 'edit')
  const untold = untoldIn(tally)
  const corrections = correctionFindings(
    contextsOf(tally, 'correction'),
    redoneFindings(edits, untold),
    tally,
    untold,
  )
  const findings = [
    ...callFindings(contextsOf(tally, 'call'), untold),
    ...repairFindings(withoutTold(contextsOf(tally, 'repair'), untold), since),
    ...corrections,
    ...editFindings(edits, untold),
    ...temporalFindings(contextsOf(tally, 'temporal'), untold),
    ...approvalFindings(approvals, untold),
    ...sessionFindings(contextsOf(trusted, 'session'), untold),
    ...claimFindings(contextsOf(trusted, 'model'), corrections, untold),
  ]
  const told = findings.filter(hasPlainNames)
  return {
    findings: told,
    notes: [
      ...whyNoSessionLessons(outcomes, knownOutcomes(tally).total - outcomes.total),
      ...whyNoApprovalLessons(approvals),
      ...whyUntold(findings.length - told.length),
    ],
    alerts: [...deadOnArrival(contextsOf(tally, 'arrival')), ...suspects.alerts],
    clusters,
    suspects: suspects.rules,
  }
}

/** What is known of an error is one lesson, so whoever was told it says nothing about any reaction to that error. */
function withoutTold(contexts: Map<TallyRow, TallyRow[]>, untold: Untold): Map<TallyRow, TallyRow[]> {
  return new Map(
    [...contexts].map(([every, traits]) => [untold(every, EVERY), traits.map((it) => untold(it, EVERY))]),
  )
}

/** In one order, whoever counted, so that a tie is broken in the same way everywhere. */
function contextsOf(tally: Tally, channel: string): Map<TallyRow, TallyRow[]> {
  const every: TallyRow[] = []
  const traits = new Map<string, TallyRow[]>()
  for (const row of tally.values()) {
    if (row.channel !== channel) continue
    if (row.trait === EVERY) every.push(row)
    else if (traits.has(row.context)) traits.get(row.context)!.push(row)
    else traits.set(row.context, [row])
  }
  every.sort((a, b) => (a.context < b.context ? -1 : 1))
  return new Map(
    every.map((it) => [it, (traits.get(it.context) ?? []).sort((a, b) => (a.trait < b.trait ? -1 : 1))]),
  )
}

function knownOutcomes(tally: Tally): { total: number; with_task: number } {
  const row = tally.get('session\0')
  const with_task = Object.entries(row?.cells ?? {}).reduce(
    (sum, [cell, it]) => (intentOf(cell).startsWith('~') ? sum : sum + it[1]),
    0,
  )
  return { total: totalOf(row)[1], with_task }
}

function whyUntold(n: number): string[] {
  if (n === 0) return []
  const what = n === 1 ? 'One lesson is' : `${n} lessons are`
  return [
    `${what} not told, because a name in ${n === 1 ? 'it' : 'each'} (of a tool, an argument or a value) reads like an order and not like a name. Look into where it comes from.`,
  ]
}

/** `distrusted` outcomes were judged by a rule that an alert is about. */
function whyNoSessionLessons(
  { total, with_task }: { total: number; with_task: number },
  distrusted: number,
): string[] {
  if (with_task >= MIN_OUTCOMES) return []
  const known =
    total > with_task
      ? 'both a verified outcome and a known task'
      : `a verified outcome${distrusted > 0 ? ' that is trusted' : ''}`
  const have =
    with_task === 0
      ? `none of the sessions has ${known}`
      : `only ${with_task === 1 ? 'one session has' : `${with_task} sessions have`} ${known}`
  const others =
    distrusted === 0 ? '' : ` (of ${distrusted} outcomes the source is not trusted: see the alert)`
  return [
    `No lessons about whole sessions: ${have}${others}, and below ${MIN_OUTCOMES} luck cannot be told from cause.`,
  ]
}
