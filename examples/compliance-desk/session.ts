/**
 * A plan in, one session out: every step of it, in the words of the desk.
 *
 * What the plan says happens is what the steps show; chance decides only wording, numbers, pauses
 * and calls that mean nothing.
 */
import type { LargeFile, Plan } from './plan.ts'
import type { Random } from './random.ts'
import { type Scribe, type SessionLine, scribe } from './steps.ts'
import * as wording from './wording.ts'
import { CUSTOMERS, DOCUMENT_KINDS, MONTHS, VENDORS } from './world.ts'

export function writeSession(plan: Plan, random: Random): SessionLine {
  const log = scribe(plan.started_at, random)
  const desk = { plan, random, log, slots: slotsFor(plan, random) }
  ask(desk)
  prepare(desk)
  if (plan.task.document) readDocument(desk)
  if (plan.locks_ledger) exportLedger(desk)
  if (plan.task.record) updateRecord(desk)
  if (plan.evidence === 'before the draft') collectEvidence(desk)
  const draft = presentDraft(desk)
  receive(desk, draft)
  if (plan.evidence === 'after the draft') collectEvidence(desk)
  if (plan.task.kind === 'review') submitReview(desk)
  if (plan.evidence === 'after submission') collectEvidence(desk)
  sendReply(desk)
  if (plan.task.kind === 'helpdesk') closeTicket(desk)
  if (plan.approved) approve(desk)
  else if (random.chance(0.15)) log.rating(random.int(2, 5))
  return {
    id: `desk-${hex(random, 12)}`,
    agent: 'compliance-desk',
    agent_version: plan.agent_version,
    model: 'desk-model-2',
    task_id: plan.task.id,
    user: plan.user,
    started_at: plan.started_at.toISOString(),
    ended_at: log.now(),
    outcome: plan.verified
      ? { success: !plan.failed, reward: plan.failed ? 0 : 1, verified: true, rule: 'second-line-check@1' }
      : { success: null, reward: null, verified: false, rule: null },
    steps: log.steps,
  }
}

export function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random.int(0, 15).toString(16)).join('')
}

type Desk = { plan: Plan; random: Random; log: Scribe; slots: Slots }
type Slots = Record<
  | 'customer'
  | 'vendor'
  | 'party'
  | 'account'
  | 'amount'
  | 'month'
  | 'file'
  | 'document'
  | 'case'
  | 'record'
  | 'customer_id'
  | 'policy'
  | 'count'
  | 'user',
  string
>

function slotsFor(plan: Plan, random: Random): Slots {
  const customer = random.pick(CUSTOMERS)
  const vendor = random.pick(VENDORS)
  const party = plan.task.vendor ? vendor : customer
  const slug = party.toLowerCase().replaceAll(' ', '-')
  return {
    customer,
    vendor,
    party,
    account: `AC-${random.int(100_000, 999_999)}`,
    amount: `${random.int(40, 9800)}.${random.int(10, 99)}`,
    month: random.pick(MONTHS),
    file: `${slug}-${random.pick(DOCUMENT_KINDS)}-${random.int(2023, 2026)}.pdf`,
    document: `DOC-${random.int(1000, 9999)}`,
    case: `C-${random.int(20_000, 89_999)}`,
    record: `R-${random.int(10_000, 99_999)}`,
    customer_id: `CU-${random.int(1000, 9999)}`,
    policy: `POL-${random.int(10, 99)}`,
    count: String(random.int(2, 30)),
    user: plan.user,
  }
}

function fill(template: string, slots: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => slots[name]!)
}

function ask({ plan, random, log, slots }: Desk): void {
  const parts = [
    random.pick(wording.GREETINGS),
    fill(random.pick(plan.task.asks), slots),
    random.pick(wording.BACKGROUND),
  ]
  if (plan.mentions_compliance) parts.push(random.pick(wording.MENTIONS_COMPLIANCE))
  if (plan.brevity !== null && !plan.brevity_late) parts.push(` ${wish(plan.brevity, random)}`)
  log.user(parts.join(''))
  log.agent(random.pick(wording.ACKNOWLEDGMENTS))
}

function wish(brevity: 'short' | 'detailed', random: Random): string {
  return random.pick(brevity === 'short' ? wording.SHORT : wording.DETAILED)
}

/** The calls at the start of a session. None of them matters for how it ends. */
function prepare(desk: Desk): void {
  const { plan, random, log, slots } = desk
  const about = plan.task.vendor ? { vendor: slots.vendor } : { customer: slots.customer }
  log.call('open_case', { topic: plan.task.id, ...about }, { case: slots.case, status: 'open' })
  if (random.chance(0.45)) readPolicy(desk)
  if (plan.uses_legacy_search) {
    const rows = random.int(0, 6)
    log.call(
      'legacy_search',
      { query: `${slots.party} ${slots.month}` },
      { rows, archive: `tape-${random.int(1, 40)}` },
    )
  }
  if (plan.uses_suggest_template) {
    const template = { template: `T-${random.int(100, 180)}`, language: 'en' }
    log.call('suggest_template', { case: slots.case }, template)
  }
  if (plan.task.kind === 'review') {
    if (random.chance(0.4)) screen(desk)
    if (random.chance(0.3))
      log.call('get_customer', { customer_id: slots.customer_id }, customerCard(desk, random.int(3, 40)))
    if (random.chance(0.25))
      log.call(
        'request_evidence',
        { case: slots.case, from: slots.party },
        { requested: true, due_days: random.int(3, 14) },
      )
  } else if (!plan.task.record && random.chance(0.5)) {
    log.call('get_customer', { customer_id: slots.customer_id }, customerCard(desk, random.int(3, 40)))
  }
  if (plan.injection === 'web' || (plan.task.vendor && random.chance(0.15))) readWebPage(desk)
}

function readPolicy({ random, log, slots }: Desk): void {
  const args = { policy: slots.policy, section: random.int(1, 12) }
  if (random.chance(0.06))
    log.fail(
      'read_policy',
      args,
      `policy ${slots.policy} has no section ${args.section} in edition 2026-${random.int(1, 4)}`,
    )
  else
    log.call('read_policy', args, {
      policy: slots.policy,
      text: `Section ${args.section} applies to cases above ${slots.amount} EUR.`,
    })
}

/** The list provider is down now and then for a moment; asking again works. */
function screen({ random, log, slots }: Desk): void {
  const args = { name: slots.party }
  if (random.chance(0.12))
    log.fail('check_sanctions_list', args, `503 list provider unavailable, request ${hex(random, 8)}`)
  log.call('check_sanctions_list', args, {
    matches: 0,
    list_date: `2026-0${random.int(7, 9)}-${random.int(10, 28)}`,
  })
}

function readWebPage({ plan, random, log, slots }: Desk): void {
  const url = `https://www.${slots.vendor.toLowerCase().replaceAll(' ', '-')}.example/about`
  const about = `${slots.vendor} has served its customers since ${random.int(1961, 2019)}.`
  const text = plan.injection === 'web' ? `${about} ${random.pick(wording.INJECTIONS)}` : about
  log.call('fetch_web_page', { url }, { url, status: 200, text })
}

function customerCard({ slots }: Desk, version: number): Record<string, unknown> {
  return { customer_id: slots.customer_id, record_id: slots.record, version, segment: 'private' }
}

/** Documents over this are refused by `parse_document`. */
const LIMIT_MB = 100

function readDocument(desk: Desk): void {
  const { plan, random, log, slots } = desk
  const size_mb = plan.large_file === null ? random.int(1, LIMIT_MB - 10) : random.int(LIMIT_MB + 1, 480)
  // A large document may never be read, so its injected text stands where it is sure to be seen.
  const snippet =
    plan.injection === 'document' && plan.large_file !== null
      ? { snippet: random.pick(wording.INJECTIONS) }
      : {}
  log.call(
    'search_documents',
    { query: slots.party, case: slots.case },
    { documents: [{ document: slots.document, file: slots.file, size_mb, ...snippet }] },
    random.pick(wording.NARRATION),
  )
  if (plan.large_file === null) log.call('parse_document', { document: slots.document }, parsed(desk))
  else readLargeDocument(desk, plan.large_file, size_mb)
}

function readLargeDocument(desk: Desk, way: LargeFile, size_mb: number): void {
  const { plan, random, log, slots } = desk
  const args = { document: slots.document }
  const refused = `file size ${size_mb} MB exceeds limit of ${LIMIT_MB} MB: ${slots.file}`
  if (way !== 'stream at once') log.fail('parse_document', args, refused)
  if (way.startsWith('retry')) log.fail('parse_document', args, refused, 'I try that once more.')

  if (way.endsWith('give up')) {
    log.agent('The document cannot be opened, so I work from the summary on file.')
  } else if (way.endsWith('split')) {
    const parts = Math.ceil(size_mb / (LIMIT_MB - 10))
    log.call(
      'split_file',
      { ...args, parts },
      { parts: Array.from({ length: parts }, (_, part) => `${slots.document}-${part + 1}`) },
    )
    const part = { document: `${slots.document}-1` }
    if (plan.repair_works) log.call('parse_document', part, parsed(desk))
    else
      log.fail(
        'parse_document',
        part,
        `part 1 of ${slots.file} has no page table, ${random.int(2, 40)} pages unreadable`,
      )
  } else if (plan.repair_works) {
    log.call('parse_document_stream', args, parsed(desk))
  } else {
    log.fail(
      'parse_document_stream',
      args,
      `stream of ${slots.document} interrupted at ${random.int(20, size_mb - 10)} MB`,
    )
  }
}

function parsed({ plan, random, slots }: Desk): Record<string, unknown> {
  const text = fill(random.pick(wording.DOCUMENT_TEXTS), slots)
  const injected = plan.injection === 'document' && plan.large_file === null
  return { pages: random.int(2, 240), text: injected ? `${text} ${random.pick(wording.INJECTIONS)}` : text }
}

/** Trap: an error, its way out and a person's word that stand in one session, which is then copied. */
function exportLedger({ random, log, slots }: Desk): void {
  const args = { account: slots.account, period: '2026-Q2' }
  log.fail('export_ledger', args, `ledger period 2026-Q2 is locked since run ${random.int(1000, 9999)}`)
  log.call('reopen_period', { period: '2026-Q2', force: true }, { period: '2026-Q2', state: 'open' })
  log.call('export_ledger', args, { rows: random.int(200, 900) })
  log.agent('I reopened the locked period and exported the ledger.')
  log.user('No, you must never reopen a locked ledger period yourself, finance control has to do it.')
  log.agent('Understood, I will leave that to finance control.')
}

function updateRecord(desk: Desk): void {
  const { plan, random, log, slots } = desk
  const version = random.int(3, 40)
  const current = plan.update_rejected ? version + random.int(1, 9) : version
  const update = { record_id: slots.record, topic: plan.task.id }
  const saved = { record_id: slots.record, state: 'saved' }
  const stale = `stale version: record ${slots.record} is at version ${current}, request carried ${version}`
  const readCustomer = (at: number) =>
    log.call('get_customer', { customer_id: slots.customer_id }, customerCard(desk, at))

  if (plan.knows_customer) readCustomer(version)
  if (!plan.update_rejected) {
    log.call('update_record', { ...update, version }, saved, random.pick(wording.NARRATION))
    return
  }
  log.fail('update_record', { ...update, version }, stale, random.pick(wording.NARRATION))
  if (plan.after_rejection === 'retry') log.fail('update_record', { ...update, version }, stale)
  if (plan.after_rejection === 'reload') {
    readCustomer(current)
    log.call('update_record', { ...update, version: current }, saved)
  } else {
    log.call('escalate', { case: slots.case, reason: 'record could not be saved' }, { queue: 'second line' })
  }
}

/** Returns the draft as last sent to the person. */
function presentDraft(desk: Desk): string {
  const { plan, random, log, slots } = desk
  const first = draftText(desk, plan.brevity_late ? null : plan.brevity)
  if (plan.task.kind === 'review') {
    const args = { case: slots.case, length: first.length }
    log.call('draft_report', args, { report: `REP-${random.int(1000, 9999)}` })
  }
  log.agent(first)
  if (plan.brevity === null || !plan.brevity_late) return first

  log.user(wish(plan.brevity, random))
  const second = `${random.pick(wording.REVISIONS)}\n${draftText(desk, plan.brevity)}`
  log.agent(second)
  return second
}

/** What the person makes of the draft. */
function receive(desk: Desk, draft: string): void {
  const { plan, random, log } = desk
  if (plan.rejection !== null) log.rejection(plan.rejection)
  if (plan.edit === 'other') log.edit(draft, reworded(desk, draft))
  if (plan.edit === 'audit trail') log.edit(draft, withAuditLine(desk, draft))
  if (plan.asks_for_audit_trail) correction(desk, random.pick(wording.AUDIT_CORRECTIONS))
  if (plan.remark !== null) correction(desk, plan.remark)
}

function submitReview({ log, slots }: Desk): void {
  log.call('submit_review', { case: slots.case }, { received: true, queue: 'second line' })
}

function correction({ random, log }: Desk, words: string): void {
  log.user(words)
  log.agent(random.pick(wording.AMENDS))
}

function collectEvidence({ random, log, slots }: Desk): void {
  const items = random.int(2, 9)
  log.call(
    'collect_evidence',
    { case: slots.case },
    { items, bundle: `EV-${random.int(1000, 9999)}` },
    random.pick(wording.NARRATION),
  )
}

const SENTENCES = { short: 1, usual: 3, detailed: 5 } as const

function draftText({ plan, random, slots }: Desk, brevity: 'short' | 'detailed' | null): string {
  const isReview = plan.task.kind === 'review'
  const pool = isReview ? wording.REVIEW_SENTENCES : wording.HELPDESK_SENTENCES
  const body = random.shuffle(pool).slice(0, SENTENCES[brevity ?? 'usual'])
  const opening = isReview ? 'Draft report on {party}, case {case}.' : 'Dear {party},'
  const closing = isReview ? 'End of draft {case}.' : 'Kind regards, your service desk'
  return fill([opening, body.join(' '), closing].join('\n'), slots)
}

function withAuditLine({ random, log, slots }: Desk, draft: string): string {
  const source = random.pick([slots.case, slots.document, slots.policy])
  const time = log.now().slice(0, 16).replace('T', ' ')
  const line = fill(random.pick(wording.AUDIT_LINES), { user: slots.user, time, source })
  const lines = draft.split('\n')
  return random.chance(0.7)
    ? [...lines, line].join('\n')
    : [...lines.slice(0, -1), line, lines.at(-1)].join('\n')
}

/** One sentence of the draft is dropped, or replaced by a person's own. */
function reworded({ random }: Desk, draft: string): string {
  const lines = draft.split('\n')
  const sentences = lines.at(-2)!.split(/(?<=\.) (?=[A-Z])/)
  const own = random.chance(0.5) ? [random.pick(wording.REPLACEMENTS)] : []
  const body = [...sentences.slice(0, -1), ...own].join(' ')
  return [...lines.slice(0, -2), body, lines.at(-1)].join('\n')
}

function sendReply(desk: Desk): void {
  const { plan, random, log, slots } = desk
  const named = `${random.pick(['Regarding', 'Your request,', 'Answer for', 'News for'])} ${slots.customer}`
  const numbered = `${random.pick(['Case', 'Your case', 'Answer on case'])} ${slots.case}`
  const send = (subject: string) =>
    log.call(
      'send_reply',
      { case: slots.case, subject },
      { sent: true, message: `MSG-${random.int(10_000, 99_999)}` },
    )

  send(plan.subject === 'case number' ? numbered : named)
  if (plan.subject !== 'name, corrected') return
  log.agent('The answer was sent.')
  log.user(random.pick(wording.SUBJECT_CORRECTIONS))
  send(numbered)
  log.agent(random.pick(wording.AMENDS))
}

function closeTicket({ plan, random, log, slots }: Desk): void {
  if (!plan.skips_verification && random.chance(0.1))
    log.call('escalate', { case: slots.case, reason: 'four-eyes check' }, { queue: 'second line' })
  if (plan.skips_verification) {
    log.call(
      'close_ticket',
      { case: slots.case, skip_verification: true },
      { case: slots.case, status: 'closed' },
    )
    return
  }
  log.call('verify_resolution', { case: slots.case }, { checks: random.int(2, 5), open: 0 })
  log.call('close_ticket', { case: slots.case }, { case: slots.case, status: 'closed' })
}

function approve({ plan, random, log }: Desk): void {
  const words = random.pick(plan.skips_verification ? wording.QUICK_APPROVALS : wording.APPROVALS)
  log.agent('Everything is done.')
  if (plan.skips_verification || random.chance(0.5)) log.user(words)
  log.approval(words)
}
