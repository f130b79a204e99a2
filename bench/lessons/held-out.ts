/** Held-out replication: whether a verified lesson of one half of the sessions holds in the other half. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { intentOf } from '../../src/3-mine/cell.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { twoSidedP } from '../../src/3-mine/normal.ts'
import type { Score } from '../../src/3-mine/score-test.ts'
import { MIN_OUTCOMES } from '../../src/3-mine/session-lessons.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { madeUpWorld } from './made-up-world.ts'
import { allRecordings, onlyChannel } from './recorded.ts'
import { type Bar, recordings, type Section } from './section.ts'
import { scoreIn, verifiedLessons } from './verified.ts'

const MAX_SPLITS = 20
const MIN_SAME_SIGN = 0.9

type Ground = { name: string; sessions: (split: number) => Counted[] }

type Halving = { name: string; halves: (sessions: Counted[], random: Random) => [Counted[], Counted[]] }

const HALVINGS: Halving[] = [
  { name: 'sessions of each task', halves: halfOfEachTask },
  { name: 'tasks', halves: halfOfTheTasks },
]

/** Lessons of all splits, and how many of them held: the sign was the same, and the test found it again. */
type Held = {
  lessons: number
  kinds: Set<string>
  tested: number
  same_sign: number
  /** How many would have the same sign if every effect were as large as it is told. */
  expected: number
  significant: number
}

export async function heldOut(seeds: number): Promise<Section> {
  const splits = Math.min(seeds, MAX_SPLITS)
  const recorded = await recordedGrounds()
  const made_up: Ground = {
    name: 'made-up world',
    sessions: (split) => madeUpWorld(split, { with_effects: true }).sessions,
  }
  const measured = [...recorded, made_up].flatMap((ground) =>
    HALVINGS.map((halving) => ({ ground, halving, held: replicate(ground, halving, splits) })),
  )
  return {
    name: 'held-out',
    about: [
      `${splits} splits in two halves each: the lessons that one half gives at q <= 0.05, tested in the other half. "Tested" are those whose other half shows`,
      'the trait both with and without; p is two-sided and counts with the same sign only. Of the recordings, those are left out that have fewer than',
      `${2 * MIN_OUTCOMES} sessions with a verified outcome: a half of them gives no lessons by rule. "If all were true": the share with the same sign to expect of`,
      'the effects as they are told, since a half with little information shows the wrong sign by chance.',
      recordings() === null ? 'The data folder is missing, so there are no recordings among them.' : '',
    ]
      .filter(Boolean)
      .join(' '),
    rows: measured.map(({ ground, halving, held }) => ({
      on: ground.name,
      'split by': halving.name,
      'lessons a split': held.lessons / splits,
      'different lessons': held.kinds.size,
      tested: held.tested,
      'same sign': share(held.same_sign, held.tested),
      'if all were true': share(held.expected, held.tested),
      'p < 0.05': share(held.significant, held.tested),
    })),
    bars: HALVINGS.flatMap((halving) => {
      const halved = measured.filter((it) => it.halving === halving)
      return [
        ...barOf(
          `recordings by ${halving.name}`,
          halved.filter((it) => it.ground !== made_up).map((it) => it.held),
        ),
        ...barOf(
          `made-up world by ${halving.name}`,
          halved.filter((it) => it.ground === made_up).map((it) => it.held),
        ),
      ]
    }),
    skipped: null,
  }
}

function replicate({ sessions }: Ground, { halves }: Halving, splits: number): Held {
  const held: Held = { lessons: 0, kinds: new Set(), tested: 0, same_sign: 0, expected: 0, significant: 0 }
  for (let split = 1; split <= splits; split++) {
    const [one, other] = halves(sessions(split), seeded(split)).map((it) => tallyOf(it))
    for (const lesson of verifiedLessons(one!)) {
      held.lessons++
      held.kinds.add(`${lesson.context}: ${lesson.trait}`)
      const score = scoreIn(other!, lesson)
      if (score === null) continue
      held.tested++
      held.expected += chanceOfSign(lesson, score)
      const is_same = lesson.class === 'mistake' ? score.z > 0 : score.z < 0
      if (is_same) held.same_sign++
      if (is_same && twoSidedP(score.z) < 0.05) held.significant++
    }
  }
  return held
}

/**
 * The chance that a true effect, as large as it is told, has its sign in a half with this information V: Φ(|log odds ratio| √V).
 * Where V is 1, even an odds ratio of 3 shows the other sign one time in seven.
 */
function chanceOfSign({ effect }: Finding, { information }: Score): number {
  return 1 - twoSidedP(Math.abs(Math.log(effect.odds_ratio!)) * Math.sqrt(information)) / 2
}

function halfOfEachTask(sessions: Counted[], random: Random): [Counted[], Counted[]] {
  const halves: [Counted[], Counted[]] = [[], []]
  let turn = 0
  for (const members of Map.groupBy(sessions, task).values())
    for (const it of random.shuffle(members)) halves[turn++ % 2]!.push(it)
  return halves
}

function halfOfTheTasks(sessions: Counted[], random: Random): [Counted[], Counted[]] {
  const tasks = random.shuffle([...new Set(sessions.map(task))])
  const chosen = new Set(tasks.slice(0, tasks.length / 2))
  return [sessions.filter((it) => chosen.has(task(it))), sessions.filter((it) => !chosen.has(task(it)))]
}

function task({ cell }: Counted): string {
  return intentOf(cell)
}

async function recordedGrounds(): Promise<Ground[]> {
  return (await allRecordings())
    .map(({ name, sessions }) => ({ name, sessions: onlyChannel(sessions, 'session') }))
    .filter((it) => it.sessions.length >= 2 * MIN_OUTCOMES)
    .map(({ name, sessions }) => ({ name, sessions: () => sessions }))
}

/** No bar where no lesson was found that could be tested. */
function barOf(on: string, held: Held[]): Bar[] {
  const tested = held.reduce((sum, it) => sum + it.tested, 0)
  const same = held.reduce((sum, it) => sum + it.same_sign, 0)
  if (tested === 0) return []
  return [
    {
      name: `same sign, ${on}, ${tested} tests`,
      value: same / tested,
      limit: MIN_SAME_SIGN,
      is: 'at least',
    },
  ]
}

function share(part: number, whole: number): number | string {
  return whole === 0 ? '' : part / whole
}
