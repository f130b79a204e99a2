import { describe, expect, test } from 'vitest'
import type { Counted } from '../../src/3-mine/tally.ts'
import { keysOf } from '../../src/3-mine/told.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Observation } from '../../src/domain/review.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, call, error, result } from '../session-builder.ts'
import { Store } from './store.ts'
import { runs, unexplainedIn } from './tallied.ts'

describe('what a better lesson explains is not told besides', () => {
  const mended = runs(10, [call('push'), error('no branch'), call('fetch'), result(), call('push'), result()])
  const lost = (n: number, message: string) => runs(n, [call('push'), error(message), answer('It fails.')])
  const kindsOf = (found: Session[]) => unexplainedIn(found).map((it) => it.kind)

  test.each([
    { name: 'all of whose errors can be mended', sessions: mended, fragile: false },
    { name: 'half of whose errors can be mended', sessions: [...mended, ...lost(10, 'odd')], fragile: false },
    { name: 'few of whose errors can be mended', sessions: [...mended, ...lost(30, 'odd')], fragile: true },
    {
      name: 'in whose place another one is called',
      sessions: runs(10, [
        call('push', { branch: 'a' }),
        error('no branch'),
        call('push_mirror', { branch: 'a' }),
        result(),
      ]),
      fragile: true,
    },
    {
      name: 'whose errors are mended not often enough to tell how',
      sessions: [
        ...runs(15, [call('push'), error('no branch'), call('fetch'), result(), call('push'), result()]),
        ...runs(12, [call('push'), error('no branch'), call('fetch'), result(), call('push'), error('odd')]),
      ],
      fragile: true,
    },
  ])('that an action fails, of one $name', ({ sessions, fragile }) => {
    expect(kindsOf(sessions)).toContain('repair')
    expect(kindsOf(sessions).includes('fragile')).toBe(fragile)
  })

  test('that an error recurs is told where that its action fails is not, for half of its errors can be mended', () => {
    expect(kindsOf([...lost(10, 'odd'), ...mended])).toEqual(['repair', 'recurring'])
  })

  test.each([
    { odd: 0, recurring: [] },
    { odd: 12, recurring: ['repair push | odd', 'repair push | stale'] },
  ])('that an error recurs, when hardly any is left to be prevented ($odd others)', ({ odd, recurring }) => {
    const sessions = [
      ...runs(30, [call('look'), result(), call('push'), result()]),
      ...runs(30, [call('push'), error('unseen'), answer('It fails.')]),
      ...runs(12, [call('push'), error('stale'), answer('It fails.')]),
      ...runs(odd, [call('look'), result(), call('push'), error('odd'), answer('It fails.')]),
    ]
    const found = unexplainedIn(sessions)
    expect(found.some((it) => it.kind === 'guard')).toBe(true)
    expect(found.flatMap((it) => (it.kind === 'recurring' ? it.context : []))).toEqual(recurring)
  })
})

describe('that an action fails, where a guard is known', () => {
  /** Without the guard 80 % of the calls failed when nobody knew of it. */
  const fragile = () => {
    const store = new Night()
    store.calls([32, 40])
    expect(store.status('')).toBe('probation')
    return store
  }
  const watched = () => {
    const store = fragile()
    store.calls([7, 8], [2, 8])
    expect(store.status(GUARD)).toBe('candidate')
    return store
  }
  const guarded = () => {
    const store = watched()
    for (let night = 0; night < 5; night++) store.calls([9, 9], [0, 4])
    expect(store.status(GUARD)).toBe('confirmed')
    return store
  }

  test('is told while the guard is only watched', () => {
    expect(watched().status('')).toBe('probation')
  })

  test('is not told while the guard is', () => {
    expect(guarded().status('')).toBe('stale')
  })

  test('is told again when the guard is retired', () => {
    const store = guarded()
    store.known = store.known.map((it) => (it.trait === GUARD ? { ...it, status: 'retired' } : it))
    store.calls([9, 9], [0, 4])
    expect(store.status('')).toBe('probation')
  })

  test('is not told again when the guard is taken back because calls fail no more, until they fail again', () => {
    const store = guarded()
    store.calls([0, 9])
    expect([store.status(GUARD), store.status('')]).toEqual(['stale', 'candidate'])
    store.calls([0, 0], [3, 3])
    expect(store.status('')).toBe('candidate')
    store.calls([0, 0], [6, 6])
    expect([store.status(GUARD), store.status('')]).toEqual(['stale', 'probation'])
  })
})

test('that an error recurs is told while what would prevent it is only watched', () => {
  const store = new Night()
  store.calls([24, 60], [0, 0], 'not open')
  expect(store.status('met')).toBe('probation')
  store.calls([9, 9], [0, 9], 'not open')
  expect([store.status(GUARD), store.status('met')]).toEqual(['candidate', 'probation'])
  for (let night = 0; night < 3; night++) store.calls([9, 9], [0, 9], 'not open')
  expect([store.status(GUARD), store.status('met')]).toEqual(['confirmed', 'stale'])
})

describe('that an error recurs, whoever was told so', () => {
  const met = { channel: 'repair', context: 'repair deploy | not open', trait: 'met' } as const

  test.each([
    { name: 'is told still when nothing explains it', of: 2, status: 'probation' },
    { name: 'is not told besides what explains it', of: 1, status: undefined },
  ])('$name', ({ of, status }) => {
    const store = new Night()
    store.calls([24, 24 * of], [0, 0], 'not open')
    expect(store.status('met')).toBe(status)
    // Of lower ids than those before, so that of what is shown nothing is left.
    store.calls([9, 9 * of], [0, 0], 'not open', keysOf(met))
    expect(store.status('met')).toBe(status)
  })
})

const GUARD = 'after look'

/** A store that dreams of nights of calls of one action: `[bad, n]` without and with its guard. Later sessions have lower ids. */
class Night extends Store {
  private next = 999_999

  calls(
    without: [number, number],
    guarded: [number, number] = [0, 0],
    template?: string,
    told: string[] = [],
  ) {
    const of = ([bad, n]: [number, number], trait?: string) =>
      Array.from({ length: n }, (_, i) => this.session(i < bad, trait, template, told))
    this.dream([...of(without), ...of(guarded, GUARD)])
  }

  status(trait: string): Pattern['status'] | undefined {
    return this.known.find((it) => it.trait === trait)?.status
  }

  private session(
    bad: boolean,
    trait: string | undefined,
    template: string | undefined,
    told: string[],
  ): Counted {
    const id = this.next--
    const observed = { bad, event: 1 }
    const called: Observation = {
      ...{ ...observed, channel: 'call', context: 'call deploy' },
      traits: trait === undefined ? {} : { [trait]: 0 },
    }
    const met: Observation = {
      ...{ ...observed, channel: 'repair', context: `repair deploy | ${template}` },
      traits: { met: 1 },
    }
    return {
      ...{ session_id: `sesn_${id}`, cell: `v1|task-${id % 7}`, person: null, told },
      at: '2026-01-05T09:00:00Z',
      observations: template !== undefined && bad ? [called, met] : [called],
    }
  }
}
