import { programIn } from './program.ts'
import { visible } from './visible-text.ts'

/**
 * What a call did, named so that the same thing has the same name in every session.
 *
 * A tool is its name. A shell is a tool that runs other tools, so a shell call is the programs it
 * runs: `cd api && npm install left-pad` is `npm install`.
 */
export function actionsOf(tool: string, input: Record<string, unknown>): string[] {
  const command = commandLine(tool, input)
  const actions = command === null ? [] : programs(command)
  return actions.length === 0 ? [plainName(tool)] : actions
}

/**
 * A name that a transcript gives, a tool's or an argument's, on one line and without what is not seen:
 * names become parts of keys and of sentences, where they stand in backticks.
 */
export function plainName(name: string): string {
  const plain = visible(name.slice(0, NAME_LIMIT)).replace(/`/g, "'")
  return plain === '' ? '(no name)' : plain
}

const NAME_LIMIT = 200

/**
 * The arguments of a call under their names. The command of a shell is left out: it says what was done, and is no form that
 * something is given in.
 */
export function argumentsOf(tool: string, input: Record<string, unknown>): [name: string, value: unknown][] {
  const names = Object.keys(input).filter((it) => !(isShell(tool) && COMMAND.test(it)))
  return names.map((it) => [argumentName(it, input), input[it]])
}

const COMMAND = /^(?:command|cmd|script)$/

/** An input that is no object is kept as the only argument `raw`, a name of ours; to harnesses it is the input. */
export function argumentName(name: string, input: Record<string, unknown>): string {
  return name === 'raw' && Object.keys(input).length === 1 ? 'input' : plainName(name)
}

const SHELL =
  /^(?:bash|sh|zsh|shell|local_shell|exec_command|run_command|run_shell_command|run_terminal_cmd|execute_bash|terminal|container\.exec)$/i

/** Whether a tool runs programs. */
export function isShell(tool: string): boolean {
  return SHELL.test(tool)
}

/** The command that a shell was given; null for other tools, and where it is not told. */
export function commandLine(tool: string, input: Record<string, unknown>): string | null {
  if (!isShell(tool)) return null
  const value = input.command ?? input.cmd ?? input.script
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || value.some((it) => typeof it !== 'string')) return null
  // ["bash", "-lc", "npm test"] is what the last word says.
  if (/^(?:.*\/)?(?:ba|z)?sh$/.test(value[0] ?? '')) return value.at(-1) ?? null
  return value.map((it) => (/^[\w./:=@+~-]+$/.test(it) ? it : '…')).join(' ')
}

/**
 * The options that a shell call gives to one of its programs, without their values: `--user` of `pip install --user=ana`.
 * Options are words of a program, never of a task.
 */
export function optionsOf(tool: string, input: Record<string, unknown>, action: string): Set<string> {
  const commands = simpleCommands((commandLine(tool, input) ?? '').slice(0, COMMAND_LIMIT))
  return new Set(
    commands
      .map((it) => it.split(/\s+/))
      .filter((words) => programIn(words) === action)
      .flatMap((words) => words.flatMap((it) => OPTION.exec(it)?.[0] ?? [])),
  )
}

const OPTION = /^--?[A-Za-z][A-Za-z-]{0,39}(?==|$)/

/**
 * Whether a program's success says nothing about why another one works afterwards: it looks at things, it writes a
 * file, or it is an interpreter, which may have done anything.
 */
export function isPlainWork(action: string): boolean {
  return FILTERS.has(action) || PLAIN_WORK.test(action) || isInterpreter(action)
}

const PLAIN_WORK =
  /^(?:ls|find|file|stat|tree|which|type|whereis|diff|du|df|env|printenv|date|id|whoami|uname|vim?|nano|git (?:add|branch)|kubectl get|\S+ (?:\S+ )?(?:ps|logs?|status|list|ls|show|view|inspect|describe|diff))$/

/** Whether what a program does depends wholly on the script that it is given. */
export function isInterpreter(action: string): boolean {
  return /^(?:python[\d.]*|node|bash|sh|zsh|perl|ruby)$/.test(action)
}

/** What a program's output is piped through in order to read it. */
const FILTERS = new Set(
  'cat head tail less more grep egrep rg wc sort uniq cut tr tee sed awk jq column nl'.split(' '),
)

/** Longer commands are scripts; their first lines say what they are. */
const COMMAND_LIMIT = 4_000

function programs(command: string): string[] {
  return simpleCommands(command.slice(0, COMMAND_LIMIT)).flatMap((it) => programIn(it.split(/\s+/)) ?? [])
}

/** The simple commands of a script, without those that only filter what another one prints. */
function simpleCommands(script: string): string[] {
  return withoutTexts(script.replace(/\\\n/g, ' '))
    .split(/&&|\|\||[;\n()]|(?<![>&])&(?![>&])/)
    .flatMap((pipeline) =>
      pipeline
        .split('|')
        .map((it) => it.trim())
        .filter((it, i) => i === 0 || !FILTERS.has(it.split(/\s/, 1)[0]!)),
    )
}

/** What stands in quotes, in a comment or in a here-document is not a command, but for what a shell is told to run. */
function withoutTexts(script: string): string {
  return script.replace(TEXTS, (text: string, _quote, _word, rest: string | undefined, at: number) =>
    /^["']/.test(text) && isToShell(script, at) ? `\n${withoutTexts(unquoted(text))}\n` : (rest ?? '…'),
  )
}

/** Whether what stands there is what a shell is told: it follows `bash -lc`. */
function isToShell(script: string, at: number): boolean {
  return /c\s+$/.test(script.slice(at - 3, at)) && TO_A_SHELL.test(script.slice(Math.max(0, at - 60), at))
}

const TO_A_SHELL = /(?:^|[\s/;&|(])(?:ba|z|da)?sh(?:\s+(?:-[\w-]+|pipefail))*\s+-\w*c\s+$/

function unquoted(text: string): string {
  const inside = text.slice(1, -1)
  return text.startsWith("'") ? inside : inside.replace(/\\(["\\$`])/g, '$1')
}

const TEXTS =
  /'[^']*'|"(?:[^"\\]|\\[\s\S])*"|(?<!\S)#[^\n]*|(?<!<)<<-?[ \t]*(['"]?)(\w+)\1([^\n]*)(?:[\s\S]*?\n[ \t]*\2(?=[\s)]|$)|[\s\S]*$)/g
