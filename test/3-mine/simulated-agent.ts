/**
 * An agent about which everything is known: 12 tasks that fail between 5 % and 90 % of the time, 12 tools whose
 * use depends on the task and the version, two versions of which the second is better.
 *
 * How a session ends depends on its task and the version, and on nothing else, unless `harm` is planted: then
 * 30 % of the sessions of every task call `shortcut`, and fail that much more often.
 */
import type { Session } from '../../src/domain/session.ts'
import { call, error, result, SATISFIED, type Step, session, UNSATISFIED } from '../session-builder.ts'
import { generator } from './tallied.ts'

const TASKS = 12
const TOOLS = 12
const SESSIONS_PER_TASK = 25

export function simulatedSessions(seed: number, harm: number | null = null): Session[] {
  const random = generator(seed)
  const chance = (p: number) => random() < p
  const uses = Array.from({ length: TASKS }, () => Array.from({ length: TOOLS }, () => random() ** 2))

  return Array.from({ length: TASKS * SESSIONS_PER_TASK }, (_, i) => {
    const task = i % TASKS
    const version = chance(0.5) ? 2 : 1
    const steps: Step[] = []
    for (const [tool, p] of uses[task]!.entries()) {
      // The newer version has taken to the later tools.
      if (!chance(version === 2 && tool >= 9 ? 0.9 : p)) continue
      steps.push(call(`tool_${tool}`, { page: 1 }))
      if (chance(0.1)) steps.push(error(`tool ${tool} is busy`), call(`tool_${tool}`, { page: 1 }))
      steps.push(result())
    }
    const shortcut = harm !== null && chance(0.3)
    if (shortcut) steps.unshift(call('shortcut'), result())
    const failure = 0.05 + (0.85 * task) / (TASKS - 1) - (version === 2 ? 0.04 : 0) + (shortcut ? harm! : 0)
    return {
      ...session(...steps),
      task: `task-${task}`,
      agent_version: `v${version}`,
      outcome: chance(failure) ? UNSATISFIED : SATISFIED,
    }
  })
}
