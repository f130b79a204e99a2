/** What a model said, read: an answer of the shape that was asked for, or why it is none. */
import type { Usage } from '../domain/usage.ts'
import type { Question } from './model.ts'
import { ModelError } from './model-error.ts'

/** What came back, said alike for all providers and ways to ask. */
export type Said = {
  text: string
  /** How it ended: of its own accord, or since it may be no longer, or since the model does not want to answer. */
  end: 'stop' | 'length' | 'refusal'
  usage: Usage
}

/** Throws `ModelError` of kind `unusable`, with what was paid; its message tells nothing of what was said. */
export function answerIn<T>({ text, end, usage }: Said, { schema }: Question<T>, provider: string): T {
  const unusable = (reason: string, message: string) =>
    new ModelError('unusable', reason, `${provider} ${message}`, { usage })

  if (end === 'length')
    throw unusable('cut off', `stopped after ${usage.output_tokens} tokens, in the middle of its answer`)
  if (end === 'refusal') throw unusable('refusal', 'did not want to answer')
  if (text.trim() === '') throw unusable('empty', 'answered with no words')
  const json = jsonIn(text)
  if (json === undefined) throw unusable('no JSON', 'answered with something that is no JSON')
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw unusable('other shape', `answered in another shape than was asked for, at ${placesOf(parsed.error)}`)
}

/** So many tokens has no question, and no answer. */
const MOST_TOKENS = 1e9

/** How many tokens a provider says; undefined for what is no such number, which would give back of a budget what others have spent of it. */
export function tokensSaid(said: number | null | undefined): number | undefined {
  return Number.isInteger(said) && said! >= 0 && said! <= MOST_TOKENS ? said! : undefined
}

/** Undefined for what is no JSON. Models that are held to no shape like to put it into a block of code. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(/^\s*```(?:json)?[^\S\n]*\n([\s\S]*)\n```\s*$/.exec(text)?.[1] ?? text)
  } catch {
    return undefined
  }
}

/** Where the shape is another, and not what stands there: that may be words of a session. */
function placesOf({ issues }: { issues: { path: PropertyKey[] }[] }): string {
  const places = [...new Set(issues.map(({ path }) => path.map(String).join('.') || 'its top'))]
  const more = places.length - 3
  return places.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
