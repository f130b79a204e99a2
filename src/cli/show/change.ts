import type { Change, ChangeStatus } from '../../domain/change.ts'
import type { Decision } from '../../domain/decision.ts'
import type { Evidence } from '../../domain/evidence.ts'
import type { Page } from '../../domain/page.ts'
import type { ListedChange, ShownChange } from '../../engine.ts'
import { folded, wrap } from '../layout.ts'
import { count, grouped, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { evidenceCommand, showLesson, showQuote, showQuoteLine } from './lesson.ts'

const signs = { created: '+', modified: '~', deleted: '-' }

const kinds: Record<Change['kind'], string> = {
  add: 'new',
  refresh: 'refreshed',
  merge: 'folded',
  stale: 'stale',
  conflict: 'conflict',
}

const statuses: Record<ChangeStatus, string> = {
  undecided: 'undecided',
  approved: 'approved, not adopted yet',
  rejected: 'rejected',
  adopted: 'adopted',
  undone: 'taken back',
  superseded: 'out of date',
  denied: 'denied by the policy',
}

/** What a dream would do to which memory, the first `limit` of them, and why some of it waits. */
export function showChanges(changes: Change[], screen: Screen, limit = Number.POSITIVE_INFINITY): string {
  const rest = changes.length - limit
  const lines = changes.slice(0, limit).map((it) => changeAndStatus(it, screen))
  if (rest > 0) lines.push(`  and ${grouped(rest)} more`)
  return [...lines, ...reasonsToWait(changes, screen)].map((it) => `${it}\n`).join('')
}

/** One change of a dream in full: why, and which lines came and went. */
export function showChange(change: Change, screen: Screen): string {
  const { columns, good, bad } = screen
  const [before, after] = [linesOf(change.before), linesOf(change.after)]
  const lines = [
    ...without(before, after).map((it) => bad(signed('-', it, columns))),
    ...without(after, before).map((it) => good(signed('+', it, columns))),
  ]
  const reasons = [...reasonsToWait([change], screen), wrapLines(change.reason, columns, '    ')]
  return `${changeAndStatus(change, screen)}\n${reasons.join('\n')}\n\n${lines.join('\n')}\n`
}

/** Changes under the dream that proposed them. */
export function showChangeList({ data, next_page }: Page<ListedChange>, screen: Screen): string {
  if (data.length === 0)
    return `No changes to show. What is decided or live is shown with:\n  ${screen.command(['changes', '--status', 'all'])}\n`
  const dreams = [...Map.groupBy(data, (it) => it.dream_id).values()].map((its) => {
    const { store, proposed_at, dream_id } = its[0]!
    const head = `${screen.bold(store)}, proposed ${minute(proposed_at)} UTC by ${shortChangeId(dream_id)}`
    return `${head}\n${its.map((it) => listedChange(it, screen)).join('')}`
  })
  const next = data.some((it) => it.status === 'undecided')
    ? `\nDecide: ${screen.command(['decide'])}\n`
    : data.some((it) => it.status === 'approved')
      ? `\nNext: ${screen.command(['adopt', '--help'])}\n`
      : ''
  return `${dreams.join('\n')}${screen.more(next_page)}${next}`
}

function listedChange(it: ListedChange, screen: Screen): string {
  const { columns, dim } = screen
  const is_stopped = it.status === 'undecided' || it.status === 'denied'
  const verdict = is_stopped ? [`${verdicts[it.verdict]}: ${it.verdict_reason}`] : []
  const facts = [...it.tiers, standing(it), ...verdict]
  return `${[
    `${dim(shortChangeId(it.id))}${changeLine(it, screen)}`,
    wrap(firstLine(it.reason), columns, INDENT),
    dim(wrap(facts.join(', '), columns, INDENT)),
  ].join('\n')}\n`
}

const INDENT = '    '

const verdicts: Record<Change['verdict'], string> = {
  allow: 'allowed by the policy',
  hold: 'held for a person',
  deny: 'denied by the policy',
}

/** Everything a decision rests on. */
export function showOneChange(change: ShownChange, screen: Screen): string {
  const { bold, dim, columns } = screen
  const { id, dream_id, store, proposed_at, policy_sha256, verdict, verdict_reason } = change
  const policy = policy_sha256 === null ? '' : ` (policy ${policy_sha256.slice(0, 12)})`
  const quotes = differentQuotes(change)
  const sections: [title: string, text: string][] = [
    ['Why', whyBesides(change, columns)],
    ['Lessons behind it', change.lessons.map((it) => showLesson(it, screen)).join('')],
    [`Quotes (${quotes.length} of ${change.evidence_count})`, showSomeQuotes(change, quotes, screen)],
    ['Verdict', `${wrap(`${verdicts[verdict]}: ${verdict_reason}${policy}`, columns, INDENT)}\n`],
    ['Decisions', change.decisions.map((it) => decisionLines(it, screen)).join('')],
    ['Now', isSaidAbove(change) ? '' : `${wrap(standing(change), columns, INDENT)}\n`],
  ]
  return [
    `${changeLine(change, screen).trimStart()}\n`,
    dim(
      `${wrap(`${id}, proposed for the memory store ${store} ${minute(proposed_at)} UTC by ${dream_id}`, columns)}\n`,
    ),
    `\n${showDiff(change, screen)}`,
    ...sections.filter(([, text]) => text !== '').map(([title, text]) => `\n${bold(title)}\n${text}`),
  ].join('')
}

function isSaidAbove({ status, decisions }: ShownChange): boolean {
  return status === 'rejected' || (status === 'undecided' && decisions.length === 0)
}

/** The reason, but for what the lessons below say themselves. */
function whyBesides({ reason, lessons }: ShownChange, columns: number): string {
  const said = lessons.map((it) => `New lesson: ${it.text}`)
  const lines = reason.split('\n').filter((it) => !said.includes(it))
  return lines.map((it) => `${wrap(it, columns, INDENT)}\n`).join('')
}

/** What becomes of the text, line by line. */
function showDiff({ diff, edited_by }: ShownChange, screen: Screen): string {
  const edited =
    edited_by === null
      ? ''
      : `${wrap(`This is the text as ${nameOf(edited_by)} edited it.`, screen.columns)}\n`
  return `${edited}${showDiffLines(diff, screen)}`
}

/** The lines of a unified diff. */
export function showDiffLines(diff: string[], { columns, good, bad, dim }: Screen): string {
  const paint: Record<string, (text: string) => string> = { '+': good, '-': bad, '@': dim, '\\': dim }
  const lines = diff.map((it) => {
    const text = it.startsWith('@') ? `${INDENT}${it}` : signed(it[0]!, it.slice(1), columns)
    return `${(paint[it[0]!] ?? String)(text)}\n`
  })
  return lines.join('')
}

const QUOTES_SHOWN = 3

/** Quotes that say something different, and how to see the others. */
function showSomeQuotes({ lessons }: ShownChange, quotes: Evidence[], screen: Screen): string {
  const more = lessons.map((it) => `${INDENT}${evidenceCommand(it, screen)}\n`)
  return [...quotes.map((it) => showQuoteLine(it, screen)), ...(quotes.length === 0 ? [] : more)].join('')
}

function differentQuotes({ evidence }: ShownChange): Evidence[] {
  const by_quote = Map.groupBy(evidence, (it) => it.quote)
  return [...by_quote.values()].map((it) => it[0]!).slice(0, QUOTES_SHOWN)
}

export function showAllQuotes({ evidence }: ShownChange, screen: Screen): string {
  if (evidence.length === 0) return 'No quotes are kept for it.\n'
  return evidence.map((it) => showQuote(it, screen)).join('\n')
}

/** Where it stands, and what has to happen next. */
export function standing(it: ListedChange): string {
  const names = it.approved_by.map(nameOf).join(' and ')
  const edited = it.edited_by === null ? '' : `, as ${nameOf(it.edited_by)} edited it`
  if (it.status === 'approved') return `approved by ${names}${edited}, not adopted yet`
  if (it.status === 'undecided' && names !== '' && it.approved_by.length < it.approvals_needed)
    return `approved by ${names}${edited}; another person has to approve the same text`
  if (it.status === 'rejected') {
    const last = it.decisions.at(-1)!
    return `rejected by ${nameOf(last.by)}: ${last.reason}`
  }
  return `${statuses[it.status]}${edited}`
}

function decisionLines({ decision, by, at, reason, edited }: Decision, { columns }: Screen): string {
  const what = edited === null ? decision : 'edited and approved'
  return `${wrap(`${minute(at)} UTC  ${what} by ${nameOf(by)}${reason === '' ? '' : `: ${reason}`}`, columns, INDENT)}\n`
}

/** `ana`, or the policy by its sha256. */
export function nameOf(by: string): string {
  const [, kind, name] = /^(\w+):(.*)$/s.exec(by)!
  return kind === 'policy' ? `the policy ${name!.slice(0, 12)}` : name!
}

/** Long enough to be the only one, short enough to copy. */
export function shortChangeId(id: string): string {
  return id.slice(0, 'chg_'.length + 8)
}

/** A path is there to be copied, so it is never cut. */
export function changeLine({ operation, kind, path }: Change, screen: Screen): string {
  const paint = { created: screen.good, modified: screen.bold, deleted: screen.bad }[operation]
  return `  ${paint(signs[operation])} ${kinds[kind].padEnd(9)}  ${path}`
}

function changeAndStatus(change: Change, screen: Screen): string {
  const { status } = change
  const line = changeLine(change, screen)
  return status === 'undecided' ? line : `${line}  ${screen.dim(`(${statuses[status]})`)}`
}

/** Each reason once, with how many changes wait, or do not happen, because of it. */
function reasonsToWait(changes: Change[], { columns }: Screen): string[] {
  const stopped = changes.filter((it) => it.status === 'undecided' || it.status === 'denied')
  const reasons = Map.groupBy(stopped, (it) => `${it.verdict} ${it.verdict_reason}`)
  return [...reasons.values()].map((its) => {
    const { verdict, verdict_reason } = its[0]!
    const how_many = changes.length === 1 ? '' : ` (${grouped(its.length)})`
    return wrap(`${verdicts[verdict]}${how_many}: ${verdict_reason}`, columns, INDENT)
  })
}

/** `3 changes proposed, 2 adopted by the policy, 1 denied`. */
export function countsOf(changes: Change[]): string {
  const of = (status: ChangeStatus) => changes.filter((it) => it.status === status).length
  const adopted = changes.filter((it) => it.status === 'adopted')
  const by_policy = adopted.filter((it) => it.verdict === 'allow').length
  const by_people = adopted.length - by_policy
  const parts: [n: number, words: string][] = [
    [by_policy, 'adopted by the policy'],
    [by_people, by_policy > 0 ? 'adopted by people' : 'adopted'],
    [of('approved'), 'approved'],
    [of('rejected'), 'rejected'],
    [of('undone'), 'taken back'],
    [of('superseded'), 'out of date'],
    [of('denied'), 'denied by the policy'],
  ]
  const others = parts.filter(([n]) => n > 0).map(([n, words]) => `${grouped(n)} ${words}`)
  return [`${count(changes.length, 'change')} proposed`, ...others].join(', ')
}

function linesOf(text: string | null): string[] {
  return text === null ? [] : text.replace(/\n$/, '').split('\n')
}

/** The lines of `text` that `other` lacks, a line that stands there twice only where it stands there once. */
function without(text: string[], other: string[]): string[] {
  const left = [...other]
  return text.filter((it) => {
    const at = left.indexOf(it)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

/** With every space that stands in the line. */
function signed(sign: string, line: string, columns: number): string {
  const [first, ...rest] = folded(line, columns - 6)
  return [line === '' ? `    ${sign}` : `    ${sign} ${first}`, ...rest.map((it) => `      ${it}`)].join('\n')
}

function firstLine(text: string): string {
  return text.split('\n')[0]!
}

function wrapLines(text: string, columns: number, indent: string): string {
  return text
    .split('\n')
    .map((it) => wrap(it, columns, indent))
    .join('\n')
}
