import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
import { parsePolicy } from '../../src/5-decide/policy-file.ts'
import { type Judged, type Owned, type Supporting, verdictsOn } from '../../src/5-decide/verdict.ts'
import { Verdict } from '../../src/domain/change.ts'
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts'
import { Capability, Policy } from '../../src/domain/policy.ts'
import { change } from './changes.ts'

const trusting = parsePolicy(
  readFileSync(new URL('../../examples/policies/trusting.yaml', import.meta.url), 'utf8'),
)
const policy = (it: object) => Policy.parse({ format_version: 1, ...it })
const NO_WATCH = Object.fromEntries(Capability.options.map((it) => [it, 'allow']))
/** A policy of these rules alone. */
const rules = (...its: object[]) =>
  policy({ rules: its, capabilities: NO_WATCH, largest_share: { touched: 1 } })

const pattern = (of: Partial<Supporting> = {}): Supporting => ({
  id: 'pat_1',
  tier: 'process',
  class: 'mistake',
  channel: 'call',
  scope: { agent: 'desk', person: null },
  sessions: 12,
  ...of,
})
const add = change({ path: '/mistakes/new.md' })
const refresh = (path: string) => change({ path, kind: 'refresh', before: `text ${path}`, after: 'new text' })
const drop = (path: string, before = `text ${path}`) =>
  change({ path, kind: 'stale', before, after: null, pattern_ids: [] })
const fold = (path: string, before?: string) => ({ ...drop(path, before), kind: 'merge' as const })
/** `n` memories of Reverie, `/0.md` and so on, and one of a person. */
const store = (n: number): Owned[] => [
  ...Array.from({ length: n }, (_, i) => ({
    path: `/${i}.md`,
    created_by: 'dream:drm_1',
    content: `text /${i}.md`,
  })),
  { path: '/notes.md', created_by: 'user:ana', content: 'text /notes.md' },
]

function judged(
  changes: Judged[],
  under: Policy,
  of: { memories?: Owned[]; patterns?: Supporting[]; agent?: string; people?: Map<string, number> } = {},
): string[] {
  const ground = { memories: store(7), patterns: [pattern()], agent: 'desk', policy: under, ...of }
  return verdictsOn(changes, ground).map((it) => `${it.verdict}: ${it.verdict_reason}`)
}

describe('without a policy, everything waits for a person:', () => {
  test.each([
    { name: 'a new lesson', change: add },
    { name: 'newer numbers', change: refresh('/1.md') },
    { name: 'a fold of equal texts', change: fold('/1.md', 'text /2.md') },
  ])('$name', ({ change }) => {
    expect(judged([change], DEFAULT_POLICY)).toEqual([
      'hold: no rule of the policy lets it go live by itself',
    ])
  })
})

describe('what no rule can allow:', () => {
  test.each([
    {
      name: 'a change of a person’s memory',
      change: refresh('/notes.md'),
      why: 'a person wrote this memory',
    },
    { name: 'a deletion of a person’s memory', change: drop('/notes.md'), why: 'a person wrote this memory' },
    {
      name: 'a conflict between memories of Reverie',
      change: { ...refresh('/1.md'), kind: 'conflict' as const },
      why: 'which of two memories holds is for a person to say',
    },
    {
      name: 'a lesson against what a person wrote',
      change: { ...add, kind: 'conflict' as const },
      why: 'which of two memories holds is for a person to say',
    },
    {
      name: 'a fold of what stands elsewhere only in other words',
      change: fold('/1.md'),
      why: 'the same stands elsewhere, but not word for word',
    },
  ])('$name', ({ change, why }) => {
    expect(judged([change], trusting)).toEqual([`hold: ${why}`])
  })

  test.each([
    { name: 'a lesson', change: add },
    { name: 'a change of a memory of Reverie', change: refresh('/1.md') },
    { name: 'a deletion of one of eight', change: drop('/1.md') },
  ])('but $name of Reverie’s own goes live where the policy trusts it', ({ change }) => {
    expect(judged([change], trusting)).toEqual(['allow: a memory of Reverie’s own'])
  })
})

describe('a dream that drops', () => {
  test.each([
    { dropped: 2, of: 8, verdict: 'allow' },
    { dropped: 3, of: 8, verdict: 'hold' },
    { dropped: 1, of: 3, verdict: 'hold' },
    { dropped: 8, of: 8, verdict: 'hold' },
  ])('$dropped of $of memories: $verdict', ({ dropped, of, verdict }) => {
    const changes = Array.from({ length: dropped }, (_, i) => drop(`/${i}.md`))
    const verdicts = judged(changes, trusting, { memories: store(of).slice(0, of) })
    expect(new Set(verdicts.map((it) => it.split(':')[0]))).toEqual(new Set([verdict]))
  })

  test('too much is held as a whole, and says why; what loses nothing goes on', () => {
    const memories = [...store(1), { path: '/copy.md', created_by: 'dream:drm_1', content: 'text /notes.md' }]
    const changes = [add, drop('/0.md'), fold('/copy.md', 'text /notes.md')]
    const why = 'hold: this dream would drop 1 of 3 memories, more than 25 %'

    expect(judged(changes, trusting, { memories })).toEqual([why, why, 'allow: a memory of Reverie’s own'])
  })

  test('the index is no memory of its own: what stands only there as well would be lost, and it makes no store larger', () => {
    const index: Owned = { path: '/_index.md', created_by: 'dream:drm_1', content: 'text /1.md' }

    expect(judged([fold('/1.md')], trusting, { memories: [...store(8), index] })[0]).toMatch(/^hold/)
    expect(judged([drop('/0.md')], trusting, { memories: [...store(2), index] })[0]).toMatch(
      /1 of 3 memories/,
    )
  })

  test('of copies that are all to go, the last one is what would be lost, in whatever order they come', () => {
    const memories = ['/0.md', '/1.md', '/2.md', '/3.md', '/4.md'].map((path, i) => ({
      path,
      created_by: 'dream:drm_1',
      content: i < 3 ? 'old' : path,
    }))
    const folds = ['/2.md', '/0.md', '/1.md'].map((path) => fold(path, 'old'))

    expect(judged(folds, trusting, { memories }).map((it) => it.split(':')[0])).toEqual([
      'hold',
      'allow',
      'allow',
    ])
  })
})

describe('a dream that alters more than the policy has it do', () => {
  const careful = policy({ rules: [{ verdict: 'allow', because: 'ok' }], capabilities: NO_WATCH })
  const counts = (n: number) => `Lesson 1\n\nWhy: it failed in ${n} of 40 sessions.\n`

  test.each([
    { altered: 2, verdict: 'allow: ok' },
    { altered: 3, verdict: 'hold: this dream would alter 3 of 8 memories, more than 25 %' },
  ])('$altered of 8: $verdict', ({ altered, verdict }) => {
    const changes = Array.from({ length: altered }, (_, i) => refresh(`/${i}.md`))
    expect(new Set(judged([...changes, add], careful))).toEqual(new Set([verdict]))
  })

  test.each([
    { memories: 1, altered: 1, verdict: 'allow: ok' },
    { memories: 2, altered: 2, verdict: 'allow: ok' },
    { memories: 3, altered: 3, verdict: 'hold: this dream would alter 3 of 3 memories, more than 25 %' },
  ])('$altered of $memories in a young store: $verdict', ({ memories, altered, verdict }) => {
    const changes = Array.from({ length: altered }, (_, i) => refresh(`/${i}.md`))
    const young = store(memories).slice(0, memories)
    expect(new Set(judged(changes, careful, { memories: young }))).toEqual(new Set([verdict]))
  })

  test('newer counts alter nothing, however many; another number in the lesson does', () => {
    const recounted = [0, 1, 2, 3].map((i) =>
      change({ path: `/${i}.md`, kind: 'refresh', before: counts(20), after: counts(21) }),
    )
    const reworded = recounted.map((it) => ({ ...it, after: it.after!.replace('Lesson 1', 'Lesson 2') }))

    expect(new Set(judged(recounted, careful))).toEqual(new Set(['allow: ok']))
    expect(judged(reworded, careful)[0]).toMatch(/would alter 4 of 8/)
  })

  test('what is put up again is the same memory', () => {
    const again = ['/0.md', '/0.md', '/1.md'].map(refresh)
    expect(new Set(judged(again, careful))).toEqual(new Set(['allow: ok']))
  })

  test('a question to a person alters nothing', () => {
    const questions = [0, 1, 2, 3].map((i) => ({ ...refresh(`/${i}.md`), kind: 'conflict' as const }))
    expect(judged([...questions, add], careful).at(-1)).toBe('allow: ok')
  })
})

describe('a rule fits', () => {
  test.each<[what: string, rule: object, change: Judged, fits: boolean]>([
    ['everything, where it says nothing', {}, add, true],
    ['by tier', { tier: 'process' }, add, true],
    ['by one of several tiers', { tier: ['verified', 'process'] }, add, true],
    ['not by another tier', { tier: 'verified' }, add, false],
    ['by class', { class: 'mistake' }, add, true],
    ['by channel', { channel: ['repair', 'call'] }, add, true],
    ['by kind', { kind: 'add' }, add, true],
    ['not by another kind', { kind: 'stale' }, add, false],
    ['by operation', { operation: 'deleted' }, drop('/1.md'), true],
    ['by path', { path: '/mistakes/**' }, add, true],
    ['by one of several paths', { path: ['/x.md', '/mistakes/*'] }, add, true],
    ['not by a path of one folder more', { path: '/*' }, add, false],
    ['by agent', { agent: 'de*' }, add, true],
    ['by every key together', { tier: 'process', path: '/mistakes/**', kind: 'refresh' }, add, false],
    ['for everybody', { scope: 'agent' }, add, true],
    ['for one person', { scope: 'person' }, { ...add, pattern_ids: ['pat_ana'] }, true],
    ['for one person, by the folder', { scope: 'person' }, { ...drop('/people/ana/x.md') }, true],
    [
      'not a lesson for one person as one for all',
      { scope: 'agent' },
      { ...add, path: '/people/ana/x.md' },
      false,
    ],
    [
      'for one person, by what the memory says',
      { scope: 'person' },
      { ...add, pattern_ids: [], after: '---\nscope: { agent: desk, person: ana }\n---\nShort answers.\n' },
      true,
    ],
    ['not by the tier of what has no lesson behind it', { tier: 'process' }, drop('/1.md'), false],
  ])('%s', (_, rule, change, fits) => {
    const patterns = [pattern(), pattern({ id: 'pat_ana', scope: { agent: 'desk', person: 'ana' } })]
    expect(judged([change], rules({ verdict: 'allow', because: 'it fits', ...rule }), { patterns })[0]).toBe(
      fits ? 'allow: it fits' : 'hold: no rule of the policy lets it go live by itself',
    )
  })

  test.each<{ name: string; rule: object; change: Judged; verdict: string }>([
    {
      name: 'not by a rule that allows everything else',
      rule: { verdict: 'allow' },
      change: add,
      verdict:
        'hold: a language model put it into words, and no rule allows that by naming the channel `model`',
    },
    {
      name: 'by one that names it',
      rule: { verdict: 'allow', channel: ['call', 'model'] },
      change: add,
      verdict: 'allow: rule 1 of the policy',
    },
    {
      name: 'by one that denies',
      rule: { verdict: 'deny' },
      change: add,
      verdict: 'deny: rule 1 of the policy',
    },
    {
      name: 'when it is told no longer, by any',
      rule: { verdict: 'allow' },
      change: { ...drop('/1.md'), pattern_ids: ['pat_1'] },
      verdict: 'allow: rule 1 of the policy',
    },
  ])('what a language model put into words $name', ({ rule, change, verdict }) => {
    const patterns = [pattern({ channel: 'model', tier: 'people' }), pattern({ id: 'pat_2' })]
    const both = { ...change, pattern_ids: [...change.pattern_ids, 'pat_2'] }
    expect(judged([both], rules(rule), { patterns })).toEqual([verdict])
  })

  test('agents whose name has a slash', () => {
    const rule = { verdict: 'allow', agent: 'claude-code:*', because: 'it fits' }
    expect(judged([add], rules(rule), { agent: 'claude-code:team/app' })).toEqual(['allow: it fits'])
  })

  test('of a memory with several lessons, all for an allow, and any for what is stricter', () => {
    const both = { ...add, pattern_ids: ['pat_1', 'pat_2'] }
    const patterns = [pattern(), pattern({ id: 'pat_2', tier: 'people' })]

    expect(judged([both], rules({ verdict: 'allow', tier: 'process' }), { patterns })[0]).toMatch(
      /^hold: no rule/,
    )
    expect(judged([both], rules({ verdict: 'deny', tier: 'people' }), { patterns })[0]).toBe(
      'deny: rule 1 of the policy',
    )
  })

  test('and the first that fits decides', () => {
    const under = rules(
      { verdict: 'hold', path: '/mistakes/**', because: 'first' },
      { verdict: 'deny', because: 'second' },
    )
    expect(judged([add, refresh('/1.md')], under)).toEqual(['hold: first', 'deny: second'])
  })
})

describe('an allow that asks for support', () => {
  test.each<{ name: string; of: Supporting[]; ids?: string[]; rule: object; verdict: string }>([
    {
      name: 'enough sessions',
      of: [pattern()],
      rule: { min_sessions: 12 },
      verdict: 'allow: rule 1 of the policy',
    },
    {
      name: 'too few sessions',
      of: [pattern()],
      rule: { min_sessions: 13 },
      verdict: 'hold: sessions behind it: 12; the policy asks for 13',
    },
    {
      name: 'one of its lessons with too few',
      of: [pattern(), pattern({ id: 'pat_2', sessions: 3 })],
      rule: { min_sessions: 10 },
      verdict: 'hold: sessions behind it: 3; the policy asks for 10',
    },
    {
      name: 'a lesson that is not known any more',
      of: [pattern()],
      ids: ['pat_1', 'pat_gone'],
      rule: { min_sessions: 1 },
      verdict: 'hold: a lesson behind it is not known any more',
    },
    {
      name: 'the tier of a lesson that is not known any more',
      of: [pattern()],
      ids: ['pat_1', 'pat_gone'],
      rule: { tier: 'process' },
      verdict: 'hold: a lesson behind it is not known any more',
    },
    {
      name: 'nothing asked of a lesson that is not known any more',
      of: [pattern()],
      ids: ['pat_1', 'pat_gone'],
      rule: {},
      verdict: 'allow: rule 1 of the policy',
    },
    {
      name: 'no lesson at all',
      of: [],
      rule: { min_sessions: 1 },
      verdict: 'hold: sessions behind it: 0; the policy asks for 1',
    },
    {
      name: 'enough people',
      of: [pattern()],
      rule: { min_people: 2 },
      verdict: 'allow: rule 1 of the policy',
    },
    {
      name: 'too few people',
      of: [pattern()],
      rule: { min_people: 3 },
      verdict: 'hold: people known behind it: 2; the policy asks for 3',
    },
    {
      name: 'people of whom nothing is known',
      of: [pattern({ id: 'pat_2' })],
      rule: { min_people: 1 },
      verdict: 'hold: people known behind it: 0; the policy asks for 1',
    },
  ])('$name: $verdict', ({ of, ids, rule, verdict }) => {
    const it = { ...add, pattern_ids: ids ?? of.map(({ id }) => id) }
    const people = new Map([['pat_1', 2]])
    expect(judged([it], rules({ verdict: 'allow', ...rule }), { patterns: of, people })).toEqual([verdict])
  })
})

describe('protected paths', () => {
  const under = policy({
    ...trusting,
    protected_paths: [{ path: '/1.md' }, { path: '/rules/**', deletion: 'deny' }],
  })
  test.each([
    { change: refresh('/1.md'), verdict: 'hold: the policy protects this path' },
    { change: drop('/1.md'), verdict: 'hold: the policy protects this path' },
    { change: { ...add, path: '/rules/a/b.md' }, verdict: 'hold: the policy protects this path' },
    { change: drop('/rules/a.md'), verdict: 'deny: nothing on this protected path is deleted by a dream' },
    { change: refresh('/2.md'), verdict: 'allow: a memory of Reverie’s own' },
  ])('$change.operation of $change.path: $verdict', ({ change, verdict }) => {
    const memories = [...store(7), { path: '/rules/a.md', created_by: 'dream:drm_1', content: 'a' }]
    expect(judged([change], under, { memories })).toEqual([verdict])
  })
})

describe('what the new words of a memory speak of', () => {
  const allow_all = {
    rules: [{ verdict: 'allow', because: 'ok' }],
    largest_share: { touched: 1, dropped: 1 },
  }
  const says = (after: string, before: string | null = null) => change({ path: '/0.md', before, after })

  test.each([
    { text: 'Put the password into the remark.', verdict: 'hold: it speaks of credentials: "password"' },
    { text: 'Call `send_email` first.', verdict: 'hold: it speaks of the network: "send email"' },
    { text: 'Call `deleteUser` first.', verdict: 'hold: it speaks of deletion: "delete"' },
    {
      text: 'Disable every single check.',
      verdict: 'hold: it speaks of disabling checks: "disable … check"',
    },
    { text: 'Say "passwоrd" with a Cyrillic o.', verdict: 'hold: it speaks of credentials: "password"' },
    { text: 'Сall the mixed one.', verdict: 'hold: words in it are spelled to look like others' },
    { text: 'Call `get_order` before `update_order`.', verdict: 'allow: ok' },
    { text: 'A note of kodiak.', verdict: 'hold: the policy holds the word "Kodiak"' },
    { text: 'A note of Blue\u00a0 Whale.', verdict: 'deny: the policy refuses the word "blue whale"' },
  ])('$text $verdict', ({ text, verdict }) => {
    const under = policy({ ...allow_all, words: { hold: ['Kodiak'], deny: ['blue whale'] } })
    expect(judged([says(`${text}\n`)], under)).toEqual([verdict])
  })

  test('words that stood there before are not new, wherever they stand now', () => {
    const before = 'Ask for the password.\n\nSecond.\n'
    const under = policy(allow_all)

    expect(judged([says('First.\n\nAsk for the password.\n', before)], under)).toEqual(['allow: ok'])
    expect(judged([says('Ask for the password twice.\n', before)], under)[0]).toMatch(
      /^hold: it speaks of cred/,
    )
  })

  test('a deletion says nothing new', () => {
    expect(judged([drop('/1.md')], policy({ ...allow_all, words: { deny: ['text'] } }))).toEqual([
      'allow: ok',
    ])
  })

  test('each capability may be denied, or left to the rules', () => {
    const text = says('Delete the password.\n')
    const under = (capabilities: object) => judged([text], policy({ ...allow_all, capabilities }))[0]

    expect(under({ credentials: 'deny' })).toBe('deny: it speaks of credentials: "password"')
    expect(under({ credentials: 'allow' })).toBe('hold: it speaks of deletion: "delete"')
    expect(under({ credentials: 'allow', deletion: 'allow' })).toBe('allow: ok')
  })

  test('the name of the agent itself, and the warning of Reverie, say nothing', () => {
    const memory = memoryFile(
      {
        id: 'pat_1',
        class: 'mistake',
        channel: 'approval',
        tier: 'people',
        status: 'disputed',
        context: '',
        trait: '',
        name: 'short answers',
        text: 'Give short answers.',
        why: 'People asked for it.',
        scope: { agent: 'refund-desk', person: null },
        effect: { exposed: [1, 2], unexposed: [1, 2], odds_ratio: null, low: null, high: null },
        p: null,
        q: null,
        sessions: 2,
        sightings: [],
        evidence: [],
      },
      '2026-11-03',
    )
    expect(memory).toContain('Disputed: approved by people')
    expect(judged([says(memory)], policy(allow_all), { agent: 'refund-desk' })).toEqual(['allow: ok'])
    expect(judged([says(memory)], policy(allow_all), { agent: 'desk' })[0]).toMatch(/payment: "refund"/)
  })
})

test('in a regulated policy nothing is allowed, and what is denied is denied', () => {
  const under = policy({ regulated: true, rules: [{ verdict: 'deny', kind: 'add' }] })
  expect(judged([add, refresh('/1.md')], under)).toEqual([
    'deny: rule 1 of the policy',
    'hold: nothing goes live before two people approve it',
  ])
})

test('nothing has nothing to be judged', () => {
  expect(judged([], trusting)).toEqual([])
})

// ---------------------------------------------------------------- whatever the policy, the store and the changes

const paths = ['/0.md', '/1.md', '/notes.md', '/rules/a.md', '/people/ana/b.md']
const words = ['get', 'order', 'password', 'delete', 'kodiak', 'send email to', 'passwоrd', 'pay']
const anyVerdict = fc.constantFrom(...Verdict.options)
const anyText = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((it) => `${it.join(' ')}\n`)
const anyRule = fc.record(
  {
    verdict: anyVerdict,
    kind: fc.constantFrom('add', 'refresh', 'stale', 'merge', 'conflict'),
    path: fc.constantFrom('/**', '/*', '/rules/**', '/notes.md'),
    tier: fc.constantFrom('process', 'people'),
  },
  { requiredKeys: ['verdict'] },
)
const anyPolicy = fc
  .record({
    rules: fc.array(anyRule, { maxLength: 4 }),
    protected_paths: fc.array(
      fc.record({ path: fc.constantFrom('/0.md', '/rules/**'), deletion: fc.constantFrom('hold', 'deny') }),
      { maxLength: 2 },
    ),
    largest_share: fc.record({ dropped: fc.constantFrom(0, 0.25, 1), touched: fc.constantFrom(0, 0.25, 1) }),
    capabilities: fc.record(Object.fromEntries(Capability.options.map((it) => [it, anyVerdict]))),
    words: fc.record({
      hold: fc.subarray(['kodiak', 'order']),
      deny: fc.subarray(['kodiak', 'get']),
    }),
  })
  .map(policy)
const anyMemories = fc.subarray(paths).chain((its) =>
  fc.tuple(
    ...its.map((path) =>
      fc.record({
        path: fc.constant(path),
        created_by: fc.constantFrom('dream:drm_1', 'user:ana'),
        content: anyText,
      }),
    ),
  ),
)
const anyNight = anyMemories.chain((memories) =>
  fc
    .subarray(paths)
    .chain((its) =>
      fc.tuple(
        ...its.map((path) => {
          const before = memories.find((it) => it.path === path)?.content ?? null
          const after = before === null ? anyText : fc.option(anyText)
          const kind = fc.constantFrom('add', 'refresh', 'stale', 'merge', 'conflict')
          return fc
            .tuple(after, kind, fc.subarray(['pat_1', 'pat_2']))
            .map(([after, kind, pattern_ids]) =>
              change({ path, before, after, kind: kind as 'add', pattern_ids }),
            )
        }),
      ),
    )
    .map((changes) => ({ memories, changes })),
)
const patterns = [pattern(), pattern({ id: 'pat_2', tier: 'people' })]
const STRICTNESS = { allow: 0, hold: 1, deny: 2 }
const strictness = (changes: Judged[], memories: Owned[], under: Policy) =>
  verdictsOn(changes, { memories, patterns, agent: 'desk', policy: under }).map(
    (it) => STRICTNESS[it.verdict],
  )

describe('always', () => {
  test('a person’s file, a protected path, a conflict, and what no rule allows, never go live by themselves', () => {
    fc.assert(
      fc.property(anyNight, anyPolicy, ({ memories, changes }, under) => {
        const verdicts = strictness(changes, memories, under)
        const theirs = memories.filter((it) => it.created_by === 'user:ana').map((it) => it.path)
        const protecting = under.protected_paths.map((it) => it.path)
        for (const [i, it] of changes.entries()) {
          const is_protected =
            protecting.includes(it.path) ||
            (it.path.startsWith('/rules/') && protecting.includes('/rules/**'))
          const is_allowed = under.rules.some(({ verdict }) => verdict === 'allow')
          if (theirs.includes(it.path) || is_protected || it.kind === 'conflict' || !is_allowed)
            expect(verdicts[i]).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('the order of the changes, and of the memories, makes no difference', () => {
    fc.assert(
      fc.property(anyNight, anyPolicy, ({ memories, changes }, under) => {
        const verdicts = strictness(changes, memories, under)
        const backwards = strictness(changes.toReversed(), memories.toReversed(), under)
        expect(backwards.toReversed()).toEqual(verdicts)
      }),
    )
  })

  test('a word, a path or a capability more, and a smaller share, never let more through', () => {
    const stricter = fc.constantFrom<(it: Policy) => Policy>(
      (it) => ({ ...it, words: { ...it.words, deny: [...it.words.deny, 'pay'] } }),
      (it) => ({ ...it, words: { ...it.words, hold: [...it.words.hold, 'pay'] } }),
      (it) => ({ ...it, protected_paths: [...it.protected_paths, { path: '/1.md', deletion: 'hold' }] }),
      (it) => ({ ...it, capabilities: { ...it.capabilities, deletion: 'deny' } }),
      (it) => ({ ...it, largest_share: { dropped: 0, touched: 0 } }),
      (it) => ({
        ...it,
        rules: [policy({ rules: [{ verdict: 'deny', path: '/0.md' }] }).rules[0]!, ...it.rules],
      }),
      (it) => ({ ...it, rules: it.rules.filter(({ verdict }) => verdict !== 'allow') }),
    )
    fc.assert(
      fc.property(anyNight, anyPolicy, stricter, ({ memories, changes }, under, stricter) => {
        const before = strictness(changes, memories, under)
        const after = strictness(changes, memories, stricter(under))
        for (const [i, it] of after.entries()) expect(it).toBeGreaterThanOrEqual(before[i]!)
      }),
    )
  })

  test('what is denied for a word is denied whatever the rules say', () => {
    fc.assert(
      fc.property(anyNight, anyPolicy, ({ memories, changes }, under) => {
        const all = { ...under, words: { hold: [], deny: ['get', 'order', 'password', 'pay'] } }
        const verdicts = strictness(changes, memories, all)
        for (const [i, it] of changes.entries()) {
          const known = new Set(it.before?.split('\n'))
          const fresh = (it.after ?? '').split('\n').filter((line) => !known.has(line))
          if (fresh.some((line) => /\b(?:get|order|password|pay)\b/.test(line))) expect(verdicts[i]).toBe(2)
        }
      }),
    )
  })
})
