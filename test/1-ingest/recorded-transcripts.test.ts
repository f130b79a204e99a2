import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseClaudeCode } from '../../src/1-ingest/claude-code.ts'
import { parseCodex } from '../../src/1-ingest/codex.ts'
import type { Parser } from '../../src/1-ingest/transcript.ts'
import { isToolResult, isToolUse } from '../../src/domain/event.ts'
import { parsed } from './told.ts'

/**
 * Transcripts that the real tools wrote. They are not part of the project; where they are missing
 * this says so. The numbers were counted by hand in the files, not taken from the parsers.
 */
const PROJECT = join(import.meta.dirname, '../..')
const RECORDED = join(process.env.REVERIE_DATA ?? join(PROJECT, '../shared/data'), 'format-fixtures')
const is_there = existsSync(RECORDED)

const SHARE = 'session-share/samples/claude-code-projects'
const POEMS = `${SHARE}/0ccf1a04-1b4c-43b6-8aa5-79e41db43a68`
const CURRY = `${SHARE}/4b2030ed-5563-49ea-b703-6a002f2d3cc8`
const VIEWER = 'session-share/session-viewer/test/INTEGRATION/fixtures'
const SAMPLES = 'agent-sessions/stage0/agents'
const WITH_SUBAGENT = `${SAMPLES}/claude/subagent/0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f`

type Counts = [human_turns: number, tool_calls: number, tool_errors: number, feedback: number]

const CLAUDE_CODE: Record<string, Counts> = {
  // One more prompt and its interrupt lie on a branch that was left.
  [`${POEMS}.jsonl`]: [2, 7, 1, 0],
  [`${POEMS}/subagents/agent-a5bdbc1.jsonl`]: [0, 1, 0, 0],
  [`${POEMS}/subagents/agent-a9cad17.jsonl`]: [0, 1, 0, 0],
  [`${POEMS}/subagents/agent-aa5ef13.jsonl`]: [0, 1, 0, 0],
  [`${POEMS}/subagents/agent-ac27727.jsonl`]: [0, 1, 0, 0],
  [`${POEMS}/subagents/agent-afbbf75.jsonl`]: [0, 1, 0, 0],
  [`${CURRY}.jsonl`]: [1, 1, 0, 0],
  [`${CURRY}/subagents/agent-a2018e5.jsonl`]: [0, 1, 0, 0],
  [`${VIEWER}/edit-tool-variants.jsonl`]: [1, 4, 0, 0],
  // The first 354 lines are written down again below, without the parallel calls: 65 different calls in all.
  [`${VIEWER}/general-tool-calls.jsonl`]: [6, 65, 5, 5],
  [`${VIEWER}/images-in-tool-results.jsonl`]: [0, 1, 0, 0],
  [`${VIEWER}/images-in-user-messages.jsonl`]: [2, 2, 0, 0],
  [`${VIEWER}/read-tool-variants.jsonl`]: [1, 4, 0, 0],
  [`${SAMPLES}/claude/large.jsonl`]: [4, 1, 0, 0],
  // "List files" came from a task notification.
  [`${SAMPLES}/claude/schema_drift.jsonl`]: [1, 1, 0, 0],
  [`${SAMPLES}/claude/small.jsonl`]: [2, 2, 1, 1],
  [`${WITH_SUBAGENT}.jsonl`]: [1, 1, 0, 0],
  [`${WITH_SUBAGENT}/subagents/agent-a0ad4f44468bdf20d.jsonl`]: [0, 1, 0, 0],
}

const CODEX: Record<string, Counts> = {
  // In these four nobody says anything.
  'agent-sessions/codex_050_legacy.jsonl': [0, 0, 0, 0],
  'agent-sessions/codex_051_usage.jsonl': [0, 0, 0, 0],
  'agent-sessions/codex_052_raw.jsonl': [0, 0, 0, 0],
  'agent-sessions/codex_053_rate_limit.jsonl': [0, 0, 0, 0],
  'agent-sessions/session_branch.jsonl': [1, 1, 0, 0],
  'agent-sessions/session_simple.jsonl': [1, 0, 0, 0],
  'agent-sessions/session_toolcall.jsonl': [1, 1, 0, 0],
  [`${SAMPLES}/codex/large.jsonl`]: [6, 1, 0, 0],
  [`${SAMPLES}/codex/schema_drift.jsonl`]: [1, 1, 0, 0],
  [`${SAMPLES}/codex/small.jsonl`]: [1, 7, 0, 1],
}

describe.runIf(is_there)('recorded transcripts', () => {
  test.each(Object.entries(CLAUDE_CODE))('Claude Code: %s is %j', (path, counts) => {
    expect(counted(parseClaudeCode, path)).toEqual(counts)
  })

  test.each(Object.entries(CODEX))('Codex: %s is %j', (path, counts) => {
    expect(counted(parseCodex, path)).toEqual(counts)
  })
})

test.runIf(!is_there)(
  `the recorded transcripts are not at ${RECORDED}; set REVERIE_DATA to read them`,
  () => {
    expect(is_there).toBe(false)
  },
)

function counted(parse: Parser, path: string): Counts {
  const { transcripts } = parsed(parse, join(RECORDED, path))
  const events = transcripts.flatMap((it) => it.session.events)
  const feedback = ['user.interrupt', 'user.tool_confirmation']
  return [
    events.filter((it) => it.type === 'user.message').length,
    events.filter(isToolUse).length,
    events.filter((it) => isToolResult(it) && it.is_error).length,
    events.filter((it) => feedback.includes(it.type)).length,
  ]
}
