/** Whose words a quote is: seen from the transcript to what a person is shown. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { screenFor } from '../../src/cli/screen.ts'
import { showEvidence } from '../../src/cli/show/lesson.ts'
import { type Engine, openEngine } from '../../src/engine.ts'

let folder: string
let engine: Engine

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-origin-'))
  engine = openEngine({ database: join(folder, 'origin.db') })
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

test.each([
  { tool: 'WebFetch', origin: 'web', shown: 'the web, in' },
  { tool: 'Bash', args: { command: 'curl https://example.com' }, origin: 'web', shown: 'the web, in' },
  { tool: 'refund', origin: 'tool', shown: 'a tool, in' },
  { tool: 'search_memory', origin: 'memory', shown: 'recalled memory, in' },
])('the error of $tool is quoted as what $origin said', async ({ tool, args = {}, origin, shown }) => {
  await learnFrom(tool, args)
  const { data: lessons } = await engine.lessons({ candidates: true })
  const found = await Promise.all(lessons.map((it) => engine.evidence(it.id)))
  const errors = found.flatMap((it) => it.data).filter((it) => it.quote.includes('not loaded'))
  const text = found.map((it) => showEvidence(it, screenFor({}, [], null))).join()

  expect(errors.length).toBeGreaterThan(0)
  expect(new Set(errors.map((it) => it.origin))).toEqual(new Set([origin]))
  expect(text).toContain(shown)
})

/** Sessions in which `tool` fails, with the same error, unless `find_order` came first. */
async function learnFrom(tool: string, args: Record<string, unknown>): Promise<void> {
  const sessions = Array.from({ length: 60 }, (_, i) => {
    const looks_up = i % 2 === 0
    const steps = [
      { role: 'user', text: `Settle order ${1000 + i}` },
      ...(looks_up
        ? [
            { role: 'assistant', calls: [{ id: 'l', name: 'find_order', args: { order: i } }] },
            { role: 'tool', call_id: 'l', text: 'found' },
          ]
        : []),
      { role: 'assistant', calls: [{ id: 'r', name: tool, args }] },
      looks_up
        ? { role: 'tool', call_id: 'r', text: 'done' }
        : { role: 'tool', call_id: 'r', text: 'Error: the order is not loaded', error: true },
    ]
    return JSON.stringify({ id: `run-${i}`, agent: 'desk', task: `t${i % 5}`, steps })
  })
  writeFileSync(join(folder, 'sessions.jsonl'), sessions.join('\n'))
  await engine.ingest([join(folder, 'sessions.jsonl')])
  await engine.dream()
}
