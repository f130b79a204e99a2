import { z } from 'zod'

/**
 * An event of a session as it is on the wire: every type of the Managed Agents API, and two of ours.
 *
 * `user.feedback` says what a person thinks: `kind` is approval, rejection, rating (with `rating`, 1 to 5) or edit (with `before` and
 * `after`), each with a `comment` if there is one. `session.outcome` says how the session ended: `result` is satisfied, unsatisfied or
 * unknown, `verified` whether something has judged that cannot be talked round, with `reward`, `rule` and `explanation`.
 *
 * What people and harnesses send by hand has no unknown fields. Events that a service made are kept with whatever fields it gave them.
 */
export type WireEvent = {
  type: string
  id?: string | undefined
  processed_at?: string | null | undefined
  session_thread_id?: string | null | undefined
} & Record<string, unknown>

/** The same as it is kept and told. */
export type RecordedEvent = WireEvent & { id: string; processed_at: string | null }

/** Of letters, digits, `_` and `-`; unique in its session. */
export const EventId = z
  .string()
  .regex(/^sevt_[\w-]{1,123}$/, 'an id of an event is sevt_ and up to 123 letters, digits, _ and -')
export const ThreadId = z
  .string()
  .regex(/^sthr_[\w-]{1,123}$/, 'an id of a thread is sthr_ and up to 123 letters, digits, _ and -')

/** In UTC, whatever its zone was. */
export const WireTime = z.iso.datetime({ offset: true }).transform((it, context) => {
  const ms = Date.parse(it)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  context.issues.push({ code: 'custom', message: 'there is no such time', input: it })
  return z.NEVER
})

const base = {
  id: EventId.optional(),
  processed_at: WireTime.nullish(),
  session_thread_id: ThreadId.nullish(),
}

const Text = z.looseObject({ type: z.literal('text'), text: z.string() })
const Block = z.discriminatedUnion('type', [
  Text,
  z.looseObject({ type: z.literal('image'), source: z.looseObject({ type: z.string() }) }),
  z.looseObject({
    type: z.literal('document'),
    source: z.looseObject({ type: z.string() }),
    title: z.string().nullish(),
    context: z.string().nullish(),
  }),
  z.looseObject({
    type: z.literal('search_result'),
    source: z.string(),
    title: z.string(),
    content: z.array(Text),
  }),
  z.looseObject({ type: z.literal('redacted') }),
])

const said = { content: z.array(Block) }
const use = { name: z.string().min(1).max(256), input: z.record(z.string(), z.unknown()) }
const result = {
  content: z.array(Block).nullish(),
  is_error: z.boolean().nullish(),
  /** Ours: the exit code of a program, and why it is an error, where that is known. */
  exit_code: z.int().nullish(),
  error_class: z.string().max(64).nullish(),
}
const Name = z.string().min(1).max(256)
const Id = z.string().min(1).max(256)

function byHand<T extends string, F extends z.ZodRawShape>(type: T, fields: F) {
  return z.strictObject({ type: z.literal(type), ...base, ...fields })
}

function made<T extends string, F extends z.ZodRawShape>(type: T, fields: F) {
  return z.looseObject({ type: z.literal(type), ...base, ...fields })
}

/** Fields under a name of their own, and kinds that are told by what is there, put where everybody looks for them. */
function flatFeedback(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'user.feedback')
    return value
  const { feedback, approval, rejection, edit, ...rest } = value as Record<string, unknown>
  const flat: Record<string, unknown> = { ...rest, ...(typeof feedback === 'object' ? feedback : {}) }
  if (typeof edit === 'object') Object.assign(flat, edit)
  flat.kind ??=
    approval === true
      ? 'approval'
      : rejection === true
        ? 'rejection'
        : 'rating' in flat
          ? 'rating'
          : 'before' in flat
            ? 'edit'
            : undefined
  return flat
}

function flatOutcome(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'session.outcome')
    return value
  const { outcome, ...rest } = value as Record<string, unknown>
  return typeof outcome === 'object' ? { ...rest, ...outcome } : rest
}

const comment = { comment: z.string().nullish() }
const Feedback = z.discriminatedUnion(
  'kind',
  [
    byHand('user.feedback', { kind: z.literal('approval'), ...comment }),
    byHand('user.feedback', { kind: z.literal('rejection'), ...comment }),
    byHand('user.feedback', { kind: z.literal('rating'), rating: z.number().min(1).max(5), ...comment }),
    byHand('user.feedback', {
      kind: z.literal('edit'),
      before: z.string(),
      after: z.string(),
      ...comment,
    }),
  ],
  { error: 'feedback is of a kind: approval, rejection, rating or edit' },
)

const TYPES = [
  byHand('user.message', said),
  byHand('user.interrupt', {}),
  byHand('user.tool_confirmation', {
    tool_use_id: Id,
    result: z.enum(['allow', 'deny']),
    deny_message: z.string().nullish(),
  }),
  byHand('user.custom_tool_result', { custom_tool_use_id: Id, ...result }),
  byHand('user.tool_result', { tool_use_id: Id, ...result }),
  byHand('user.define_outcome', {
    description: z.string().min(1),
    rubric: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), content: z.string().max(262_144) }),
      z.strictObject({ type: z.literal('file'), file_id: Id }),
    ]),
    max_iterations: z.int().min(1).max(20).nullish(),
    outcome_id: Id.nullish(),
  }),
  byHand('system.message', said),
  byHand('session.outcome', {
    result: z.enum(['satisfied', 'unsatisfied', 'unknown']),
    verified: z.boolean().default(false),
    reward: z.number().nullish(),
    rule: z.string().max(256).nullish(),
    reported: z.string().nullish(),
    explanation: z.string().nullish(),
  }),
  made('agent.message', said),
  made('agent.thinking', {}),
  made('agent.tool_use', { ...use, evaluated_permission: z.enum(['allow', 'ask', 'deny']).nullish() }),
  made('agent.tool_result', { tool_use_id: Id, ...result }),
  made('agent.mcp_tool_use', {
    ...use,
    mcp_server_name: Name,
    evaluated_permission: z.enum(['allow', 'ask', 'deny']).nullish(),
  }),
  made('agent.mcp_tool_result', { mcp_tool_use_id: Id, ...result }),
  made('agent.custom_tool_use', use),
  made('agent.thread_message_sent', { ...said, to_session_thread_id: ThreadId }),
  made('agent.thread_message_received', { ...said, from_session_thread_id: ThreadId }),
  made('agent.thread_context_compacted', {}),
  made('session.status_running', {}),
  made('session.status_rescheduled', {}),
  made('session.status_terminated', {}),
  made('session.status_idle', {
    stop_reason: z.looseObject({ type: z.string() }).nullish(),
    stop_details: z.looseObject({}).nullish(),
  }),
  made('session.error', { error: z.looseObject({ type: z.string(), message: z.string().nullish() }) }),
  made('session.updated', {}),
  made('session.usage', { usage: z.looseObject({}) }),
  made('session.thread_created', { session_thread_id: ThreadId, agent_name: z.string() }),
  made('session.thread_status_running', { session_thread_id: ThreadId }),
  made('session.thread_status_idle', { session_thread_id: ThreadId }),
  made('session.thread_status_rescheduled', { session_thread_id: ThreadId }),
  made('session.thread_status_terminated', { session_thread_id: ThreadId }),
  made('span.model_request_start', {}),
  made('span.model_request_end', {
    model_request_start_id: Id.nullish(),
    is_error: z.boolean().nullish(),
    model_usage: z.looseObject({}),
  }),
  made('span.outcome_evaluation_start', { outcome_id: Id, iteration: z.int().min(0) }),
  made('span.outcome_evaluation_ongoing', { outcome_id: Id, iteration: z.int().min(0) }),
  made('span.outcome_evaluation_end', {
    outcome_id: Id,
    outcome_evaluation_start_id: Id.nullish(),
    iteration: z.int().min(0),
    result: z.string().max(64),
    explanation: z.string().nullish(),
  }),
  made('workflow_run.created', { workflow_run_id: Id, name: z.string() }),
  made('workflow_run.status_running', { workflow_run_id: Id }),
  made('workflow_run.status_idle', { workflow_run_id: Id }),
  made('workflow_run.status_ended', { workflow_run_id: Id, result: z.looseObject({ type: z.string() }) }),
  made('workflow_run.error', { workflow_run_id: Id.nullish() }),
  made('workflow_run.phase_started', { workflow_run_id: Id, workflow_run_phase_id: Id }),
  made('workflow_run.phase_ended', { workflow_run_id: Id, workflow_run_phase_id: Id }),
] as const

/** Types of events that a list may be asked for. */
export const EVENT_TYPES: readonly string[] = [...TYPES.map((it) => it.shape.type.value), 'user.feedback']

const KNOWN = new Set(EVENT_TYPES)

const Checked = z.preprocess(
  (it) => flatOutcome(flatFeedback(it)),
  z.discriminatedUnion('type', [...TYPES, Feedback], {
    error: ({ input }) => {
      const type = (input as { type?: unknown } | null)?.type
      if (typeof type !== 'string') return 'an event is an object with a type'
      return KNOWN.has(type) ? undefined : `there is no event ${JSON.stringify(type.slice(0, 60))}`
    },
  }),
)

/** What was checked one by one above, as all the code behind the door sees it. */
export const WireEvent = Checked as unknown as z.ZodType<
  WireEvent,
  { [field: string]: unknown; type: string }
>

export const EventType = z.string().refine((it) => KNOWN.has(it), {
  error: ({ input }) => `there is no event ${JSON.stringify(String(input).slice(0, 60))}`,
})

/** The id of the call that an event answers or is about, under the name of its field; null for other events. */
export function callOf(event: WireEvent): { field: string; id: string; uses: readonly string[] } | null {
  const found = CALLS[event.type]
  return found === undefined ? null : { ...found, id: event[found.field] as string }
}

const CALLS: Record<string, { field: string; uses: readonly string[] }> = {
  'agent.tool_result': { field: 'tool_use_id', uses: ['agent.tool_use'] },
  'user.tool_result': { field: 'tool_use_id', uses: ['agent.tool_use'] },
  'user.tool_confirmation': { field: 'tool_use_id', uses: ['agent.tool_use', 'agent.mcp_tool_use'] },
  'agent.mcp_tool_result': { field: 'mcp_tool_use_id', uses: ['agent.mcp_tool_use'] },
  'user.custom_tool_result': { field: 'custom_tool_use_id', uses: ['agent.custom_tool_use'] },
}
