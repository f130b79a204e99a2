#!/usr/bin/env node
// Plain JavaScript that every Node understands, so that one too old is told what to do rather than shown a syntax error.
import { existsSync } from 'node:fs'
import module from 'node:module'

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `Reverie needs Node 24 or newer; this is ${process.versions.node}.\n` +
      'Install a newer Node, or in a checkout of Reverie start it with `npm run -s reverie -- ARGS`, which brings its own.\n',
  )
  process.exit(1)
}

if (!existsSync(new URL('../dist', import.meta.url))) {
  process.stderr.write('This checkout of Reverie is not built yet: `node ready.js build` does it.\n')
  process.exit(1)
}

// Compiled code is kept in Reverie's own folder: it writes nowhere else.
const { dataFolder } = await import('../dist/data-folder.js')
module.enableCompileCache(`${dataFolder()}/cache`)
await import('../dist/reverie.js')
