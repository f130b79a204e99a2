import { z } from 'zod'
import {
  answeredCall,
  ErrorClass,
  isToolResult,
  isToolUse,
  type SessionEvent,
  type TextBlock,
  textOf,
} from '../domain/event.ts'
import { Feedback } from '../domain/feedback.ts'
import { derivedId } from '../domain/id.ts'
import { Outcome, UNKNOWN_OUTCOME } from '../domain/outcome.ts'
import { NO_USAGE, type Usage } from '../domain/usage.ts'
import { Counts } from './counts.ts'
import { isObject, isText, type JsonObject, textOrNull, tokens } from './json-value.ts'
import { stem } from './path-name.ts'
import { placeholder } from './speak.ts'
import { misfit } from './steps.ts'
import { utcTime } from './timestamp.ts'
import { toolError } from './tool-error.ts'
import { toolInput } from './tool-input.ts'
import type { Parser, Problem, Source, Transcript } from './transcript.ts'

/**
 * Events of the Managed Agents API in; one session per session id out. Entries are events, pages of
 * them (`{data, next_page}`), session objects, or a session with its events (`{session, events}`).
 *
 * Events keep their ids, so an event that several threads or pages repeat counts once. Loose events
 * are held to the end of the file, because those of several sessions may be mixed. They stay in the
 * order of the file, unless they were asked for with the newest first.
 *
 * A rubric is graded by a model, so what it says is never verified. A `session.outcome` event, which
 * is ours, says exactly how the session ended and wins over any rubric.
 */
export const parseManagedAgents: Parser = function* (entries, source, report) {
  const loose = new Drafts()
  for (const { line, value } of entries) {
    const bundle = bundleOf(value)
    if (bundle === null) {
      for (const item of pageOf(value) ?? [value]) loose.read(item, line, report)
      continue
    }
    const drafts = new Drafts()
    for (const item of [bundle.session, ...bundle.events]) drafts.read(item, line, report)
    yield* drafts.transcripts(source, report)
  }
  yield* loose.transcripts(source, report)
}

/** Does a parsed entry look like an event, or a session, of the Managed Agents API? */
export function isManagedAgents(value: unknown): boolean {
  const events = bundleOf(value)?.events ?? pageOf(value) ?? [value]
  return LooksLikeEvent.safeParse(events[0]).success || LooksLikeSession.safeParse(events[0]).success
}

/** A session with its events. What has a type is none, and most entries have one. */
function bundleOf(value: unknown): { session: JsonObject; events: unknown[] } | null {
  if (!isObject(value) || isText(value.type)) return null
  const { session, events } = value
  if (!isObject(session) || !isText(session.id) || !Array.isArray(events)) return null
  return { session: { ...session, type: 'session' }, events }
}

/** One page of a list of events, or of sessions. */
function pageOf(value: unknown): unknown[] | null {
  return isObject(value) && !isText(value.type) && Array.isArray(value.data) ? value.data : null
}

const Text = z.string().nullish()
const Anything = z.unknown().optional()

/** Other harnesses name events alike, but put what they hold under a key of its own. */
const LooksLikeEvent = z.object({
  type: z.string().regex(/^(?:user|agent|system|session|span|workflow_run)\.[a-z_]+$/),
  data: z.undefined().optional(),
  payload: z.undefined().optional(),
})

/** Other harnesses begin a file with a `session` of their own. */
const LooksLikeSession = z.object({ type: z.literal('session'), id: z.string().startsWith('sesn_') })

/** One that is no text is none, and takes nothing with it. */
const Name = Text.catch(null)

const SessionObject = z.object({
  type: z.literal('session'),
  id: z.string().min(1),
  agent: z
    .union([
      z.string().transform((name) => ({ name, id: null, version: null, model: null })),
      z.object({
        id: Text,
        name: Text,
        version: z.union([z.string(), z.number()]).nullish(),
        model: z.union([z.string().transform((id) => ({ id })), z.object({ id: Text })]).nullish(),
      }),
    ])
    .nullish()
    .catch(null),
  metadata: z
    .object({ task_id: Text, agent_version: Text, person: Name, user_id: Name })
    .nullish()
    .catch(null),
  outcome_evaluations: z
    .array(z.object({ result: z.string(), explanation: Text }))
    .nullish()
    .catch(null),
  usage: Anything,
  created_at: Anything,
})
type SessionObject = z.infer<typeof SessionObject>

/** A block that is not text is kept as a placeholder that says what stood there. */
const Block = z.object({ type: z.string(), text: Text, title: Text }).transform(({ type, text, title }) => {
  if (type === 'text') return text ?? ''
  const kind = /^[a-z_]{1,40}$/.test(type) ? type.replaceAll('_', ' ') : 'content'
  return placeholder(kind, title)
})

const Content = z
  .union([z.string().transform((text) => [text]), z.array(Block)], {
    error: 'expected a string or an array of content blocks',
  })
  .nullish()
  .transform((texts) => (texts ?? []).flatMap((text): TextBlock[] => (text ? [{ type: 'text', text }] : [])))

const Said = z.object({ content: Content })
const Nothing = z.object({})
const Use = z.object({ name: z.string(), input: Anything })
const Result = z.object({
  content: Content,
  is_error: z.boolean().nullish(),
  error_class: ErrorClass.nullish().catch(null),
  exit_code: z.int().nullish().catch(null),
})

const Rubric = z.union([
  z.string(),
  z
    .object({ content: Text, file_id: Text })
    .transform((it) => it.content ?? (it.file_id ? placeholder('file', it.file_id) : null)),
])

/** Fields that stand on the event itself, what is unknown left out. */
const completedWith = (defaults: object) => (value: unknown) =>
  typeof value === 'object' && value !== null ? { ...defaults, ...value } : value

const StatedFeedback = z.union(
  [
    z.object({ feedback: Feedback }).transform((it) => it.feedback),
    z.preprocess(completedWith({ comment: null }), Feedback),
  ],
  { error: 'expected feedback of a kind: approval, rejection, edit or rating' },
)
const StatedOutcome = z.union(
  [
    z.object({ outcome: Outcome }).transform((it) => it.outcome),
    z.preprocess(
      completedWith({ ...UNKNOWN_OUTCOME, rule: 'managed-agents.outcome@1', result: undefined }),
      Outcome,
    ),
  ],
  { error: 'expected result to be satisfied, unsatisfied or unknown' },
)

type Base = { id: string; processed_at: string | null }
type Reader = (value: unknown, base: Base) => SessionEvent | z.ZodError

function reads<Wire>(schema: z.ZodType<Wire>, tell: (wire: Wire, base: Base) => SessionEvent): Reader {
  return (value, base) => {
    const parsed = schema.safeParse(value)
    return parsed.success ? tell(parsed.data, base) : parsed.error
  }
}

/** The event types with a meaning for us; the others are counted and passed over. */
const READERS = new Map<string, Reader>([
  ['user.message', reads(Said, (it, base) => ({ type: 'user.message', ...base, ...it }))],
  ['user.interrupt', reads(Nothing, (_, base) => ({ type: 'user.interrupt', ...base }))],
  [
    'user.tool_confirmation',
    reads(
      z.object({ tool_use_id: z.string(), result: z.enum(['allow', 'deny']), deny_message: Text }),
      ({ deny_message, ...it }, base) => ({
        type: 'user.tool_confirmation',
        ...base,
        ...it,
        deny_message: deny_message ?? null,
      }),
    ),
  ],
  [
    'user.feedback',
    reads(StatedFeedback, (feedback, base) => ({ type: 'user.feedback', ...base, feedback })),
  ],
  [
    'user.define_outcome',
    reads(
      z.object({ description: z.string(), rubric: Rubric.nullish() }),
      ({ description, rubric }, base) => ({
        type: 'user.define_outcome',
        ...base,
        description,
        rubric: rubric ?? null,
      }),
    ),
  ],
  ['system.message', reads(Said, (it, base) => ({ type: 'system.message', ...base, ...it }))],
  ['agent.message', reads(Said, (it, base) => ({ type: 'agent.message', ...base, ...it }))],
  ['agent.thinking', reads(Said, (it, base) => ({ type: 'agent.thinking', ...base, ...it }))],
  ['agent.tool_use', reads(Use, (it, base) => ({ type: 'agent.tool_use', ...base, ...useOf(it) }))],
  [
    'agent.mcp_tool_use',
    reads(Use.extend({ mcp_server_name: Text }), (it, base) => ({
      type: 'agent.mcp_tool_use',
      ...base,
      ...useOf(it),
      mcp_server_name: it.mcp_server_name ?? '',
    })),
  ],
  [
    'agent.custom_tool_use',
    reads(Use, (it, base) => ({ type: 'agent.custom_tool_use', ...base, ...useOf(it) })),
  ],
  [
    'agent.tool_result',
    reads(Result.extend({ tool_use_id: z.string() }), ({ tool_use_id, ...it }, base) => ({
      type: 'agent.tool_result',
      ...base,
      ...resultOf(it),
      tool_use_id,
    })),
  ],
  [
    'agent.mcp_tool_result',
    reads(Result.extend({ mcp_tool_use_id: z.string() }), ({ mcp_tool_use_id, ...it }, base) => ({
      type: 'agent.mcp_tool_result',
      ...base,
      ...resultOf(it),
      mcp_tool_use_id,
    })),
  ],
  [
    'user.custom_tool_result',
    reads(Result.extend({ custom_tool_use_id: z.string() }), ({ custom_tool_use_id, ...it }, base) => ({
      type: 'user.custom_tool_result',
      ...base,
      ...resultOf(it),
      custom_tool_use_id,
    })),
  ],
  [
    'user.tool_result',
    reads(Result.extend({ tool_use_id: z.string() }), ({ tool_use_id, ...it }, base) => ({
      type: 'user.tool_result',
      ...base,
      ...resultOf(it),
      tool_use_id,
    })),
  ],
  [
    'agent.thread_message_received',
    reads(Said, (it, base) => ({ type: 'agent.thread_message_received', ...base, ...it })),
  ],
  [
    'agent.thread_context_compacted',
    reads(Said, (it, base) => ({ type: 'agent.thread_context_compacted', ...base, ...it })),
  ],
  [
    'session.error',
    reads(z.object({ error: z.object({ type: z.string(), message: Text }) }), ({ error }, base) => ({
      type: 'session.error',
      ...base,
      error: { type: error.type, message: error.message ?? '' },
    })),
  ],
  [
    'session.status_idle',
    reads(
      z.object({
        stop_reason: z
          .union([z.string(), z.object({ type: z.string() }).transform((it) => it.type)])
          .nullish(),
      }),
      ({ stop_reason }, base) => ({ type: 'session.status_idle', ...base, stop_reason: stop_reason ?? null }),
    ),
  ],
  [
    'session.outcome',
    reads(StatedOutcome, (outcome, base) => ({ type: 'session.outcome', ...base, outcome })),
  ],
  [
    'span.outcome_evaluation_end',
    reads(z.object({ result: z.string(), explanation: Text }), (it, base) => ({
      type: 'session.outcome',
      ...base,
      outcome: gradedOutcome(it),
    })),
  ],
])

function useOf({ name, input }: z.infer<typeof Use>) {
  return { name, input: toolInput(input) }
}

function resultOf({ content, is_error, error_class, exit_code }: z.infer<typeof Result>) {
  const words = content.map((it) => it.text).join('\n')
  const judged = toolError(words, is_error ?? false, exit_code ?? null)
  return { content, ...judged, error_class: judged.is_error ? (error_class ?? judged.error_class) : null }
}

/** `failed` means that the rubric does not apply, and an interrupted grading says nothing. */
const GRADES = new Map<string, Outcome['result']>([
  ['satisfied', 'satisfied'],
  ['needs_revision', 'unsatisfied'],
  ['max_iterations_reached', 'unsatisfied'],
])

function gradedOutcome({ result, explanation }: { result: string; explanation?: string | null }): Outcome {
  return {
    result: GRADES.get(result) ?? 'unknown',
    verified: false,
    reward: null,
    rule: RUBRIC_RULE,
    reported: result,
    explanation: explanation ?? null,
  }
}

const RUBRIC_RULE = 'managed-agents.rubric@1'

const Tokens = z.unknown().optional().transform(tokens)
const WireUsage = z.object({
  input_tokens: Tokens,
  output_tokens: Tokens,
  cache_read_input_tokens: Tokens,
  cache_creation_input_tokens: Tokens,
  cache_creation: z
    .object({ ephemeral_5m_input_tokens: Tokens, ephemeral_1h_input_tokens: Tokens })
    .nullish()
    .catch(null),
})
const ModelRequestEnd = z.object({ model_usage: WireUsage })

function plus(usage: Usage, more: z.infer<typeof WireUsage>): Usage {
  const created = more.cache_creation
  const by_lifetime = created ? created.ephemeral_5m_input_tokens + created.ephemeral_1h_input_tokens : 0
  return {
    input_tokens: usage.input_tokens + more.input_tokens,
    output_tokens: usage.output_tokens + more.output_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens + more.cache_read_input_tokens,
    cache_creation_input_tokens:
      usage.cache_creation_input_tokens + (more.cache_creation_input_tokens || by_lifetime),
  }
}

/** The sessions of one file, as far as it has been read. */
class Drafts {
  private readonly drafts: Draft[] = []
  private readonly by_id = new Map<string, Draft>()
  private current: Draft | null = null

  /** One event or session object. */
  read(item: unknown, line: number, report: (problem: Problem) => void): void {
    if (!isObject(item) || !isText(item.type)) {
      report({ line, reason: 'not an event of the Managed Agents API: expected an object with a type' })
      return
    }
    const session = item.type === 'session' ? SessionObject.safeParse(item) : null
    if (session?.success) this.draft(session.data.id).session = session.data
    else this.draft(textOrNull(item.session_id)).read(item, item.type, line, report)
  }

  *transcripts(source: Source, report: (problem: Problem) => void): Generator<Transcript> {
    for (const draft of this.drafts) {
      const transcript = draft.transcript(source)
      if (transcript.session.events.length > 0) yield transcript
      else
        report({ line: null, reason: `session ${transcript.session.external_session_id} has no events here` })
    }
  }

  /** Events without a session id belong to the session that was last named, or the first one to be. */
  private draft(id: string | null): Draft {
    let draft = id === null ? this.current : (this.by_id.get(id) ?? null)
    if (draft === null && id !== null && this.current?.id === null) draft = this.current
    if (draft === null) {
      draft = new Draft()
      this.drafts.push(draft)
    }
    if (id !== null) {
      draft.id = id
      this.by_id.set(id, draft)
    }
    this.current = draft
    return draft
  }
}

class Draft {
  id: string | null = null
  session: SessionObject | null = null
  /** By event id, in the order they came; null for those that are not kept. */
  private readonly events = new Map<string, SessionEvent | null>()
  private readonly passed_over = new Counts()
  /** Calls that were not allowed, with who said no. */
  private readonly denied = new Map<string, ErrorClass>()
  private usage: Usage | null = null
  private has_own_ids = true

  read(item: JsonObject, type: string, line: number, report: (problem: Problem) => void): void {
    const id = textOrNull(item.id) ?? this.newId()
    const event = READERS.get(type)?.(item, { id, processed_at: utcTime(item.processed_at) }) ?? null
    if (event instanceof z.ZodError) report({ line, reason: `${type} passed over: ${misfit(event)}` })
    else if (this.events.has(id)) this.readAgain(id, event, line, report)
    else {
      this.events.set(id, event)
      if (event === null) this.readAside(type, item)
      else this.readDenial(event, item)
    }
  }

  transcript({ agent, path }: Source): Transcript {
    const events = oldestFirst([...this.events.values()].filter((it) => it !== null))
    for (const it of events) {
      if (!('is_error' in it) || !it.is_error || !('tool_use_id' in it)) continue
      it.error_class = this.denied.get(it.tool_use_id) ?? it.error_class
    }
    const times = events.flatMap((it) => it.processed_at ?? []).sort()
    const { session } = this
    const usage = WireUsage.safeParse(session?.usage)
    return {
      session: {
        harness: 'managed-agents',
        external_session_id: this.id ?? stem(path),
        agent: agent ?? (session?.agent?.name || session?.agent?.id || 'agent'),
        agent_version: session?.metadata?.agent_version || versionOf(session),
        task: session?.metadata?.task_id ?? null,
        person: session?.metadata?.person || session?.metadata?.user_id || null,
        parent_external_session_id: null,
        started_at: times.at(0) ?? utcTime(session?.created_at),
        ended_at: times.at(-1) ?? null,
        outcome: outcomeOf(events, session),
        usage: this.usage ?? (usage.success ? plus(NO_USAGE, usage.data) : NO_USAGE),
        events,
      },
      event_ids_survive_copying: this.has_own_ids,
      has_own_name: this.id !== null,
      passed_over: this.passed_over.toObject(),
    }
  }

  private newId(): string {
    this.has_own_ids = false
    return derivedId('sevt', this.id ?? '', String(this.events.size))
  }

  /** The same event again: queued first and then processed, or cross-posted by another thread. */
  private readAgain(
    id: string,
    event: SessionEvent | null,
    line: number,
    report: (problem: Problem) => void,
  ): void {
    const before = this.events.get(id) ?? null
    if (
      before !== null &&
      event !== null &&
      (before.type !== event.type || textOf(before) !== textOf(event))
    ) {
      report({ line, reason: `event ${id.slice(0, 60)} has the id of another event; kept under a new id` })
      const own = this.newId()
      this.events.set(own, { ...event, id: own })
      return
    }
    this.passed_over.add('duplicate')
    if (before?.processed_at === null && event !== null) this.events.set(id, event)
  }

  private readAside(type: string, item: JsonObject): void {
    const request = type === 'span.model_request_end' ? ModelRequestEnd.safeParse(item) : null
    if (request?.success) this.usage = plus(this.usage ?? NO_USAGE, request.data.model_usage)
    else this.passed_over.add(type)
  }

  private readDenial(event: SessionEvent, item: JsonObject): void {
    if (event.type === 'user.tool_confirmation' && event.result === 'deny')
      this.denied.set(event.tool_use_id, 'user_rejection')
    else if (item.evaluated_permission === 'deny') this.denied.set(event.id, 'permission_denied')
  }
}

/**
 * A list of events can be asked for with the newest first; then their times fall and never grow, and
 * no result comes after its call. Times that are merely out of order turn nothing around.
 */
function oldestFirst(events: SessionEvent[]): SessionEvent[] {
  const times = events.flatMap((it) => it.processed_at ?? [])
  const never_grow = times.every((it, index) => index === 0 || it <= times[index - 1]!)
  if (!never_grow || times.at(0) === times.at(-1)) return events
  const made = new Set<string>()
  for (const it of events) {
    if (isToolUse(it)) made.add(it.id)
    else if (isToolResult(it) && made.has(answeredCall(it))) return events
  }
  return events.toReversed()
}

function versionOf(session: SessionObject | null): string | null {
  const { model, version } = session?.agent ?? {}
  const parts = [model?.id, version === null || version === undefined ? null : `v${version}`]
  return parts.filter((it) => it).join(' ') || null
}

function outcomeOf(events: SessionEvent[], session: SessionObject | null): Outcome {
  const outcomes = events.flatMap((it) => (it.type === 'session.outcome' ? it.outcome : []))
  const stated = outcomes.findLast((it) => it.rule !== RUBRIC_RULE)
  const evaluation = session?.outcome_evaluations?.at(-1)
  return stated ?? outcomes.at(-1) ?? (evaluation ? gradedOutcome(evaluation) : UNKNOWN_OUTCOME)
}
