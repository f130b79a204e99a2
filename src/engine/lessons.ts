/** Lessons, the quotes behind them, and where sessions are likely to fail. */
import { signatureOf } from '../3-mine/intent.ts'
import { MIN_SUPPORT } from '../3-mine/mine.ts'
import { type IntentRisk, riskByIntent } from '../3-mine/risk.ts'
import type { Database } from '../db/database.ts'
import { transcriptsRemoved } from '../db/erasure.ts'
import { readPatterns, type StoredPattern } from '../db/patterns.ts'
import { listSessions } from '../db/sessions.ts'
import { loadTally } from '../db/tallies.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf } from '../domain/page.ts'
import type { Pattern, Tier } from '../domain/pattern.ts'
import { onePattern } from './find.ts'
import type { Opened } from './opened.ts'
import { memoryStore, storesOf } from './stores.ts'

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

/** Where sessions of an agent are likely to fail: a view for a person, no lesson. */
export type Risk = IntentRisk & {
  memory_store_id: string
  agent: string
  /** How a session of it began, where the intent is a cluster; null for a task, whose name says what it is. */
  example: string | null
}

export function lessonsOf({ db }: Opened) {
  return {
    /** Lessons, those that matter most first; candidates, which are only watched, and markers, which are no lessons, on request. */
    async lessons(filter: LessonsWanted & PageRequest = {}): Promise<Page<Lesson>> {
      const { agent, status, class: kind } = filter
      const store = filter.store === undefined ? null : (await memoryStore(db, filter.store)).id
      const patterns = (await readPatterns(db, store))
        .filter((it) => agent === undefined || it.scope.agent === agent)
        .filter((it) => status === undefined || status.includes(it.status))
        .filter((it) => kind === undefined || it.class === kind)
        .filter((it) => (filter.tier === undefined ? it.tier !== 'marker' : it.tier === filter.tier))
        .filter((it) => filter.candidates === true || status !== undefined || it.status !== 'candidate')
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

    /**
     * Failure risk by intent, the surest first, from the counts of each store: the sessions that were dreamed of and have a
     * verified outcome. It shows a person where to look; nothing of it is a lesson.
     */
    async risk(filter: { agent?: string; store?: string } & PageRequest = {}): Promise<Page<Risk>> {
      const risks: Risk[] = []
      for (const { id, agent } of await storesOf(db, filter)) {
        const intents = riskByIntent(await loadTally(db, id, new Map(), MIN_SUPPORT))
        const examples = await beginningsOf(db, agent, intents)
        for (const it of intents)
          risks.push({ memory_store_id: id, agent, ...it, example: examples.get(it.intent) ?? null })
      }
      return pageOf(
        risks.sort((a, b) => b.low - a.low),
        filter,
      )
    },
  }
}

/** The first words of a session of each cluster among these intents. */
async function beginningsOf(
  db: Database,
  agent: string,
  intents: IntentRisk[],
): Promise<Map<string, string>> {
  const wanted = new Set(intents.map((it) => it.intent).filter((it) => it.startsWith('~')))
  const found = new Map<string, string>()
  let before: string | undefined
  while (found.size < wanted.size) {
    const rows = await listSessions(db, { agent, before, limit: 1_000 })
    if (rows.length === 0) break
    for (const { task, title } of rows) {
      const intent = task === null ? signatureOf(title) : ''
      if (wanted.has(intent) && !found.has(intent)) found.set(intent, title)
    }
    before = rows.at(-1)!.id
  }
  return found
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
