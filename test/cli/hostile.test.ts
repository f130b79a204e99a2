/** An agent reads hostile things, and so do we: nothing of a transcript acts on the terminal of the person who reads about it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printable, printableJson } from '../../src/cli/printable.ts'
import { progressOn } from '../../src/cli/progress.ts'
import { reverie, reverieJson } from './reverie.ts'

const ESC = '\x1b'
/** Clears the screen, names the window, goes back to the start of the line; then C1 codes, and text that reads backwards. */
const EVIL = `${ESC}[2J${ESC}]0;mine\x07\r\x08\x7f\x9b31m\u202egnp.exe\u2028`
const CONTROL = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u

const home = mkdtempSync(join(tmpdir(), 'reverie-hostile-'))
afterAll(() => rmSync(home, { recursive: true }))

const world = { home, env: { REVERIE_DB: join(home, 'hostile.db') } }
const ids: Record<string, string> = {}

beforeAll(async () => {
  writeFileSync(join(home, `evil${ESC}[31m.jsonl`), 'not a transcript\n')
  writeFileSync(join(home, 'sessions.jsonl'), hostileSessions().join('\n'))
  await reverie(['ingest', 'sessions.jsonl'], world)
  const { dream, changes } = await reverieJson(['dream'], world)
  ids.DREAM = dream.id
  ids.CHANGE = changes[0].id
  ids.SESSION = (await reverieJson(['sessions'], world)).data[0].id
  ids.LESSON = (await reverieJson(['lessons', '--candidates'], world)).data[0].id
  await reverie(['decide', '--all', 'approve', '--yes', '--as', 'ana'], world)
  await reverie(['adopt', dream.id, '--as', 'ana'], world)
  ids.PATH = (await reverieJson(['memory'], world)).data.at(-1).path
})

describe('no control character of a transcript reaches the terminal', () => {
  const commands = [
    'ingest .',
    'ingest . --harness steps --agent AGENT',
    'dream',
    'dream --agent AGENT',
    'changes --status all',
    'changes show CHANGE',
    'changes --store AGENT',
    'decide CHANGE approve',
    'decide CHANGE reject --reason AGENT',
    'decide --all reject --status all --yes --reason AGENT',
    'decide AGENT',
    'lessons --candidates',
    'evidence LESSON',
    'sessions',
    'sessions list --agent AGENT',
    'sessions show SESSION',
    'memory',
    'memory cat PATH',
    'memory cat AGENT',
    'memory history PATH',
    'dreams',
    'dreams show DREAM',
    'sessions AGENT',
    'lessons --AGENT',
  ]
  test.concurrent.each(commands.flatMap((it) => [it, `${it} --json`]))('%s', async (command) => {
    const args = command.split(' ').map((it) => ids[it] ?? it.replace('AGENT', `desk${EVIL}`))
    const { stdout, stderr } = await reverie(args, world)

    expect(`${stdout}${stderr}`).not.toBe('')
    expect(`${stdout}${stderr}`).not.toMatch(CONTROL)
  })

  test.each([
    { command: 'sessions', letters: '\\x1b[' },
    { command: 'sessions show SESSION', letters: '\\x1b[' },
    { command: 'evidence LESSON', letters: '\\x1b[' },
    { command: 'ingest .', letters: '\\x1b[' },
  ])('$command shows in letters what stood there', async ({ command, letters }) => {
    const { stdout } = await reverie(
      command.split(' ').map((it) => ids[it] ?? it),
      world,
    )

    expect(stdout).toContain(letters)
  })

  test('not with the progress either', () => {
    let written = ''
    const terminal = { isTTY: true, columns: 80, write: (it: string) => (written += it) }
    progressOn(terminal as unknown as NodeJS.WriteStream).dream(`desk${EVIL}`, 'review', 1, 2)

    expect(written.replace(`\r${ESC}[2K`, '')).not.toMatch(CONTROL)
  })
})

test.each([
  ['plain text', 'plain text'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['Windows\r\nlines', 'Windows\nlines'],
  [`${ESC}[31mred`, '\\x1b[31mred'],
  ['a\rb\x07c\x7fd\x9be', 'a\\x0db\\x07c\\x7fd\\x9be'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['ünïcode 漢字 🙂', 'ünïcode 漢字 🙂'],
])('%j is printed as %j', (text, printed) => {
  expect(printable(text)).toBe(printed)
  expect(printable({ [text]: [text, { text }] })).toEqual({ [printed]: [printed, { text: printed }] })
})

test('JSON holds every character, and none that acts', () => {
  expect(printableJson({ text: EVIL })).not.toMatch(CONTROL)
  expect(JSON.parse(printableJson({ text: EVIL }))).toEqual({ text: EVIL })
})

/** An agent with a hostile name whose hostile tool fails with a hostile message, and whose user is hostile too. */
function hostileSessions(): string[] {
  return Array.from({ length: 12 }, (_, i) =>
    JSON.stringify({
      id: `${EVIL}-${i}`,
      agent: `desk${EVIL}`,
      agent_version: EVIL,
      task_id: `${EVIL}${i}`,
      outcome: { success: false, explanation: EVIL, rule: EVIL, termination: EVIL },
      steps: [
        { role: 'user', text: `${EVIL} please book trip ${i}` },
        { role: 'assistant', text: EVIL, calls: [{ id: 'c1', name: `book${EVIL}`, args: { [EVIL]: EVIL } }] },
        { role: 'tool', call_id: 'c1', name: `book${EVIL}`, text: `Error: closed ${EVIL}`, error: true },
        { role: 'feedback', kind: 'edit', before: EVIL, after: EVIL, comment: EVIL },
      ],
    }),
  )
}
