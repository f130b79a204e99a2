import type { SessionEvent } from '../domain/event.ts'

export type Voice = 'user.message' | 'system.message' | 'agent.message' | 'agent.thread_message_received'

/**
 * Adds a text to what was said. Neighboring texts of one voice are one message, as far back as
 * `first`, where the entry of the transcript begins. The id is given when the entry is complete.
 */
export function speak(
  events: SessionEvent[],
  first: number,
  type: Voice,
  text: string,
  processed_at: string | null,
): void {
  const last = events.length > first ? events.at(-1) : undefined
  if (last?.type === type) last.content.push({ type: 'text', text })
  else events.push({ type, id: '', processed_at, content: [{ type: 'text', text }] })
}

/** Says what stood where there was no text: `[image]`, `[document: Prices]`, `[image: image/png, 34 KB]`. */
export function placeholder(kind: string, what?: unknown, base64?: unknown): string {
  if (typeof what !== 'string' || what === '') return `[${kind}]`
  const name = what.slice(0, 200)
  if (typeof base64 !== 'string') return `[${kind}: ${name}]`
  // Four characters of base64 are three bytes.
  return `[${kind}: ${name}, ${Math.ceil((base64.length * 3) / 4 / 1024)} KB]`
}
