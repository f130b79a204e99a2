import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { detectHarness, readTranscript } from '../../src/1-ingest/detect.ts'
import type { Problem } from '../../src/1-ingest/transcript.ts'
import type { Harness } from '../../src/domain/session.ts'

const lines = {
  'claude-code': {
    type: 'user',
    uuid: 'u1',
    parentUuid: null,
    sessionId: 's1',
    timestamp: '2026-11-03T09:00:00.000Z',
    message: { role: 'user', content: 'hi' },
  },
  codex: {
    timestamp: '2026-11-03T09:00:00.000Z',
    type: 'response_item',
    payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
  },
  'managed-agents': {
    id: 'sevt_1',
    type: 'user.message',
    processed_at: null,
    content: [{ type: 'text', text: 'hi' }],
  },
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  steps: { id: 'a', steps: [{ role: 'user', text: 'hi' }] },
} satisfies Record<Harness, unknown>

const harnesses = Object.keys(lines) as Harness[]
const entriesOf = (...values: unknown[]) => values.map((value, index) => ({ line: index + 1, value }))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-detect-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(content: string | Uint8Array): string {
  const path = join(folder, 'transcript.jsonl')
  writeFileSync(path, content)
  return path
}

function read(path: string, harness: Harness | 'auto' = 'auto') {
  const problems: Problem[] = []
  const found = [...readTranscript(path, { harness, agent: null }, (it) => problems.push(it))]
  return { found: found.map((it) => it.harness), problems }
}

describe.each(harnesses)('%s', (harness) => {
  test('is recognised by one entry', () => {
    expect(detectHarness(entriesOf(lines[harness]))).toBe(harness)
  })

  test('is recognised after entries that nobody knows', () => {
    expect(detectHarness(entriesOf(7, null, { type: 'new' }, lines[harness]))).toBe(harness)
  })

  test('is read from a file, with nothing lost of what was looked at first', () => {
    const text = [{ unknown: true }, lines[harness]].map((it) => JSON.stringify(it)).join('\n')
    expect(read(file(text)).found).toEqual([harness])
  })

  test('a file of another harness, named as this one, gives a reason and no session', () => {
    const other = harness === 'steps' ? lines['openai-chat'] : lines.steps
    const { found, problems } = read(file(JSON.stringify(other)), harness)
    expect(found).toEqual([])
    expect(problems.length).toBeGreaterThan(0)
  })
})

test('most of the first entries decide', () => {
  const { codex, steps } = lines
  expect(detectHarness(entriesOf(steps, codex, codex))).toBe('codex')
  expect(detectHarness([])).toBeNull()
})

describe('a file that gives no session says why', () => {
  test.each([
    [
      'not a transcript',
      '{"a":1}\n',
      /^not recognised as a transcript of claude-code, codex, .* say of which \(--harness, or harness= over HTTP\)$/,
    ],
    ['nothing but blank lines', '\n\n', /^no entries in this file$/],
    ['empty', '', /^empty file$/],
    ['binary', '\0\0', /^binary file, not a transcript$/],
    ['a picture of words', 'once upon a time', /^not JSON$/],
  ])('%s', (_, content, reason) => {
    const { found, problems } = read(file(content))
    expect(found).toEqual([])
    expect(problems).toHaveLength(1)
    expect(problems[0]!.reason).toMatch(reason)
  })

  test('missing', () => {
    const { problems } = read(join(folder, 'missing.jsonl'))
    expect(problems).toEqual([
      { line: null, reason: 'cannot be read: ENOENT; check that it is there and that you may read it' },
    ])
  })

  test('blank, although its harness was named', () => {
    expect(read(file('\n\n'), 'steps').problems).toEqual([
      { line: null, reason: 'no steps session in this file' },
    ])
  })

  test('a folder', () => {
    mkdirSync(join(folder, 'sub'))
    expect(read(join(folder, 'sub')).problems[0]!.reason).toMatch(/^cannot be read: EISDIR/)
  })
})

test('of many problems the first 20 are told, and then their number', () => {
  const { found, problems } = read(file(`${JSON.stringify(lines.steps)}\n${'torn {\n'.repeat(500)}`))
  expect(found).toEqual(['steps'])
  expect(problems).toHaveLength(21)
  expect(problems[20]).toEqual({ line: null, reason: '980 more problems in this file' })
})

test('a reader that stops early is told the number as well', () => {
  const problems: Problem[] = []
  const path = file(`${'torn\n'.repeat(30)}${`${JSON.stringify(lines.steps)}\n`.repeat(9)}`)
  for (const _ of readTranscript(path, { harness: 'steps', agent: null }, (it) => problems.push(it))) break
  expect(problems.at(-1)).toEqual({ line: null, reason: '10 more problems in this file' })
})
