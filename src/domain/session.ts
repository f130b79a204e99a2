import { z } from 'zod'
import { SessionEvent } from './event.ts'
import { Outcome } from './outcome.ts'
import { Usage } from './usage.ts'

/** The software that ran a session, hence the format its transcript is in. */
export const Harness = z.enum(['claude-code', 'codex', 'managed-agents', 'openai-chat', 'steps'])
export type Harness = z.infer<typeof Harness>

/** One run of an agent, parsed and redacted. Never edited after ingest. */
export const Session = z.object({
  id: z.string().startsWith('sesn_'),
  harness: Harness,
  /** The harness's own id of this session. */
  external_session_id: z.string(),
  /** Whose memory this session feeds. In a coding harness: that harness in one project, `claude-code:acme-api`. */
  agent: z.string(),
  /** What makes sessions of one agent comparable: the model, and the agent's own version when known. */
  agent_version: z.string().nullable(),
  /** Identity of what was asked, when known: sessions of one task differ only in how they were done. */
  task: z.string().nullable(),
  /** Whom it worked for, in the harness's own name for them; null when it does not say. */
  person: z.string().nullable(),
  /** Set on a subagent's session: the external id of the session that started it. */
  parent_external_session_id: z.string().nullable(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  outcome: Outcome,
  usage: Usage,
  events: z.array(SessionEvent),
})
export type Session = z.infer<typeof Session>
