import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Budget, type ModelCall, NO_LIMIT, tokensOf } from '../../src/domain/spending.ts'
import { answerShape } from '../../src/model/answer-shape.ts'
import { meterOf, nothingReserved, type Purse } from '../../src/model/metered.ts'
import type { Ask } from '../../src/model/model.ts'
import { ModelError } from '../../src/model/model-error.ts'
import { asking, question, used } from './asking.ts'

const PRICE = { input: 1, output: 5, cache_read: 0.1, cache_write: 1.25 }

/** A meter, and what it has noted. What it pays counts for the day. */
function metering(over: Partial<Omit<Purse, 'budget'>> & { dream?: Partial<Budget>; day?: Partial<Budget> }) {
  const { dream = {}, day = {}, ...more } = over
  const noted: ModelCall[] = []
  const meter = meterOf({
    ...{ provider: 'here', model: 'm', price: PRICE, earlier: [] },
    budget: { dream: { ...NO_LIMIT, ...dream }, day: { ...NO_LIMIT, ...day } },
    paidToday: async () => ({
      tokens: noted.reduce((sum, it) => sum + tokensOf(it.usage), 0),
      usd: noted.reduce((sum, it) => sum + it.cost_usd!, 0),
    }),
    note: async (call) => void noted.push(call),
    ...more,
  })
  return { meter, noted }
}

/** Of 400 characters with the shape of its answer, which has at most 100 tokens: it may take 200. */
const shape = JSON.stringify(answerShape(question().schema)).length
const ASKED = question({ system: 'x'.repeat(300 - shape), prompt: 'y'.repeat(100), max_output_tokens: 100 })

/** As many of them one after the other, each with what became of it. */
async function askTimes(ask: Ask, times: number): Promise<string[]> {
  const results: string[] = []
  for (let i = 0; i < times; i++)
    results.push(
      await ask(ASKED).then(
        () => 'answered',
        (error: Error) => (error instanceof ModelError ? error.kind : String(error)),
      ),
    )
  return results
}

describe('what is planned', () => {
  test('is a fourth of the characters in, those of the shape of the answer too, the longest answer out, and what that costs', () => {
    const { meter } = metering({})
    meter.plan(ASKED)
    meter.plan({ ...ASKED, prompt: 'y' })

    expect(meter.spending().planned).toEqual({
      calls: 2,
      input_tokens: 100 + 76,
      output_tokens: 200,
      cost_usd: 0.001176,
    })
  })

  test('costs nobody knows what where the price is not known', () => {
    const { meter } = metering({ price: null })
    meter.plan(ASKED)

    expect(meter.spending().planned.cost_usd).toBeNull()
  })
})

describe('what is counted', () => {
  const { meter, noted } = metering({})
  const ask = meter.over(
    asking((n) => {
      if (n === 2) throw new ModelError('unusable', 'no JSON', 'it said no JSON', { usage: used(90, 7) })
      if (n === 3) throw new ModelError('unavailable', 'rate limited', 'it is busy')
      if (n === 4) throw new ModelError('stopped', 'stopped', 'nothing was asked')
      return n === 5 ? { usage: used(100, 10), from: 'batch' } : { usage: used(100, 10) }
    }),
  )

  test('is every call by its stage, with what was paid for it, a batch at half the price', async () => {
    expect(await askTimes(ask, 5)).toEqual(['answered', 'unusable', 'unavailable', 'stopped', 'answered'])
    await ask({ ...ASKED, stage: 'same' })
    meter.countKnown('review')

    expect(meter.spending().uses).toEqual([
      {
        ...{ stage: 'review', provider: 'here', model: 'm' },
        ...{ calls: 4, from_cache: 1, unusable: 1, failed: 1 },
        usage: used(290, 27),
        cost_usd: 0.00035,
      },
      {
        ...{ stage: 'same', provider: 'here', model: 'm' },
        ...{ calls: 1, from_cache: 0, unusable: 0, failed: 0 },
        usage: used(100, 10),
        cost_usd: 0.00015,
      },
    ])
  })

  test('is noted call by call, with the reason where it was not answered', () => {
    expect(noted.map((it) => [it.stage, it.result, it.reason, it.in_batch, it.cost_usd])).toEqual([
      ['review', 'answered', null, false, 0.00015],
      ['review', 'unusable', 'no JSON', false, 0.000125],
      ['review', 'failed', 'rate limited', false, 0],
      ['review', 'answered', null, true, 0.000075],
      ['same', 'answered', null, false, 0.00015],
    ])
  })

  test('goes on from what the dream had asked before it was interrupted', async () => {
    const [earlier] = meter.spending().uses
    const again = metering({ earlier: [earlier!] }).meter
    await askTimes(again.over(asking(() => ({ usage: used(1, 1) }))), 1)

    expect(again.spending().uses[0]).toMatchObject({ calls: 5, usage: used(291, 28) })
  })
})

describe('the budget of a dream', () => {
  test.each([
    { dream: { tokens: 600 }, uses: used(100, 100), answered: 3, why: '600 of 600 tokens are spent' },
    { dream: { tokens: 600 }, uses: used(100, 10), answered: 4, why: '440 of 600 tokens are spent' },
    { dream: { tokens: 199 }, uses: used(1, 1), answered: 0, why: '0 of 199 tokens are spent' },
    // A question may cost 0.0006.
    { dream: { usd: 0.001 }, uses: used(100, 60), answered: 2, why: '0.0008 of 0.001 USD are spent' },
    {
      dream: { tokens: 100_000, usd: 0.001 },
      uses: used(100, 60),
      answered: 2,
      why: '0.0008 of 0.001 USD are spent',
    },
  ])('$dream ends it before the call that could go beyond it', async ({ dream, uses, answered, why }) => {
    const { meter } = metering({ dream })
    const provider = asking(() => ({ usage: uses }))

    const results = await askTimes(meter.over(provider), 8)

    expect(results.filter((it) => it === 'answered')).toHaveLength(answered)
    expect(provider.calls()).toBe(answered)
    expect(results.at(-1)).toBe('stopped')
    expect(meter.stopped()).toContain(`the budget of this dream is used up: ${why}`)
    expect(meter.spending().stopped).toBe(meter.stopped())
  })

  test('what was paid for useless answers counts', async () => {
    const { meter } = metering({ dream: { tokens: 600 } })
    const provider = asking(() => {
      throw new ModelError('unusable', 'empty', 'it said nothing', { usage: used(300, 0) })
    })

    expect(await askTimes(meter.over(provider), 3)).toEqual(['unusable', 'unusable', 'stopped'])
  })

  test('is never spent beyond, however many ask at once, and none is stopped for what others only might spend', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5_000 }),
        async (outputs, tokens) => {
          const { meter } = metering({ dream: { tokens } })
          let open = 0
          const provider = asking(async (n) => {
            open++
            for (let i = 0; i < outputs[n - 1]! % 7; i++) await null
            open--
            return { usage: used(100, outputs[n - 1]!) }
          })
          const ask = meter.over(provider)
          await Promise.allSettled(outputs.map(() => ask(ASKED)))

          const [use] = meter.spending().uses
          const spent = use === undefined ? 0 : tokensOf(use.usage)
          expect(spent).toBeLessThanOrEqual(tokens)
          expect(open).toBe(0)
          if (provider.calls() < outputs.length) expect(spent + 200).toBeGreaterThan(tokens)
          else expect(meter.stopped()).toBeNull()
        },
      ),
      { numRuns: 100 },
    )
  })

  test('who waits for its turn can be told to stop', async () => {
    const { meter } = metering({ dream: { tokens: 250 } })
    const { promise, resolve } = Promise.withResolvers<void>()
    const ask = meter.over(
      asking(async () => {
        await promise
        return { usage: used(10, 1) }
      }),
    )
    const first = ask(ASKED)
    const stop = new AbortController()
    const second = ask(ASKED, stop.signal)
    stop.abort(new Error('enough'))
    resolve()

    await first
    await expect(second).rejects.toThrow('enough')
    expect(meter.spending().uses[0]!.calls).toBe(1)
  })
})

describe('the budget of a day', () => {
  test('is kept together with whatever else was paid that day', async () => {
    const { meter } = metering({ day: { tokens: 1_000 }, paidToday: async () => ({ tokens: 801, usd: 0 }) })

    expect(await askTimes(meter.over(asking(() => ({}))), 1)).toEqual(['stopped'])
    expect(meter.stopped()).toBe(
      'the budget of the day is used up: 801 of 1000 tokens are spent, and the next question may take 200',
    )
  })

  test('is spent by the calls of this dream as well', async () => {
    const { meter } = metering({ day: { tokens: 500 } })

    expect(await askTimes(meter.over(asking(() => ({ usage: used(100, 100) }))), 3)).toEqual([
      ...['answered', 'answered', 'stopped'],
    ])
  })
})

describe('the budget of a day, of dreams that run at the same time', () => {
  const both = () => {
    let paid = 0
    const shared = {
      reserved: nothingReserved(),
      day: { tokens: 300 },
      paidToday: async () => ({ tokens: paid, usd: 0 }),
      note: async (call: ModelCall) => {
        paid += tokensOf(call.usage)
      },
    }
    return [metering(shared).meter, metering(shared).meter] as const
  }

  test.each([
    { name: 'left enough', used: used(50, 50), becomes: 'answered' },
    { name: 'did not', used: used(100, 100), becomes: 'stopped' },
  ])('is not set aside twice: one waits, and goes on where the other $name', async ({ used, becomes }) => {
    const [one, other] = both()
    const { promise, resolve } = Promise.withResolvers<void>()
    const first = one.over(asking(() => promise.then(() => ({ usage: used }))))(ASKED)
    const provider = asking(() => ({ usage: used }))
    const second = askTimes(other.over(provider), 1)
    await new Promise((done) => setTimeout(done, 10))
    expect(provider.calls()).toBe(0)
    resolve()
    await first
    expect(await second).toEqual([becomes])
  })

  test('who waits for another can be told to stop, though the other is not through', async () => {
    const [one, other] = both()
    void one.over(asking(() => new Promise(() => {})))(ASKED)
    const stop = new AbortController()
    const second = other.over(asking(() => ({})))(ASKED, stop.signal)
    await new Promise((done) => setTimeout(done, 10))
    stop.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    expect(other.stopped()).toBeNull()
  })
})

test('the first reason to stop is the one that is told', async () => {
  const { meter } = metering({ dream: { tokens: 1 } })
  meter.stop('here did not answer')

  expect(await askTimes(meter.over(asking(() => ({}))), 1)).toEqual(['stopped'])
  expect(meter.stopped()).toBe('here did not answer')
})
