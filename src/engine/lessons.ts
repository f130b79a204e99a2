/** Lessons, and the quotes behind them. */
import { transcriptsRemoved } from '../db/erasure.ts'
import { readPatterns, type StoredPattern } from '../db/patterns.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf } from '../domain/page.ts'
import type { Pattern, Tier } from '../domain/pattern.ts'
import { onePattern } from './find.ts'
import type { Opened } from './opened.ts'
import { memoryStore } from './stores.ts'

/** What a user is told of a pattern. */
const TOLD = [
  'id',
  'class',
  'channel',
  'tier',
  'status',
  'name',
  'text',
  'why',
  'scope',
  'effect',
  'q',
  'e',
  'sessions',
  'memory_store_id',
  'created_at',
  'updated_at',
] as const

/** A pattern as a lesson. */
export type Lesson = Pick<StoredPattern, (typeof TOLD)[number]> & { evidence_count: number }

export type LessonsWanted = {
  store?: string
  /** Whose work it is about. */
  agent?: string
  tier?: Tier
  status?: readonly Pattern['status'][]
  class?: Pattern['class']
  candidates?: boolean
}

/** The quotes behind a lesson, and the sessions that it was seen in and that can no longer be quoted. */
export type EvidenceOfLesson = {
  lesson: Lesson
  transcripts_removed: { session_id: string; removed_at: string }[]
} & Page<Evidence>

export function lessonsOf({ db }: Opened) {
  return {
    /**
     * Lessons, those that matter most first; candidates, which are only watched, markers, which are no lessons, and what another lesson
     * tells now in other words, on request.
     */
    async lessons(filter: LessonsWanted & PageRequest = {}): Promise<Page<Lesson>> {
      const { agent, status, class: kind } = filter
      const store = filter.store === undefined ? null : (await memoryStore(db, filter.store)).id
      const patterns = (await readPatterns(db, store))
        .filter((it) => agent === undefined || it.scope.agent === agent)
        .filter((it) => status === undefined || status.includes(it.status))
        .filter((it) => kind === undefined || it.class === kind)
        .filter((it) => (filter.tier === undefined ? it.tier !== 'marker' : it.tier === filter.tier))
        .filter((it) => filter.candidates === true || status !== undefined || it.status !== 'candidate')
        .filter((it) => status !== undefined || it.status !== 'stale' || it.watch.told_by === undefined)
        .sort(byWeight)
      return pageOf(patterns.map(asLesson), filter)
    },

    /**
     * The quotes behind one lesson, by its id or an unambiguous beginning of it; in one memory store, since two may have learned the
     * same.
     */
    async evidence(
      id: string,
      { store, ...page }: { store?: string } & PageRequest = {},
    ): Promise<EvidenceOfLesson> {
      const pattern = await onePattern(db, id, store === undefined ? null : (await memoryStore(db, store)).id)
      const sighted = pattern.sightings.map((it) => it.session_id)
      const transcripts_removed = await transcriptsRemoved(db, sighted)
      return { lesson: asLesson(pattern), ...pageOf(pattern.evidence, page), transcripts_removed }
    },
  }
}

const tiers: Tier[] = ['verified', 'process', 'people', 'marker']

/** Live lessons before stale ones, better supported tiers first, then by the number of sessions behind them. */
function byWeight(a: StoredPattern, b: StoredPattern): number {
  const live = (it: StoredPattern) => (it.status === 'stale' ? 1 : it.status === 'candidate' ? 2 : 0)
  return (
    live(a) - live(b) ||
    tiers.indexOf(a.tier) - tiers.indexOf(b.tier) ||
    b.sessions - a.sessions ||
    (a.id < b.id ? -1 : 1)
  )
}

export function asLesson(pattern: StoredPattern): Lesson {
  const told = Object.fromEntries(TOLD.map((it) => [it, pattern[it]])) as Pick<Lesson, (typeof TOLD)[number]>
  return { ...told, evidence_count: pattern.evidence.length }
}
