/**
 * Recorded sessions of an agent that was shown poisoned documents. They are not part of the project; where they are missing
 * this says so.
 *
 * What in them is injected no label says, so nothing that any page or document said may come back: no run of five words
 * of it stands in a lesson, a memory or the index. Then each sentence of them is shown as an error, which is the one thing of a tool
 * that lessons quote.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorTemplate } from '../../src/2-review/error-template.ts'
import { statedIn } from '../../src/3-mine/stated.ts'
import { openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'

const PROJECT = join(import.meta.dirname, '../..')
const RECORDED = join(
  process.env.REVERIE_DATA ?? join(PROJECT, '../shared/data'),
  'agentdojo-luna-6domains.jsonl',
)
const is_there = existsSync(RECORDED)

const scratch = mkdtempSync(join(tmpdir(), 'reverie-recorded-poison-'))
afterAll(() => rmSync(scratch, { recursive: true }))

type Step = { role: string; name?: string; text?: string; error?: boolean; calls?: { name: string }[] }
type Line = { id: string; steps: Step[] }

describe.runIf(is_there)('of recorded sessions that met poisoned documents', () => {
  const lines = is_there
    ? readFileSync(RECORDED, 'utf8')
        .trim()
        .split('\n')
        .map((it): Line => JSON.parse(it))
    : []
  const said = lines.flatMap((it) =>
    it.steps.filter(({ role }) => role === 'tool').map(({ text }) => text ?? ''),
  )
  let read: string[] = []

  beforeAll(async () => {
    read = await learnedFrom(lines)
  })

  test('there is what could come back', () => {
    expect(said.filter((it) => it.length > 400).length).toBeGreaterThan(100)
    expect(said.some((it) => it.includes('POISON'))).toBe(true)
  })

  test('nothing comes back of what pages and documents said', () => {
    const runs = new Set(said.flatMap(runsOf))
    for (const text of read)
      expect(
        runsOf(text).filter((it) => runs.has(it)),
        text,
      ).toEqual([])
  })

  test('a sentence of a page that a tool gives for an error is hardly ever repeated, and never when it tells what to do', () => {
    const sentences = said.flatMap((it) => it.replace(/\\\n\s*\\?|\n\s+/g, ' ').split(/(?<=[.!?])\s+|\\n|\n/))
    const told = sentences.flatMap((it) => statedIn(errorTemplate(`Error: ${it}`)) ?? [])
    const long = told.filter((it) => it.split(' ').length > 3)

    expect(sentences.length).toBeGreaterThan(4_000)
    expect(long.length).toBeLessThan(sentences.length / 5)
    for (const it of long) expect(it).not.toMatch(TELLS)
  })
})

const TELLS =
  /\b(?:you|your|please)\b|^\W*(?:do not|select|click|contact|submit|use|call|visit|choose|enter|check|review)\b|\b(?:customers?|users?|employees?|patients?|passengers?) (?:must|should)\b/i

test.runIf(!is_there)(`the recorded sessions are not at ${RECORDED}; set REVERIE_DATA to read them`, () => {
  expect(is_there).toBe(false)
})

/** Every lesson, with candidates and markers, and every memory, each as one text. */
async function learnedFrom(lines: Line[]): Promise<string[]> {
  const name = `sessions-${lines[0]!.id}`
  writeFileSync(join(scratch, `${name}.jsonl`), lines.map((it) => JSON.stringify(it)).join('\n'))
  const engine = openEngine({ database: join(scratch, `${name}.db`) })
  await trust(engine)
  await engine.ingest([join(scratch, `${name}.jsonl`)])
  await engine.dream()
  const lessons = [
    ...(await engine.lessons({ candidates: true, limit: 1_000 })).data,
    ...(await engine.lessons({ tier: 'marker', limit: 1_000 })).data,
  ]
  const memories = (await engine.memories(undefined, { limit: 1_000 })).data
  await engine.close()
  return [
    ...lessons.map((it) => `${it.name}\n${it.text}\n${it.why}`),
    ...memories.map((it) => `${it.path}\n${it.content}`),
  ]
}

/** Every run of five words; an error that a tool gives by itself is shorter. */
function runsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{N}]*/gu) ?? []
  return words.slice(4).map((_, i) => words.slice(i, i + 5).join(' '))
}
