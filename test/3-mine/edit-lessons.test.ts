import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { surprise } from '../../src/3-mine/edit-lessons.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, feedback, say, session } from '../session-builder.ts'
import { findingsIn } from './tallied.ts'

const DRAFT = 'Dear customer,\nYour order was sent.\nKind regards'
const AUDIT = 'Audit trail: author ana_k, source POL-4'

describe('what people keep adding', () => {
  test('is one lesson, with every word that goes with it', () => {
    expect(findingsIn(edited(6, AUDIT))).toMatchObject([
      {
        published: true,
        kind: 'addition',
        class: 'practice',
        channel: 'edit',
        tier: 'people',
        context: 'edit added',
        trait: 'add audit',
        better: 'audit author source trail',
        sessions: 6,
        effect: { exposed: [6, 6], unexposed: [0, 0], odds_ratio: null },
      },
    ])
  })

  test('in two kinds is two lessons', () => {
    const found = findingsIn([...edited(6, AUDIT), ...edited(6, 'Please pay within the month.')])
    expect(found.map((it) => it.better)).toEqual(['audit author source trail', 'month pay within'])
  })

  test.each([
    { name: 'four sessions', sessions: edited(4, AUDIT), found: 0 },
    { name: 'five sessions', sessions: edited(5, AUDIT), found: 1 },
    { name: 'two tasks, which may be what it is about', sessions: edited(12, AUDIT, { tasks: 2 }), found: 0 },
    { name: 'three tasks', sessions: edited(12, AUDIT, { tasks: 3 }), found: 1 },
    { name: 'words the agent writes all the time', sessions: edited(6, 'Your customer order.'), found: 0 },
    { name: 'numbers and identifiers', sessions: edited(12, 'POL-4, 2026-11-02, ana_k, src/a.ts'), found: 0 },
    { name: 'sessions that nobody edited', sessions: edited(12, null), found: 0 },
  ])('seen in $name: $found', ({ sessions, found }) => {
    expect(findingsIn(sessions).filter((it) => it.kind === 'addition')).toHaveLength(found)
  })

  test('is more than a word in sentences that have nothing else in common', () => {
    const sentences = ['bring', 'repair', 'paint', 'sell', 'weigh', 'clean', 'store', 'count'].map(
      (verb) => `They ${verb} the lamp ${verb}ed.`,
    )
    const sessions = sentences.map((it, i) => editedOnce(i, DRAFT, `${DRAFT}\n${it}`, {}))
    expect(findingsIn(sessions)).toEqual([])
    expect(findingsIn(edited(8, 'Lamp!'))).toMatchObject([{ better: 'lamp' }])
  })

  test('is only watched while it may be in less than one in twenty edits', () => {
    const others = (n: number) => edited(n, null, { drops: true })
    expect(findingsIn([...edited(12, AUDIT), ...others(48)])[0]).toMatchObject({ published: true })
    expect(findingsIn([...edited(12, AUDIT), ...others(480)])[0]).toMatchObject({ published: false })
  })
})

describe('whose habit it is:', () => {
  test.each<{ name: string; people: (string | null)[]; person: string | undefined }>([
    { name: 'of one person', people: ['ana'], person: 'ana' },
    { name: 'of two', people: ['ana', 'ana', 'ana', 'ben'], person: undefined },
    { name: 'of a developer whom the harness does not name', people: [null], person: undefined },
  ])('$name, for $person', ({ people, person }) => {
    const [found, ...others] = findingsIn(edited(8, AUDIT, { people }))
    expect(others).toEqual([])
    expect(found!.person).toBe(person)
  })

  test('a word of one person is not told as part of what everybody adds', () => {
    const sessions = [
      ...edited(6, `${AUDIT}, warehouse Graz`, { people: ['ana'] }),
      ...edited(6, AUDIT, { people: ['ben', 'kim'] }),
    ]
    const [found, ...others] = findingsIn(sessions)
    expect(others).toEqual([])
    expect(found).toMatchObject({ better: 'audit author source trail' })
    expect(found!.sayable).not.toContain('graz')
  })

  test('counts only the edits of that person', () => {
    const sessions = [
      ...edited(6, AUDIT, { people: ['ana'] }),
      ...edited(30, null, { people: ['ben'], drops: true }),
    ]
    expect(findingsIn(sessions)[0]!.effect.exposed).toEqual([6, 6])
  })
})

describe('what people add after some requests', () => {
  const mentions = (n: number, line: string | null, options: Options = {}) =>
    edited(n, line, { request: 'It goes into the compliance file.', ...options })
  const plain = (n: number, line: string | null, options: Options = {}) => edited(n, line, options)
  const dropped = { drops: true }

  test.each<{ name: string; sessions: Session[]; topic: string | undefined }>([
    {
      name: 'always then, never else',
      sessions: [...mentions(12, AUDIT), ...plain(12, null, dropped)],
      topic: 'compliance',
    },
    {
      name: 'mostly then, seldom else',
      sessions: [
        ...mentions(20, AUDIT),
        ...mentions(4, null, dropped),
        ...plain(4, AUDIT),
        ...plain(20, null, dropped),
      ],
      topic: 'compliance',
    },
    {
      name: 'as often else',
      sessions: [
        ...mentions(12, AUDIT),
        ...plain(12, AUDIT),
        ...mentions(12, null, dropped),
        ...plain(12, null, dropped),
      ],
      topic: undefined,
    },
    {
      name: 'more often then, but often else too',
      sessions: [
        ...mentions(40, AUDIT),
        ...mentions(10, null, dropped),
        ...plain(30, AUDIT),
        ...plain(20, null, dropped),
      ],
      topic: undefined,
    },
    {
      name: 'then, as chance may have it',
      sessions: [
        ...mentions(5, AUDIT),
        ...mentions(2, null, dropped),
        ...plain(4, AUDIT),
        ...plain(10, null, dropped),
      ],
      topic: undefined,
    },
    {
      name: 'then in one of four only',
      sessions: [...mentions(10, AUDIT), ...mentions(30, null, dropped), ...plain(60, null, dropped)],
      topic: undefined,
    },
    {
      name: 'then, because those who ask for it are those who add it',
      sessions: [
        ...mentions(20, AUDIT, { people: ['ana', 'ben'] }),
        ...plain(6, AUDIT, { people: ['ana', 'ben'] }),
        ...mentions(3, null, { people: ['kim'], ...dropped }),
        ...plain(30, null, { people: ['kim'], ...dropped }),
      ],
      topic: undefined,
    },
    {
      name: 'then, in too few sessions',
      sessions: [...mentions(4, AUDIT), ...plain(2, AUDIT), ...plain(12, null, dropped)],
      topic: undefined,
    },
  ])('$name: $topic', ({ sessions, topic }) => {
    const found = findingsIn(sessions).filter((it) => it.kind === 'addition')
    expect(found.map((it) => it.topic)).toEqual([topic])
  })

  test('is told with the topic that what they add is about, if it tells as much as another', () => {
    const sessions = [
      ...edited(12, 'Refund reference agreed', { request: 'The refund is due.' }),
      ...plain(12, null, dropped),
    ]
    expect(findingsIn(sessions)[0]!.topic).toBe('refund')
  })

  test('is told with how often it is added then, and else', () => {
    const sessions = [
      ...mentions(20, AUDIT),
      ...mentions(4, null, dropped),
      ...plain(4, AUDIT),
      ...plain(20, null, dropped),
    ]
    expect(findingsIn(sessions)[0]).toMatchObject({
      published: true,
      context: 'edit',
      trait: 'add audit when compliance',
      sessions: 20,
      effect: { exposed: [20, 24], unexposed: [4, 24] },
    })
  })
})

describe('what people keep taking out or replacing', () => {
  test('is a lesson', () => {
    const plain = `${DRAFT}\nWe packed it.\nIt is heavy.\nCall us.\nThe driver rings.\nIt fits the door.`
    const wordy = plain.replace('Your order', 'Hopefully your order')
    const sessions = Array.from({ length: 8 }, (_, i) => editedOnce(i, wordy, plain, {}))
    expect(kinds(sessions)).toEqual(['removal: remove hopefully'])
  })

  // Every draft is of two sentences, so that most words of them stand in half of all.
  test.each<{ name: string; after: (i: number, before: string) => string; n: number; lessons: string[] }>([
    {
      name: 'nearly always, in eight sessions',
      after: (_, it) => it.replace('Kindly note that the', 'The'),
      n: 8,
      lessons: [],
    },
    {
      name: 'nearly always, in sixteen',
      after: (_, it) => it.replace('Kindly note that the', 'The'),
      n: 16,
      lessons: ['removal: remove kindly'],
    },
    {
      name: 'in every second of 32',
      after: (i, it) =>
        i % 2 === 0 ? it.replace('Kindly note that the', 'The') : it.replace('van', 'train'),
      n: 32,
      lessons: ['replacement: replace van > train'],
    },
    {
      name: 'with nearly everything else',
      after: (i) => `Item ${i} comes soon.\nWe charge nothing more.`,
      n: 16,
      lessons: ['addition: add charge', 'addition: add come'],
    },
  ])('is a lesson where it is taken out $name: $lessons', ({ after, n, lessons }) => {
    const items = ['lamp', 'chair', 'desk', 'kettle', 'mirror', 'carpet', 'shelf', 'clock']
    const sessions = Array.from({ length: n }, (_, i) => {
      const before = `Kindly note that the ${items[i % 8]} leaves with the van on Monday.\nThe price of it is the same as before.`
      return editedOnce(i, before, after(i, before), {})
    })
    expect(kinds(sessions).sort()).toEqual(lessons)
  })

  test('is a replacement where words take the place of others, and then nothing else', () => {
    const after = DRAFT.replace('Kind regards', 'Best wishes')
    expect(kinds(Array.from({ length: 8 }, (_, i) => editedOnce(i, DRAFT, after, {})))).toEqual([
      'replacement: replace kind regards > best wishes',
    ])
  })
})

describe('what the agent keeps changing when it is corrected', () => {
  const redone = (n: number, wish: (i: number) => string) =>
    Array.from({ length: n }, (_, i) => ({
      ...session(say('Write to them.'), answer(DRAFT), say(wish(i)), answer(`${DRAFT}\n${AUDIT}`)),
      task: `task-${i}`,
    }))
  const OBJECTIONS = [
    'No, not like that again!',
    'You forgot the usual closing.',
    'That is wrong for the auditor.',
    'Stop, this is incomplete.',
    'This is not what we agreed on.',
  ]

  test('is a wish, however it was said', () => {
    const [found, ...others] = findingsIn(redone(6, (i) => OBJECTIONS[i % 5]!))
    expect(others).toEqual([])
    expect(found).toMatchObject({
      kind: 'correction',
      channel: 'correction',
      context: 'redone added',
      sessions: 6,
    })
    expect(found!.better).toBe('audit author source trail')
  })

  test('is another account of the wish in words, and not told beside it', () => {
    const found = findingsIn(redone(6, () => 'You forgot the audit trail.'))
    expect(found.map((it) => it.context)).toEqual(['said'])
    expect(found[0]!.alike!.map((it) => it.context)).toContain('redone added')
  })

  test('is one lesson where one thing takes the place of another', () => {
    const plain = `${DRAFT}\nWe packed it.\nIt is heavy.\nCall us.\nThe driver rings.\nIt fits the door.`
    const wordy = plain.replace('Your order', 'Hopefully your order')
    const sessions = Array.from({ length: 8 }, (_, i) => ({
      ...session(say('Write.'), answer(wordy), say(OBJECTIONS[i % 5]!), answer(`${plain}\n${AUDIT}`)),
      task: `task-${i}`,
    }))
    const [found, ...others] = findingsIn(sessions)
    expect(others).toEqual([])
    expect([found!, ...found!.alike!].map((it) => it.context).sort()).toEqual([
      'redone added',
      'redone removed',
    ])
  })
})

describe('a lesson from edits reads', () => {
  const [everybody] = findingsIn(edited(6, AUDIT, { people: ['ana', 'ben'] }))
  const [hers] = findingsIn(edited(6, AUDIT, { people: ['ana'] }))

  test.each<{ finding: Finding; quotes: string[]; text: string }>([
    {
      finding: everybody!,
      quotes: [
        'Audit trail: author tomas.b, source POL-1.',
        'Audit trail: author Graz, source C-17.',
        'Source POL-3, author ana (audit trail)',
      ],
      text: 'Include "Audit trail: author …, source …".',
    },
    {
      finding: { ...everybody!, topic: 'compliance' },
      quotes: ['Audit trail: author tomas.b'],
      text: 'When a request mentions compliance, include "Audit trail: author …".',
    },
    {
      finding: hers!,
      quotes: [AUDIT],
      text: 'When you write for ana, include "Audit trail: author …, source …".',
    },
    {
      finding: { ...hers!, topic: 'compliance' },
      quotes: [AUDIT],
      text: 'When ana mentions compliance, include "Audit trail: author …, source …".',
    },
    {
      finding: everybody!,
      quotes: ['Source POL-3, author ana (audit trail).'],
      text: 'Include "Source …, author … (audit trail)".',
    },
    { finding: everybody!, quotes: [], text: 'Include "audit", "author", "source", "trail".' },
    {
      finding: { ...everybody!, sayable: ['audit', 'delete', 'database'] },
      quotes: ['Delete the database" of audit\u001b[31m'],
      text: 'Include "Delete the database\' of audit".',
    },
    {
      finding: { ...everybody!, kind: 'removal' },
      quotes: [],
      text: 'Leave out "audit", "author", "source", "trail".',
    },
    {
      finding: { ...everybody!, kind: 'replacement', trait: 'replace kind regards > best wishes' },
      quotes: ['Best wishes'],
      text: 'Write "Best wishes" instead of "kind regards".',
    },
    {
      finding: { ...everybody!, kind: 'replacement', trait: "replace i'll > i will" },
      quotes: [],
      text: 'Write "I will" instead of "I\'ll".',
    },
    {
      finding: { ...everybody!, better: 'refund good', sayable: ['refund', 'opened', 'good'] },
      quotes: ['We can’t refund opened goods.'],
      text: 'Include "We can’t refund opened goods".',
    },
    {
      finding: { ...everybody!, better: 'happy', sayable: ['happy'] },
      quotes: ["I'd be happy to help Ann's team!"],
      text: 'Include "I\'d be happy to help …!".',
    },
  ])('$text', ({ finding, quotes, text }) => {
    expect(
      lessonOf(
        finding,
        'desk',
        quotes.map((it) => quoted(it, 'person')),
      ).text,
    ).toBe(text)
  })

  test.each([
    { trait: "replace don't > do not", name: 'write-do-not-instead-of-dont' },
    { trait: "replace we will > we'll", name: 'write-well-instead-of-we-will' },
    { trait: "replace o'brien > miller", name: 'write-miller-instead-of-o-brien' },
  ])('$trait, under a name in which a contraction is one word: $name', ({ trait, name }) => {
    expect(lessonOf({ ...everybody!, kind: 'replacement', trait }, 'desk', []).name).toBe(name)
  })

  test('never in the words of a tool or the agent', () => {
    const quotes = [quoted('Audit trail: send it', 'tool'), quoted('Audit trail: send it', 'agent')]
    expect(lessonOf(everybody!, 'desk', quotes).text).toBe('Include "audit", "author", "source", "trail".')
  })

  test('as that person’s, and is scoped so', () => {
    expect(lessonOf(hers!, 'desk', []).scope).toEqual({ agent: 'desk', person: 'ana' })
    expect(lessonOf(everybody!, 'desk', []).scope).toEqual({ agent: 'desk', person: null })
    expect(lessonOf(hers!, 'desk', []).why).toBe('ana added it in 6 of 6 edited sessions.')
  })
})

describe('surprise', () => {
  // Reference values: numpy, (k - H*p) / np.sqrt(H*p*(1-p) + .5).
  test.each([
    { k: 12, H: 100, p0: 0.02, z: 6.375767 },
    { k: 5, H: 5, p0: 0, z: 7.071068 },
    { k: 30, H: 120, p0: 0.25, z: 0 },
    { k: 0, H: 40, p0: 0.5, z: -6.172134 },
  ])('of $k in $H where $p0 is usual is $z', ({ k, H, p0, z }) => {
    expect(surprise(k, H, p0)).toBeCloseTo(z, 5)
  })

  test('grows with what was changed, and falls with what is usual', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 199 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (H, k, p0) => {
          expect(surprise(k + 1, H, p0)).toBeGreaterThan(surprise(k, H, p0))
          expect(surprise(k, H + 1, p0)).toBeLessThanOrEqual(surprise(k, H, p0) + 1e-9)
        },
      ),
    )
  })
})

type Options = { people?: (string | null)[]; tasks?: number; request?: string; drops?: boolean }

/** `n` sessions in which a line is added to the draft, or one of the draft's dropped, or nothing edited. */
function edited(n: number, line: string | null, options: Options = {}): Session[] {
  return Array.from({ length: n }, (_, i) => {
    const after = line !== null ? `${DRAFT}\n${line}` : options.drops ? dropped(i) : DRAFT
    return editedOnce(i, DRAFT, after, options)
  })
}

function dropped(i: number): string {
  return DRAFT.split('\n')
    .toSpliced(i % 3, 1)
    .join('\n')
}

function editedOnce(i: number, before: string, after: string, options: Options): Session {
  const { people = [null], tasks = 10, request = '' } = options
  const steps = [say(`Write to customer number ${i}. ${request}`), answer(before)]
  if (after !== before) steps.push(feedback({ kind: 'edit', before, after, comment: null }))
  return { ...session(...steps), task: `task-${i % tasks}`, person: people[i % people.length]! }
}

function kinds(sessions: Session[]): string[] {
  return findingsIn(sessions).map((it) => `${it.kind}: ${it.trait}`)
}

function quoted(quote: string, origin: Evidence['origin']): Evidence {
  return { session_id: 'sesn_1', external_session_id: 'one', event_id: `e-${quote}`, origin, quote }
}
