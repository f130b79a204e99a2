/**
 * A process that dreams and, at the beginning of one stage, says so and stands still until it is killed or told to go on.
 *
 *     node waiting-dream.ts DATABASE STAGE
 */
import { existsSync } from 'node:fs'
import { openEngine } from '../../src/engine.ts'

const [database, stage] = process.argv.slice(2)
const engine = openEngine({ database: database! })
const go_on = new Int32Array(new SharedArrayBuffer(4))

await engine.dream({}, (begun) => {
  if (begun !== stage) return
  process.send!('waiting')
  // Progress is told and not awaited, so the whole process has to stand still.
  while (!existsSync(`${database}.go-on`)) Atomics.wait(go_on, 0, 0, 20)
})
await engine.close()
process.disconnect!()
