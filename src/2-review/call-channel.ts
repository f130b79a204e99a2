import { argumentsOf } from '../domain/action.ts'
import { type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import { type Call, succeeded } from './call.ts'
import { choiceOf, shapeOf } from './shape.ts'

/**
 * The call channel: the first call of each action in a session, whether it failed, and what was true
 * when it was made:
 *
 *     after X                        X had succeeded
 *     after X on the same A          with the value that argument A has now
 *     arg A = S                      argument A has the shape S
 *     arg A is W                     it is the word W, or begins with it
 *     confirmed                      the last thing the person said, in answer to the agent, was a yes
 *     before the person said anything, before the person answered
 *     after X failed                 the call just before was X, and it failed
 *
 * What is not yet answered when a call is made is not known to it: of calls made in parallel none comes after another.
 */
export function observeCalls(calls: Call[], events: SessionEvent[]): Observation[] {
  const observations: Observation[] = []
  const seen = new Set<string>()
  const messages = events.flatMap((it, i) => (it.type === 'user.message' ? [i] : []))
  const past = new Past()
  for (const [i, call] of calls.entries()) {
    if (seen.has(call.action)) continue
    seen.add(call.action)
    if (!call.judged) continue
    past.moveTo(i, calls)
    observations.push({
      channel: 'call',
      context: `call ${call.action}`,
      bad: call.fault !== null,
      event: call.answered_at,
      traits: {
        ...past.traitsOf(call),
        ...shapesOf(call),
        ...talkBefore(call, messages, events),
        ...justFailed(i, calls),
      },
    })
  }
  return observations
}

/** What had succeeded before a call. */
class Past {
  /** Action -> index of its first success. */
  private readonly succeeded = new Map<string, number>()
  /** Argument value -> the actions that succeeded with it. */
  private readonly handled = new Map<string, Set<string>>()
  /** Calls that were not answered yet. */
  private open: Call[] = []
  private next = 0

  moveTo(index: number, calls: Call[]): void {
    const { at } = calls[index]!
    this.open.push(...calls.slice(this.next, index).filter(succeeded))
    this.next = index
    this.open = this.open.filter((it) => {
      if (it.answered_at > at) return true
      this.remember(it)
      return false
    })
  }

  private remember(call: Call): void {
    if (!this.succeeded.has(call.action)) this.succeeded.set(call.action, call.at)
    for (const value of Object.values(call.input)) {
      if (!isSubject(value)) continue
      const actions = this.handled.get(value)
      if (actions) actions.add(call.action)
      else this.handled.set(value, new Set([call.action]))
    }
  }

  traitsOf(call: Call): Record<string, number> {
    const traits: Record<string, number> = {}
    for (const [action, at] of this.succeeded) traits[`after ${action}`] = at
    for (const [name, value] of namedArguments(call)) {
      if (!isSubject(value)) continue
      for (const action of this.handled.get(value) ?? [])
        traits[`after ${action} on the same ${name}`] = this.succeeded.get(action)!
    }
    return traits
  }
}

/** What shows a trait of the call itself is its result, which says what came of it. */
function shapesOf(call: Call): Record<string, number> {
  const traits: Record<string, number> = {}
  for (const [name, value] of namedArguments(call)) {
    traits[`arg ${name} = ${shapeOf(value)}`] = call.answered_at
    const choice = choiceOf(value)
    if (choice !== null) traits[`arg ${name} is ${choice}`] = call.answered_at
  }
  return traits
}

function namedArguments({ tool, input }: Call): [name: string, value: unknown][] {
  const given = argumentsOf(tool, input)
  return given.length > ARGUMENTS_LIMIT ? [] : given
}

/** More arguments than this are a document, not a call. */
const ARGUMENTS_LIMIT = 20

/** A value that names what a call is about: a path, an id, a name. */
function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 3 && value.length <= 300
}

/** How far the talk with the person had come. */
function talkBefore(
  { at, answered_at }: Call,
  messages: number[],
  events: SessionEvent[],
): Record<string, number> {
  const said = messages.findLast((it) => it < at)
  if (said === undefined) return { 'before the person said anything': answered_at }
  if (said === messages[0]) return { 'before the person answered': answered_at }
  return CONFIRMS.test(textOf(events[said]!).slice(0, CONFIRMS_WITHIN)) ? { confirmed: said } : {}
}

/** A yes stands at the beginning of an answer. */
const CONFIRMS_WITHIN = 200
const CONFIRMS =
  /\b(?:yes|yeah|yep|sure|ok(?:ay)?|please do|go ahead|proceed|i confirm|confirmed|correct|that's right|that is right|sounds (?:good|great)|do it|absolutely|of course)\b/i

function justFailed(i: number, calls: Call[]): Record<string, number> {
  const [before, call] = [calls[i - 1], calls[i]!]
  if (!before?.fault || before.answered_at > call.at) return {}
  return { [`after ${before.action} failed`]: call.answered_at }
}
