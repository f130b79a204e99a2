/** Which lessons are listed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-lessons-'))
afterAll(() => rmSync(folder, { recursive: true }))

let engine: Engine

beforeEach(() => {
  engine = openEngine({ database: ':memory:', now: () => new Date('2026-11-03T09:00:00Z') })
  return () => engine.close()
})

test('two lessons that turn out to be one wish are listed as one, and the other on request', async () => {
  await dream('one', [...four('Add it to the changelog.'), ...four('Always write a changelog line.')])
  const texts = async (filter = {}) => (await engine.lessons(filter)).data.map((it) => it.text)
  expect(await texts()).toHaveLength(2)
  await dream('two', [
    ...four('Add a line to the changelog.'),
    ...four('Please add a line to the changelog.'),
  ])
  expect(await texts()).toEqual(['People keep asking for this: "Add a line to the changelog."'])
  expect(await texts({ status: ['stale'] })).toHaveLength(1)
})

function four(words: string): string[] {
  return [words, words, words, words]
}

/** Over sessions, each of a task of its own, in which a person corrects what the agent did. */
async function dream(name: string, corrections: string[]): Promise<void> {
  const file = join(folder, `${name}.jsonl`)
  const lines = corrections.map((words, i) => ({
    id: `${name}-${i}`,
    agent: 'desk',
    task_id: `${name}-${i}`,
    steps: [
      { role: 'user', text: `Please go on with ${name} ${i}.` },
      { role: 'assistant', text: 'Done.' },
      { role: 'user', text: words },
    ],
  }))
  writeFileSync(file, lines.map((it) => JSON.stringify(it)).join('\n'))
  await engine.ingest([file], { harness: 'steps' })
  await engine.dream({})
}
