import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { choiceOf, shapeOf } from '../../src/2-review/shape.ts'

test.each([
  { value: '#W5490111', shape: '#W<n>' },
  { value: 'AB-1042', shape: 'AB-<n>' },
  { value: '5490111', shape: 'digits' },
  { value: '3.50', shape: 'digits' },
  { value: '-3.50', shape: '-<n>' },
  { value: 'chen_lee_4723', shape: 'an identifier' },
  { value: 'ana.lee+x@acme.example', shape: 'an e-mail address' },
  { value: 'https://acme.example/17', shape: 'a URL' },
  { value: '/home/ana/api', shape: 'an absolute path' },
  { value: 'C:\\Users\\ana', shape: 'an absolute path' },
  { value: './src/a.ts', shape: 'a relative path' },
  { value: 'src/a.ts', shape: 'a relative path' },
  { value: 'Ana Lee', shape: 'several words' },
  { value: 'subject: "refund"', shape: 'several words with quotes or brackets' },
  { value: 'delivered', shape: 'one word' },
  { value: '2026-11-02', shape: 'a date like YYYY-MM-DD' },
  { value: '02.11.2026', shape: 'a date in another order' },
  { value: '2026-11-02T09:00:00Z', shape: 'a time like YYYY-MM-DDThh:mm' },
  { value: '{"a": 1}', shape: 'a text of JSON' },
  { value: `[${'1,'.repeat(90)}1]`, shape: 'a text of JSON' },
  { value: 'two\nlines', shape: 'several lines' },
  { value: 'one line\n', shape: 'several words' },
  { value: 'x'.repeat(61), shape: 'a long text' },
  { value: '', shape: 'empty' },
  { value: '  ', shape: 'blank' },
  { value: [], shape: 'an empty list' },
  { value: ['a'], shape: 'a list of 1' },
  { value: ['a', 'b', 'c'], shape: 'a list of 2 or more' },
  { value: {}, shape: 'an empty object' },
  { value: { a: 1 }, shape: 'an object' },
  { value: 0, shape: '0' },
  { value: 17, shape: 'a whole number' },
  { value: -17, shape: 'a negative number' },
  { value: 0.5, shape: 'a fraction' },
  { value: true, shape: 'true' },
  { value: null, shape: 'null' },
  { value: undefined, shape: 'null' },
])('the shape of $value is $shape', ({ value, shape }) => {
  expect(shapeOf(value)).toBe(shape)
})

describe('what is not prose is called by what it is', () => {
  test.each([
    {
      value: '/home/ana/projects/customer-portal/packages/web/src/components/a.tsx',
      shape: 'an absolute path',
    },
    { value: 'packages/customer-portal/packages/web/src/components/button/a.tsx', shape: 'a relative path' },
    { value: '/home/ana/My Documents/a.txt', shape: 'an absolute path' },
    { value: '/review this, please', shape: 'several words' },
    { value: `https://acme.example/${'a/'.repeat(60)}`, shape: 'a URL' },
    { value: 's3://bucket/a.csv', shape: 'a URL that is not HTTP' },
    { value: 'git@acme.example:web/shop.git', shape: 'a URL that is not HTTP' },
    { value: `${'aGVsbG8/'.repeat(12)}==`, shape: 'a long text' },
    { value: 'src/', shape: 'a relative path' },
    { value: 'src/a.ts:12', shape: 'a relative path with :' },
    { value: 'src/**/*.ts', shape: 'a relative path with *' },
    { value: '*.md', shape: 'one word with *' },
    { value: '#general', shape: 'one word with #' },
    { value: '@ana', shape: 'one word with @' },
    { value: 'app=shop', shape: 'one word with =' },
    { value: 'app.views', shape: 'one word with .' },
    { value: 'src\\a', shape: 'one word with \\' },
    { value: 'HEAD~3', shape: 'an identifier with ~' },
    { value: '[redacted:email:3f9a2c81d04e]', shape: 'a redacted value' },
    { value: '/home/[redacted:name:3f9a2c81d04e]/a', shape: 'an absolute path' },
    { value: '[WIP] mend [a]', shape: 'several words with quotes or brackets' },
    { value: "{'a': 1}", shape: 'several words with quotes or brackets' },
    { value: '550e8400-e29b-41d4-a716-446655440010', shape: 'a UUID' },
    { value: 'True', shape: 'a boolean in quotes' },
  ])('$value is $shape', ({ value, shape }) => {
    expect(shapeOf(value)).toBe(shape)
  })

  test.each([
    { value: '1-10', shape: '<n>-<n>' },
    { value: '1:10', shape: '<n>:<n>' },
    { value: '1..10', shape: '<n>..<n>' },
    { value: '0.5-1.5', shape: '<n>-<n>' },
    { value: '10.5 - 3', shape: 'several words' },
    { value: '(555) 010-1234', shape: '(<n>) <n>-<n>' },
    { value: '10:30', shape: '<n>:<n>' },
    { value: 'A1:B10', shape: 'a range of cells' },
    { value: '1,2,3', shape: 'digits with ,' },
    { value: '5%', shape: '<n>%' },
    { value: '$5', shape: '$<n>' },
    { value: '$5.20', shape: '$<n>' },
    { value: '1.2.3', shape: '<n>.<n>.<n>' },
    { value: '1.12.10', shape: '<n>.<n>.<n>' },
    { value: 'v1.2.3', shape: 'v<n>.<n>.<n>' },
    { value: '^1.2.3', shape: '^<n>.<n>.<n>' },
    { value: '10.0.0.0/24', shape: '<n>.<n>.<n>.<n>/<n>' },
    { value: '+1 555 0101', shape: '+<n> <n> <n>' },
    { value: '1-2-3-4-5-6-7-8', shape: 'digits with signs' },
    { value: '30s', shape: 'a number with a unit' },
    { value: '2h30m', shape: 'a number with a unit' },
    { value: '512MB', shape: 'a number with a unit' },
    { value: '12C', shape: 'an identifier' },
    { value: '2026/11/02', shape: 'a date like YYYY/MM/DD' },
    { value: 'Nov 2, 2026', shape: 'a date in words' },
    { value: 'may 3 people come', shape: 'several words' },
  ])('$value has the form $shape', ({ value, shape }) => {
    expect(shapeOf(value)).toBe(shape)
  })

  test.each(['{', '[', ' ', '/', '1-', '[redacted:', '{ ', ' \n', 'a,'])(
    'a megabyte of %j is read in no time',
    (unit) => {
      const started = performance.now()
      shapeOf(`${unit.repeat(1_000_000 / unit.length)}x`)
      // Milliseconds on any machine; minutes if it grew with the square of the length.
      expect(performance.now() - started).toBeLessThan(5_000)
    },
  )
})

test('no shape gives a value away: not a word of it, and of its digits none', () => {
  const name = fc.stringMatching(/^[a-z]{4,12}$/)
  const identifying = fc.oneof(
    fc.tuple(name, fc.integer({ min: 10 })).map(([a, b]) => `${a}_${b}`),
    fc.tuple(name, name).map(([a, b]) => `${a}.${b}@acme.example`),
    fc.tuple(name, name).map(([a, b]) => `${a} ${b}`),
    fc.tuple(name, name).map(([a, b]) => `/home/${a}/${b}`),
    fc
      .tuple(fc.stringMatching(/^[#$@]?[A-Z]{0,5}[-_]?$/), fc.integer({ min: 0 }))
      .map(([a, b]) => `${a}${b}`),
    fc.string({ unit: 'binary' }).map((it) => `${it}7`),
    fc.integer({ min: 1 }),
    fc.array(name),
  )
  // What a shape may be made of. A value that happens to be one of these words gives nothing away.
  const own =
    /^(?:a|an|is|that|not|HTTP|unit|UUID|redacted|value|boolean|range|cells|lines|signs|YYYY\/MM\/DD|whole|number|negative|fraction|digits|date|time|like|YYYY-MM-DD|YYYY-MM-DDThh:mm|in|another|order|of|JSON|identifier|e-mail|address|URL|absolute|relative|path|several|one|word|words|with|quotes|or|brackets|long|text|empty|blank|list|of|1|2|more|true|false|null|object)$/
  fc.assert(
    fc.property(identifying, (value) => {
      const shape = shapeOf(value)
      if (/^[#$@]?[A-Z]{0,3}[-_]?<n>$/.test(shape) || /^[^\p{L}\d]*v?(?:<n>x?[^\p{L}\d]*)+$/u.test(shape))
        return
      const [kind, sign = ''] = shape.split(/(?<= with )(?=\S$)/)
      expect(sign).not.toMatch(/[\p{L}\d]/u)
      for (const word of kind!.trim().split(' ')) expect(word).toMatch(own)
    }),
    { numRuns: 1_000 },
  )
})

describe('a word or prefix that a value may be chosen by', () => {
  test.each([
    { value: 'delivered', choice: 'delivered' },
    { value: 'no_longer_needed', choice: 'no_longer_needed' },
    { value: 'HIGH', choice: 'HIGH' },
    { value: 'paypal_4711', choice: 'paypal_<n>' },
    { value: 'credit_card_5832574', choice: 'credit_card_<n>' },
    { value: 'Ana', choice: null },
    { value: 'Ana Lee', choice: null },
    { value: '4711', choice: null },
    { value: 'a1b2', choice: null },
    { value: 'src/a.ts', choice: null },
    { value: 'ana@acme.example', choice: null },
    { value: 'x'.repeat(41), choice: null },
    { value: '', choice: null },
    { value: 17, choice: null },
    { value: ['delivered'], choice: null },
  ])('of $value is $choice', ({ value, choice }) => {
    expect(choiceOf(value)).toBe(choice)
  })

  test('holds no digit', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z_0-9-]{1,30}$/), (value) => {
        expect(choiceOf(value) ?? '').not.toMatch(/\d/)
      }),
    )
  })
})
