/**
 * Recorded sessions with all their events: files in the steps format in, sessions by agent out, copies left out.
 *
 * A reference solution that stands in a recording is passed over by the parser, so whatever is mined from these
 * sessions has not seen one.
 */
import { basename } from 'node:path'
import { fingerprintsOf } from '../../src/1-ingest/copies.ts'
import { readTranscript } from '../../src/1-ingest/detect.ts'
import type { Transcript } from '../../src/1-ingest/transcript.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Counted } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import { recordedFiles } from './recorded.ts'

/** The sessions of one agent in one file. */
export type Recorded = { name: string; path: string; sessions: Session[] }

const MIN_TASKS = 10

/**
 * The recordings of a folder whose outcomes were verified: at least half of an agent's sessions have a verified outcome
 * and a known task, of at least ten tasks.
 */
export async function verifiedRecordings(folder: string): Promise<Recorded[]> {
  const all = (await recordedFiles(folder)).flatMap(sessionsByAgent)
  return all.filter(({ sessions }) => {
    const judged = sessions.filter((it) => it.task !== null && it.outcome.verified)
    return 2 * judged.length >= sessions.length && new Set(judged.map((it) => it.task)).size >= MIN_TASKS
  })
}

/** A session and its observations, as the miner counts them. */
export function counted(session: Session, observations: Counted['observations']): Counted {
  const { id, person, started_at } = session
  return { session_id: id, cell: cellOf({ ...session, title: '' }), person, at: started_at, observations }
}

function sessionsByAgent(path: string): Recorded[] {
  const options = { harness: 'auto', agent: null } as const
  const transcripts = [...readTranscript(path, options, () => {})].map((it) => it.transcript)
  const sessions = withoutCopies(transcripts).map(({ session }): Session => {
    return { ...session, id: `sesn_${session.external_session_id}` }
  })
  const agents = [...Map.groupBy(sessions, (it) => it.agent)]
  const file = basename(path, '.jsonl')
  return agents.map(([agent, of]) => ({
    name: agents.length === 1 ? file : `${file} ${agent}`,
    path,
    sessions: of,
  }))
}

/** Leaves out sessions that are wholly the beginning of another one. */
function withoutCopies(transcripts: Transcript[]): Transcript[] {
  const known = new Set<string>()
  const longest_first = transcripts
    .map((transcript) => ({ transcript, chain: fingerprintsOf(transcript).events.match(/.{16}/g) ?? [] }))
    .sort((a, b) => b.chain.length - a.chain.length)
  return longest_first
    .filter(({ chain }) => {
      const is_copy = chain.length === 0 || known.has(chain.at(-1)!)
      for (const link of chain) known.add(link)
      return !is_copy
    })
    .map((it) => it.transcript)
}
