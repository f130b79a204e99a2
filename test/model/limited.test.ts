/** Whose turn it is, where only so many may ask at once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { NO_USAGE } from '../../src/domain/usage.ts'
import { limited, turnsFor } from '../../src/model/limited.ts'
import type { Ask, Question } from '../../src/model/model.ts'

test('whatever is asked, and whether it is answered, no more than so many are asked at once, and all of them are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.record({ comes: fc.nat(20), takes: fc.integer({ min: 1, max: 5 }), fails: fc.boolean() }), {
        maxLength: 30,
      }),
      async (width, calls) => {
        let open = 0
        let most = 0
        const came: number[] = []
        const began: number[] = []
        const turns = turnsFor(width)
        const ended = await Promise.allSettled(
          calls.map(async ({ comes, takes, fails }, at) => {
            for (let tick = 0; tick < comes; tick++) await null
            came.push(at)
            return turns(async () => {
              began.push(at)
              open += 1
              most = Math.max(most, open)
              for (let tick = 0; tick < takes; tick++) await null
              open -= 1
              if (fails) throw new Error('busy')
              return at
            })
          }),
        )
        expect(most).toBeLessThanOrEqual(width)
        if (calls.every((it) => it.comes === 0)) expect(most).toBe(Math.min(width, calls.length))
        expect(began).toEqual(came)
        expect(ended.map((it) => it.status === 'rejected')).toEqual(calls.map((it) => it.fails))
      },
    ),
  )
})

test('who is told to stop while it waits is never asked, and takes no place from the others', async () => {
  const asked: string[] = []
  const gates = new Map<string, () => void>()
  const bare: Ask = async ({ prompt, schema }) => {
    asked.push(prompt)
    await new Promise<void>((done) => gates.set(prompt, done))
    return { value: schema.parse(prompt), usage: NO_USAGE, from: 'provider' }
  }
  const ask = limited(bare, turnsFor(1))
  const over = new AbortController()
  const why = new Error('the dream was cancelled')

  const first = ask(question('first'))
  const second = ask(question('second'), over.signal).catch((it) => it)
  const third = ask(question('third'))
  over.abort(why)
  expect(await second).toBe(why)
  gates.get('first')!()
  expect((await first).value).toBe('first')
  await null
  gates.get('third')!()
  expect((await third).value).toBe('third')
  expect(asked).toEqual(['first', 'third'])
  expect(await ask(question('fourth'), over.signal).catch((it) => it)).toBe(why)
})

test('two models of one provider share its turns', async () => {
  let open = 0
  let most = 0
  const bare: Ask = async ({ prompt, schema }) => {
    open += 1
    most = Math.max(most, open)
    await new Promise((done) => setTimeout(done, 5))
    open -= 1
    return { value: schema.parse(prompt), usage: NO_USAGE, from: 'provider' }
  }
  const turns = turnsFor(2)
  const models = [limited(bare, turns), limited(bare, turns)]
  await Promise.all(Array.from({ length: 8 }, (_, at) => models[at % 2]!(question(`${at}`))))
  expect(most).toBe(2)
})

function question(prompt: string): Question<string> {
  return { stage: 'review', system: '', prompt, schema: z.string(), max_output_tokens: 10 }
}
