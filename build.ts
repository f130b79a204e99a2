/**
 * Bundles the sources into `dist`. The command line starts in a fraction of the time: a few files instead of the
 * hundreds that kysely and zod consist of. What is loaded lazily, and by few commands, stays in its own package.
 */
import { build } from 'rolldown'

await build({
  input: {
    reverie: 'src/cli/main.ts',
    /** Read first: it says where the compiled rest is kept. */
    'data-folder': 'src/cli/data-folder.ts',
    index: 'src/index.ts',
    /** Started by path, from the chunk that stands beside it. */
    'ingest-thread': 'src/ingest-thread.ts',
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
