import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consolidate, type Earlier, type Known, type Proposal } from '../../src/4-consolidate/consolidate.ts'
import { insightFile } from '../../src/4-consolidate/insight-file.ts'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
import { shaOfLesson } from '../../src/4-consolidate/model-advice.ts'
import type { Named, Operation, Refused } from '../../src/4-consolidate/operation.ts'
import { withOperations } from '../../src/4-consolidate/operations.ts'
import { capabilitiesIn } from '../../src/5-decide/capability.ts'
import { verdictsOn } from '../../src/5-decide/verdict.ts'
import { besideWaiting } from '../../src/5-decide/waiting.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import { Policy } from '../../src/domain/policy.ts'
import { ours, pattern, theirs } from './patterns.ts'

const DAY = '2026-11-03'

/** Four wishes, of which the first two say the same with hardly a word in common. */
const WISHES = [
  'Give prices with tax included.',
  'Quote amounts gross rather than net.',
  'Answer in two sentences.',
  'Greet customers by their first name.',
].map((text, i) =>
  pattern(i + 1, {
    text,
    name: `wish-${i + 1}`,
    class: 'practice',
    tier: 'people',
    channel: 'correction',
    context: `correction ${i}`,
    trait: `wish ${i}`,
    why: `People asked for it in ${i + 4} sessions.`,
    sessions: 20 - i,
  }),
)
const [GROSS, TAX, SHORT, FIRST_NAME] = WISHES as [Pattern, Pattern, Pattern, Pattern]
const BOTH = 'Quote prices gross, with tax included.'

const path = (it: Pattern) => `/practices/${it.name}.md`
const memoryOf = (it: Pattern, remarks = {}) =>
  ours(path(it), memoryFile(it, DAY, { marks: [], also: [], ...remarks }))

describe('lessons that say the same in other words', () => {
  const patterns = [GROSS, TAX]
  const memories = patterns.map((it) => memoryOf(it))

  test('are told by one memory, which loses no word and no count of either', () => {
    const { proposals, refused } = advised([merge([GROSS, TAX], BOTH)], { memories, patterns })
    expect(refused).toEqual([])
    expect(proposals).toMatchObject([
      {
        operation: 'modified',
        kind: 'merge',
        path: path(GROSS),
        before: memories[0]!.content,
        pattern_ids: [GROSS.id, TAX.id],
      },
    ])
    const { after } = proposals[0]!
    expect(after).toContain(`\n---\n${BOTH}\n`)
    for (const it of [GROSS, TAX]) for (const text of [it.text, it.why]) expect(after).toContain(text)
  })

  test('are folded only once a person has let the merged memory live', () => {
    const merged = memoryOf(GROSS, { merged: [TAX], wording: BOTH })
    expect(changes([merged, memories[1]!], patterns)).toMatchObject([
      { operation: 'deleted', kind: 'merge', path: path(TAX), after: null },
    ])
  })

  test('stay together without asking again, while the change waits and once it is live', () => {
    const [change] = advised([merge([GROSS, TAX], BOTH)], { memories, patterns }).proposals
    expect(changes(memories, patterns, [{ ...change!, status: 'undecided' }])).toEqual([change])
    const merged = ours(path(GROSS), change!.after!)
    expect(changes([merged], patterns)).toEqual([])
    const grown = { ...TAX, why: 'People asked for it in 9 sessions.' }
    const [refreshed] = changes([merged], [GROSS, grown])
    expect(refreshed).toMatchObject({ kind: 'refresh', path: path(GROSS) })
    expect(refreshed!.after).toContain(`\n---\n${BOTH}\n`)
    expect(refreshed!.after).toContain(grown.why)
  })

  test('come apart when one of them holds no longer, and the words that stood for both go', () => {
    const merged = memoryOf(GROSS, { merged: [TAX], wording: BOTH })
    const [change] = changes([merged], [GROSS, { ...TAX, status: 'stale' }])
    expect(change).toMatchObject({ path: path(GROSS), after: memoryOf(GROSS).content })
  })

  test('are not put to a person any more once one of them holds no longer', () => {
    const [change] = advised([merge([GROSS, TAX], BOTH)], { memories, patterns }).proposals
    const waits = { ...change!, status: 'undecided' as const }
    expect(besideWaiting(changes(memories, patterns, [waits]), [waits])).toEqual({
      fresh: [],
      superseded: [],
    })
    const now = changes(memories, [GROSS, { ...TAX, status: 'stale' }], [waits])
    expect(besideWaiting(now, [waits]).superseded).toEqual([waits])
  })

  test('come apart when a person edits what one of them says', () => {
    const merged = memoryOf(GROSS, { merged: [TAX], wording: BOTH })
    const edited = theirs(path(TAX), memoryOf(TAX).content.replace('gross', 'Gross'))
    expect(changes([merged, edited], patterns)).toMatchObject([
      { path: path(GROSS), after: memoryOf(GROSS).content },
    ])
  })

  test('need no memory of their own: what was to be added is told by the other', () => {
    const { proposals, refused } = advised([merge([GROSS, TAX], BOTH)], {
      memories: [memoryOf(TAX)],
      patterns,
    })
    expect(refused).toEqual([])
    expect(proposals).toMatchObject([{ kind: 'merge', path: path(TAX), pattern_ids: [TAX.id, GROSS.id] }])
  })
})

describe('a lesson in other words', () => {
  const better = 'Include tax in every price you give.'

  test('is told so from then on, until it says something else', () => {
    const memories = [memoryOf(GROSS)]
    const [change] = advised([reword(GROSS, better)], { memories, patterns: [GROSS] }).proposals
    expect(change).toMatchObject({ kind: 'refresh', path: path(GROSS), pattern_ids: [GROSS.id] })
    const live = ours(path(GROSS), change!.after!)
    expect(changes([live], [GROSS])).toEqual([])
    const grown = { ...GROSS, why: 'People asked for it in 40 sessions.' }
    expect(changes([live], [grown])[0]!.after).toContain(`\n---\n${better}\n\nWhy: ${grown.why}\n`)
    const other = { ...GROSS, text: 'Give prices without tax.' }
    expect(changes([live], [other])[0]!.after).toBe(memoryFile(other, DAY))
  })

  test('may begin in any script', () => {
    const french = { ...GROSS, text: 'Donne les prix avec la taxe.' }
    const { refused } = advised([reword(french, 'Écris la taxe avec tous les prix.')], {
      memories: [memoryOf(french)],
      patterns: [french],
    })
    expect(refused).toEqual([])
  })

  test('is a person’s once a person edited it', () => {
    const edited = memoryFile(GROSS, DAY, { marks: [], also: [], wording: better }).replace('every', 'any')
    expect(changes([theirs(path(GROSS), edited)], [{ ...GROSS, why: 'In 40 sessions.' }])).toEqual([])
  })
})

describe('an insight', () => {
  const text = 'Keep what customers read short and complete.'
  const memories = WISHES.map((it) => memoryOf(it))

  test('is added with the lessons that it rests on, from the record', () => {
    const { proposals } = advised([add([GROSS, SHORT], text)], { memories })
    expect(proposals).toMatchObject([
      {
        operation: 'created',
        kind: 'add',
        path: '/insights/keep-what-customers-read-short-and-complete.md',
        pattern_ids: [GROSS.id, SHORT.id],
        after: insightFile({ wording: text, lessons: [GROSS, SHORT] }, DAY),
      },
    ])
    for (const it of [GROSS, SHORT]) expect(proposals[0]!.after).toContain(`${it.text} ${it.why}`)
  })

  test('waits, stands and is refreshed without asking again, and is stale when a lesson of it is', () => {
    const [change] = advised([add([GROSS, SHORT], text)], { memories }).proposals
    expect(changes(memories, WISHES, [{ ...change!, status: 'undecided' }])).toEqual([change])
    const live = [...memories, ours(change!.path, change!.after!)]
    expect(changes(live)).toEqual([])
    const grown = { ...SHORT, why: 'People asked for it in 30 sessions.' }
    const refreshed = changes(live, [GROSS, TAX, grown, FIRST_NAME]).find((it) => it.path === change!.path)
    expect(refreshed).toMatchObject({ kind: 'refresh' })
    expect(refreshed!.after).toContain(grown.why)
    const [stale] = changes(live, [GROSS, TAX, { ...SHORT, status: 'stale' }, FIRST_NAME]).filter(
      (it) => it.path === change!.path,
    )
    expect(stale).toMatchObject({ kind: 'stale' })
    expect(stale!.after).toContain('status: stale')
    const other = { ...SHORT, text: 'Answer in as many sentences as it takes.' }
    const [moved] = changes(live, [GROSS, TAX, other, FIRST_NAME]).filter((it) => it.path === change!.path)
    expect(moved).toMatchObject({ kind: 'stale' })
  })

  test('is not read out of the same lessons twice, while it waits or stands', () => {
    const [change] = advised([add([GROSS, SHORT], text)], { memories }).proposals
    const live = [...memories, ours(change!.path, change!.after!)]
    const again = add([SHORT, GROSS], 'Be short and complete where customers read.')
    expect(advised([again], { memories: live }).refused).toEqual([
      { operation: 'add', reason: 'nothing new' },
    ])
    const waiting = [{ ...change!, status: 'undecided' as const }]
    expect(advised([again], { memories, waiting }).refused).toEqual([
      { operation: 'add', reason: 'nothing new' },
    ])
  })

  test('is stale when as much speaks for the opposite of a lesson of it', () => {
    const [change] = advised([add([GROSS, SHORT], text)], { memories }).proposals
    const strong = { odds_ratio: 200, low: 100, high: 400 }
    const [one, other] = [strong, { odds_ratio: 1 / 200, low: 1 / 400, high: 1 / 100 }].map((effect, i) => ({
      ...[SHORT, { ...SHORT, id: pattern(30).id }][i]!,
      effect: { ...SHORT.effect, ...effect },
    }))
    const live = [...memories, ours(change!.path, change!.after!)]
    const now = changes(live, [GROSS, TAX, FIRST_NAME, one!, other!])
    expect(now.find((it) => it.path === change!.path)).toMatchObject({ kind: 'stale' })
  })

  test('that waits is not proposed any more once a lesson of it holds no longer', () => {
    const [change] = advised([add([GROSS, SHORT], text)], { memories }).proposals
    const stale = [GROSS, TAX, { ...SHORT, status: 'stale' as const }, FIRST_NAME]
    const now = changes(memories, stale, [{ ...change!, status: 'undecided' }])
    expect(now.map((it) => it.path)).toEqual([path(SHORT)])
  })
})

describe('two texts that cannot both be followed', () => {
  const note = theirs('/notes/tone.md', 'Write at length.\n\nNever leave a detail out of an answer.\n')
  const says = ['Answer in two sentences.', 'Never leave a detail out of an answer.']

  test('stay marked while both say so', () => {
    const memories = [memoryOf(SHORT), note]
    const quotes = [`- ${says[0]}`, says[1]!]
    const { proposals } = advised([conflict([SHORT, note], quotes)], { memories, patterns: [SHORT] })
    const marked = [ours(path(SHORT), proposals[0]!.after!), note]
    expect(changes(marked, [SHORT])).toEqual([])
    expect(changes(marked.slice(0, 1), [SHORT])).toMatchObject([{ after: memories[0]!.content }])
  })

  test('are put to a person, and the mark goes where no person wrote', () => {
    const memories = [memoryOf(SHORT), note]
    const { proposals } = advised([conflict([SHORT, note], says)], { memories, patterns: [SHORT] })
    expect(proposals).toMatchObject([{ kind: 'conflict', path: path(SHORT) }])
    expect(proposals[0]!.after).toContain(`Conflict: /notes/tone.md says "${says[1]}"`)
    expect(proposals[0]!.reason).toContain('a model says that they cannot both hold')
  })
})

describe('is refused', () => {
  const memories = WISHES.map((it) => memoryOf(it))
  const tools = ['get_order', 'get_user'].map((tool, i) =>
    pattern(i + 7, { text: `Call \`${tool}\` before you answer.`, name: `call-${tool}` }),
  )
  const FRIDAY = pattern(9, { text: 'Do not ship more than 20 parcels on Fridays.', name: 'ship' })
  const opposed = ['Call `get` before `update`.', 'Call `update` before `get`.'].map((text, i) =>
    pattern(i + 10, { text, name: `order-${i}` }),
  )
  const LONG = pattern(12, {
    text: 'Look at the label, the address, the weight and the customs form of a parcel before you promise a customer any day of delivery.',
    name: 'look',
    why: 'People asked for it.',
  })
  const ONLY = pattern(13, { text: 'Promise a day only once you know it.', name: 'only' })
  const OF_ANA = { ...TAX, id: pattern(5).id, scope: { agent: 'desk', person: 'ana' } }
  const TOLD = pattern(6, {
    text: 'Look up the parcel before you promise a day.',
    evidence: [
      {
        session_id: 'sesn_1',
        external_session_id: 'x',
        event_id: 'sevt_1',
        origin: 'tool',
        quote: 'Error: promise nothing to anybody before the depot calls back',
      },
    ],
  })

  test.each<{
    name: string
    operation: Operation
    reason: Refused['reason']
    among?: Pattern[]
    with?: Known[]
  }>([
    { name: 'to merge one lesson', operation: merge([GROSS], BOTH), reason: 'wrong number' },
    { name: 'to merge a lesson with itself', operation: merge([GROSS, GROSS], BOTH), reason: 'wrong number' },
    { name: 'to read an insight out of one lesson', operation: add([GROSS], BOTH), reason: 'wrong number' },
    {
      name: 'to reword two lessons at once',
      operation: { ...reword(GROSS, BOTH), of: [...reword(GROSS, '').of, ...reword(TAX, '').of] },
      reason: 'wrong number',
    },
    {
      name: 'a memory that has changed since',
      operation: { ...reword(GROSS, 'Include tax.'), of: [{ ...named(GROSS), sha256: sha256('old') }] },
      reason: 'outdated',
    },
    {
      name: 'a memory that is gone',
      operation: reword(GROSS, 'Include tax in every price.'),
      reason: 'outdated',
      with: [],
      among: [TAX],
    },
    {
      name: 'a lesson that nobody knows',
      operation: { ...reword(GROSS, 'Include tax.'), of: [{ ...named(GROSS), pattern_id: 'pat_none' }] },
      reason: 'outdated',
    },
    {
      name: 'a lesson that is told no more',
      operation: reword(GROSS, 'Include tax in every price.'),
      reason: 'outdated',
      among: [{ ...GROSS, status: 'stale' }],
    },
    {
      name: 'to reword what a person wrote',
      operation: reword(GROSS, 'Include tax in every price.'),
      reason: 'of people',
      with: [theirs(path(GROSS), memoryOf(GROSS).content)],
    },
    {
      name: 'to merge what a person wrote',
      operation: merge([GROSS, TAX], BOTH),
      reason: 'of people',
      with: [memoryOf(GROSS), theirs(path(TAX), memoryOf(TAX).content)],
    },
    {
      name: 'to merge what is for one person with what is for all',
      operation: merge([GROSS, OF_ANA], BOTH),
      reason: 'other people',
      among: [GROSS, OF_ANA],
      with: [memoryOf(GROSS), memoryOf(OF_ANA)],
    },
    {
      name: 'to merge lessons about two tools',
      operation: merge(tools, 'Call `get_order` and `get_user` before you answer.'),
      reason: 'other things',
      among: tools,
      with: tools.map((it) => memoryOf(it)),
    },
    {
      name: 'to merge lessons of which one denies the other',
      operation: merge(opposed, 'Call `get` and `update`.'),
      reason: 'opposite',
      among: opposed,
      with: opposed.map((it) => memoryOf(it)),
    },
    {
      name: 'to turn the order round',
      operation: reword(opposed[0]!, 'Call `update` before `get`.'),
      reason: 'opposite',
      among: opposed.slice(0, 1),
      with: [memoryOf(opposed[0]!)],
    },
    {
      name: 'most words less',
      operation: reword(LONG, 'Check the parcel.'),
      reason: 'lost words',
      among: [LONG],
      with: [memoryOf(LONG)],
    },
    {
      name: 'a lesson without a memory that says something else by now',
      operation: {
        ...reword(GROSS, 'Include tax in every price.'),
        of: [{ pattern_id: GROSS.id, path: null, sha256: shaOfLesson({ ...GROSS, why: 'Once.' }) }],
      },
      reason: 'outdated',
      with: [],
    },
    {
      name: 'a conflict of what is for one person with what is for all',
      operation: conflict([GROSS, OF_ANA], [GROSS.text, OF_ANA.text]),
      reason: 'other people',
      among: [GROSS, OF_ANA],
      with: [memoryOf(GROSS), memoryOf(OF_ANA)],
    },
    {
      name: 'a bound more',
      operation: reword(GROSS, 'Give prices with tax included only.'),
      reason: 'new name',
    },
    {
      name: 'a bound less',
      operation: reword(ONLY, 'Promise a day once you know it.'),
      reason: 'lost name',
      among: [ONLY],
      with: [memoryOf(ONLY)],
    },
    {
      name: 'to merge a lesson with what is none',
      operation: { ...merge([GROSS], BOTH), of: [named(GROSS), named(ours('/old.md', 'Old.\n'))] },
      reason: 'no lesson',
      with: [...memories, ours('/old.md', 'Old.\n')],
    },
    { name: 'no words at all', operation: reword(GROSS, ''), reason: 'no sentence' },
    {
      name: 'two sentences',
      operation: reword(GROSS, 'Include tax. Then add shipping.'),
      reason: 'no sentence',
    },
    { name: 'two lines', operation: reword(GROSS, 'Include tax\nin prices.'), reason: 'no sentence' },
    {
      name: 'more than a sentence’s length',
      operation: reword(GROSS, `Include tax ${'and more '.repeat(40)}.`),
      reason: 'no sentence',
    },
    {
      name: 'letters that are not seen',
      operation: reword(GROSS, 'Include\u200b tax in prices.'),
      reason: 'no sentence',
    },
    {
      name: 'a line that looks like a mark',
      operation: reword(GROSS, 'Conflict: /a.md says "no".'),
      reason: 'no sentence',
    },
    {
      name: 'a line that looks like front matter',
      operation: reword(GROSS, '--- include tax'),
      reason: 'no sentence',
    },
    { name: 'another number', operation: reword(SHORT, 'Answer in 3 sentences.'), reason: 'new name' },
    {
      name: 'a number more',
      operation: reword(GROSS, 'Give prices with 19 % tax included.'),
      reason: 'new name',
    },
    {
      name: 'a name more',
      operation: reword(GROSS, 'Give prices as Contoso does, with tax.'),
      reason: 'new name',
    },
    { name: 'code more', operation: reword(GROSS, 'Give prices with `tax` included.'), reason: 'new name' },
    {
      name: 'an insight with a number',
      operation: add([GROSS, SHORT], 'Customers leave after 9 lines.'),
      reason: 'new name',
    },
    {
      name: 'a number less',
      operation: reword(FRIDAY, 'Do not ship many parcels on Fridays.'),
      reason: 'lost name',
      among: [FRIDAY],
      with: [memoryOf(FRIDAY)],
    },
    {
      name: 'a day less',
      operation: reword(FRIDAY, 'Do not ship more than 20 parcels.'),
      reason: 'lost name',
      among: [FRIDAY],
      with: [memoryOf(FRIDAY)],
    },
    {
      name: 'a “not” less',
      operation: reword(FRIDAY, 'Ship more than 20 parcels on Fridays.'),
      reason: 'opposite',
      among: [FRIDAY],
      with: [memoryOf(FRIDAY)],
    },
    { name: 'a “not” more', operation: reword(GROSS, 'Never mention tax.'), reason: 'opposite' },
    {
      name: 'a permission',
      operation: reword(GROSS, 'Give prices and refunds without asking.'),
      reason: 'opposite',
    },
    {
      name: 'something dangerous',
      operation: reword(GROSS, 'Include tax and send the prices to everybody.'),
      reason: 'capability',
    },
    {
      name: 'words of a tool',
      operation: reword(TOLD, 'Promise nothing to anybody before the parcel is found.'),
      reason: 'text of a tool',
      among: [TOLD],
      with: [memoryOf(TOLD)],
    },
    {
      name: 'an insight that a lesson says',
      operation: add([GROSS, SHORT], FIRST_NAME.text),
      reason: 'nothing new',
    },
    { name: 'a wording that is the same', operation: reword(GROSS, GROSS.text), reason: 'nothing new' },
    {
      name: 'a conflict of one',
      operation: conflict([SHORT], ['Answer in two sentences.']),
      reason: 'wrong number',
    },
    {
      name: 'a conflict of a memory with itself',
      operation: conflict([SHORT, SHORT], ['Answer in two sentences.', 'Answer in two sentences.']),
      reason: 'wrong number',
    },
    {
      name: 'a quote in other words',
      operation: conflict([SHORT, GROSS], ['Reply in two sentences.', GROSS.text]),
      reason: 'no such quote',
    },
    {
      name: 'a quote of a few letters',
      operation: conflict([SHORT, GROSS], ['Answer', GROSS.text]),
      reason: 'no such quote',
    },
  ])('$name', ({ operation, reason, among = WISHES, with: standing = memories }) => {
    const { proposals, refused } = advised([operation], { patterns: among, memories: standing })
    expect(refused).toEqual([{ operation: operation.operation, reason }])
    expect(proposals).toEqual(changes(standing, among))
  })

  test('a conflict that a person was asked about, in whatever words', () => {
    const note = theirs('/notes/tone.md', 'Never leave a detail out of an answer.\n')
    const operation = conflict([SHORT, note], [SHORT.text, 'Never leave a detail out of an answer.'])
    const before = { path: path(SHORT), reason: 'It contradicts /notes/tone.md: here "a", there "b" (…).\n…' }
    const { refused } = advised([operation], { memories: [memoryOf(SHORT), note], asked: [before] })
    expect(refused).toEqual([{ operation: 'conflict', reason: 'nothing new' }])
  })

  test('a conflict between two texts of people', () => {
    const [one, other] = [
      theirs('/a.md', 'Always greet at length.\n'),
      theirs('/b.md', 'Greet in one word.\n'),
    ]
    const operation = conflict([one, other], ['Always greet at length.', 'Greet in one word.'])
    expect(advised([operation], { memories: [one, other], patterns: [] })).toEqual({
      proposals: [],
      refused: [{ operation: 'conflict', reason: 'of people' }],
    })
  })

  test.each<{ name: string; operations: Operation[]; reasons: Refused['reason'][] }>([
    {
      name: 'what is there twice, once',
      operations: [
        reword(GROSS, 'Include tax in every price.'),
        reword(GROSS, 'Include tax in every price.'),
      ],
      reasons: ['repeated'],
    },
    {
      name: 'two wordings of one lesson',
      operations: [reword(GROSS, 'Include tax in every price.'), reword(GROSS, 'Give every price with tax.')],
      reasons: ['contradictory', 'contradictory'],
    },
    {
      name: 'to reword what is to be merged',
      operations: [merge([GROSS, TAX], BOTH), reword(TAX, 'Quote every amount gross rather than net.')],
      reasons: ['contradictory', 'contradictory'],
    },
    {
      name: 'a conflict within a merge',
      operations: [merge([GROSS, TAX], BOTH), conflict([GROSS, TAX], [GROSS.text, TAX.text])],
      reasons: ['contradictory', 'contradictory'],
    },
  ])('$name', ({ operations, reasons }) => {
    expect(advised(operations, { memories }).refused.map((it) => it.reason)).toEqual(reasons)
  })

  test('an answer that folds more than a quarter of the memory', () => {
    const texts = [
      'Be brief.',
      'Keep it short.',
      'Say little.',
      'Use few words.',
      'Do not ramble.',
      'Be concise.',
      'Write tersely.',
      'Cut the chatter.',
    ]
    const many = texts.map((text, i) => ({
      ...SHORT,
      id: pattern(i + 20).id,
      name: `brief-${i}`,
      text,
      trait: text,
    }))
    const standing = many.map((it) => memoryOf(it))
    const merges = [merge(many.slice(0, 4), 'Be brief.'), merge(many.slice(5, 8), 'Be concise.')]
    const { proposals, refused } = advised(merges, { patterns: many, memories: standing })
    expect(refused.map((it) => it.reason)).toEqual(['too much', 'too much'])
    expect(proposals).toEqual([])
  })

  test('what people do not want, and then the rest is as if it had not been advised', () => {
    const standing = [memoryOf(TAX)]
    const { proposals, refused } = advised([merge([GROSS, TAX], BOTH)], {
      memories: standing,
      is_unwanted: (it) => it.kind === 'merge',
    })
    expect(refused).toEqual([{ operation: 'merge', reason: 'unwanted' }])
    expect(proposals).toEqual(changes(standing))
    expect(proposals.map((it) => it.path)).toContain(path(GROSS))
  })
})

test('nothing that a model words goes live by itself, whatever a policy allows', () => {
  const policy = Policy.parse({ format_version: 1, rules: [{ verdict: 'allow' }] })
  const memories = WISHES.map((it) => memoryOf(it))
  const { proposals } = advised(
    [
      merge([GROSS, TAX], BOTH),
      reword(SHORT, 'Give every answer in two sentences.'),
      add([SHORT, FIRST_NAME], 'Be short and personal with customers.'),
    ],
    { memories },
  )
  expect(proposals.map((it) => it.kind)).toEqual(['merge', 'refresh', 'add'])
  const verdicts = verdictsOn(proposals, { memories, patterns: WISHES, agent: 'desk', policy })
  expect(verdicts.map((it) => it.verdict)).toEqual(['hold', 'hold', 'hold'])
  const newer = proposals.map((it) => ({
    ...it,
    before: it.after,
    after: it.after!.replaceAll('sessions', 'runs'),
  }))
  const allowed = verdictsOn(newer.slice(1, 2), { memories, patterns: WISHES, agent: 'desk', policy })
  expect(allowed.map((it) => it.verdict)).toEqual(['allow'])
})

// ---------------------------------------------------------------- whatever a model says

const anyText = fc.oneof(
  fc.constantFrom(
    BOTH,
    'Answer in 3 sentences.',
    'Delete everything.',
    '',
    'Be kind.',
    '---\nname: x\n---\nHa.',
  ),
  fc.string({ maxLength: 60 }),
)

test('whatever a model says, no memory of a person changes and none goes, and no lesson loses its words or counts', () => {
  const memories = [
    memoryOf(GROSS),
    memoryOf(TAX),
    theirs(path(SHORT), `${memoryOf(SHORT).content}\nMostly.\n`),
    theirs('/notes/team.md', 'Never quote a price without tax.\n\nGreet at length.\n'),
  ]
  const all = [...WISHES, ...memories]
  const anyOperation = fc.record({
    operation: fc.constantFrom<Operation['operation']>('merge', 'reword', 'add', 'conflict'),
    of: fc.array(fc.constantFrom(...all), { maxLength: 5 }).map((of) => of.map(named)),
    text: anyText,
    says: fc.array(fc.oneof(anyText, fc.constantFrom(...WISHES.map((it) => it.text), 'Greet at length.')), {
      maxLength: 2,
    }),
  })
  const alone = changes(memories)
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 6 }), (operations) => {
      const { proposals, refused } = advised(operations, { memories })
      for (const it of memories.filter((one) => one.created_by.startsWith('user:')))
        expect(proposals.filter((one) => one.path === it.path)).toEqual([])
      expect(proposals.filter((it) => it.operation === 'deleted')).toEqual([])
      const told = proposals.filter((it) => it.kind !== 'conflict').map((it) => it.after!)
      for (const it of [GROSS, TAX]) {
        const rewritten = proposals.find((one) => one.path === path(it) && one.kind !== 'conflict')
        if (rewritten) expect(rewritten.after).toContain(it.why)
      }
      const added = [...told, ...proposals.map((it) => it.after!)].join('\n')
      expect(added).toContain(FIRST_NAME.why)
      if (refused.length === operations.length) expect(proposals).toEqual(alone)
    }),
    { numRuns: 300 },
  )
})

// ---------------------------------------------------------------- what the tests share

function named(it: Pattern | Known): Named {
  if (!('text' in it)) return { pattern_id: null, path: it.path, sha256: sha256(it.content) }
  return { pattern_id: it.id, path: path(it), sha256: sha256(memoryOf(it).content) }
}

function merge(of: Pattern[], text: string): Operation {
  return { operation: 'merge', of: of.map(named), text, says: [] }
}

function reword(it: Pattern, text: string): Operation {
  return { operation: 'reword', of: [named(it)], text, says: [] }
}

function add(of: Pattern[], text: string): Operation {
  return { operation: 'add', of: of.map(named), text, says: [] }
}

function conflict(of: (Pattern | Known)[], says: string[]): Operation {
  return { operation: 'conflict', of: of.map(named), text: '', says }
}

type Waits = Proposal & { status: 'undecided' }

function changes(memories: Known[], patterns: Pattern[] = WISHES, waiting: Waits[] = []): Proposal[] {
  return consolidate(patterns, memories, DAY, { asked: [], waiting })
}

function advised(
  operations: Operation[],
  ground: {
    memories: Known[]
    patterns?: Pattern[]
    asked?: Earlier['asked']
    waiting?: Waits[]
    is_unwanted?: (it: Proposal) => boolean
  },
): { proposals: Proposal[]; refused: Refused[] } {
  const { memories, patterns = WISHES, asked = [], waiting = [], is_unwanted = () => false } = ground
  const consolidated = (advice?: Parameters<typeof consolidate>[5]) =>
    consolidate(patterns, memories, DAY, { asked, waiting }, undefined, advice)
  // A lesson without a memory is known by what it says.
  const of = operations.map((it) => ({
    ...it,
    of: it.of.map((one) => asItStands(one, patterns, memories)),
  }))
  return withOperations(consolidated(), of, {
    ...{ patterns, memories, asked, is_unwanted, consolidated },
    capabilities: (text) => capabilitiesIn(text).map((it) => it.capability),
  })
}

function asItStands(it: Named, patterns: Pattern[], memories: Known[]): Named {
  const lesson = patterns.find((one) => one.id === it.pattern_id)
  if (lesson === undefined || it.path === null || memories.some((one) => one.path === it.path)) return it
  return { pattern_id: it.pattern_id, path: null, sha256: shaOfLesson(lesson) }
}
