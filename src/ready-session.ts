/**
 * One transcript file in; its sessions out, each redacted, reviewed, packed and ready to be stored.
 *
 * It is the part of ingest that needs no database, so any number of threads can do it at once. Nothing
 * leaves here that has not been redacted.
 */
import { constants, zstdCompressSync } from 'node:zlib'
import { type Fingerprints, fingerprintsOf } from './1-ingest/copies.ts'
import { type Arriving, readTranscript } from './1-ingest/detect.ts'
import type { Privacy } from './1-ingest/pii.ts'
import { redactSession } from './1-ingest/redact.ts'
import type { Problem, Transcript } from './1-ingest/transcript.ts'
import { REVIEWER, reviewSession } from './2-review/review.ts'
import { measureSession } from './7-measure/session-measures.ts'
import { isToolResult, isToolUse, textOf } from './domain/event.ts'
import { derivedId, sha256 } from './domain/id.ts'
import type { SessionMeasures } from './domain/measures.ts'
import type { Harness, Session } from './domain/session.ts'

export type IngestOptions = {
  harness: Harness | 'auto'
  agent: string | null
  /** What is masked besides secrets. */
  privacy?: Privacy
  /** Name of the workspace, where it is not the default one: the same transcript is another session there. */
  workspace?: string
}

export type ReadySession = {
  /** Everything of the session but its events, which are in `content`. */
  facts: Omit<Session, 'events' | 'usage'>
  title: string
  counts: { events: number; human_turns: number; tool_calls: number; tool_errors: number; feedback: number }
  redactions: Record<string, number>
  /** Kinds of entries that were passed over, counted. */
  passed_over: Record<string, number>
  /** The session as JSON, compressed with zstd; sha256 and size are those of the JSON. */
  content: Uint8Array<ArrayBuffer>
  content_sha256: string
  size_bytes: number
  fingerprints: Fingerprints
  /** The observations as JSON. */
  review: { reviewer: number; observations: string }
  measures: SessionMeasures
}

export async function* readySessions(
  from: string | Arriving,
  options: IngestOptions,
  report: (problem: Problem) => void,
): AsyncGenerator<ReadySession> {
  for (const { transcript } of readTranscript(from, options, report)) {
    const { events, external_session_id } = transcript.session
    if (events.length > 0) yield readySession(transcript, options)
    else report({ line: null, reason: `the session ${external_session_id} has no events` })
  }
}

/** A session that was parsed, which has events, made ready to be stored. */
export async function readySession(
  transcript: Transcript,
  { privacy, workspace }: Pick<IngestOptions, 'privacy' | 'workspace'>,
): Promise<ReadySession> {
  const { session: redacted, redactions } = await redactSession(transcript.session, privacy)
  const fingerprints = fingerprintsOf({ ...transcript, session: redacted })
  const session: Session = {
    id: derivedId(
      'sesn',
      redacted.harness,
      redacted.external_session_id,
      fingerprints.events,
      ...(workspace === undefined ? [] : [workspace]),
    ),
    ...redacted,
  }
  const json = sessionJson(session)
  const { events, usage, ...facts } = session
  return {
    facts,
    title: titleOf(session),
    counts: countsOf(session),
    redactions,
    passed_over: transcript.passed_over,
    content: new Uint8Array(zstdCompressSync(json, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })),
    content_sha256: sha256(json),
    size_bytes: json.length,
    fingerprints,
    review: { reviewer: REVIEWER, observations: JSON.stringify(reviewSession(session)) },
    measures: measureSession(session),
  }
}

const TITLE_LIMIT = 200

/**
 * The session as JSON, in a buffer that the next call overwrites.
 *
 * One event at a time: one character outside Latin-1 makes a string twice as wide, and one such event would make
 * all of a session slow to write.
 */
function sessionJson(session: Session): Buffer {
  const { events, ...facts } = session
  let size = 0
  const write = (text: string) => {
    // Three bytes a character are always enough, but a long text is worth counting.
    const needed = size + (text.length < LONG_TEXT ? 3 * text.length : Buffer.byteLength(text))
    if (scratch.length < needed) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 1.5 * scratch.length))
      scratch.copy(larger, 0, 0, size)
      scratch = larger
    }
    size += scratch.write(text, size)
  }
  write(`${JSON.stringify(facts).slice(0, -1)},"events":[`)
  for (let i = 0; i < events.length; i++) {
    if (i > 0) write(',')
    write(JSON.stringify(events[i]))
  }
  write(']}')
  return scratch.subarray(0, size)
}

const LONG_TEXT = 256 * 1024

let scratch = Buffer.allocUnsafe(1024 * 1024)

/** The first words of a person, or of whoever gave the task. */
function titleOf({ events }: Session): string {
  const first =
    events.find((it) => it.type === 'user.message') ??
    events.find((it) => it.type === 'agent.thread_message_received')
  return first ? textOf(first).replace(/\s+/g, ' ').trim().slice(0, TITLE_LIMIT) : ''
}

function countsOf({ events }: Session): ReadySession['counts'] {
  const counts = { events: events.length, human_turns: 0, tool_calls: 0, tool_errors: 0, feedback: 0 }
  for (const it of events) {
    if (it.type === 'user.message') counts.human_turns++
    else if (isToolUse(it)) counts.tool_calls++
    else if (isToolResult(it)) counts.tool_errors += it.is_error ? 1 : 0
    else if (
      it.type === 'user.interrupt' ||
      it.type === 'user.feedback' ||
      (it.type === 'user.tool_confirmation' && it.result === 'deny')
    )
      counts.feedback++
  }
  return counts
}
