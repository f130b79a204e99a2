/**
 * Program: the words of a simple command in; what it runs out, with as many of its words as say what it does.
 *
 *     npm install left-pad           npm install
 *     pnpm --filter web generate     pnpm generate
 *     docker compose up -d           docker compose up
 *     uv run python -m pytest -x     uv run pytest
 *
 * Of most programs the name says it. Of those in the table one word more does, or two; what they are applied to never stands in it.
 */

/** In at most that many words; null when the command runs nothing of interest. */
export function programIn(words: string[], most = MOST_WORDS): string | null {
  const start = words.findIndex((it, i) => !isPrefix(it, words[i - 1] ?? ''))
  const at = start + moduleIn(words, start)
  const program = words[at] ?? ''
  if (!/^(?=.*[A-Za-z])[\w./+~-]+$/.test(program) || NO_ACTION.has(program)) return null
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (SHELL.test(name) && words[at + 1]?.startsWith('-') && /^-\w*c$/.test(words.at(-1)!)) return null
  const known = most > 1 ? PROGRAMS.get(name) : undefined
  return known === undefined ? name : [name, ...wordsOf(known, words.slice(at + 1), most - 1)].join(' ')
}

/** With more words than this a name reads like a sentence. */
const MOST_WORDS = 3
/** What follows its `-c` stands there as commands of their own. */
const SHELL = /^(?:ba|z|da)?sh$/

/** Programs that take a command of their own: what counts is what follows. */
const PREFIXES = new Set(
  'sudo doas time timeout nice stdbuf env nohup setsid exec command then do else elif if while until ! {'.split(
    ' ',
  ),
)
const PREFIX_OPTION_WITH_VALUE = /^(?:-[ugks]|--(?:user|group|unset|signal|kill-after|chdir))$/

function isPrefix(word: string, before: string): boolean {
  return (
    PREFIXES.has(word) ||
    word.startsWith('-') ||
    /^(?:\w+=|\d[\d.]*[smhd]?$)/.test(word) ||
    PREFIX_OPTION_WITH_VALUE.test(before)
  )
}

const NO_ACTION = new Set(
  `cd export set echo true fi done for pwd sleep pushd popd printf unset wait exit return break continue local
   shift trap`.split(/\s+/),
)

/** How many words stand before the module that Python runs: `python -u -m pytest` is `pytest`. */
function moduleIn(words: string[], start: number): number {
  if (!/^python[\d.]*$/.test(words[start] ?? '')) return 0
  const end = words.findIndex(
    (it, i) => i > start && (it === '-m' || !(it.startsWith('-') || /^-[WX]$/.test(words[i - 1]!))),
  )
  return words[end] === '-m' ? end + 1 - start : 0
}

type Program = {
  /** First words that say little without the next one: `pr` of `gh pr create`. */
  groups?: string[] | 'all'
  /** First words behind which another program stands: `exec` of `bundle exec rails`. */
  runs?: string[] | 'all'
  /** What takes the next word as its value, besides the options of `OPTION_WITH_VALUE`. */
  values?: string[]
}

const PROGRAMS = new Map<string, Program>(
  Object.entries({
    ...each('pip pip3 apt apt-get brew systemctl rails rake mix prisma rustup'),
    ...each('mvn mvnw', { values: ['-f', '-pl', '-P', '-rf'] }),
    ...each('gradle gradlew', { values: ['-p', '-x'] }),
    ...each('make just', { values: ['-C', '-f', '-d'] }),
    ...each('docker podman', {
      groups: words('compose buildx builder image container volume network system context'),
      values: ['-f', '-p', '-c', '-H'],
    }),
    ...each('docker-compose', { values: ['-f', '-p'] }),
    ...each('gh', { groups: 'all', values: ['-R'] }),
    ...each('aws az gcloud', { groups: 'all' }),
    ...each('npx bunx uvx', { runs: 'all', values: ['-p'] }),
    ...each('git', { groups: words('bisect lfs remote stash submodule worktree'), values: ['-C', '-c'] }),
    ...each('npm', { groups: ['run'], runs: ['exec', 'x'], values: ['-C', '-w'] }),
    ...each('pnpm', { groups: ['run'], runs: ['exec', 'dlx'], values: ['-C', '-F'] }),
    ...each('yarn', { groups: ['run', 'workspaces'], runs: ['exec', 'dlx'], values: ['workspace'] }),
    ...each('bun', { groups: ['run', 'pm'], runs: ['x'] }),
    ...each('deno', { groups: ['task'] }),
    ...each('uv', { groups: ['pip', 'tool', 'python'], runs: ['run'], values: ['-p'] }),
    ...each('poetry', { groups: ['env', 'self'], runs: ['run'], values: ['-C', '-P'] }),
    ...each('pipenv pdm hatch pipx', { runs: ['run'], values: ['-p'] }),
    ...each('conda', { groups: ['env'], runs: ['run'], values: ['-n', '-p'] }),
    ...each('bundle', { runs: ['exec'] }),
    ...each('cargo', { values: ['-C', '-Z'] }),
    ...each('go', { groups: ['mod', 'work'], values: ['-C'] }),
    ...each('dotnet', { groups: ['ef', 'tool'] }),
    ...each('kubectl', { groups: words('auth config rollout set'), values: ['-n', '-s'] }),
    ...each('helm', { groups: ['repo'], values: ['-n'] }),
    ...each('terraform tofu', { groups: ['state', 'workspace'] }),
    ...each('composer', { groups: ['run'], values: ['-d'] }),
    ...each('php', { groups: ['artisan'] }),
  }),
)

function each(names: string, program: Program = {}): Record<string, Program> {
  return Object.fromEntries(words(names).map((it) => [it, program]))
}

function words(text: string): string[] {
  return text.split(' ')
}

/** `npm --prefix web run build`, whichever program it is. */
const OPTION_WITH_VALUE =
  /^--(?:prefix|cwd|dir|directory|project|project-name|project-directory|manifest-path|file|env-file|config|git-dir|work-tree|repo|namespace|context|kube-context|kubeconfig|profile|region|output|host|hostname|log-?level|filter|workspace|package|from|with|python|extra|group)$/

/** The words of a known program that say what it does. */
function wordsOf({ groups, runs, values }: Program, given: string[], most: number): string[] {
  let at = nextWord(given, 0, values)
  if (runs === 'all') return runIn(given.slice(at), most)
  while (NO_SUBCOMMAND.test(given[at] ?? '')) at = nextWord(given, at + 1, values)
  const sub = given[at] ?? ''
  if (!SUBCOMMAND.test(sub)) return []
  const next = nextWord(given, at + 1, values)
  if (runs?.includes(sub)) return [sub, ...runIn(given.slice(next), most - 1)]
  const is_group = most > 1 && (groups === 'all' || groups?.includes(sub))
  return is_group && SUBCOMMAND.test(given[next] ?? '') ? [sub, given[next]!] : [sub]
}

/** A toolchain, a variable, a number, and what was in quotes. */
const NO_SUBCOMMAND = /^(?:[+$…]|\d+$|\w+=)/
const SUBCOMMAND = /^:?[a-z][\w:-]{0,59}$/

/** The index of the first word from there on that is neither an option nor its value. */
function nextWord(given: string[], from: number, values: string[] = []): number {
  for (let i = from; i < given.length; i++) {
    const word = given[i]!
    if (values.includes(word) || (word.startsWith('--') && OPTION_WITH_VALUE.test(word))) i++
    else if (!word.startsWith('-')) return i
  }
  return given.length
}

/** What `npx`, `uv run` and the like run; nothing where that is a file. */
function runIn([program = '', ...rest]: string[], most: number): string[] {
  const name = program.replace(/(?<=.)@[^@/]*$/, '')
  if (/^@[a-z][\w.-]*\/[a-z][\w.-]*$/.test(name)) return [name]
  return SUBCOMMAND.test(name) ? (programIn([name, ...rest], most)?.split(' ') ?? []) : []
}
