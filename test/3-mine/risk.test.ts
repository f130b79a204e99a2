import { describe, expect, test } from 'vitest'
import { fitRisk, type RiskRecord, riskByIntent, riskOf } from '../../src/3-mine/risk.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, call, result, SATISFIED, type Step, say, UNSATISFIED } from '../session-builder.ts'
import { generator, runs, tallied } from './tallied.ts'

describe('the model', () => {
  const record = (cell: string, count: RiskRecord['count'], traits: Record<string, number>): RiskRecord => ({
    cell,
    count,
    traits: new Map(Object.entries(traits)),
  })
  const records = [
    record('v1|a', [6, 10], { x: 0.5, y: 0.2 }),
    record('v1|b', [2, 12], { x: 0.25, y: 0.75 }),
    record('v2|a', [3, 10], { x: 0.1, y: 0.3 }),
    record('v2|b', [1, 8], { y: 0.5 }),
    record('v2|c', [4, 6], { x: 1 }),
  ]

  test('is the ridge estimate', () => {
    // SciPy 1.10: scipy.optimize.minimize (BFGS) of the penalized negative log likelihood; the ridge of the traits is 0.45794.
    const { base, intents, versions, traits } = fitRisk(records)
    const found = [base, ...['a', 'b', 'c'].map((it) => intents.get(it)!), versions.get('v1')!]
    for (const [i, it] of [-0.55448, 0.24981, -0.79448, 0.54467, 0.27516].entries())
      expect(found[i]).toBeCloseTo(it, 3)
    expect(traits.get('x')).toBeCloseTo(0.77995, 3)
    expect(traits.get('y')).toBeCloseTo(-0.67045, 3)
    for (const [i, it] of [0.55636, 0.20074, 0.33115, 0.12354, 0.62128].entries())
      expect(riskOf(fitRisk(records), records[i]!)).toBeCloseTo(it, 4)
  })

  test('expects as many failures as there were', () => {
    const model = fitRisk(records)
    const expected = records.reduce((sum, it) => sum + it.count[1] * riskOf(model, it), 0)
    expect(expected).toBeCloseTo(16, 3)
  })

  test('expects of a task and a version that it does not know what their sessions do', () => {
    const model = fitRisk(records)
    const risk = (traits: Record<string, number>) => riskOf(model, record('v9|new', [0, 1], traits))
    expect(risk({ x: 1 })).toBeGreaterThan(risk({}))
    expect(risk({ y: 1 })).toBeLessThan(risk({}))
    expect(risk({ 'never seen': 1 })).toBe(risk({}))
  })

  test('of nothing, and of sessions that all went well, is there', () => {
    expect(riskOf(fitRisk([]), records[0]!)).toBe(0.5)
    const well = records.map((it) => ({ ...it, count: [0, it.count[1]] satisfies RiskRecord['count'] }))
    expect(riskOf(fitRisk(well), well[0]!)).toBeLessThan(0.01)
  })
})

describe('the view, task by task', () => {
  const fine: Step[] = [say('go'), call('look'), result()]
  const hasty: Step[] = [say('go'), call('shortcut'), result()]

  test('counts, and tells first what is surely likely to fail', () => {
    const risks = riskByIntent(
      tallied([
        ...of('hard', 20, 15, fine),
        ...of('seldom seen', 1, 1, fine),
        ...of('easy', 20, 1, fine),
        ...of('middling', 20, 8, fine),
      ]),
    )
    expect(risks.map((it) => [it.intent, it.sessions])).toEqual([
      ['hard', [15, 20]],
      ['middling', [8, 20]],
      ['seldom seen', [1, 1]],
      ['easy', [1, 20]],
    ])
    for (const { low, risk, high } of risks) {
      expect(low).toBeLessThan(risk)
      expect(risk).toBeLessThan(high)
    }
    // One failure is not certainty.
    expect(risks[2]!.risk).toBeLessThan(0.75)
    expect(risks[2]!.high - risks[2]!.low).toBeGreaterThan(0.5)
  })

  test('says what sessions do more often where they fail', () => {
    const sessions = ['a', 'b', 'c', 'd'].flatMap((task) => [
      ...of(task, 10, 1, fine),
      ...of(task, 4, 3, hasty),
    ])
    const [first] = riskByIntent(tallied([...sessions, ...of('e', 12, 10, hasty), ...of('e', 3, 0, fine)]))
    expect(first).toMatchObject({
      intent: 'e',
      sessions: [10, 15],
      stands_out: [{ what: 'called `shortcut`', here: [12, 15], elsewhere: [16, 56] }],
    })
  })

  test('but not what only hard tasks ask for, when it helps there', () => {
    const risks = riskByIntent(
      tallied([
        ...of('hard', 20, 14, hasty),
        ...of('hard', 10, 10, fine),
        ...of('harder', 20, 15, hasty),
        ...of('harder', 10, 10, fine),
        ...of('easy', 30, 3, fine),
        ...of('easier', 30, 2, fine),
      ]),
    )
    expect(risks[0]!.stands_out.map((it) => it.what)).not.toContain('called `shortcut`')
  })

  test('holds the true risk in about 95 of 100 intervals', () => {
    const random = generator(5)
    const truth = new Map(
      Array.from({ length: 120 }, (_, i) => [`task-${i}`, 1 / (1 + Math.exp(1 - 3 * (random() - 0.5)))]),
    )
    const sessions = [...truth].flatMap(([task, p]) =>
      Array.from({ length: 12 }, (): Session => of(task, 1, random() < p ? 1 : 0, fine)[0]!),
    )
    const risks = riskByIntent(tallied(sessions))
    const held = risks.filter((it) => it.low <= truth.get(it.intent)! && truth.get(it.intent)! <= it.high)
    expect(held.length / risks.length).toBeGreaterThan(0.9)
  })

  test('is empty where no outcome is verified', () => {
    const unjudged = of('a', 20, 0, fine).map((it) => ({
      ...it,
      outcome: { ...it.outcome, verified: false },
    }))
    expect(riskByIntent(tallied(unjudged))).toEqual([])
  })
})

function of(task: string, n: number, bad: number, steps: Step[]): Session[] {
  return runs(n, [...steps, answer('Done.')]).map((it, i) => ({
    ...it,
    task,
    outcome: i < bad ? UNSATISFIED : SATISFIED,
  }))
}
