/** Sessions that are put in as transcripts, over a connection. */
import { recordingsBehind } from '../db/sessions.ts'
import type { PiiShape } from '../domain/pii.ts'
import type { Harness } from '../domain/session.ts'
import {
  type Body,
  ingestStream,
  STREAM_LIMITS,
  type StreamLimits,
  type StreamReport,
} from '../ingest-stream.ts'
import type { Opened } from './opened.ts'
import { privacyOf } from './privacy.ts'

export type ImportChoice = {
  harness?: Harness | 'auto'
  agent?: string
  /** Classes of personal data that are redacted besides those that always are over the wire. */
  redact?: PiiShape[]
  limits?: Partial<StreamLimits>
}

export function importsOf(opened: Opened) {
  return {
    /**
     * Stores the sessions in a transcript, as `ingest` does those of a file, while it arrives and without ever holding all of it.
     *
     * A session that was put in event by event is told by the id it was given then.
     *
     * Throws `invalid_request_error` where there is no session in it, and `request_too_large`; what came before is stored then.
     */
    async importSessions(body: Body, how: ImportChoice, as: `user:${string}`): Promise<StreamReport> {
      const { harness = 'auto', agent = null, redact = [], limits } = how
      const { redact: always = [], names } = opened.redacts ?? {}
      const redacted = { redact: [...always, ...redact], names }
      const options = { harness, agent, privacy: await privacyOf(opened, redacted) }
      const world = { now: opened.now, by: as, limits: { ...STREAM_LIMITS, ...limits } }
      const told = await ingestStream(opened.db, body, options, world)
      const recordings = await recordingsBehind(opened.db, told.session_ids)
      return { ...told, session_ids: told.session_ids.map((it) => recordings.get(it) ?? it) }
    },
  }
}
