/** What the events of a session say of it as a whole: worked out when it is asked for, and stored nowhere. */
import type { RecordedEvent } from './recorded-event.ts'
import type { OutcomeEvaluation, RecordingFacts, RecordingStatus } from './recording.ts'
import { NO_USAGE, type Usage } from './usage.ts'

/** `events` are those that tell how a session stands, in order; the span is that of all its events. */
export function factsOf(
  events: RecordedEvent[],
  { first_at, last_at }: { first_at: string | null; last_at: string | null },
): RecordingFacts {
  return {
    usage: usageOf(events),
    active_seconds: activeSeconds(events),
    duration_seconds: first_at === null || last_at === null ? 0 : secondsBetween(first_at, last_at),
    outcome_evaluations: outcomeEvaluations(events),
  }
}

/** The status that a session is in after an event of that type; null for one that says nothing of it. */
export function statusAfter(type: string): RecordingStatus | null {
  return STATUS[type] ?? null
}

const STATUS: Record<string, RecordingStatus> = {
  'session.status_running': 'running',
  'session.status_idle': 'idle',
  'session.status_rescheduled': 'rescheduling',
  'session.status_terminated': 'terminated',
}

/** The same of a thread. */
export function threadStatusAfter(type: string): RecordingStatus | null {
  return STATUS[type.replace('session.thread_', 'session.')] ?? null
}

/** Summed over the requests to models; where none is told, what the last snapshot says. */
function usageOf(events: RecordedEvent[]): Usage {
  const requests = events.filter((it) => it.type === 'span.model_request_end')
  if (requests.length > 0) return requests.reduce((sum, it) => plus(sum, it.model_usage), NO_USAGE)
  const snapshot = events.findLast((it) => it.type === 'session.usage')
  return snapshot ? plus(NO_USAGE, snapshot.usage) : NO_USAGE
}

function plus(usage: Usage, told: unknown): Usage {
  const more = told as Record<string, unknown>
  const created = (more.cache_creation ?? {}) as Record<string, unknown>
  const by_lifetime = tokens(created.ephemeral_5m_input_tokens) + tokens(created.ephemeral_1h_input_tokens)
  return {
    input_tokens: usage.input_tokens + tokens(more.input_tokens),
    output_tokens: usage.output_tokens + tokens(more.output_tokens),
    cache_read_input_tokens: usage.cache_read_input_tokens + tokens(more.cache_read_input_tokens),
    cache_creation_input_tokens:
      usage.cache_creation_input_tokens + (tokens(more.cache_creation_input_tokens) || by_lifetime),
  }
}

/** A count of tokens; what is none is 0. The limit keeps any sum of them a whole number. */
function tokens(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e12 ? value : 0
}

function activeSeconds(events: RecordedEvent[]): number {
  let seconds = 0
  let since: string | null = null
  for (const { type, processed_at } of events) {
    const status = statusAfter(type)
    if (status === null || processed_at === null) continue
    if (since !== null) seconds += secondsBetween(since, processed_at)
    since = status === 'running' ? processed_at : null
  }
  return seconds
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
}

function outcomeEvaluations(events: RecordedEvent[]): OutcomeEvaluation[] {
  const found = new Map<string, OutcomeEvaluation>()
  for (const it of events) {
    if (typeof it.outcome_id !== 'string') continue
    const known = found.get(it.outcome_id) ?? {
      outcome_id: it.outcome_id,
      description: '',
      result: 'pending',
      explanation: null,
      iteration: 0,
      completed_at: null,
    }
    found.set(it.outcome_id, { ...known, ...saidBy(it) })
  }
  return [...found.values()]
}

function saidBy(it: RecordedEvent): Partial<OutcomeEvaluation> {
  const iteration = typeof it.iteration === 'number' ? it.iteration : 0
  switch (it.type) {
    case 'user.define_outcome':
      return { description: String(it.description) }
    case 'span.outcome_evaluation_end': {
      const explanation = typeof it.explanation === 'string' ? it.explanation : null
      // What needs revision is worked on.
      if (it.result === 'needs_revision') return { iteration, explanation, result: 'running' }
      return { iteration, explanation, result: String(it.result), completed_at: it.processed_at }
    }
    default:
      return { iteration, result: 'evaluating', completed_at: null }
  }
}
