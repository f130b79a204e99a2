import { hash } from 'node:crypto'
import { z } from 'zod'
import type { SessionEvent, TextBlock } from '../domain/event.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../domain/outcome.ts'
import { NO_USAGE, type Usage } from '../domain/usage.ts'
import { isObject, tokens } from './json-value.ts'
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
 * A message that cannot be read is reported, and the conversation goes on without it. Whether a
 * session went well is read only where a line says it under `outcome`.
 */
export const parseOpenaiChat: Parser = function* (entries, source, report) {
  const snapshots = new Snapshots(report)
  const bare: Message[] = []
  for (const { line, value } of entries) {
    if (isObject(value) && 'role' in value && BareMessage.safeParse(value).success) {
      bare.push(...readMessages([value], line, report))
      continue
    }
    const conversation = readConversation(Array.isArray(value) ? { messages: value } : value, line, report)
    if (conversation === null) continue
    for (const complete of snapshots.add(conversation)) yield transcriptOf(complete, source)
  }
  for (const complete of snapshots.rest()) yield transcriptOf(complete, source)
  if (bare.length > 0) {
    yield transcriptOf({ ...NO_CONVERSATION, messages: bare, id: stem(source.path) }, source)
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

const Part = z.union([
  z.string(),
  z.object({ type: z.string().optional(), text: z.string().optional(), refusal: z.string().optional() }),
])

const FunctionCall = z.object({ name: z.string(), arguments: Anything })

const WireMessage = z.object({
  role: Role,
  content: z
    .union([z.string(), z.array(Part)], { error: 'expected a string or an array of parts' })
    .nullish(),
  refusal: Text,
  reasoning_content: Text,
  tool_calls: z.array(z.object({ id: Text, function: FunctionCall })).nullish(),
  /** What calls were before there were several in a message. */
  function_call: FunctionCall.nullish(),
  tool_call_id: Text,
  name: Text,
  timestamp: Anything,
  created_at: Anything,
})

const Tokens = z.unknown().optional().transform(tokens)
const WireUsage = z.object({
  prompt_tokens: Tokens,
  completion_tokens: Tokens,
  prompt_tokens_details: z.object({ cached_tokens: Tokens }).nullish().catch(null),
})

const Response = z.looseObject({
  choices: z.array(z.object({ message: Anything })).nullish(),
  message: Anything,
  role: Anything,
  model: Text,
  created: Anything,
  usage: WireUsage.nullish().catch(null),
})

const Line = z.object({
  messages: z.array(z.unknown()).optional(),
  request: z.object({ messages: z.array(z.unknown()), model: Text }).optional(),
  response: Response.nullish().catch(null),
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
    .object({ conversation_id: Id, session_id: Id, agent: Text, task_id: Id, outcome: Anything })
    .nullish()
    .catch(null),
})

type Message = {
  role: z.infer<typeof Role>
  content: TextBlock[]
  reasoning: string
  calls: { id: string | null; name: string; input: Record<string, unknown> }[]
  call_id: string | null
  name: string | null
  processed_at: string | null
}

type Conversation = {
  line: number
  messages: Message[]
  malformed_messages: number
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

const NO_CONVERSATION: Conversation = {
  line: 1,
  messages: [],
  malformed_messages: 0,
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
  const { request, response, metadata, ...data } = parsed.data
  const reply = response?.choices?.[0]?.message ?? response?.message ?? (response?.role ? response : null)
  const all = reply === null ? wire : [...wire, reply]
  const messages = readMessages(all, line, report)
  if (messages.length === 0) {
    report({ line, reason: 'a conversation without messages' })
    return null
  }
  return {
    line,
    messages,
    malformed_messages: all.length - messages.length,
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

function text(value: string | number | null | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value)
}

function readMessages(wire: unknown[], line: number, report: (problem: Problem) => void): Message[] {
  return wire.flatMap((value, index) => {
    const parsed = WireMessage.safeParse(value)
    if (parsed.success) return messageOf(parsed.data)
    report({ line, reason: `message ${index + 1} passed over: ${misfit(parsed.error)}` })
    return []
  })
}

function messageOf(wire: z.infer<typeof WireMessage>): Message {
  const calls = (wire.tool_calls ?? []).map((it) => ({ id: it.id ?? null, ...it.function }))
  if (wire.function_call) calls.push({ id: null, ...wire.function_call })
  return {
    role: wire.role,
    content: [...blocksOf(wire.content), ...blocksOf(wire.refusal)],
    reasoning: wire.reasoning_content ?? '',
    calls: calls.map((it) => ({ id: it.id, name: it.name, input: toolInputFromJson(it.arguments) })),
    call_id: wire.tool_call_id || null,
    name: wire.name || null,
    processed_at: utcTime(wire.timestamp ?? wire.created_at),
  }
}

function blocksOf(content: z.infer<typeof WireMessage>['content']): TextBlock[] {
  const parts = typeof content === 'string' ? [content] : (content ?? [])
  return parts.flatMap((part): TextBlock[] => {
    const words =
      typeof part === 'string' ? part : (part.text ?? part.refusal ?? placeholder(kindOf(part.type)))
    return words === '' ? [] : [{ type: 'text', text: words }]
  })
}

/** `image` for `image_url` and `input_image`. */
function kindOf(type: string | undefined): string {
  return /image|audio|file|video/.exec(type ?? '')?.[0] ?? 'content'
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
    for (const { role, content, calls, call_id } of conversation.messages) {
      const message = JSON.stringify([role, content.map((it) => it.text).join('\n'), calls, call_id])
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
  const { messages, malformed_messages, snapshots, thread, id, fingerprint } = conversation
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
    passed_over: {
      ...(snapshots > 0 && { snapshot: snapshots }),
      ...(malformed_messages > 0 && { 'malformed message': malformed_messages }),
    },
  }
}

function eventsOf(messages: Message[]): SessionEvent[] {
  const calls = new OpenCalls()
  return messages.flatMap((message, index) => eventsOfMessage(message, `sevt_${index}`, calls))
}

/** What message 3 says is `sevt_3`, its calls are `sevt_3_0` and `sevt_3_1`. */
function eventsOfMessage(message: Message, id: string, calls: OpenCalls): SessionEvent[] {
  const { role, content, processed_at, call_id, name } = message
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
      return repliesOf(message, id, calls)
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
    calls.add(`${id}_${index}`, call)
    const { name, input } = call
    events.push({ type: 'agent.tool_use', id: `${id}_${index}`, processed_at, name, input })
  }
  return events
}
