/**
 * Drift: what two windows of time hold of an agent's sessions and of its memory store, put side by side.
 *
 * A report asks for it by days, and every dream for itself (`alarms.ts`). Nothing is written but measures that were missing.
 */
import { REVIEWER } from './2-review/review.ts'
import { clustersAmong, signatureOf } from './3-mine/intent.ts'
import { frontMatterOf, marksIn, wordsOf } from './4-consolidate/memory-file.ts'
import type { MeasuredSession } from './7-measure/drift.ts'
import type { Database } from './db/database.ts'
import { type Given, givenBetween, unwantedBy, type Written, writtenBetween } from './db/memory-history.ts'
import { memoriesAsOf, type PastMemory, versionBy } from './db/memory-versions.ts'
import type { SessionWork } from './db/session-work.ts'
import { readReviews } from './db/sessions.ts'
import type { MemoryDrift, StoreState, Writes } from './domain/drift.ts'
import { INDEX_PATH, type MemoryStore } from './domain/memory.ts'
import type { Observation } from './domain/review.ts'
import { keysOf } from './domain/tombstone.ts'
import { measuresOfWork } from './measure.ts'

/** RFC 3339, `until` not included. */
export type Span = { from: string; until: string }

const WEEK_MS = 7 * 86_400_000

// ---------------------------------------------------------------- sessions

/**
 * The sessions of some windows as they are compared, each with its intent: its task, or the cluster that its first words fall into among all
 * of these sessions. `beginnings` has the first words of a session of each cluster.
 */
export async function measuredSessions(
  db: Database,
  windows: SessionWork[][],
): Promise<{ windows: MeasuredSession[][]; beginnings: Map<string, string> }> {
  const all = windows.flat()
  const measures = await measuresOfWork(db, all)
  const approvals = await approvalsOf(db, all)
  const { intents, beginnings } = intentsOf(all)
  const measured = (it: SessionWork): MeasuredSession[] => {
    const found = measures.get(it.id)
    if (found === undefined) return []
    const { id, agent_version } = it
    return [{ intent: intents.get(id)!, agent_version, measures: found, approved: approvals.get(id) ?? null }]
  }
  return { windows: windows.map((window) => window.flatMap(measured)), beginnings }
}

/** The last word of people on each session that they judged. */
async function approvalsOf(db: Database, sessions: SessionWork[]): Promise<Map<string, boolean>> {
  const judged = sessions.filter((it) => it.feedback > 0)
  const approvals = new Map<string, boolean>()
  const reviews = await readReviews(
    db,
    judged.flatMap((it) => it.pieces),
    REVIEWER,
  )
  for (const { id, pieces } of judged) {
    const words = pieces.flatMap((it) => approvalIn(reviews.get(it)?.observations ?? []) ?? [])
    if (words.length > 0) approvals.set(id, words.at(-1)!)
  }
  return approvals
}

/** The last word of people on a session; null where they said none. */
export function approvalIn(observations: Observation[]): boolean | null {
  const word = observations.find((it) => it.channel === 'approval' && it.context === 'judged by people')
  return word === undefined ? null : !word.bad
}

/** What each session was asked to do, by its id. */
export function intentsOf(sessions: SessionWork[]): {
  intents: Map<string, string>
  beginnings: Map<string, string>
} {
  const signature = (it: SessionWork) => it.task ?? it.intent ?? signatureOf(it.title)
  const signatures = sessions.filter((it) => it.task === null).map(signature)
  const clusters = clustersAmong([...new Set(signatures)].sort())
  const beginnings = new Map<string, string>()
  const intents = new Map(
    sessions.map((it) => {
      const intent = it.task ?? clusters.get(signature(it))!
      if (it.task === null && it.title !== '' && !beginnings.has(intent)) beginnings.set(intent, it.title)
      return [it.id, intent]
    }),
  )
  return { intents, beginnings }
}

// ---------------------------------------------------------------- memory

/** The store as it stood at the time `at`, and at the end of `after`; what was written and given in both spans, and in between. */
export async function memoryDrift(
  db: Database,
  store: MemoryStore,
  { before, after, at }: { before: Span; after: Span; at: string },
): Promise<MemoryDrift> {
  const first = await versionBy(db, store.id, momentBefore(at))
  const last = await versionBy(db, store.id, momentBefore(after.until))
  const present = await memoriesAsOf(db, store.id, last)
  const past = first === last ? present : await memoriesAsOf(db, store.id, first)
  const written = await writtenBetween(db, store.id, { after: first, through: last })
  // An alarm compares no two spans of memory.
  const [lately, given] = [await aWeek(db, store.id, after), await givenBetween(db, store.id, after)]
  const is_one = before === after
  return {
    memory_store_id: store.id,
    store: store.name,
    before: stateOf(past),
    after: stateOf(present),
    a_week: { before: is_one ? lately : await aWeek(db, store.id, before), after: lately },
    writes: byWriter(written),
    resurrected: resurrectedAmong(present, await unwantedBy(db, store.id, after.until)),
    seen: seenIn(is_one ? given : await givenBetween(db, store.id, before), given),
  }
}

/** The last moment before a time. */
function momentBefore(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString()
}

function stateOf(memories: PastMemory[]): StoreState {
  const index = memories.find((it) => it.path === INDEX_PATH)
  const own = memories.filter((it) => it.path !== INDEX_PATH)
  const texts = own.flatMap((it) => (it.content === null ? [] : [it.content]))
  const told = texts.map(frontMatterOf)
  const having = (status: string | null) =>
    told.filter((it) => it.pattern !== null && it.status === status).length
  return {
    memories: own.length,
    bytes: texts.reduce((sum, it) => sum + Buffer.byteLength(it), 0),
    index_tokens: Math.ceil((index?.content ?? '').length / 4),
    by_people: told.filter((it) => it.pattern === null).length,
    lessons: {
      probation: having(null),
      confirmed: having('confirmed'),
      stale: having('stale'),
      dormant: having('dormant'),
      disputed: having('disputed'),
      retired: having('retired'),
    },
    contradictions: texts.filter((it) => marksIn(it).some((mark) => mark.startsWith('Conflict: '))).length,
    erased: own.length - texts.length,
  }
}

async function aWeek(db: Database, memory_store_id: string, { from, until }: Span): Promise<Writes> {
  const after = await versionBy(db, memory_store_id, momentBefore(from))
  const through = await versionBy(db, memory_store_id, momentBefore(until))
  const weeks = (Date.parse(until) - Date.parse(from)) / WEEK_MS
  const writes = writesAmong(await writtenBetween(db, memory_store_id, { after, through }))
  return Object.fromEntries(Object.entries(writes).map(([what, n]) => [what, n / weeks])) as Writes
}

function writesAmong(written: Written[]): Writes {
  const writes = { created: 0, modified: 0, refreshed: 0, deleted: 0 }
  for (const it of written) if (it.path !== INDEX_PATH) writes[isRefresh(it) ? 'refreshed' : it.operation]++
  return writes
}

/** Whether only what counts say is newer: the line that says why, and the machine's part. */
function isRefresh({ operation, content, former }: Written): boolean {
  if (operation !== 'modified' || content === null || former === null) return false
  const [one, other] = [content, former].map((it) => ({
    said: wordsOf(it).replaceAll(/^Why: .*$/gm, ''),
    status: frontMatterOf(it).status,
  }))
  return one!.said === other!.said && one!.status === other!.status
}

/** Dreams are told together: each has another name every night. */
function byWriter(written: Written[]): MemoryDrift['writes'] {
  const writers = Map.groupBy(written, ({ by }) => (by.startsWith('dream:') ? 'dreams' : by))
  return [...writers]
    .map(([by, own]) => ({ by, ...writesAmong(own) }))
    .filter((it) => it.created + it.modified + it.refreshed + it.deleted > 0)
    .sort((a, b) => (a.by < b.by ? -1 : 1))
}

type Unwanted = Awaited<ReturnType<typeof unwantedBy>>

/** Of memories that are not a person's text, those that came after people did not want what they say. */
function resurrectedAmong(memories: PastMemory[], unwanted: Unwanted): MemoryDrift['resurrected'] {
  return memories.flatMap(({ path, content, created_by, created_at }) => {
    if (path === INDEX_PATH || content === null || created_by.startsWith('user:')) return []
    const { pattern } = frontMatterOf(content)
    const keys = keysOf({ pattern_ids: pattern === null ? [] : [pattern], before: null, after: content })
    const buried = unwanted.findLast((it) => keys.includes(it.key) && it.created_at < created_at)
    if (buried === undefined) return []
    return [{ path, cause: buried.cause, buried_at: buried.created_at, live_since: created_at }]
  })
}

function seenIn(before: Given[], after: Given[]): MemoryDrift['seen'] {
  const versions = (recalls: Given[]) => new Set(recalls.flatMap((it) => it.versions))
  const told = (recalls: Given[]) => ({
    recalls: recalls.length,
    control: recalls.filter((it) => it.arm === 'control').length,
    versions: versions(recalls).size,
    sets: new Set(recalls.map((it) => it.versions.join(' '))).size,
  })
  const known = versions(before)
  const versions_in_both = [...versions(after)].filter((it) => known.has(it)).length
  return { before: told(before), after: told(after), versions_in_both }
}
