/**
 * Runs one command line: arguments in, an exit code out.
 *
 * stdout gets the answer and nothing else; in JSON mode that is exactly one document, for an error too. Errors and
 * progress go to stderr. Exit codes: 0 done, or nothing to do; 1 failed; 2 the command line was not understood.
 */

import { join } from 'node:path'
import { type Command, CommanderError } from 'commander'
import { DEFAULT_WORKSPACE } from '../domain/default-workspace.ts'
import { EngineError } from '../domain/error.ts'
import type { Answer, Call } from './call.ts'
import { commandName } from './command-line.ts'
import { dataFolder, modelsFile } from './data-folder.ts'
import { wrap } from './layout.ts'
import { printable, printableJson } from './printable.ts'
import { reverieProgram } from './program.ts'
import { progressOn } from './progress.ts'
import { screenFor } from './screen.ts'
import { terminalOn } from './terminal.ts'

export type ExitCode = 0 | 1 | 2

type Streams = { stdin?: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream }

export async function run(argv: string[], streams: Streams): Promise<ExitCode> {
  let exit_code: ExitCode = 0
  const complaints: string[] = []
  const program = reverieProgram(async (work) => {
    exit_code = await answer(work, program, argv, streams)
  }, argv)
  forEachCommand(program, (it) =>
    it.exitOverride().configureOutput({
      writeOut: (text) => streams.stdout.write(withOurName(text, '$ ')),
      outputError: (text) => complaints.push(text),
    }),
  )
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return exit_code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return tell(failureOf(error, program, argv, complaints), argv, streams)
  }
}

/** Does the work of a command and prints its answer, when the databases are closed again; or before, where the command goes on. */
async function answer<T>(
  work: (call: Call) => Promise<Answer<T>>,
  program: Command,
  argv: string[],
  { stdin, stdout, stderr }: Streams,
): Promise<ExitCode> {
  const options: { db?: string; workspace?: string; json?: true } = program.opts()
  const database = options.db || join(dataFolder(), 'reverie.db')
  const workspace = options.workspace || DEFAULT_WORKSPACE.name
  const models_file = modelsFile()
  const is_named = (option: string) => program.getOptionValueSource(option) === 'cli'
  const screen = screenFor(
    stdout,
    argv,
    is_named('db') ? database : null,
    is_named('workspace') || workspace !== DEFAULT_WORKSPACE.name ? workspace : null,
  )
  const progress = progressOn(stderr)
  const say: Call['say'] = (data, show) => {
    progress.end()
    if (!options.json) stdout.write(show(printable(data), screen))
  }
  const tell = ({ data, show, remark, until }: Answer<T>) => {
    if (options.json) stdout.write(`${printableJson(data, until ? 0 : 2)}\n`)
    else {
      say(data, show)
      if (remark) stderr.write(remark(printable(data), screen))
    }
  }
  const engine = () => import('../engine.ts')
  const answer = await closing(async (closed) => {
    const answered = await work({
      database,
      workspace,
      open: async (other) =>
        closed(
          (await engine()).openEngine(
            other ? { database: other, models_file } : { database, workspace, models_file },
          ),
        ),
      openInHurry: async (patience_ms) =>
        closed((await engine()).openEngine({ database, workspace, patience_ms, models_file })),
      openWorkspaces: async () => closed((await engine()).openWorkspaces({ database })),
      openServer: async (allowed) =>
        closed((await engine()).openServer({ database, models_file, ...allowed })),
      say,
      screen,
      terminal: () => {
        const terminal = options.json ? null : terminalOn(stdin, stdout)
        return terminal && closed(terminal)
      },
      progress,
    })
    if (answered.until) tell(answered)
    await answered.until?.()
    return answered
  }).finally(progress.end)
  if (!answer.until) tell(answer)
  return answer.exit_code ?? 0
}

type Closable = { close: () => Promise<void> }

/** Closes all that the work said to close, whatever happens. */
async function closing<T>(work: (closed: <C extends Closable>(it: C) => C) => Promise<T>): Promise<T> {
  const open: Closable[] = []
  try {
    return await work((it) => {
      open.push(it)
      return it
    })
  } finally {
    for (const it of open) await it.close()
  }
}

type Told = { type: string; message: string; hint: string | null }
type Failure = { told: Told; exit_code: ExitCode; stack?: string }

function failureOf(error: unknown, program: Command, argv: string[], complaints: string[]): Failure {
  if (error instanceof EngineError)
    return { told: { type: error.type, message: error.message, hint: error.hint }, exit_code: 1 }
  if (error instanceof CommanderError)
    return {
      told: { type: 'invalid_request_error', ...usageFailure(complaints.join(''), program, argv) },
      exit_code: 2,
    }
  const message = error instanceof Error ? error.message : String(error)
  return {
    told: {
      type: 'internal_error',
      message: `this is a bug in Reverie: ${message}`,
      hint: 'run the same command with REVERIE_DEBUG=1 and report what it prints; what was stored is safe',
    },
    exit_code: 1,
    stack: process.env.REVERIE_DEBUG && error instanceof Error ? error.stack : undefined,
  }
}

function tell({ told, exit_code, stack }: Failure, argv: string[], { stdout, stderr }: Streams): ExitCode {
  if (isJson(argv)) stdout.write(`${printableJson({ error: told })}\n`)
  else stderr.write(failureText(printable(told)))
  if (stack) stderr.write(`${printable(stack)}\n`)
  return exit_code
}

/** What is wrong with a command line, and what was perhaps meant. */
function usageFailure(
  complaint: string,
  program: Command,
  argv: string[],
): { message: string; hint: string } {
  const command = commandMeant(program, argv)
  const path = commandPath(command)
  const help = `\`${path} --help\` shows how it is used`
  // A noun alone lists, so a word that is no command of it reaches the list, which takes none.
  const [, surplus] = /^error: too many arguments .*: (.*)\.$/.exec(complaint.trim()) ?? []
  if (surplus && command.commands.length > 0) {
    const names = command.commands.map((it) => it.name()).join(', ')
    return { message: `\`${path}\` has no command ${surplus}`, hint: `it has ${names}; ${help}` }
  }
  const [message, guess] = complaint
    .replace(/^error: /, '')
    .trim()
    .split('\n')
  const suggestion = /Did you mean (.+)\?/.exec(guess ?? '')?.[1]
  return { message: message!, hint: suggestion ? `did you mean ${suggestion}? ${help}` : help }
}

/** The command that the words name, as far as they name one. */
function commandMeant(program: Command, argv: string[]): Command {
  let command = program
  for (const word of argv) command = command.commands.find((it) => it.name() === word) ?? command
  return command
}

function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name()
}

function failureText({ message, hint }: Told): string {
  const local = hint && withOurName(hint, '`')
  const lines = `reverie: ${message}`.split('\n').map((it) => wrap(it, 80))
  return `${lines.join('\n')}\n${local ? `${wrap(local, 80, '  ')}\n` : ''}`
}

/** Help and hints name commands as `reverie …`; here they may be called otherwise. */
function withOurName(text: string, mark: string): string {
  return text.replaceAll(`${mark}reverie `, `${mark}${commandName()} `)
}

/** The options may not have been read when something goes wrong. */
function isJson(argv: string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

function forEachCommand(command: Command, work: (it: Command) => void): void {
  work(command)
  for (const it of command.commands) forEachCommand(it, work)
}
