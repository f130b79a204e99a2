/** The screen of `reverie decide`, with the keys of a person who is not there. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideOneByOne } from '../../src/cli/decide-screen.ts'
import { screenFor } from '../../src/cli/screen.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import type { ChangeStatus } from '../../src/domain/change.ts'
import { type Desk, openDesk } from '../govern/desk.ts'

let desk: Desk

beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

/** Presses these keys one after another; `line:` types a line, and a function is what happens before the next key. */
type Press = string | (() => Promise<unknown>)

async function decide(presses: Press[], edit: (text: string) => string = () => 'nobody edits\n') {
  const changes = (await desk.engine.changes({ status: ['undecided'], limit: 1_000 })).data
  const left = [...presses]
  let shown = ''
  const next = async (): Promise<string> => {
    const press = left.shift()
    if (press === undefined) throw new Error(`nobody pressed a key after:\n${shown}`)
    if (typeof press === 'string') return press
    await press()
    return next()
  }
  const terminal: Terminal = {
    write: (text) => {
      shown += text
    },
    key: next,
    line: async (question) => {
      shown += question
      const typed = await next()
      return typed === 'ctrl-c' ? null : typed.replace(/^line:/, '')
    },
    lend: (work) => work(),
    close: async () => {},
  }
  const screen = screenFor({}, [], null, null)
  const decided = await decideOneByOne(
    { screen, engine: desk.engine, terminal, by: 'user:ana', edit },
    changes,
  )
  expect(left).toEqual([])
  return { shown, decided }
}

async function statuses(): Promise<Record<string, ChangeStatus>> {
  const { data } = await desk.engine.changes({ status: ['undecided', 'approved', 'rejected', 'adopted'] })
  return Object.fromEntries(data.map((it) => [/before-(.+)\.md$/.exec(it.path)![1]!, it.status]))
}

describe('keys', () => {
  beforeEach(() => desk.night(['book', 'cancel', 'refund']).then(() => {}))

  test.each<[what: string, presses: Press[], after: Record<string, ChangeStatus>]>([
    ['a, and no at the end', ['a', 'q', 'n'], { book: 'approved' }],
    ['a, and yes at the end', ['a', 'q', 'y'], { book: 'adopted' }],
    ['r with a reason', ['r', 'line:not here', 'q'], { book: 'rejected' }],
    ['r without a reason', ['r', 'line: ', 'q'], {}],
    ['r, given up', ['r', 'ctrl-c', 'q'], {}],
    ['s, space and return', ['s', ' ', 'return'], {}],
    ['s, then a', ['s', 'a', 'q', 'n'], { cancel: 'approved' }],
    ['a, back, r', ['a', 'b', 'r', 'line:no', 'q'], { book: 'rejected' }],
    ['back from the first', ['b', 'b', 'a', 'q', 'n'], { book: 'approved' }],
    [
      'a word of help, an unknown key, all quotes',
      ['?', 'x', 'up', 'd', 'a', 'q', 'n'],
      { book: 'approved' },
    ],
    ['a to the end', ['a', 'a', 'a', 'n'], { book: 'approved', cancel: 'approved', refund: 'approved' }],
    ['ctrl-c', ['a', 'ctrl-c', 'n'], { book: 'approved' }],
    ['the end of the input', ['ctrl-d'], {}],
  ])('%s', async (_, presses, after) => {
    await decide(presses)
    expect(await statuses()).toEqual({
      book: 'undecided',
      cancel: 'undecided',
      refund: 'undecided',
      ...after,
    })
  })

  test('e opens the text, and what is saved is what is approved', async () => {
    const { shown } = await decide(['e', 'q', 'n'], (text) => text.replace('Call', 'Always call'))
    const { data } = await desk.engine.changes({ status: ['approved'] })

    expect(shown).toContain('Approved by ana, as ana edited it, not adopted yet.')
    expect((await desk.engine.change(data[0]!.id)).content).toContain('Always call')
  })

  test('e again opens what was refused, so nothing that was typed is lost', async () => {
    const secret = `key ${['AKIA', 'Q3EGR7ZJ5KPL', 'TX2M'].join('')}`
    const opened: string[] = []
    const { shown } = await decide(['e', 'e', 'q', 'n'], (text) => {
      opened.push(text)
      return opened.length === 1 ? `Look first, with aws_access_key_id=${secret}\n` : 'Look first.\n'
    })

    expect(shown).toContain('Not decided: the edited text holds what looks like a secret')
    expect(opened[1]).toContain('Look first, with')
    expect(await statuses()).toMatchObject({ book: 'approved' })
  })

  test('a change that moved on is shown again, and not decided', async () => {
    const [book] = (await desk.engine.changes()).data
    const word = {
      decision: 'rejected' as const,
      reason: 'not here',
      edited: null,
      until: null,
      covered_by: null,
    }
    const byBen = () => desk.engine.decide([{ id: book!.id }], word, 'user:ben')
    const { shown } = await decide([byBen, 'a', 's', 'q'])

    expect(shown.replace(/\s+/g, ' ')).toContain('is not what you saw: it is rejected now.')
    expect(shown.match(/Change 1 of 3/g)).toHaveLength(2)
    expect(shown).toContain('rejected by ben: not here')
    expect(await statuses()).toMatchObject({ book: 'rejected' })
  })

  test('the end says what was decided, and what went live', async () => {
    const { shown, decided } = await decide(['a', 'r', 'line:no', 's', 'y'])

    expect(shown).toContain('Decided: 1 approved, 1 rejected, 1 left undecided.')
    expect(shown).toMatch(
      /1 change is live\.\n(chg_[0-9a-f]{8}) {2}\+ new +\/mistakes\/get_book-before-book\.md\nTake one back: .*undo \1\n$/,
    )
    expect(decided.map((it) => it.status)).toEqual(['approved', 'rejected'])
  })
})

test('with nothing to decide it says so', async () => {
  expect((await decide([])).shown).toBe('Nothing waits for a decision.\n')
})

test('one change shows all that a decision rests on, in 80 columns but for paths', async () => {
  await desk.night(['refund'])
  const { shown } = await decide(['?', 'd', 'q'])
  const wide = shown.split('\n').filter((it) => it.length > 80 && !/\.md$|reverie -- /.test(it))

  for (const it of [
    'Change 1 of 1 ──',
    '@@ -0,0 +1,11 @@',
    '    + Call `get_refund` before `refund`.',
    'Lessons behind it',
    '95 % interval',
    'Quotes (1 of 8)',
    'a tool: "Error: not allowed now"',
    'held for a person: it speaks of payment: "refund" (policy ',
  ])
    expect(shown).toContain(it)
  expect(wide).toEqual([])
})

test('text of strangers does nothing to the terminal', async () => {
  const [refund] = await desk.night(['refund'])
  const evil = 'Look\x1b[2J\x1b]0;mine\x07 first\u202egnp\r.\n'
  const word = { decision: 'approved' as const, reason: '', edited: evil, until: null, covered_by: null }
  await desk.engine.decide([{ id: refund!.id }], word, 'user:b\x1b[31men')
  const undo = { ...word, edited: null, decision: 'rejected' as const, reason: 'no\x1b[2J' }
  await desk.engine.decide([{ id: refund!.id }], undo, 'user:ben')
  const changes = (await desk.engine.changes({ status: ['rejected'] })).data
  let shown = ''
  const terminal = { write: (it: string) => (shown += it), key: async () => 'q' } as unknown as Terminal
  await decideOneByOne(
    { screen: screenFor({}, [], null, null), engine: desk.engine, terminal, by: 'user:ana' },
    changes,
  )

  expect(shown).toContain('Look\\x1b[2J')
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u)
})
