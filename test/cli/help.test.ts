/** The help of every command, and docs/cli.md, which leaves nothing out. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { reverieProgram } from '../../src/cli/program.ts'
import * as shapes from './json-shapes.ts'

const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
const program = reverieProgram(async () => {})
const commands = everyCommand(program)
const leaves = commands.filter(({ command }) => command.commands.length === 0)

test('these are the commands', () => {
  expect(leaves.map((it) => it.path)).toEqual([
    'reverie start',
    'reverie ingest',
    'reverie dream',
    'reverie changes list',
    'reverie changes show',
    'reverie decide',
    'reverie adopt',
    'reverie undo',
    'reverie lessons',
    'reverie evidence',
    'reverie risk',
    'reverie doctor',
    'reverie baseline',
    'reverie drift',
    'reverie experiments list',
    'reverie experiments show',
    'reverie experiments start',
    'reverie experiments end',
    'reverie lift',
    'reverie simulate',
    'reverie recall',
    'reverie recalls',
    'reverie report',
    'reverie sessions list',
    'reverie sessions show',
    'reverie memory ls',
    'reverie memory cat',
    'reverie memory history',
    'reverie memory show',
    'reverie memory diff',
    'reverie memory restore',
    'reverie memory remove',
    'reverie memory export',
    'reverie memory import',
    'reverie dreams list',
    'reverie dreams show',
    'reverie models',
    'reverie digest',
    'reverie policy show',
    'reverie policy check',
    'reverie policy set',
    'reverie policy test',
    'reverie policy history',
    'reverie erase',
    'reverie retention run',
    'reverie audit list',
    'reverie audit export',
    'reverie audit verify',
    'reverie audit keygen',
    'reverie audit sign',
    'reverie workspace list',
    'reverie workspace create',
    'reverie workspace set',
    'reverie workspace show',
    'reverie install',
    'reverie uninstall',
    'reverie hook session-start',
    'reverie hook session-end',
    'reverie hook catch-up',
    'reverie serve',
    'reverie keys list',
    'reverie keys create',
    'reverie keys revoke',
  ])
})

describe.each(leaves)('$path', ({ path, command }) => {
  const help = helpOf(command)
  const section = sectionOf(path)

  test('the help shows an example that calls it', () => {
    expect(help).toMatch(new RegExp(`Examples:\\n(.*\\n)*? +\\$ ${path.replace(/ (list|ls)$/, '')}`))
  })

  test('the help names the database and --json, and fits 80 columns', () => {
    expect(help).toContain('--db <database>')
    expect(help).toContain('--json')
    expect(help.split('\n').filter((it) => it.length > 80)).toEqual([])
  })

  test('docs/cli.md has its arguments and options', () => {
    for (const it of command.options) expect(section).toContain(`\`${it.flags}\``)
    for (const it of command.registeredArguments) expect(section).toContain(`<${it.name()}`)
  })
})

test.each(commands.filter(({ command }) => command.commands.length > 0))(
  'the help of $path names what it does alone',
  ({ path, command }) => {
    if (command !== program) expect(helpOf(command)).toContain(`\`${path}\` alone is \`${path} `)
    expect(
      helpOf(command)
        .split('\n')
        .filter((it) => it.length > 80 && !it.startsWith('Data folder: ')),
    ).toEqual([])
  },
)

test('docs/cli.md has the options of every command', () => {
  for (const it of program.options) expect(docs).toContain(`\`${it.flags}\``)
  expect(docs).toContain('REVERIE_DB')
  expect(docs).toContain('REVERIE_WORKSPACE')
})

test.each(Object.entries(shapes).filter(([, it]) => it instanceof z.ZodType))(
  'docs/cli.md explains every key of %s',
  (_, shape) => {
    const missing = keysOf(z.toJSONSchema(shape as z.ZodType, { unrepresentable: 'any' })).filter(
      (it) => !docs.includes(`\`${it}\``) && !docs.includes(`"${it}"`),
    )

    expect(missing).toEqual([])
  },
)

function everyCommand(command: Command, before = ''): { path: string; command: Command }[] {
  const path = `${before}${command.name()}`
  return [{ path, command }, ...command.commands.flatMap((it) => everyCommand(it, `${path} `))]
}

/** The whole help, with what is added after it. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (it) => (text += it), getOutHelpWidth: () => 80 })
  command.outputHelp()
  return text
}

/** From the heading of a command to the next heading. */
function sectionOf(path: string): string {
  const [, section] = new RegExp(`^##+ ${path}\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, 'm').exec(docs)!
  return section!
}

/** Keys of objects, but not those of usage and outcome, which are values of the domain. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  if (Array.isArray(schema)) return schema.flatMap(keysOf)
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties'
      ? Object.entries(value as object).flatMap(([name, it]) =>
          name === 'usage' || name === 'outcome' ? [name] : [name, ...keysOf(it)],
        )
      : keysOf(value),
  )
}
