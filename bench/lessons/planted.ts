/** Planted patterns: how many sessions must show a harm of which size before the miner reports it. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { MIN_OUTCOMES } from '../../src/3-mine/session-lessons.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { madeUpWorld } from './made-up-world.ts'
import { ended } from './null-outcomes.ts'
import { allRecordings, failed, onlyChannel } from './recorded.ts'
import { recordings, type Section } from './section.ts'
import { verifiedLessons } from './verified.ts'

/** Chance by which a success of an exposed session turns into a failure. */
const HARMS = [0.15, 0.3, 0.5, 0.8]

/** Recall at q <= 0.05 in mining.md 5.1, by exposed sessions and harm; each over 48 runs. */
const REFERENCE: [exposed: number, recall: number[]][] = [
  [10, [0.0, 0.0, 0.08, 0.27]],
  [20, [0.02, 0.1, 0.25, 0.9]],
  [40, [0.02, 0.1, 0.44, 0.98]],
  [80, [0.04, 0.29, 0.9, 1.0]],
  [160, [0.04, 0.52, 1.0, 1.0]],
  [320, [0.23, 0.79, 0.98, 1.0]],
]
const REFERENCE_RUNS = 48

/** One-sided 5 % over the 24 points together: further below is no chance. */
const LEAST_Z = -2.87

const TRAIT = 'use planted'

/** A set of sessions to plant in; a made-up one is another one in each run. `known` are traits whose lessons are not false. */
type Soil = { name: string; of: (run: number) => { sessions: Counted[]; known: Set<string> } }

/** One world takes 24 dreams. */
const MAX_RUNS = 12

export async function planted(seeds: number): Promise<Section> {
  const runs = Math.min(seeds, MAX_RUNS)
  const made_up: Soil = {
    name: 'made-up world',
    of: (run) => {
      const { sessions, true_traits } = madeUpWorld(run, { with_effects: true })
      return { sessions, known: true_traits }
    },
  }
  const on_made_up = recallIn(made_up, runs)
  const on_recordings = (await recordedSoils()).map((it) => recallIn(it, runs))
  const differences = on_made_up.flatMap(({ recall }, i) =>
    recall.map((it, j) => differenceInErrors(it, runs, REFERENCE[i]![1][j]!)),
  )
  const mean_above =
    mean(on_made_up.flatMap(({ recall }) => recall)) - mean(REFERENCE.flatMap(([, recall]) => recall))

  return {
    name: 'planted',
    about: [
      `A trait planted at random in the given number of sessions; with chance d a success of such a session is made a failure. Recall: share of ${runs} runs`,
      'in which the miner reports it at q <= 0.05 among all other traits. False: lessons a run beside it that are neither planted, nor true, nor reported without',
      'the planting. The made-up world has the size of the recordings of mining.md 5.1, whose recall over 48 runs is set beside it; the recordings that',
      `are here are smaller. A recall near 0.5 has a Monte-Carlo error of ${Math.sqrt(0.25 / runs).toFixed(2)} here and of 0.07 there.`,
      recordings() === null ? 'The data folder is missing, so there are no recordings among them.' : '',
    ]
      .filter(Boolean)
      .join(' '),
    rows: [...on_made_up, ...on_recordings.flat()].map(({ on, exposed, recall, falsely }) => ({
      on,
      exposed,
      ...Object.fromEntries(HARMS.map((it, j) => [`d ${it}`, recall[j]!])),
      '5.1': on === made_up.name ? REFERENCE.find(([it]) => it === exposed)![1].join(' ') : '',
      false: falsely,
    })),
    bars: [
      { name: 'recall above 5.1, mean of 24 points', value: mean_above, limit: 0, is: 'at least' },
      {
        name: 'recall above 5.1 at the worst point, in standard errors of the difference',
        value: Math.min(...differences),
        limit: LEAST_Z,
        is: 'at least',
      },
    ],
    skipped: null,
  }
}

type Recall = { on: string; exposed: number; recall: number[]; falsely: number }

function recallIn({ name, of }: Soil, runs: number): Recall[] {
  const found = REFERENCE.map(() => HARMS.map(() => 0))
  const falsely = REFERENCE.map(() => 0)
  let size = 0
  for (let run = 1; run <= runs; run++) {
    const { sessions, known } = of(run)
    const random = seeded(run)
    size = sessions.length
    for (const [i, [exposed]] of REFERENCE.entries()) {
      if (exposed >= size) continue
      for (const [j, harm] of HARMS.entries()) {
        const traits = verifiedLessons(tallyOf(withPlanted(sessions, exposed, harm, random))).map(
          (it) => it.trait,
        )
        if (traits.includes(TRAIT)) found[i]![j]!++
        falsely[i]! += traits.filter((it) => it !== TRAIT && !known.has(it)).length
      }
    }
  }
  return REFERENCE.filter(([exposed]) => exposed < size).map(([exposed], i) => ({
    on: name,
    exposed,
    recall: found[i]!.map((it) => it / runs),
    falsely: falsely[i]! / (runs * HARMS.length),
  }))
}

/** The same sessions, so many of them with the trait, and of these some made failures. */
export function withPlanted(sessions: Counted[], exposed: number, harm: number, random: Random): Counted[] {
  const chosen = new Set(random.shuffle(sessions).slice(0, exposed))
  return sessions.map((it) => {
    if (!chosen.has(it)) return it
    const is_harmed = !failed(it) && random.chance(harm)
    return showing(is_harmed ? ended(it, true) : it)
  })
}

function showing(session: Counted): Counted {
  return {
    ...session,
    observations: session.observations.map((it) =>
      it.context === 'session' ? { ...it, traits: { ...it.traits, [TRAIT]: it.event } } : it,
    ),
  }
}

async function recordedSoils(): Promise<Soil[]> {
  return (await allRecordings()).flatMap(({ name, sessions: every }) => {
    const sessions = onlyChannel(every, 'session')
    if (sessions.length < MIN_OUTCOMES) return []
    const known = new Set(verifiedLessons(tallyOf(sessions)).map((it) => it.trait))
    return [{ name, of: () => ({ sessions, known }) }]
  })
}

/** How far our recall lies above the reference, in standard errors of the difference of two proportions. */
function differenceInErrors(ours: number, runs: number, reference: number): number {
  const pooled = (ours * runs + reference * REFERENCE_RUNS) / (runs + REFERENCE_RUNS)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / runs + 1 / REFERENCE_RUNS))
  return error === 0 ? 0 : (ours - reference) / error
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, it) => sum + it, 0) / numbers.length
}
