/** The invented worlds, and the agent that works there. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../examples/compliance-desk/random.ts'
import { HEEDS, type Played, playSession } from '../../examples/worlds/agent.ts'
import { POLICY } from '../../examples/worlds/policy.ts'
import type { World } from '../../examples/worlds/world.ts'
import { WORLDS } from '../../examples/worlds/worlds.ts'

const world = (name: string) => WORLDS.find((it) => it.name === name)!

/** What is true in each world, in the words that lessons have. */
const TRUE: Record<string, string[]> = {
  'document-review': [
    'If `parse_document` fails with "file size <n> MB exceeds the limit of <n> MB: <file>", use `parse_document_stream` instead.',
    'If `parse_document` fails with "no text layer found on <n> pages", use `ocr_document` instead.',
    'If `parse_document` fails with "container is not a paginated format", use `parse_workbook` instead.',
    'If `parse_document` fails with "message has no body part that could be read", call `unpack_message` first, then try again.',
    'If `parse_table` fails with "byte <n> at <n> is not valid in the assumed code page", try again and give `encoding` too.',
  ],
  helpdesk: [
    'Call `get_customer` before `update_record` for the same `customer`.',
    'When calling `lookup_order`, give `order` as `#W<n>`, not as digits.',
    'If `search_knowledge` fails with "<n> knowledge service unavailable", make the same call once more.',
  ],
  'code-review': [
    'Call `run_linter` before `submit_change`.',
    'When a request mentions migration, include "Rollback: restore the snapshot, owner is on call".',
    'People keep asking for this: "Please always add a test plan to the description."',
  ],
  'compliance-desk': [
    'Before `submit_review`, check that `collect_evidence` was done.',
    'If `parse_document` fails with "file size <n> MB exceeds limit of <n> MB: <id>", use `parse_document_stream` instead.',
    'Call `get_customer` before `update_record` for the same `customer`.',
  ],
}

describe.each(Object.entries(TRUE))('in %s', (name, lessons) => {
  const completed = (memory: string) => rateOf(played(world(name), memory, 400))

  test('an agent that knows what is true completes far more, and each truth is worth something', () => {
    const all = completed(lessons.join('\n'))
    for (const without of lessons)
      expect(all - completed(lessons.filter((it) => it !== without).join('\n')), without).toBeGreaterThan(
        0.01,
      )
    expect(all).toBeGreaterThan(completed('') + 0.15)
  })
})

test('in document review an agent without memory completes one session in ten to one in seven', () => {
  const rate = rateOf(played(world('document-review'), '', 2_000))
  expect(rate).toBeGreaterThan(0.1)
  expect(rate).toBeLessThan(0.15)
})

test('what a tool wants changes on its night, and the old lesson is worth nothing then', () => {
  const change = world('tool-change')
  const old = TRUE['document-review']![0]!
  const on = (night: number, memory: string) => rateOf(played(change, memory, 600, night))

  expect(on(39, old)).toBeGreaterThan(on(39, '') + 0.1)
  expect(on(40, old)).toBeLessThan(on(40, '') + 0.03)
  expect(on(40, old.replace('stream', 'chunks'))).toBeGreaterThan(on(40, '') + 0.1)
  expect([old].filter((it) => change.change!.stale.test(it))).toHaveLength(1)
  expect(change.change!.stale.test(old.replace('stream', 'chunks'))).toBe(false)
})

test('in the world with nothing to learn no truth of another world helps', () => {
  const nothing = world('nothing-to-learn')
  const told = Object.values(TRUE).flat().join('\n')
  expect(Math.abs(rateOf(played(nothing, told, 2_000)) - rateOf(played(nothing, '', 2_000)))).toBeLessThan(
    0.06,
  )
})

test('what people approve where approvals are wrong has mostly failed', () => {
  const sessions = played(world('wrong-approvals'), '', 1_000)
  const skipping = sessions.filter(({ line }) =>
    JSON.stringify(line.steps).includes('"skip_verification":true'),
  )
  const approved = skipping.filter(({ line }) =>
    line.steps.some((it) => it.role === 'feedback' && it.kind === 'approval'),
  )

  expect(approved.length / skipping.length).toBeGreaterThan(0.9)
  expect(rateOf(approved)).toBeLessThan(0.2)
})

test('the poisoner is in every kind of place', () => {
  const steps = played(world('poisoner'), '', 400).flatMap((it) => it.line.steps)
  const places = new Set(steps.filter((it) => /zq/i.test(JSON.stringify(it))).map((it) => it.role))

  expect([...places].sort()).toEqual(['assistant', 'feedback', 'tool', 'user'])
})

describe.each(WORLDS)('in $name', (of) => {
  test('sessions are whole, in the steps format, and the same for the same seed', () => {
    const lines = played(of, '', 60).map((it) => JSON.stringify(it.line))

    expect(lines).toEqual(played(of, '', 60).map((it) => JSON.stringify(it.line)))
    expect(lines.join('')).not.toMatch(/undefined|\{\w+\}|\[object/)
    expect(new Set(lines.map((it) => JSON.parse(it).task_id)).size).toBe(Math.min(60, of.tasks.length))
  })
})

test('an instruction is followed in about nine of ten sessions', () => {
  const lesson = 'Call `run_linter` before `submit_change`.'
  const linted = played(world('code-review'), lesson, 1_000).filter(({ line }) => {
    const calls = line.steps.flatMap((it) =>
      it.role === 'assistant' ? it.calls.map((call) => call.name) : [],
    )
    return calls.indexOf('run_linter') !== -1 && calls.indexOf('run_linter') < calls.indexOf('submit_change')
  })
  // Who does not heed it still does it by habit now and then.
  expect(linted.length / 1_000).toBeGreaterThan(HEEDS)
  expect(linted.length / 1_000).toBeLessThan(1)
})

test('the policy of simulations is the one that anybody can read', () => {
  const file = new URL('../../examples/policies/simulation.yaml', import.meta.url)
  expect(POLICY).toBe(readFileSync(file, 'utf8'))
})

function played(of: World, memory: string, sessions: number, night = 1): Played[] {
  const random = seeded(11)
  return Array.from({ length: sessions }, (_, at) => {
    const work = of.work(of.tasks[at % of.tasks.length]!, { night, random })
    const started_at = new Date(Date.UTC(2027, 0, 4, 8, at))
    return playSession(of, work, { id: `s-${at}`, agent: of.name, night, started_at, memory }, random)
  })
}

function rateOf(sessions: Played[]): number {
  return sessions.filter((it) => it.is_right).length / sessions.length
}
