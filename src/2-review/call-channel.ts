import type { Observation } from '../domain/review.ts'
import { plainName } from './action.ts'
import type { Call } from './call.ts'
import { shapeOf } from './shape.ts'

/**
 * The call channel: the first call of each action in a session, whether it failed, and what was true
 * when it was made: what had succeeded before, what of it concerned the same thing, and the shapes
 * of the arguments.
 */
export function observeCalls(calls: Call[]): Observation[] {
  const observations: Observation[] = []
  const seen = new Set<string>()
  /** Action -> index of its first success. */
  const succeeded = new Map<string, number>()
  /** Argument value -> the actions that succeeded with it. */
  const handled = new Map<string, Set<string>>()

  for (const call of calls) {
    if (!seen.has(call.action)) {
      seen.add(call.action)
      if (call.judged) {
        observations.push({
          channel: 'call',
          context: `call ${call.action}`,
          bad: call.fault !== null,
          event: call.answered_at,
          traits: traitsOf(call, succeeded, handled),
        })
      }
    }
    if (call.judged && call.fault === null) {
      if (!succeeded.has(call.action)) succeeded.set(call.action, call.at)
      for (const value of Object.values(call.input)) {
        if (!isSubject(value)) continue
        const actions = handled.get(value)
        if (actions) actions.add(call.action)
        else handled.set(value, new Set([call.action]))
      }
    }
  }
  return observations
}

function traitsOf(
  call: Call,
  succeeded: Map<string, number>,
  handled: Map<string, Set<string>>,
): Record<string, number> {
  const traits: Record<string, number> = {}
  for (const [action, at] of succeeded) traits[`after ${action}`] = at
  const names = Object.keys(call.input)
  if (names.length > ARGUMENTS_LIMIT) return traits
  for (const name of names) {
    const value = call.input[name]
    const argument = plainName(name)
    traits[`arg ${argument} = ${shapeOf(value)}`] = call.at
    if (!isSubject(value)) continue
    for (const action of handled.get(value) ?? [])
      traits[`after ${action} on the same ${argument}`] = succeeded.get(action)!
  }
  return traits
}

/** More arguments than this are a document, not a call. */
const ARGUMENTS_LIMIT = 20

/** A value that names what a call is about: a path, an id, a name. */
function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 3 && value.length <= 300
}
