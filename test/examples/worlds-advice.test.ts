/** The scripted agent of the worlds reads what the engine words, by the words alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Advice, adviceIn, hasForm } from '../../examples/worlds/advice.ts'
import { shapeOf } from '../../src/2-review/shape.ts'
import { disputed, preference } from '../../src/3-mine/approval-words.ts'
import { fragile, guard, shape, timing } from '../../src/3-mine/call-words.ts'
import { correction, refusal } from '../../src/3-mine/correction-words.ts'
import { addition, removal, replacement } from '../../src/3-mine/edit-words.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { recurring, repair } from '../../src/3-mine/repair-words.ts'
import { check, marker } from '../../src/3-mine/session-words.ts'
import { habit } from '../../src/3-mine/temporal-words.ts'
import type { Words } from '../../src/3-mine/words.ts'
import type { Evidence } from '../../src/domain/evidence.ts'

const finding: Finding = {
  published: true,
  kind: 'guard',
  class: 'mistake',
  channel: 'call',
  tier: 'process',
  context: 'call update_record',
  trait: 'after get_customer',
  better: null,
  effect: { exposed: [30, 33], unexposed: [2, 40], odds_ratio: 5, low: 2, high: 9 },
  p: 0.001,
  q: 0.01,
  strength: 4,
  sessions: 40,
  sightings: [],
  lacks: null,
}
const failing: Finding = {
  ...finding,
  kind: 'repair',
  context: 'repair parse | size <n> MB exceeds <n> MB: <file>',
}
const session: Finding = { ...finding, kind: 'check', channel: 'session', context: 'session' }

const WORDED: { says: string; words: Words; comes_to: object | null }[] = [
  {
    says: 'a guard',
    words: guard(finding, []),
    comes_to: { about: 'before', tool: 'update_record', first: 'get_customer' },
  },
  {
    says: 'a guard on the same object',
    words: guard({ ...finding, trait: 'after get_customer on the same customer' }, []),
    comes_to: { about: 'before', tool: 'update_record', first: 'get_customer' },
  },
  {
    says: 'a yes that should come first',
    words: guard({ ...finding, trait: 'confirmed' }, []),
    comes_to: { about: 'yes before', tool: 'update_record' },
  },
  {
    says: 'a form to copy',
    words: shape({ ...finding, trait: 'arg order = digits', better: '#W<n>' }, []),
    comes_to: { about: 'form', tool: 'update_record', argument: 'order', form: '#W<n>' },
  },
  {
    says: 'a form in words',
    words: shape(
      { ...finding, trait: 'arg day = a date in another order', better: 'a date like YYYY-MM-DD' },
      [],
    ),
    comes_to: { about: 'form', tool: 'update_record', argument: 'day', form: 'a date like YYYY-MM-DD' },
  },
  {
    says: 'a call on the first message',
    words: timing({ ...finding, trait: 'before the person answered' }, []),
    comes_to: { about: 'yes before', tool: 'update_record' },
  },
  {
    says: 'a tool that hardly ever works',
    words: fragile({ ...finding, effect: { ...finding.effect, exposed: [40, 41] } }, []),
    comes_to: { about: 'distrust', tool: 'update_record' },
  },
  ...[
    { trait: 'again', way: { do: 'again' } },
    { trait: 'wait 10 s', way: { do: 'again' } },
    {
      trait: 'wait, lower limit',
      way: retry({ change: { how: 'change', argument: 'limit', form: '' } }),
    },
    { trait: 'raise limit', way: retry({ change: { how: 'change', argument: 'limit', form: '' } }) },
    { trait: 'switch parse_stream', way: { do: 'switch', tool: 'parse_stream' } },
    { trait: 'first unpack', way: retry({ first: 'unpack' }) },
    { trait: 'ask', way: retry({ asks: true }) },
    { trait: 'change page', way: retry({ change: { how: 'change', argument: 'page', form: '' } }) },
    { trait: 'take page', way: retry({ change: { how: 'change', argument: 'page', form: '' } }) },
    { trait: 'add encoding', way: retry({ change: { how: 'add', argument: 'encoding', form: '' } }) },
    { trait: 'leave out page', way: retry({ change: { how: 'leave out', argument: 'page', form: '' } }) },
    {
      trait: 'give id: digits -> #W<n>',
      way: retry({ change: { how: 'give', argument: 'id', form: '#W<n>' } }),
    },
    {
      trait: 'first sync, give id: digits -> #W<n>',
      way: retry({ first: 'sync', change: { how: 'give', argument: 'id', form: '#W<n>' } }),
    },
    {
      trait: 'ask, add zip',
      way: retry({ asks: true, change: { how: 'change', argument: 'zip', form: '' } }),
    },
  ].flatMap(({ trait, way }) => [
    {
      says: `the repair ${trait}`,
      words: repair({ ...failing, trait }),
      comes_to: { about: 'error', tool: 'parse', way },
    },
    {
      says: `the vain ${trait}`,
      words: recurring({ ...failing, trait }),
      comes_to: { about: 'hopeless', tool: 'parse', way },
    },
  ]),
  {
    says: 'what came before in sessions that went well',
    words: check({ ...session, class: 'success', context: 'session submit', trait: 'before collect' }),
    comes_to: { about: 'before', tool: 'submit', first: 'collect' },
  },
  {
    says: 'a call left failed',
    words: check({ ...session, trait: 'left failed submit' }),
    comes_to: { about: 'left failed', tool: 'submit' },
  },
  {
    says: 'any call left failed',
    words: check({ ...session, trait: 'a call left failed' }),
    comes_to: { about: 'left failed', tool: null },
  },
  {
    says: 'what people add after a request',
    words: addition(edited({ topic: 'migration' }), [said('Rollback: restore the snapshot')]),
    comes_to: { about: 'include', topic: 'migration', person: null, words: 'Rollback: restore the snapshot' },
  },
  {
    says: 'what people add always',
    words: addition(edited({}), [said('Rollback: restore the snapshot')]),
    comes_to: { about: 'include', topic: null, person: null },
  },
  {
    says: 'what one person adds',
    words: addition(edited({ person: 'ana.k', topic: 'migration' }), [
      said('Rollback: restore the snapshot'),
    ]),
    comes_to: { about: 'include', topic: 'migration', person: 'ana.k' },
  },
  {
    says: 'what one person adds always',
    words: addition(edited({ person: 'ana.k' }), [said('Rollback: restore the snapshot')]),
    comes_to: { about: 'include', topic: null, person: 'ana.k' },
  },
  {
    says: 'what people take out',
    words: removal(edited({}), [{ ...said('Rollback: restore the snapshot'), origin: 'agent' }]),
    comes_to: { about: 'leave out', words: 'Rollback: restore the snapshot' },
  },
  {
    says: 'what people put in its place',
    words: replacement(edited({ trait: 'replace utilize > use' }), []),
    comes_to: { about: 'write', words: 'use', instead: 'utilize' },
  },
  {
    says: 'what people ask for',
    words: correction(wished({}), [said('Please always add a test plan.')]),
    comes_to: { about: 'heed', person: null, words: 'Please always add a test plan.' },
  },
  {
    says: 'what people object to',
    words: correction(wished({}), [said('The test plan was missing.')]),
    comes_to: { about: 'heed', person: null, words: 'The test plan was missing.' },
  },
  {
    says: 'what one person asks for',
    words: correction(wished({ person: 'ana.k' }), [said('Please always add a test plan.')]),
    comes_to: { about: 'heed', person: 'ana.k', words: 'Please always add a test plan.' },
  },
  {
    says: 'what people refused',
    words: refusal({ ...finding, context: 'refused deploy' }, []),
    comes_to: { about: 'yes before', tool: 'deploy' },
  },
  {
    says: 'what somebody wants on Mondays',
    words: habit(
      { ...finding, trait: 'Monday: short answers', person: 'ana.k', last_seen: '2027-01-04' },
      [],
    ),
    comes_to: null,
  },
  // Too vague to act on.
  {
    says: 'a tool that asks for care',
    words: fragile({ ...finding, effect: { ...finding.effect, exposed: [25, 33] } }, []),
    comes_to: null,
  },
  { says: 'an error to rule out', words: recurring({ ...failing, trait: 'met' }), comes_to: null },
  { says: 'rules to look up', words: check({ ...session, trait: 'use refund' }), comes_to: null },
  { says: 'to stop and think', words: check({ ...session, trait: '3 errors or more' }), comes_to: null },
  { says: 'a marker', words: marker({ ...session, trait: 'use refund' }), comes_to: null },
  {
    says: 'a preference',
    words: preference({ ...finding, context: 'judged by people', trait: 'answer with a list' }),
    comes_to: null,
  },
  {
    says: 'something approved but wrong',
    words: disputed({
      ...finding,
      context: 'judged by people',
      trait: 'use close with skip = true',
      disputed: { exposed: [1, 21], unexposed: [10, 40] },
    }),
    comes_to: null,
  },
]

describe('the agent', () => {
  test.each(WORDED)('understands $says, or leaves it', ({ words, comes_to }) => {
    expect(adviceIn(words.text)).toEqual(comes_to === null ? [] : [expect.objectContaining(comes_to)])
  })

  test('knows the error that a lesson speaks of, and no other', () => {
    const [advice] = adviceIn(repair({ ...failing, trait: 'again' }).text) as [Advice & { about: 'error' }]

    expect(advice.error.test('Error: size 312 MB exceeds 100 MB: annex-7.pdf')).toBe(true)
    expect(advice.error.test('Error: size unknown: annex-7.pdf')).toBe(false)
  })

  const LESSON = 'Call `get_customer` before `update_record`.'

  test.each([
    {
      where: 'under its path',
      memory: `# What earlier sessions taught\n\n## /a.md\n\n${LESSON}\n\nWhy: it is so.`,
    },
    { where: 'in the index', memory: `- [/a.md](/a.md): ${LESSON}` },
    { where: 'in the index, with a remark', memory: `- [/a.md](/a.md): (for ana.k) ${LESSON}` },
    {
      where: 'beside another lesson',
      memory: `Check it.\n\nWhy: so.\n\nAlso, in the same sessions: ${LESSON} With it 3 of 4.`,
    },
  ])('finds a lesson $where', ({ memory }) => {
    expect(adviceIn(memory)).toEqual([{ about: 'before', tool: 'update_record', first: 'get_customer' }])
  })

  test.each([
    {
      where: 'is stale',
      memory: `## /a.md\n\nStale: recent sessions no longer support this, or another lesson says it better.\n\n${LESSON}`,
    },
    {
      where: 'is retired',
      memory: `## /a.md\n\nRetired: it was followed and did not help. Do not follow it.\n\n${LESSON}`,
    },
    { where: 'is disputed', memory: `## /a.md\n\nDisputed: Do not follow it.\n\nWhat it said: "${LESSON}"` },
    { where: 'is called stale in the index', memory: `- [/a.md](/a.md): (stale) ${LESSON}` },
    { where: 'is only quoted in a reason', memory: `Why: ${LESSON}` },
  ])('follows no lesson that $where', ({ memory }) => {
    expect(adviceIn(memory)).toEqual([])
  })

  test('reads any text without an error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void adviceIn(`If \`a\` fails with "${text}", ${text}.`),
      ),
    )
  })

  test('makes nothing of what is no lesson', () => {
    fc.assert(fc.property(fc.lorem({ mode: 'sentences' }), (text) => void expect(adviceIn(text)).toEqual([])))
  })

  test('knows the forms of values by the words that lessons have for them', () => {
    const values = [
      '48213',
      '#W48213',
      'paid',
      'two words',
      'ab12',
      '2027-01-04',
      '4.1.2027',
      '/a/b',
      'a/b',
      'a@b.example',
      'https://a.example',
    ]

    for (const value of values)
      expect(
        values.filter((it) => hasForm(it, shapeOf(value))),
        shapeOf(value),
      ).toContain(value)
    expect(hasForm('48213', '#W<n>')).toBe(false)
    expect(hasForm('#W48213', 'digits')).toBe(false)
  })
})

function retry(it: object): object {
  return { do: 'retry', first: null, asks: false, change: null, ...it }
}

function edited(it: Partial<Finding>): Finding {
  const sayable = ['rollback', 'restore', 'snapshot']
  return {
    ...finding,
    kind: 'addition',
    channel: 'edit',
    context: 'edit added',
    trait: 'add rollback',
    better: 'rollback',
    sayable,
    ...it,
  }
}

function wished(it: Partial<Finding>): Finding {
  return {
    ...finding,
    kind: 'correction',
    channel: 'correction',
    context: 'said',
    better: 'plan test',
    ...it,
  }
}

function said(quote: string): Evidence {
  return { session_id: 'sesn_1', external_session_id: 'run-1', event_id: 'sevt_1', origin: 'person', quote }
}
