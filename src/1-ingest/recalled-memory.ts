/**
 * Recalled memory: what a memory told the agent, wherever a harness put it, told apart from what was said in the session.
 *
 * Harnesses and plugins put memories into a person's message, or before it. Read as the person's words, each of them would be
 * said anew in every session, and a lesson would prove itself. So a message is cut where memory begins and ends: the memory
 * becomes a message of the harness, whose words no channel takes for wishes, and the person keeps the rest word for word.
 */
import { type SessionEvent, type TextBlock, textOf } from '../domain/event.ts'
import { mayHoldMemory, memoryParts } from '../domain/recalled-memory.ts'
import type { Session } from '../domain/session.ts'

/** The session with its recalled memory in messages of their own, each before the message that it stood in. */
export function withoutRecalled<S extends Pick<Session, 'events'>>(session: S): S {
  if (!session.events.some((it) => CARRIERS.has(it.type) && mayHoldMemory(textOf(it)))) return session
  return { ...session, events: session.events.flatMap(splitEvent) }
}

const CARRIERS = new Set<SessionEvent['type']>(['user.message', 'agent.thread_message_received'])

function splitEvent(event: SessionEvent): SessionEvent[] {
  if (event.type !== 'user.message' && event.type !== 'agent.thread_message_received') return [event]
  const memory: TextBlock[] = []
  const own: TextBlock[] = []
  for (const { text } of event.content)
    for (const it of memoryParts(text)) (it.is_memory ? memory : own).push({ type: 'text', text: it.text })
  const { id, processed_at } = event
  if (memory.length === 0) return [event]
  if (own.length === 0) return [{ type: 'system.message', id, processed_at, content: memory }]
  return [
    { type: 'system.message', id: `${id}_memory`, processed_at, content: memory },
    { ...event, content: own },
  ]
}
