import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { controlShareOf, type Standing } from '../../src/7-measure/control-share.ts'
import { endedBecause } from '../../src/7-measure/ending.ts'
import { Pattern } from '../../src/domain/pattern.ts'
import { Measuring } from '../../src/domain/policy.ts'

const measuring = Measuring.parse({})
const standing = (it: Partial<Standing>): Standing => ({
  kind: 'lesson',
  verdict: null,
  treatment: 0,
  control: 0,
  measuring,
  ...it,
})

describe('the share that goes without', () => {
  test.each<[what: string, it: Partial<Standing>, share: number]>([
    ['a new lesson', {}, 0.5],
    ['a lesson with enough sessions on one side only', { treatment: 1_000, control: 59 }, 0.5],
    ['a lesson with enough sessions on the other side only', { treatment: 59, control: 1_000 }, 0.5],
    ['a lesson with enough sessions on both sides', { treatment: 60, control: 60 }, 0.1],
    ['the same, before it is known to harm', { treatment: 60, control: 60, verdict: 'harm' }, 0.1],
    ['a lesson that helps', { treatment: 60, control: 60, verdict: 'keep' }, 0.05],
    [
      'a lesson that helps so much that few sessions showed it',
      { treatment: 20, control: 20, verdict: 'keep' },
      0.05,
    ],
    ['a memory', { kind: 'memory' }, 0.1],
    ['a memory with many sessions', { kind: 'memory', treatment: 9_000, control: 1_000 }, 0.1],
    ['a memory that helps', { kind: 'memory', treatment: 90, control: 10, verdict: 'keep' }, 0.05],
    ['a comparison of agents, where no lots are drawn', { kind: 'agent' }, 0.5],
    [
      'a new lesson, where the policy sets a later share above the first',
      { measuring: Measuring.parse({ new_lesson_control: 0.05 }) },
      0.05,
    ],
    [
      'a known lesson there',
      { treatment: 60, control: 60, measuring: Measuring.parse({ new_lesson_control: 0.05 }) },
      0.05,
    ],
    [
      'a lesson that enough sessions of the policy ran with',
      { treatment: 10, control: 10, measuring: Measuring.parse({ enough_sessions: 10 }) },
      0.1,
    ],
  ])('of %s', (_, it, share) => {
    expect(controlShareOf(standing(it))).toBe(share)
  })

  const share = fc.double({ min: 0.01, max: 0.5, noNaN: true })
  const policy = fc.record({
    memory_control: share,
    new_lesson_control: share,
    known_lesson_control: share,
    kept_control: share,
    enough_sessions: fc.integer({ min: 10, max: 200 }),
  })
  const kind = fc.constantFrom('memory' as const, 'lesson' as const)
  const steps = fc.array(fc.constantFrom('treatment', 'control', 'keep'), { maxLength: 40 })

  test('never rises as sessions come in and show that it helps, and never is none', () => {
    fc.assert(
      fc.property(policy, kind, steps, (given, kind, steps) => {
        let now = standing({ kind, measuring: Measuring.parse(given) })
        let last = 0.5
        for (const step of steps) {
          if (step === 'keep') now = { ...now, verdict: 'keep' }
          else now = { ...now, [step]: now[step as 'treatment'] + 20 }
          const next = controlShareOf(now)
          expect(next).toBeLessThanOrEqual(last)
          expect(next).toBeGreaterThanOrEqual(0.01)
          last = next
        }
      }),
    )
  })
})

describe('an experiment on a lesson', () => {
  test.each(Pattern.shape.status.options)(
    'goes on while it is %s and live, unless sessions are kept from it',
    (status) => {
      const is_given = ['candidate', 'probation', 'confirmed'].includes(status)
      expect(endedBecause(status, true)).toBe(is_given ? null : `the lesson is ${status}`)
      expect(endedBecause(status, false)).not.toBeNull()
    },
  )

  test('ends with its memory, with what is known of it, and with what it says', () => {
    expect(endedBecause('confirmed', false)).toBe('no live memory tells the lesson')
    expect(endedBecause(null, true)).toBe('the lesson is not known any more')
    expect(endedBecause('confirmed', true, true)).toBe('the lesson says something else now')
  })
})
