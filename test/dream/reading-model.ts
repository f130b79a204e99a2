/** A model that finds certain words in a session and says what they mean, and knows what says the same. It asks nobody. */
import type { ClaimKind } from '../../src/domain/claim.ts'
import { NO_LIMIT, type Spending } from '../../src/domain/spending.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import type { ModelAtHand } from '../../src/model/at-hand.ts'
import type { Ask } from '../../src/model/model.ts'
import { samenessBy } from './same-model.ts'

/** Words of a session, and the claim that is made of them. */
export type Sees = { words: string; kind: ClaimKind; says: string; means: string }

export function readingModel(sees: Sees[]): ModelAtHand {
  const meaning = new Map(sees.map((it) => [it.says, it.means]))
  const decides = samenessBy((one, other) => meaning.get(one) === meaning.get(other))
  const ask: Ask = async (question, signal) => {
    if (question.stage === 'same') return decides(question, signal)
    const value =
      question.stage === 'review' ? { claims: claimsOn(question.prompt, sees) } : { operations: [] }
    return { value: question.schema.parse(value), usage: NO_USAGE, from: 'provider' }
  }
  const planned = { calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: null }
  const spending = (): Spending => ({
    model: 'test/reader',
    planned,
    budget: NO_LIMIT,
    uses: [],
    stopped: null,
  })
  return {
    model: { name: 'test/reader', provider: 'test', model: 'reader', ask, width: 4 },
    meter: { plan: () => {}, spending, stopped: () => null, stop: () => {} },
    may_wait_ms: 0,
  }
}

function claimsOn(prompt: string, sees: Sees[]): unknown[] {
  const lines = prompt.split('\n')
  return sees.flatMap(({ words, kind, says }) => {
    const line = lines.find((it) => it.includes(words))
    const event = /^e\d+/.exec(line ?? '')?.[0]
    return event === undefined
      ? []
      : { kind, statement: says, action: null, quotes: [{ event, quote: words }] }
  })
}
