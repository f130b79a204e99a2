import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ModelStage } from '../../src/domain/spending.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import { cached, hashOf } from '../../src/model/cached.ts'
import { asking, question, used } from './asking.ts'

const MODEL = { provider: 'here', model: 'm' }

describe('two questions are the same question', () => {
  const hash = hashOf(MODEL, question())

  test('where all that is sent is the same, whatever it is asked for', () => {
    expect(hashOf(MODEL, question({ stage: 'same' }))).toBe(hash)
  })

  test.each([
    ['provider', { ...MODEL, provider: 'there' }, {}],
    ['model', { ...MODEL, model: 'n' }, {}],
    ['system prompt', MODEL, { system: 'You read.' }],
    ['prompt', MODEL, { prompt: 'What?' }],
    ['length of the answer', MODEL, { max_output_tokens: 99 }],
    ['shape of the answer', MODEL, { schema: z.object({ said: z.string(), why: z.string() }) as never }],
  ])('and not where the %s is another', (_, model, over) => {
    expect(hashOf(model, question(over))).not.toBe(hash)
  })
})

describe('a question', () => {
  const known = new Map<string, unknown>([[hashOf(MODEL, question()), { said: 'before' }]])
  const told: ModelStage[] = []
  const provider = asking(() => ({ value: { said: 'now' }, usage: used(10, 1) }))
  const ask = cached(
    provider,
    MODEL,
    async (hash) => known.get(hash),
    (stage) => told.push(stage),
  )

  test('that was answered before is not asked again, and costs nothing', async () => {
    expect(await ask(question())).toEqual({ value: { said: 'before' }, usage: NO_USAGE, from: 'cache' })
    expect(provider.calls()).toBe(0)
    expect(told).toEqual(['review'])
  })

  test('that nobody has answered is asked', async () => {
    expect(await ask(question({ prompt: 'And now?' }))).toMatchObject({ value: { said: 'now' } })
    expect(told).toEqual(['review'])
  })

  test('whose answer has not the shape that is asked for any more is asked', async () => {
    known.set(hashOf(MODEL, question({ prompt: 'old' })), { spoke: 'before' })

    expect(await ask(question({ prompt: 'old' }))).toMatchObject({ value: { said: 'now' } })
  })
})
