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
  /^(?:ls|find|file|stat|tree|which|type|whereis|diff|du|df|env|printenv|date|id|whoami|uname|vim?|nano|git (?:status|log|diff|show|add|branch))$/

/** Whether what a program does depends wholly on the script that it is given. */
export function isInterpreter(action: string): boolean {
  return /^(?:python[\d.]*|node|bash|sh|zsh|perl|ruby)$/.test(action)
}

/** Programs that take a command of their own: what counts is what follows. */
const PREFIXES = new Set(
  'sudo time timeout nice env nohup exec command then do else elif if while until ! {'.split(' '),
)
const PREFIX_OPTION_WITH_VALUE = /^-[ugks]$/

const NO_ACTION = new Set(
  `cd export set echo true fi done for pwd sleep pushd popd printf unset wait exit return break continue local
   shift trap`.split(/\s+/),
)

/** What a program's output is piped through in order to read it. */
const FILTERS = new Set(
  'cat head tail less more grep egrep rg wc sort uniq cut tr tee sed awk jq column nl'.split(' '),
)

const WITH_SUBCOMMAND = new Set(
  `git npm pnpm yarn npx pip pip3 uv poetry cargo go docker kubectl apt apt-get brew systemctl make gh terraform
   dotnet mvn gradle conda bundle rails bun deno aws gcloud az helm`.split(/\s+/),
)
/** Options before a subcommand whose next word is their value: `git -C api status`. */
const OPTION_WITH_VALUE = /^(?:-[CcnfP]|--(?:prefix|namespace|context|cwd|directory|profile|region|project))$/

/** Longer commands are scripts; their first lines say what they are. */
const COMMAND_LIMIT = 4_000

function programs(command: string): string[] {
  return simpleCommands(command.slice(0, COMMAND_LIMIT)).flatMap((it) => programIn(it.split(/\s+/)) ?? [])
}

/** What a simple command runs, with the subcommand where programs have them; null when it runs nothing of interest. */
function programIn(words: string[]): string | null {
  const start = words.findIndex((it, i) => !isPrefix(it, words[i - 1] ?? ''))
  const is_module = /^python[\d.]*$/.test(words[start] ?? '') && words[start + 1] === '-m'
  const at = is_module ? start + 2 : start
  const program = words[at] ?? ''
  if (!/^(?=.*[A-Za-z])[\w./+~-]+$/.test(program) || NO_ACTION.has(program)) return null
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (!WITH_SUBCOMMAND.has(name)) return name
  const [sub, script] = words
    .slice(at + 1)
    .filter((it, i, rest) => !it.startsWith('-') && !OPTION_WITH_VALUE.test(rest[i - 1] ?? ''))
  if (!sub || !SUBCOMMAND.test(sub)) return name
  return sub === 'run' && script && SUBCOMMAND.test(script) ? `${name} run ${script}` : `${name} ${sub}`
}

const SUBCOMMAND = /^[a-z][\w:-]*$/

function isPrefix(word: string, before: string): boolean {
  return (
    PREFIXES.has(word) ||
    word.startsWith('-') ||
    /^(?:\w+=|\d[\d.]*[smhd]?$)/.test(word) ||
    PREFIX_OPTION_WITH_VALUE.test(before)
  )
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

/** What stands in quotes, in a comment or in a here-document is not a command. */
function withoutTexts(script: string): string {
  return script.replace(TEXTS, (_text, _quote, _word, rest?: string) => rest ?? '…')
}

const TEXTS =
  /'[^']*'|"(?:[^"\\]|\\[\s\S])*"|(?<!\S)#[^\n]*|(?<!<)<<-?[ \t]*(['"]?)(\w+)\1([^\n]*)(?:[\s\S]*?\n[ \t]*\2(?=[\s)]|$)|[\s\S]*$)/g
