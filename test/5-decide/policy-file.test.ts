import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePolicy, readPolicy } from '../../src/5-decide/policy-file.ts'
import { Change, Verdict } from '../../src/domain/change.ts'
import { DEFAULT_POLICY, DEFAULT_POLICY_TEXT } from '../../src/domain/default-policy.ts'
import { Pattern, Tier } from '../../src/domain/pattern.ts'
import { Measuring, Policy, PolicyRule } from '../../src/domain/policy.ts'
import { Channel } from '../../src/domain/review.ts'

const V1 = 'format_version: 1\n'
const errorsIn = (text: string) =>
  readPolicy(text).errors.map(
    (it) => `${it.line}:${it.column} ${it.message}${it.hint === null ? '' : ` (${it.hint})`}`,
  )

describe('what is wrong with a policy is said by line and column:', () => {
  test.each<[name: string, text: string, ...errors: string[]]>([
    ['an empty file', '', '1:1 there is no policy in it (begin with the line "format_version: 1")'],
    ['only a remark', '# later\n', '1:1 there is no policy in it (begin with the line "format_version: 1")'],
    ['a list', '- 1\n', '1:1 there is no policy in it (begin with the line "format_version: 1")'],
    ['no version', 'rules: []', '1:1 format_version is missing (add the line "format_version: 1")'],
    [
      'a newer version',
      'format_version: 2',
      '1:17 this has to be 1, not 2 (see what this version reads in docs/policy.md)',
    ],
    ['a misspelled key', `${V1}rule: []`, '2:1 there is no key "rule" here (did you mean rules?)'],
    [
      'a key of something else',
      `${V1}largest_share: { size: 1 }`,
      '2:18 there is no key "size" here (known are dropped, touched)',
    ],
    [
      'a misspelled key and a misspelled value of one rule',
      `${V1}rules:\n  - verdict: alow\n    teir: verified\n`,
      '3:14 "alow" cannot stand here (did you mean allow?)',
      '4:5 there is no key "teir" here (did you mean tier?)',
    ],
    [
      'one value for a list',
      `${V1}rules:\n  - verdict: hold\n    tier: verfied`,
      '4:11 "verfied" cannot stand here (did you mean verified?)',
    ],
    [
      'one value of a list',
      `${V1}rules:\n  - verdict: hold\n    kind:\n      - add\n      - fold`,
      '6:9 "fold" cannot stand here (known are add, refresh, merge, stale, conflict)',
    ],
    [
      'errors in the order of the lines',
      `${V1}rules:\n  - teir: verified\n    verdict: alow\n`,
      '3:5 there is no key "teir" here (did you mean tier?)',
      '4:14 "alow" cannot stand here (did you mean allow?)',
    ],
    ['no verdict', `${V1}rules:\n  - tier: people`, '3:5 verdict is missing'],
    ['a word for a truth value', `${V1}regulated: yes`, '2:12 this has to be true or false, not "yes"'],
    ['nothing where a list belongs', `${V1}rules:\n`, '2:1 this has to be a list, not nothing'],
    [
      'a share of sessions that is nobody',
      `${V1}measuring:\n  memory_control: 0`,
      '3:19 this has to be at least 0.01 (a tenth is 0.1; with "enabled: false" nobody goes without)',
    ],
    [
      'a share of sessions that is most of them',
      `${V1}measuring: { new_lesson_control: 50 }`,
      '2:34 this has to be at most 0.5 (a tenth is 0.1; with "enabled: false" nobody goes without)',
    ],
    [
      'too few sessions to tell anything',
      `${V1}measuring: { enough_sessions: 9 }`,
      '2:31 this has to be at least 10',
    ],
    [
      'a word of its own for measuring',
      `${V1}measuring: { off: true }`,
      '2:14 there is no key "off" here (known are enabled, memory_control, new_lesson_control, known_lesson_control, kept_control, enough_sessions)',
    ],
    ['a number where keys belong', `${V1}largest_share: 0.25`, '2:16 this has to be a set of keys, not 0.25'],
    [
      'a percentage',
      `${V1}largest_share:\n  dropped: 25`,
      '3:12 this has to be at most 1 (a quarter is 0.25)',
    ],
    [
      'half a session',
      `${V1}rules: [{ verdict: allow, min_sessions: 1.5 }]`,
      '2:41 this has to be a whole number, not 1.5',
    ],
    [
      'a path without its slash',
      `${V1}protected_paths:\n  - path: rules/**`,
      '3:11 a path begins with /, as in /mistakes/**',
    ],
    [
      'alternatives in a pattern',
      `${V1}protected_paths:\n  - path: '/{a,b}/**'`,
      '3:11 a pattern knows *, ** and ? only; write one pattern for each alternative',
    ],
    [
      'support for a hold',
      `${V1}rules:\n  - verdict: hold\n    min_people: 3`,
      '4:17 only an allow needs support; a hold holds without',
    ],
    [
      'an allow in a regulated policy',
      `${V1}regulated: true\nrules:\n  - verdict: allow\ncapabilities: { payment: allow }`,
      '4:14 in a regulated policy nothing is allowed: two people approve each change',
      '5:26 in a regulated policy nothing is allowed: two people approve each change',
    ],
    ['a number for a word', `${V1}words: { deny: [x, 5] }`, '2:20 this has to be a text, not 5'],
    ['a word that is none', `${V1}words: { deny: ["  "] }`, '2:17 this has to be at least 1 characters'],
    [
      'a key twice',
      `${V1}rules: []\nrules: []`,
      '3:1 this key stands here for the second time (put both into one)',
    ],
    [
      'two policies',
      `${V1}---\n${V1}`,
      '2:1 a second document begins here (a file holds one policy: take out the line ---)',
    ],
    ['a tab', `${V1}rules:\n\t- verdict: hold`, '3:1 a tab cannot indent in YAML (use spaces)'],
    [
      'a colon in a text',
      `${V1}rules:\n  - verdict: hold\n    because: see: below`,
      '4:14 two keys stand on one line (put quotes around a text that has a colon in it)',
    ],
    [
      'an anchor and its alias',
      `${V1}rules: &a []\nwords: *a`,
      '2:8 an anchor has no place in a policy (write the value itself)',
      '3:8 an alias has no place in a policy (write the value itself)',
    ],
    ['a tag', 'format_version: !!int 1', '1:17 a tag has no place in a policy (write the value itself)'],
    [
      'a directive',
      `%YAML 1.1\n---\n${V1}`,
      '1:1 a directive has no place in a policy (write the value itself)',
    ],
    [
      'a prototype',
      `${V1}__proto__: { regulated: true }\nconstructor: {}`,
      ...['2:1 there is no key "__proto__"', '3:1 there is no key "constructor"'].map(
        (it) => `${it} here (known are ${Object.keys(DEFAULT_POLICY).join(', ')})`,
      ),
    ],
    [
      'lines that end as on Windows',
      'format_version: 1\r\nregulated: 1\r\n',
      '2:12 this has to be true or false, not 1',
    ],
  ])('%s', (_, text, ...errors) => {
    expect(errorsIn(text)).toEqual(errors)
    expect(readPolicy(text).policy).toBeNull()
  })

  test('as one error, a line for each', () => {
    expect(() => parsePolicy(`${V1}regulated: yes\nrule: []`, 'mine.yaml')).toThrow(
      'mine.yaml:2:12: this has to be true or false, not "yes"\nmine.yaml:3:1: there is no key "rule" here (did you mean rules?)',
    )
  })
})

describe('a text made to harm is refused before it is parsed:', () => {
  const deep = /nested too deeply/
  test.each<[string, string, RegExp]>([
    ['lists in lists', '['.repeat(50_000), deep],
    ['lists of lists on one line', '- '.repeat(40_000), deep],
    ['keys of keys on one line', 'a: '.repeat(30_000), deep],
    ['questions', '? '.repeat(40_000), deep],
    [
      'lists in lists, line by line',
      Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}- `).join('\n'),
      deep,
    ],
    [
      'keys in keys, line by line',
      Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      deep,
    ],
    ['more than a person writes', `${V1}#${'x'.repeat(100_000)}`, /at most 100000/],
    [
      'aliases of aliases',
      `a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n`,
      /an anchor has no place in a policy/,
    ],
  ])('%s', (_, text, why) => {
    expect(errorsIn(text)[0]).toMatch(why)
  })
})

test('any text at all is a policy, or is refused with a place in it', () => {
  const piece = fc.constantFrom(
    ...'[]{}:-?&*!|>%"\'#, \n\t',
    'rules',
    'verdict',
    'allow',
    '1',
    'format_version',
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }).map((it) => it.join('')),
      (text) => {
        const { policy, errors } = readPolicy(text)
        expect(policy === null).toBe(errors.length > 0)
        const lines = text.split(/\r\n?|\n/)
        for (const { line, column } of errors)
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
      },
    ),
  )
})

test('what is not said is as in the default', () => {
  expect(parsePolicy(V1)).toEqual(DEFAULT_POLICY)
  expect(parsePolicy(`\ufeff${V1}`)).toEqual(DEFAULT_POLICY)
  expect(parsePolicy(`${V1}capabilities:\n  payment: deny\n`).capabilities).toEqual({
    ...DEFAULT_POLICY.capabilities,
    payment: 'deny',
  })
})

describe('docs/policy.md', () => {
  const docs = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')
  const examples = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map((it) => it[1]!)

  test('prints the default', () => {
    expect(examples).toContain(DEFAULT_POLICY_TEXT)
  })

  test.each(examples)('its example is good: %s', (example) => {
    const text = example.includes('format_version') ? example : `${V1}${example}`
    expect(errorsIn(text)).toEqual([])
  })

  test.each(Object.keys(Policy.shape))('has a section on %s', (key) => {
    expect(docs).toContain(`## \`${key}\`\n`)
  })

  const named = [
    ...[
      PolicyRule,
      Policy.shape.capabilities.unwrap(),
      Policy.shape.largest_share.unwrap(),
      Measuring,
    ].flatMap((it) => Object.keys(it.shape)),
    ...[Change.shape.kind, Change.shape.operation, Tier, Pattern.shape.class, Channel, Verdict].flatMap(
      (it) => it.options,
    ),
  ]
  test.each(named)('explains %s', (key) => {
    expect(docs).toContain(`\`${key}\``)
  })
})

describe('the examples', () => {
  const folder = new URL('../../examples/policies/', import.meta.url)
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

  test.each(readdirSync(folder))('%s is a policy', (name) => {
    expect(readPolicy(read(name)).errors).toEqual([])
  })

  test('careful.yaml is the default, which is written as it is meant', () => {
    expect(read('careful.yaml')).toBe(DEFAULT_POLICY_TEXT)
    expect(parsePolicy(DEFAULT_POLICY_TEXT)).toEqual(DEFAULT_POLICY)
  })
})
