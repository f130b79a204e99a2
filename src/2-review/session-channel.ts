import type { Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { type Call, signatureOf } from './call.ts'

/**
 * The session channel: what a session did, beside how it ended. Only verified outcomes count: a thumb
 * or a model's opinion says little about whether the work was right.
 */
export function observeSession(session: Omit<Session, 'id'>, calls: Call[]): Observation[] {
  const { result, verified } = session.outcome
  if (!verified || result === 'unknown' || session.events.length === 0) return []
  const bad = result === 'unsatisfied'

  const traits: Record<string, number> = {}
  const add = (trait: string, at: number) => {
    if (!(trait in traits)) traits[trait] = at
  }
  const times = new Map<string, number>()
  const signatures = new Set<string>()
  const first = new Map<string, number>()
  let errors = 0
  for (const call of calls) {
    const n = (times.get(call.action) ?? 0) + 1
    times.set(call.action, n)
    if (!first.has(call.action)) first.set(call.action, call.at)
    add(`use ${call.action}`, call.at)
    if (n === 3 || n === 6) add(`use ${call.action} ${n} times or more`, call.at)
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

  const event = session.events.length - 1
  const observations: Observation[] = [{ channel: 'session', context: 'session', bad, event, traits }]
  const actions = [...first]
  for (const [action, at] of actions) {
    const before: Record<string, number> = {}
    for (const [other, other_at] of actions) if (other_at < at) before[`before ${other}`] = other_at
    observations.push({ channel: 'session', context: `session ${action}`, bad, event: at, traits: before })
  }
  return observations
}

/** Actions whose last call failed, with its result. */
function leftFailed(calls: Call[]): Map<string, number> {
  const failed = new Map<string, number>()
  for (const call of calls) {
    if (call.fault) failed.set(call.action, call.answered_at)
    else if (call.judged) failed.delete(call.action)
  }
  return failed
}
