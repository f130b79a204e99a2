/**
 * Reading: what a language model sees in new sessions, and counts cannot.
 *
 * One question a session that has something to read. What is answered is checked and stored as it comes, a few sessions at a time, so a
 * dream that is killed goes on where it was. A session that was not read stays new: a later dream reads it.
 */
import { observeClaims } from './2-review/claim-channel.ts'
import {
  claimsIn,
  observeVerdict,
  REVIEW_PROMPT,
  type ReviewQuestion,
  reviewQuestion,
} from './2-review/model-review.ts'
import type { Verdict } from './2-review/rubric.ts'
import type { Database } from './db/database.ts'
import { type ModelReview, readModelReviews, storeModelReviews } from './db/model-reviews.ts'
import { type NewSession, readSession } from './db/sessions.ts'
import type { Claim, Dropped, NewClaim } from './domain/claim.ts'
import { EngineError } from './domain/error.ts'
import type { Copied, Observation } from './domain/review.ts'
import type { Spending } from './domain/spending.ts'
import { groupClaims } from './group-claims.ts'
import type { ModelAtHand } from './model/at-hand.ts'
import type { Answered, Model } from './model/model.ts'
import { ModelError } from './model/model-error.ts'

/** So often a session is tried, a dream each; then it is counted without the model. */
const MOST_ATTEMPTS = 3

/**
 * So many are read, compared and stored together, or as many as a provider stands at once where those are more: so what is asked, and what comes
 * of it, seldom depends on the provider.
 */
const AT_ONCE = 16

export type Read = {
  /** What the model saw in each session that it has read; nothing in those that had nothing to read. */
  seen: Map<string, Observation[]>
  /** Sessions that were not read, each with why. They stay new. */
  waiting: Map<string, string>
  notes: string[]
}

/** What reading needs of the dream that it is part of. */
export type Pace = {
  now: () => Date
  progress: (done: number, total: number) => void
  /** Keeps the dream alive while the work takes its time, and stops the work where the dream is stopped. */
  during: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Told once, before the first question is asked. */
  planned: (planned: Spending['planned']) => Promise<void>
  /** Sessions whose transcripts are not read any more. */
  unread: Set<string>
  /** Reckon what it would cost, and ask nothing. */
  dry_run: boolean
}

/**
 * `reviews` has what was observed in each session. Throws `model_error` where there was something to read and not one session could be read.
 */
export async function readSessions(
  db: Database,
  sessions: NewSession[],
  reviews: Map<string, Observation[]>,
  { model, meter }: ModelAtHand,
  pace: Pace,
): Promise<Read> {
  const ids = sessions.map((it) => it.id)
  const known = await readModelReviews(db, ids, REVIEW_PROMPT)
  const attempts = (id: string) => known.get(id)?.attempts ?? 0
  const isRead = (id: string) =>
    known.has(id) && (known.get(id)!.status !== 'unusable' || attempts(id) >= MOST_ATTEMPTS)
  const open = sessions.filter((it) => !isRead(it.id) && !pace.unread.has(it.id))
  for (const row of open) {
    const question = await questionOn(db, row, reviews)
    if (question !== null) meter.plan(question)
    await pace.during(async () => {})
  }
  await pace.planned(meter.spending().planned)
  const waiting = new Map<string, string>()
  if (pace.dry_run) return { seen: seenIn(known), waiting, notes: DRY_RUN }

  const at_once = Math.max(AT_ONCE, model.width)
  for (let from = 0; from < open.length; from += at_once) {
    pace.progress(from, open.length)
    const rows = open.slice(from, from + at_once)
    const tried = await pace.during((signal) =>
      Promise.all(rows.map((row) => readOne(db, row, reviews, { model, meter }, signal))),
    )
    const { reviewed, waits } = await grouped(db, tried, { model, attempts, pace })
    for (const [id, why] of waits) waiting.set(id, why)
    for (const { review } of await db.transaction().execute((tx) => storeModelReviews(tx, reviewed))) {
      known.set(review.session_id, review)
      if (!isRead(review.session_id)) waiting.set(review.session_id, review.reason!)
    }
  }
  const was_asked = meter.spending().planned.calls > 0
  const was_read = [...known.values()].some((it) => it.status === 'read')
  if (was_asked && waiting.size > 0 && !was_read) throw nothingRead(model.name, waiting)
  return { seen: seenIn(known), waiting, notes: notesOn(known, waiting) }
}

/** Null where there is nothing to read, or no transcript any more. */
async function questionOn(
  db: Database,
  row: NewSession,
  reviews: Map<string, Observation[]>,
): Promise<ReviewQuestion | null> {
  const session = await readSession(db, row.id)
  return session === undefined ? null : reviewQuestion(session, reviews.get(row.id) ?? [], copiedOf(row))
}

function copiedOf({ copied }: NewSession): Copied | null {
  return copied === null ? null : JSON.parse(copied)
}

type Tried = { row: NewSession } & (
  | { waits: string }
  | { unusable: string }
  | { has: 'nothing to read' }
  | { claims: NewClaim[]; verdict: Verdict | null; dropped: Dropped[]; left_out: string[] }
)

/** While an answer is waited for, perhaps through a night, only the question is held: so many sessions at once may be large. */
async function readOne(
  db: Database,
  row: NewSession,
  reviews: Map<string, Observation[]>,
  { model, meter }: Pick<ModelAtHand, 'model' | 'meter'>,
  signal: AbortSignal,
): Promise<Tried> {
  const question = await questionOn(db, row, reviews)
  if (question === null) return { row, has: 'nothing to read' }
  const stopped = meter.stopped()
  if (stopped !== null) return { row, waits: stopped }
  try {
    const { value } = await twice(() => model.ask(question, signal))
    const session = await readSession(db, row.id)
    // Its transcript was removed while it was asked about.
    if (session === undefined) return { row, has: 'nothing to read' }
    return { row, ...claimsIn(session, question, value), left_out: question.left_out }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return error.kind === 'unusable' ? { row, unusable: error.message } : { row, waits: error.message }
  }
}

/** An answer that is of no use is asked for once more. */
async function twice<T>(ask: () => Promise<Answered<T>>): Promise<Answered<T>> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ModelError && error.kind === 'unusable') return ask()
    throw error
  }
}

type Reviewed = { review: ModelReview; claims: Claim[] }

/**
 * What is to be stored, and which sessions wait, with why. The claims find the others that say the same; where the model is gone when it comes to
 * that, what it was asked before is known the next time.
 */
async function grouped(
  db: Database,
  tried: Tried[],
  { model, attempts, pace }: { model: Model; attempts: (id: string) => number; pace: Pace },
): Promise<{ reviewed: Reviewed[]; waits: Map<string, string> }> {
  const waits = new Map(tried.flatMap((it) => ('waits' in it ? [[it.row.id, it.waits] as const] : [])))
  const answered = tried.filter((it) => 'claims' in it)
  const said = answered.flatMap(({ row, claims }) =>
    claims.map((it) => ({ ...it, session_id: row.id, agent: row.agent })),
  )
  let claims: Claim[] = []
  try {
    claims = await pace.during((signal) => groupClaims(db, model.ask, said, signal))
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    for (const { row, claims } of answered) if (claims.length > 0) waits.set(row.id, error.message)
  }
  const of = Map.groupBy(claims, (it) => it.session_id)
  const reviewed: Reviewed[] = []
  for (const it of tried) {
    const { id } = it.row
    if ('waits' in it || waits.has(id)) continue
    const its = of.get(id) ?? []
    const asked = { session_id: id, prompt: REVIEW_PROMPT, model: model.name, attempts: attempts(id) + 1 }
    const review = { ...asked, ...(await foundIn(db, it, its)), read_at: pace.now().toISOString() }
    reviewed.push({ review, claims: review.status === 'read' ? its : [] })
  }
  return { reviewed, waits }
}

type Found = Pick<ModelReview, 'status' | 'reason' | 'dropped' | 'left_out' | 'observations'>

async function foundIn(db: Database, it: Exclude<Tried, { waits: string }>, claims: Claim[]): Promise<Found> {
  const nothing = { reason: null, dropped: [], left_out: [], observations: [] }
  if ('unusable' in it) return { ...nothing, status: 'unusable', reason: it.unusable }
  if ('has' in it) return { ...nothing, status: 'nothing_to_read' }
  const session = await readSession(db, it.row.id)
  if (session === undefined) return { ...nothing, status: 'nothing_to_read' }
  const { row, verdict, dropped, left_out } = it
  const observations = [...observeClaims(session, claims, copiedOf(row)), ...observeVerdict(session, verdict)]
  return { status: 'read', reason: null, dropped, left_out, observations }
}

function seenIn(known: Map<string, ModelReview>): Map<string, Observation[]> {
  return new Map([...known].filter(([, it]) => it.status === 'read').map(([id, it]) => [id, it.observations]))
}

function nothingRead(model: string, waiting: Map<string, string>): EngineError {
  const [why] = [...waiting.values()]
  const what = waiting.size === 1 ? 'the one new session' : `any of the ${waiting.size} new sessions`
  return new EngineError('model_error', `${model} could not read ${what}: ${why}`, {
    hint: 'nothing was written and new sessions stay new: dream again when that is mended, or with --model none',
  })
}

const DRY_RUN = [
  'Nothing was asked of the model: this only shows what it would cost, and what the counts say without it.',
]

/** Of all that is counted tonight, whenever it was read. */
function notesOn(known: Map<string, ModelReview>, waiting: Map<string, string>): string[] {
  const mine = [...known.values()]
  const dropped = mine.flatMap((it) => it.dropped)
  const given_up = mine.filter((it) => it.status === 'unusable' && !waiting.has(it.session_id))
  return [
    ...whyTheyWait([...waiting.values()]).map(
      ([why, n]) => `${sessionsAre(n)} not read and will be by the next dream: ${why}.`,
    ),
    ...[...countsOf(given_up.map((it) => it.reason!))].map(
      ([why, n]) =>
        `${sessionsAre(n)} counted without the model, after ${MOST_ATTEMPTS} dreams in which its answer was of no use: ${why}.`,
    ),
    ...[...countsOf(dropped.filter((it) => it.what !== 'grade').map((it) => it.reason))].map(([why, n]) =>
      n === 1
        ? `1 claim of the model was not believed: ${why}.`
        : `${n} claims of the model were not believed, of each: ${why}.`,
    ),
    ...[...countsOf(dropped.filter((it) => it.what === 'grade').map((it) => it.reason))].map(
      ([why, n]) => `${sessionsAre(n)} not graded by the model: ${why}.`,
    ),
  ]
}

/** So many reasons are told; of a recording that does not fit, each session has one of its own. */
const REASONS_TOLD = 5

/** Each with how many sessions wait for it; of very many the most frequent ones, and how many wait for others. */
function whyTheyWait(reasons: string[]): [why: string, sessions: number][] {
  const counts = [...countsOf(reasons)]
  if (counts.length <= REASONS_TOLD) return counts
  const others = counts.sort(([, a], [, b]) => b - a).splice(REASONS_TOLD - 1)
  const waiting = others.reduce((sum, [, n]) => sum + n, 0)
  return [...counts, [`for ${others.length} more reasons of this kind`, waiting]]
}

function sessionsAre(n: number): string {
  return n === 1 ? '1 session was' : `${n} sessions were`
}

function countsOf(reasons: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const it of reasons) counts.set(it, (counts.get(it) ?? 0) + 1)
  return counts
}
