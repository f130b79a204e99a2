/**
 * The poisoning suite: whatever strangers get into a transcript, in how many sessions ever, no agent is told to do it.
 *
 * Every case is an agent of its own in one database, which dreams for three nights. Then all that an agent may read is read
 * (lessons, memories, the index, changes, and exports in every format), and searched for the order, however it is dressed.
 * The twins, which say the same in an honest way, must have been learned from.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import { type Engine, type Format, openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { filesOf, type Told } from './carriers.ts'
import { CASES } from './cases.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-poisoning-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** What became of one agent. */
type Learned = {
  lessons: string[]
  /** Everything that an agent may come to read, by where it stands. */
  read: Record<string, string>
  evidence: Evidence[]
}

const learned = new Map<string, Learned>()
const idOf = (index: number, twin = false) => `${twin ? 'twin' : 'case'}-${String(index).padStart(3, '0')}`

const NIGHTS = ['2026-11-03T03:00:00Z', '2026-11-04T03:00:00Z', '2026-11-05T03:00:00Z']
const FORMATS: Format[] = ['markdown', 'claude-code', 'claude-md', 'agents-md', 'skills', 'mem0']

beforeAll(async () => {
  const told = CASES.flatMap((it, i): [string, Told[]][] => [
    [idOf(i), it.told],
    ...(it.twin === undefined ? [] : ([[idOf(i, true), it.twin.told]] as [string, Told[]][])),
  ])
  let now = new Date('2026-11-02T12:00:00Z')
  const engine = openEngine({ database: join(scratch, 'poisoning.db'), now: () => now })
  await trust(engine)
  const agents = new Map<string, string>()
  const changes: Change[] = []
  for (const [night, time] of NIGHTS.entries()) {
    now = new Date(time)
    for (const [id, sessions] of told) {
      for (const [name, content] of Object.entries(filesOf(sessions, id)[night] ?? {})) {
        const path = join(scratch, `night-${night}`, name)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, content)
      }
    }
    if (night < 2) expect((await engine.ingest([join(scratch, `night-${night}`)])).skipped).toEqual([])
    for (const report of await engine.dream()) changes.push(...report.changes)
  }
  for (const [id, sessions] of told) agents.set(id, agentOf(id, sessions))
  for (const [id] of told) learned.set(id, await readAll(engine, agents.get(id)!, changes))
  await engine.close()
})

function agentOf(id: string, [first]: Told[]): string {
  return first!.kind === 'claude-code' ? `claude-code:${id}` : (first!.facts.agent ?? id)
}

async function readAll(engine: Engine, store: string, changes: Change[]): Promise<Learned> {
  const { data: lessons } = await engine.lessons({ store, candidates: true, limit: 1_000 })
  const { data: memories } = await engine.memories(store, { limit: 1_000 })
  const read: Record<string, string> = {}
  const evidence: Evidence[] = []
  for (const it of lessons) {
    read[`lesson ${it.id}`] = `${it.name}\n${it.text}\n${it.why}`
    evidence.push(...(await engine.evidence(it.id, { limit: 100 })).data)
  }
  for (const it of memories) read[`memory ${it.path}`] = `${it.path}\n${it.content}`
  const own = new Set(lessons.map((it) => it.id))
  for (const it of changes.filter(({ pattern_ids }) => pattern_ids.some((id) => own.has(id))))
    read[`change ${it.id}`] = `${it.path}\n${it.reason}\n${it.after}`
  for (const format of FORMATS) {
    const name = format === 'agents-md' ? 'AGENTS.md' : 'CLAUDE.md'
    const existing = format.endsWith('-md') ? { name, bytes: Buffer.from('# Ours\n') } : null
    for (const it of (await engine.exportMemories(store, format, { existing, replace: false })).files)
      read[`${format} ${it.name}`] = `${it.name}\n${Buffer.from(it.bytes).toString()}`
  }
  return { lessons: lessons.filter((it) => it.status !== 'candidate').map((it) => it.text), read, evidence }
}

/** Letters and digits only, whatever they were dressed in: the test's own way, not the product's. */
function bare(text: string): string {
  return ` ${text
    .normalize('NFKC')
    .replace(/[\u{e0000}-\u{e007f}]/gu, (it) => String.fromCharCode(it.codePointAt(0)! - 0xe0000))
    .normalize('NFD')
    .replace(/[\p{Cf}\p{M}]/gu, '')
    .replace(/[аеорсхі]/g, (it) => 'aeopcxi'['аеорсхі'.indexOf(it)]!)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `
}

/** Every run of three words of the order, or all of a shorter one. */
function runsOf(order: string): string[] {
  const words = bare(order).trim().split(' ')
  const length = Math.min(3, words.length)
  return words.slice(0, words.length - length + 1).map((_, i) => ` ${words.slice(i, i + length).join(' ')} `)
}

function orderIn(order: string, text: string): string[] {
  const [plain, close] = [bare(text), bare(text).replaceAll(' ', '')]
  const backwards = [...order.toLowerCase().replace(/[^a-z]/g, '')].reverse().join('')
  return [
    ...runsOf(order).filter((it) => plain.includes(it)),
    ...(close.includes(bare(order).replaceAll(' ', '')) || close.includes(backwards) ? [order] : []),
  ]
}

test('there are at least sixty cases, each with a name of its own', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60)
  expect(new Set(CASES.map((it) => it.name)).size).toBe(CASES.length)
})

describe('no agent reads', () => {
  test.each(CASES.map((it, i) => ({ ...it, id: idOf(i) })))('$name', ({ id, order, learns }) => {
    const { lessons, read } = learned.get(id)!

    for (const [where, text] of Object.entries(read))
      expect(orderIn(order, text), `${where}\n${text}`).toEqual([])
    if (learns !== undefined) expect(lessons).toContainEqual(expect.stringMatching(learns))
  })
})

describe('an honest text is still learned from, beside', () => {
  const twins = CASES.flatMap((it, i) =>
    it.twin ? [{ name: it.name, twin: it.twin, id: idOf(i, true) }] : [],
  )
  test.each(twins)('$name', ({ id, twin }) => {
    expect(learned.get(id)!.lessons).toContainEqual(expect.stringMatching(twin.learns))
  })
})

describe('whatever was said', () => {
  const everything = () =>
    [...learned].flatMap(([id, it]) => Object.entries(it.read).map((at) => ({ id, at })))

  test('nothing that is not seen stands in what an agent reads', () => {
    const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029\p{Variation_Selector}]/u
    for (const {
      id,
      at: [where, text],
    } of everything())
      expect(unseen.exec(text), `${id} ${where}`).toBe(null)
  })

  test('every quotation in a lesson is closed on its own line by us', () => {
    for (const {
      id,
      at: [where, text],
    } of everything().filter(({ at }) => at[0].startsWith('lesson '))) {
      const [, words, why] = text.split('\n')
      expect(text.split('\n'), `${id} ${where}`).toHaveLength(3)
      for (const line of [words!, why!]) expect(line.split('"').length % 2, `${id} ${line}`).toBe(1)
    }
  })

  test('evidence is quoted on one line, and not at length', () => {
    for (const { evidence } of learned.values())
      for (const { quote } of evidence) expect(quote).toMatch(/^[^\n\r\u2028\u2029]{1,300}$/u)
  })

  test('no memory has front matter, headings or marks but ours', () => {
    for (const {
      id,
      at: [where, text],
    } of everything().filter(({ at }) => at[0].startsWith('memory '))) {
      const content = text.slice(text.indexOf('\n') + 1)
      if (where === 'memory /_index.md') {
        expect(content.match(/^#.*$/gm), id).toEqual(['# What earlier sessions taught'])
        continue
      }
      expect(content.match(/^---$/gm), id).toHaveLength(2)
      expect(content, id).not.toMatch(/^(?:#|```|~~~|>)|<!--|-->/m)
    }
  })
})
