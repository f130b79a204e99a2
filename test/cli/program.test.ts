/** A command line is read with the command alone that it calls; nobody can tell that from the one with all of them. */
import { type Command, CommanderError } from 'commander'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reverieProgram } from '../../src/cli/program.ts'

const all = reverieProgram(async () => {})

test.each(all.commands.map((it) => it.name()))('of a line that calls %s no other is declared', (name) => {
  const line = ['--json', '--db', 'lessons', '--workspace=hook', name]

  expect(reverieProgram(async () => {}, line).commands.map((it) => it.name())).toEqual([name])
})

test.each([
  { line: [] },
  { line: ['--help'] },
  { line: ['--help', 'hook'] },
  { line: ['--db', 'hook'] },
  { line: ['lesson'] },
  { line: ['constructor'] },
  { line: ['--verbose', 'hook'] },
])('of a line that calls nothing all are: $line', ({ line }) => {
  expect(reverieProgram(async () => {}, line).commands).toHaveLength(all.commands.length)
})

test('whatever is typed comes to the same', async () => {
  const names = [...all.commands, ...all.commands.flatMap((it) => it.commands)].map((it) => it.name())
  const others = ['--db', '--db=a', '--workspace', '--json', '--help', '-h', '--', '--as', '-x', 'a', '3']
  const word = fc.oneof(fc.constantFrom(...names), fc.constantFrom(...others))
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (line) => {
      expect(await comesTo(line, line)).toEqual(await comesTo(line, []))
    }),
  )
})

/** What is done, or said, where the words of `declared` say which commands there are. */
async function comesTo(line: string[], declared: string[]) {
  const program = reverieProgram(async () => {}, declared)
  let said = ''
  const write = (text: string) => {
    said += text
  }
  for (const it of everyCommand(program))
    it.exitOverride().configureOutput({ writeOut: write, writeErr: write, outputError: write })
  const done: unknown[] = []
  program.hook('preAction', (_, it) => {
    done.push(it.parent?.name(), it.name(), it.args, it.optsWithGlobals())
  })
  await program.parseAsync(line, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error
  })
  return { said, done }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}
