/**
 * Hooks: what Claude Code calls when a session begins, and when it has ended.
 *
 * A hook is a guest of somebody's work: it ends well whatever happens, keeps nobody waiting for long, and what is wrong it says once.
 * What Claude Code tells is data; no part of it becomes a path that is written to.
 */

import { existsSync, statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { EngineError } from '../../domain/error.ts'
import type { Engine, HarnessSession } from '../../engine.ts'
import { startInBackground } from '../background.ts'
import type { Answer, Call } from '../call.ts'
import { alone, endedSessions, isBeingStored, writeDown } from '../ended-sessions.ts'
import { type HookState, hookState, keepHookState } from '../hook-state.ts'
import { printableJson } from '../printable.ts'
import { type RedactionOptions, redactionChoice } from '../redaction-choice.ts'
import { type CaughtUp, showCaughtUp } from '../show/hook.ts'

/** What Claude Code reads of a hook's answer. */
type HookAnswer = {
  systemMessage?: string
  hookSpecificOutput?: { hookEventName: 'SessionStart'; additionalContext: string }
}

/** After the start of the process. What is left of it is the time that somebody else may keep the database. */
const DEADLINE_MS = 125
/** Claude Code cuts what is longer than 10,000 characters; a token is taken for four. */
const BUDGET_TOKENS = 2_400

export async function sessionStart(call: Call): Promise<Answer<HookAnswer>> {
  const state = hookState()
  try {
    const session = await toldSession()
    const begun = await inTime(async (patience_ms) => {
      const engine = await call.openInHurry(patience_ms)
      return engine.sessionBegins(session, { budget_tokens: BUDGET_TOKENS }, 'user:claude-code')
    })
    // The machine is busy, and nothing is broken: this session does without.
    if (begun === null) return answer({})
    const { recalled, waiting } = begun
    const is_news = waiting !== null && waiting.dream_id !== state.told_dream
    const told_dream = is_news ? waiting.dream_id : state.told_dream
    const is_kept = keepIfNew(state, { has_worked: true, is_broken: false, told_dream })
    const text = recalled?.text ?? ''
    return answer({
      ...(is_news && is_kept ? { systemMessage: waitingMessage(call, waiting.changes) } : {}),
      ...(text === ''
        ? {}
        : { hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text } }),
    })
  } catch (error) {
    // What an upgrade leaves to do takes longer than a hook may.
    if (isOlder(error)) startInBackground(catchUpArgs(call))
    if (isOlder(error) || (isMissing(error, call) && !state.has_worked)) return answer({})
    return answer(sayOnce(call, state, error))
  }
}

export async function sessionEnd(
  call: Call,
  { redact, names }: RedactionOptions,
): Promise<Answer<HookAnswer>> {
  const state = hookState()
  try {
    const { transcript_path } = await toldSession()
    if (transcript_path !== null) writeDown(call, { transcript_path, redact, names: names && resolve(names) })
    if (!isBeingStored(call)) startInBackground(catchUpArgs(call))
    return answer({})
  } catch (error) {
    return answer(sayOnce(call, state, error))
  }
}

export async function catchUp(call: Call, redaction: RedactionOptions): Promise<Answer<CaughtUp>> {
  const engine = await call.open()
  const done: CaughtUp = {
    at: new Date().toISOString(),
    sessions_new: 0,
    sessions_known: 0,
    skipped: [],
    dreams: [],
    failed: [],
    is_elsewhere: false,
  }
  const tried = new Set<string>()
  const untried = () => endedSessions(call).filter((it) => !tried.has(it.transcript_path))
  const work = async () => {
    for (let next = untried(); next.length > 0; next = untried()) {
      for (const it of next) tried.add(it.transcript_path)
      await Promise.all(next.map((it) => settled(it.transcript_path)))
      for (const alike of Map.groupBy(next, (it) => JSON.stringify([it.redact, it.names])).values())
        await store(engine, alike, redaction, done)
    }
    const dreams = await engine.dreamWhereDue([...tried])
    done.dreams.push(...dreams.map(({ dream }) => ({ id: dream.id, agent: dream.agent })))
  }
  do done.is_elsewhere = !(await alone(call, work))
  while (!done.is_elsewhere && untried().length > 0)
  return { data: done, show: showCaughtUp, exit_code: done.failed.length > 0 ? 1 : 0 }
}

/**
 * Those of one choice of what to redact: together where that goes; else one by one, so that one that cannot be stored keeps no other from it.
 * It stays written down.
 */
async function store(
  engine: Engine,
  ended: ReturnType<typeof endedSessions>,
  redaction: RedactionOptions,
  report: CaughtUp,
): Promise<void> {
  const paths = ended.map((it) => it.transcript_path)
  const { redact = redaction.redact, names = redaction.names } = ended[0]!
  try {
    const how = redactionChoice({ redact, names })
    const { sessions_new, sessions_known, skipped } = await engine.storeEnded(paths, how)
    report.sessions_new += sessions_new
    report.sessions_known += sessions_known
    report.skipped.push(...skipped)
    for (const it of ended) it.done()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (ended.length === 1) report.failed.push({ path: paths[0]!, reason })
    else for (const it of ended) await store(engine, [it], redaction, report)
  }
}

/** A harness may still be writing when it tells of the end: waits until the file has been as long for a while, and not forever. */
async function settled(path: string): Promise<void> {
  for (let before = -1, looks = 0; looks < MOST_LOOKS; looks++) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (size === before) return
    before = size
    await setTimeout(LOOK_MS)
  }
}

const LOOK_MS = 250
const MOST_LOOKS = 40

/** What Claude Code writes to stdin. Throws `invalid_request_error` for anything else. */
async function toldSession(): Promise<HarnessSession> {
  const told = asObject(await Promise.race([input(), setTimeout(LONGEST_INPUT_MS, '', { ref: false })]))
  process.stdin.destroy()
  const { session_id, transcript_path, cwd } = told
  if (typeof session_id !== 'string' || session_id === '' || session_id.length > 200) throw notUnderstood()
  return { session_id, transcript_path: transcript(transcript_path), folder: textOrNull(cwd) }
}

/** It is there before the hook is, unless somebody runs the hook by hand. */
const LONGEST_INPUT_MS = 2_000

async function input(): Promise<string> {
  let text = ''
  for await (const it of process.stdin.setEncoding('utf8')) text += it
  return text
}

function asObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {}
  } catch (error) {
    throw notUnderstood(error)
  }
}

function notUnderstood(cause?: unknown): EngineError {
  return new EngineError('invalid_request_error', 'what Claude Code told its hook was not understood', {
    cause,
  })
}

/** Only what is called like a transcript is ever read. */
function transcript(path: unknown): string | null {
  const text = textOrNull(path)
  return text !== null && isAbsolute(text) && text.endsWith('.jsonl') ? text : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/**
 * The work is told how long it may wait for others who write: until the deadline, less what it takes to end. Should it wait more
 * than once, or the machine stand still, it is given up, as null. What is done by then is told: it was written down that it was given.
 */
async function inTime<T>(work: (patience_ms: number) => Promise<T>): Promise<T | null> {
  const left_ms = Math.max(DEADLINE_MS - performance.now(), SHORTEST_MS)
  const late = setTimeout(left_ms + STANDSTILL_MS, null, { ref: false })
  return Promise.race([work(Math.floor(left_ms)), late])
}

/** On a machine that takes the whole time to start a process, a little is waited all the same. */
const SHORTEST_MS = 30
const STANDSTILL_MS = 500

function answer(data: HookAnswer): Answer<HookAnswer> {
  return { data, show: (it) => (Object.keys(it).length === 0 ? '' : `${printableJson(it, 0)}\n`) }
}

function sayOnce(call: Call, state: HookState, error: unknown): HookAnswer {
  if (state.is_broken || !keepHookState({ ...state, is_broken: true })) return {}
  const reason = error instanceof Error ? error.message : String(error)
  const doctor = call.screen.command(['doctor'])
  return {
    systemMessage: `Reverie could not read its memory (${reason}). Sessions go on without it; \`${doctor}\` says more.`,
  }
}

/** True where there is nothing new to keep. */
function keepIfNew(before: HookState, after: HookState): boolean {
  return JSON.stringify(before) === JSON.stringify(after) || keepHookState(after)
}

function waitingMessage(call: Call, changes: number): string {
  const wait = changes === 1 ? '1 lesson waits' : `${changes} lessons wait`
  return `${wait} for your decision: ${call.screen.command(['decide'])}`
}

function isOlder(error: unknown): boolean {
  return error instanceof EngineError && error.details.is_older === true
}

/** Nothing was ever stored there, or it has been taken away. */
function isMissing(error: unknown, { database }: Call): boolean {
  return error instanceof EngineError && error.type === 'not_found_error' && !existsSync(database)
}

function catchUpArgs({ database, workspace }: Call): string[] {
  return ['--db', database, '--workspace', workspace, 'hook', 'catch-up']
}
