/**
 * The session of a dream over the wire: what the dream reads and writes, event by event, as it does so.
 *
 * It says which sessions were read, by id, and which memories were written, by path and change; what sessions say is not in it. No dream
 * reads it. An event that is told again, after its worker died, stands there once.
 */
import type { Transaction } from '../db/database.ts'
import { findEnvironment } from '../db/environments.ts'
import { eventsNamed, insertEvents } from '../db/recorded-events.ts'
import { findRecording, insertRecording, updateRecording } from '../db/recordings.ts'
import type { Change } from '../domain/change.ts'
import type { RequestedDream } from '../domain/dream.ts'
import { derivedId, randomId } from '../domain/id.ts'
import type { RecordedEvent } from '../domain/recorded-event.ts'
import { agentForSession } from './agents.ts'
import { environmentForSession } from './environments.ts'

/** An event, and what it is known by in the session of its dream. */
export type Told = { key: string; type: string } & Record<string, unknown>

const NAME = 'reverie'

/** Makes the session, which runs; gives its id. */
export async function openDreamSession(
  tx: Transaction,
  { id: dream_id, model }: Pick<RequestedDream, 'id' | 'model'>,
  now: string,
): Promise<string> {
  const id = randomId('sesn')
  const own = derivedId('env', NAME)
  const wanted = { id: NAME, version: null, overrides: { model: { id: model.id } } }
  await insertRecording(tx, {
    id,
    title: `Dream ${dream_id}`,
    metadata: { dream_id },
    agent: await agentForSession(tx, wanted, now),
    environment_id: (await findEnvironment(tx, own)) ? own : await environmentForSession(tx, NAME, now),
    resources: [],
    vault_ids: [],
    budget: null,
    status: 'running',
    external_id: null,
    dream_id,
    created_by: `dream:${dream_id}`,
    created_at: now,
  })
  await tell(tx, id, [{ key: 'running', type: 'session.status_running' }], now)
  return id
}

/** Adds what was not told yet. Of a session that is archived, or was deleted, nothing becomes. */
export async function tell(tx: Transaction, id: string, told: Told[], now: string): Promise<void> {
  const recording = await findRecording(tx, id)
  if (!recording || recording.archived_at !== null || told.length === 0) return
  const events = told.map(
    ({ key, ...it }): RecordedEvent => ({ id: eventId(id, key), processed_at: now, ...it }),
  )
  const known = await eventsNamed(
    tx,
    id,
    events.map((it) => it.id),
  )
  const fresh = events.filter((it) => !known.has(it.id))
  if (fresh.length === 0) return
  await updateRecording(tx, id, { last_event: await insertEvents(tx, id, fresh), updated_at: now })
}

/** Tells the last of it, and archives the session. */
export async function closeDreamSession(
  tx: Transaction,
  id: string,
  last: Told[],
  now: string,
): Promise<void> {
  const idle = {
    key: 'idle',
    type: 'session.status_idle',
    stop_reason: { type: 'end_turn' },
    stop_details: null,
  }
  await tell(tx, id, [...last, idle], now)
  if ((await findRecording(tx, id))?.archived_at === null)
    await updateRecording(tx, id, { status: 'terminated', archived_at: now, updated_at: now })
}

export function said(key: string, text: string): Told {
  return { key, type: 'agent.message', content: [{ type: 'text', text }] }
}

/** One call, answered at once. */
export function called(
  recording_id: string,
  key: string,
  call: { name: string; input: Record<string, unknown>; answer: string },
): Told[] {
  const { name, input, answer } = call
  const tool_use_id = eventId(recording_id, `${key} use`)
  return [
    { key: `${key} use`, type: 'agent.tool_use', name, input, evaluated_permission: 'allow' },
    {
      key: `${key} result`,
      type: 'agent.tool_result',
      tool_use_id,
      content: [{ type: 'text', text: answer }],
      is_error: false,
    },
  ]
}

/** What became of a change, as a call. */
export function wrote(recording_id: string, change: Change, answer: string): Told[] {
  const { id: change_id, path, operation } = change
  return called(recording_id, change_id, {
    name: 'write_memory',
    input: { path, operation, change_id },
    answer,
  })
}

export function failedWith(message: string): Told {
  const error = { type: 'unknown_error', message, retry_status: { type: 'terminal' } }
  return { key: 'error', type: 'session.error', error }
}

function eventId(recording_id: string, key: string): string {
  return derivedId('sevt', recording_id, key)
}
