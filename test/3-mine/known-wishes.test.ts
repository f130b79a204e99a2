import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/3-mine/finding.ts'
import { asKnown } from '../../src/3-mine/known-wishes.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import type { Pattern } from '../../src/domain/pattern.ts'

const CALM = 'Put the case number into the subject.'

describe('a wish that is known', () => {
  const tonight = wish('line + subject', 40, [wish('case + number', 30), wish('number + subject', 20)])

  test.each<{ name: string; known: Pattern[]; told: string }>([
    { name: 'by no account is told by the best', known: [], told: 'line + subject' },
    {
      name: 'by another account keeps that, and so its id',
      known: [pattern('case + number', 'probation', 30)],
      told: 'case + number',
    },
    {
      name: 'by two keeps the one that is told',
      known: [pattern('line + subject', 'stale', 90), pattern('number + subject', 'probation', 20)],
      told: 'number + subject',
    },
    {
      name: 'by two that are told keeps the one of most sessions',
      known: [pattern('number + subject', 'probation', 20), pattern('case + number', 'probation', 30)],
      told: 'case + number',
    },
    {
      name: 'as one that did not help does not come back under another name',
      known: [pattern('number + subject', 'retired', 20), pattern('line + subject', 'stale', 40)],
      told: 'number + subject',
    },
    {
      name: 'as one that stopped does not come back under another name',
      known: [pattern('case + number', 'stale', 30)],
      told: 'case + number',
    },
    {
      name: 'of another cluster changes nothing',
      known: [pattern('audit + trail', 'probation', 90)],
      told: 'line + subject',
    },
  ])('$name', ({ known, told }) => {
    const found = asKnown([tonight], known, 'desk')
    expect(found.map((it) => it.trait)).toEqual([told])
    expect(asKnown([tonight], known.toReversed(), 'desk')).toEqual(found)
  })

  test('by two that are told takes the place of the other, which is stale from then on', () => {
    const known = [pattern('case + number', 'probation', 30), pattern('number + subject', 'probation', 20)]
    const counts = { counted: [], touched: new Map(), tally: new Map() }
    const night = { agent: 'desk', isFirstLook: () => false, ...counts }
    const { others } = overnight(asKnown([tonight], known, 'desk'), known, night)
    expect(others.map((it) => [it.trait, it.status, it.watch.told_by])).toEqual([
      ['number + subject', 'stale', known[0]!.id],
    ])
    const [gone] = overnight([], [others[0]!], night).others
    expect(gone!.watch.told_by).toBeUndefined()
  })

  test('of another agent is not known', () => {
    const known = [pattern('case + number', 'probation', 30)]
    expect(asKnown([tonight], known, 'other')[0]!.trait).toBe('line + subject')
  })
})

function wish(trait: string, sessions: number, alike: Finding[] = []): Finding {
  return {
    published: true,
    kind: 'correction',
    class: 'practice',
    channel: 'correction',
    tier: 'people',
    context: 'said',
    trait,
    better: 'case line number subject',
    effect: { exposed: [sessions, sessions], unexposed: [0, 0], odds_ratio: null, low: null, high: null },
    p: null,
    q: null,
    strength: 0.9,
    sessions,
    sightings: [
      { session_id: 'sesn_1', event: 2 },
      { session_id: 'sesn_2', event: 2 },
    ],
    lacks: null,
    alike,
  }
}

/** As it was told before, in calm words. */
function pattern(trait: string, status: Pattern['status'], sessions: number): Pattern {
  return {
    ...lessonOf(wish(trait, sessions), 'desk', [quoted('sesn_9', CALM)]),
    status,
    sightings: [{ session_id: 'sesn_9', event: 2 }],
    e: null,
    watch: {
      expectation: { of_those: 'with', bad: true },
      epoch: 0,
      confirmation: null,
      usual_rate: 0.5,
      detector: 0,
      since: null,
    },
  }
}

function quoted(session_id: string, quote: string): Evidence {
  return { session_id, external_session_id: session_id, event_id: 'e2', origin: 'person', quote }
}
