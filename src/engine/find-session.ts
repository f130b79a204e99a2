/** A session of the wire by its id, and what may not be done with it. */
import { agentCalled } from '../db/agents.ts'
import type { Database, Transaction } from '../db/database.ts'
import { findFiledSession, findRecording, type StoredRecording } from '../db/recordings.ts'
import { agentNamed } from '../domain/agent.ts'
import { EngineError } from '../domain/error.ts'
import type { AgentSnapshot } from '../domain/recording.ts'
import { agentId } from './agents.ts'
import { notFound } from './find.ts'

/** Throws `not_found_error` where there is none, `invalid_request_error` where it came from a file. */
export async function recordingNamed(db: Database | Transaction, id: string): Promise<StoredRecording> {
  const recording = await findRecording(db, id)
  if (recording) return recording
  const filed = await findFiledSession(db, id)
  if (!filed) throw noSession(id)
  throw invalid(
    `the session ${id} was read from a transcript of ${filed.harness}, and is finished`,
    'create a session to put events in',
  )
}

/** The same, of one that is not archived. */
export async function changeable(db: Database | Transaction, id: string): Promise<StoredRecording> {
  const recording = await recordingNamed(db, id)
  if (recording.archived_at === null) return recording
  throw invalid(`the session ${id} is archived, and changes no more`, 'create another')
}

export function noSession(id: string): EngineError {
  return notFound('session', id, 'list the sessions of this workspace')
}

/** The agent of a session that came from a file. */
export async function agentOfFile(db: Database, name: string): Promise<AgentSnapshot> {
  const known = await agentCalled(db, name)
  if (!known) return { ...agentNamed(name), id: agentId(name), version: 1 }
  const { metadata, created_at, updated_at, archived_at, ...snapshot } = known
  return snapshot
}

export function invalid(message: string, hint: string): EngineError {
  return new EngineError('invalid_request_error', message, { hint })
}
