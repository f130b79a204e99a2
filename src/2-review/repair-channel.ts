import { argumentName, isInterpreter, isPlainWork, isShell, optionsOf, plainName } from '../domain/action.ts'
import { couldNotCheck } from '../domain/blame.ts'
import { type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import { type Call, ran, signatureOf, succeeded } from './call.ts'
import { shapeOf } from './shape.ts'
import { waitsBefore } from './wait.ts'

/**
 * The repair channel: after an error, what was tried next, and whether that worked.
 *
 * One attempt is one observation. Its context is the action and the template of its error; its traits
 * are the ways in which the next attempt differed; it went badly when that attempt failed too. A trait
 * counts at most once a session, so the trait `met` counts the sessions that ran into the error. An outage is nobody's fault, but
 * an agent has to do something about it all the same; the trait `passes` says that it is such an error.
 */
export function observeRepairs(calls: Call[], events: SessionEvent[]): Observation[] {
  const observations: Observation[] = []
  const seen = new Set<string>()
  for (const [i, failed] of calls.entries()) {
    const is_error = failed.fault !== null || failed.outage !== null
    const attempt = is_error ? attemptAfter(calls, i, events) : anotherRun(calls, i, events)
    if (attempt === null) continue
    const context = repairContext(failed)
    const traits = {
      ...((is_error || attempt.worked) && { met: failed.answered_at }),
      ...(passes(failed) && { passes: failed.answered_at }),
      ...attempt.traits,
    }
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

/** The error of a call, as rows and lessons about it are keyed. */
export function repairContext({ action, fault, answer, outage }: Call): string {
  return `repair ${action} | ${fault?.template ?? answer ?? outage}`
}

/** Whether an error goes by itself: an outage, whoever reports it. */
function passes({ fault, outage }: Call): boolean {
  return outage !== null || OUTAGE.test(fault?.template ?? '')
}

const OUTAGE = /\b(?:429|50[234])\b|\btoo many requests\b|\brate limit|\bECONNRESET\b|\bconnection reset\b/i

/** What was done about an error, and how that went. */
export type Attempt = {
  worked: boolean
  /**
   * What was done -> the event that shows it. One part or two, joined by a comma:
   *
   *     ask                      a person was heard before the next attempt
   *     first X                  X succeeded before it
   *     wait, wait 10 s          it was put off (`wait.ts`)
   *     change A                 argument A has another value; also
   *       take A                   one that the error names
   *       give A: S1 -> S2         one of another shape
   *       lower A, raise A         a smaller or a larger amount
   *     add A, leave out A       argument A was not there before, or is not any more
   *     option --x               a program got an option that it did not have
   *     again                    nothing differs at all
   *     switch X                 X was called for the same end, and the failed action never again, or only on another object
   *     give up                  none of this
   */
  traits: Record<string, number>
  /** The call that was the attempt, by index; null when there was none. */
  call: number | null
}

/** How many calls after an error may still be the reaction to it. */
const WINDOW = 6

/** The reaction to the error of `calls[i]`. Calls made before the error was known are no reaction. */
export function attemptAfter(calls: Call[], i: number, events: SessionEvent[]): Attempt {
  const failed = calls[i]!
  const window: Call[] = []
  for (let j = i + 1; j < calls.length && window.length < WINDOW; j++)
    if (calls[j]!.at > failed.answered_at && !calls[j]!.denied) window.push(calls[j]!)
  const candidates = isShell(failed.tool) ? window.slice(0, 1) : window
  const instead = candidates.find((it) => serveTheSameEnd(failed, it))
  const position = window.findIndex((it, k) => repeats(failed, window.slice(0, k), it))
  if (position !== -1 && !isNextWork(failed, window[position]!, instead)) {
    const retry = window[position]!
    const traits = traitsOfRetry(failed, window.slice(0, position), retry, events)
    return { worked: ran(retry), traits, call: calls.indexOf(retry, i) }
  }
  if (!instead) return { worked: false, traits: { 'give up': failed.answered_at }, call: null }
  const traits = { [`switch ${instead.action}`]: instead.at }
  return { worked: ran(instead), traits, call: calls.indexOf(instead, i) }
}

/**
 * The reaction to a check that said no before it had checked anything: with nothing done in between it was run in another way, by an option, a
 * preparation, or through another program. Anything else that a check says is about the work, and nothing here mends that. Whether it was this
 * error is known where the other way worked; where both said no, it may have been the work.
 */
function anotherRun(calls: Call[], i: number, events: SessionEvent[]): Attempt | null {
  const [check, next] = [calls[i]!, calls[i + 1]]
  if (check.answer === null || !next || !isShell(next.tool)) return null
  if (!couldNotCheck(check.action, textOf(events[check.answered_at]!))) return null
  const attempt = attemptAfter(calls, i, events)
  if (attempt.call !== i + 1) return null
  const is_other = Object.keys(attempt.traits).some((it) => /^(?:option|add|first) /.test(it))
  return is_other || isThrough(check, next) ? { ...attempt, worked: succeeded(next) } : null
}

/** `uv run pytest` is `pytest`, through another program. */
function isThrough(program: Call, other: Call): boolean {
  const [name] = program.action.split(' ', 1)
  return (
    isShell(program.tool) &&
    isShell(other.tool) &&
    [program.action, name].some((it) => other.action.endsWith(` ${it}`))
  )
}

/** The same action on another object is the next piece of work, where another action had been tried on this one. */
function isNextWork(failed: Call, retry: Call, instead: Call | undefined): boolean {
  return instead !== undefined && instead.at < retry.at && isOn(failed, instead) && !isOn(failed, retry)
}

/** Whether a call is given one of the objects of another, under the same name. */
function isOn(other: Call, call: Call): boolean {
  return Object.entries(other.input).some(([name, value]) => isObject(value) && call.input[name] === value)
}

/** A name, an id, a path; no word that a tool offers to choose from, and no number. */
function isObject(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 3 && !/^[a-z]+$/i.test(value)
}

/**
 * Whether a call does again what failed. Of a call that does several things that is known when all of them went well.
 * An interpreter does the same thing with the same files; after a preparation, whatever it runs next puts that to the test.
 */
function repeats(failed: Call, between: Call[], call: Call): boolean {
  if (call.action !== failed.action && !(ran(call) && call.actions.includes(failed.action))) return false
  if (!isInterpreter(failed.action) || operandsOf(failed).size === 0) return true
  return shareOperands(failed, call) || helpFrom(failed, between, call) !== undefined
}

function traitsOfRetry(
  failed: Call,
  between: Call[],
  retry: Call,
  events: SessionEvent[],
): Record<string, number> {
  const preparations: [string, number][] = []
  const heard = events
    .slice(failed.answered_at, retry.at)
    .findIndex((it) => it.type === 'user.message' && textOf(it) !== '')
  if (heard !== -1) preparations.push(['ask', failed.answered_at + heard])
  const help = helpFrom(failed, between, retry)
  if (help) preparations.push([`first ${help.action}`, help.at])
  const heardOrHelped = preparations.length > 0
  preparations.push(...Object.entries(waitsBefore(retry, failed, between, events, passes(failed))))
  const changes = isShell(failed.tool)
    ? [...optionsAdded(failed, retry), ...settingsChanged(failed, retry)]
    : changesOf(failed, retry, events)

  const traits: Record<string, number> = Object.fromEntries(preparations)
  for (const change of changes) traits[change] = retry.at
  for (const [preparation] of preparations)
    for (const change of changes) traits[`${preparation}, ${change}`] = retry.at
  const is_same = signatureOf(failed) === signatureOf(retry)
  if (is_same && !heardOrHelped && !between.some(ran)) traits.again = retry.at
  return traits
}

/** The first other action that succeeded before the retry, between the calls or at the beginning of its own command line. */
function helpFrom(failed: Call, between: Call[], retry: Call): { action: string; at: number } | undefined {
  const helps = between.filter(ran).map(({ action, tool, at }) => ({ action, tool, at }))
  if (ran(retry))
    for (const action of retry.actions.slice(0, retry.actions.indexOf(failed.action)))
      if (!failed.actions.includes(action)) helps.push({ action, tool: retry.tool, at: retry.at })
  return helps.find((it) => it.action !== failed.action && canHelp(failed, it))
}

/** A program is helped by programs; what an agent looked at, wrote or noted in between is its ordinary work, and so is a command that ran none. */
function canHelp(failed: Call, help: { action: string; tool: string }): boolean {
  if (isShell(help.tool)) return !isShell(help.action) && !isPlainWork(help.action)
  return !isShell(failed.tool) && !NOTES.test(help.action)
}

const NOTES = /^(?:think\w*|todo_?(?:read|write)|update_plan|task_?(?:create|update|list))$/i

/** The options that the retry has and the failed call had not, at most three. */
function optionsAdded(failed: Call, retry: Call): string[] {
  if (isInterpreter(failed.action)) return []
  const before = optionsOf(failed.tool, failed.input, failed.action)
  const added = [...optionsOf(retry.tool, retry.input, failed.action)].filter((it) => !before.has(it))
  return added
    .sort()
    .slice(0, CHANGES_LIMIT)
    .map((it) => `option ${it}`)
}

/** What a shell is told besides the command (a timeout, more rights), where the failed call was not told so, or told less or more; at most three. */
function settingsChanged(failed: Call, retry: Call): string[] {
  return Object.keys(retry.input)
    .filter((it) => /^(?:number|boolean)$/.test(typeof retry.input[it]))
    .sort()
    .flatMap((it) =>
      failed.input[it] === undefined
        ? [`add ${plainName(it)}`]
        : amountChanged(it, failed.input[it], retry.input[it]),
    )
    .slice(0, CHANGES_LIMIT)
}

/** An amount that is smaller or larger now; a number that only tells which one is none. */
function amountChanged(name: string, before: unknown, after: unknown): string[] {
  if (typeof before !== 'number' || typeof after !== 'number' || TELLS_WHICH.test(name)) return []
  return before === after ? [] : [`${after < before ? 'lower' : 'raise'} ${plainName(name)}`]
}

const TELLS_WHICH =
  /(?:^|[_-]|(?<=[a-z])(?=[A-Z]))(?:ids?|no|nr|number|keys?|code|year|month|day|date|time|zip|line|row|column|col|index|page|offset|cursor|position|version|port|x|y)$/i

/** How the arguments differ, of at most three of them. */
function changesOf(failed: Call, retry: Call, events: SessionEvent[]): string[] {
  const names = new Set([...Object.keys(failed.input), ...Object.keys(retry.input)])
  return [...names]
    .filter((it) => JSON.stringify(failed.input[it]) !== JSON.stringify(retry.input[it]))
    .sort()
    .slice(0, CHANGES_LIMIT)
    .flatMap((name) => {
      const argument = argumentName(name, name in retry.input ? retry.input : failed.input)
      const [before, after] = [failed.input[name], retry.input[name]]
      if (before === undefined) return [`add ${argument}`]
      if (after === undefined) return [`leave out ${argument}`]
      const changes = [`change ${argument}`, ...amountChanged(name, before, after)]
      if (isNamed(after, failed, events)) changes.push(`take ${argument}`)
      const [was, is] = [shapeOf(before), shapeOf(after)]
      if (was !== is) changes.push(`give ${argument}: ${was} -> ${is}`)
      return changes
    })
}

const CHANGES_LIMIT = 3

/** Whether the error itself named the value: "did you mean …", a list of what there is. */
function isNamed(value: unknown, failed: Call, events: SessionEvent[]): boolean {
  return (
    typeof value === 'string' &&
    value.length >= 3 &&
    !Object.values(failed.input).includes(value) &&
    textOf(events[failed.answered_at]!).includes(value)
  )
}

/**
 * Whether another action was tried for the same end, rather than something else done next: its name is
 * a longer or shorter form of the first one's, or it takes nearly the same arguments; for a program of a
 * shell, whether it is applied to the same thing.
 */
function serveTheSameEnd(a: Call, b: Call): boolean {
  if (a.action === b.action) return false
  // A program without its subcommand does something else.
  if (isShell(a.tool) && a.action.startsWith(`${b.action} `)) return false
  const [x, y] = [wordsOf(a.action), wordsOf(b.action)]
  if (commonStart(x, y) >= Math.min(x.length, y.length, 3)) return true
  if (isThrough(a, b)) return true
  if (isShell(a.tool) && isShell(b.tool)) {
    if (isPlainWork(b.action)) return false
    return shareOperands(a, b)
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

function shareOperands(a: Call, b: Call): boolean {
  const operands = operandsOf(a)
  return [...operandsOf(b)].some((it) => operands.has(it))
}

/** What a command is applied to: its words that are neither programs nor flags. */
function operandsOf(call: Call): Set<string> {
  return new Set(signatureOf(call).match(/[\w./-]*[./]\w[\w./-]*/g) ?? [])
}
