import type { SessionEvent, TextBlock } from '../domain/event.ts'
import { sha256 } from '../domain/id.ts'
import { UNKNOWN_OUTCOME } from '../domain/outcome.ts'
import { NO_USAGE, type Usage } from '../domain/usage.ts'
import { Counts } from './counts.ts'
import { segments } from './injected-text.ts'
import { parseJson } from './json.ts'
import { isObject, isText, type JsonObject, textOrNull, tokens } from './json-value.ts'
import { OpenCalls } from './open-calls.ts'
import { stem } from './path-name.ts'
import { projectAgent } from './project-agent.ts'
import { Repeats } from './repeats.ts'
import { placeholder, speak } from './speak.ts'
import { utcTime } from './timestamp.ts'
import { type ToolError, toolError } from './tool-error.ts'
import { toolInput, toolInputFromJson } from './tool-input.ts'
import type { Parser, Source, Transcript } from './transcript.ts'

/**
 * Codex: the entries of one rollout file in; its one session out.
 *
 * Codex says everything twice. A `response_item` is the record; an `event_msg` repeats it for the
 * screen, and of it only what the record lacks is taken: exit codes, interrupts, errors, tokens.
 * Where a file has no record of a voice at all, its echo is used. The history that a compaction
 * writes down again is not read again, nor are items that a resumed file repeats.
 *
 * Event ids are running numbers, so a copied item has another id in another file.
 */
export const parseCodex: Parser = function* (entries, source, report) {
  const told = new Rollout()
  for (const { line, value } of entries) {
    if (isObject(value)) {
      tell(told, value)
      continue
    }
    if (!told.passed_over.has('malformed'))
      report({ line, reason: 'not a JSON object; passed over, as are others like it (counted as malformed)' })
    told.passed_over.add('malformed')
  }
  const transcript = transcriptOf(told, source)
  const { events } = transcript.session
  if (events.some((it) => it.type !== 'system.message' && it.type !== 'session.error')) yield transcript
  else
    report({ line: null, reason: 'no conversation in this file: no person and no model says anything in it' })
}

/** Does a parsed entry look like a line of Codex, of any version? */
export function isCodex(value: unknown): boolean {
  if (!isObject(value)) return false
  const { type, payload, role, content } = value
  if (isObject(payload)) return isText(type) && LINE_TYPES.has(type)
  if (value.record_type === 'state') return true
  if (type === undefined) return isBareHeader(value) || isBareMessage(value)
  if (type === 'message') return isText(role) && Array.isArray(content) && content.some(isResponsesBlock)
  return isText(type) && BARE_TYPES.has(type) && (isText(value.call_id) || isBareCall(value))
}

const LINE_TYPES = new Set([
  'session_meta',
  'turn_context',
  'response_item',
  'event_msg',
  'compacted',
  'world_state',
])

const BARE_TYPES = new Set([
  'function_call',
  'function_call_output',
  'function_result',
  'local_shell_call',
  'tool_call',
  'tool_result',
])

function isBareHeader({ id, timestamp, instructions }: JsonObject): boolean {
  return isText(id) && isText(timestamp) && instructions !== undefined
}

/** OpenAI chat messages have no time, and no model beside a message. */
function isBareMessage({ role, content, message, model, timestamp, created_at }: JsonObject): boolean {
  const is_timed = isText(created_at) || (isText(timestamp) && isText(model))
  return isText(role) && is_timed && (content !== undefined || isText(message))
}

function isBareCall({ function: called, name, timestamp, created_at, ...others }: JsonObject): boolean {
  const is_timed = isText(created_at) || isText(timestamp)
  return is_timed && (isObject(called) || isText(name)) && !('session_id' in others || 'sessionId' in others)
}

function isResponsesBlock(block: unknown): boolean {
  return isObject(block) && (block.type === 'input_text' || block.type === 'output_text')
}

/** One session as far as its lines have been told. */
class Rollout {
  readonly events: SessionEvent[] = []
  /** Events that only the screen showed, and whose part each is. */
  readonly echoes = new Map<SessionEvent, Part>()
  /** Parts that have a record of their own. */
  readonly recorded = new Set<Part>()
  /** Answers with the key of a call in `uses`. */
  readonly calls = new OpenCalls()
  readonly uses = new Map<string, SessionEvent>()
  /** By call id: how calls went. The screen can say so after the record has the output. */
  readonly statuses = new Map<string, Status>()
  readonly outputs = new Map<SessionEvent, Output>()
  readonly seen = new Set<string>()
  readonly repeats = new Repeats()
  entries = 0
  readonly models = new Counts()
  readonly passed_over = new Counts()
  /** Of the session itself; a resumed file repeats those of the sessions before. */
  meta: JsonObject = {}
  readonly ids: string[] = []
  cwd: string | null = null
  usage: Usage = NO_USAGE
}

type Part = 'person' | 'agent' | 'thinking' | 'compaction'
/** What the screen says of how a call went. */
type Status = { said_by: string; is_error: boolean | null; exit_code: number | null; is_declined: boolean }
type ToolResultEvent = Extract<SessionEvent, { type: 'agent.tool_result' }>
type Output = { call_id: string | null; words: string; is_error: boolean | null; exit_code: number | null }

function tell(told: Rollout, line: JsonObject): void {
  const { type, payload } = line
  const at = utcTime(line.timestamp ?? line.created_at)
  if (!isObject(payload)) tellBare(told, line, at)
  else if (type === 'session_meta') tellMeta(told, payload)
  else if (type === 'turn_context') tellContext(told, payload)
  else if (type === 'event_msg') tellScreen(told, payload, at)
  else if (type === 'compacted') tellCompaction(told, textOrNull(payload.message), at)
  else if (type !== 'response_item') told.passed_over.add(type)
  else if (!tellItem(told, payload, at)) told.passed_over.add(`response_item/${named(payload.type)}`)
}

/** A line of a version before 0.3x. */
function tellBare(told: Rollout, line: JsonObject, at: string | null): void {
  const { type, role, id, content, message } = line
  if (isText(line.model)) told.models.add(line.model)
  if (type === 'error') tellError(told, line.text ?? message, at)
  else if (type === undefined && isText(role)) {
    tellItem(told, { type: 'message', role, content: content ?? message }, at)
  } else if (type === undefined && isText(id)) tellMeta(told, line)
  else if (!tellItem(told, line, at)) told.passed_over.add(type ?? line.record_type ?? 'malformed')
}

function tellMeta(told: Rollout, meta: JsonObject): void {
  if (told.ids.length > 0) told.passed_over.add('session_meta')
  else told.meta = meta
  told.ids.push(textOrNull(meta.id) ?? '')
  told.cwd ??= textOrNull(meta.cwd)
}

function tellContext(told: Rollout, { model, cwd }: JsonObject): void {
  if (isText(model)) told.models.add(model)
  told.cwd ??= textOrNull(cwd)
}

/** Events get their ids when all of them are there. */
const NO_ID_YET = ''

function tellCompaction(told: Rollout, summary: string | null, processed_at: string | null): void {
  if (isRepeated(told, { type: 'compacted', content: summary }, processed_at)) return
  told.recorded.add('compaction')
  told.events.push({
    type: 'agent.thread_context_compacted',
    id: NO_ID_YET,
    processed_at,
    content: asText(summary),
  })
}

/** Tells an item of the record; false when items of its type have no meaning for us. */
function tellItem(told: Rollout, item: JsonObject, at: string | null): boolean {
  if (isRepeated(told, item, at)) return true
  switch (item.type) {
    case 'message':
      tellMessage(told, item, at)
      return true
    case 'agent_message': {
      // From another agent, unlike the event of the same name.
      const first = told.events.length
      for (const text of textsOf(item.content))
        speak(told.events, first, 'agent.thread_message_received', text, at)
      return true
    }
    case 'reasoning':
      told.recorded.add('thinking')
      tellThinking(told, [...textsOf(item.summary), ...textsOf(item.content)], at)
      return true
    case 'function_call':
    case 'tool_call':
    case 'tool_search_call': {
      const called = isObject(item.function) ? item.function.name : item.name
      const name = item.type === 'tool_search_call' ? 'tool_search' : called
      tellCall(told, item, name, toolInputFromJson(item.arguments), at)
      return true
    }
    case 'custom_tool_call':
      tellCall(told, item, item.name, toolInputFromJson(item.input), at)
      return true
    case 'local_shell_call':
      tellCall(told, item, 'local_shell', toolInput(item.action), at)
      return true
    case 'web_search_call':
      // What was found stays with the model; there is no output to wait for.
      told.events.push(useOf('web_search', toolInput(item.action), at))
      return true
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
    case 'mcp_tool_call_output':
    case 'tool_search_output':
    case 'function_result':
    case 'tool_result':
      tellOutput(told, item, at)
      return true
    default:
      return false
  }
}

/**
 * A resumed file repeats items; they are known by their ids or, where they have none, by their words. Ids of calls may count anew in every
 * turn, so what the call is and what it gave belong to them.
 */
function isRepeated(told: Rollout, item: JsonObject, at: string | null): boolean {
  const own = textOrNull(item.id) ?? ownCall(item) ?? textOrNull(item.turn_id)
  const kind = `${named(item.type)} ${named(item.role)}`
  const entry = told.entries++
  const repeated =
    own === null
      ? told.repeats.has(entry, at, kind, textsOf(item.content).join('\n'))
      : told.seen.has(`${kind} ${own}`) && !isAwaited(told, item)
  if (own !== null) told.seen.add(`${kind} ${own}`)
  if (repeated) told.passed_over.add('copied')
  return repeated
}

/** Two calls may give the same: an output is none of the other's while its own call waits. */
function isAwaited({ calls }: Rollout, { call_id, output, result }: JsonObject): boolean {
  return isText(call_id) && (output ?? result) !== undefined && calls.waits(call_id)
}

function ownCall({
  call_id,
  name,
  arguments: given,
  input,
  action,
  output,
  result,
}: JsonObject): string | null {
  if (!isText(call_id)) return null
  return `${call_id} ${sha256(JSON.stringify([name, given, input, action, output, result]))}`
}

function tellMessage(told: Rollout, { role, content }: JsonObject, at: string | null): void {
  const first = told.events.length
  if (role === 'user') tellUser(told, content, at)
  for (const text of role === 'user' ? [] : textsOf(content)) {
    speak(told.events, first, role === 'assistant' ? 'agent.message' : 'system.message', text, at)
  }
  if (role === 'assistant') told.recorded.add('agent')
  if (told.events.slice(first).some((it) => it.type === personOf(told))) told.recorded.add('person')
}

function tellUser(told: Rollout, content: unknown, at: string | null): void {
  const first = told.events.length
  for (const text of textsOf(content)) {
    for (const segment of segments(text)) {
      const who = segment.who === 'person' ? personOf(told) : 'system.message'
      speak(told.events, first, who, segment.text, at)
    }
  }
}

/** In a subagent's session the user is the agent that started it. */
function personOf({ meta }: Rollout): 'user.message' | 'agent.thread_message_received' {
  const is_subagent = isObject(meta.source) && 'subagent' in meta.source
  return is_subagent ? 'agent.thread_message_received' : 'user.message'
}

function tellThinking(told: Rollout, texts: string[], processed_at: string | null): void {
  const content = texts.map((text): TextBlock => ({ type: 'text', text }))
  told.events.push({ type: 'agent.thinking', id: NO_ID_YET, processed_at, content })
}

function tellCall(
  told: Rollout,
  item: JsonObject,
  name: unknown,
  input: JsonObject,
  at: string | null,
): void {
  if (!isText(name)) {
    told.passed_over.add('malformed')
    return
  }
  const event = useOf(name, input, at)
  const key = `${told.uses.size}`
  told.uses.set(key, event)
  told.calls.add(key, { id: callIdOf(item), name })
  told.events.push(event)
}

function useOf(name: string, input: JsonObject, processed_at: string | null): SessionEvent {
  return { type: 'agent.tool_use', id: NO_ID_YET, processed_at, name, input }
}

function callIdOf({ call_id, id }: JsonObject): string | null {
  return textOrNull(call_id) ?? textOrNull(id)
}

function tellOutput(told: Rollout, item: JsonObject, processed_at: string | null): void {
  const call_id = textOrNull(item.call_id)
  const { content, is_error, exit_code } = outputOf(item.output ?? item.result ?? item.tools)
  // Until the end, `tool_use_id` is the key of the call in `uses`, or the harness's id of a call that is not there.
  const tool_use_id = told.calls.answer({ call_id, name: textOrNull(item.name) }) ?? call_id ?? ''
  const event: SessionEvent = {
    type: 'agent.tool_result',
    id: NO_ID_YET,
    processed_at,
    tool_use_id,
    content,
    ...NOT_AN_ERROR,
  }
  told.outputs.set(event, { call_id, words: content[0]?.text ?? '', is_error, exit_code })
  told.events.push(event)
}

const NOT_AN_ERROR: ToolError = { is_error: false, error_class: null, exit_code: null }

type Read = { content: TextBlock[]; is_error: boolean | null; exit_code: number | null }

/** The output of a call: a text, blocks, or an object that says more. */
function outputOf(output: unknown): Read {
  if (typeof output === 'string') {
    const framed = output.startsWith('{"output":') ? parseJson(output) : null
    if (isObject(framed) && isObject(framed.metadata)) return outputOf(framed)
    return { content: asText(output), is_error: null, exit_code: exitCodeIn(output) }
  }
  if (!isObject(output)) {
    const content = textsOf(output).map((text): TextBlock => ({ type: 'text', text }))
    return { content, is_error: null, exit_code: exitCodeIn(content[0]?.text ?? '') }
  }
  const { metadata, success, stdout, stderr } = output
  const printed = [stdout, stderr].filter(isText).join('\n')
  const read = outputOf(output.output ?? output.content ?? output.text ?? printed)
  const told = isObject(metadata) ? metadata.exit_code : (output.exit_code ?? output.exitCode)
  return {
    content: read.content,
    is_error: typeof success === 'boolean' ? !success : read.is_error,
    exit_code: wholeNumber(told) ?? read.exit_code,
  }
}

/** Command output is framed: lines about the run, the exit code among them, then `Output:`. */
const EXIT_CODE =
  /^(?:(?:Chunk ID|Wall time|Original token count|Total output lines)[^\n]*\n)*(?:Process exited with code |Exit code: )(-?\d{1,9})(?!\d)/

function exitCodeIn(text: string): number | null {
  const found = EXIT_CODE.exec(text)
  return found === null ? null : Number(found[1])
}

function tellScreen(told: Rollout, shown: JsonObject, at: string | null): void {
  const { type } = shown
  const first = told.events.length
  switch (type) {
    case 'user_message':
      tellUser(told, shown.message, at)
      echo(told, first, 'person')
      break
    case 'agent_message':
      for (const text of textsOf(shown.message)) speak(told.events, first, 'agent.message', text, at)
      echo(told, first, 'agent')
      break
    case 'agent_reasoning':
      tellThinking(told, textsOf(shown.text), at)
      echo(told, first, 'thinking')
      break
    case 'context_compacted':
      told.events.push({
        type: 'agent.thread_context_compacted',
        id: NO_ID_YET,
        processed_at: at,
        content: [],
      })
      echo(told, first, 'compaction')
      break
    case 'turn_aborted':
      if (shown.reason !== 'interrupted') told.passed_over.add('event_msg/turn_aborted')
      else if (!isRepeated(told, shown, at))
        told.events.push({ type: 'user.interrupt', id: NO_ID_YET, processed_at: at })
      break
    case 'error':
    case 'stream_error':
      tellError(told, isObject(shown.error) ? shown.error.message : shown.message, at)
      break
    case 'token_count':
      told.usage = usageOf(shown.info) ?? told.usage
      break
    default:
      if (!tellStatus(told, shown)) told.passed_over.add(`event_msg/${named(type)}`)
  }
}

function echo(told: Rollout, first: number, part: Part): void {
  for (const event of told.events.slice(first)) told.echoes.set(event, part)
}

function tellError(told: Rollout, message: unknown, processed_at: string | null): void {
  const error = { type: 'infrastructure', message: textOrNull(message) ?? 'an error without words' }
  told.events.push({ type: 'session.error', id: NO_ID_YET, processed_at, error })
}

/** The total of the last report is the session's. OpenAI counts cached tokens as input too. */
function usageOf(info: unknown): Usage | null {
  const total = isObject(info) ? info.total_token_usage : null
  if (!isObject(total)) return null
  const cache_read_input_tokens = tokens(total.cached_input_tokens)
  const cache_creation_input_tokens = tokens(total.cache_write_input_tokens)
  const cached = cache_read_input_tokens + cache_creation_input_tokens
  return {
    input_tokens: Math.max(0, tokens(total.input_tokens) - cached),
    output_tokens: tokens(total.output_tokens),
    cache_read_input_tokens,
    cache_creation_input_tokens,
  }
}

/** Keeps what the screen says of how a call went; false when it says nothing of the kind. */
function tellStatus(told: Rollout, shown: JsonObject): boolean {
  const is_error = failureOf(shown)
  const { type, call_id } = shown
  if (is_error === undefined || !isText(call_id)) return false
  told.statuses.set(call_id, {
    said_by: `event_msg/${named(type)}`,
    is_error,
    exit_code: wholeNumber(shown.exit_code),
    is_declined: shown.status === 'declined',
  })
  return true
}

/** Null when only the exit code tells, undefined when the event is about something else. */
function failureOf({ type, success, result, status }: JsonObject): boolean | null | undefined {
  if (status === 'declined') return true
  switch (type) {
    case 'exec_command_end':
      return null
    case 'patch_apply_end':
    case 'dynamic_tool_call_response':
      return success === false
    case 'mcp_tool_call_end':
      return !isObject(result) || 'Err' in result || (isObject(result.Ok) && result.Ok.isError === true)
    default:
      return undefined
  }
}

function transcriptOf(told: Rollout, source: Source): Transcript {
  const external_session_id =
    told.ids.find((it) => it !== '' && stem(source.path).endsWith(it)) ??
    told.ids.find(isText) ??
    stem(source.path)
  const events = finished(told, external_session_id)
  const times = events.flatMap((it) => it.processed_at ?? [])
  return {
    session: {
      harness: 'codex',
      external_session_id,
      agent: source.agent ?? projectAgent('codex', told.cwd),
      agent_version: told.models.most() ?? textOrNull(told.meta.model),
      task: null,
      person: null,
      parent_external_session_id: parentOf(told.meta),
      started_at: times.reduce<string | null>(
        (first, it) => (first === null || it < first ? it : first),
        null,
      ),
      ended_at: times.reduce<string | null>((last, it) => (last === null || it > last ? it : last), null),
      outcome: UNKNOWN_OUTCOME,
      usage: told.usage,
      events,
    },
    event_ids_survive_copying: false,
    has_own_name: true,
    passed_over: told.passed_over.toObject(),
  }
}

/** The events in order, with what only the end could say: how calls went, echoes dropped, ids given. */
function finished(told: Rollout, external_session_id: string): SessionEvent[] {
  const events: SessionEvent[] = []
  for (const event of told.events) {
    const part = told.echoes.get(event)
    if (part !== undefined && told.recorded.has(part)) {
      told.passed_over.add('echo')
      continue
    }
    events.push(event)
    if (event.type === 'agent.tool_result') settle(told, event, events)
  }
  for (const { said_by } of told.statuses.values()) told.passed_over.add(said_by)

  const prefix = `sevt_${sha256(external_session_id).slice(0, 12)}`
  for (const [index, event] of events.entries()) event.id = `${prefix}_${index}`
  for (const event of events) {
    if ('tool_use_id' in event) event.tool_use_id = told.uses.get(event.tool_use_id)?.id ?? event.tool_use_id
  }
  return events
}

/** How the call went, from the record and the screen; a rejection is a person's word as well. */
function settle(told: Rollout, event: ToolResultEvent, events: SessionEvent[]): void {
  const output = told.outputs.get(event)!
  const status = output.call_id === null ? undefined : told.statuses.get(output.call_id)
  if (status !== undefined) told.statuses.delete(output.call_id!)
  const exit_code = status?.exit_code ?? output.exit_code
  const is_error = status?.is_error ?? output.is_error ?? (exit_code === 0 ? false : null)
  Object.assign(event, toolError(output.words, is_error, exit_code))
  if (status?.is_declined) event.error_class = 'user_rejection'
  if (event.error_class !== 'user_rejection') return
  const { tool_use_id, processed_at } = event
  events.push({
    type: 'user.tool_confirmation',
    id: NO_ID_YET,
    processed_at,
    tool_use_id,
    result: 'deny',
    deny_message: null,
  })
}

function parentOf({ parent_thread_id, source }: JsonObject): string | null {
  const subagent = isObject(source) ? source.subagent : null
  const spawn = isObject(subagent) ? subagent.thread_spawn : null
  return textOrNull(parent_thread_id) ?? (isObject(spawn) ? textOrNull(spawn.parent_thread_id) : null)
}

/** The texts of a content in any of its shapes; images are placeholders, what is encrypted stays so. */
function textsOf(content: unknown): string[] {
  if (isText(content)) return [content]
  if (isObject(content)) return textsOf([content])
  if (!Array.isArray(content)) return []
  return content.flatMap((block) => {
    if (isText(block)) return [block]
    if (!isObject(block) || block.type === 'encrypted_content') return []
    if (block.type === 'input_image')
      return isText(block.image_url) ? [imagePlaceholder(block.image_url)] : []
    if (typeof block.text === 'string') return block.text === '' ? [] : [block.text]
    return [`[${named(block.type)}]`]
  })
}

function imagePlaceholder(url: string): string {
  const data = /^data:([^;,]{1,60});base64,/.exec(url)
  return data === null ? placeholder('image') : placeholder('image', data[1], url.slice(data[0].length))
}

function asText(text: string | null): TextBlock[] {
  return isText(text) ? [{ type: 'text', text }] : []
}

function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** Anything can stand where a name should. */
function named(value: unknown): string {
  return textOrNull(value) ?? 'unknown'
}
