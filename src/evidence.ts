/**
 * The quotes behind a finding: its sightings, looked up in the stored sessions, verbatim. Where a transcript was removed, there is none.
 * What a model said has its quotes with it, found in the session when it was said; and it has its words.
 *
 * One session is open at a time, so memory is that of the largest of them.
 */
import { quoteOfEdit } from './2-review/edit-channel.ts'
import { quoteOf } from './2-review/quote.ts'
import { REVIEWER } from './2-review/review.ts'
import { claimGroupOf } from './3-mine/claim-words.ts'
import type { Finding } from './3-mine/finding.ts'
import { firstOfGroup, quotedBy } from './db/claims.ts'
import type { Database } from './db/database.ts'
import { readReviews, readSession } from './db/sessions.ts'
import {
  answeredCall,
  isToolResult,
  isToolUse,
  originOf,
  type SessionEvent,
  type ToolUse,
} from './domain/event.ts'
import type { Evidence } from './domain/evidence.ts'
import { isRecalled } from './domain/recalled-memory.ts'

const MAX_EVIDENCE = 8

/** At most eight quotes, in the order of the sightings; events without words give none, and sessions that are not to be read any more. */
export async function evidenceFor(
  db: Database,
  finding: Finding,
  unread = new Set<string>(),
): Promise<Evidence[]> {
  if (finding.channel === 'model') return quotesOfClaims(db, finding, unread)
  const evidence: Evidence[] = []
  const lacking = await sessionsLacking(db, finding)
  for (const { session_id, event: index } of finding.sightings) {
    if (evidence.length === MAX_EVIDENCE) break
    if (lacking && !lacking.has(session_id)) continue
    const session = unread.has(session_id) ? undefined : await readSession(db, session_id)
    // Its transcript was removed, or has to be, by a rule of retention.
    if (session === undefined) continue
    const { external_session_id, events } = session
    const event = events[index]!
    const changed = quoteOfEdit(events, index, finding.trait)
    // A wish is shown where it was said in any of its words.
    const topic = finding.context === 'said' ? finding.better!.split(' ') : []
    const quote = changed?.quote ?? quoteOf(event, finding.trait, events.slice(0, index), topic)
    if (quote === null) continue
    const origin =
      changed?.origin ?? (isRecalled(event) ? 'memory' : originOf(event, callBehind(event, events)))
    evidence.push({ session_id, external_session_id, event_id: event.id, origin, quote })
  }
  return evidence
}

/** The finding with the words of the first claim that says it, of sessions that are not `gone`. Any other finding as it is. */
export async function worded(
  db: Database,
  finding: Finding,
  gone: Set<string> = new Set(),
): Promise<Finding> {
  if (finding.channel !== 'model') return finding
  const first = await firstOfGroup(db, claimGroupOf(finding), gone)
  return first === undefined ? finding : { ...finding, statement: first.statement }
}

async function quotesOfClaims(db: Database, finding: Finding, unread: Set<string>): Promise<Evidence[]> {
  const sighted = finding.sightings.filter((it) => !unread.has(it.session_id))
  const quoted = await quotedBy(
    db,
    claimGroupOf(finding),
    sighted.map((it) => it.session_id),
  )
  return sighted
    .flatMap(({ session_id, event }): Evidence[] => {
      const { external_session_id, citations } = quoted.get(session_id) ?? {}
      const citation = citations?.find((it) => it.event === event) ?? citations?.[0]
      if (citation === undefined) return []
      const { event_id, origin, quote } = citation
      return [{ session_id, external_session_id: external_session_id!, event_id, origin, quote }]
    })
    .slice(0, MAX_EVIDENCE)
}

/** For a finding about something missing: the sessions in which it was. Null for every other finding. */
async function sessionsLacking(db: Database, finding: Finding): Promise<Set<string> | null> {
  const { lacks } = finding
  if (lacks === null) return null
  const sighted = finding.sightings.map((it) => it.session_id)
  const reviews = [...(await readReviews(db, sighted, REVIEWER)).values()]
  const lacking = reviews.filter((it) =>
    it.observations.some((at) => at.context === finding.context && !(lacks in at.traits)),
  )
  return new Set(lacking.map((it) => it.session_id))
}

/** What a result answers; null for other events, and where the call is missing. */
function callBehind(event: SessionEvent, events: SessionEvent[]): ToolUse | null {
  if (!isToolResult(event)) return null
  const id = answeredCall(event)
  return events.filter(isToolUse).find((it) => it.id === id) ?? null
}
