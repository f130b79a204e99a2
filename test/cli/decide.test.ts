/** `reverie changes` and `reverie decide` as scripts use them. */
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { type Engine, type ListedChange, openEngine, type ShownChange } from '../../src/engine.ts'
import { openDesk } from '../govern/desk.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-decide-'))
const world = { home, env: { REVERIE_DB: join(home, 'desk.db') } }
afterAll(() => rmSync(home, { recursive: true }))

beforeAll(async () => {
  const desk = await openDesk(join(home))
  await desk.night(['book', 'cancel', 'refund'])
  await desk.engine.close()
  copyFileSync(desk.path, join(home, 'fresh.db'))
})

/** A database in which three changes wait, anew for each test. */
function freshly(): void {
  for (const it of readdirSync(home)) if (it.startsWith('desk.db')) rmSync(join(home, it))
  copyFileSync(join(home, 'fresh.db'), join(home, 'desk.db'))
}

type Row = z.infer<typeof shapes.ListedChange>

async function changes(...args: string[]): Promise<Row[]> {
  return shapes.list(shapes.ListedChange).parse(await reverieJson(['changes', ...args], world)).data
}

async function decide(...args: string[]): Promise<z.infer<typeof shapes.Decided>> {
  return shapes.Decided.parse(await reverieJson(['decide', ...args], world))
}

/** Looked up without the command line, which takes its time to start. */
async function rows(wanted: Parameters<Engine['changes']>[0] = {}): Promise<ListedChange[]> {
  const engine = openEngine({ database: world.env.REVERIE_DB })
  const { data } = await engine.changes(wanted)
  await engine.close()
  return data
}

async function shown(id: string): Promise<ShownChange> {
  const engine = openEngine({ database: world.env.REVERIE_DB })
  const change = await engine.change(id)
  await engine.close()
  return change
}

async function refund(): Promise<ListedChange> {
  return (await rows({ path: '**refund**' }))[0]!
}

describe('changes', () => {
  beforeEach(freshly)

  test('is a list of what waits, with all that was said of it', async () => {
    const rows = await changes()

    expect(rows.map((it) => it.path)).toEqual([
      '/mistakes/get_book-before-book.md',
      '/mistakes/get_cancel-before-cancel.md',
      '/mistakes/get_refund-before-refund.md',
    ])
    expect(rows[0]).toMatchObject({ store: 'desk', decision: 'undecided', decisions: [], tiers: ['process'] })
  })

  test('is of one dream where that is named by the beginning of its id', async () => {
    const { dream_id } = await refund()

    expect(await changes(dream_id.slice(0, 10))).toHaveLength(3)
    expect((await reverie(['changes', 'drm_none'], world)).stderr).toContain('there is no dream drm_none')
  })

  test('in words names each change by an id that works as printed', async () => {
    const { stdout } = await reverie(['changes', '--limit', '1'], world)
    const [, id] = /^(chg_[0-9a-f]{8}) {2}\+ new {8}\/mistakes\/get_book-before-book\.md$/m.exec(stdout)!
    const shown = await reverie(['changes', 'show', id!], world)

    expect(stdout).toMatch(/process, undecided, held for a person: no rule/)
    expect(stdout).toContain('There is more:')
    expect(stdout).toMatch(/Decide: .*decide/)
    expect(shown.stdout).toContain('    + Call `get_book` before `book`.')
    expect(shown.exit_code).toBe(0)
  })

  test('show has the text, its diff, the lessons and every quote', async () => {
    const { id } = await refund()
    const it = shapes.ShownChange.parse(await reverieJson(['changes', 'show', id.slice(0, 12)], world))

    expect(it.content).toBe(it.after)
    expect(it.diff[0]).toMatch(/^@@ -0,0 \+1,\d+ @@$/)
    expect(it.lessons).toHaveLength(1)
    expect(it.evidence).toHaveLength(it.evidence_count)
  })

  test('shows who decided what, when and why', async () => {
    const { id } = await refund()
    await reverie(['decide', id, 'approve', '--as', 'ana'], world)
    await reverie(['decide', id, 'reject', '--as', 'ben', '--reason', 'not here'], world)
    const { stdout } = await reverie(['changes', 'show', id], world)

    expect(stdout).toMatch(/^ {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC approved by ana$/m)
    expect(stdout).toMatch(/^ {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC rejected by ben: not here$/m)
  })
})

describe('decide CHANGE', () => {
  beforeEach(freshly)

  test('approve', async () => {
    const { id } = await refund()
    const { decided } = await decide(id.slice(0, 12), 'approve', '--as', 'ana', '--reason', 'so we work')

    expect(decided).toMatchObject([
      { id, status: 'approved', decisions: [{ by: 'user:ana', reason: 'so we work' }] },
    ])
    expect((await decide(id, 'approve', '--as', 'ANA')).known).toHaveLength(1)
  })

  test('reject', async () => {
    const { id } = await refund()
    const { decided } = await decide(id, 'reject', '--reason', 'not here', '--until', '2099-12-31')

    expect(decided).toMatchObject([{ id, status: 'rejected', decision: 'rejected' }])
    expect(await rows({ status: ['rejected'] })).toHaveLength(1)
  })

  test('edit with a file approves its bytes', async () => {
    const { id } = await refund()
    writeFileSync(join(home, 'better.md'), 'Look\r\nfirst.')
    await decide(id, 'edit', '--file', 'better.md', '--as', 'ana')
    const it = await shown(id)

    expect(it).toMatchObject({ content: 'Look\r\nfirst.', edited_by: 'user:ana', status: 'approved' })
  })

  test.skipIf(process.platform === 'win32')('edit without a file opens the editor on the text', async () => {
    const { id } = await refund()
    const editor = join(home, 'editor.sh')
    writeFileSync(editor, `#!/bin/sh\nsed 's/Call/Always call/' "$2" > "$2.new" && mv "$2.new" "$2"\n`)
    chmodSync(editor, 0o755)
    const env = { ...world.env, EDITOR: 'false', VISUAL: `'${editor}' --wait` }
    await reverie(['decide', id, 'edit', '--as', 'ana'], { home, env })
    const { content } = await shown(id)

    expect(content).toContain('Always call `get_refund`')
  })

  test.skipIf(process.platform === 'win32')('edit keeps what was written where it is refused', async () => {
    const { id } = await refund()
    const editor = join(home, 'emptying.sh')
    writeFileSync(editor, `#!/bin/sh\nprintf ' \\n ' > "$1"\n`)
    chmodSync(editor, 0o755)
    const { stderr, exit_code } = await reverie(['decide', id, 'edit'], {
      home,
      env: { ...world.env, VISUAL: `'${editor}'`, TMPDIR: home },
    })
    const [, kept] = /is kept in (\S+), for --file/.exec(stderr.replace(/\s+/g, ' '))!

    expect(stderr).toContain('the edited text is empty')
    expect(readFileSync(kept!, 'utf8')).toBe(' \n ')
    expect(exit_code).toBe(1)
  })

  test('with a state that has passed is refused', async () => {
    const { id, state_sha256 } = await refund()
    await decide(id, 'reject', '--reason', 'not here', '--as', 'ben')
    const { stderr, exit_code } = await reverie(['decide', id, 'approve', '--expect', state_sha256], world)

    expect(stderr.replace(/\s+/g, ' ')).toContain('is not what you saw: it is rejected now')
    expect(exit_code).toBe(1)
  })
})

describe('decide --all', () => {
  beforeEach(freshly)

  test('without a yes shows what it would decide, decides nothing, and fails', async () => {
    const { stdout, exit_code } = await reverie(['decide', '--all', 'approve'], world)

    expect(stdout).toContain('/mistakes/get_cancel-before-cancel.md')
    expect(stdout).toContain('Nothing was decided. 3 changes would be: say so with --yes.')
    expect(exit_code).toBe(1)
    expect((await decide('--all', 'approve')).not_confirmed).toHaveLength(3)
    expect(await rows({ status: ['undecided'] })).toHaveLength(3)
  })

  test('decides what fits and nothing else', async () => {
    const { decided } = await decide('--all', 'approve', '--yes', '--path', '/mistakes/*{book,c}[]*')
    expect(decided).toEqual([])
    await decide('--all', 'reject', '--yes', '--path', '/mistakes/*book*', '--reason', 'not here')
    await decide('--all', 'approve', '--yes', '--tier', 'process', '--kind', 'add', '--store', 'desk')

    expect((await changes('--status', 'all')).map((it) => it.status)).toEqual([
      'rejected',
      'approved',
      'approved',
    ])
  })

  test('says what it decided, and how to put it live', async () => {
    const { stdout, exit_code } = await reverie(['decide', '--all', 'approve', '--yes', '--as', 'ana'], world)

    expect(stdout.match(/approved by ana, not adopted yet/g)).toHaveLength(3)
    expect(stdout).toMatch(/Adopt: .*adopt drm_[0-9a-f]{8}$/m)
    expect(exit_code).toBe(0)
  })
})

test('memory without memories says what waits, and how to decide', async () => {
  freshly()
  const { stdout } = await reverie(['memory'], world)
  expect(stdout).toMatch(/No memories yet\.\n {2}3 changes wait for a decision:\n.*decide\n$/)

  await decide('--all', 'approve', '--yes', '--path', '**refund**')
  const after = await reverie(['memory'], world)
  expect(after.stdout).toMatch(
    /2 changes wait for a decision:\n.*\n {2}1 change waits to be adopted:\n.*adopt\n$/,
  )
})

describe('what cannot be done is told', () => {
  let refund_id: string
  beforeAll(async () => {
    freshly()
    refund_id = (await refund()).id
    writeFileSync(join(home, 'latin.md'), Buffer.from([0x4c, 0xf6, 0x0a]))
    writeFileSync(join(home, 'empty.md'), '\n')
  })

  test.concurrent.each<[code: number, args: string[], says: RegExp]>([
    [1, ['decide'], /needs a terminal.*decide --all approve --yes/],
    [1, ['decide', 'REFUND'], /needs a terminal/],
    [1, ['decide', 'REFUND', 'reject'], /a rejection needs a reason/],
    [1, ['decide', '--all', 'reject', '--yes'], /a rejection needs a reason/],
    [1, ['decide', 'REFUND', 'adopt'], /adopt is not what can be decided.*approve, reject, edit/],
    [1, ['decide', '--all', 'edit', '--yes'], /edit is not what can be decided.*approve, reject/],
    [1, ['decide', '--all'], /nothing is not what can be decided/],
    [1, ['decide', '--all', 'approve', 'REFUND'], /--all decides what fits/],
    [1, ['decide', 'chg_none', 'approve'], /there is no change chg_none/],
    [1, ['decide', 'chg_', 'approve'], /3 changes begin with chg_/],
    [1, ['decide', 'REFUND', 'approve', '--until', '2099-01-01'], /--until says nothing about approve/],
    [1, ['decide', 'REFUND', 'edit', '--file', 'none.md'], /there is no file .*none\.md/],
    [1, ['decide', 'REFUND', 'edit', '--file', 'latin.md'], /is not UTF-8/],
    [1, ['decide', 'REFUND', 'edit', '--file', 'empty.md'], /is empty/],
    [1, ['decide', 'REFUND', 'edit'], /the editor .*false.* did not end well/],
    [2, ['decide', 'REFUND', 'reject', '--reason', 'x', '--until', '2026-02-30'], /date as 2026-12-31/],
    [2, ['changes', '--status', 'done'], /undecided, approved/],
    [1, ['changes', 'show', 'pat_1'], /there is no change pat_1/],
    [1, ['changes', '--store', 'x'], /there is no memory store x/],
  ])('%i for %j', async (code, args, says) => {
    const env = { REVERIE_DB: join(home, 'fresh.db'), EDITOR: 'false' }
    const line = args.map((it) => (it === 'REFUND' ? refund_id : it))
    const { stderr, exit_code } = await reverie(line, { home, env })

    expect(stderr.replace(/\s+/g, ' ')).toMatch(says)
    expect(exit_code).toBe(code)
  })

  test('and nothing is decided by it', async () => {
    freshly()
    expect(await rows({ status: ['undecided'] })).toHaveLength(3)
  })
})
