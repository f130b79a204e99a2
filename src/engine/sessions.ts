/** Sessions: taken in, looked at, and taken out again. */
import { redact } from '../1-ingest/redact.ts'
import { transcriptsRemoved } from '../db/erasure.ts'
import { listRecalls } from '../db/recalls.ts'
import {
  findSession,
  listAgents,
  listSessions,
  readSession,
  recordingsBehind,
  type SessionRow,
} from '../db/sessions.ts'
import type { Actor } from '../domain/memory.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf, readCursor } from '../domain/page.ts'
import type { PrivacyChoice } from '../domain/pii.ts'
import type { Recall } from '../domain/recall.ts'
import type { Session } from '../domain/session.ts'
import { type ErasureReport, erase, finishErasure } from '../erasure/erase.ts'
import { type RetentionReport, retain } from '../erasure/retention.ts'
import type { Which } from '../erasure/which-sessions.ts'
import { type IngestProgress, type IngestReport, ingest } from '../ingest.ts'
import type { IngestOptions } from '../ready-session.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'
import { privacyOf } from './privacy.ts'
import { namesOfSession } from './recall-target.ts'
import { isAlive } from './worker.ts'

export type IngestChoice = Partial<Omit<IngestOptions, 'privacy' | 'workspace'>> &
  PrivacyChoice & {
    /** Store what was erased again. */
    again?: boolean
  }

export function sessionsOf(opened: Opened) {
  const { db, now } = opened
  return {
    /** Stores the sessions in these files and folders. What cannot be read is in the report, never an error. */
    async ingest(
      paths: string[],
      how: IngestChoice = {},
      progress: IngestProgress = () => {},
    ): Promise<IngestReport> {
      const options = {
        harness: how.harness ?? 'auto',
        agent: how.agent ?? null,
        privacy: await privacyOf(opened, how),
        again: how.again ?? false,
      }
      return ingest(db, paths, options, now, progress)
    },

    async sessions(filter: { agent?: string } & PageRequest = {}): Promise<Page<SessionRow>> {
      const limit = filter.limit ?? 50
      const before = readCursor(filter.page) ?? undefined
      const rows = await listSessions(db, { agent: filter.agent, before, limit: limit + 1 })
      return pageOf(rows, { limit }, (it) => it.id)
    },

    /** One session with its events and what it was given, the newest first, by our id or the harness's. */
    async session(id: string): Promise<{
      row: SessionRow
      session: Session | null
      transcript_removed_at: string | null
      recalls: Recall[]
    }> {
      const row = await findSession(db, id)
      if (!row) throw notFound('session', id, 'list the sessions, or `reverie sessions`')
      const [removed] = await transcriptsRemoved(db, [row.id])
      const transcript_removed_at = removed?.removed_at ?? null
      const recalled = await listRecalls(db, { session_keys: await namesOfSession(db, row.id) })
      const recalls = recalled.map(({ seq, ...it }) => it)
      return { row, session: (await readSession(db, row.id)) ?? null, transcript_removed_at, recalls }
    },

    agents: () => listAgents(db),

    /** Of these sessions, those that were put in event by event, and the id by which whoever put them in knows each. */
    recordingsBehind: (session_ids: string[]): Promise<Map<string, string>> =>
      recordingsBehind(db, [...new Set(session_ids)]),

    /**
     * Removes sessions and all that rests on them; `dry_run` only says what would go. `docs/privacy.md` says what stays.
     *
     * Throws `not_found_error` for a session or person that is not there, `conflict_error` while a dream of a store involved runs.
     */
    async erase(
      which: Exclude<Which, { due: unknown }>,
      { as, reason = '', dry_run }: { as: Actor; reason?: string; dry_run: boolean },
    ): Promise<ErasureReport> {
      const typed = (await redact(reason.trim())).text
      const why = 'person' in which ? typed.replaceAll(which.person, '(the person)') : typed
      const request = {
        which,
        actor: as as `user:${string}`,
        reason: why || 'a person asked for it',
        dry_run,
      }
      return erase(db, request, { now, is_alive: isAlive })
    },

    /** Removes bytes that an erasure had to leave in the database's files. False where another process still keeps them. */
    finishErasure: (): Promise<boolean> => finishErasure(db),

    /** Removes what the policy in force no longer lets be kept; `dry_run` only says what would go. */
    retain: (dry_run: boolean): Promise<RetentionReport> =>
      retain(db, { dry_run }, { now, is_alive: isAlive }),
  }
}
