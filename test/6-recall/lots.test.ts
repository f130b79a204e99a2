import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lotsOf } from '../../src/6-recall/arm.ts'
import type { Assignment, Experiment } from '../../src/domain/experiment.ts'

const experiment = (name: string, control_share: number) =>
  ({ id: `exp_${name}`, salt: name, control_share }) as Experiment
const running = (lessons: string[], { memory = 0.1, lesson = 0.5 } = {}) => ({
  memory: experiment('memory', memory),
  lessons: new Map(lessons.map((it) => [it, experiment(it, lesson)])),
})

const key = fc.string({ minLength: 1 })

test('control is given no lesson and draws no lot for any; treatment draws one for each', () => {
  fc.assert(
    fc.property(key, (session) => {
      const { arm, held, drawn } = lotsOf(session, ['a', 'b'], running(['a', 'b']), [])
      expect(drawn[0]!.experiment_id).toBe('exp_memory')
      if (arm === 'control') expect([held, drawn.length]).toEqual([new Set(['a', 'b']), 1])
      else {
        const control = drawn.filter((it) => it.arm === 'control').map((it) => it.experiment_id)
        expect(drawn.map((it) => it.experiment_id)).toEqual(['exp_memory', 'exp_a', 'exp_b'])
        expect([...held].map((it) => `exp_${it}`)).toEqual(control)
      }
      for (const it of drawn) expect(it.control_share).toBe(it.experiment_id === 'exp_memory' ? 0.1 : 0.5)
    }),
  )
})

test('a session that recalls again keeps its lots, also where the shares are others by then, and draws only for what is new', () => {
  fc.assert(
    fc.property(key, (session) => {
      const first = lotsOf(session, ['a', 'b'], running(['a', 'b']), [])
      const shares = { memory: 0.99, lesson: 0.01 }
      const again = lotsOf(session, ['a', 'b', 'c'], running(['a', 'b', 'c'], shares), first.drawn)
      expect(again.arm).toBe(first.arm)
      for (const it of ['a', 'b']) expect(again.held.has(it)).toBe(first.held.has(it))
      expect(again.drawn.map((it) => it.experiment_id)).toEqual(first.arm === 'control' ? [] : ['exp_c'])
    }),
  )
})

test.each<[why: string, lessons: string[], measured: Parameters<typeof lotsOf>[2]]>([
  ['no lesson fits, so both arms would be given the same', [], running([])],
  ['measuring is switched off', ['a'], { memory: null, lessons: new Map() }],
])('no lot is drawn where %s', (_, lessons, measured) => {
  expect(lotsOf('session', lessons, measured, [])).toEqual({ arm: null, held: new Set(), drawn: [] })
})

test('a lesson that is measured no more is given to all of treatment', () => {
  const before: Assignment[] = [{ experiment_id: 'exp_memory', arm: 'treatment', control_share: 0.1 }]
  expect(lotsOf('session', ['a'], running([]), before)).toEqual({
    arm: 'treatment',
    held: new Set(),
    drawn: [],
  })
})
