/**
 * Bundles the sources into `dist`. The command line starts in a fraction of the time: a few files instead of the
 * hundreds that kysely and zod consist of. What is loaded lazily, and by few commands, stays in its own package.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'rolldown'

const { output } = await build({
  input: {
    reverie: 'src/cli/main.ts',
    /** Read first: it says where the compiled rest is kept. */
    'data-folder': 'src/cli/data-folder.ts',
    index: 'src/index.ts',
    /** Started by path, from the chunk that stands beside it. */
    'ingest-thread': 'src/ingest-thread.ts',
    'mine-thread': 'src/mine-thread.ts',
  },
  platform: 'node',
  external: /^@secretlint\//,
  logLevel: 'warn',
  output: {
    dir: 'dist',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  },
})

// The authors of what is bundled ask that their licence goes with it.
const modules = output.flatMap((it) => (it.type === 'chunk' ? it.moduleIds : []))
const packages = modules
  .map((it) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(it)?.[1])
  .filter((it) => it !== undefined)
const licences = [...new Set(packages)].sort().map((name) => {
  const [file] = globSync(`node_modules/${name}/LICEN[CS]E*`)
  if (file === undefined) throw new Error(`${name} is bundled, but says nothing of its licence`)
  return `${name}\n\n${readFileSync(file, 'utf8').trim()}\n`
})
writeFileSync('dist/THIRD-PARTY-LICENSES', licences.join('\n----\n\n'))
