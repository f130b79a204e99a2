/** Spending: what a dream asked of language models, and what that came to. */
import { z } from 'zod'
import { sumOfUsage, Usage } from './usage.ts'

/** What a model is asked for: to review a session, to say whether two claims are one, to advise on memories. */
export const ModelStage = z.enum(['review', 'same', 'consolidate'])
export type ModelStage = z.infer<typeof ModelStage>

/** At most so much; null where there is no limit. */
export const Budget = z.object({
  /** Of input and output together, those of caches included. */
  tokens: z.number().int().positive().nullable(),
  usd: z.number().positive().nullable(),
})
export type Budget = z.infer<typeof Budget>

export const NO_LIMIT: Budget = { tokens: null, usd: null }

/** Of one stage and one model, exactly. */
export const StageUse = z.object({
  stage: ModelStage,
  provider: z.string(),
  model: z.string(),
  /** Requests that were paid for or tried; those of a batch are counted one by one. */
  calls: z.number().int().nonnegative(),
  /** Questions that an earlier answer answered. */
  from_cache: z.number().int().nonnegative(),
  /** Of the calls, those whose answer was of no use, and those that got none. */
  unusable: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  usage: Usage,
  /** Null where the price of the model is not known. */
  cost_usd: z.number().nonnegative().nullable(),
})
export type StageUse = z.infer<typeof StageUse>

export const Spending = z.object({
  /** As it was asked for: `provider/model`. */
  model: z.string(),
  /** What reading the sessions was reckoned to come to before the first call, from the lengths of the questions; the few that compare what was said are not known then. */
  planned: z.object({
    calls: z.number().int().nonnegative(),
    input_tokens: z.number().int().nonnegative(),
    output_tokens: z.number().int().nonnegative(),
    cost_usd: z.number().nonnegative().nullable(),
  }),
  budget: Budget,
  uses: z.array(StageUse),
  /** Why it asked no more, where it was stopped: the budget, or a provider that failed again and again. */
  stopped: z.string().nullable(),
})
export type Spending = z.infer<typeof Spending>

/** One call of a model, as it is kept. No words of a session stand in it. */
export type ModelCall = {
  stage: ModelStage
  provider: string
  model: string
  /** Of the question. */
  hash: string
  result: 'answered' | 'unusable' | 'failed'
  /** Null where it was answered. */
  reason: string | null
  in_batch: boolean
  usage: Usage
  cost_usd: number | null
}

/** What is spent or may be. */
export type Amount = { tokens: number; usd: number }

/** What several dreams came to, one row a stage and model, in order. */
export function sumOfUses(uses: StageUse[]): StageUse[] {
  const sums = new Map<string, StageUse>()
  for (const it of uses) {
    const key = `${ModelStage.options.indexOf(it.stage)} ${it.provider}/${it.model}`
    const before = sums.get(key)
    sums.set(key, before === undefined ? it : sumOfTwo(before, it))
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => it)
}

function sumOfTwo(a: StageUse, b: StageUse): StageUse {
  return {
    ...{ stage: a.stage, provider: a.provider, model: a.model },
    calls: a.calls + b.calls,
    from_cache: a.from_cache + b.from_cache,
    unusable: a.unusable + b.unusable,
    failed: a.failed + b.failed,
    usage: sumOfUsage(a.usage, b.usage),
    cost_usd: a.cost_usd === null || b.cost_usd === null ? null : inUsd(a.cost_usd + b.cost_usd),
  }
}

/** All tokens of a usage, those of caches included. */
export function tokensOf(usage: Usage): number {
  return (
    usage.input_tokens +
    usage.output_tokens +
    usage.cache_read_input_tokens +
    usage.cache_creation_input_tokens
  )
}

/** To the billionth, so that sums of the same parts are the same. */
export function inUsd(amount: number): number {
  return Math.round(amount * 1e9) / 1e9
}
