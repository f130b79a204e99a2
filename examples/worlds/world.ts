/**
 * A world: what an agent is asked there, how its tools behave, what its people want, and when work is right.
 *
 * A world knows nothing of memories: it answers calls and texts. What helps in it is true of every agent that works there, whether
 * anybody ever learns it or not.
 */
import type { Random } from '../compliance-desk/random.ts'
import type { Way } from './advice.ts'

export type World = {
  name: string
  /** One sentence for whoever has never seen it. */
  about: string
  tasks: readonly string[]
  tools: Record<string, Tool>
  /** What people may ask for, and how the agent does it. */
  practices?: Practice[]
  /** The work of one session. */
  work: (task: string, occasion: Occasion) => Work
  /** The chance that what was done is right. */
  success: (desk: Desk) => number
  /** What the person makes of a text, if anything. */
  receive?: (draft: string, desk: Desk) => Reception
  /** What the person says once everything is done. */
  judge?: (is_right: boolean, desk: Desk) => Reception
  /** Sessions a night and agent, where nobody says otherwise. */
  sessions: number
  /** Of how many sessions the outcome is verified. */
  verified_share: number
  rule: string
  /** What no memory may say here, whoever asks for it. */
  never: RegExp[]
  /** From that night on a tool behaves otherwise, and what fits `stale` is wrong. */
  change?: { night: number; stale: RegExp; instead: RegExp }
}

/** When it is, and chance. Nights are counted from 1. */
export type Occasion = { night: number; random: Random }

export type Args = Record<string, unknown>

export type Tool = {
  /** Arguments that every call has, by the facts of the work. */
  takes: string[]
  /** Arguments that a call has where the work asks for it. */
  may_take?: string[]
  answer: (args: Args, desk: Desk) => Answer
}

export type Answer = { result: Args } | { error: string }

/** Something the agent knows of its work, in every form it knows it in; the first is how it writes it when nobody says otherwise. */
export type Value = string | boolean
export type Fact = readonly [usual: Value, ...others: Value[]]
export type Facts = Record<string, Fact>

export type Goal = {
  tool: string
  facts?: Facts
  /** Tools that the agent may call before it, and how often it thinks of it. */
  before?: readonly (readonly [tool: string, chance: number])[]
  /** What it does when the call fails, by weight. */
  reactions: readonly (readonly [Way, number])[]
}

/** A call, or a text that the person reads. */
export type Step = Goal | { draft: string }

export type Work = {
  task: string
  person: string
  request: string
  /** What the person says besides, once the agent has begun. */
  remarks?: string[]
  facts: Facts
  steps: Step[]
}

export type Practice = {
  /** How a wish for it is understood. */
  told: RegExp
  /** What the agent puts into a text then. */
  adds?: string
  /** The form it then gives a fact. */
  writes?: { argument: string; like: RegExp }
}

/** A session while it is worked on. */
export type Desk = Occasion & {
  work: Work
  calls: { tool: string; args: Args; ok: boolean }[]
  /** Steps that were to be done and could not be. */
  failed: Goal[]
  /** Texts as the agent wrote them, before anybody changed them. */
  drafts: string[]
  /** The text as it stands; empty where nothing was written. */
  draft: string
}

/** What a person says to a text: their own version of it, a correction, what they think. */
export type Reception = { edit?: string; correction?: string; approval?: string; rejection?: string }

/** Whether a tool was called and answered, before now. */
export function did({ calls }: Desk, tool: string): boolean {
  return calls.some((it) => it.ok && it.tool === tool)
}

/** By weight. */
export function weighted<T>(choices: readonly (readonly [T, number])[], random: Random): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0)
  let left = (random.int(0, 999_999) / 1_000_000) * total
  return (choices.find(([, weight]) => {
    left -= weight
    return left < 0
  }) ?? choices.at(-1)!)[0]
}

/** `{slot}` filled with the usual form of a fact. */
export function told(template: string, facts: Facts): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name]![0]))
}

/** A task that fails this often whatever is done right, by its place in the list: no two worlds are hard in the same way. */
export function hardness(tasks: readonly string[], task: string, easiest: number, hardest: number): number {
  return easiest + ((hardest - easiest) * tasks.indexOf(task)) / (tasks.length - 1)
}
