import { describe, expect, test } from 'vitest'
import { breaking, unlessStopped } from '../../src/model/breaker.ts'
import { ModelError, type ModelErrorKind } from '../../src/model/model-error.ts'
import { asking, question } from './asking.ts'

const DID = { a: 'answered', u: 'unavailable', r: 'refused', x: 'unusable', s: 'stopped' } as const

/** What became of questions, a letter each, and when it was told to stop. */
async function stopsAt(letters: string): Promise<{ after: number; why: string } | null> {
  let stopped: { after: number; why: string } | null = null
  const provider = asking((n) => {
    const did = DID[letters[n - 1] as keyof typeof DID]
    if (did !== 'answered') throw new ModelError(did as ModelErrorKind, did, `here ${did}`)
    return {}
  })
  const ask = breaking(provider, 'here', (why) => {
    stopped ??= { after: provider.calls(), why }
  })
  for (const _ of letters) await ask(question()).catch(() => {})
  return stopped
}

describe('nothing more is asked', () => {
  test('of a provider that did not answer five times in a row', async () => {
    expect(await stopsAt('auuuuuu')).toEqual({
      after: 6,
      why: 'here did not answer 5 times in a row, the last time: here unavailable',
    })
  })

  test('of one that refuses what it is asked', async () => {
    expect(await stopsAt('aaraa')).toEqual({ after: 3, why: 'here refuses what it is asked: here refused' })
  })

  test('of one that gave forty answers of no use in a row', async () => {
    expect(await stopsAt(`a${'x'.repeat(60)}`)).toEqual({
      after: 41,
      why: 'here gave 40 answers of no use in a row, the last time: here unusable',
    })
  })

  test.each([
    ['one that answers now and then', 'uuuuauuuua'],
    ['one whose answers are of no use now and then', `${'x'.repeat(39)}a${'x'.repeat(39)}`],
    ['one that was not asked at all', 'ssssssss'],
    ['one that gives useless answers between failures', 'uuuuxuuuu'],
  ])('but not of %s', async (_, letters) => {
    expect(await stopsAt(letters)).toBeNull()
  })
})

test('whoever asks gets the answer, or hears what is wrong', async () => {
  const ask = breaking(
    asking((n) => {
      if (n > 1) throw new ModelError('unusable', 'empty', 'nothing was said')
      return { value: { said: 'hello' } }
    }),
    'here',
    () => {},
  )

  expect((await ask(question())).value).toEqual({ said: 'hello' })
  await expect(ask(question())).rejects.toThrow('nothing was said')
})

test('who waited for a turn, or to try again, asks nothing any more when it is stopped by then', async () => {
  let why: string | null = null
  const provider = asking(() => ({}))
  const ask = unlessStopped(provider, () => why)
  await ask(question())
  why = 'here refuses what it is asked'

  await expect(ask(question())).rejects.toMatchObject({ kind: 'stopped', message: why })
  expect(provider.calls()).toBe(1)
})
