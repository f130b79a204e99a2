/** An event of a session that came from a file, as the wire has it. */
import type { SessionEvent } from './event.ts'
import { derivedId } from './id.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** Put in again over the wire, it is the same event. */
export function wireEventOf(event: SessionEvent, session_id: string): RecordedEvent {
  switch (event.type) {
    case 'user.feedback': {
      const { feedback, ...rest } = event
      return { ...rest, ...feedback }
    }
    case 'session.outcome': {
      const { outcome, ...rest } = event
      return { ...rest, ...outcome }
    }
    case 'user.define_outcome':
      return {
        ...event,
        rubric: { type: 'text', content: event.rubric ?? '' },
        max_iterations: null,
        outcome_id: derivedId('outc', session_id, event.id),
      }
    case 'session.status_idle':
      return {
        ...event,
        stop_reason: {
          type: event.stop_reason ?? 'end_turn',
          ...(event.stop_reason === 'requires_action' ? { event_ids: [] } : {}),
        },
        stop_details: null,
      }
    case 'session.error':
      return { ...event, error: { ...event.error, retry_status: { type: 'terminal' } } }
    case 'agent.thinking':
    case 'agent.thread_context_compacted': {
      const { content: _, ...rest } = event
      return rest
    }
    case 'agent.thread_message_received':
      return { ...event, from_session_thread_id: primaryThread(session_id), from_agent_name: null }
    default:
      return { ...event }
  }
}

/** The id of the thread that every session has. */
export function primaryThread(session_id: string): string {
  return derivedId('sthr', session_id)
}
