/**
 * Sessions of a harness that tells us when they begin and when they have ended: a session is given what was learned before, and what has
 * ended is stored, and dreamed over, so that somebody who works alone has to start nothing by hand.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseJson } from '../1-ingest/json.ts'
import { projectAgent } from '../1-ingest/project-agent.ts'
import { countWaiting } from '../db/changes.ts'
import { listDreams } from '../db/dreams.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import { findSession, listSessions } from '../db/sessions.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor } from '../domain/memory.ts'
import type { DreamReport } from '../dream.ts'
import type { IngestReport } from '../ingest.ts'
import type { Opened } from './opened.ts'
import { type Recalled, recallsOf } from './recalls.ts'
import type { IngestChoice } from './sessions.ts'

/** As the harness tells of it. A path may lead to nothing yet. */
export type HarnessSession = { session_id: string; transcript_path: string | null; folder: string | null }

export type SessionBegun = {
  /** The agent that the session will be found under once it is stored. */
  agent: string
  /** What it is given. Null where nobody has heard of the agent before: nothing is written down then. */
  recalled: Recalled | null
  /** What the last dream of the agent's memory store has left for a person to decide; null where nothing waits. */
  waiting: { dream_id: string; changes: number } | null
}

/** The least time between two dreams that nobody asked for: a day, less what an evening is earlier than the last. */
const DREAM_AFTER_MS = 20 * 3_600_000

export function harnessSessionsOf(opened: Opened) {
  return {
    /** Recalls for a session of Claude Code that begins, or goes on: then it is held back what it was held back before. */
    async sessionBegins(
      { session_id, transcript_path, folder }: HarnessSession,
      { budget_tokens }: { budget_tokens: number },
      as: Actor,
    ): Promise<SessionBegun> {
      const began_in = transcript_path === null ? null : firstFolder(transcript_path)
      const agent = projectAgent('claude-code', began_in ?? folder)
      const recalled = await recallsOf(opened)
        .recall({ agent, session: session_id, budget_tokens }, as)
        .catch(nothingFound)
      return { agent, recalled, waiting: await waiting(opened, recalled?.memory_store_id ?? null) }
    },

    /**
     * Stores what these transcripts hold, and of the same projects a few that were missed: written last, and not stored, because nobody
     * told of their end. What cannot be read is in the report.
     */
    async storeEnded(transcript_paths: string[], how: IngestChoice = {}): Promise<IngestReport> {
      const missed: string[] = []
      for (const folder of new Set(transcript_paths.map((it) => dirname(it))))
        missed.push(...(await missedTranscripts(opened, folder)))
      const { sessionsOf } = await import('./sessions.ts')
      const files = [...new Set([...missed, ...transcript_paths])].flatMap(filesOf)
      return sessionsOf(opened).ingest(files, { ...how, harness: 'claude-code' })
    },

    /**
     * Dreams for the agents of these transcripts, where it is time: their last dream is a day ago, and there are sessions that came
     * after it. Throws as a dream does.
     */
    async dreamWhereDue(transcript_paths: string[]): Promise<DreamReport[]> {
      const { dreamsOf } = await import('./dreams.ts')
      const reports: DreamReport[] = []
      for (const agent of await agentsOf(opened, transcript_paths))
        if (await isDue(opened, agent)) reports.push(...(await dreamsOf(opened).dream({ agent })))
      return reports
    },
  }
}

/** An agent without sessions has learned nothing. */
function nothingFound(error: unknown): null {
  if (error instanceof EngineError && error.type === 'not_found_error') return null
  throw error
}

async function waiting({ db }: Opened, memory_store_id: string | null): Promise<SessionBegun['waiting']> {
  if (memory_store_id === null) return null
  const { undecided } = await countWaiting(db, memory_store_id)
  if (undecided === 0) return null
  const [dream] = await listDreams(db, { memory_store_id, limit: 1 })
  return dream ? { dream_id: dream.id, changes: undecided } : null
}

async function agentsOf({ db }: Opened, transcript_paths: string[]): Promise<Set<string>> {
  const agents = new Set<string>()
  for (const path of transcript_paths) {
    const found = await findSession(db, idOf(path))
    if (found) agents.add(found.agent)
  }
  return agents
}

async function isDue({ db, now }: Opened, agent: string): Promise<boolean> {
  const store = await findMemoryStore(db, agent)
  const [dream] = store ? await listDreams(db, { memory_store_id: store.id, limit: 1 }) : []
  // One that failed is tried again with the next session.
  if (!dream || dream.status === 'failed') return true
  const [newest] = await listSessions(db, { agent, limit: 1 })
  const is_old = now().getTime() - Date.parse(dream.created_at) > DREAM_AFTER_MS
  return is_old && newest !== undefined && newest.ingested_at > dream.created_at
}

/** Where the session began, by the first line that says so. A session that is new has none yet. */
function firstFolder(transcript_path: string): string | null {
  for (const line of beginning(transcript_path).split('\n').slice(0, -1)) {
    const { cwd } = (line.includes('"cwd"') && parseJson(line)) as { cwd?: unknown }
    if (typeof cwd === 'string') return cwd
  }
  return null
}

const BEGINNING_BYTES = 256 * 1024

/** An empty text where there is nothing to read: what cannot be read now is reported when it is ingested. */
function beginning(path: string): string {
  try {
    if (!statSync(path).isFile()) return ''
    const file = openSync(path, 'r')
    const bytes = Buffer.alloc(BEGINNING_BYTES)
    const read = readSync(file, bytes)
    closeSync(file)
    return bytes.toString('utf8', 0, read)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return ''
  }
}

const AN_HOUR_MS = 3_600_000
const LONG_AGO_MS = 30 * 24 * AN_HOUR_MS
const MISSED_AT_MOST = 20

/** The oldest first. One that was written within the hour may be of a session that goes on; of old ones a person decides. */
async function missedTranscripts({ db, now }: Opened, folder: string): Promise<string[]> {
  const missed: string[] = []
  for (const path of newestFirst(folder, now().getTime())) {
    if (missed.length === MISSED_AT_MOST) break
    if (!(await findSession(db, idOf(path)))) missed.push(path)
  }
  return missed.reverse()
}

function newestFirst(folder: string, now_ms: number): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((it) => it.isFile() && it.name.endsWith('.jsonl'))
    .map((it) => join(folder, it.name))
    .map((path) => ({ path, age_ms: now_ms - statSync(path).mtimeMs }))
    .filter(({ age_ms }) => age_ms > AN_HOUR_MS && age_ms < LONG_AGO_MS)
    .sort((a, b) => a.age_ms - b.age_ms)
    .map(({ path }) => path)
}

/** A transcript, and in the folder of its name those of its subagents. */
function filesOf(transcript_path: string): string[] {
  const folder = join(dirname(transcript_path), idOf(transcript_path))
  return existsSync(folder) ? [transcript_path, folder] : [transcript_path]
}

/** Claude Code calls a transcript by its session. */
function idOf(transcript_path: string): string {
  return basename(transcript_path, '.jsonl')
}
