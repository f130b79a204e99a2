import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/3-mine/finding.ts'
import { firstLooks } from '../../src/3-mine/first-look.ts'
import { patternId } from '../../src/3-mine/lesson.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Tally } from '../../src/domain/tally.ts'

const NOTHING: Counted[] = []

describe('on the night on which it is first found', () => {
  test.each<{ name: string; of: Partial<Finding>; look: 'first' | 'later'; status: Pattern['status'] }>([
    { name: 'what needs no p value', of: {}, look: 'later', status: 'probation' },
    { name: 'what is too weak to tell', of: { published: false }, look: 'first', status: 'candidate' },
    { name: 'a good q', of: { needs_confirmation: true }, look: 'first', status: 'probation' },
    { name: 'the same q', of: { needs_confirmation: true }, look: 'later', status: 'candidate' },
    {
      name: 'a contradiction',
      of: { kind: 'disputed', channel: 'approval' },
      look: 'first',
      status: 'disputed',
    },
  ])('$name, on the $look look, is on $status', ({ of, look, status }) => {
    const store = new Store()
    if (look === 'later') store.night(calls(3, { bad: 1 }), [])
    expect(store.night(calls(20, { bad: 8 }), [guard(of)])).toEqual({ [GUARD]: status })
  })
})

describe('a candidate', () => {
  const found = [guard({ needs_confirmation: true })]
  const candidate = () => {
    const store = new Store()
    store.night(calls(3, { bad: 1 }), [])
    store.night([...calls(30, { bad: 28 }), ...calls(30, { bad: 1, traits: ['after get'] })], found)
    return store
  }

  test('is not confirmed by the sessions that made it one', () => {
    const store = candidate()
    expect(store.pattern()).toMatchObject({ status: 'candidate', e: 1 })
    store.night(NOTHING, found)
    expect(store.pattern()).toMatchObject({ status: 'candidate', e: 1 })
  })

  test('is told, as confirmed, when later sessions show the same', () => {
    const store = candidate()
    store.night([...calls(3, { bad: 3 }), ...calls(3, { bad: 0, traits: ['after get'] })], found)
    expect(store.pattern()).toMatchObject({ status: 'candidate' })
    store.night([...calls(9, { bad: 9 }), ...calls(9, { bad: 0, traits: ['after get'] })], found)
    expect(store.pattern()).toMatchObject({ status: 'confirmed' })
    expect(store.pattern().e).toBeGreaterThan(100)
  })

  test('is never confirmed by sessions that show the opposite, or no difference', () => {
    const store = candidate()
    for (let i = 0; i < 10; i++)
      store.night([...calls(9, { bad: 0 }), ...calls(9, { bad: 9, traits: ['after get'] })], found)
    expect(store.pattern()).toMatchObject({ status: 'candidate' })
    expect(store.pattern().e).toBeLessThan(0.01)
  })

  test('needs more when there are many candidates', () => {
    const store = candidate()
    const others = Array.from({ length: 199 }, (_, i) =>
      guard({ trait: `after t${i}`, lacks: `after t${i}`, needs_confirmation: true }),
    )
    store.night(NOTHING, [...found, ...others])
    store.night(
      [...calls(9, { bad: 9 }), ...calls(9, { bad: 0, traits: ['after get'] })],
      [...found, ...others],
    )
    expect(store.pattern()).toMatchObject({ status: 'candidate' })
    expect(store.pattern().e).toBeGreaterThan(100)
  })

  test('is still watched when the counts do not show it for a while, and forgotten after three months', () => {
    const store = candidate()
    store.night([...calls(9, { bad: 9 }), ...calls(9, { bad: 0, traits: ['after get'] })], [])
    expect(store.pattern()).toMatchObject({ status: 'candidate' })
    expect(store.pattern().e).toBeGreaterThan(100)
    for (let week = 1; week <= 13; week++) store.night(calls(1, { bad: 0, context: 'call other', week }), [])
    expect(store.known).toEqual([])
  })
})

describe('a confirmed lesson', () => {
  const found = [guard({ needs_confirmation: true })]
  const both = (n: number, of: Occasions = {}) => [
    ...calls(n, { ...of, bad: n }),
    ...calls(n, { ...of, bad: 0, traits: ['after get'] }),
  ]
  const confirmed = () => {
    const store = new Store()
    store.night(both(10), found)
    store.night(both(10), found)
    expect(store.pattern().status).toBe('confirmed')
    return store
  }

  test('falls back to probation, where it is told still, when its evidence does', () => {
    const store = confirmed()
    store.night([...calls(30, { bad: 27 }), ...calls(30, { bad: 30, traits: ['after get'] })], found)
    expect(store.pattern()).toMatchObject({ status: 'probation' })
    expect(store.pattern().e).toBeLessThan(100)
  })

  test('stays one when another wording of the same is found in its place', () => {
    const store = confirmed()
    store.night(NOTHING, [])
    expect(store.pattern().status).toBe('confirmed')
  })

  test.each<{ name: string; sessions: Counted[]; status: Pattern['status']; epoch: number }>([
    { name: 'sessions of the same version', sessions: both(2), status: 'confirmed', epoch: 0 },
    {
      name: 'sessions of another version',
      sessions: both(2, { version: 'v2' }),
      status: 'probation',
      epoch: 1,
    },
    {
      name: 'sessions of another version that do other things',
      sessions: calls(5, { version: 'v2', context: 'call other' }),
      status: 'confirmed',
      epoch: 0,
    },
    {
      name: 'calls with an argument that was never given',
      sessions: calls(6, { traits: ['after get', 'arg reason = one word'] }),
      status: 'probation',
      epoch: 1,
    },
    {
      name: 'calls without an argument that was always given',
      sessions: calls(6, { without_id: true, traits: ['after get'] }),
      status: 'probation',
      epoch: 1,
    },
    {
      name: 'calls whose argument has another shape',
      sessions: calls(6, { without_id: true, traits: ['after get', 'arg id = a whole number'] }),
      status: 'confirmed',
      epoch: 0,
    },
    {
      name: 'an argument that is given now and then',
      sessions: [
        ...calls(4, { traits: ['after get'] }),
        ...calls(2, { traits: ['after get', 'arg note = one word'] }),
      ],
      status: 'confirmed',
      epoch: 0,
    },
  ])('after $name is $status', ({ sessions, status, epoch }) => {
    const store = confirmed()
    store.night(sessions, found)
    expect(store.pattern()).toMatchObject({ status, watch: { epoch } })
  })

  test('begins anew after a change of version, and can be confirmed again', () => {
    const store = confirmed()
    store.night(calls(2, { version: 'v2', bad: 2 }), found)
    expect(store.pattern()).toMatchObject({ status: 'probation', e: 1 })
    expect(store.pattern().watch.confirmation!.prior_variance).toBe(2)
    store.night(both(10, { version: 'v2' }), found)
    expect(store.pattern()).toMatchObject({ status: 'confirmed', watch: { epoch: 1 } })
  })
})

describe('a lesson that is told', () => {
  const told = (finding = guard()) => {
    const store = new Store()
    store.night([...calls(20, { bad: 20 }), ...calls(20, { bad: 1, traits: ['after get'] })], [finding])
    return store
  }

  test('is stale when the counts no longer show it, and told again when they do', () => {
    const store = told()
    expect(store.night(NOTHING, [])).toEqual({ [GUARD]: 'stale' })
    expect(store.night(NOTHING, [guard()])).toEqual({ [GUARD]: 'probation' })
  })

  test('stays told when its q rises a little', () => {
    const store = told(guard({ needs_confirmation: true }))
    expect(store.night(NOTHING, [guard({ needs_confirmation: true, published: false })])).toEqual({
      [GUARD]: 'probation',
    })
  })

  test('is stale when what it says has stopped happening, whatever the counts of old say', () => {
    const store = told()
    expect(store.night(calls(3, { bad: 0 }), [guard()])).toEqual({ [GUARD]: 'probation' })
    expect(store.night(calls(3, { bad: 0 }), [guard()])).toEqual({ [GUARD]: 'stale' })
    expect(store.pattern().watch).toMatchObject({ epoch: 1, since: { held: 0, n: 0 } })
  })

  test('is judged by its sessions in the order of time, whenever they arrive', () => {
    const watched = (week_of_good: number, week_of_bad: number) => {
      const store = told()
      store.night(
        [...calls(2, { bad: 0, week: week_of_good }), ...calls(4, { bad: 4, week: week_of_bad })],
        [guard()],
      )
      return store.pattern().watch.detector
    }
    const bad_first = told()
    bad_first.night(calls(4, { bad: 4, week: 1 }), [guard()])
    bad_first.night(calls(2, { bad: 0, week: 2 }), [guard()])
    expect(watched(2, 1)).toBe(bad_first.pattern().watch.detector)
    expect(watched(2, 1)).not.toBe(watched(1, 2))
  })

  test('is not stale because agents heed it', () => {
    const store = told()
    expect(store.night(calls(50, { bad: 0, traits: ['after get'] }), [guard()])).toEqual({
      [GUARD]: 'probation',
    })
  })

  test('is believed again only for what was seen since', () => {
    const store = told()
    store.night(calls(8, { bad: 0 }), [guard()])
    expect(store.night(NOTHING, [guard()])).toEqual({ [GUARD]: 'stale' })
    expect(store.night(calls(4, { bad: 4 }), [guard()])).toEqual({ [GUARD]: 'stale' })
    expect(store.night(calls(2, { bad: 2 }), [guard()])).toEqual({ [GUARD]: 'probation' })
    expect(store.pattern().watch).toMatchObject({ epoch: 1, since: null, detector: 0 })
  })

  test('that went stale is not at once told in other words', () => {
    const store = told()
    const stale = { [GUARD]: 'stale' }
    const recurring = guard({
      kind: 'recurring',
      channel: 'repair',
      context: 'repair update | stale',
      trait: 'met',
      lacks: null,
    })
    const name = 'repair update | stale: met'
    const met = (n: number) => calls(n, { bad: n, context: 'repair update | stale', traits: ['met'] })
    expect(store.night(calls(8, { bad: 0 }), [recurring])).toEqual({ ...stale, [name]: 'candidate' })
    expect(store.night(NOTHING, [recurring])).toEqual({ ...stale, [name]: 'candidate' })
    expect(store.night(met(6), [recurring])).toEqual({ ...stale, [name]: 'probation' })
  })

  test('of another action is told as ever', () => {
    const store = told()
    const other = guard({ context: 'call send' })
    expect(store.night(calls(8, { bad: 0 }), [guard(), other])).toEqual({
      [GUARD]: 'stale',
      'call send: after get': 'probation',
    })
  })

  test('is dormant after three months of work without a sign of it, and told again with the next', () => {
    const store = told()
    const work = (week: number) => store.night(calls(1, { context: 'call other', week }), [guard()])
    for (let week = 1; week <= 12; week++) expect(work(week)).toEqual({ [GUARD]: 'probation' })
    expect(work(13)).toEqual({ [GUARD]: 'dormant' })
    expect(store.night(calls(1, { bad: 1, week: 14 }), [guard()])).toEqual({ [GUARD]: 'probation' })
  })

  test('does not fall asleep while the agent rests', () => {
    const store = told()
    expect(store.night(calls(1, { context: 'call other', week: 40 }), [guard()])).toEqual({
      [GUARD]: 'probation',
    })
  })

  test('never falls asleep when nobody knows the time', () => {
    const store = new Store()
    store.night(calls(20, { bad: 20, week: null }), [guard()])
    for (let week = 1; week <= 14; week++) store.night(calls(1, { context: 'call other', week }), [guard()])
    expect(store.pattern().status).toBe('probation')
  })

  test('gives way to a better remedy for the same error', () => {
    const remedy = (trait: string) =>
      guard({ kind: 'repair', channel: 'repair', context: 'repair update | stale', trait, lacks: null })
    const store = told(remedy('ask'))
    store.night(NOTHING, [remedy('first get')])
    expect(store.known).toMatchObject([{ status: 'probation', trait: 'first get' }])
  })

  test('has to go before its opposite is told', () => {
    const helps = guard({
      kind: 'check',
      channel: 'session',
      context: 'session',
      trait: 'use get',
      class: 'success',
      lacks: null,
    })
    const store = told(helps)
    store.night(NOTHING, [{ ...helps, class: 'mistake' }])
    expect(store.known).toMatchObject([{ status: 'stale', class: 'success' }])
    store.night(NOTHING, [{ ...helps, class: 'mistake' }])
    expect(store.known).toMatchObject([{ status: 'probation', class: 'mistake' }])
  })

  test('that was retired stays so', () => {
    const store = told()
    store.known = store.known.map((it) => ({ ...it, status: 'retired' }))
    expect(store.night(calls(8, { bad: 8 }), [guard()])).toEqual({ [GUARD]: 'retired' })
  })
})

describe('what a lesson expects of later occasions', () => {
  test.each<{
    name: string
    of: Partial<Finding>
    for_it: Occasions
    against_it: Occasions
    no_matter: Occasions
  }>([
    {
      name: 'a guard: a call without it fails',
      of: {},
      for_it: { bad: 12 },
      against_it: { bad: 0 },
      no_matter: { bad: 0, traits: ['after get'] },
    },
    {
      name: 'a shape: a call in the wrong shape fails',
      of: { kind: 'shape', trait: 'arg id = empty', lacks: null },
      for_it: { bad: 12, traits: ['arg id = empty'] },
      against_it: { bad: 0, traits: ['arg id = empty'] },
      no_matter: { bad: 0 },
    },
    {
      name: 'a fragile action: it fails',
      of: { kind: 'fragile', trait: '', lacks: null },
      for_it: { bad: 12 },
      against_it: { bad: 0 },
      no_matter: { bad: 0, context: 'call other' },
    },
    {
      name: 'a repair: the remedy works',
      of: { kind: 'repair', channel: 'repair', trait: 'ask', lacks: null, effect: effect([0, 20]) },
      for_it: { bad: 0, traits: ['ask'] },
      against_it: { bad: 12, traits: ['ask'] },
      no_matter: { bad: 12 },
    },
    {
      name: 'a step that helps: sessions with it go well',
      of: {
        kind: 'check',
        channel: 'session',
        tier: 'verified',
        class: 'success',
        trait: 'use get',
        lacks: null,
        effect: effect([1, 20]),
      },
      for_it: { bad: 0, traits: ['use get'] },
      against_it: { bad: 12, traits: ['use get'] },
      no_matter: { bad: 12, traits: ['use get'], task: '~7' },
    },
    {
      name: 'a wish of one person: that person still has to say it',
      of: { kind: 'correction', channel: 'correction', trait: 'case + number', person: 'ana', lacks: null },
      for_it: { bad: 12, traits: ['case + number'], person: 'ana' },
      against_it: { bad: 0, traits: ['case + number'], person: 'ana' },
      no_matter: { bad: 0, traits: ['case + number'], person: 'ben' },
    },
  ])('$name', ({ of, for_it, against_it, no_matter }) => {
    const finding = guard({ needs_confirmation: false, ...of })
    const statusAfter = (occasions: Occasions) => {
      const store = new Store()
      store.night(calls(3, {}), [finding])
      store.night(calls(12, occasions), [finding])
      return store.known[0]!.status
    }
    expect({
      for_it: statusAfter(for_it),
      against_it: statusAfter(against_it),
      no_matter: statusAfter(no_matter),
    }).toEqual({
      for_it: 'probation',
      against_it: 'stale',
      no_matter: 'probation',
    })
  })

  test('an edit: in sessions with an edited output, after such a request, people change the same', () => {
    const finding = guard({
      kind: 'addition',
      channel: 'edit',
      context: 'edit',
      trait: 'add author when compliance',
      lacks: null,
    })
    const statusAfter = (traits: string[]) => {
      const store = new Store()
      store.night(calls(3, {}), [finding])
      store.night(calls(12, { bad: 12, context: 'edit', traits }), [finding])
      return store.known[0]!.status
    }
    expect(statusAfter(['asked compliance', 'add author when compliance'])).toBe('probation')
    expect(statusAfter(['asked compliance'])).toBe('stale')
    expect(statusAfter(['asked billing'])).toBe('probation')
  })
})

test('a night without sessions changes nothing', () => {
  const store = new Store()
  const findings = [
    guard(),
    guard({ trait: 'after a', lacks: 'after a', needs_confirmation: true }),
    guard({ trait: 'after b', lacks: 'after b', published: false }),
  ]
  store.night(
    [...calls(30, { bad: 28 }), ...calls(30, { bad: 1, traits: ['after get', 'after a'] })],
    findings,
  )
  store.night(
    [...calls(30, { bad: 28 }), ...calls(30, { bad: 1, traits: ['after get', 'after a'] })],
    findings,
  )
  const before = store.known
  store.night(NOTHING, findings)
  expect(store.known).toEqual(before)
})

/** A memory store, night after night, as a dream keeps it: what was counted, and what is known. */
class Store {
  known: Pattern[] = []
  private tally: Tally = new Map()

  /** What stands where afterwards: context and trait -> status. */
  night(counted: Counted[], findings: Finding[]): Record<string, Pattern['status']> {
    const isFirstLook = firstLooks(this.tally)
    const touched = tallyOf(counted)
    const tally = mergeTallies(this.tally, touched)
    const night = { agent: 'desk', counted, touched, tally, isFirstLook }
    const { found, others } = overnight(findings, this.known, night)
    this.known = [...[...found].map(([it, standing]) => ({ ...worded(it), ...standing })), ...others]
    return Object.fromEntries(this.known.map((it) => [`${it.context}: ${it.trait}`, it.status]))
  }

  /** The guard that most tests are about. */
  pattern(): Pattern {
    return this.known.find((it) => `${it.context}: ${it.trait}` === GUARD)!
  }
}

function worded(finding: Finding): Omit<Pattern, 'status' | 'e' | 'watch'> {
  const { channel, tier, context, trait, effect, p, q, sessions, sightings, person = null } = finding
  const counted = { channel, tier, context, trait, effect, p, q, sessions, sightings, evidence: [] }
  const words = { name: 'a-lesson', text: 'Do this.', why: 'Because of that.' }
  return {
    id: patternId(finding, 'desk'),
    class: finding.class,
    scope: { agent: 'desk', person },
    ...counted,
    ...words,
  }
}

type Occasions = {
  bad?: number
  context?: string
  traits?: string[]
  version?: string
  task?: string
  person?: string
  /** Weeks after the first night; null when nobody knows the time. */
  week?: number | null
  without_id?: boolean
}

/** `n` sessions with one call each, the first of them bad. Every call gives an id, if not said otherwise. */
function calls(n: number, of: Occasions): Counted[] {
  const {
    bad = 0,
    context = 'call update',
    traits = [],
    version = 'v1',
    task = 'task',
    person = null,
    week = 0,
    without_id,
  } = of
  const all = without_id ? traits : ['arg id = digits', ...traits]
  return Array.from({ length: n }, (_, i) => ({
    session_id: `sesn_${i}`,
    cell: `${version}|${task}`,
    person,
    at: week === null ? null : new Date(Date.UTC(2026, 0, 5) + week * 7 * 86_400_000).toISOString(),
    observations: [
      {
        channel: 'call',
        context,
        bad: i < bad,
        event: 0,
        traits: Object.fromEntries(all.map((it) => [it, 0])),
      },
    ],
  }))
}

const GUARD = 'call update: after get'

function guard(of: Partial<Finding> = {}): Finding {
  return {
    published: true,
    kind: 'guard',
    class: 'mistake',
    channel: 'call',
    tier: 'process',
    context: 'call update',
    trait: 'after get',
    better: 'digits',
    effect: effect([20, 20]),
    p: null,
    q: null,
    strength: 1,
    sessions: 20,
    sightings: [],
    lacks: 'after get',
    ...of,
  }
}

function effect(exposed: [number, number]): Finding['effect'] {
  return { exposed, unexposed: [1, 20], odds_ratio: 9, low: 3, high: 30 }
}
