import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Privacy, piiFinder } from '../../src/1-ingest/pii.ts'
import { redact, redactSession } from '../../src/1-ingest/redact.ts'
import type { SessionEvent } from '../../src/domain/event.ts'
import { UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import { PII_SHAPES, type PiiClass } from '../../src/domain/pii.ts'
import type { Session } from '../../src/domain/session.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'

const all: Privacy = {
  classes: [...PII_SHAPES, 'name'],
  names: 'Ana Silva\nMark\nlia\nO’Brien\nZoë Müller\n田中 健一',
  key: '00ff',
}

/** Every value here is made up, with right check digits where there are some. */
const values: { class: PiiClass; value: string; around?: [string, string] }[] = [
  { class: 'email', value: 'ana.silva+tag@mail.example.co.uk' },
  { class: 'email', value: 'ANA@EXAMPLE.ORG', around: ['<', '>'] },
  { class: 'email', value: 'ana@example.com', around: ['mailto:', '?subject=a'] },
  { class: 'email', value: 'ana@example.com', around: ['Ask ', '. Then go.'] },
  { class: 'email', value: 'søren@bücher.example' },
  { class: 'email', value: 'ana%40example.com', around: ['https://a.test/?m=', '&b=1'] },
  { class: 'email', value: 'ana [at] example [dot] com' },
  { class: 'email', value: 'ana@example.com', around: ['{\\"m\\":\\"hi\\n', '\\"}'] },
  { class: 'email', value: 'ana@example.com', around: ['\\u003c', '\\u003e'] },
  { class: 'phone', value: '+1 (415) 555-0132' },
  { class: 'phone', value: '+14155550132', around: ['tel:', '"'] },
  { class: 'phone', value: '(415) 555-0132' },
  { class: 'phone', value: '415.555.0132' },
  { class: 'phone', value: '4155550132', around: ['my phone number is ', '.'] },
  { class: 'phone', value: '020 7946 0321' },
  { class: 'phone', value: '+44 (0)20 7946 0321' },
  { class: 'phone', value: '0049 30 23125 123' },
  { class: 'phone', value: '0171/3920123' },
  { class: 'phone', value: '06 39 98 12 34' },
  { class: 'phone', value: '612 345 678', around: ['Mi móvil: ', ''] },
  { class: 'phone', value: '070-123 45 67' },
  { class: 'phone', value: '(11) 91234-5678' },
  { class: 'phone', value: '090-1234-5678', around: ['電話は', 'です'] },
  { class: 'card', value: '4111111111111111' },
  { class: 'card', value: '4111 1111 1111 1111', around: ['', ', exp 12/27'] },
  { class: 'card', value: '5500-0000-0000-0004' },
  { class: 'card', value: '378282246310005' },
  { class: 'card', value: '3782 822463 10005' },
  { class: 'card', value: '2223003122003222', around: ['a,', ',b'] },
  { class: 'iban', value: 'DE89370400440532013000' },
  { class: 'iban', value: 'GB29 NWBK 6016 1331 9268 19', around: ['', ' and more'] },
  { class: 'iban', value: 'nl91abna0417164300', around: ['iban=', '&a=1'] },
  { class: 'national-id', value: '219-09-9999', around: ['SSN: ', ''] },
  { class: 'national-id', value: '219099999', around: ['{"userSsn":"', '"}'] },
  { class: 'national-id', value: '219-09-9999', around: ['', ' (SSN)'] },
  { class: 'national-id', value: 'AB 12 34 56 C', around: ['National Insurance number ', ''] },
  { class: 'national-id', value: '1 85 05 78 006 084 91' },
  { class: 'national-id', value: '12345678Z' },
  { class: 'national-id', value: 'X1234567L' },
  { class: 'national-id', value: 'RSSMRA85T10A562S' },
  { class: 'national-id', value: '86 095 742 719' },
  { class: 'national-id', value: '111222333', around: ['BSN ', ''] },
  { class: 'national-id', value: '44051401359', around: ['PESEL: ', ''] },
  { class: 'national-id', value: '756.9217.0769.85' },
  { class: 'national-id', value: '529.982.247-25' },
  { class: 'national-id', value: '811218-9876', around: ['personnummer ', ''] },
  { class: 'ip', value: '203.0.113.77', around: ['from ', ':443'] },
  { class: 'ip', value: '203.0.113.77', around: ['ip=', '/24'] },
  { class: 'ip', value: '2001:db8::8a2e:370:7334', around: ['[', ']:443'] },
  { class: 'name', value: 'Ana Silva' },
  { class: 'name', value: 'ana.silva', around: ['logged in as ', ''] },
  { class: 'name', value: 'SILVA, ANA' },
  { class: 'name', value: 'Ana\nSilva' },
  { class: 'name', value: 'Ana+Silva', around: ['?q=', '&n=1'] },
  { class: 'name', value: 'Mark', around: ['', '’s turn'] },
  { class: 'name', value: 'MARK' },
  { class: 'name', value: 'Lia' },
  { class: 'name', value: "O'Brien" },
  { class: 'name', value: 'Zoe\u0308 Mu\u0308ller' },
  { class: 'name', value: 'Zo\\u00eb M\\u00fcller', around: ['{"n":"', '"}'] },
  { class: 'name', value: 'Zo%C3%AB%20M%C3%BCller' },
  { class: 'name', value: '田中健一', around: ['', 'さんは'] },
]

const untouched = [
  'git clone git@github.com:acme/api.git; scp web@host.example.com:/srv .; https://user@host.example.com/a',
  'lodash@4.17.21, logo@2x.png, getty@tty1.service, @app.route("/"), y = A@B.T',
  'v1.2.3.4, version 10.0.19041.1, foo==2.1.0.7, 127.0.0.1, 0.0.0.0, ::1, 1.3.6.1.4.1.311',
  '12:34:56, 00:1b:44:11:3a:b7, std::dead::beef, a::b',
  'the card 4111111111111112 and 4111 1111 1111 1112 are wrong by a digit, 1111111111111117 is of no network',
  'DE88370400440532013000 is wrong by a digit, XX89370400440532013000 of no country',
  '12345678A, X1234567A: wrong letters; 86095742718: wrong check digit; RSSMRA85T10A562T too',
  '219-09-9999, 111222333, 44051401359, 811218-9876: nothing says what these are',
  'SSN 000-12-3456, 666-12-3456, 900-12-3456, 123-00-4567, 123-45-0000: no such areas',
  '2026-03-02T09:14:07.221Z 02.03.2026 10:15 20260302-101512 1767225600000 1767225600000000000',
  '978-3-16-148410-0, 0-306-40615-2, 550e8400-e29b-41d4-a716-446655440000',
  '9fceb02d0ae598e95dc970b74767f19372d61af8, 48.858370, 2.294481, 1.234.567,89 €, 83 240 525 people',
  'phone model 12345678; hotel 4155550132; call getUser(12345678); 612 345 678 steps',
  '0000010 06 12 34 56 78 ab cd; 512 640 1024; 255, 128, 64; +2026-03-02; +15 %',
  'please mark it; Markdown; anasilva; Silva said so; book-marks',
  'already gone: [redacted:phone:123456789012] [redacted:email:4155550132ab]',
]

const masked = (kind: string) => new RegExp(`^\\[redacted:${kind}:[0-9a-f]{12}\\]$`)

test.each(values)(
  '$value in $around is $class',
  async ({ class: kind, value, around: [before, after] = ['', ''] }) => {
    const { text, redactions } = await redact(before + value + after, all)

    expect(text.slice(0, before.length)).toBe(before)
    expect(text.slice(before.length, text.length - after.length)).toMatch(masked(kind))
    expect(redactions).toEqual({ [kind]: 1 })
  },
)

test.each(untouched)('this is no personal data: %s', async (text) => {
  expect(await redact(text, all)).toEqual({ text, redactions: {} })
})

test.each(values)(
  '$value stays when $class was not asked for',
  async ({ class: kind, value, around = ['', ''] }) => {
    const others = { ...all, classes: all.classes.filter((it) => it !== kind) }

    const { redactions } = await redact(around.join(value), others)

    expect(redactions).not.toHaveProperty(kind)
  },
)

describe('a placeholder', () => {
  test.each([
    ['ana@example.com', 'Ana@Example.COM', 'ana%40example.com', 'ana (at) example.com'],
    ['4111111111111111', '4111 1111 1111 1111', '4111-1111-1111-1111'],
    ['DE89370400440532013000', 'de89 3704 0044 0532 0130 00'],
    ['+49 30 23125123', '+49 (30) 23125-123', '0049 30 23125123'],
    ['529.982.247-25', 'cpf 52998224725'],
    ['Ana Silva', 'ana silva', 'Silva, Ana', 'ANA_SILVA'],
  ])('is the same for every spelling: %s', async (...spellings) => {
    const texts = await Promise.all(spellings.map((it) => redact(it, all)))

    expect(new Set(texts.map(({ text }) => /\[.*\]/.exec(text)![0])).size).toBe(1)
  })

  test('is another one for another value, and in another database', async () => {
    const one = await redact('ana@example.com', all)

    expect((await redact('bob@example.com', all)).text).not.toBe(one.text)
    expect((await redact('ana@example.com', { ...all, key: '01' })).text).not.toBe(one.text)
  })

  test('does not say what a secret was', async () => {
    const secret = `ghp_${'a1'.repeat(18)}`

    expect((await redact(secret, all)).text).toBe('[redacted:github-token]')
  })
})

describe('a session', () => {
  const email = 'ana@example.com'

  test('loses personal data in every field, and the same value has the same placeholder in all of them', async () => {
    const base = { id: 'sevt_1', processed_at: null }
    const content = [{ type: 'text' as const, text: `from ${email}` }]
    const events: SessionEvent[] = [
      { type: 'user.message', ...base, content },
      { type: 'agent.tool_use', ...base, name: 'find', input: { [email]: [{ deep: email }] } },
      {
        type: 'agent.tool_result',
        ...base,
        ...{ is_error: true, error_class: 'exit_code', exit_code: 1 },
        tool_use_id: 'sevt_1',
        content,
      },
      {
        type: 'user.feedback',
        ...base,
        feedback: { kind: 'edit', before: email, after: '', comment: email },
      },
    ]
    const session = { ...sessionOf(events), agent: `desk-of-${email}`, task: email, person: email }
    const { text: placeholder } = await redact(email, all)

    const { session: redacted, redactions } = await redactSession(session, all)

    expect(redacted).toEqual({
      ...JSON.parse(
        JSON.stringify(session)
          .replaceAll(`desk-of-${email}`, await maskedText(`desk-of-${email}`))
          .replaceAll(email, placeholder),
      ),
    })
    expect(redactions).toEqual({ email: 9 })
  })

  test('without any comes back as the same object', async () => {
    const session = sessionOf([message('Order 4711 of 2026-03-02 went out.')])

    expect((await redactSession(session, all)).session).toBe(session)
  })

  test('loses numbers in the inputs of tools, where the key says what they are, and nowhere else', async () => {
    const session = sessionOf([toolUse({ phone: 4155550132, card: 4111111111111111, count: 4155550132 })])
    const usage = { ...NO_USAGE, input_tokens: 4111111111111111 }

    const { session: redacted } = await redactSession({ ...session, usage }, all)

    expect(redacted.usage).toEqual(usage)
    expect(inputOf(redacted)).toEqual({
      phone: expect.stringMatching(masked('phone')),
      card: expect.stringMatching(masked('card')),
      // What is somebody's number in one place is so in another.
      count: inputOf(redacted).phone,
    })
  })

  test('loses a number also where nothing tells what it is', async () => {
    const session = sessionOf([
      message('My SSN is 219-09-9999.'),
      toolUse({ command: 'grep 219099999 people.csv', other: 'order 219099998' }),
    ])

    const { session: redacted, redactions } = await redactSession(session, all)

    expect(JSON.stringify(redacted)).not.toMatch(/219-09-9999|219099999/)
    expect(JSON.stringify(redacted)).toContain('order 219099998')
    expect(redactions).toEqual({ 'national-id': 2 })
  })

  test('keeps two keys that become one apart', async () => {
    const session = sessionOf([toolUse({ 'a@b.io': 1, 'A@b.io': 2, last: 3 })])

    const { session: redacted } = await redactSession(session, all)

    const keys = Object.keys(inputOf(redacted))
    expect(Object.values(inputOf(redacted))).toEqual([1, 2, 3])
    expect(keys[1]).toBe(`${keys[0]} 2`)
    expect(keys[2]).toBe('last')
  })

  test('loses a secret that is the key of an input, with all that is in it', async () => {
    const token = `ghp_${'a1'.repeat(18)}`
    const session = sessionOf([toolUse({ a: { [token]: { [token]: token } } })])

    const { session: redacted, redactions } = await redactSession(session)

    const gone = '[redacted:github-token]'
    expect(inputOf(redacted)).toEqual({ a: { [gone]: { [gone]: gone } } })
    expect(redactions).toEqual({ 'github-token': 3 })
  })

  test('keeps the words of its own fields, whatever names are in the list', async () => {
    const session = sessionOf([
      {
        type: 'user.feedback',
        id: 'sevt_1',
        processed_at: null,
        feedback: { kind: 'approval', comment: 'approval' },
      },
    ])

    const { session: redacted } = await redactSession(session, { ...all, names: 'steps\nunknown\napproval' })

    expect(redacted).toMatchObject({ harness: 'steps', outcome: { result: 'unknown' } })
    expect(redacted.events[0]).toMatchObject({
      feedback: { kind: 'approval', comment: expect.stringMatching(masked('name')) },
    })
  })

  test.each([
    { name: 'the whole transcript', id: `steps-${'0a'.repeat(12)}`, kept: /^steps-[0-9a-f]{32}$/ },
    { name: 'an id that is personal', id: email, kept: masked('email') },
  ])('has no id that is a hash of $name', async ({ id, kept }) => {
    const hashed = 'sevt_0123456789abcdef01234567'
    const session = {
      ...sessionOf([{ ...message('hello'), id: hashed }]),
      external_session_id: id,
    }

    const { session: redacted } = await redactSession(session, all)

    expect(redacted.external_session_id).toMatch(kept)
    expect(redacted.external_session_id).not.toBe(id)
    if (id === email) expect(redacted.events[0]!.id).not.toBe(hashed)
    expect((await redactSession(redacted, all)).session).toEqual(redacted)
  })
})

describe('whatever stands around personal data', () => {
  const piece = fc.oneof(
    fc.constantFrom(...values.map(({ value, around = ['', ''] }) => around.join(value))),
    fc.constantFrom(...values.map(({ value }) => value.slice(0, 8))),
    fc.constantFrom(...untouched.map((it) => it.slice(0, 50))),
    fc.constantFrom(
      'password=',
      'token: "',
      '"',
      '\\n',
      '\n',
      ' ',
      '%20',
      '+',
      '.',
      '-',
      '@',
      '[redacted:',
      'tel ',
      'ssn ',
      'ana',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )

  test('redacting again changes nothing, of a text and of a session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (parts) => {
        const text = parts.join('')
        const once = await redact(text, all)
        const { session } = await redactSession(sessionOf([message(text), toolUse({ [text]: text })]), all)

        expect(await redact(once.text, all)).toEqual({ text: once.text, redactions: {} })
        expect((await redactSession(session, all)).session).toBe(session)
      }),
      { numRuns: 400 },
    )
  })

  test('it is gone from a text, from the JSON in it, and from a session', async () => {
    const apart = fc.constantFrom(' ', '\n', '\t', '"', "'", '(', ', ', '; ', '\\n', '語')
    const alone = values.filter((it) => it.around === undefined && /^[\w@.+() -]+$/.test(it.value))
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        apart,
        fc.constantFrom(...alone),
        apart,
        async (text, left, { value }, right) => {
          const whole = `${text}${left}${value}${right}end`
          const nested = JSON.stringify(JSON.stringify({ whole }))

          expect((await redact(whole, all)).text).not.toContain(value)
          expect((await redact(nested, all)).text).not.toContain(value)
          const { session } = await redactSession(sessionOf([message(whole), toolUse({ nested })]), all)
          expect(JSON.stringify(session)).not.toContain(value)
        },
      ),
      { numRuns: 400 },
    )
  })
})

const MANY = Array.from({ length: 2_000 }, (_, i) => `Ana ${i}th\nBo${i}`).join('\n')

test.each([
  ...['a', '1', '@', 'a@', 'a@b.', '@a.b', '.', '1 ', '1-', '(1) ', '+49', '0049 ', '01 ', '06 12 34 56 '],
  ...[
    '4111 ',
    '4111-1111-',
    'DE89 3704 ',
    '1.',
    '1.1.1.',
    '1:',
    '::',
    'ab:',
    'ssn 123-',
    'tel. 1',
    'call me at on ',
  ],
  ...[
    '\\',
    '\\n',
    '%40',
    '%C3',
    '\\u00e9',
    'ana ',
    'Ana 1th ',
    '田',
    '田中健',
    '[redacted:',
    '123456789 ',
    'RSSMRA85',
  ],
  ...['(at) ', '[dot]', '2026-03-02 ', 'é', 'e\u0301', '\u{1f600}', '1,', 'x@y.zz '],
])('four times as much of %j takes about four times as long', (piece) => {
  const find = piiFinder({ ...all, names: `${all.names}\n${MANY}` })
  const once = timeOf(find, piece, 50_000)
  const fourfold = timeOf(find, piece, 200_000)

  expect(fourfold).toBeLessThan(Math.max(10 * once, 100))
})

/** The least processor time, in milliseconds, of three runs over that many characters. */
function timeOf(find: ReturnType<typeof piiFinder>, piece: string, length: number): number {
  const text = `${piece.repeat(length / piece.length)} ana@example.com`
  const times = [1, 2, 3].map(() => {
    const start = process.cpuUsage()
    find(text, '')
    return process.cpuUsage(start).user / 1000
  })
  return Math.min(...times)
}

async function maskedText(text: string): Promise<string> {
  return (await redact(text, all)).text
}

function inputOf(session: Pick<Session, 'events'>): Record<string, unknown> {
  return session.events.flatMap((it) => ('input' in it ? [it.input] : []))[0]!
}

function sessionOf(events: SessionEvent[]): Omit<Session, 'id'> {
  return {
    harness: 'steps',
    external_session_id: 'a1',
    agent: 'desk',
    agent_version: null,
    task: null,
    person: null,
    parent_external_session_id: null,
    started_at: '2026-03-02T09:14:07.221Z',
    ended_at: null,
    outcome: UNKNOWN_OUTCOME,
    usage: NO_USAGE,
    events,
  }
}

function message(text: string): SessionEvent {
  return { type: 'user.message', id: 'sevt_1', processed_at: null, content: [{ type: 'text', text }] }
}

function toolUse(input: Record<string, unknown>): SessionEvent {
  return { type: 'agent.tool_use', id: 'sevt_2', processed_at: null, name: 'Bash', input }
}
