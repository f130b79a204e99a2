/** Questions, and models that answer them as a test wants. */
import { z } from 'zod'
import { NO_USAGE, type Usage } from '../../src/domain/usage.ts'
import type { Answered, Ask, Question } from '../../src/model/model.ts'

export const Said = z.object({ said: z.string() })
export type Said = z.infer<typeof Said>

export function question(over: Partial<Question<Said>> = {}): Question<Said> {
  return {
    stage: 'review',
    system: 'You read sessions.',
    prompt: 'What do you see?',
    schema: Said,
    max_output_tokens: 100,
    ...over,
  }
}

export function used(input_tokens: number, output_tokens: number): Usage {
  return { ...NO_USAGE, input_tokens, output_tokens }
}

/** Says what `say` says, or throws it; counts how often it was asked. */
export function asking(
  say: (n: number, question: Question<unknown>) => Promise<Partial<Answered<Said>>> | Partial<Answered<Said>>,
): Ask & { calls: () => number } {
  let calls = 0
  const ask = async <T>(asked: Question<T>): Promise<Answered<T>> => {
    calls++
    const answered = {
      value: { said: 'yes' },
      usage: NO_USAGE,
      from: 'provider',
      ...(await say(calls, asked)),
    }
    return { ...(answered as Answered<unknown>), value: asked.schema.parse(answered.value) }
  }
  return Object.assign(ask, { calls: () => calls })
}
