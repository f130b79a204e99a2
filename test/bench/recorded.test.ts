import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failed, onlyChannel, readRecordings, recordedFiles } from '../../bench/lessons/recorded.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-recorded-'))

function line(id: string, agent: string, facts: object, order = 'A1') {
  return JSON.stringify({
    id,
    agent,
    model: 'm1',
    task_id: 7,
    steps: [
      { role: 'user', text: `ship order ${order}` },
      { role: 'assistant', text: '', calls: [{ id: 'c1', name: 'ship', args: { order } }] },
      { role: 'tool', call_id: 'c1', name: 'ship', text: 'Error: no such order', error: true },
    ].map((it, i) => ({ ...it, ts: `2026-11-03T09:00:0${i}Z` })),
    ...facts,
  })
}

beforeAll(() => {
  const judged = { outcome: { success: false } }
  const lines = [
    line('one', 'desk', { ...judged, gold_actions: [{ name: 'refund_in_secret', args: {} }] }),
    line('copy of one', 'desk', judged),
    line('two', 'desk', { outcome: { success: true } }, 'B2'),
    line('three', 'lab', {}, 'C3'),
  ]
  writeFileSync(join(folder, 'shop.jsonl'), lines.join('\n'))
  writeFileSync(join(folder, 'outcomes.jsonl'), '{"system":"desk","resolved":true}\n')
  writeFileSync(join(folder, 'README.md'), 'not a recording')
})
afterAll(() => rmSync(folder, { recursive: true }))

test('recordings are the files that hold sessions in the steps format', async () => {
  expect(await recordedFiles(folder)).toEqual([join(folder, 'shop.jsonl')])
})

test('a recording holds the sessions of one agent, copies left out, and says how each ended', async () => {
  const recordings = await readRecordings(join(folder, 'shop.jsonl'))
  expect(recordings.map((it) => [it.name, it.sessions.length, it.copies.whole])).toEqual([
    ['shop desk', 2, 1],
    ['shop lab', 1, 1],
  ])
  const [desk, lab] = recordings
  expect(desk!.sessions.map(failed).sort()).toEqual([false, true])
  expect(lab!.sessions.map(failed)).toEqual([null])
  const ids = desk!.sessions.map((it) => it.session_id)
  expect(ids).toEqual(ids.toSorted())
  expect(desk!.sessions[0]).toMatchObject({ cell: 'm1|7', task: '7', steps: 3, tool_errors: 1 })
  expect(onlyChannel(lab!.sessions, 'session')).toEqual([])
})

test('a reference solution in a recording is shown to nobody', async () => {
  const recordings = await readRecordings(join(folder, 'shop.jsonl'))
  expect(JSON.stringify(recordings)).not.toContain('refund_in_secret')
})
