/** Repairs: does the remedy that is taught for an error fit what mended the same error in other tasks? */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { type Call, callsOf } from '../../src/2-review/call.ts'
import { attemptAfter, observeRepairs, repairContext } from '../../src/2-review/repair-channel.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { tallyOf } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import { recordings, type Section, skipped } from './section.ts'
import { counted, type Recorded, verifiedRecordings } from './whole-sessions.ts'

const NAME = 'repairs'

export async function repairs(splits: number): Promise<Section> {
  const folder = recordings()
  if (folder === null) return skipped(NAME, 'the data folder is missing')
  const read = (await verifiedRecordings(folder)).map(prepared)
  const used = read.filter((it) => it.some(({ episodes }) => episodes.length > 0))
  if (used.length === 0)
    return skipped(NAME, `no recording in ${folder} has both verified outcomes and errors`)

  const scores = used.map(() => new Score())
  const all = new Score()
  for (let split = 1; split <= splits; split++) {
    const random = seeded(split)
    const parts = used.map((it) => splitByTask(it, random))
    const habit = mostCommonFix(parts.flatMap((it) => it.train))
    parts.forEach(({ train, test }, i) => {
      const taught = remediesIn(train)
      const known = new Set(train.flatMap((it) => it.episodes.map(({ context }) => context)))
      for (const { episodes } of test)
        for (const it of episodes) for (const score of [scores[i]!, all]) score.add(it, taught, known, habit)
    })
  }
  const rows = [...used.map((it, i) => scores[i]!.row(it[0]!.recording, splits)), all.row('all', splits)]
  return { name: NAME, about: about(splits), rows, bars: all.bars(), skipped: null }
}

function about(splits: number): string {
  return [
    `Repair lessons are mined from half of the tasks of each agent and held against the errors of the other half, ${splits} random splits.`,
    'An error is an episode: it begins with a failed call and lasts until the same action succeeds, or another action that was called for the same end,',
    'fails with another error, or six calls have gone by; calls made before the error was answered are no reaction to it.',
    'What mended it is what was done between its last failure and that success. A remedy is equal to it when every part of the sentence that is taught was',
    'done just then: the call that it names succeeded in between, the person was heard, the argument that it names was changed (and, where it says so, to',
    'a value that the error names, or from the one shape to the other), the same call was made, the other action was used. "Most common fix" recommends for every error',
    'what mends most errors in the training halves of all recordings. "If followed": the first reaction to the error was the remedy.',
    'Recordings are those whose outcomes were verified. The row "all" adds up their errors, so the recording with most errors decides it.',
  ].join(' ')
}

type Prepared = { recording: string; session: Session; calls: Call[]; episodes: Episode[] }

/** What of an error was, from its first failure on. */
type Episode = {
  context: string
  /** What was done first after the error. */
  reaction: Set<string>
  /** What was done before it was mended; null when it never was. */
  fix: Set<string> | null
}

function prepared({ name, sessions }: Recorded): Prepared[] {
  return sessions.map((session) => {
    const calls = callsOf(session.events)
    return { recording: name, session, calls, episodes: episodesOf(calls, session) }
  })
}

const MAX_CALLS = 6

function episodesOf(calls: Call[], { events }: Session): Episode[] {
  const covered = new Set<number>()
  return calls.flatMap((call, first) => {
    if (!call.fault || covered.has(first)) return []
    const context = repairContext(call)
    const attempts = [attemptAfter(calls, first, events)]
    for (let last = attempts[0]!; !last.worked && last.call !== null; last = attempts.at(-1)!) {
      const again = calls[last.call]!
      if (!again.fault || repairContext(again) !== context || last.call - first >= MAX_CALLS) break
      covered.add(last.call)
      attempts.push(attemptAfter(calls, last.call, events))
    }
    const end = attempts.at(-1)!
    const is_mended = end.worked && end.call! - first <= MAX_CALLS
    const done = (of: typeof end) => new Set(Object.keys(of.traits))
    return [{ context, reaction: done(attempts[0]!), fix: is_mended ? done(end) : null }]
  })
}

function splitByTask(sessions: Prepared[], random: Random): { train: Prepared[]; test: Prepared[] } {
  const tasks = random.shuffle([...new Set(sessions.map((it) => it.session.task))].sort())
  const chosen = new Set(tasks.slice(0, Math.ceil(tasks.length / 2)))
  return {
    train: sessions.filter((it) => chosen.has(it.session.task)),
    test: sessions.filter((it) => !chosen.has(it.session.task)),
  }
}

/** Error -> the remedy that a dream over these sessions would teach. */
function remediesIn(sessions: Prepared[]): Map<string, string> {
  const tally = tallyOf(
    sessions.map(({ session, calls }) => counted(session, observeRepairs(calls, session.events))),
  )
  const taught = mine(tally).findings.filter((it) => it.kind === 'repair' && it.published)
  return new Map(taught.map((it) => [it.context, it.trait]))
}

/** What mended most errors, told as exactly as it was done. */
function mostCommonFix(sessions: Prepared[]): string | null {
  const fixes = sessions.flatMap((it) =>
    it.episodes.flatMap(({ fix }) => (fix ? (exactAccount(fix) ?? []) : [])),
  )
  const ranked = [...Map.groupBy(fixes, (it) => it)].sort((a, b) => b[1].length - a[1].length)
  return ranked[0]?.[0] ?? null
}

/** Of several true accounts of one fix the one that says most. */
function exactAccount(fix: Set<string>): string | undefined {
  const says = (it: string) => 2 * it.split(', ').length + (/(?:^|, )(?:take|give) /.test(it) ? 1 : 0)
  return [...fix].sort((a, b) => says(b) - says(a))[0]
}

class Score {
  private errors = 0
  private known = 0
  private recommended = 0
  private mended = 0
  private mended_with_remedy = 0
  private equal = 0
  private common_equal = 0
  private followed: [mended: number, n: number] = [0, 0]
  private otherwise: [mended: number, n: number] = [0, 0]

  add(
    { context, reaction, fix }: Episode,
    taught: Map<string, string>,
    known: Set<string>,
    common: string | null,
  ): void {
    const remedy = taught.get(context)
    this.errors++
    if (known.has(context)) this.known++
    if (fix) this.mended++
    if (remedy === undefined) return
    this.recommended++
    const group = reaction.has(remedy) ? this.followed : this.otherwise
    group[1]++
    if (!fix) return
    group[0]++
    this.mended_with_remedy++
    if (fix.has(remedy)) this.equal++
    if (common !== null && fix.has(common)) this.common_equal++
  }

  row(recording: string, splits: number): Section['rows'][number] {
    return {
      recording,
      'errors a split': Math.round((10 * this.errors) / splits) / 10,
      mended: share(this.mended, this.errors),
      'known error': share(this.known, this.errors),
      'remedy available': share(this.recommended, this.errors),
      'equal to the fix': share(this.equal, this.mended_with_remedy),
      'of all mended': share(this.equal, this.mended),
      'most common fix': share(this.common_equal, this.mended_with_remedy),
      'mended if followed': share(...this.followed),
      otherwise: share(...this.otherwise),
    }
  }

  bars(): Section['bars'] {
    return [
      {
        name: 'held-out errors with a remedy',
        value: this.errors === 0 ? 0 : this.recommended / this.errors,
        limit: 0.4,
        is: 'at least',
      },
      {
        name: 'remedy equal to the real fix, of those mended',
        value: this.mended_with_remedy === 0 ? 0 : this.equal / this.mended_with_remedy,
        limit: 0.62,
        is: 'at least',
      },
    ]
  }
}

function share(k: number, n: number): string {
  return n === 0 ? 'none' : (k / n).toFixed(2)
}
