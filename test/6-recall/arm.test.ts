import fc from 'fast-check'
import { expect, test } from 'vitest'
import { armOf } from '../../src/6-recall/arm.ts'

const SESSIONS = 20_000
const keys = Array.from({ length: SESSIONS }, (_, i) => `session-${i}`)

/** Of so many sessions, how many are control. */
const controls = (salt: string, control_share: number, of = keys) =>
  of.filter((it) => armOf({ salt, control_share }, it) === 'control').length

test.each([0.01, 0.05, 0.1, 0.5])('of all sessions a share of %f is control, whatever the salt', (share) => {
  const sd = Math.sqrt(SESSIONS * share * (1 - share))
  for (const salt of ['a', 'b', 'c', 'd', 'e'])
    expect(Math.abs(controls(salt, share) - SESSIONS * share)).toBeLessThan(4 * sd)
})

test('the same share of every shard is control, however sessions are dealt to machines', () => {
  const shards = Array.from({ length: 20 }, (_, i) => keys.filter((_, n) => n % 20 === i))
  const n = SESSIONS / 20
  const chi2 = shards.reduce(
    (sum, it) => sum + (controls('salt', 0.3, it) - n * 0.3) ** 2 / (n * 0.3 * 0.7),
    0,
  )
  expect(chi2).toBeLessThan(45.3) // 20 degrees of freedom, one in a thousand
})

test('the lots of two experiments know nothing of each other', () => {
  const both = keys.filter((it) =>
    ['a', 'b'].every((salt) => armOf({ salt, control_share: 0.5 }, it) === 'control'),
  )
  expect(Math.abs(both.length - SESSIONS / 4)).toBeLessThan(4 * Math.sqrt((SESSIONS * 3) / 16))
})

const share = fc.double({ min: 0.01, max: 0.5, noNaN: true })

test('a session draws the same lot however often it draws, and stays control where the share grows', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), share, share, (salt, key, a, b) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)]
      expect(armOf({ salt, control_share: a }, key)).toBe(armOf({ salt, control_share: a }, key))
      if (armOf({ salt, control_share: small }, key) === 'control')
        expect(armOf({ salt, control_share: large }, key)).toBe('control')
    }),
  )
})

/** Written down once: a lot that is drawn another way on a new version would draw sessions anew in the midst of an experiment. */
test.each([
  ['salt', 'session-1', 0.4945],
  ['salt', '', 0.3657],
  ['', 'ünïcode', 0.308],
  ['a', 'b', 0.3504],
])('the lot of %j and %j is what it always was', (salt, key, lot) => {
  expect(armOf({ salt, control_share: lot - 0.0001 }, key)).toBe('treatment')
  expect(armOf({ salt, control_share: lot + 0.0001 }, key)).toBe('control')
})
