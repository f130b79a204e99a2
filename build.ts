/**
 * Bundles the sources into `dist`. The command line starts in a fraction of the time: a few files instead of the
 * hundreds that kysely and zod consist of. What is loaded lazily, and by few commands, stays in its own package.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build, type ModuleInfo } from 'rolldown'

/**
 * Most starts load these files, and few others: to find and open a file costs as much as the code in it. Each has what these sources need from
 * the start, but what stands in one above it, so that help loads no database.
 */
const FILES: Record<string, string[]> = {
  'data-folder': ['src/cli/data-folder.ts'],
  domain: ['src/domain/error.ts', 'src/domain/default-workspace.ts', 'src/domain/id.ts', 'src/domain/pii.ts'],
  // Not `main.ts`: the engine would wait for it to end, and it for the engine.
  'command-line': ['src/cli/run.ts'],
  engine: ['src/engine.ts', 'src/engine/harness-sessions.ts', 'src/engine/lessons.ts'],
}

const { output } = await build({
  input: {
    reverie: 'src/cli/main.ts',
    /** Read first: it says where the compiled rest is kept. */
    'data-folder': 'src/cli/data-folder.ts',
    index: 'src/index.ts',
    /** Started by path, from the chunk that stands beside it. */
    'ingest-thread': 'src/ingest-thread.ts',
    'mine-thread': 'src/mine-thread.ts',
    'job-thread': 'src/engine/job-thread.ts',
  },
  platform: 'node',
  external: /^@(?:secretlint|ai-sdk|anthropic-ai)\//,
  logLevel: 'warn',
  checks: { ineffectiveDynamicImport: false },
  preserveEntrySignatures: 'allow-extension',
  output: {
    dir: 'dist',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    /** They are half of what kysely is, and are read at every start. */
    comments: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: Object.entries(FILES).map(([name, sources], i, { length }) => ({
        debugName: name,
        name: (id, modules) => (isNeededBy(sources, id, (it) => modules.getModuleInfo(it)) ? name : null),
        priority: length - i,
        // Much of zod is for the server alone.
        test: /^(?!.*node_modules.zod)/,
      })),
    },
  },
})

function isNeededBy(sources: string[], id: string, infoOf: (id: string) => ModuleInfo | null): boolean {
  const needed = new Set(sources.map((it) => resolve(it)))
  for (const it of needed) for (const other of infoOf(it)?.importedIds ?? []) needed.add(other)
  return needed.has(id)
}

// The authors of what is bundled ask that their licence goes with it.
const modules = output.flatMap((it) => (it.type === 'chunk' ? it.moduleIds : []))
const packages = modules
  .map((it) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(it)?.[1])
  .filter((it) => it !== undefined)
const licences = [...new Set(packages)].sort().map((name) => {
  const [file] = globSync(`node_modules/${name}/LICEN[CS]E*`)
  return `${name}\n\n${file === undefined ? mitLicenceOf(name) : readFileSync(file, 'utf8').trim()}\n`
})
writeFileSync('dist/THIRD-PARTY-LICENSES', licences.join('\n----\n\n'))

/** Some packages say in a word that theirs is the MIT licence, and leave its text out. */
function mitLicenceOf(name: string): string {
  const { license, author, repository } = JSON.parse(
    readFileSync(`node_modules/${name}/package.json`, 'utf8'),
  )
  if (license !== 'MIT') throw new Error(`${name} is bundled, but says nothing of its licence`)
  const holder = author ?? `the authors of ${repository.url.replace(/^git\+|\.git$/g, '')}`
  const text = readFileSync('node_modules/hono/LICENSE', 'utf8')
  return `MIT License\n\nCopyright (c) ${holder}\n\n${text.slice(text.indexOf('Permission is hereby granted')).trim()}`
}
