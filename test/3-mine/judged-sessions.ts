/**
 * Sessions of which everything is known: 12 tasks that fail between 10 % and 60 % of the time; how people, or a judge,
 * take them; and an answer that half of the time has a table.
 */
import type { Feedback } from '../../src/domain/feedback.ts'
import type { Session } from '../../src/domain/session.ts'
import {
  answer,
  call,
  feedback,
  result,
  SATISFIED,
  type Step,
  session,
  UNSATISFIED,
} from '../session-builder.ts'
import { generator } from './tallied.ts'

export type Case = { task: number; shortcut: boolean; table: boolean; failed: boolean }

export type World = {
  sessions: number
  /** How often a session fails; by default as its task does. */
  fails?: (it: Omit<Case, 'failed'>, usual: number) => number
  /** How often one that is judged is approved. */
  approves: (it: Case) => number
  /** The share that is judged at all, and the share whose outcome is verified: the first ones. */
  judged?: number
  verified?: number
  by?: 'people' | 'a judge'
}

export function judgedSessions(seed: number, world: World): Session[] {
  const { sessions, fails, approves, judged = 1, verified = 1, by = 'people' } = world
  const random = generator(seed)
  const chance = (p: number) => random() < p
  return Array.from({ length: sessions }, (_, i) => {
    const task = i % 12
    const traits = { task, shortcut: chance(0.3), table: chance(0.5) }
    const usual = 0.1 + (0.5 * task) / 11
    const it = { ...traits, failed: chance(fails?.(traits, usual) ?? usual) }
    const opinion = chance(judged) ? chance(approves(it)) : null
    const outcome = it.failed ? UNSATISFIED : SATISFIED
    const steps: Step[] = [
      call('close', it.shortcut ? { force: true } : {}),
      result(),
      answer(it.table ? 'Here:\n| a | b |\n|---|---|\n| 1 | 2 |' : 'Here it is: a is 1 and b is 2.'),
      ...(opinion !== null && by === 'people' ? [feedback(feedbackOf(opinion))] : []),
      ...(opinion !== null && by === 'a judge' ? [verdict(opinion)] : []),
    ]
    return {
      ...session(...steps),
      task: `task-${task}`,
      ...(i < verified * sessions ? { outcome } : {}),
    }
  })
}

function feedbackOf(approved: boolean): Feedback {
  return { kind: approved ? 'approval' : 'rejection', comment: null }
}

function verdict(approved: boolean): Step {
  const outcome = { ...(approved ? SATISFIED : UNSATISFIED), verified: false }
  return (id) => ({ type: 'session.outcome', id, processed_at: null, outcome })
}
