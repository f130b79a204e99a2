/**
 * What a call did, named so that the same thing has the same name in every session.
 *
 * A tool is its name. A shell is a tool that runs other tools, so a shell call is the programs it
 * runs: `cd api && npm install left-pad` is `npm install`.
 */
export function actionsOf(tool: string, input: Record<string, unknown>): string[] {
  if (!isShell(tool)) return [tool]
  const command = commandLine(input)
  if (command === null) return [tool]
  const actions = programs(command)
  return actions.length === 0 ? [tool] : actions
}

const SHELL =
  /^(?:bash|sh|zsh|shell|local_shell|exec_command|run_command|run_shell_command|run_terminal_cmd|execute_bash|terminal|container\.exec)$/i

/** Whether a tool runs programs. */
export function isShell(tool: string): boolean {
  return SHELL.test(tool)
}

function commandLine(input: Record<string, unknown>): string | null {
  const value = input.command ?? input.cmd ?? input.script
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || value.some((it) => typeof it !== 'string')) return null
  // ["bash", "-lc", "npm test"] is what the last word says.
  return /^(?:ba|z)?sh$/.test(value[0] ?? '') ? (value.at(-1) ?? null) : value.join(' ')
}

/** Programs that take a command of their own: what counts is what follows. */
const PREFIXES = new Set([
  'sudo',
  'time',
  'env',
  'nohup',
  'exec',
  'command',
  'then',
  'do',
  'else',
  'if',
  'while',
  '!',
  '{',
  '(',
])
const NO_ACTION = new Set([
  'cd',
  'export',
  'set',
  'echo',
  'true',
  'fi',
  'done',
  'for',
  'pwd',
  'sleep',
  'pushd',
  'popd',
  'printf',
  'unset',
  'wait',
])
const WITH_SUBCOMMAND = new Set([
  'git',
  'npm',
  'pnpm',
  'yarn',
  'npx',
  'pip',
  'pip3',
  'uv',
  'poetry',
  'cargo',
  'go',
  'docker',
  'kubectl',
  'apt',
  'apt-get',
  'brew',
  'systemctl',
  'make',
  'gh',
  'terraform',
  'dotnet',
  'mvn',
  'gradle',
  'conda',
  'bundle',
  'rails',
  'bun',
  'deno',
  'aws',
  'gcloud',
  'az',
  'helm',
])

/** Longer commands are scripts; their first lines say what they are. */
const COMMAND_LIMIT = 4_000

function programs(command: string): string[] {
  const found: string[] = []
  for (const segment of segments(command.slice(0, COMMAND_LIMIT))) {
    const words = segment.trim().split(/\s+/)
    let i = 0
    while (i < words.length && (PREFIXES.has(words[i]!) || /^\w+=/.test(words[i]!))) i++
    if (words[i] === 'timeout') i += 2
    const module = /^python[\d.]*$/.test(words[i] ?? '') && words[i + 1] === '-m' ? words[i + 2] : undefined
    const program = module ?? words[i]
    if (!program || !/^[\w./+~-]+$/.test(program) || NO_ACTION.has(program)) continue
    const name = program.slice(program.lastIndexOf('/') + 1)
    const next = words.slice(i + 1).find((it) => !it.startsWith('-'))
    const sub = WITH_SUBCOMMAND.has(name) && next && /^[a-z][\w:-]*$/.test(next) ? ` ${next}` : ''
    const script =
      name === 'npm' && sub === ' run' ? ` ${words[words.indexOf('run') + 1] ?? ''}`.trimEnd() : ''
    found.push(name + sub + script)
  }
  return found
}

/** The simple commands of a command line. What stands in quotes, or in a here-document, is not a command. */
function segments(command: string): string[] {
  const here = /<<-?\s*['"]?(\w+)/.exec(command)
  const line = here ? command.slice(0, command.indexOf('\n', here.index) + 1 || undefined) : command
  return line.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, 'quoted').split(/&&|\|\||[;|\n]/)
}
