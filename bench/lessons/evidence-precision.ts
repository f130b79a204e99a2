/** Evidence precision: do the calls that a lesson shows as mistakes really not belong to the solution of their task? */
import { readFileSync } from 'node:fs'
import { callsOf } from '../../src/2-review/call.ts'
import { reviewSession } from '../../src/2-review/review.ts'
import { claimOf } from '../../src/3-mine/expectation.ts'
import { actionOf, type Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { withoutRepetition } from '../../src/3-mine/repetition.ts'
import { tallyOf } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import { recordings, type Section, skipped } from './section.ts'
import { counted, type Recorded, verifiedRecordings } from './whole-sessions.ts'

const NAME = 'evidence precision'

const ABOUT = [
  'Share of the write calls that lessons show as mistakes which are not among the reference actions of their task, by name and arguments.',
  'Lessons: those of the call and repair channels that would be told, mined from all sessions; the reference actions are read only here, after mining.',
  'Calls: the failed calls that a lesson was sighted at (at most eight of each kind), of tools that write; a reference list says nothing of needless reading.',
  'A tool writes unless its name begins with a verb of reading or talking (get, find, list, search, calculate, transfer ...).',
  'For comparison: all write calls, and all that failed.',
].join(' ')

const LIMIT = 0.81

export async function evidencePrecision(): Promise<Section> {
  const folder = recordings()
  if (folder === null) return skipped(NAME, 'the data folder is missing')
  const all = (await verifiedRecordings(folder)).map((it) => ({ ...it, solutions: solutionsIn(it.path) }))
  const used = all.filter(({ solutions }) => solutions.size > 0)
  if (used.length === 0) return skipped(NAME, `no recording in ${folder} has reference actions`)

  const rows: Section['rows'] = []
  const told = new Share()
  for (const recording of used) {
    const { evidence, writes, failed } = measured(recording)
    for (const { lesson, share } of evidence) {
      rows.push({ recording: recording.name, calls: `shown by: ${lesson}`, ...share.row() })
      told.addAll(share)
    }
    rows.push({ recording: recording.name, calls: 'all write calls', ...writes.row() })
    rows.push({ recording: recording.name, calls: 'write calls that failed', ...failed.row() })
  }
  rows.push({ recording: 'all', calls: 'shown by lessons', ...told.row() })
  const bars: Section['bars'] = [
    {
      name: 'write calls shown as mistakes that are not in the solution',
      value: told.value(),
      limit: LIMIT,
      is: 'at least',
    },
  ]
  return { name: NAME, about: ABOUT, rows, bars, skipped: null }
}

type WithSolutions = Recorded & { solutions: Map<string, Set<string>> }

function measured({ sessions, solutions }: WithSolutions) {
  const observed = sessions.map((session) => ({ session, observations: reviewSession(session) }))
  const tally = tallyOf(observed.map((it) => counted(it.session, it.observations)))
  const published = mine(tally).findings.filter((it) => it.published)
  const told = published.map((it) => ({ claim: claimOf(it), effect: it.effect }))
  const findings = withoutRepetition(published, told, tally)
  const by_id = new Map(observed.map((it) => [it.session.id, it]))
  const calls = new Map(sessions.map((it) => [it.id, writeCallsOf(it, solutions)]))

  const lessons = findings.filter((it) => it.channel === 'call' || it.channel === 'repair')
  const evidence = lessons.flatMap((finding) => {
    const share = new Share()
    for (const { session_id, event } of finding.sightings) {
      if (!lacksWhatItSays(finding, by_id.get(session_id)!.observations)) continue
      const call = calls.get(session_id)!.find((it) => it.answered_at === event)
      if (call) share.add(!call.in_solution)
    }
    return share.n === 0 ? [] : [{ lesson: `${finding.kind} ${actionOf(finding)}`, share }]
  })

  const [writes, failed] = [new Share(), new Share()]
  for (const call of [...calls.values()].flat()) {
    writes.add(!call.in_solution)
    if (call.failed) failed.add(!call.in_solution)
  }
  return { evidence, writes, failed }
}

/** Of a lesson about something missing only the sessions are shown in which it was missing. */
function lacksWhatItSays(
  { lacks, context }: Finding,
  observations: ReturnType<typeof reviewSession>,
): boolean {
  return lacks === null || observations.some((it) => it.context === context && !(lacks in it.traits))
}

type WriteCall = { answered_at: number; failed: boolean; in_solution: boolean }

const READS =
  /^(?:get|find|list|search|look|lookup|read|view|show|check|calculate|think|transfer|open|inspect|fetch|query|finish)(?:[_-]|$)/i

function writeCallsOf(session: Session, solutions: Map<string, Set<string>>): WriteCall[] {
  const solution = solutions.get(session.external_session_id)
  if (!solution) return []
  return callsOf(session.events)
    .filter((it) => it.judged && !READS.test(it.tool))
    .map((it) => ({
      answered_at: it.answered_at,
      failed: it.fault !== null,
      in_solution: solution.has(keyOf(it.tool, it.input)),
    }))
}

/** Session -> the reference actions of its task. */
function solutionsIn(path: string): Map<string, Set<string>> {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return new Map(
    lines
      .map(
        (it) =>
          JSON.parse(it) as { id: string; gold_actions?: { name: string; args: Record<string, unknown> }[] },
      )
      .filter((it) => it.gold_actions)
      .map(({ id, gold_actions }) => [id, new Set(gold_actions!.map((it) => keyOf(it.name, it.args)))]),
  )
}

function keyOf(name: string, input: Record<string, unknown>): string {
  return JSON.stringify([name, Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1))])
}

class Share {
  private k = 0
  n = 0

  add(counts: boolean): void {
    this.n++
    if (counts) this.k++
  }

  addAll(other: Share): void {
    this.n += other.n
    this.k += other.k
  }

  value(): number {
    return this.n === 0 ? 0 : this.k / this.n
  }

  row() {
    return { 'not in the solution': this.k, of: this.n, share: Math.round(100 * this.value()) / 100 }
  }
}
