import { type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { type Call, ran, signatureOf } from './call.ts'
import { saysItChanges } from './change.ts'

/**
 * The session channel: what a session did, beside how it ended. Only verified outcomes count: a thumb
 * or a model's opinion says little about whether the work was right.
 *
 * Each trait is one hypothesis more that a true one has to stand out from, so there are only traits that a lesson
 * can be told from. What follows directly upon what, and the shapes of arguments, belong to single calls.
 */
export function observeSession(session: Omit<Session, 'id'>, calls: Call[]): Observation[] {
  const { result, verified } = session.outcome
  if (!verified || result === 'unknown' || session.events.length === 0) return []
  const bad = result === 'unsatisfied'
  const observed = (context: string, event: number, traits: Traits): Observation => ({
    channel: 'session',
    context,
    bad,
    event,
    traits,
  })

  const first = firstCalls(calls)
  const changes = calls.filter((it) => saysItChanges(it.action))
  return [
    observed('session', session.events.length - 1, whatItDid(calls)),
    ...[...first].map(([action, at]) =>
      observed(`session ${action}`, at, whatCameBefore(action, at, first, session.events)),
    ),
    ...(changes.length === 0
      ? []
      : [observed(ANY_CHANGE, changes.at(-1)!.at, howItChanged(changes, calls, session.events))]),
  ]
}

/** What was true -> index of the event that first shows it. */
type Traits = Record<string, number>

/** The context of the sessions that changed something, whatever it was; without a space, so that it is no action's. */
const ANY_CHANGE = 'session-change'

function whatItDid(calls: Call[]): Traits {
  const traits: Traits = {}
  const add = (trait: string, at: number) => {
    if (!(trait in traits)) traits[trait] = at
  }
  const times = new Map<string, number>()
  const signatures = new Set<string>()
  let errors = 0
  for (const [i, call] of calls.entries()) {
    for (const action of call.actions) add(`use ${action}`, call.at)
    const n = (times.get(call.action) ?? 0) + 1
    times.set(call.action, n)
    if (n === 3 || n === 6) add(`use ${call.action} ${n} times or more`, call.at)
    if (i + 1 === 10 || i + 1 === 20 || i + 1 === 40) add(`${i + 1} calls or more`, call.at)
    const same = `${call.action}\0${signatureOf(call)}`
    if (signatures.has(same)) add(`repeat ${call.action}`, call.at)
    signatures.add(same)
    if (call.fault) {
      errors++
      add(`error ${call.action} | ${call.fault.template}`, call.answered_at)
      if (errors <= 3) add(errors === 1 ? 'an error' : `${errors} errors or more`, call.answered_at)
    }
  }
  for (const [action, at] of leftFailed(calls)) {
    add('a call left failed', at)
    add(`left failed ${action}`, at)
  }
  return traits
}

/** Action -> index of its first call. */
function firstCalls(calls: Call[]): Map<string, number> {
  const first = new Map<string, number>()
  for (const { actions, at } of calls)
    for (const action of actions) if (!first.has(action)) first.set(action, at)
  return first
}

function whatCameBefore(
  action: string,
  at: number,
  first: Map<string, number>,
  events: SessionEvent[],
): Traits {
  const traits: Traits = {}
  for (const [other, other_at] of first) if (other_at < at) traits[`before ${other}`] = other_at
  const yes = saysItChanges(action) ? yesBefore(at, events) : null
  if (yes !== null) traits['a yes before'] = yes
  return traits
}

/** How a session went about its changes: whether it was told to, of how many kinds they were, and whether it looked at what they did. */
function howItChanged(changes: Call[], calls: Call[], events: SessionEvent[]): Traits {
  const traits: Traits = {}
  const yes = yesBefore(changes[0]!.at, events)
  if (yes !== null) traits['a yes before'] = yes
  const another = changes.find((it) => it.action !== changes[0]!.action)
  if (another) traits['changes of two kinds or more'] = another.at
  const last = changes.at(-1)!
  const look = calls.find((it) => it.at > last.at && ran(it))
  if (look) traits['a look after'] = look.at
  return traits
}

/** Index of the latest words of a person before `at`, when they say yes; null when they say anything else, or there are none. */
function yesBefore(at: number, events: SessionEvent[]): number | null {
  const said = events.findLastIndex((it, i) => i < at && it.type === 'user.message')
  return said !== -1 && SAYS_YES.test(textOf(events[said]!)) ? said : null
}

/** English, as in all that is read of people's words. */
const SAYS_YES =
  /\b(?:yes|yep|yeah|yup|sure|ok|okay|confirm|confirmed|correct|proceed|agreed?|approved?|lgtm|go ahead|please do|do it|sounds good|that's (?:right|fine))\b/i

/** Actions whose last call failed, with its result. */
function leftFailed(calls: Call[]): Map<string, number> {
  const failed = new Map<string, number>()
  for (const call of calls) {
    if (call.fault) failed.set(call.action, call.answered_at)
    else if (call.judged) failed.delete(call.action)
  }
  return failed
}
