/** Prediction: how well lessons, and the risk model, tell sessions that fail from others, on tasks that they have not seen. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { intentOf } from '../../src/3-mine/cell.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { fitRisk, type RiskRecord, riskOf } from '../../src/3-mine/risk.ts'
import { MIN_OUTCOMES } from '../../src/3-mine/session-lessons.ts'
import { tallyOf } from '../../src/3-mine/tally.ts'
import { rowKey } from '../../src/domain/tally.ts'
import { allRecordings, failed, onlyChannel, type Recorded } from './recorded.ts'
import { recordings, type Section, skipped } from './section.ts'

const FOLDS = 5
const FOLDINGS = 4
const RESAMPLES = 500
/** With fewer of one kind, an interval says nothing. */
const MIN_OF_EACH = 20

/** Scores a session that was not learned from: the higher, the likelier to fail. */
type Predictor = (session: Recorded) => number

const PREDICTORS: Record<string, (learned_from: Recorded[]) => Predictor> = {
  'risk model': riskModel,
  lessons: lessonScore,
  'tool errors': () => (it) => it.tool_errors,
  steps: () => (it) => it.steps,
  'task base rate': taskBaseRate,
}

const SPLITS = [
  { name: 'other tasks', partOf: taskOf },
  { name: 'other runs of the same tasks', partOf: (it: Recorded) => it.session_id },
]

export async function prediction(): Promise<Section> {
  if (recordings() === null) return skipped('prediction', 'the data folder is missing')
  const judged = (await allRecordings())
    .map(({ name, sessions }) => ({ name, sessions: onlyChannel(sessions, 'session') }))
    .filter(({ sessions }) => {
      const bad = sessions.filter(failed).length
      return Math.min(bad, sessions.length - bad) >= MIN_OF_EACH
    })
  return {
    name: 'prediction',
    about: [
      `AUC of the failure of sessions that were not learned from, with its 95 % interval (${RESAMPLES} bootstrap resamples of tasks, not of sessions); 0.5 is chance. ${FOLDS} folds,`,
      `drawn ${FOLDINGS} times; sessions are compared inside a fold. "Other tasks": no session of the task was learned from, so its base rate is not known. Lessons: the sum of the log odds of those that a session`,
      `shows, candidates among them; there are none where fewer than ${MIN_OUTCOMES} outcomes were learned from. The risk model is for a person to see where to look; it is no lesson.`,
    ].join(' '),
    rows: judged.flatMap((recording) => SPLITS.map(({ name, partOf }) => rowOf(recording, name, partOf))),
    bars: [],
    skipped: null,
  }
}

function rowOf(
  { name, sessions }: { name: string; sessions: Recorded[] },
  split: string,
  partOf: (it: Recorded) => string,
) {
  const bad = sessions.map((it) => failed(it)!)
  const foldings = Array.from({ length: FOLDINGS }, (_, i) => foldsOf(sessions.map(partOf), seeded(i + 1)))
  const samples = resamples(sessions.map(taskOf), seeded(1))
  const aucs = Object.entries(PREDICTORS).map(([predictor, learn]) => {
    const scored = foldings.map((folds) => ({ folds, scores: scoresOf(sessions, folds, learn) }))
    const auc = (times?: number[]) =>
      share(scored.map(({ scores, folds }) => rankedPairs(scores, bad, folds, times)).reduce(sumOfPairs))
    const drawn = samples.map(auc).sort((a, b) => a - b)
    const [low, high] = [0.025, 0.975].map((it) => drawn[Math.floor(it * drawn.length)]!)
    return [predictor, `${two(auc())} [${two(low!)}, ${two(high!)}]`]
  })
  return {
    recording: name,
    'learned from': split,
    sessions: sessions.length,
    failed: bad.filter(Boolean).length,
    ...Object.fromEntries(aucs),
  }
}

/** The fold of each session; a part is never divided among folds. */
function foldsOf(parts: string[], random: Random): number[] {
  const all = random.shuffle([...new Set(parts)].sort())
  const fold = new Map(all.map((it, i) => [it, i % FOLDS]))
  return parts.map((it) => fold.get(it)!)
}

/** The score of each session by a predictor that learned from the other folds. */
function scoresOf(
  sessions: Recorded[],
  folds: number[],
  learn: (learned_from: Recorded[]) => Predictor,
): number[] {
  const predictors = Array.from({ length: FOLDS }, (_, fold) =>
    learn(sessions.filter((_, i) => folds[i] !== fold)),
  )
  return sessions.map((it, i) => predictors[folds[i]!]!(it))
}

function riskModel(learned_from: Recorded[]): Predictor {
  const model = fitRisk(learned_from.map(recordOf))
  return (it) => riskOf(model, recordOf(it))
}

function recordOf(session: Recorded): RiskRecord {
  const keys = session.observations.flatMap(({ context, traits }) =>
    Object.keys(traits).map((it) => rowKey(context, it)),
  )
  return {
    cell: session.cell,
    count: [failed(session) ? 1 : 0, 1],
    traits: new Map(keys.map((it) => [it, 1])),
  }
}

function lessonScore(learned_from: Recorded[]): Predictor {
  const lessons = mine(tallyOf(learned_from)).findings.filter((it) => it.tier === 'verified')
  const shows = (session: Recorded, { context, trait }: Finding) =>
    session.observations.some((it) => it.context === context && trait in it.traits)
  return (session) =>
    lessons.reduce((sum, it) => sum + (shows(session, it) ? Math.log(it.effect.odds_ratio ?? 1) : 0), 0)
}

/** The failure rate of the task, drawn to that of all as by two sessions more; of an unseen task, that of all. */
function taskBaseRate(learned_from: Recorded[]): Predictor {
  const overall = learned_from.filter(failed).length / learned_from.length
  const by_task = Map.groupBy(learned_from, taskOf)
  return (session) => {
    const known = by_task.get(taskOf(session)) ?? []
    return (known.filter(failed).length + 2 * overall) / (known.length + 2)
  }
}

function taskOf({ cell }: Recorded): string {
  return intentOf(cell)
}

/** How often each session is drawn when as many tasks as there are are drawn with replacement, each with all its sessions. */
function resamples(tasks: string[], random: Random): number[][] {
  const all = [...new Set(tasks)]
  return Array.from({ length: RESAMPLES }, () => {
    const drawn = new Map<string, number>()
    for (const _ of all) {
      const task = random.pick(all)
      drawn.set(task, (drawn.get(task) ?? 0) + 1)
    }
    return tasks.map((it) => drawn.get(it) ?? 0)
  })
}

/**
 * For the area under the ROC curve, the chance that a session that failed scores higher than one that did not, ties counting
 * half (Hanley and McNeil 1982): pairs of one of each, and how many of them are in that order. `times` says how often each
 * session counts.
 *
 * Only sessions of the same fold make a pair. Whatever learned from all other folds thinks the less of failure the more of
 * it there is in this one, so across folds a mere base rate would score far below chance.
 */
export function rankedPairs(
  scores: number[],
  bad: boolean[],
  folds: number[],
  times: number[] = scores.map(() => 1),
): Pairs {
  const order = scores.map((_, i) => i).sort((a, b) => folds[a]! - folds[b]! || scores[a]! - scores[b]!)
  const all: Pairs = { pairs: 0, in_order: 0 }
  for (let i = 0; i < order.length; ) {
    const fold = folds[order[i]!]
    let [bad_so_far, good_so_far] = [0, 0]
    while (i < order.length && folds[order[i]!] === fold) {
      const score = scores[order[i]!]
      let [tied_bad, tied_good] = [0, 0]
      for (; i < order.length && folds[order[i]!] === fold && scores[order[i]!] === score; i++) {
        if (bad[order[i]!]) tied_bad += times[order[i]!]!
        else tied_good += times[order[i]!]!
      }
      all.in_order += tied_bad * (good_so_far + tied_good / 2)
      bad_so_far += tied_bad
      good_so_far += tied_good
    }
    all.pairs += bad_so_far * good_so_far
  }
  return all
}

type Pairs = { pairs: number; in_order: number }

function sumOfPairs(a: Pairs, b: Pairs): Pairs {
  return { pairs: a.pairs + b.pairs, in_order: a.in_order + b.in_order }
}

function share({ pairs, in_order }: Pairs): number {
  return pairs === 0 ? 0.5 : in_order / pairs
}

function two(number: number): string {
  return number.toFixed(2)
}
