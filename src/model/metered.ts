/**
 * What a dream may spend, and what it has spent. Every call is reckoned before it is made and noted after it, so a budget is kept however
 * many calls are made at once: while one could still go beyond it, the next waits; when it would, nothing is asked any more.
 */
import {
  type Amount,
  type Budget,
  inUsd,
  type ModelCall,
  type ModelStage,
  type Spending,
  type StageUse,
  sumOfUses,
  tokensOf,
} from '../domain/spending.ts'
import { NO_USAGE, sumOfUsage, type Usage } from '../domain/usage.ts'
import { answerShape } from './answer-shape.ts'
import type { Meter } from './at-hand.ts'
import { hashOf } from './cached.ts'
import type { Price } from './config.ts'
import type { Answered, Ask, Model, Question } from './model.ts'
import { ModelError } from './model-error.ts'
import { costOf } from './prices.ts'

export type Purse = Pick<Model, 'provider' | 'model'> & {
  /** Null where it is not known; then no budget is in money. */
  price: Price | null
  budget: { dream: Budget; day: Budget }
  /** What this dream asked before it was interrupted. */
  earlier: StageUse[]
  /** What was paid since the day began, by all that share the budget of the day. */
  paidToday: () => Promise<Amount>
  /** Set aside for calls that are under way, by all of this process that share the budget of the day. */
  reserved?: Reserved
  /** Keeps a call and, where there is one, its answer, both or neither. */
  note: (call: ModelCall, answered: Answered<unknown> | null) => Promise<void>
}

export type Reserved = {
  held: Amount
  calls: number
  /** When the next of these calls is through. */
  settled: PromiseWithResolvers<void>
}

export function nothingReserved(): Reserved {
  return { held: { ...NOTHING }, calls: 0, settled: Promise.withResolvers() }
}

export type FullMeter = Meter & {
  /** A question that an earlier answer answered. */
  countKnown: (stage: ModelStage) => void
  /** `ask`, for as long as the budget lasts. */
  over: (ask: Ask) => Ask
}

export function meterOf(purse: Purse): FullMeter {
  const { provider, model, price, budget, reserved = nothingReserved() } = purse
  const uses = new Map(purse.earlier.map((it) => [keyOf(it), { ...it }]))
  const planned = { calls: 0, input_tokens: 0, output_tokens: 0 }
  const held: Amount = { tokens: 0, usd: 0 }
  let in_flight = 0
  let stopped: string | null = null

  const useOf = (stage: ModelStage): StageUse => {
    const key = keyOf({ stage, provider, model })
    const use = uses.get(key) ?? unused({ stage, provider, model }, price)
    uses.set(key, use)
    return use
  }
  const stop = (why: string) => {
    stopped ??= why
  }

  /** Lets a call of that size through when what is under way has left enough; throws where nothing under way could change that. */
  async function admit(size: Amount, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const { settled } = reserved
      const today = isLimited(budget.day) ? await purse.paidToday() : NOTHING
      if (stopped !== null) throw new ModelError('stopped', 'stopped', stopped)
      // What was paid meanwhile is neither in that nor set aside any more.
      if (settled !== reserved.settled) continue
      const spent = amountOf([...uses.values()])
      const of_dream = beyond('this dream', budget.dream, spent, plus(held, size), size)
      const of_day = beyond('the day', budget.day, today, plus(reserved.held, size), size)
      if (of_dream === null && of_day === null) return reserve(size)
      if (of_dream !== null && in_flight === 0) stop(of_dream)
      else if (of_day !== null && reserved.calls === 0) stop(of_day)
      else await unlessAborted(settled.promise, signal)
    }
  }

  function reserve(size: Amount): void {
    Object.assign(held, plus(held, size))
    Object.assign(reserved.held, plus(reserved.held, size))
    in_flight++
    reserved.calls++
  }

  function release(size: Amount): void {
    const back = { tokens: -size.tokens, usd: -size.usd }
    Object.assign(held, plus(held, back))
    Object.assign(reserved.held, plus(reserved.held, back))
    in_flight--
    reserved.calls--
    reserved.settled.resolve()
    reserved.settled = Promise.withResolvers()
  }

  async function count(
    question: Question<unknown>,
    result: Pick<ModelCall, 'result' | 'reason' | 'usage' | 'in_batch'>,
    answered: Answered<unknown> | null,
  ): Promise<void> {
    const { stage } = question
    const cost_usd = price === null ? null : costOf(result.usage, price, result.in_batch)
    const hash = hashOf(purse, question)
    await purse.note({ stage, provider, model, hash, ...result, cost_usd }, answered)
    const use = useOf(stage)
    use.calls++
    if (result.result === 'unusable') use.unusable++
    if (result.result === 'failed') use.failed++
    use.usage = sumOfUsage(use.usage, result.usage)
    use.cost_usd = use.cost_usd === null || cost_usd === null ? null : inUsd(use.cost_usd + cost_usd)
  }

  return {
    stop,
    stopped: () => stopped,
    countKnown: (stage) => {
      useOf(stage).from_cache++
    },
    plan(question) {
      const { input_tokens, output_tokens } = sizeOf(question)
      planned.calls++
      planned.input_tokens += input_tokens
      planned.output_tokens += output_tokens
    },
    spending(): Spending {
      const cost_usd = price === null ? null : costOf({ ...NO_USAGE, ...planned }, price)
      return {
        model: `${provider}/${model}`,
        planned: { ...planned, cost_usd },
        budget: budget.dream,
        uses: sumOfUses([...uses.values()]),
        stopped,
      }
    },
    over:
      (ask) =>
      async <T>(question: Question<T>, signal?: AbortSignal) => {
        const { input_tokens, output_tokens } = sizeOf(question)
        const tokens = input_tokens + output_tokens
        const size = {
          tokens,
          usd: price === null ? 0 : costOf({ ...NO_USAGE, input_tokens, output_tokens }, price),
        }
        await admit(size, signal)
        try {
          const answered = await ask(question, signal)
          const in_batch = answered.from === 'batch'
          await count(
            question,
            { result: 'answered', reason: null, usage: answered.usage, in_batch },
            answered,
          )
          return answered
        } catch (error) {
          if (!(error instanceof ModelError) || error.kind === 'stopped') throw error
          const result = error.kind === 'unusable' ? 'unusable' : 'failed'
          const { reason, usage, in_batch } = error
          await count(question, { result, reason, usage, in_batch }, null)
          throw error
        } finally {
          release(size)
        }
      },
  }
}

const NOTHING: Amount = { tokens: 0, usd: 0 }

async function unlessAborted(settled: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal!.reason)
  signal?.addEventListener('abort', leave, { once: true })
  try {
    await Promise.race([settled, promise])
  } finally {
    signal?.removeEventListener('abort', leave)
  }
}

function keyOf({ stage, provider, model }: Pick<StageUse, 'stage' | 'provider' | 'model'>): string {
  return `${stage} ${provider}/${model}`
}

function unused(of: Pick<StageUse, 'stage' | 'provider' | 'model'>, price: Price | null): StageUse {
  const cost_usd = price === null ? null : 0
  return { ...of, calls: 0, from_cache: 0, unusable: 0, failed: 0, usage: NO_USAGE, cost_usd }
}

type Size = Pick<Usage, 'input_tokens' | 'output_tokens'>

/** As a provider would count them, about: a token is four characters. */
function sizeOf({ system, prompt, schema, max_output_tokens }: Parameters<Meter['plan']>[0]): Size {
  const characters = system.length + prompt.length + JSON.stringify(answerShape(schema)).length
  return { input_tokens: Math.ceil(characters / 4), output_tokens: max_output_tokens }
}

function amountOf(uses: StageUse[]): Amount {
  return {
    tokens: uses.reduce((sum, it) => sum + tokensOf(it.usage), 0),
    usd: uses.reduce((sum, it) => sum + (it.cost_usd ?? 0), 0),
  }
}

function plus(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, usd: inUsd(a.usd + b.usd) }
}

function isLimited({ tokens, usd }: Budget): boolean {
  return tokens !== null || usd !== null
}

/** Why what is wanted does not fit; null where it does. */
function beyond(whose: string, limit: Budget, spent: Amount, wanted: Amount, next: Amount): string | null {
  const would = plus(spent, wanted)
  if (limit.tokens !== null && would.tokens > limit.tokens)
    return `the budget of ${whose} is used up: ${spent.tokens} of ${limit.tokens} tokens are spent, and the next question may take ${next.tokens}`
  if (limit.usd !== null && would.usd > limit.usd)
    return `the budget of ${whose} is used up: ${cents(spent.usd)} of ${limit.usd} USD are spent, and the next question may cost ${cents(next.usd)}`
  return null
}

function cents(usd: number): string {
  return usd.toFixed(4)
}
