import { type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import { isShell, plainName } from './action.ts'
import { type Call, signatureOf } from './call.ts'

/**
 * The repair channel: after an error, what was tried next, and whether that worked.
 *
 * One attempt is one observation. Its context is the action and the template of its error; its traits
 * are the ways in which the next attempt differed; it went badly when that attempt failed too. A trait
 * counts at most once a session, so the trait `met` counts the sessions that ran into the error.
 */
export function observeRepairs(calls: Call[], events: SessionEvent[]): Observation[] {
  const observations: Observation[] = []
  const seen = new Set<string>()
  for (let i = 0; i < calls.length; i++) {
    const failed = calls[i]!
    if (!failed.fault) continue
    const context = `repair ${failed.action} | ${failed.fault.template}`
    const attempt = nextAttempt(calls, i, events)
    const traits = { met: failed.answered_at, ...attempt.traits }
    const fresh = Object.entries(traits).filter(([trait]) => !seen.has(`${context}\0${trait}`))
    if (fresh.length === 0) continue
    for (const [trait] of fresh) seen.add(`${context}\0${trait}`)
    observations.push({
      channel: 'repair',
      context,
      bad: !attempt.worked,
      event: failed.answered_at,
      traits: Object.fromEntries(fresh),
    })
  }
  return observations
}

/** How many calls after an error may still be the reaction to it. */
const WINDOW = 6

function nextAttempt(
  calls: Call[],
  i: number,
  events: SessionEvent[],
): { worked: boolean; traits: Record<string, number> } {
  const failed = calls[i]!
  const window = calls.slice(i + 1, i + 1 + WINDOW)
  const position = window.findIndex((it) => it.action === failed.action)
  const asked = (before: Call) =>
    events.slice(failed.answered_at, before.at).some((it) => it.type === 'user.message')

  const retry = window[position]
  if (retry) {
    const traits: Record<string, number> = {}
    const help = window.slice(0, position).find((it) => it.judged && it.fault === null)
    const changed = changedArguments(failed, retry)
    if (asked(retry)) traits.ask = retry.at
    if (help) traits[`first ${help.action}`] = help.at
    for (const name of changed) {
      traits[`change ${plainName(name)}`] = retry.at
      if (isNamed(retry.input[name], failed, events)) traits[`take ${plainName(name)}`] = retry.at
    }
    if (help && changed.length > 0) traits[`first ${help.action}, change ${plainName(changed[0]!)}`] = help.at
    if (signatureOf(failed) === signatureOf(retry) && !help && !asked(retry)) traits.again = retry.at
    return { worked: retry.judged && retry.fault === null, traits }
  }

  const instead = window[0]
  if (instead && serveTheSameEnd(failed, instead)) {
    const traits: Record<string, number> = { [`switch ${instead.action}`]: instead.at }
    return { worked: instead.judged && instead.fault === null, traits }
  }
  return { worked: false, traits: { 'give up': failed.answered_at } }
}

/** Whether the error itself named the value: "did you mean …", a list of what there is. */
function isNamed(value: unknown, failed: Call, events: SessionEvent[]): boolean {
  return (
    typeof value === 'string' &&
    value.length >= 3 &&
    !Object.values(failed.input).includes(value) &&
    textOf(events[failed.answered_at]!).includes(value)
  )
}

/** The arguments that differ, at most three. A shell's one argument always differs, which says nothing. */
function changedArguments(before: Call, after: Call): string[] {
  if (signatureOf(before) === signatureOf(after) || isShell(before.tool)) return []
  const names = new Set([...Object.keys(before.input), ...Object.keys(after.input)])
  return [...names]
    .filter((it) => JSON.stringify(before.input[it]) !== JSON.stringify(after.input[it]))
    .sort()
    .slice(0, 3)
}

/**
 * Whether another action was tried for the same end, rather than something else done next: its name is
 * a longer or shorter form of the first one's, or it takes nearly the same arguments; for a program of a
 * shell, whether it is applied to the same thing.
 */
function serveTheSameEnd(a: Call, b: Call): boolean {
  const [x, y] = [wordsOf(a.action), wordsOf(b.action)]
  if (commonStart(x, y) >= Math.min(x.length, y.length, 3)) return true
  if (isShell(a.tool) && isShell(b.tool)) {
    const operands = operandsOf(a)
    return [...operandsOf(b)].some((it) => operands.has(it))
  }
  const [j, k] = [Object.keys(a.input), Object.keys(b.input)]
  const common = j.filter((it) => k.includes(it)).length
  return common >= 2 && common / (j.length + k.length - common) >= 0.6
}

function commonStart(a: string[], b: string[]): number {
  const i = a.findIndex((it, i) => it !== b[i])
  return i === -1 ? a.length : i
}

function wordsOf(action: string): string[] {
  return action
    .split(/[\s_.-]+|(?<=[a-z])(?=[A-Z0-9])/)
    .map((it) => it.toLowerCase())
    .filter((it) => it !== '')
}

/** What a command is applied to: its words that are neither programs nor flags. */
function operandsOf(call: Call): Set<string> {
  return new Set(signatureOf(call).match(/[\w./-]*[./]\w[\w./-]*/g) ?? [])
}
