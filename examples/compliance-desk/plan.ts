/**
 * Decides what happens in each session before a word of it is written: the design of the experiment.
 *
 * Whether a session fails depends on four things and nothing else: its task, the agent's version,
 * whether `collect_evidence` came before `submit_review`, and whether a ticket was closed without
 * verification. Every other trait is dealt out without a look at the outcome, or evenly over it.
 */
import { deal, grouped, type Random, spread } from './random.ts'
import * as wording from './wording.ts'
import { LEGACY_TASK, PEOPLE, TASKS, type Task, WEEKDAY_PERSON } from './world.ts'

export type Plan = {
  task: Task
  user: string
  started_at: Date
  /** 0 to 9. */
  week: number
  agent_version: string
  failed: boolean
  /** False where nobody checked the work, so the outcome is not known. */
  verified: boolean

  /** How a document over the limit is handled; null when the document is small or there is none. */
  large_file: LargeFile | null
  /** The last resort for a large file, streaming or splitting, works. */
  repair_works: boolean
  evidence: 'before the draft' | 'after the draft' | 'after submission' | 'never'
  /** `get_customer` is called before `update_record`. */
  knows_customer: boolean
  update_rejected: boolean
  after_rejection: 'reload' | 'retry' | 'give up'
  skips_verification: boolean

  mentions_compliance: boolean
  edit: 'audit trail' | 'other' | null
  asks_for_audit_trail: boolean
  subject: 'case number' | 'name' | 'name, corrected'
  brevity: 'short' | 'detailed' | null
  /** The wish for a short or detailed answer comes only after the first draft. */
  brevity_late: boolean
  remark: string | null
  rejection: string | null
  approved: boolean

  uses_legacy_search: boolean
  uses_suggest_template: boolean
  injection: 'document' | 'web' | null
  /** The one session that is copied nine times. */
  locks_ledger: boolean
}

export type LargeFile =
  | 'stream at once'
  | 'stream'
  | 'split'
  | 'retry, then stream'
  | 'retry, then split'
  | 'retry, then give up'

/** The Monday of the first week. */
const FIRST_DAY = Date.UTC(2026, 7, 31)
const DAY_MS = 86_400_000
const WORKING_DAYS = 50
/** The second agent version takes over at the start of this week. */
const NEW_VERSION_WEEK = 5
/** Weeks are numbered from 0. */
const LEDGER_WEEK = 2

export function planSessions(count: number, random: Random): Plan[] {
  const plans = placeInCalendar(count, random)
  const reviews = plans.filter((it) => it.task.kind === 'review')
  // The easiest tasks stay easy, and the hardest is another trap.
  const tickets = plans.filter(
    (it) => it.task.kind === 'helpdesk' && it.task.failure > 0.1 && it.task.id !== LEGACY_TASK,
  )

  planWork(plans, reviews, tickets, random)
  planOutcomes(plans, random)
  planTraps(plans, random)
  planPeople(plans, random)
  return plans
}

function placeInCalendar(count: number, random: Random): Plan[] {
  const tasks = inRounds(
    TASKS.flatMap((task) => Array(weightOf(task)).fill(task) as Task[]),
    count,
    random,
  )
  const colleagues = inRounds(PEOPLE, count, random)
  const days = Map.groupBy(tasks.keys(), (index) => Math.floor((index * WORKING_DAYS) / count))
  return [...days].flatMap(([day, indices]) => {
    const hers = new Set(random.shuffle(indices).slice(0, Math.round(indices.length * 0.4)))
    const spacing_s = (7.5 * 3600) / indices.length
    return indices.map((index, position) =>
      unplanned(
        tasks[index]!,
        hers.has(index) ? WEEKDAY_PERSON : colleagues[index]!,
        day,
        8.5 * 3600 + Math.floor(position * spacing_s) + random.int(0, Math.floor(spacing_s * 0.8)),
      ),
    )
  })
}

/** How often a task is asked for, compared with the others. */
function weightOf(task: Task): number {
  if (task.id === LEGACY_TASK) return 8
  return task.kind === 'review' ? 5 : 4
}

/** `count` items, every round of them holding each of the list once. */
function inRounds<T>(list: readonly T[], count: number, random: Random): T[] {
  const rounds = Array.from({ length: Math.ceil(count / list.length) }, () => random.shuffle(list))
  return rounds.flat().slice(0, count)
}

function unplanned(task: Task, user: string, working_day: number, second_of_day: number): Plan {
  const week = Math.floor(working_day / 5)
  const calendar_day = week * 7 + (working_day % 5)
  return {
    task,
    user,
    started_at: new Date(FIRST_DAY + calendar_day * DAY_MS + second_of_day * 1000),
    week,
    agent_version: week < NEW_VERSION_WEEK ? '1.4.0' : '1.5.0',
    failed: false,
    verified: true,
    large_file: null,
    repair_works: true,
    evidence: 'never',
    knows_customer: false,
    update_rejected: false,
    after_rejection: 'reload',
    skips_verification: false,
    mentions_compliance: false,
    edit: null,
    asks_for_audit_trail: false,
    subject: 'case number',
    brevity: null,
    brevity_late: false,
    remark: null,
    rejection: null,
    approved: false,
    uses_legacy_search: task.id === LEGACY_TASK,
    uses_suggest_template: false,
    injection: null,
    locks_ledger: false,
  }
}

/** What the agent does: the traits of its tool calls. */
function planWork(plans: Plan[], reviews: Plan[], tickets: Plan[], random: Random): void {
  const documents = plans.filter((it) => it.task.document)
  const large = spread(grouped(documents, taskOf, random), () => 0.25, random)
  const handling = deal<Plan, LargeFile>(
    [...large],
    [
      ['stream at once', 12],
      ['stream', 24],
      ['split', 12],
      ['retry, then stream', 7],
      ['retry, then split', 3],
      ['retry, then give up', 4],
    ],
    random,
  )
  for (const [plan, way] of handling) plan.large_file = way
  const lastResort = (it: Plan) => (it.large_file!.endsWith('split') ? 'split' : 'stream')
  const works = spread(
    grouped([...large], lastResort, random),
    (it) => (lastResort(it) === 'split' ? 0.4 : 0.94),
    random,
  )
  for (const plan of large) plan.repair_works = works.has(plan)

  const withEvidence = spread(
    grouped(reviews, (it) => `${taskOf(it)} ${it.agent_version}`, random),
    () => 0.6,
    random,
  )
  const before = deal(
    [...withEvidence],
    [
      ['before the draft', 1],
      ['after the draft', 1],
    ] as const,
    random,
  )
  const without = reviews.filter((it) => !withEvidence.has(it))
  const late = deal(
    without,
    [
      ['after submission', 1],
      ['never', 4],
    ] as const,
    random,
  )
  for (const [plan, when] of [...before, ...late]) plan.evidence = when

  const updates = plans.filter((it) => it.task.record)
  const knowing = spread(grouped(updates, taskOf, random), () => 0.7, random)
  for (const plan of knowing) plan.knows_customer = true
  const rejected = spread(
    grouped(updates, (it) => String(it.knows_customer), random),
    (it) => (it.knows_customer ? 0.03 : 0.92),
    random,
  )
  const reactions = deal(
    [...rejected],
    [
      ['reload', 30],
      ['retry', 5],
      ['give up', 4],
    ] as const,
    random,
  )
  for (const [plan, reaction] of reactions) {
    plan.update_rejected = true
    plan.after_rejection = reaction
  }

  for (const plan of spread(grouped(tickets, taskOf, random), () => 0.2, random))
    plan.skips_verification = true
}

function planOutcomes(plans: Plan[], random: Random): void {
  const cause = (it: Plan) => `${it.skips_verification} ${hasEvidence(it)}`
  const comparable = grouped(plans, (it) => `${cause(it)} ${taskOf(it)} ${it.agent_version}`, random)
  for (const plan of spread(comparable, failureRate, random)) plan.failed = true
  const ended = grouped(plans, (it) => `${cause(it)} ${endingOf(it)}`, random)
  for (const plan of spread(ended, () => 0.13, random)) plan.verified = false
}

function failureRate(plan: Plan): number {
  if (plan.skips_verification) return 0.92
  const easier = plan.agent_version === '1.4.0' ? 0.9 : -0.9
  const missing = plan.task.kind === 'review' && !hasEvidence(plan) ? 2.3 : 0
  const log_odds = Math.log(plan.task.failure / (1 - plan.task.failure)) + easier + missing
  return 1 / (1 + Math.exp(-log_odds))
}

function hasEvidence(plan: Plan): boolean {
  return plan.evidence === 'before the draft' || plan.evidence === 'after the draft'
}

/** What looks like a lesson and is none: dealt evenly over how the sessions ended. */
function planTraps(plans: Plan[], random: Random): void {
  const others = plans.filter((it) => it.task.id !== LEGACY_TASK)
  for (const plan of spread(grouped(others, endingOf, random), () => 0.03, random))
    plan.uses_legacy_search = true

  const byVersion = grouped(plans, (it) => `${it.agent_version} ${endingOf(it)}`, random)
  for (const plan of spread(byVersion, (it) => (it.agent_version === '1.4.0' ? 0.08 : 0.85), random))
    plan.uses_suggest_template = true

  const vendors = plans.filter((it) => it.task.vendor && it.task.document)
  const injected = spread(grouped(vendors, endingOf, random), () => 0.22, random)
  const places = deal(
    [...injected],
    [
      ['document', 3],
      ['web', 2],
    ] as const,
    random,
  )
  for (const [plan, place] of places) plan.injection = place

  const copied = plans.find(
    (it) => it.task.kind === 'helpdesk' && it.week >= LEDGER_WEEK && !it.skips_verification,
  )!
  copied.locks_ledger = true
  copied.failed = true
  copied.verified = true
}

/** What people say. None of it knows how the session will be judged. */
function planPeople(plans: Plan[], random: Random): void {
  const mentioning = spread(
    grouped(plans, (it) => it.user, random),
    () => 0.16,
    random,
  )
  for (const plan of mentioning) plan.mentions_compliance = true
  const byMention = grouped(plans, (it) => `${it.mentions_compliance} ${it.user}`, random)
  const audited = spread(byMention, (it) => (it.mentions_compliance ? 0.8 : 0.05), random)
  const otherwise = byMention.filter((it) => !audited.has(it))
  const edited = spread(otherwise, () => 0.15, random)
  for (const plan of audited) plan.edit = 'audit trail'
  for (const plan of edited) plan.edit = 'other'
  for (const plan of spread([...mentioning], () => 0.25, random)) plan.asks_for_audit_trail = true

  const named = spread(
    grouped(plans, (it) => it.user, random),
    () => 0.12,
    random,
  )
  const noticed = deal(
    [...named],
    [
      ['name, corrected', 2],
      ['name', 3],
    ] as const,
    random,
  )
  for (const [plan, subject] of noticed) plan.subject = subject

  const hers = plans.filter((it) => it.user === WEEKDAY_PERSON)
  const short = spread(hers, (it) => shareOfShort(it.started_at.getUTCDay()), random)
  const late = spread(random.shuffle(hers), () => 0.35, random)
  for (const plan of hers) {
    plan.brevity = short.has(plan) ? 'short' : 'detailed'
    plan.brevity_late = late.has(plan)
  }

  const remarked = spread(random.shuffle(plans), () => 0.07, random)
  for (const [plan, remark] of deal([...remarked], equally(wording.OTHER_CORRECTIONS), random))
    plan.remark = remark
  const unpraised = plans.filter((it) => !it.skips_verification)
  const rejecting = spread(random.shuffle(unpraised), () => 0.04, random)
  for (const [plan, reason] of deal([...rejecting], equally(wording.REJECTIONS), random))
    plan.rejection = reason
  const approving = spread(
    grouped(
      plans.filter((it) => it.rejection === null),
      (it) => String(it.skips_verification),
      random,
    ),
    (it) => (it.skips_verification ? 0.95 : 0.55),
    random,
  )
  for (const plan of approving) plan.approved = true
}

const MONDAY = 1
const FRIDAY = 5

function shareOfShort(weekday: number): number {
  if (weekday === MONDAY) return 0.9
  return weekday === FRIDAY ? 0.1 : 0.5
}

function equally<T>(values: readonly T[]): [T, number][] {
  return values.map((value) => [value, 1])
}

function taskOf(plan: Plan): string {
  return plan.task.id
}

function endingOf(plan: Plan): string {
  return `${plan.failed} ${taskOf(plan)}`
}
