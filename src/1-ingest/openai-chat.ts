import { hash } from 'node:crypto'
import { z } from 'zod'
import type { SessionEvent, TextBlock } from '../domain/event.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../domain/outcome.ts'
import { NO_USAGE, type Usage } from '../domain/usage.ts'
import { Counts } from './counts.ts'
import { isObject, isText, type JsonObject, textOrNull, tokens } from './json-value.ts'
import { OpenCalls } from './open-calls.ts'
import { stem } from './path-name.ts'
import { placeholder } from './speak.ts'
import { misfit, outcomeOf, RecordedOutcome } from './steps.ts'
import { utcTime } from './timestamp.ts'
import { toolError } from './tool-error.ts'
import { toolInputFromJson } from './tool-input.ts'
import type { Parser, Problem, Source, Transcript } from './transcript.ts'

/**
 * OpenAI chat messages in; one session per conversation out. A line is a conversation (`messages`,
 * as in fine-tuning files), a logged request with its response, or an array of messages; a file of
 * bare messages is one conversation.
 *
 * A log of requests repeats the whole conversation in every line. Of such growing snapshots only
 * the longest counts, as long as no more than `MAX_WAITING_CHARACTERS` of others lie between; a
 * snapshot that comes later than that is reported, and counts as a session of its own.
 *
 * A message that cannot be read is reported, and the conversation goes on without it; a part or a
 * call that cannot be read costs no more than itself. What is no text leaves a placeholder. Whether
 * a session went well is read only where a line says it under `outcome`.
 */
export const parseOpenaiChat: Parser = function* (entries, source, report) {
  const snapshots = new Snapshots(report)
  const bare = { messages: [] as Message[], passed_over: new Counts() }
  for (const { line, value } of entries) {
    if (isObject(value) && 'role' in value && BareMessage.safeParse(value).success) {
      bare.messages.push(...readMessages([value], bare.messages.length, line, bare.passed_over, report))
      continue
    }
    const conversation = readConversation(Array.isArray(value) ? { messages: value } : value, line, report)
    if (conversation === null) continue
    for (const complete of snapshots.add(conversation)) yield transcriptOf(complete, source)
  }
  for (const complete of snapshots.rest()) yield transcriptOf(complete, source)
  if (bare.messages.length > 0) {
    yield transcriptOf({ ...NO_CONVERSATION, ...bare, id: stem(source.path) }, source)
  }
}

/** Does a parsed entry look like OpenAI chat messages, or one of them? */
export function isOpenaiChat(value: unknown): boolean {
  return LooksLikeChat.safeParse(value).success
}

const Role = z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function'])
const Text = z.string().nullish()
const Id = z.union([z.string(), z.number()]).nullish().catch(null)
const Anything = z.unknown().optional()

const BareMessage = z.object({
  role: Role,
  content: z.union([z.string(), z.array(z.unknown()), z.null()]).optional(),
  message: z.undefined().optional(),
  messages: z.undefined().optional(),
})

const Messages = z.tuple([z.object({ role: Role })], z.unknown())
const LooksLikeChat = z.union([
  Messages,
  z.object({ messages: Messages }),
  z.object({ request: z.object({ messages: Messages }) }),
  BareMessage.extend({ content: z.union([z.string(), z.array(z.unknown()), z.null()]) }),
])

const WireMessage = z.looseObject({ role: Role })

/** A call of a function, or of a tool that takes a text as it is. */
const WireCall = z.union([
  z
    .object({ custom: z.object({ name: z.string(), input: Anything }) })
    .transform(({ custom }) => ({ name: custom.name, args: custom.input })),
  z
    .object({ function: z.object({ name: z.string(), arguments: Anything }) })
    .transform((it) => ({ name: it.function.name, args: it.function.arguments })),
])

const Tokens = z.unknown().optional().transform(tokens)
const WireUsage = z.object({
  prompt_tokens: Tokens,
  completion_tokens: Tokens,
  prompt_tokens_details: z.object({ cached_tokens: Tokens }).nullish().catch(null),
})

const Response = z.looseObject({
  choices: z.array(z.unknown()).nullish().catch(null),
  message: Anything,
  role: Anything,
  model: Text.catch(null),
  created: Anything,
  usage: WireUsage.nullish().catch(null),
})

const Line = z.object({
  messages: z.array(z.unknown()).optional(),
  request: z.object({ messages: z.array(z.unknown()), model: Text.catch(null) }).optional(),
  response: Anything,
  id: Id,
  conversation_id: Id,
  session_id: Id,
  agent: Text.catch(null),
  model: Text.catch(null),
  task_id: Id,
  created: Anything,
  created_at: Anything,
  outcome: Anything,
  metadata: z
    .object({ conversation_id: Id, session_id: Id, agent: Text.catch(null), task_id: Id, outcome: Anything })
    .nullish()
    .catch(null),
})

type Message = {
  /** Where it stands in its conversation, from 0; those that cannot be read have places too. */
  place: number
  role: z.infer<typeof Role>
  content: TextBlock[]
  /** Said aloud. What was said stands in the response only; later requests give its id. */
  spoken: { id: string | null; transcript: string | null } | null
  reasoning: string
  /** Null for a call that cannot be read. */
  calls: (Call | null)[]
  call_id: string | null
  name: string | null
  processed_at: string | null
}

type Call = { id: string | null; name: string; input: Record<string, unknown> }

type Conversation = {
  line: number
  messages: Message[]
  passed_over: Counts
  /** Shorter snapshots of it that were passed over. */
  snapshots: number
  /** Given to the whole conversation, so that two of them are never taken for one. */
  thread: string | null
  /** Given to the line. */
  id: string | null
  /** Of all its messages: what it is called when it has no id. */
  fingerprint: string
  agent: string | null
  model: string | null
  task: string | null
  times: string[]
  outcome: Outcome
  usage: Usage
}

const NO_CONVERSATION: Omit<Conversation, 'messages' | 'passed_over'> = {
  line: 1,
  snapshots: 0,
  thread: null,
  id: null,
  fingerprint: '',
  agent: null,
  model: null,
  task: null,
  times: [],
  outcome: UNKNOWN_OUTCOME,
  usage: NO_USAGE,
}

function readConversation(
  value: unknown,
  line: number,
  report: (problem: Problem) => void,
): Conversation | null {
  const parsed = Line.safeParse(value)
  const wire = parsed.success ? (parsed.data.messages ?? parsed.data.request?.messages) : undefined
  if (!parsed.success || wire === undefined) {
    const reason = parsed.success ? 'messages: expected array, received undefined' : misfit(parsed.error)
    report({ line, reason: `not a conversation of OpenAI chat messages: ${reason}` })
    return null
  }
  const { request, metadata, ...data } = parsed.data
  const passed_over = new Counts()
  const response = readResponse(data.response, line, report)
  const reply = replyOf(response, line, passed_over, report)
  const all = reply === null ? wire : [...wire, reply]
  const messages = readMessages(all, 0, line, passed_over, report)
  if (messages.length === 0) {
    report({ line, reason: 'a conversation without messages' })
    return null
  }
  return {
    line,
    messages,
    passed_over,
    snapshots: 0,
    thread: text(
      data.conversation_id ?? data.session_id ?? metadata?.conversation_id ?? metadata?.session_id,
    ),
    id: text(data.id),
    fingerprint: '',
    agent: text(data.agent ?? metadata?.agent),
    model: text(response?.model ?? data.model ?? request?.model),
    task: text(data.task_id ?? metadata?.task_id),
    times: [data.created_at, data.created, response?.created].flatMap((it) => utcTime(it) ?? []).slice(0, 1),
    outcome: readOutcome(data.outcome ?? metadata?.outcome, line, report),
    usage: usageOf(response?.usage),
  }
}

function text(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOrNull(value)
}

type Response = z.infer<typeof Response>

function readResponse(wire: unknown, line: number, report: (problem: Problem) => void): Response | null {
  const parsed = Response.nullish().safeParse(wire)
  if (parsed.success) return parsed.data ?? null
  report({ line, reason: `response passed over: ${misfit(parsed.error)}` })
  return null
}

/** The message of a response, null where it has none: a request may fail. */
function replyOf(
  response: Response | null,
  line: number,
  passed_over: Counts,
  report: (problem: Problem) => void,
): unknown {
  const [choice, ...others] = response?.choices ?? []
  for (const _ of others) passed_over.add('other choice')
  const reply = (isObject(choice) ? choice.message : null) ?? response?.message
  if (reply !== null && reply !== undefined) return reply
  if (response?.role) return response
  if (choice !== undefined) report({ line, reason: 'response passed over: its choice has no message' })
  return null
}

/** `first` is the place of the first of them in their conversation. */
function readMessages(
  wire: unknown[],
  first: number,
  line: number,
  passed_over: Counts,
  report: (problem: Problem) => void,
): Message[] {
  return wire.flatMap((value, index) => {
    const message = `message ${first + index + 1}`
    const pass: Pass = (kind, at, reason) => {
      passed_over.add(`malformed ${kind}`)
      const what = kind === 'message' ? message : `${kind} ${at + 1} of ${message}`
      report({ line, reason: `${what} passed over: ${reason}` })
    }
    const parsed = WireMessage.safeParse(value)
    if (parsed.success) return messageOf(parsed.data, first + index, pass) ?? []
    pass('message', 0, misfit(parsed.error))
    return []
  })
}

/** Reports and counts what of a message cannot be read. */
type Pass = (kind: 'message' | 'part' | 'call', at: number, reason: string) => void

function messageOf(wire: z.infer<typeof WireMessage>, place: number, pass: Pass): Message | null {
  const { role, audio, refusal } = wire
  const parts = partsOf(wire.content)
  const calls = callsOf(wire, pass)
  if (parts === null) {
    const is_all = calls.length === 0 && !refusal && !isObject(audio)
    pass(is_all ? 'message' : 'part', 0, 'content: expected a string or an array of parts')
    if (is_all) return null
  }
  return {
    place,
    role,
    content: blocksOf([...(parts ?? []), ...(refusal ? [refusal] : [])], pass),
    spoken: isObject(audio) ? { id: text(audio.id), transcript: textOrNull(audio.transcript) } : null,
    reasoning: textOrNull(wire.reasoning_content) ?? textOrNull(wire.reasoning) ?? '',
    calls,
    call_id: text(wire.tool_call_id),
    name: textOrNull(wire.name),
    processed_at: utcTime(wire.timestamp ?? wire.created_at),
  }
}

function partsOf(content: unknown): unknown[] | null {
  if (content === null || content === undefined) return []
  if (typeof content === 'string') return [content]
  return Array.isArray(content) ? content : null
}

function callsOf({ tool_calls, function_call }: JsonObject, pass: Pass): (Call | null)[] {
  const all = Array.isArray(tool_calls) ? [...tool_calls] : tool_calls ? [tool_calls] : []
  // What calls were before there were several in a message.
  if (function_call) all.push({ function: function_call })
  return all.map((wire, index) => {
    const parsed = WireCall.safeParse(wire)
    if (parsed.success) {
      const { name, args } = parsed.data
      // One that is empty stays so: what a session is called without an id rests on it.
      return { id: wire.id === '' ? '' : text(wire.id), name, input: toolInputFromJson(args) }
    }
    pass('call', index, 'expected a function, or a custom tool, with a name')
    return null
  })
}

function blocksOf(parts: unknown[], pass: Pass): TextBlock[] {
  return parts.flatMap((part, index): TextBlock[] => {
    const words = wordsOf(part)
    if (words === null) pass('part', index, 'expected a text, or an object with a type')
    return isText(words) ? [{ type: 'text', text: words }] : []
  })
}

/** What a part of a content says, a placeholder for what is no text; null where it cannot be read. */
function wordsOf(part: unknown): string | null {
  if (typeof part === 'string') return part
  if (!isObject(part)) return null
  const { type, text, refusal, transcript } = part
  const words = [text, refusal, transcript].find((it) => typeof it === 'string')
  if (typeof words === 'string') return words
  return isText(type) && !/text$|^refusal$/.test(type) ? placeholderOf(type, part) : null
}

/** `[image]` for `image_url` and `input_image`. */
function placeholderOf(type: string, { file, input_audio }: JsonObject): string {
  const kind = /image|audio|file|video/.exec(type)?.[0] ?? 'content'
  if (isObject(file)) return placeholder(kind, textOrNull(file.filename) ?? file.file_id)
  if (isObject(input_audio)) return placeholder(kind, input_audio.format, input_audio.data)
  return placeholder(kind)
}

/** All that a message says, what was said aloud at the end. */
function saidIn({ content, spoken }: Message): TextBlock[] {
  if (spoken === null) return content
  return [...content, { type: 'text', text: spoken.transcript ?? placeholder('audio') }]
}

const WORDS = new Set(['satisfied', 'unsatisfied', 'unknown'])

/** A word, or an object as in the steps format. */
function readOutcome(value: unknown, line: number, report: (problem: Problem) => void): Outcome {
  if (value === undefined || value === null) return UNKNOWN_OUTCOME
  if (typeof value === 'string') {
    const result = WORDS.has(value) ? (value as Outcome['result']) : 'unknown'
    return { ...UNKNOWN_OUTCOME, result, rule: 'openai-chat.outcome@1', reported: value }
  }
  const recorded = RecordedOutcome.safeParse(value)
  if (recorded.success) return outcomeOf(recorded.data, 'openai-chat.outcome@1')
  report({ line, reason: `outcome passed over: ${misfit(recorded.error)}` })
  return UNKNOWN_OUTCOME
}

function usageOf(wire: z.infer<typeof WireUsage> | null | undefined): Usage {
  const cached = wire?.prompt_tokens_details?.cached_tokens ?? 0
  return {
    ...NO_USAGE,
    input_tokens: Math.max(0, (wire?.prompt_tokens ?? 0) - cached),
    output_tokens: wire?.completion_tokens ?? 0,
    cache_read_input_tokens: cached,
  }
}

const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024

/** Conversations that wait for a longer snapshot of themselves, the oldest first. */
class Snapshots {
  private readonly report: (problem: Problem) => void
  /** By the fingerprint of all their messages. */
  private readonly waiting = new Map<string, { conversation: Conversation; characters: number }>()
  /** Lines of those that wait no longer, by the same. */
  private readonly gone = new Map<string, number>()
  private characters = 0

  constructor(report: (problem: Problem) => void) {
    this.report = report
  }

  /** Gives the conversations that are complete now. */
  *add(conversation: Conversation): Generator<Conversation> {
    let fingerprint = conversation.thread ?? ''
    let characters = 0
    let left = conversation.messages.length
    for (const { role, content, spoken, calls, call_id } of conversation.messages) {
      const words = [...content.map((it) => it.text), ...(spoken?.id ?? spoken?.transcript ?? [])]
      const message = JSON.stringify([role, words.join('\n'), calls, call_id])
      characters += message.length
      fingerprint = hash('sha256', `${fingerprint}\0${message}`)
      left--
      const shorter = this.take(fingerprint)
      if (shorter !== null) {
        // Two lines of the same words with ids of their own are two sessions that went the same way.
        if (left === 0 && shorter.id !== conversation.id) yield shorter
        else absorb(conversation, shorter)
      }
      const line = left === 0 ? undefined : this.gone.get(fingerprint)
      if (line !== undefined)
        this.report({
          line: conversation.line,
          reason: `goes on from line ${line}, too far back to be joined: both count as sessions`,
        })
    }
    conversation.fingerprint = fingerprint
    this.waiting.set(fingerprint, { conversation, characters })
    this.characters += characters
    for (const [oldest, { conversation: complete }] of this.waiting) {
      if (this.characters <= MAX_WAITING_CHARACTERS) return
      this.take(oldest)
      this.gone.set(oldest, complete.line)
      yield complete
    }
  }

  *rest(): Generator<Conversation> {
    for (const { conversation } of this.waiting.values()) yield conversation
  }

  private take(fingerprint: string): Conversation | null {
    const found = this.waiting.get(fingerprint)
    if (found === undefined) return null
    this.waiting.delete(fingerprint)
    this.characters -= found.characters
    return found.conversation
  }
}

function absorb(conversation: Conversation, shorter: Conversation): void {
  conversation.snapshots += shorter.snapshots + 1
  conversation.times.unshift(...shorter.times)
  for (const [index, { spoken }] of shorter.messages.entries()) {
    const again = conversation.messages[index]!.spoken
    if (again !== null) again.transcript ??= spoken?.transcript ?? null
  }
  if (conversation.outcome.result === 'unknown') conversation.outcome = shorter.outcome
  const { usage } = conversation
  conversation.usage = {
    input_tokens: usage.input_tokens + shorter.usage.input_tokens,
    output_tokens: usage.output_tokens + shorter.usage.output_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens + shorter.usage.cache_read_input_tokens,
    cache_creation_input_tokens:
      usage.cache_creation_input_tokens + shorter.usage.cache_creation_input_tokens,
  }
}

function transcriptOf(conversation: Conversation, source: Source): Transcript {
  const { messages, passed_over, snapshots, thread, id, fingerprint } = conversation
  const times = [...conversation.times, ...messages.flatMap((it) => it.processed_at ?? [])].sort()
  return {
    session: {
      harness: 'openai-chat',
      external_session_id: thread ?? id ?? `chat-${fingerprint.slice(0, 24)}`,
      agent: source.agent ?? conversation.agent ?? 'agent',
      agent_version: conversation.model,
      task: conversation.task,
      person: null,
      parent_external_session_id: null,
      started_at: times.at(0) ?? null,
      ended_at: times.at(-1) ?? null,
      outcome: conversation.outcome,
      usage: conversation.usage,
      events: eventsOf(messages),
    },
    event_ids_survive_copying: false,
    has_own_name: thread !== null,
    passed_over: { ...(snapshots > 0 && { snapshot: snapshots }), ...passed_over.toObject() },
  }
}

function eventsOf(messages: Message[]): SessionEvent[] {
  const calls = new OpenCalls()
  return messages.flatMap((message) => eventsOfMessage(message, `sevt_${message.place}`, calls))
}

/** What message 3 says is `sevt_3`, its calls are `sevt_3_0` and `sevt_3_1`. */
function eventsOfMessage(message: Message, id: string, calls: OpenCalls): SessionEvent[] {
  const { role, processed_at, call_id, name } = message
  const content = saidIn(message)
  switch (role) {
    case 'system':
    case 'developer':
      return [{ type: 'system.message', id, processed_at, content }]
    case 'user':
      return [{ type: 'user.message', id, processed_at, content }]
    case 'tool':
    case 'function': {
      const tool_use_id = calls.answer({ call_id, name }) ?? call_id ?? ''
      const judged = toolError(content.map((it) => it.text).join('\n'), null)
      return [{ type: 'agent.tool_result', id, processed_at, tool_use_id, content, ...judged }]
    }
    case 'assistant':
      return repliesOf({ ...message, content }, id, calls)
  }
}

function repliesOf({ content, reasoning, processed_at, ...message }: Message, id: string, calls: OpenCalls) {
  const events: SessionEvent[] = []
  if (reasoning !== '') {
    const thought: TextBlock[] = [{ type: 'text', text: reasoning }]
    events.push({ type: 'agent.thinking', id: `${id}_thinking`, processed_at, content: thought })
  }
  if (content.length > 0) events.push({ type: 'agent.message', id, processed_at, content })
  for (const [index, call] of message.calls.entries()) {
    if (call === null) continue
    calls.add(`${id}_${index}`, call)
    const { name, input } = call
    events.push({ type: 'agent.tool_use', id: `${id}_${index}`, processed_at, name, input })
  }
  return events
}
