/**
 * Measuring: the experiments of a memory store in, what each of them comes to tonight out.
 *
 * `measureStore` only reads, and keeps what takes a transcript to know; `storeMeasured` writes in the transaction that ends a dream. A session
 * counts where its lot was drawn before any of it was stored, by intention to treat: whether it was given what it was to be given, or
 * heeded it, makes no difference. One that was erased is no trial any more. A session that was stored in pieces is one trial.
 *
 * What people judge and what was verified are both completion here; what is suspect of it is told elsewhere.
 */
import { REVIEWER } from './2-review/review.ts'
import { cellOf, intentOf } from './3-mine/cell.ts'
import { controlShareOf } from './7-measure/control-share.ts'
import { endedBecause } from './7-measure/ending.ts'
import { liftOf, type MeasuredLift, type Trial, type ValueIn } from './7-measure/lift.ts'
import type { EndedTrial } from './7-measure/over-time.ts'
import { liftOfPairs } from './7-measure/pairs.ts'
import { recurs } from './7-measure/recurrence.ts'
import { joinedMeasures, MEASURER, measureSession } from './7-measure/session-measures.ts'
import { verdictOf } from './7-measure/verdict.ts'
import { appendAudit } from './db/audit.ts'
import type { Database, Transaction } from './db/database.ts'
import { listExperiments, updateExperiment } from './db/experiments.ts'
import { policyInForce } from './db/policies.ts'
import { readCopied, readMeasures, storeMeasures } from './db/session-measures.ts'
import { oldReview, readReviews, readSession } from './db/sessions.ts'
import {
  type Lot,
  lotsOf,
  patternsTold,
  type Recurrence,
  readRecurrences,
  recalledSessions,
  type SessionFacts,
  sessionsSince,
  storeRecurrences,
} from './db/trials.ts'
import type { AuditActor } from './domain/audit.ts'
import type { Experiment } from './domain/experiment.ts'
import type { Lift } from './domain/lift.ts'
import { effectInWords, type Sides } from './domain/lift-words.ts'
import { Metric, type SessionMeasures } from './domain/measures.ts'
import type { MemoryStore } from './domain/memory.ts'
import type { Pattern } from './domain/pattern.ts'
import type { Measuring } from './domain/policy.ts'
import type { Observation } from './domain/review.ts'

/** What one experiment comes to now. */
export type MeasuredExperiment = {
  /** As it was before. */
  experiment: Experiment
  lifts: Lift[]
  verdict: Experiment['verdict']
  control_share: number
  /** What the lifts say of completion and recurrence, in sentences; or what is missing to say anything. */
  says: string
  /** Why it ends without having said anything of its lesson, which is told no more; null where it does not. */
  moot: string | null
  /** Whether its lesson is retired for what it says. It ends then. */
  retires: boolean
}

export type MeasuredStore = {
  experiments: MeasuredExperiment[]
  /** What was looked up tonight, to be kept. */
  recurrences: Recurrence[]
}

/** Measures the experiments that run on a memory store. `patterns` are its patterns as they stand now, `changed` the ids of those that said something else before. */
export async function measureStore(
  db: Database,
  store: Pick<MemoryStore, 'id' | 'agent'>,
  patterns: Pattern[],
  changed: ReadonlySet<string>,
): Promise<MeasuredStore> {
  const running = await listExperiments(db, { memory_store_id: store.id, status: 'running' })
  if (running.length === 0) return { experiments: [], recurrences: [] }
  const { measuring } = (await policyInForce(db)).policy
  const lessons = new Map(patterns.map((it) => [it.id, it]))
  const told = await patternsTold(db, store.id)
  const recalled = await recalledIn(db, store.id)
  const reviews = new Reviews(db)
  const recurrences: Recurrence[] = []
  const experiments: MeasuredExperiment[] = []
  // One after the other: the lots of many experiments are too many to hold at once.
  for (const experiment of running) {
    const trials = await trialsOf(db, store, experiment, recalled)
    const lesson = lessons.get(experiment.pattern_id ?? '') ?? null
    // What only a model sees is not in the reviews.
    const is_seen = lesson !== null && lesson.channel !== 'model'
    const again = is_seen ? await recurrencesIn(db, experiment.id, lesson, trials, reviews) : null
    for (const it of again?.fresh ?? []) recurrences.push(it)
    const measured = measure(experiment, trials, again?.recurred ?? null)
    const id = experiment.pattern_id ?? ''
    const now = { is_told: told.has(id), is_another: changed.has(id) }
    experiments.push(standingOf(experiment, lesson, now, measured, measuring))
  }
  return { experiments, recurrences }
}

/** The sessions of one experiment, in the order in which their lots were drawn: when each began, and whether it was completed. */
export async function endedTrials(
  db: Database,
  store: Pick<MemoryStore, 'id' | 'agent'>,
  experiment: Experiment,
): Promise<EndedTrial[]> {
  const trials = await trialsOf(db, store, experiment, await recalledIn(db, store.id))
  return trials.map(({ session, ...it }) => ({
    ...it,
    at: session.pieces[0]!.at,
    completed: session.values.completion,
  }))
}

async function trialsOf(
  db: Database,
  store: Pick<MemoryStore, 'id' | 'agent'>,
  experiment: Experiment,
  recalled: Map<string, Recalled>,
): Promise<SessionTrial[]> {
  return experiment.kind === 'agent'
    ? sessionsOfAgents(db, store.agent, experiment)
    : drawn(await lotsOf(db, experiment.id), recalled)
}

/** A session, with all the pieces in which it was stored, and what it comes to. */
type WholeSession = {
  pieces: SessionFacts[]
  intent: string
  values: Record<Exclude<Metric, 'recurrence'>, number | null>
}

type SessionTrial = Trial & { session: WholeSession }

/** A recall, by its place among all, and the session that it was for. */
type Recalled = { order: number; session: WholeSession }

/** By id: the recalls that count, because they were made before any of their session was stored. */
async function recalledIn(db: Database, memory_store_id: string): Promise<Map<string, Recalled>> {
  const rows = await recalledSessions(db, memory_store_id)
  const sessions = await wholeSessions(
    db,
    Map.groupBy(rows, (it) => it.session_key),
  )
  const found = new Map<string, Recalled>()
  for (const { recall_id, recalled, recalled_at, session_key } of rows) {
    const session = sessions.get(session_key)!
    if (recalled_at <= session.pieces[0]!.ingested_at) found.set(recall_id, { order: recalled, session })
  }
  return found
}

/** In the order of the lots. A session draws once; one that goes by two names may have drawn twice, and then the first counts. */
function drawn(lots: Lot[], recalled: Map<string, Recalled>): SessionTrial[] {
  const trials: (SessionTrial & { order: number })[] = []
  for (const [recall_id, arm, control_share] of lots) {
    const it = recalled.get(recall_id)
    if (it !== undefined)
      trials.push({ order: it.order, session: it.session, intent: it.session.intent, arm, control_share })
  }
  const counted = new Set<string>()
  return trials
    .sort((a, b) => a.order - b.order)
    .filter(({ session }) => {
      const { id } = session.pieces[0]!
      return !counted.has(id) && counted.add(id)
    })
}

/** Of the two agents of an experiment, in the order in which they began. */
async function sessionsOfAgents(
  db: Database,
  agent: string,
  { control_agent, control_share, started_at }: Experiment,
): Promise<SessionTrial[]> {
  const began = await sessionsSince(db, [agent, control_agent!], started_at)
  const sessions = await wholeSessions(db, new Map(began.map((session) => [session.id, [session]])))
  return [...sessions.values()].map((session) => ({
    session,
    intent: session.intent,
    arm: session.pieces[0]!.agent === agent ? 'treatment' : 'control',
    control_share,
  }))
}

async function wholeSessions(
  db: Database,
  sessions: Map<string, SessionFacts[]>,
): Promise<Map<string, WholeSession>> {
  const whole = new Map([...sessions].map(([name, found]) => [name, distinct(found)]))
  const ids = [...whole.values()].flatMap((pieces) => pieces.map((it) => it.id))
  const measures = await measuresOf(db, [...new Set(ids)])
  return new Map(
    [...whole].map(([name, pieces]) => {
      const known = pieces.flatMap((it) => measures.get(it.id) ?? [])
      return [name, { pieces, intent: intentOf(cellOf(pieces[0]!)), values: valuesOf(known) }]
    }),
  )
}

/** A session that recalled several times is there once for each. */
function distinct(sessions: SessionFacts[]): SessionFacts[] {
  return sessions.length === 1 ? sessions : [...new Map(sessions.map((it) => [it.id, it])).values()]
}

function valuesOf(pieces: SessionMeasures[]): WholeSession['values'] {
  const joined = pieces.length === 0 ? null : joinedMeasures(pieces)
  return {
    completion: joined?.completed ?? null,
    duration_ms: joined?.duration_ms ?? null,
    edit_distance: joined?.edit_distance ?? null,
    escalation: joined === null ? null : Number(joined.escalated),
    tool_errors: joined?.tool_errors ?? null,
    tokens: joined?.tokens ?? null,
  }
}

/** Those of sessions with all their pieces, by id; missing where no piece of one could be measured. */
export async function measuresOfWork(
  db: Database,
  work: { id: string; pieces: string[] }[],
): Promise<Map<string, SessionMeasures>> {
  const measures = await measuresOf(
    db,
    work.flatMap((it) => it.pieces),
  )
  return new Map(
    work.flatMap(({ id, pieces }): [string, SessionMeasures][] => {
      const known = pieces.flatMap((it) => measures.get(it) ?? [])
      return known.length === 0 ? [] : [[id, joinedMeasures(known)]]
    }),
  )
}

/**
 * The measures of these sessions by id. Those that were not measured when they came in are measured from their transcripts, and
 * remembered; where a transcript was removed before, they are missing.
 */
export async function measuresOf(db: Database, session_ids: string[]): Promise<Map<string, SessionMeasures>> {
  const measures = await readMeasures(db, session_ids, MEASURER)
  const missing = session_ids.filter((it) => !measures.has(it))
  for (const [id, copied] of await readCopied(db, missing)) {
    const session = await readSession(db, id)
    if (session === undefined) continue
    const measured = measureSession(session, copied)
    await db.transaction().execute((tx) => storeMeasures(tx, id, MEASURER, measured))
    measures.set(id, measured)
  }
  return measures
}

/** By session. */
type Recurred = Map<string, boolean>

/** Whether what a lesson is about happened again. What was not looked up before is, in the reviews, and is `fresh`. */
async function recurrencesIn(
  db: Database,
  experiment_id: string,
  lesson: Pattern,
  trials: SessionTrial[],
  reviews: Reviews,
): Promise<{ recurred: Recurred; fresh: Recurrence[] }> {
  const recurred = await readRecurrences(db, experiment_id)
  const unknown = trials.flatMap((it) => it.session.pieces).filter((it) => !recurred.has(it.id))
  const fresh: Recurrence[] = []
  for (let i = 0; i < unknown.length; i += HELD) {
    const some = unknown.slice(i, i + HELD)
    const found = await reviews.of(some.map((it) => it.id))
    for (const { id, person } of some) {
      const again = recurs(lesson, { person, observations: found.get(id)! })
      recurred.set(id, again)
      fresh.push({ experiment_id, session_id: id, recurred: again })
    }
  }
  return { recurred, fresh }
}

/** Reviews are large: no more than those of so many sessions are held at once. */
const HELD = 500

/** What was observed in sessions; the last that were asked for are at hand, since the lessons of a night are asked of the same sessions. */
class Reviews {
  private readonly db: Database
  private held = new Map<string, Observation[]>()

  constructor(db: Database) {
    this.db = db
  }

  /** By session, of at most `HELD` sessions. */
  async of(ids: string[]): Promise<Map<string, Observation[]>> {
    const missing = ids.filter((id) => !this.held.has(id))
    if (this.held.size + missing.length > HELD)
      this.held = new Map(ids.flatMap((id) => (this.held.has(id) ? [[id, this.held.get(id)!]] : [])))
    const found = await readReviews(this.db, missing, REVIEWER)
    for (const id of missing)
      this.held.set(id, (found.get(id) ?? (await oldReview(this.db, id))).observations)
    return this.held
  }
}

function measure(
  { kind, control_share }: Experiment,
  trials: SessionTrial[],
  recurred: Recurred | null,
): Map<Metric, MeasuredLift> {
  const metrics = Metric.options.filter((it) => it !== 'recurrence' || recurred !== null)
  return new Map(
    metrics.map((metric) => {
      const valueIn: ValueIn<SessionTrial> =
        metric === 'recurrence'
          ? ({ session }) => Number(session.pieces.some((it) => recurred!.get(it.id) === true))
          : ({ session }) => session.values[metric]
      const lift =
        kind === 'agent'
          ? liftOfPairs(metric, trials, valueIn)
          : liftOf(metric, trials, valueIn, control_share)
      return [metric, lift]
    }),
  )
}

/** Where an experiment stands with these lifts. */
function standingOf(
  experiment: Experiment,
  lesson: Pattern | null,
  { is_told, is_another }: { is_told: boolean; is_another: boolean },
  measured: Map<Metric, MeasuredLift>,
  measuring: Measuring,
): MeasuredExperiment {
  const { kind } = experiment
  const completion = measured.get('completion')!
  const recurrence = measured.get('recurrence')
  const verdict = verdictOf(kind === 'lesson' ? (lesson?.tier ?? null) : null, {
    completion,
    recurrence: recurrence ?? null,
    recurs_without: recurrence?.lift.control.mean ?? null,
  })
  // What the sessions say is said of what the lesson was.
  const retires = kind === 'lesson' && !is_another && (verdict === 'harm' || verdict === 'futile')
  const { treatment, control } = completion.lift
  const known = { treatment: treatment.sessions, control: control.sessions }
  return {
    experiment,
    lifts: [...measured.values()].map((it) => it.lift),
    verdict,
    control_share: controlShareOf({ kind, verdict, ...known, measuring }),
    says: effectInWords(verdict, completion.lift, recurrence?.lift ?? null, sidesOf(experiment)),
    moot: kind === 'lesson' && !retires ? endedBecause(lesson?.status ?? null, is_told, is_another) : null,
    retires,
  }
}

/** How the sessions of both arms are called. */
function sidesOf({ kind, control_agent }: Pick<Experiment, 'kind' | 'control_agent'>): Sides {
  switch (kind) {
    case 'memory':
      return { treatment: 'with memory', control: 'without' }
    case 'lesson':
      return { treatment: 'with it', control: 'without' }
    case 'agent':
      return { treatment: 'of the agent', control: `of ${control_agent}` }
  }
}

/** The patterns with those retired that did not help. */
export function withRetired(patterns: Pattern[], { experiments }: MeasuredStore): Pattern[] {
  const retired = new Set(experiments.flatMap((it) => (it.retires ? it.experiment.pattern_id! : [])))
  return patterns.map((it) => (retired.has(it.id) ? { ...it, status: 'retired' as const } : it))
}

/** Sentences on what the night changed: a verdict that was none, or another, before. */
export function notesOnVerdicts({ experiments }: MeasuredStore, patterns: Pattern[]): string[] {
  const lessons = new Map(patterns.map((it) => [it.id, it.text]))
  return experiments
    .filter((it) => it.verdict !== it.experiment.verdict && it.moot === null)
    .map(({ experiment: { kind, pattern_id, control_agent }, verdict, says }) => {
      const what = {
        memory: 'the memory as a whole.',
        lesson: lessons.get(pattern_id ?? '') ?? '',
        agent: `memory, against ${control_agent}.`,
      }[kind]
      return `${HEADS[kind === 'lesson' ? 'lesson' : 'other'][verdict ?? 'none']}: ${what} ${says}`
    })
}

const HEADS = {
  lesson: { keep: 'Helps', harm: 'Retired', futile: 'Retired', none: 'No longer sure to help' },
  other: { keep: 'Helps', harm: 'Does harm', futile: 'Does not help', none: 'No longer sure' },
}

/** Writes what was measured: lifts, verdicts and shares; ends what is over. An experiment that ended meanwhile stays as it is. */
export async function storeMeasured(
  tx: Transaction,
  { experiments, recurrences }: MeasuredStore,
  { at, actor }: { at: string; actor: AuditActor },
): Promise<void> {
  if (experiments.length === 0) return
  await storeRecurrences(tx, recurrences)
  const { memory_store_id } = experiments[0]!.experiment
  const running = await listExperiments(tx, { memory_store_id, status: 'running' })
  const still = new Set(running.map((it) => it.id))
  const entry = { at, actor, before_sha256: null, after_sha256: null }
  for (const { experiment, lifts, verdict, control_share, says, moot, retires } of experiments) {
    const { id, pattern_id } = experiment
    if (!still.has(id)) continue
    const why = retires ? WHY[verdict!] : moot
    const end = why === null ? {} : ({ status: 'ended', ended_at: at } as const)
    const measured = { lifts, verdict, control_share, reason: moot ?? says, measured_at: at }
    await updateExperiment(tx, id, { ...measured, ...end })
    if (why === null) continue
    const ended = { ...entry, action: 'experiment.ended', object: id, reason: why } as const
    const retired = { ...entry, action: 'lesson.retired', object: pattern_id!, reason: why } as const
    await appendAudit(tx, ...(retires ? [retired, ended] : [ended]))
  }
}

const WHY = {
  keep: 'it helps',
  harm: 'sessions that were to be given it complete less often',
  futile: 'sessions that were to be given it do no better',
}
