/**
 * Recordings: files of recorded sessions in; out comes what the miner would see of them.
 *
 * They go the way of every session: ingested into a database in memory (parsed, redacted, copies found by content),
 * reviewed, and put in cells as a dream does it. A reference solution that stands in a recording is passed over by
 * the parser, so nothing that is measured here has seen one.
 */
import { createReadStream, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isSteps } from '../../src/1-ingest/steps.ts'
import { REVIEWER } from '../../src/2-review/review.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Counted } from '../../src/3-mine/tally.ts'
import { openDatabase } from '../../src/db/database.ts'
import { listAgents, readReviews, undreamed } from '../../src/db/sessions.ts'
import { ingest } from '../../src/ingest.ts'
import { recordings } from './section.ts'

/** The sessions of one agent in one file. */
export type Recording = { name: string; agent: string; sessions: Recorded[]; copies: Copies }

/** A session as the miner sees it, and what else a prediction could be made from. */
export type Recorded = Counted & { task: string | null; title: string; steps: number; tool_errors: number }

/** What of a file was told before: sessions that are wholly copies, and sessions that begin as one. */
export type Copies = { whole: number; begun: number }

/** The files of a folder that hold sessions in the steps format. */
export async function recordedFiles(folder: string): Promise<string[]> {
  const paths = readdirSync(folder)
    .filter((it) => it.endsWith('.jsonl'))
    .sort()
    .map((it) => join(folder, it))
  const found = await Promise.all(paths.map(async (it) => ((await holdsSteps(it)) ? it : null)))
  return found.filter((it) => it !== null)
}

/** All recordings of the data folder; none when it is not on this machine. */
export async function allRecordings(): Promise<Recording[]> {
  const folder = recordings()
  const files = folder === null ? [] : await recordedFiles(folder)
  return (await Promise.all(files.map((it) => readRecordings(it)))).flat()
}

/** One recording for each agent of the file, the sessions in order of their ids. */
export async function readRecordings(path: string): Promise<Recording[]> {
  const db = openDatabase(':memory:')
  try {
    const report = await ingest(
      db,
      [path],
      { harness: 'auto', agent: null },
      () => new Date(0),
      () => {},
    )
    const agents = await listAgents(db)
    const recordings: Recording[] = []
    for (const { agent } of agents) {
      const rows = await undreamed(db, 'no store', agent, null)
      const reviews = await readReviews(
        db,
        rows.map((it) => it.id),
        REVIEWER,
      )
      const sessions = rows.map((row) => ({
        session_id: row.id,
        cell: cellOf(row),
        person: row.person,
        at: row.started_at,
        observations: reviews.get(row.id)!.observations,
        task: row.task,
        title: row.title,
        steps: row.events,
        tool_errors: row.tool_errors,
      }))
      const name = basename(path, '.jsonl')
      recordings.push({
        name: agents.length === 1 ? name : `${name} ${agent}`,
        agent,
        sessions: sessions.sort((a, b) => (a.session_id < b.session_id ? -1 : 1)),
        copies: { whole: report.sessions_known, begun: rows.filter((it) => it.copied !== null).length },
      })
    }
    return recordings
  } finally {
    await db.destroy()
  }
}

/** How a session ended, as the session channel saw it; null when it saw nothing. */
export function failed(session: Counted): boolean | null {
  return session.observations.find((it) => it.channel === 'session')?.bad ?? null
}

/** The same sessions, each with only what one channel saw of it. */
export function onlyChannel<T extends Counted>(sessions: T[], channel: 'session' | 'call'): T[] {
  return sessions
    .map((it) => ({ ...it, observations: it.observations.filter((at) => at.channel === channel) }))
    .filter((it) => it.observations.length > 0)
}

async function holdsSteps(path: string): Promise<boolean> {
  const input = createReadStream(path)
  for await (const line of createInterface({ input })) {
    input.destroy()
    return isSteps(JSON.parse(line))
  }
  return false
}
