/**
 * The `steps` format, and a clock that runs while a session is written down in it.
 */
import type { Random } from './random.ts'

export type Call = { id: string; name: string; args: Record<string, unknown> }

export type Step =
  | { role: 'system'; text: string; ts: string }
  | { role: 'user'; text: string; ts: string }
  | { role: 'assistant'; text: string; calls: Call[]; ts: string }
  | { role: 'tool'; call_id: string; name: string; text: string; error: boolean; ts: string }
  | {
      role: 'feedback'
      kind: 'approval' | 'rejection' | 'edit' | 'rating'
      comment?: string
      before?: string
      after?: string
      rating?: number
      ts: string
    }

export type SessionLine = {
  id: string
  agent: string
  agent_version: string
  model: string
  task_id: string
  user: string
  started_at: string
  ended_at: string
  outcome: { success: boolean | null; reward: number | null; verified: boolean; rule: string | null }
  steps: Step[]
}

export type Scribe = {
  steps: Step[]
  /** What the harness puts in. */
  system(text: string): void
  user(text: string): void
  agent(text: string): void
  /** One call and its result. */
  call(name: string, args: Record<string, unknown>, result: unknown, narration?: string): void
  /** One call and the error it got. */
  fail(name: string, args: Record<string, unknown>, error: string, narration?: string): void
  approval(comment: string): void
  rejection(comment: string): void
  rating(rating: number): void
  edit(before: string, after: string): void
  /** The time of the last step. */
  now(): string
}

export function scribe(started_at: Date, random: Random): Scribe {
  const steps: Step[] = []
  let clock = started_at.getTime()
  let calls = 0
  const now = () => new Date(clock).toISOString()
  const after = (low_s: number, high_s: number) => {
    if (steps.length > 0) clock += random.int(low_s, high_s) * 1000 + random.int(0, 999)
    return now()
  }
  const machine = () => after(2, 25)
  const person = () => after(30, 240)

  const exchange = (
    name: string,
    args: Record<string, unknown>,
    answer: string,
    error: boolean,
    text: string,
  ) => {
    calls += 1
    const id = `call_${calls}`
    steps.push({ role: 'assistant', text, calls: [{ id, name, args }], ts: machine() })
    steps.push({ role: 'tool', call_id: id, name, text: answer, error, ts: machine() })
  }

  return {
    steps,
    system: (text) => steps.push({ role: 'system', text, ts: machine() }),
    user: (text) => steps.push({ role: 'user', text, ts: person() }),
    agent: (text) => steps.push({ role: 'assistant', text, calls: [], ts: machine() }),
    call: (name, args, result, narration = '') =>
      exchange(name, args, JSON.stringify(result), false, narration),
    fail: (name, args, error, narration = '') => exchange(name, args, `Error: ${error}`, true, narration),
    approval: (comment) => steps.push({ role: 'feedback', kind: 'approval', comment, ts: person() }),
    rejection: (comment) => steps.push({ role: 'feedback', kind: 'rejection', comment, ts: person() }),
    rating: (rating) => steps.push({ role: 'feedback', kind: 'rating', rating, ts: person() }),
    edit: (before, after) => steps.push({ role: 'feedback', kind: 'edit', before, after, ts: person() }),
    now,
  }
}
