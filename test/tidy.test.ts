/**
 * The house stays tidy: who may import whom, which outside package is whose business, and what a file may be called.
 *
 * Each rule is a function of source files, so that each is also shown a file that breaks it.
 */
import { globSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path/posix'
import { parseAst } from 'rolldown/parseAst'
import { expect, test } from 'vitest'

const STAGES = ['1-ingest', '2-review', '3-mine', '4-consolidate', '5-decide', '6-recall', '7-measure']
const PIPELINE = [
  'advise.ts',
  'alarms.ts',
  'dream.ts',
  'drift.ts',
  'erasure',
  'evidence.ts',
  'govern',
  'group-claims.ts',
  'ingest.ts',
  'ingest-inlet.ts',
  'ingest-stream.ts',
  'ingest-threads.ts',
  'ingest-thread.ts',
  'measure.ts',
  'mine-on-thread.ts',
  'mine-thread.ts',
  'night.ts',
  'propose.ts',
  'read-sessions.ts',
  'ready-session.ts',
  'settle.ts',
]

/** Each folder and file of `src`, and what of ours it may import besides itself. What is not listed may not exist. */
const MAY_IMPORT: Record<string, string[]> = {
  domain: [],
  model: ['domain'],
  db: ['domain'],
  // Formats are functions between memories and files; who reads and writes the files is the doors' business.
  exchange: ['domain'],
  // A report is text between data and a reader: it knows neither what measured it nor where it is put.
  report: ['domain'],
  jobs: ['domain', 'db'],
  ...Object.fromEntries(STAGES.map((it) => [it, ['domain', 'model']])),
  ...Object.fromEntries(PIPELINE.map((it) => [it, ['domain', 'model', 'db', ...STAGES, ...PIPELINE]])),
  engine: ['domain', 'model', 'db', 'jobs', 'exchange', ...STAGES, ...PIPELINE],
  'engine.ts': ['domain', 'db', 'engine', 'exchange', ...STAGES, ...PIPELINE],
  http: ['domain', 'engine.ts'],
  mcp: ['domain', 'engine.ts'],
  cli: ['domain', 'engine.ts', 'http', 'mcp', 'report'],
  'index.ts': ['domain', 'engine.ts'],
}

/** The one exception: the command that starts without any sessions dreams over the sample workload, and another plays in invented worlds. */
const SAMPLE = { from: ['src/cli/commands/start.ts', 'src/cli/commands/simulate.ts'], to: 'examples' }

/** Outside packages, and modules of Node, that are one folder's business. A package that is not listed is nobody's. */
const MAY_USE: Record<string, string[]> = {
  zod: ['domain', 'exchange', 'model', '1-ingest', '2-review', '3-mine', '4-consolidate', '5-decide'],
  kysely: ['db'],
  'node:sqlite': ['db'],
  '@secretlint/secretlint-rule-preset-recommend': ['1-ingest'],
  commander: ['cli'],
  yaml: ['domain'],
  hono: ['http'],
  '@hono/node-server': ['http'],
  '@hono/zod-openapi': ['http'],
  pino: ['http'],
  'prom-client': ['http'],
  '@ai-sdk/amazon-bedrock': ['model'],
  '@ai-sdk/anthropic': ['model'],
  '@ai-sdk/google': ['model'],
  '@ai-sdk/openai-compatible': ['model'],
  '@ai-sdk/provider': ['model'],
  '@anthropic-ai/sdk': ['model'],
  croner: ['domain'],
  standardwebhooks: ['domain'],
}

/**
 * Who may call other programs, over a network or by starting them, and how. Whatever contents go over a network go through an
 * `Outbound` of src/domain/residency.ts; webhooks, which have none, go where `webhookReach` there lets them.
 */
const MAY_CALL_OUT: Record<string, string[]> = {
  // The editor that a person has chosen.
  'src/cli/edit-text.ts': ['node:child_process'],
  // This very program, which stores a session after the hook that told of its end has returned.
  'src/cli/background.ts': ['node:child_process'],
  // What Hono calls answering a request: it is handed to the socket, and called by nobody here.
  'src/http/serve.ts': ['fetch'],
  // The name of a setting by which SDKs are given `Outbound` in the place of it.
  'src/model/transport.ts': ['fetch'],
  // Ids, to where an admin said: it connects to the very address it has looked up and found good, which `fetch` cannot.
  'src/engine/webhook-post.ts': ['node:dns/promises', 'node:http', 'node:https'],
  // What sessions say, to models, as far as the workspace allows: an `Outbound`, and the only one.
  'src/engine/outbound.ts': ['fetch'],
}

const CALLING_OUT = {
  modules:
    /^(?:node:)?(?:net|tls|https?|http2|dns|dns\/promises|dgram|inspector|inspector\/promises|cluster|child_process)$/,
  /** What these modules have besides. */
  harmless: ['isIP', 'isIPv4', 'isIPv6'],
  globals: ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'getBuiltinModule', 'createRequire'],
}

/** Where the hooks and `reverie lessons` lead. To build the schemas takes longer than all that these do. */
const IN_HURRY = [
  'src/cli/run.ts',
  'src/cli/commands/hook.ts',
  'src/cli/commands/lessons.ts',
  'src/engine.ts',
  'src/engine/harness-sessions.ts',
  'src/engine/lessons.ts',
]

/** Names that say nothing. Common code lives in the file of the noun it is about. */
const EMPTY_NAMES = ['utils', 'util', 'helpers', 'helper', 'shared', 'common', 'misc', 'lib', 'core']

const MAX_FIXTURE_BYTES = 200_000

type Import = { from: string; is_type: boolean; is_lazy: boolean; is_handed_on: boolean }

type Source = { path: string; imports: Import[]; has_default_export: boolean; calls_out: string[] }

const sources = read('src/**/*.{ts,tsx,js}').map((it) => sourceOf(it.path, it.text))

test.each([
  { name: 'a folder of src is listed', rule: unlistedFolders, broken: ['src/brain/think.ts', ''] },
  { name: 'a file of src is listed', rule: unlistedFolders, broken: ['src/brain.ts', ''] },
  {
    name: 'stages do not know each other',
    rule: forbiddenImports,
    broken: ['src/3-mine/a.ts', "import { reviewSession } from '../2-review/review.ts'"],
  },
  {
    name: 'types count as imports',
    rule: forbiddenImports,
    broken: ['src/domain/a.ts', "import type { Database } from '../db/database.ts'"],
  },
  {
    name: 'what is loaded later counts as an import',
    rule: forbiddenImports,
    broken: ['src/cli/a.ts', "export const open = () => import('../db/database.ts')"],
  },
  {
    name: 'a type in the place of an import counts as one',
    rule: forbiddenImports,
    broken: ['src/cli/a.ts', "export type Db = import('../db/database.ts').Database"],
  },
  {
    name: 'nothing of src stands on tests or examples',
    rule: forbiddenImports,
    broken: [
      'src/cli/a.ts',
      "export const sample = () => import('../../examples/compliance-desk/generate.ts')",
    ],
  },
  {
    name: 'the driver belongs to db',
    rule: forbiddenPackages,
    broken: ['src/engine.ts', "import { DatabaseSync } from 'node:sqlite'"],
  },
  {
    name: 'a new package is listed',
    rule: forbiddenPackages,
    broken: ['src/db/a.ts', "import leftPad from 'left-pad/now'"],
  },
  {
    name: 'nothing calls another program: a socket',
    rule: callsOut,
    broken: ['src/engine.ts', "import { isIP, connect } from 'node:net'"],
  },
  {
    name: 'nothing calls another program: a module by its old name',
    rule: callsOut,
    broken: ['src/cli/a.ts', "import https from 'https'"],
  },
  {
    name: 'nothing calls another program: a module that is loaded later',
    rule: callsOut,
    broken: ['src/db/a.ts', "export const look = () => import('node:dns/promises')"],
  },
  {
    name: 'nothing calls another program: a global',
    rule: callsOut,
    broken: ['src/3-mine/a.ts', 'export const tell = (it: string) => globalThis.fetch(it)'],
  },
  {
    name: 'nothing calls another program: one that it starts',
    rule: callsOut,
    broken: ['src/cli/a.ts', "import { spawn } from 'node:child_process'"],
  },
  { name: 'a name says something', rule: badNames, broken: ['src/domain/utils.ts', ''] },
  { name: 'the name of a folder says something', rule: badNames, broken: ['src/db/shared/rows.ts', ''] },
  { name: 'names are kebab-case', rule: badNames, broken: ['src/domain/memoryStore.ts', ''] },
  {
    name: 'only index.ts re-exports',
    rule: reExports,
    broken: ['src/domain/all.ts', "export * from './session.ts'"],
  },
  {
    name: 'the engine hands on types, never values',
    rule: reExports,
    broken: ['src/engine.ts', "export { type Dream, dream } from './dream.ts'"],
  },
  {
    name: 'exports have names',
    rule: defaultExports,
    broken: ['src/domain/a.ts', 'export default function () {}'],
  },
  {
    name: 'commands are declared before anything but commander is loaded',
    rule: loadedAtStart,
    broken: ['src/cli/program/a.ts', "import { z } from 'zod'"],
  },
  {
    name: 'a session that begins does not wait for a schema',
    rule: loadedInHurry,
    broken: ['src/engine.ts', "import { z } from 'zod'"],
  },
  {
    name: 'no file stands on itself',
    rule: cycles,
    broken: ['src/domain/a.ts', "import type { A } from './a.ts'"],
  },
])('$name', ({ rule, broken: [path, text] }) => {
  expect(rule([sourceOf(path!, text!)])).toEqual([expect.stringContaining(path!)])
  expect(rule(sources)).toEqual([])
})

test('two files do not stand on each other', () => {
  const a = sourceOf('src/db/a.ts', "import { b } from './b.ts'")
  const b = sourceOf('src/db/b.ts', "import { a } from './a.ts'")

  expect(cycles([a, b])).toEqual(['src/db/a.ts -> src/db/b.ts -> src/db/a.ts'])
})

test.each(SAMPLE.from)('%s loads examples when it needs them', (path) => {
  const lazily = "const sample = await import('../../../examples/compliance-desk/generate.ts')"
  const at_once = "import { generateComplianceDesk } from '../../../examples/compliance-desk/generate.ts'"

  expect(forbiddenImports([sourceOf(path, lazily)])).toEqual([])
  expect(forbiddenImports([sourceOf(path, at_once)])).toHaveLength(1)
})

test.each(['only', 'skip', 'todo'])('no test says %s', (word) => {
  const broken = ['test', 'describe', 'test.each'].map((it) => `${it}.${word}('a', () => {})`)

  for (const text of broken) expect(switchedOff([{ path: 'test/a.test.ts', text }])).toHaveLength(1)
  expect(switchedOff(read('test/**/*.ts'))).toEqual([])
})

test('no file names a path of the machine it was written on', () => {
  const home = ['', 'root', 'notes'].join('/')

  expect(machinePaths([{ path: 'docs/a.md', text: `see ${home}` }])).toEqual([`docs/a.md: ${home}`])
  expect(machinePaths(read('**/*.{ts,js,json,md,yml,jsonl}', '.ci/*'))).toEqual([])
})

test('fixtures are small', () => {
  const large = globSync('test/fixtures/**')
    .map((path) => ({ path, bytes: statSync(path).size }))
    .filter((it) => it.bytes > MAX_FIXTURE_BYTES)

  expect(large).toEqual([])
})

// ---------------------------------------------------------------- rules

function unlistedFolders(files: Source[]): string[] {
  return files
    .filter((it) => !(unitOf(it.path) in MAY_IMPORT))
    .map(({ path }) => `${path}: ${unitOf(path)} is not in the table`)
}

function forbiddenImports(files: Source[]): string[] {
  return files.flatMap(({ path, imports }) => {
    const unit = unitOf(path)
    const allowed = [unit, ...(MAY_IMPORT[unit] ?? [])]
    return imports
      .filter((it) => it.from.startsWith('.'))
      .map((it) => ({ ...it, target: join(dirname(path), it.from) }))
      .filter(({ target, is_lazy }) => {
        if (target.startsWith('src/')) return !allowed.includes(unitOf(target))
        return !(SAMPLE.from.includes(path) && is_lazy && target.startsWith(`${SAMPLE.to}/`))
      })
      .map(({ target }) => `${path} imports ${target}`)
  })
}

function forbiddenPackages(files: Source[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter((it) => !it.from.startsWith('.'))
      .map((it) => packageOf(it.from))
      .filter((it) => (it in MAY_USE ? !MAY_USE[it]!.includes(unitOf(path)) : !isBuiltin(it)))
      .map((it) => `${path} uses ${it}`),
  )
}

function callsOut(files: Source[]): string[] {
  return files
    .filter(({ path, calls_out }) => calls_out.some((it) => !MAY_CALL_OUT[path]?.includes(it)))
    .map(({ path, calls_out }) => `${path} uses ${calls_out.join(', ')}`)
}

function badNames(files: Source[]): string[] {
  return files
    .map((it) => it.path)
    .filter((path) =>
      path
        .split('/')
        .slice(1)
        .some(
          (it) => EMPTY_NAMES.includes(it.split('.')[0]!) || !/^[a-z0-9]+(-[a-z0-9]+)*(\.tsx?)?$/.test(it),
        ),
    )
}

function reExports(files: Source[]): string[] {
  return files
    .filter((it) => it.path !== 'src/index.ts')
    .filter(({ path, imports }) =>
      imports.some((it) => it.is_handed_on && !(path === 'src/engine.ts' && it.is_type)),
    )
    .map((it) => it.path)
}

function defaultExports(files: Source[]): string[] {
  return files.filter((it) => it.has_default_export).map((it) => it.path)
}

/** Each circle once, as the path that leads round it. */
function cycles(files: Source[]): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: string[]) => {
    const start = way.indexOf(path)
    if (start >= 0) found.push([...way.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const it of files.find((it) => it.path === path)?.imports ?? [])
      if (it.from.startsWith('.')) visit(join(dirname(path), it.from), [...way, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}

/** Packages that come with the declarations of the commands. */
function loadedAtStart(files: Source[]): string[] {
  return loadedWith(files, (path) => /^src\/cli\/program[./]/.test(path), ['commander'])
}

/** Packages that come with what a hook, or whoever reads lessons, waits for. */
function loadedInHurry(files: Source[]): string[] {
  return loadedWith(files, (path) => IN_HURRY.includes(path), ['commander', 'kysely'])
}

/** Packages, but the allowed ones, that are loaded with these files, by whatever way. */
function loadedWith(files: Source[], is_first: (path: string) => boolean, allowed: string[]): string[] {
  const reached = new Set(files.map((it) => it.path).filter(is_first))
  const found: string[] = []
  // What is added while the set is walked is walked too.
  for (const path of reached)
    for (const { from, is_type, is_lazy } of files.find((it) => it.path === path)?.imports ?? []) {
      if (is_type || is_lazy) continue
      if (from.startsWith('.')) reached.add(join(dirname(path), from))
      else if (!isBuiltin(from) && !allowed.includes(from)) found.push(`${path} loads ${from}`)
    }
  return found
}

function switchedOff(files: File[]): string[] {
  return files
    .filter(({ text }) => /\b(?:test|it|describe)\b[\w.]*\.(?:only|skip|todo)\b[.(]/.test(text))
    .map((it) => it.path)
}

function machinePaths(files: File[]): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<![\w.])\/(?:root|work|farm)\/[a-z]\S*/g)].map(([found]) => `${path}: ${found}`),
  )
}

// ---------------------------------------------------------------- reading

type File = { path: string; text: string }

/** The files of the project, whether they are in git yet or not. */
function read(...patterns: string[]): File[] {
  const exclude = (path: string) => ['node_modules', 'dist', '.git'].includes(basename(path))
  return globSync(patterns, { exclude })
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))
}

function sourceOf(path: string, text: string): Source {
  const program = parseAst(text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts' })
  const imports: Import[] = []
  const calls_out: string[] = []
  walk(program, (node) => {
    calls_out.push(...callsOutIn(node))
    const from = (node.source as { value?: unknown } | null | undefined)?.value
    if (typeof from === 'string') imports.push(importOf(node, from))
  })
  const has_default_export = program.body.some((it) => it.type === 'ExportDefaultDeclaration')
  return { path, imports, has_default_export, calls_out }
}

/** A global in any place, so that no other name for it goes unseen; a module but for what of it is harmless. */
function callsOutIn(node: Node): string[] {
  if (node.type === 'Identifier' && CALLING_OUT.globals.includes(String(node.name)))
    return [String(node.name)]
  const from = (node.source as { value?: unknown } | null | undefined)?.value
  if (typeof from !== 'string' || !CALLING_OUT.modules.test(from)) return []
  const names = ((node.specifiers ?? []) as { imported?: { name?: string } }[]).map((it) => it.imported?.name)
  const is_harmless = names.length > 0 && names.every((it) => CALLING_OUT.harmless.includes(it ?? ''))
  return is_harmless ? [] : [from]
}

type Node = Record<string, unknown>

function walk(node: object, see: (node: Node) => void): void {
  if ('type' in node) see(node as Node)
  for (const value of Object.values(node)) if (value !== null && typeof value === 'object') walk(value, see)
}

/** Every way to take something from another file: import, re-export, `import()` of a value or of a type. */
function importOf(node: Node, from: string): Import {
  const kind = (it: Node) => it.importKind ?? it.exportKind
  const specifiers = (node.specifiers ?? []) as Node[]
  return {
    from,
    is_type:
      kind(node) === 'type' || (specifiers.length > 0 && specifiers.every((it) => kind(it) === 'type')),
    is_lazy: node.type === 'ImportExpression',
    is_handed_on: String(node.type).startsWith('Export'),
  }
}

/** The folder of `src` a file is in, or the file itself where it stands at the top. */
function unitOf(path: string): string {
  return path.split('/')[1]!
}

/** `@scope/name/file` -> `@scope/name`. */
function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
