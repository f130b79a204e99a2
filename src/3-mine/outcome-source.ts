/**
 * Outcome sources: the rules that judge how sessions ended, and those of them that cannot be trusted.
 *
 * A rule is suspect when all of at least twenty sessions that it judged ended alike, or when it took the place of an
 * older rule and success jumped by more than thirty points with it: then more likely the measure changed than the
 * work. That is an alert for a person. Until it is settled, by a rule of another version, what a suspect rule judged
 * teaches nothing: `withoutSuspects` takes those sessions out of every count that rests on how sessions ended. The rule
 * is a part of their cells, so they come out exactly, whatever else was counted.
 */
import type { Alert } from '../domain/alert.ts'
import { type Count, EVERY, rowKey, type Tally, type TallyRow, totalOf } from '../domain/tally.ts'
import { ruleOf } from './cell.ts'
import type { Counted } from './tally.ts'

const MIN_SESSIONS = 20
const JUMP = 0.3

export type Suspects = { rules: Set<string>; alerts: Alert[] }

export function suspectSources(tally: Tally): Suspects {
  const sources = sourcesIn(tally)
  const suspect = sources
    .filter((it) => it.count[1] >= MIN_SESSIONS)
    .flatMap((it) => {
      const text = alwaysTheSame(it) ?? jumped(it, sources)
      return text === null ? [] : [{ it, text }]
    })
  return {
    rules: new Set(suspect.map(({ it }) => it.rule)),
    alerts: suspect.map(({ it, text }) => ({
      type: 'outcome_source',
      text,
      sessions: it.count[1],
      sightings: 2 * it.count[0] >= it.count[1] ? it.row.sightings.bad : it.row.sightings.good,
    })),
  }
}

/**
 * The tally without the sessions that a suspect rule judged, as far as it counts how sessions ended. Sightings stay as they are,
 * for none says which rule judged its session: they show that the trait was there, and among them may be some that count for nothing.
 */
export function withoutSuspects(tally: Tally, rules: Set<string>): Tally {
  if (rules.size === 0) return tally
  return new Map(
    [...tally].flatMap(([key, row]): [string, TallyRow][] => {
      if (!restsOnEnds(row)) return [[key, row]]
      const trusted = Object.entries(row.cells).filter(([cell]) => !rules.has(ruleOf(cell) ?? NO_RULE))
      return trusted.length === 0 ? [] : [[key, { ...row, cells: Object.fromEntries(trusted) }]]
    }),
  )
}

function restsOnEnds({ channel, context }: TallyRow): boolean {
  return channel === 'session' || channel === 'approval' || context === 'claims ended'
}

/** The same of the sessions themselves. */
export function withoutSuspectVerdicts(sessions: Counted[], rules: Set<string>): Counted[] {
  if (rules.size === 0) return sessions
  return sessions.map((it) => ({
    ...it,
    observations: it.observations.filter(({ rule }) => rule === undefined || !rules.has(rule)),
  }))
}

/** One rule, and the sessions that it judged. */
type Source = {
  rule: string
  row: TallyRow
  /** `[failed, n]` */
  count: Count
  /** First and last calendar week in which it judged; null when no session says when it was. */
  weeks: [first: number, last: number] | null
  /** Sessions with a reward between nothing and all. */
  partial: number
}

/** What the count of a rule without a name is called. */
const NO_RULE = ''
const CONTEXT = 'outcome '

function sourcesIn(tally: Tally): Source[] {
  return [...tally.values()]
    .filter((it) => it.channel === 'approval' && it.context.startsWith(CONTEXT) && it.trait === EVERY)
    .sort((a, b) => (a.context < b.context ? -1 : 1))
    .map((row) => {
      const weeks = Object.keys(row.weeks)
        .map(Number)
        .filter((it) => it >= 0)
      return {
        rule: row.context.slice(CONTEXT.length),
        row,
        count: totalOf(row),
        weeks: weeks.length === 0 ? null : [Math.min(...weeks), Math.max(...weeks)],
        partial: totalOf(tally.get(rowKey(row.context, 'a partial reward')))[1],
      }
    })
}

function alwaysTheSame({ rule, count: [failed, n], partial }: Source): string | null {
  if (failed > 0 && failed < n) return null
  const how = failed === 0 ? 'went well' : 'failed'
  const hint =
    failed > 0 && partial > 0
      ? ` ${partial} of them have a reward between 0 and 1: perhaps the rule asks for more than good work is given.`
      : ''
  return `All ${n} sessions judged by ${named(rule)} ${how}. Work is seldom like that; a rule that cannot tell good from bad is.${hint} ${whatToDo(rule)}`
}

function jumped(source: Source, sources: Source[]): string | null {
  const before = predecessorOf(source, sources)
  if (!before) return null
  const [[failed_before, n_before], [failed, n]] = [before.count, source.count]
  // In whole sessions, so that exactly thirty points are not thirty and a rounding error.
  if (Math.abs(failed_before * n - failed * n_before) <= JUMP * n * n_before) return null
  return `Success went from ${successOf(before)} to ${successOf(source)} when ${named(source.rule)} took the place of ${named(before.rule)} (${n_before} and ${n} sessions). More likely the measure changed than the work. ${whatToDo(source.rule)}`
}

/**
 * The rule whose place it took: the latest that had stopped when it began, or an older version of the same rule. One of which all
 * ended alike could not tell good from bad, so from there success has to move when the rule is corrected.
 */
function predecessorOf(source: Source, sources: Source[]): Source | undefined {
  return sources
    .filter((it) => it.count[1] >= MIN_SESSIONS && alwaysTheSame(it) === null && isBefore(it, source))
    .sort((a, b) => (b.weeks?.[1] ?? -1) - (a.weeks?.[1] ?? -1) || versionOrder(b.rule, a.rule))[0]
}

function isBefore(a: Source, b: Source): boolean {
  if (a === b) return false
  const is_older_version = nameOf(a.rule) === nameOf(b.rule) && versionOrder(a.rule, b.rule) < 0
  const had_stopped =
    a.weeks !== null && b.weeks !== null && a.weeks[0] < b.weeks[0] && a.weeks[1] <= b.weeks[0]
  return is_older_version || had_stopped
}

/** `second-line-check` of `second-line-check@2`. */
function nameOf(rule: string): string {
  return rule.replace(/@[^@]*$/, '')
}

function versionOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function successOf({ count: [failed, n] }: Source): string {
  return `${Math.round((100 * (n - failed)) / n)} %`
}

function named(rule: string): string {
  return rule === NO_RULE ? 'a rule without a name' : `"${rule}"`
}

function whatToDo(rule: string): string {
  const again = rule === NO_RULE ? 'give it a name' : 'give it a new version'
  return `Read three of these sessions and see whether the verdict is right. Until then what it judged teaches nothing about whole sessions; correct the rule, or ${again} once you know that it is right, and what is judged from then on counts.`
}
