/** What counts as a key that a person pressed. */
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isYes, type Terminal, terminalOn } from '../../src/cli/terminal.ts'

function fake() {
  const raw: boolean[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (it: boolean) => raw.push(it) })
  let shown = ''
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  stdout.on('data', (it) => (shown += it))
  const terminal = terminalOn(stdin as unknown as NodeJS.ReadStream, stdout as unknown as NodeJS.WriteStream)!
  return { stdin, terminal, raw, shown: () => shown }
}

/** What `wait` waits for, typed while it waits. */
async function typed<T>(stdin: PassThrough, wait: Promise<T>, text: string): Promise<T> {
  await setImmediate()
  stdin.write(text)
  return wait
}

test.each([
  ['a', 'a'],
  ['?', '?'],
  [' ', ' '],
  ['é', 'é'],
  ['\r', 'return'],
  ['\x03', 'ctrl-c'],
  ['\x04', 'ctrl-d'],
  ['\x1b[D', 'left'],
])('%j is the key %s', async (text, key) => {
  const { stdin, terminal } = fake()
  expect(await typed(stdin, terminal.key(), text)).toBe(key)
})

test('what is typed before a key is asked for, or pasted after the first, decides nothing', async () => {
  const { stdin, terminal } = fake()
  stdin.write('aaa')
  await setImmediate()
  expect(await typed(stdin, terminal.key(), 'rrr')).toBe('r')
  expect(await typed(stdin, terminal.key(), 's')).toBe('s')
})

test('the end of the input is a key, and stays one', async () => {
  const { stdin, terminal } = fake()
  const key = terminal.key()
  stdin.end()
  expect(await key).toBe('ctrl-d')
  expect(await terminal.key()).toBe('ctrl-d')
})

test.each<[typed: string, line: string | null]>([
  ['not here\r', 'not here'],
  ['not hera\x7fe\r', 'not here'],
  ['\r', ''],
  ['not\x03', null],
  ['\x04', null],
])('a line typed as %j is %j, and keys count again after it', async (text, line) => {
  const { stdin, terminal } = fake()
  expect(await typed(stdin, terminal.line('Why not? '), text)).toBe(line)
  expect(await typed(stdin, terminal.key(), 'a')).toBe('a')
})

test('another program has the terminal to itself, also when it fails', async () => {
  const { terminal, raw } = fake()
  expect(() =>
    terminal.lend(() => {
      expect(raw.at(-1)).toBe(false)
      throw new Error('no such editor')
    }),
  ).toThrow('no such editor')
  expect(raw.at(-1)).toBe(true)
  await terminal.close()
  expect(raw.at(-1)).toBe(false)
})

test.each([
  ['y', true],
  ['Y', true],
  ['n', false],
  ['\r', false],
  ['\x1b[A', false],
  ['\x03', false],
])('%j says yes: %s', async (text, is_yes) => {
  const { stdin, terminal } = fake()
  expect(await typed(stdin, isYes(terminal, 'Adopt?'), text)).toBe(is_yes)
})

test('there is nobody to ask where input or output is no terminal', () => {
  const tty = { isTTY: true } as NodeJS.ReadStream & NodeJS.WriteStream
  const pipe = {} as NodeJS.ReadStream & NodeJS.WriteStream
  const asked: (Terminal | null)[] = [
    terminalOn(pipe, tty),
    terminalOn(tty, pipe),
    terminalOn(undefined, tty),
  ]
  expect(asked).toEqual([null, null, null])
})
