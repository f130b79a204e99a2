/**
 * What events of a session showed to be secret, so that it is recognised where it stands bare in a later request.
 *
 * It is kept nowhere but in the memory of this process, for an hour after the session was last written; of a session that goes on after that, or
 * at another server, a bare copy is no longer recognised.
 */
import type { Removed } from '../1-ingest/redact.ts'

const KEPT_MS = 3_600_000
const MOST_SESSIONS = 10_000
/** Of one session, the latest. */
const MOST_VALUES = 1_000

type Known = { found: Map<string, Removed>; forgetting: NodeJS.Timeout }

/** The session that was written last comes last. */
const sessions = new Map<string, Known>()

export function knownSecrets(recording_id: string): Removed[] {
  return [...(sessions.get(recording_id)?.found.values() ?? [])]
}

export function rememberSecrets(recording_id: string, found: Removed[]): void {
  const known = sessions.get(recording_id)
  if (known === undefined && found.length === 0) return
  const all = known?.found ?? new Map<string, Removed>()
  for (const it of found) all.set(it.value, it)
  dropFirst(all, MOST_VALUES)
  clearTimeout(known?.forgetting)
  const forgetting = setTimeout(() => sessions.delete(recording_id), KEPT_MS).unref()
  sessions.delete(recording_id)
  sessions.set(recording_id, { found: all, forgetting })
  for (const it of dropFirst(sessions, MOST_SESSIONS)) clearTimeout(it.forgetting)
}

function dropFirst<T>(from: Map<string, T>, most: number): T[] {
  const first = from.size <= most ? [] : [...from].slice(0, from.size - most)
  for (const [key] of first) from.delete(key)
  return first.map(([, it]) => it)
}
