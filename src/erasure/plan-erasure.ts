/**
 * What an erasure changes in one memory store: what the store knows without the sessions, which memories rest on them, and which texts
 * of its past have a trace of them. Only reads.
 *
 * A text of Reverie's, or one that a person made of it, has a trace when it repeats what only those sessions said (`traces.ts`), or when it is
 * about a person of whom no session remains. What people wrote by themselves is not looked into, but for the memories that stand,
 * and those are only named.
 */
import { consolidate } from '../4-consolidate/consolidate.ts'
import { indexFile } from '../4-consolidate/index-file.ts'
import { isInsight } from '../4-consolidate/insight-file.ts'
import { frontMatterOf } from '../4-consolidate/memory-file.ts'
import type { Database } from '../db/database.ts'
import {
  changesOf,
  decisionsOf,
  dreamsOf,
  latestDreamed,
  type PastChange,
  type PastDream,
  type PastTombstone,
  type PastVersion,
  tombstonesOf,
  versionsOf,
} from '../db/erasable.ts'
import { ERASED, type Hidden } from '../db/erasure.ts'
import { listMemories } from '../db/memories.ts'
import { readPatterns, type StoredPattern } from '../db/patterns.ts'
import { policyInForce } from '../db/policies.ts'
import type { Alert } from '../domain/alert.ts'
import { sha256 } from '../domain/id.ts'
import { type Actor, INDEX_PATH, type Memory, type MemoryStore } from '../domain/memory.ts'
import type { Pattern } from '../domain/pattern.ts'
import { toldName } from '../domain/told-name.ts'
import { relearn } from './relearn.ts'
import { type HasTrace, tracesOf } from './traces.ts'
import type { Selection } from './which-sessions.ts'

export type StorePlan = {
  store: MemoryStore
  /** Of the sessions that go, how many it had dreamed of. */
  sessions: number
  /** What it knows without them. */
  patterns: Pattern[]
  lessons: number
  lessons_lost: number
  /**
   * Memories that are taken out (`content` null) or written anew; `created_by` is null where that is whoever erases. The words of a path may
   * have to go as well.
   */
  writes: {
    path: string
    expected: string
    content: string | null
    created_by: Actor | null
    hides_path: boolean
  }[]
  /** Who writes where no person does. */
  author: Actor
  /** Waiting changes for lessons that are no longer told. */
  superseded: string[]
  versions: Hidden[]
  changes: Hidden[]
  decisions: number[]
  tombstones: PastTombstone[]
  dreams: PastDream[]
  people_repeat: string[]
}

/** How many of the sessions that remain are asked whether they said a word, too. */
const WITNESSES = 500

export async function planForStore(
  db: Database,
  store: MemoryStore,
  { sessions, persons }: Selection,
): Promise<StorePlan> {
  const gone = new Set(sessions.map((it) => it.id))
  const dreamed = await latestDreamed(db, store.id, Number.MAX_SAFE_INTEGER)
  const remaining = dreamed.filter((it) => !gone.has(it))
  const before = await readPatterns(db, store.id)
  const patterns = remaining.length === dreamed.length ? before.map(asFound) : await relearn(db, store, gone)

  const past = await pastOf(db, store.id)
  const memories = await listMemories(db, store.id)
  const has_trace = await tracesOf(db, [...gone], textsOf(past), {
    told: [store.name, store.agent, ...patterns.flatMap(wordsOf)],
    remaining: remaining.slice(0, WITNESSES),
  })
  const goes = withPersons(has_trace, persons, before)

  const told = new Set(patterns.filter(isTold).map((it) => it.id))
  const known = new Set(patterns.map((it) => it.id))
  const lost = new Set(
    before.filter((it) => !known.has(it.id) || (isTold(it) && !told.has(it.id))).map((it) => it.id),
  )
  const derived = derivedIn(past)
  const { regulated } = (await policyInForce(db)).policy
  const texts = { patterns, lost, derived, goes, has_trace, regulated }
  const { writes, people_repeat } = writesIn(memories, texts)
  const changes = past.changes.filter((it) => goes.change(it))
  const hidden = new Set(changes.map((it) => it.id))
  const waits = (it: PastChange) => it.status === 'undecided' || it.status === 'approved'
  return {
    store,
    sessions: dreamed.length - remaining.length,
    patterns,
    lessons: told.size,
    lessons_lost: before.filter((it) => isTold(it) && lost.has(it.id)).length,
    writes,
    author: past.dreams.length === 0 ? 'user:reverie' : `dream:${past.dreams.at(-1)!.id}`,
    superseded: past.changes
      .filter((it) => waits(it) && !hidden.has(it.id) && it.pattern_ids.some((id) => lost.has(id)))
      .map((it) => it.id),
    versions: past.versions
      .filter((it) => derived(it) && goes.memory(it.path, it.content))
      .map((it) => ({ id: it.id, hides_path: goes.path(it.path) })),
    changes: changes.map((it) => ({ id: it.id, hides_path: goes.path(it.path) })),
    decisions: past.decisions
      .filter(
        (it) =>
          has_trace(it.reason) || (it.edited !== null && (has_trace(it.edited) || hidden.has(it.change_id))),
      )
      .map((it) => it.seq),
    tombstones: past.tombstones
      .filter((it) => has_trace(it.reason) || goes.path(it.covered_by ?? ''))
      .map((it) => ({
        seq: it.seq,
        reason: has_trace(it.reason) ? ERASED : it.reason,
        // No memory stands there, so it covers nothing.
        covered_by: goes.path(it.covered_by ?? '') ? '/redacted' : it.covered_by,
      })),
    dreams: past.dreams.flatMap((it) => withoutTraces(it, gone, has_trace) ?? []),
    people_repeat,
  }
}

/** Without where and when it was stored. */
function asFound({ memory_store_id, created_at, updated_at, ...pattern }: StoredPattern): Pattern {
  return pattern
}

type Past = {
  versions: PastVersion[]
  changes: PastChange[]
  decisions: Awaited<ReturnType<typeof decisionsOf>>
  tombstones: PastTombstone[]
  dreams: PastDream[]
}

async function pastOf(db: Database, memory_store_id: string): Promise<Past> {
  return {
    versions: await versionsOf(db, memory_store_id),
    changes: await changesOf(db, memory_store_id),
    decisions: await decisionsOf(db, memory_store_id),
    tombstones: await tombstonesOf(db, memory_store_id),
    dreams: await dreamsOf(db, memory_store_id),
  }
}

function textsOf({ versions, changes, decisions, tombstones, dreams }: Past): string[] {
  return [
    ...versions.flatMap((it) => [it.path, it.content ?? '']),
    ...changes.flatMap((it) => [it.path, it.before ?? '', it.after ?? '', it.reason, it.verdict_reason]),
    ...decisions.flatMap((it) => [it.reason, it.edited ?? '']),
    ...tombstones.flatMap((it) => [it.reason, it.covered_by ?? '']),
    ...dreams.flatMap((it) => [
      it.error_message ?? '',
      ...notesIn(it),
      ...alertsIn(it).map(({ text }) => text),
    ]),
  ]
}

function isTold({ status }: Pattern): boolean {
  return status === 'probation' || status === 'confirmed' || status === 'dormant'
}

/** All that is told of a pattern. What sessions it was seen in is no telling. */
function wordsOf({ name, text, why, context, trait, evidence }: Pattern): string[] {
  return [name, text, why, context, trait, ...evidence.flatMap((it) => it.quote)]
}

/** What goes, for its words or for whom it is about. */
type Goes = {
  path: (path: string) => boolean
  memory: (path: string, content: string | null) => boolean
  change: (change: PastChange) => boolean
}

function withPersons(has_trace: HasTrace, persons: string[], patterns: Pattern[]): Goes {
  const names = new Set(persons.flatMap((it) => [it, toldName(it, 'person')]))
  const theirs = new Set(patterns.filter((it) => persons.includes(it.scope.person ?? '')).map((it) => it.id))
  const isAbout = (content: string | null) => names.has(frontMatterOf(content ?? '').person ?? '')
  return {
    path: has_trace,
    memory: (path, content) => has_trace(path) || has_trace(content ?? '') || isAbout(content),
    change: (it) =>
      it.pattern_ids.some((id) => theirs.has(id)) ||
      isAbout(it.before) ||
      isAbout(it.after) ||
      [it.path, it.before, it.after, it.reason, it.verdict_reason].some((text) => has_trace(text ?? '')),
  }
}

type Derived = (version: Pick<PastVersion, 'path' | 'content' | 'content_sha256' | 'created_by'>) => boolean

/** Whether a text is Reverie's, or a person made it of one of Reverie's. */
function derivedIn({ changes, decisions, versions }: Past): Derived {
  const made = new Set([
    ...changes.flatMap((it) => (it.after === null ? [] : [sha256(it.after)])),
    ...decisions.flatMap((it) => (it.edited === null ? [] : [sha256(it.edited)])),
    ...versions.filter((it) => it.created_by.startsWith('dream:')).map((it) => it.content_sha256),
  ])
  const index_begins = indexFile([]).trim()
  return (it) =>
    it.created_by.startsWith('dream:') ||
    it.content === null ||
    made.has(it.content_sha256) ||
    frontMatterOf(it.content).pattern !== null ||
    isInsight(it.content) ||
    (it.path === INDEX_PATH && it.content.startsWith(index_begins))
}

function writesIn(
  memories: Memory[],
  known: {
    patterns: Pattern[]
    lost: Set<string>
    derived: Derived
    goes: Goes
    has_trace: HasTrace
    regulated: boolean
  },
): Pick<StorePlan, 'writes' | 'people_repeat'> {
  const { patterns, lost, derived, goes, has_trace, regulated } = known
  const isTheirs = (it: Memory) => it.created_by.startsWith('user:')
  const lessons = memories.filter((it) => it.path !== INDEX_PATH && derived(it))
  const traced = new Set(lessons.filter((it) => goes.memory(it.path, it.content)))
  const rests_on_nothing = (it: Memory) => {
    const { pattern, also } = frontMatterOf(it.content)
    return !isTheirs(it) && (isInsight(it.content) ? also : [pattern ?? '']).some((id) => lost.has(id))
  }
  const removed = lessons.filter(
    (it) => rests_on_nothing(it) || (traced.has(it) && (isTheirs(it) || goes.path(it.path))),
  )
  const kept = memories.filter((it) => !removed.includes(it))
  const proposals = new Map(consolidate(patterns, kept, '').map((it) => [it.path, it.after]))
  const writes = [...new Set([...removed, ...traced])].map((it) => {
    // Where two people approve each text, a lesson that still holds is taken out, and the next dream proposes it anew.
    const after = removed.includes(it) || regulated ? null : (proposals.get(it.path) ?? null)
    const content = after === null || goes.memory(it.path, after) ? null : after
    return {
      path: it.path,
      expected: it.content_sha256,
      content,
      created_by: content === null ? null : it.created_by,
      hides_path: goes.path(it.path),
    }
  })
  const people_repeat = memories.filter((it) => !derived(it) && has_trace(it.content)).map((it) => it.path)
  return { writes, people_repeat }
}

/** Null where there is nothing to take out. */
function withoutTraces(dream: PastDream, gone: Set<string>, has_trace: HasTrace): PastDream | null {
  const notes = notesIn(dream).filter((it) => !has_trace(it))
  const alerts = alertsIn(dream).filter(
    (it) => !has_trace(it.text) && !it.sightings.some(({ session_id }) => gone.has(session_id)),
  )
  const { id, error_message } = dream
  const after = {
    id,
    notes: JSON.stringify(notes),
    alerts: JSON.stringify(alerts),
    error_message: error_message !== null && has_trace(error_message) ? ERASED : error_message,
  }
  return JSON.stringify(after) === JSON.stringify(dream) ? null : after
}

function notesIn({ notes }: PastDream): string[] {
  return JSON.parse(notes) as string[]
}

function alertsIn({ alerts }: PastDream): Alert[] {
  return JSON.parse(alerts) as Alert[]
}
