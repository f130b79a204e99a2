import { readFileSync } from 'node:fs'
import type { Engine } from '../src/engine.ts'

const text = readFileSync(new URL('../examples/policies/trusting.yaml', import.meta.url), 'utf8')

/** Lets what dreams propose go live by itself, as far as it is Reverie's own: for tests of what comes before a decision. */
export async function trust(engine: Engine): Promise<void> {
  await engine.setPolicy({ file: 'trusting.yaml', text }, 'user:ana')
}

/** And what a language model put into words, where counts bear it out. */
export async function trustAModel(engine: Engine): Promise<void> {
  const rule = 'rules:\n  - channel: model\n    verdict: allow\n    because: what a model put into words\n'
  await engine.setPolicy({ file: 'trusting.yaml', text: text.replace('rules:\n', rule) }, 'user:ana')
}
