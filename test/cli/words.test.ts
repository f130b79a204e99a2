/** What people read: numbers, effects, tables, commands to copy. */
import { describe, expect, test } from 'vitest'
import { commandName, nextPage, quoted } from '../../src/cli/command-line.ts'
import { dataFolder } from '../../src/cli/data-folder.ts'
import { cut, cutStart, folded, table, wrap } from '../../src/cli/layout.ts'
import { count, dollars, factor, grouped, minute, size } from '../../src/cli/number-words.ts'
import { budgetOf, day, rowLimit, sinceTime } from '../../src/cli/option-values.ts'
import { progressOn } from '../../src/cli/progress.ts'
import { onDatabase, screenFor } from '../../src/cli/screen.ts'
import { countsOf, showChange, showChanges } from '../../src/cli/show/change.ts'
import { showDreamedAgent, showOneDream } from '../../src/cli/show/dream.ts'
import { showSkipped } from '../../src/cli/show/ingest.ts'
import { showLesson } from '../../src/cli/show/lesson.ts'
import { showModelSetup } from '../../src/cli/show/models.ts'
import { showPlanned, showSpending } from '../../src/cli/show/spending.ts'
import type { Change } from '../../src/domain/change.ts'
import type { Dream } from '../../src/domain/dream.ts'
import type { Spending, StageUse } from '../../src/domain/spending.ts'
import type { Lesson, ModelSetup } from '../../src/engine.ts'

const screen = screenFor({}, [], null)

describe('numbers', () => {
  test.each([
    [count(1, 'session'), '1 session'],
    [count(1204, 'event'), '1,204 events'],
    [count(0, 'memory'), '0 memories'],
    [grouped(1_204_567), '1,204,567'],
    [grouped(999), '999'],
    [size(999), '999 B'],
    [size(1_500), '1.5 kB'],
    [size(351_000), '351 kB'],
    [size(999_999), '1.0 MB'],
    [size(3_400_000_000), '3.4 GB'],
    [factor(396.4), '400'],
    [factor(5.236), '5.2'],
    [factor(0.0169), '0.02'],
    [factor(93_680), '94,000'],
    [factor(3e8), 'over 100,000'],
    [minute('2026-11-03T09:00:59.123Z'), '2026-11-03 09:00'],
    [minute(null), 'time unknown'],
  ])('%s', (text, expected) => expect(text).toBe(expected))
})

describe('a lesson', () => {
  const guard: Partial<Lesson> = { channel: 'call', class: 'mistake', tier: 'process' }
  const counts = { exposed: [37, 40], unexposed: [2, 94], odds_ratio: 396.4, low: 74.9, high: 2099 }

  test.each<[about: string, lesson: Partial<Lesson>, says: string]>([
    [
      'a call that fails without a step before',
      { ...guard, effect: counts as Lesson['effect'] },
      'because of this. The odds of failing are 400 times higher when it is not heeded (95 % interval 75 to 2,100). read off the tool calls, 40 sessions',
    ],
    [
      'a repair',
      {
        ...guard,
        channel: 'repair',
        effect: { exposed: [0, 30], unexposed: [27, 33], odds_ratio: 0.004, low: 0.0002, high: 0.07 },
      },
      'because of this. The odds of failing are 250 times lower when it is heeded (95 % interval 14 to 5,000).',
    ],
    [
      'a repair that was seen too seldom to say how much it helps',
      {
        ...guard,
        channel: 'repair',
        effect: { exposed: [0, 8], unexposed: [1, 2], odds_ratio: 0.06, low: 0.0015, high: 2.5 },
      },
      'because of this. Too few to say by how much: the 95 % interval of the odds ratio goes from 0.00 to 2.5.',
    ],
    [
      'whole sessions, whose reason tells the adjusted odds',
      {
        channel: 'session',
        class: 'success',
        tier: 'verified',
        effect: { exposed: [63, 216], unexposed: [28, 148], odds_ratio: 0.19, low: 0.07, high: 0.5 },
      },
      'because of this. verified by outcomes',
    ],
    [
      'what has nothing to compare with',
      {
        ...guard,
        effect: { exposed: [15, 21], unexposed: [0, 0], odds_ratio: null, low: null, high: null },
      },
      'because of this. read off the tool calls',
    ],
    [
      'what people said',
      { channel: 'correction', tier: 'people', effect: counts as Lesson['effect'] },
      'because of this. said by people',
    ],
    [
      'what no longer holds',
      { ...guard, status: 'stale' },
      'stale: recent sessions no longer support it, or another lesson says it better',
    ],
  ])('about %s', (_, lesson, says) => {
    expect(oneLine(showLesson(lessonWith(lesson), screen))).toContain(says)
  })

  test('fits the screen, its text first', () => {
    const text = 'word '.repeat(60).trim()
    const lines = showLesson(lessonWith({ text }), screen).split('\n')

    expect(lines[0]).toMatch(/^\* word /)
    expect(lines.filter((it) => it.length > 80)).toEqual([])
  })
})

describe('a change', () => {
  const change: Change = {
    id: 'chg_1',
    dream_id: 'drm_1',
    operation: 'modified',
    kind: 'refresh',
    path: '/a.md',
    before: 'one\ntwo\ntwo\nthree\n',
    before_sha256: null,
    after: 'one\ntwo\nfour\n',
    reason: 'Newer evidence',
    pattern_ids: [],
    verdict: 'hold',
    verdict_reason: 'a person wrote this memory',
    policy_sha256: null,
    status: 'undecided',
    memory_version_id: null,
    redacted_at: null,
  }
  const why = '    held for a person: a person wrote this memory\n'

  test.each<[Partial<Change>, string]>([
    [{}, `  ~ refreshed  /a.md\n${why}`],
    [{ operation: 'created', kind: 'add' }, `  + new        /a.md\n${why}`],
    [{ operation: 'deleted', kind: 'merge' }, `  - folded     /a.md\n${why}`],
    [{ kind: 'stale' }, `  ~ stale      /a.md\n${why}`],
    [{ status: 'adopted' }, '  ~ refreshed  /a.md  (adopted)\n'],
    [{ status: 'superseded' }, '  ~ refreshed  /a.md  (out of date)\n'],
    [
      { status: 'denied', verdict: 'deny', verdict_reason: 'rule 3 of the policy' },
      '  ~ refreshed  /a.md  (denied by the policy)\n    denied by the policy: rule 3 of the policy\n',
    ],
  ])('%j is told in one line, with what keeps it from going live', (part, line) => {
    expect(showChanges([{ ...change, ...part }], screen)).toBe(line)
  })

  test('of many the first are told and the rest counted', () => {
    expect(showChanges([change, change, change], screen, 1)).toBe(
      '  ~ refreshed  /a.md\n  and 2 more\n    held for a person (3): a person wrote this memory\n',
    )
  })

  test.each<[statuses: Change['status'][], verdict: Change['verdict'], counts: string]>([
    [[], 'hold', '0 changes proposed'],
    [['undecided'], 'hold', '1 change proposed'],
    [['adopted', 'adopted', 'undecided'], 'allow', '3 changes proposed, 2 adopted by the policy'],
    [
      ['adopted', 'approved', 'rejected', 'undone', 'superseded', 'denied'],
      'hold',
      '6 changes proposed, 1 adopted, 1 approved, 1 rejected, 1 taken back, 1 out of date, 1 denied by the policy',
    ],
  ])('that is %j counts as that', (statuses, verdict, counts) => {
    expect(countsOf(statuses.map((status) => ({ ...change, status, verdict })))).toBe(counts)
  })

  test('shown in full it says which lines went and which came', () => {
    expect(showChange(change, screen)).toBe(
      `  ~ refreshed  /a.md\n${why}    Newer evidence\n\n    - two\n    - three\n    + four\n`,
    )
  })
})

describe('a dream', () => {
  const dream: Dream = {
    id: 'drm_1',
    status: 'completed',
    memory_store_id: 'memstore_1',
    agent: 'desk',
    result: 'unchanged',
    notes: ['No lessons about whole sessions.'],
    alerts: [{ type: 'dead_on_arrival', text: '4 sessions ended at once.', sessions: 4, sightings: [] }],
    sessions_read: 4,
    observations: 4,
    model: null,
    spending: null,
    created_at: '2026-11-03T03:00:00Z',
    ended_at: '2026-11-03T03:00:01Z',
    error: null,
  }
  const alert =
    '  ALERT: 4 sessions ended at once. Until that is mended, nothing can be learned\n  from such sessions.\n'

  test('tells what its operator has to see to before what is only good to know', () => {
    expect(showDreamedAgent({ dream, changes: [] }, screen)).toBe(
      `desk: 4 new sessions read, nothing to change in the memory\n${alert}  No lessons about whole sessions.\n`,
    )
  })

  test('that failed says why, in the width of the screen', () => {
    const message = `anthropic/claude-haiku-4-5 could not read any of the 364 new sessions: ${'word '.repeat(9)}`
    const failed = { ...dream, status: 'failed' as const, alerts: [], notes: [] }
    const shown = showOneDream(
      { dream: { ...failed, error: { type: 'model_error', message } }, changes: [] },
      screen,
    )

    expect(shown).toContain('desk: failed\n  anthropic/claude-haiku-4-5 could not read any')
    expect(shown.split('\n').filter((it) => it.length > 80)).toEqual([])
  })

  test('tells it again when it is looked up', () => {
    expect(showOneDream({ dream, changes: [] }, screen)).toContain(`${alert}  No lessons`)
  })
})

describe('what a model cost', () => {
  const planned = { calls: 40, input_tokens: 64_000, output_tokens: 32_000, cost_usd: 0.224 }
  const use: StageUse = {
    ...{ stage: 'review', provider: 'anthropic', model: 'claude-haiku-4-5' },
    ...{ calls: 38, from_cache: 2, unusable: 1, failed: 0, cost_usd: 0.0712 },
    usage: {
      ...{ input_tokens: 20_000, output_tokens: 4_100 },
      ...{ cache_read_input_tokens: 40_000, cache_creation_input_tokens: 1_000 },
    },
  }
  const spending: Spending = {
    ...{ model: 'anthropic/claude-haiku-4-5', planned, stopped: null },
    ...{ budget: { tokens: null, usd: 1 }, uses: [use] },
  }

  test('is planned before it is asked anything', () => {
    expect(showPlanned({ agent: 'desk', model: 'anthropic/claude-haiku-4-5', ...planned }, screen)).toBe(
      'desk: asking anthropic/claude-haiku-4-5 40 questions on sessions, 64,000 tokens\nin, up to 32,000 out: at most $0.22. A few more compare what it says.\n',
    )
  })

  test('is told at the end, beside what was planned', () => {
    expect(showSpending({ spending, notes: [] }, screen)).toBe(
      '  anthropic/claude-haiku-4-5: 38 calls, 1 without a use; 2 answered before,\n  61,000 tokens in, 4,100 out, $0.071. Planned: 40 questions on sessions, 64,000\n  tokens in, up to 32,000 out: at most $0.22.\n',
    )
  })

  test('would be so much, of a dry run', () => {
    expect(showSpending({ spending: { ...spending, uses: [] }, notes: [] }, screen, { dry_run: true })).toBe(
      '  Would ask anthropic/claude-haiku-4-5 40 questions on sessions, 64,000 tokens\n  in, up to 32,000 out: at most $0.22. A few more compare what it says.\n',
    )
  })

  test('would not be more than the budget, which is told where it does not suffice', () => {
    const shown = (budget: Spending['budget']) =>
      showSpending({ spending: { ...spending, budget, uses: [] }, notes: [] }, screen, { dry_run: true })

    expect(shown({ tokens: 90_000, usd: 0.2 }).replaceAll(/\s+/g, ' ')).toContain(
      'The budget is 90,000 tokens, $0.20: what does not fit stays new.',
    )
    expect(shown({ tokens: 96_000, usd: 0.224 })).not.toContain('budget')
  })

  test('in batches is half of it, and takes its time', () => {
    const shown = showPlanned({ agent: 'desk', model: 'anthropic/m', ...planned }, screen, { at_night: true })

    expect(shown.replaceAll(/\s+/g, ' ')).toContain(
      'at most $0.22. In a batch it is half of that; one takes minutes as a rule, and at most a day. A few more',
    )
  })

  test('of a recording is nothing, before and after, and nobody is said to be asked', () => {
    const replay = '/tmp/recorded'
    const before = showPlanned({ agent: 'desk', model: 'anthropic/m', ...planned }, screen, { replay })
    const dry = showSpending({ spending: { ...spending, uses: [] }, notes: [] }, screen, {
      dry_run: true,
      replay,
    })

    expect(before).toBe(
      'desk: 40 questions on sessions, answered by the recording in /tmp/recorded:\nnothing is called, and nothing is paid.\n',
    )
    expect(dry).not.toMatch(/ask|\$/)
    expect(showSpending({ spending: { ...spending, uses: [] }, notes: [] }, screen, { replay })).toBe(
      '  Nothing was asked of anthropic/claude-haiku-4-5: the recording in\n  /tmp/recorded answered.\n',
    )
    const nothing = { ...spending, planned: { ...planned, calls: 0 }, uses: [] }
    expect(showSpending({ spending: nothing, notes: [] }, screen, { replay })).not.toContain('answered')
  })

  test('of a dream that went on is told beside what was left then', () => {
    const went_on = { ...spending, planned: { ...planned, calls: 20 } }

    expect(showSpending({ spending: went_on, notes: [] }, screen).replaceAll(/\s+/g, ' ')).toContain(
      '$0.071. Planned for what was left when it went on: 20 questions on sessions',
    )
  })

  test('says why nothing more was asked, unless a note says it', () => {
    const stopped = 'the budget of this dream is used up'
    const shown = (notes: string[]) => showSpending({ spending: { ...spending, stopped }, notes }, screen)

    expect(shown([])).toContain('  Then nothing more was asked: the budget of this dream is used up.\n')
    expect(shown([`2 sessions were not read: ${stopped}.`])).not.toContain('nothing more')
  })

  test.each([
    ['without a price', { uses: [{ ...use, cost_usd: null }] }, '4,100 out, at a price that is not known.'],
    ['where nothing was asked', { uses: [] }, '  Nothing was asked of anthropic/claude-haiku-4-5.\n'],
  ])('%s', (_, of, says) => {
    expect(showSpending({ spending: { ...spending, ...of }, notes: [] }, screen)).toContain(says)
  })

  test('is nothing without a model', () => {
    expect(showSpending({ spending: null, notes: [] }, screen)).toBe('')
  })
})

describe('which models may be asked', () => {
  const none = { tokens: null, usd: null }
  const setup: ModelSetup = {
    file: '/data/models.yaml',
    default: 'here/llama',
    wire: { big: 'here/llama', off: 'none' },
    models: [
      {
        name: 'here/llama',
        price: { input: 0.2, output: 0.8, cache_read: 0.02, cache_write: 0.2 },
        ...{ is_ready: true, missing: null },
      },
      { name: 'openai/new', price: null, is_ready: false, missing: 'openai needs a key, and there is none' },
    ],
    providers: [
      {
        ...{ name: 'here', kind: 'openai_compatible', base_url: 'http://localhost:8000/v1', region: null },
        ...{ api_key_env: null, has_key: true, refusal: null, concurrency: 4, timeout_ms: 120_000 },
      },
      {
        ...{ name: 'openai', kind: 'openai_compatible', base_url: 'https://api.openai.com/v1', region: null },
        ...{ api_key_env: 'OPENAI_API_KEY', has_key: false, concurrency: 4, timeout_ms: 120_000 },
        refusal: 'api.openai.com, which is not among its hosts',
      },
    ],
    budget: { dream: { tokens: null, usd: 2.5 }, day: none },
    spent_today: { tokens: 1_234_567, usd: 0.31 },
    night: { from: '22:00', to: '06:00', timezone: 'Europe/Berlin', when_closed: 'wait' },
  }

  test('is told with what they cost and what is missing', () => {
    expect(
      showModelSetup(setup, screen),
    ).toBe(`A dream asks here/llama unless another is named (dream --model). Configured in
/data/models.yaml.
Where the provider takes batches, they are put in from 22:00 to 06:00
(Europe/Berlin); after that what is left waits for the next.

here/llama
  ready
  a million tokens cost $0.20 in ($0.020 from a cache), $0.80 out
  asked for over the wire as big

openai/new
  not ready: openai needs a key, and there is none
  price not known

Budget of a dream: $2.50. Of a day: no limit; spent since midnight UTC:
1,234,567 tokens, $0.31.

Providers
  here: http://localhost:8000/v1, needs no key, may be called
  openai: https://api.openai.com/v1, has no key (OPENAI_API_KEY), may not be
  called from this workspace
`)
  })

  test('says so where none is configured', () => {
    const nothing = { file: null, default: 'none', wire: null, models: [], night: null }

    const shown = showModelSetup({ ...setup, ...nothing }, screen)

    expect(shown).toMatch(
      /would cost.*:\n {2}.*reverie.* dream --model anthropic\/claude-haiku-4-5 --dry-run\n$/,
    )
    expect(shown).toContain(
      'A dream asks no model unless one is named (dream --model). There is no\nmodels.yaml.\n\nBudget',
    )
  })
})

test.each([
  [0, '$0.00'],
  [1204.5, '$1,204.50'],
  [0.1, '$0.10'],
  [0.0999, '$0.10'],
  [0.0031, '$0.0031'],
  [0.00001, 'under $0.0001'],
])('%s USD are %s', (usd, text) => {
  expect(dollars(usd)).toBe(text)
})

describe('--budget', () => {
  test.each([
    ['200000tokens', { tokens: 200_000, usd: null }],
    ['2.50usd', { tokens: null, usd: 2.5 }],
    ['1usd, 1000tokens', { tokens: 1_000, usd: 1 }],
  ])('%s', (text, budget) => {
    expect(budgetOf(text)).toEqual(budget)
  })

  test.each(['', '5', '5eur', '0usd', '0tokens', '1.5tokens', '1usd,2usd', '-1usd', 'usd'])(
    'not %j',
    (text) => {
      expect(() => budgetOf(text)).toThrow('Give 200000tokens, 2.50usd, or both')
    },
  )
})

describe('what was skipped', () => {
  test('is told once for each reason, with the first places', () => {
    const skipped = [1, 2, 3, 4, 5].map((line) => ({ path: 'a.jsonl', line, reason: 'torn' }))

    expect(showSkipped([...skipped, { path: 'b.jsonl', line: null, reason: 'empty file' }], screen)).toBe(
      'Skipped 6 times:\n  5 times: torn\n    a.jsonl:1\n    a.jsonl:2\n    a.jsonl:3\n    and 2 more\n  empty file\n    b.jsonl\n',
    )
  })

  test('for many reasons, is told for the ten most frequent', () => {
    const skipped = Array.from({ length: 14 }, (_, i) => ({ path: 'a', line: i, reason: `reason ${i}` }))

    expect(showSkipped(skipped, screen)).toContain('and 4 other reasons; --json tells them all')
  })

  test('of a long path shows the end', () => {
    const path = `/${'folder/'.repeat(20)}session.jsonl`

    expect(showSkipped([{ path, line: 7, reason: 'torn' }], screen)).toMatch(
      /^ {4}….{70}session\.jsonl:7$|…/m,
    )
    expect(showSkipped([{ path, line: 7, reason: 'torn' }], screen)).toMatch(/session\.jsonl:7$/m)
  })
})

describe('layout', () => {
  test.each([
    ['short', 'short'],
    ['one two three four five six', 'one two three four\nfive six'],
    ['a'.repeat(25), `${'a'.repeat(20)}\n${'a'.repeat(5)}`],
    ['漢字'.repeat(6), `${'漢字'.repeat(5)}\n漢字`],
    ['  spread \n over\tlines ', 'spread over lines'],
    ['', ''],
  ])('%j wrapped at 20 columns', (text, wrapped) => {
    expect(wrap(text, 20)).toBe(wrapped)
  })

  test.each([
    ['one two  three  four five', ['one two  ', 'three  ', 'four five']],
    ['  indented line', ['  indented ', 'line']],
    ['a'.repeat(25), ['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)]],
    ['漢字漢字漢字', ['漢字漢字漢', '字']],
    ['', ['']],
  ])('%j folded at 10 columns keeps every space', (text, lines) => {
    expect(folded(text, 10)).toEqual(lines)
    expect(lines.join('')).toBe(text)
  })

  test.each([
    [cut('a line\nor two', 20), 'a line or two'],
    [cut('abcdefghij', 6), 'abcde…'],
    [cut('漢字漢字', 6), '漢字…'],
    [cutStart('/a/b/c/d.jsonl', 8), '…d.jsonl'],
    [cutStart('short', 8), 'short'],
  ])('cut to %j', (text, expected) => expect(text).toBe(expected))

  test('columns of numbers are flush right, and the last column takes what is left', () => {
    const rows = [
      ['name', 'n', 'title'],
      ['a', '1,204', 'a title that is too long for its place'],
      ['long', '3', 'x'],
    ]

    expect(table(rows, 30)).toBe(
      ['name      n  title', 'a     1,204  a title that is…', 'long      3  x'].join('\n'),
    )
  })
})

describe('how the command line is called', () => {
  const checkout = '/home/ann/reverie/dist'
  test.each([
    ['in a checkout', {}, '/home/ann/reverie/bin/reverie.js', checkout, 'npm run -s reverie --'],
    [
      'in a checkout, by npm start',
      { npm_lifecycle_event: 'start' },
      '/home/ann/reverie/bin/reverie.js',
      checkout,
      'npm run -s reverie --',
    ],
    ['in a checkout that was linked', {}, '/usr/bin/reverie', checkout, 'reverie'],
    ['installed', {}, '/usr/bin/reverie', '/usr/lib/node_modules/reverie/dist', 'reverie'],
    [
      'by npx',
      { npm_lifecycle_event: 'npx' },
      '/home/ann/.npm/_npx/1/node_modules/.bin/reverie',
      '/home/ann/.npm/_npx/1/node_modules/reverie/dist',
      'npx reverie',
    ],
  ])('%s', (_, env, script, folder, name) => {
    expect(commandName(env, script, folder)).toBe(name)
  })

  test.each([
    ['plain-word_1.db', 'linux', 'plain-word_1.db'],
    ['/a/b.db', 'linux', '/a/b.db'],
    ['with space', 'darwin', "'with space'"],
    ["it's; rm", 'linux', "'it'\\''s; rm'"],
    ['~/x', 'linux', "'~/x'"],
    ['$(x)', 'linux', "'$(x)'"],
    ['C:\\data\\a.db', 'win32', 'C:\\data\\a.db'],
    ['C:\\my data\\a.db', 'win32', '"C:\\my data\\a.db"'],
  ])('%s on %s is quoted as %s', (word, platform, expected) => {
    expect(quoted(word, platform)).toBe(expected)
  })

  test('the next page is asked for with the same words', () => {
    expect(nextPage(['sessions', '--page', 'old', '--limit', '3'], 'new')).toEqual([
      'sessions',
      '--limit',
      '3',
      '--page',
      'new',
    ])
    expect(nextPage(['sessions', '--page=old'], 'new')).toEqual(['sessions', '--page', 'new'])
  })

  test('a command names the database where it must', () => {
    const usual = screenFor({}, [], null)
    const named = screenFor({}, [], 'my file.db')

    expect(usual.command(['lessons'])).toMatch(/ lessons$/)
    expect(named.command(['lessons'])).toMatch(/ lessons --db 'my file\.db'$|"my file\.db"$/)
    expect(onDatabase(named, 'other.db').command(['lessons'])).toMatch(/ lessons --db other\.db$/)
  })

  test('a command names the workspace where it must, and of another database the one that is surely there', () => {
    const named = screenFor({}, [], null, 'acme')

    expect(named.command(['lessons'])).toMatch(/ lessons --workspace acme$/)
    expect(onDatabase(named, 'other.db').command(['lessons'])).toMatch(/ --db other\.db --workspace default$/)
  })
})

test.each([
  ['linux', {}, '/home/ann/.local/share/reverie'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/reverie'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/ann/.local/share/reverie'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/ann/Library/Application Support/reverie'],
  ['win32', { LOCALAPPDATA: 'C:\\Local' }, 'C:\\Local\\reverie'],
])('on %s with %j the data folder is %s', (platform, env, folder) => {
  expect(dataFolder(env, platform, '/home/ann')).toBe(folder)
})

describe('--since, --until and --limit', () => {
  const now = new Date('2026-11-22T12:00:00Z')
  test.each([
    ['12h', '2026-11-22T00:00:00.000Z'],
    ['7d', '2026-11-15T12:00:00.000Z'],
    ['2w', '2026-11-08T12:00:00.000Z'],
    ['2026-11-03', '2026-11-03T00:00:00.000Z'],
    ['2026-11-03T10:00:00Z', '2026-11-03T10:00:00.000Z'],
  ])('since %s is %s', (text, time) => expect(sinceTime(text, now)).toBe(time))

  test.each(['yesterday', '7', '7m', '-7d', '', '2026-13-01', '2026-02-30', '03.11.2026', '99999999d'])(
    'since %j is refused, with what would do',
    (text) => expect(() => sinceTime(text, now)).toThrow(/12h, 7d, 2w, or a date/),
  )

  test.each(['tomorrow', '2026-02-30', '2026-1-1', '2026-12-31T00:00:00Z', ''])('%j is no day', (text) => {
    expect(day('2028-02-29')).toBe('2028-02-29')
    expect(() => day(text)).toThrow(/date as 2026-12-31/)
  })

  test.each(['0', '-1', '1.5', 'many', '', '1e3'])('a limit of %j is refused', (text) => {
    expect(() => rowLimit(text)).toThrow(/whole number/)
  })
})

describe('a terminal', () => {
  const yes = () => true
  const no = () => false
  const terminal = { isTTY: true, columns: 200, hasColors: yes }

  test.each([
    ['a terminal', terminal, '\x1b[1mx\x1b[22m', 100],
    ['a narrow terminal', { ...terminal, columns: 60 }, '\x1b[1mx\x1b[22m', 60],
    ['a terminal without colors, as NO_COLOR asks for', { ...terminal, hasColors: no }, 'x', 100],
    ['a file or a pipe', { hasColors: yes }, 'x', 80],
  ])('%s', (_, stream, bold, columns) => {
    const it = screenFor(stream, [], null)

    expect(it.bold('x')).toBe(bold)
    expect(it.columns).toBe(columns)
  })

  test('sees progress on one line that is taken away in the end, and anything else sees none', () => {
    const written: string[] = []
    let time = 0
    const stream = (isTTY: boolean) =>
      ({ isTTY, columns: 60, write: (it: string) => written.push(it) }) as unknown as NodeJS.WriteStream
    const silent = progressOn(stream(false))
    silent.ingest(1, 2)
    silent.end()
    expect(written).toEqual([])

    const progress = progressOn(stream(true), () => time)
    progress.ingest(0, 2_000_000)
    progress.ingest(1_000, 2_000_000)
    time += 1_000
    progress.ingest(1_000_000, 2_000_000)
    progress.dream('desk', 'mine', 0, 0)
    progress.end()
    progress.end()

    expect(written.map((it) => it.replace('\r\x1b[2K', ''))).toEqual([
      'Reading transcripts ░░░░░░░░░░░░░░░░ 0 B of 2.0 MB',
      'Reading transcripts ████████░░░░░░░░ 1.0 MB of 2.0 MB',
      'desk: counting what recurs',
      '',
    ])
  })
})

function lessonWith(part: Partial<Lesson>): Lesson {
  return {
    id: 'pat_0123456789abcdef01234567',
    class: 'mistake',
    channel: 'call',
    tier: 'process',
    status: 'probation',
    name: 'a-lesson',
    text: 'Do this.',
    why: 'because of this.',
    scope: { agent: 'desk', person: null },
    effect: { exposed: [5, 5], unexposed: [0, 0], odds_ratio: null, low: null, high: null },
    q: null,
    e: null,
    sessions: 40,
    evidence_count: 3,
    memory_store_id: 'memstore_1',
    created_at: '2026-11-03T09:00:00.000Z',
    updated_at: '2026-11-03T09:00:00.000Z',
    ...part,
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
