import { isDeepStrictEqual } from 'node:util'
import { type SessionEvent, type TextBlock, type ToolUse, textOf } from '../domain/event.ts'
import { derivedId } from '../domain/id.ts'
import { UNKNOWN_OUTCOME } from '../domain/outcome.ts'
import { NO_USAGE, type Usage } from '../domain/usage.ts'
import { Counts } from './counts.ts'
import { segments } from './injected-text.ts'
import { isObject, isText, type JsonObject, textOrNull, tokens } from './json-value.ts'
import { type ChainLine, liveLines } from './live-chain.ts'
import { stem } from './path-name.ts'
import { projectAgent } from './project-agent.ts'
import { Repeats } from './repeats.ts'
import { placeholder, speak, type Voice } from './speak.ts'
import { utcTime } from './timestamp.ts'
import { type ToolError, toolError } from './tool-error.ts'
import { toolInput } from './tool-input.ts'
import type { Entry, Parser, Problem, Source, Transcript } from './transcript.ts'

/**
 * Claude Code: the entries of one transcript file in; its session, and one session per subagent in it, out.
 *
 * Only what really happened counts, and once: dead branches of a rewind, and what a resumed session
 * wrote down again, are passed over and counted. What a person said is told apart from what the harness
 * wrote in the user's name, and what the model said from errors that the harness reports in its name.
 *
 * The whole file is held until its end, because only the last line says which branch is live.
 */
export const parseClaudeCode: Parser = function* (entries, source, report) {
  const file = readLines(entries, report)
  const session_id = sessionIdOf(file, source)
  let passed_over = file.passed_over
  let found = false
  for (const conversation of conversationsOf(file.lines, session_id)) {
    const transcript = transcriptOf(conversation, source, passed_over)
    if (!hasConversation(transcript.session.events)) continue
    found = true
    transcript.passed_over = passed_over.toObject()
    yield transcript
    passed_over = new Counts()
  }
  if (!found) report({ line: null, reason: NO_CONVERSATION })
}

const NO_CONVERSATION = 'no conversation in this file: no person and no model says anything in it'

/**
 * A line without `toolUseResult`, the harness's own copy of what the message says, and a third of all bytes. Null for
 * every other line, and where something that is read may stand in the copy or behind it.
 */
export function withoutResultCopy(line: string): string | null {
  if (line.length < WORTH_SHORTENING) return null
  const end = line.indexOf(',"toolUseResult":')
  if (end === -1 || MAY_BE_READ.test(line.slice(end, end + EDGE)) || MAY_BE_READ.test(line.slice(-EDGE)))
    return null
  const message = line.indexOf('"message":')
  if (message === -1 || message > end) return null
  // Where the copy is not the entry's own, what stands before it is not JSON, and the line is read whole.
  return `${line.slice(0, end)}}`
}

const MAY_BE_READ =
  /"(?:interrupted":true|isMeta"|toolDenialKind"|origin"|isCompactSummary"|message"|uuid"|timestamp")/
const EDGE = 400
const WORTH_SHORTENING = 2_000

/** Does a parsed entry look like a line of Claude Code? */
export function isClaudeCode(value: unknown): boolean {
  if (!isObject(value) || 'payload' in value) return false
  const { type, sessionId, uuid, message } = value
  switch (type) {
    case 'user':
    case 'assistant':
      return isObject(message) && 'content' in message && (isText(sessionId) || isText(uuid))
    case 'summary':
      return isText(value.summary) && isText(value.leafUuid)
    case 'file-history-snapshot':
      return isObject(value.snapshot)
    case 'system':
      return isText(sessionId) && isText(uuid) && 'isSidechain' in value
    default:
      return isText(sessionId) && isText(type) && LINE_TYPES.has(type)
  }
}

const LINE_TYPES = new Set([
  'progress',
  'attachment',
  'queue-operation',
  'permission-mode',
  'mode',
  'custom-title',
  'ai-title',
  'agent-name',
  'last-prompt',
  'pr-link',
  'worktree-state',
])

/** What of a line is kept until the end of the file; the rest, often most of its bytes, can go at once. */
type Line = ChainLine & {
  line: number
  type: 'user' | 'assistant' | 'system' | 'other'
  timestamp: unknown
  session_id: string | null
  cwd: string | null
  /** Set on the lines of a subagent: its id, or null where the harness gave none. */
  sidechain: { agent_id: string | null } | null
  /** A string, or an array of blocks; for a system line its words. */
  content: unknown
  /** What the harness says of the line. */
  is_injected: boolean
  is_from_person: boolean
  is_compaction: boolean
  is_error: boolean
  /** Who turned the call down, for the result of one that was. */
  denial: 'user-rejected' | 'other' | null
  was_interrupted: boolean
  model: string | null
  usage: unknown
}

type Reading = { lines: Line[]; passed_over: Counts }

function readLines(entries: Iterable<Entry>, report: (problem: Problem) => void): Reading {
  const lines: Line[] = []
  const passed_over: Counts = new Counts()
  const uuids = new Set<string>()
  for (const { line, value } of entries) {
    if (!isObject(value)) {
      if (!passed_over.has('malformed')) {
        report({
          line,
          reason: 'not a JSON object; passed over, as are others like it (counted as malformed)',
        })
      }
      passed_over.add('malformed')
      continue
    }
    const uuid = textOrNull(value.uuid)
    if (uuid !== null) {
      if (uuids.has(uuid)) {
        passed_over.add('duplicate')
        continue
      }
      uuids.add(uuid)
    }
    const read = lineOf(line, uuid, value, passed_over)
    if (read !== null) lines.push(read)
  }
  return { lines, passed_over }
}

function lineOf(number: number, uuid: string | null, value: JsonObject, passed_over: Counts): Line | null {
  const { type, message } = value
  const line: Line = {
    line: number,
    uuid,
    parent: textOrNull(value.parentUuid) ?? textOrNull(value.logicalParentUuid),
    kind: 'other',
    message_id: null,
    type: 'other',
    timestamp: value.timestamp,
    session_id: textOrNull(value.sessionId),
    cwd: textOrNull(value.cwd),
    sidechain: value.isSidechain === true ? { agent_id: textOrNull(value.agentId) } : null,
    content: null,
    is_injected: value.isMeta === true,
    is_from_person: false,
    is_compaction: false,
    is_error: value.isApiErrorMessage === true,
    denial: null,
    was_interrupted: false,
    model: null,
    usage: null,
  }
  if (type === 'user' || type === 'assistant') {
    if (isObject(message) && (typeof message.content === 'string' || Array.isArray(message.content))) {
      line.content = message.content
      if (type === 'user') asUser(line, value)
      else asReply(line, message)
      return line
    }
    passed_over.add('malformed')
  } else if (type === 'system') {
    line.content = systemText(value)
    if (line.content === null) passed_over.add(`system/${named(value.subtype)}`)
    else line.type = 'system'
    line.is_error = value.subtype !== 'local_command'
  } else if (type === 'tool_use' && isText(value.name)) {
    // Versions before 2 wrote calls and results as lines of their own.
    line.content = [value]
    asReply(line, value)
    return line
  } else if (type === 'tool_result') {
    line.content = [{ ...value, content: value.content ?? value.output }]
    asUser(line, value)
    return line
  } else if (
    type === 'attachment' &&
    isObject(value.attachment) &&
    value.attachment.commandMode === 'prompt'
  ) {
    // What a person typed while the agent was working reaches it as an attachment.
    const { prompt } = value.attachment
    line.type = 'user'
    line.kind = 'answer'
    line.content = typeof prompt === 'string' || Array.isArray(prompt) ? prompt : ''
    return line
  } else {
    passed_over.add(isText(type) ? type : 'malformed')
  }
  // Without a uuid nothing can follow on it, and it has nothing to say.
  return uuid === null && line.type === 'other' ? null : line
}

function asUser(line: Line, value: JsonObject): void {
  const { origin, toolDenialKind, toolUseResult } = value
  line.type = 'user'
  line.is_compaction = value.isCompactSummary === true || isContinuation(line.content)
  if (isObject(origin) && isText(origin.kind)) {
    line.is_from_person = origin.kind === 'human'
    line.is_injected = origin.kind !== 'human'
  }
  if (isText(toolDenialKind)) line.denial = toolDenialKind === 'user-rejected' ? toolDenialKind : 'other'
  line.was_interrupted = isObject(toolUseResult) && toolUseResult.interrupted === true
  line.kind = line.is_compaction || isAnswer(line.content) ? 'answer' : 'prompt'
}

function asReply(line: Line, message: JsonObject): void {
  line.type = 'assistant'
  line.kind = 'reply'
  line.message_id = textOrNull(message.id)
  line.model = textOrNull(message.model)
  line.usage = message.usage
}

function isAnswer(content: unknown): boolean {
  if (typeof content === 'string') return content.startsWith(INTERRUPTED)
  return (content as unknown[]).some(
    (it) =>
      isObject(it) &&
      (it.type === 'tool_result' || (typeof it.text === 'string' && it.text.startsWith(INTERRUPTED))),
  )
}

/** Older versions do not mark the summary of a compaction. */
function isContinuation(content: unknown): boolean {
  return (
    typeof content === 'string' &&
    content.startsWith('This session is being continued from a previous conversation')
  )
}

/** Both "[Request interrupted by user]" and "[Request interrupted by user for tool use]". */
const INTERRUPTED = '[Request interrupted by user'

/** The words of a system line that says something of the session, or null. */
function systemText({ subtype, content, error, retryAttempt }: JsonObject): string | null {
  if (subtype === 'local_command') return textOrNull(content)
  if (subtype !== 'api_error' && subtype !== 'error') return null
  const detail = isObject(error) ? error : {}
  const cause = isObject(detail.cause) ? detail.cause : {}
  const words = textOrNull(detail.message) ?? textOrNull(detail.formatted) ?? textOrNull(content)
  const known = [detail.status, cause.code].filter((it) => typeof it === 'number' || isText(it))
  const retry = typeof retryAttempt === 'number' ? [`(attempt ${retryAttempt})`] : []
  return words ?? ['API error', ...known, ...retry].join(' ')
}

/**
 * The file's own name where one of the lines carries that id, because a resumed session copies lines
 * of the one before; otherwise the last id there is.
 */
function sessionIdOf({ lines }: Reading, { path }: Source): string {
  const file_name = stem(path)
  let last: string | null = null
  for (const { session_id, type } of lines) {
    if (session_id === null || type === 'other') continue
    if (session_id === file_name) return file_name
    last = session_id
  }
  return last ?? file_name
}

type Conversation = { id: string; parent_id: string | null; lines: Line[] }

/** The main conversation first, then those of subagents, in the order they begin. */
function conversationsOf(lines: Line[], session_id: string): Conversation[] {
  const main: Conversation = { id: session_id, parent_id: null, lines: [] }
  const side = new Map<string, Conversation>()
  const keys = new Map<string, string>()
  for (const line of lines) {
    if (line.sidechain === null) {
      main.lines.push(line)
      continue
    }
    const inherited = line.parent === null ? undefined : keys.get(line.parent)
    const key = line.sidechain.agent_id ?? inherited ?? line.uuid ?? `line-${line.line}`
    if (line.uuid !== null) keys.set(line.uuid, key)
    const conversation = side.get(key)
    if (conversation !== undefined) conversation.lines.push(line)
    else side.set(key, { id: `${session_id}/agent-${key}`, parent_id: session_id, lines: [line] })
  }
  return [main, ...side.values()]
}

function transcriptOf(conversation: Conversation, source: Source, passed_over: Counts): Transcript {
  const { id, parent_id, lines } = conversation
  const told = tell(lines, id, passed_over)
  return {
    session: {
      harness: 'claude-code',
      external_session_id: id,
      agent: source.agent ?? projectAgent('claude-code', folderOf(lines)),
      agent_version: told.models.most(),
      task: null,
      person: null,
      parent_external_session_id: parent_id,
      started_at: told.started_at,
      ended_at: told.ended_at,
      outcome: UNKNOWN_OUTCOME,
      usage: sum(told.usage.values()),
      events: told.events,
    },
    event_ids_survive_copying: true,
    has_own_name: true,
    passed_over: {},
  }
}

function hasConversation(events: SessionEvent[]): boolean {
  return events.some((it) => it.type !== 'system.message' && it.type !== 'session.error')
}

/** A session as far as its lines have been told. */
type Told = {
  events: SessionEvent[]
  /** By the harness's id of a call, and `keyOf` where an id is taken again. */
  calls: Map<string, ToolUse>
  /** Results that were told, by the id of their call, and when they came. */
  answered: Map<string, (string | null)[]>
  repeats: Repeats
  /** Calls without an id of the harness, not yet answered, oldest first: results without one are theirs. */
  nameless: string[]
  models: Counts
  /** By message: its lines repeat it, and the last is the complete one. */
  usage: Map<string, unknown>
  started_at: string | null
  ended_at: string | null
  passed_over: Counts
}

function tell(lines: Line[], session_id: string, passed_over: Counts): Told {
  const told: Told = {
    events: [],
    calls: new Map(),
    answered: new Map(),
    repeats: new Repeats(),
    nameless: [],
    models: new Counts(),
    usage: new Map(),
    started_at: null,
    ended_at: null,
    passed_over,
  }
  const is_live = liveLines(lines)
  for (const [i, line] of lines.entries()) {
    if (line.type === 'other') continue
    if (is_live[i]) tellLine(told, line, session_id)
    else passed_over.add('rewound')
  }
  // A result can stand before its call, so calls get their results only now.
  for (const event of told.events) {
    if ('tool_use_id' in event) event.tool_use_id = told.calls.get(event.tool_use_id)?.id ?? event.tool_use_id
  }
  return told
}

function tellLine(told: Told, line: Line, session_id: string): void {
  const at = utcTime(line.timestamp)
  if (at !== null) {
    if (told.started_at === null || at < told.started_at) told.started_at = at
    if (told.ended_at === null || at > told.ended_at) told.ended_at = at
  }
  const first = told.events.length
  const entry: Telling = { told, line, at, first }
  if (line.type === 'assistant') tellReply(entry)
  else if (line.type === 'user') tellUser(entry)
  else tellSystem(entry)

  // Two entries may be glued on one line.
  const id =
    line.uuid === null
      ? derivedId('sevt', session_id, `${line.line}`, `${first}`)
      : `sevt_${compact(line.uuid)}`
  const several = told.events.length - first > 1
  for (let i = first; i < told.events.length; i++) told.events[i]!.id = several ? `${id}_${i - first}` : id
}

/** A line being told; its events begin at `first`. */
type Telling = { told: Told; line: Line; at: string | null; first: number }

/** An event gets its id when all events of its line are there. */
const NO_ID_YET = ''

function say({ told, line, at, first }: Telling, voice: Voice, text: string): void {
  if (told.repeats.has(line.line, at, voice, text)) told.passed_over.add('copied')
  else speak(told.events, first, voice, text, at)
}

function add({ told, line, at }: Telling, event: SessionEvent): void {
  if (told.repeats.has(line.line, at, event.type, textOf(event))) told.passed_over.add('copied')
  else told.events.push(event)
}

function tellReply(telling: Telling): void {
  const { told, line, at } = telling
  const blocks = blocksOf(line.content)
  if (line.is_error || line.model === '<synthetic>') {
    const words = textsOf(blocks).join('\n')
    if (line.is_error || words !== NOTHING_SAID) add(telling, infrastructureError(words, at))
    else told.passed_over.add('empty')
    return
  }
  const message = line.message_id ?? `line ${line.line}`
  if (line.model !== null && !told.usage.has(message)) told.models.add(line.model)
  told.usage.set(message, line.usage)

  for (const block of blocks) {
    if (!isObject(block)) {
      told.passed_over.add('malformed')
      continue
    }
    switch (block.type) {
      case 'text':
        if (isText(block.text) && block.text !== '(no content)') say(telling, 'agent.message', block.text)
        else told.passed_over.add('empty')
        break
      case 'thinking':
      case 'redacted_thinking': {
        const content = asText(block.thinking)
        add(telling, { type: 'agent.thinking', id: NO_ID_YET, processed_at: at, content })
        break
      }
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use':
        tellCall(telling, block)
        break
      default:
        if (isText(block.type) && block.type.endsWith('_tool_result')) tellResult(telling, block)
        else told.passed_over.add(`block/${named(block.type)}`)
    }
  }
}

/** What the harness writes in the model's place where it had nothing to say. */
const NOTHING_SAID = 'No response requested.'

function infrastructureError(message: string, processed_at: string | null): SessionEvent {
  return { type: 'session.error', id: NO_ID_YET, processed_at, error: { type: 'infrastructure', message } }
}

function tellCall({ told, at }: Telling, block: JsonObject): void {
  const { events, calls, nameless, passed_over } = told
  const { name } = block
  const given = textOrNull(block.id)
  if (!isText(name)) {
    passed_over.add('malformed')
    return
  }
  const id = given ?? `nameless ${calls.size}`
  if (given === null) nameless.push(id)
  const event: ToolUse = {
    type: 'agent.tool_use',
    id: NO_ID_YET,
    processed_at: at,
    name,
    input: toolInput(block.input),
  }
  let earlier = 0
  for (let known = calls.get(id); known !== undefined; known = calls.get(keyOf(id, ++earlier))) {
    if (LASTS.test(id) || isDeepStrictEqual({ ...known, id: NO_ID_YET }, event)) {
      passed_over.add('copied')
      return
    }
  }
  calls.set(keyOf(id, earlier), event)
  events.push(event)
}

/** An id that the provider gives to one call for ever; proxies and local models may count anew in every turn. */
const LASTS = /^(?:srv|mcp)?toolu_/

/** Of the call that has so many of its id before it. */
function keyOf(id: string, earlier: number): string {
  return earlier === 0 ? id : `${id} again ${earlier}`
}

function tellUser(telling: Telling): void {
  const { told, line, at } = telling
  if (line.is_compaction) {
    const content = asText(textsOf(blocksOf(line.content)).join('\n'))
    add(telling, { type: 'agent.thread_context_compacted', id: NO_ID_YET, processed_at: at, content })
    return
  }
  // In a subagent's conversation the user is the agent that started it.
  const is_agent = line.sidechain !== null && !line.is_from_person
  const person = is_agent ? 'agent.thread_message_received' : 'user.message'
  const speaker = line.is_injected ? 'system.message' : person
  for (const block of blocksOf(line.content)) {
    if (!isObject(block)) {
      told.passed_over.add('malformed')
    } else if (block.type === 'tool_result') {
      tellResult(telling, block)
    } else if (block.type === 'image' || block.type === 'document') {
      say(telling, speaker, mediaPlaceholder(block))
    } else if (block.type !== 'text') {
      told.passed_over.add(`block/${named(block.type)}`)
    } else if (!isText(block.text)) {
      told.passed_over.add('empty')
    } else if (block.text.startsWith(INTERRUPTED)) {
      add(telling, { type: 'user.interrupt', id: NO_ID_YET, processed_at: at })
    } else if (line.is_injected) {
      say(telling, speaker, block.text)
    } else {
      for (const { who, text } of segments(block.text))
        say(telling, who === 'person' ? person : 'system.message', text)
    }
  }
}

function tellResult({ told, line, at }: Telling, block: JsonObject): void {
  const { events, calls, answered, nameless, passed_over } = told
  const given = textOrNull(block.tool_use_id) ?? nameless.shift() ?? ''
  const before = answered.get(given) ?? []
  // A result can come before its call, but not before a call that takes an id again.
  const tool_use_id = keyOf(given, before.length)
  if (before.length > 0 && (!calls.has(tool_use_id) || (at !== null && before.includes(at)))) {
    passed_over.add('copied')
    return
  }
  if (given !== '') answered.set(given, [...before, at])

  const content = resultContent(block.content)
  const words = content[0]?.text ?? ''
  const error = resultError(words, block.is_error === true, line)
  const base = { id: NO_ID_YET, processed_at: at, tool_use_id }
  events.push({ type: 'agent.tool_result', ...base, content, ...error })
  if (error.error_class === 'user_rejection') {
    const is_known = line.denial === 'user-rejected' || OWN_ERRORS.test(nameOf(told, tool_use_id))
    const deny_message = is_known ? reasonIn(words) : null
    events.push({ type: 'user.tool_confirmation', ...base, result: 'deny', deny_message })
  }
}

function resultError(words: string, is_error: boolean, line: Line): ToolError {
  const error = toolError(words, is_error)
  if (is_error && line.denial === 'user-rejected') return { ...error, error_class: 'user_rejection' }
  if (is_error && line.denial === 'other' && error.error_class === 'tool_fault')
    return { ...error, error_class: 'permission_denied' }
  if (!is_error && line.was_interrupted) return { ...error, is_error: true, error_class: 'interrupt' }
  return error
}

/**
 * Tools whose errors are the harness's to the last word. Where the harness does not mark who refused, any other tool may have
 * written that a person did, and why: that there was a refusal is then counted, and no reason is believed.
 */
const OWN_ERRORS = /^(?:Edit|MultiEdit|Write|NotebookEdit|ExitPlanMode)$/

function nameOf({ calls }: Told, id: string): string {
  const call = calls.get(id)
  return call !== undefined && 'name' in call ? call.name : ''
}

/** What a person gave as the reason for turning a call down. */
function reasonIn(words: string): string | null {
  for (const marker of REASON_MARKERS) {
    const at = words.indexOf(marker)
    if (at === -1) continue
    const note = words.indexOf(REASON_NOTE, at)
    const reason = words.slice(at + marker.length, note === -1 ? undefined : note).trim()
    return reason === '' ? null : reason
  }
  return null
}

const REASON_MARKERS = ['the user said:', 'reason for the rejection:', "user's feedback:"]
/** Newer versions remind the model, after the reason, to take it to heart. */
const REASON_NOTE = "\n\nNote: The user's next message"

function resultContent(content: unknown): TextBlock[] {
  return blocksOf(content).flatMap((it): TextBlock[] => {
    const text = resultText(it)
    return text === '' ? [] : [{ type: 'text', text }]
  })
}

function resultText(block: unknown): string {
  if (typeof block === 'string') return block
  if (!isObject(block)) return JSON.stringify(block)
  if (typeof block.text === 'string') return block.text
  return block.type === 'image' || block.type === 'document'
    ? mediaPlaceholder(block)
    : `[${named(block.type)}]`
}

function mediaPlaceholder({ type, source }: JsonObject): string {
  const { media_type, data } = isObject(source) ? source : {}
  return placeholder(named(type), media_type, data)
}

function tellSystem(telling: Telling): void {
  const { line, at } = telling
  const text = textOrNull(line.content) ?? ''
  if (line.is_error) add(telling, infrastructureError(text, at))
  else say(telling, 'system.message', text)
}

/** Where it began: a session may go to other folders, and stays its project's. */
function folderOf(lines: Line[]): string | null {
  return lines.find((it) => it.cwd !== null)?.cwd ?? null
}

function sum(reports: Iterable<unknown>): Usage {
  const total = { ...NO_USAGE }
  for (const usage of reports) {
    if (!isObject(usage)) continue
    total.input_tokens += tokens(usage.input_tokens)
    total.output_tokens += tokens(usage.output_tokens)
    total.cache_read_input_tokens += tokens(usage.cache_read_input_tokens)
    total.cache_creation_input_tokens += tokens(usage.cache_creation_input_tokens)
  }
  return total
}

function asText(text: unknown): TextBlock[] {
  return isText(text) ? [{ type: 'text', text }] : []
}

function blocksOf(content: unknown): unknown[] {
  if (Array.isArray(content)) return content
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return content === null || content === undefined ? [] : [content]
}

function textsOf(blocks: unknown[]): string[] {
  return blocks.flatMap((it) => (isObject(it) && isText(it.text) ? [it.text] : []))
}

/** Anything can stand where a name should. */
function named(value: unknown): string {
  return textOrNull(value) ?? 'unknown'
}

function compact(uuid: string): string {
  return uuid.length === 36 ? uuid.replaceAll('-', '') : uuid
}
