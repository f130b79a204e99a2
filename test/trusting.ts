import { readFileSync } from 'node:fs'
import type { Engine } from '../src/engine.ts'

const text = readFileSync(new URL('../examples/policies/trusting.yaml', import.meta.url), 'utf8')

/** Lets what dreams propose go live by itself, as far as it is Reverie's own: for tests of what comes before a decision. */
export async function trust(engine: Engine): Promise<void> {
  await engine.setPolicy({ file: 'trusting.yaml', text }, 'user:ana')
}
