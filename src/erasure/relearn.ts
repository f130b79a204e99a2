/**
 * Relearning: what a memory store would know today had it never dreamed of certain sessions.
 *
 * What a store knows follows from its sessions and the nights on which it dreamed of them. So the nights are gone through again,
 * in their order, with the rules of today, and without those sessions. Only reads; takes about as long as the nights took to mine.
 * What was retired stays retired.
 */
import { cellOf } from '../3-mine/cell.ts'
import type { Finding } from '../3-mine/finding.ts'
import { firstLooks } from '../3-mine/first-look.ts'
import { lessonOf } from '../3-mine/lesson.ts'
import { MIN_SUPPORT } from '../3-mine/mine.ts'
import { type Counted, mergeTallies, tallyOf } from '../3-mine/tally.ts'
import type { Database } from '../db/database.ts'
import { nightsOf, sessionsOfNight, worthMining } from '../db/erasable.ts'
import { readPatterns } from '../db/patterns.ts'
import type { DreamedSession } from '../db/tallies.ts'
import type { MemoryStore } from '../domain/memory.ts'
import type { Pattern } from '../domain/pattern.ts'
import type { Tally } from '../domain/tally.ts'
import { evidenceFor, worded } from '../evidence.ts'
import { judge } from '../night.ts'

/** `gone` are ids of sessions. */
export async function relearn(db: Database, store: MemoryStore, gone: Set<string>): Promise<Pattern[]> {
  const { known, findings } = await throughTheNights(db, store, gone)
  const before = new Map((await readPatterns(db, store.id)).map((it) => [it.id, it]))
  const patterns: Pattern[] = []
  for (const [id, pattern] of known) {
    const { status, watch, e } = pattern
    const finding = findings.get(id)!
    const was = before.get(id)
    const is_quoted =
      was !== undefined &&
      !was.sightings.some((it) => gone.has(it.session_id)) &&
      JSON.stringify(was.sightings) === JSON.stringify(pattern.sightings)
    const quotes = is_quoted ? was.evidence : await evidenceFor(db, finding)
    const is_retired = was?.status === 'retired'
    patterns.push({
      ...lessonOf(await worded(db, finding, gone), store.agent, quotes),
      status: is_retired ? 'retired' : status,
      e,
      watch,
    })
  }
  return patterns
}

/** Where every pattern stands after the last night, as yet without quotes, and the finding that it was last told by. */
async function throughTheNights(
  db: Database,
  { id, agent }: MemoryStore,
  gone: Set<string>,
): Promise<{ known: Map<string, Pattern>; findings: Map<string, Finding> }> {
  const rows = await worthMining(db, id, MIN_SUPPORT)
  const tally: Tally = new Map()
  let known = new Map<string, Pattern>()
  const findings = new Map<string, Finding>()
  for (const dream_id of await nightsOf(db, id)) {
    const sessions = await sessionsOfNight(db, id, dream_id)
    const counted = sessions.filter((it) => !gone.has(it.id)).map(countedAgain)
    if (counted.length === 0) continue
    const isFirstLook = firstLooks(tally)
    const touched = only(rows, tallyOf(counted))
    mergeTallies(tally, touched)
    const { found, others } = await judge({ agent, counted, touched, tally, isFirstLook }, [
      ...known.values(),
    ])
    known = new Map([...known].filter(([, it]) => it.status !== 'candidate'))
    for (const it of others) known.set(it.id, it)
    for (const [it, standing] of found) {
      // What it shows of the counts goes on being counted.
      const finding = structuredClone(it)
      const pattern = { ...lessonOf(finding, agent, []), ...standing }
      known.set(pattern.id, pattern)
      findings.set(pattern.id, finding)
    }
  }
  return { known, findings }
}

/** A session as the night counted it. */
export function countedAgain(session: DreamedSession): Counted {
  return {
    session_id: session.id,
    cell: cellOf(session),
    person: session.person,
    at: session.started_at,
    observations: [...JSON.parse(session.observations), ...JSON.parse(session.seen_by_model ?? '[]')],
    told: session.told === null ? [] : JSON.parse(session.told),
  }
}

/** The rows that can become a pattern; most of a large tally never do. */
function only(rows: Set<string>, tally: Tally): Tally {
  for (const key of tally.keys()) if (!rows.has(key)) tally.delete(key)
  return tally
}
