/**
 * Sixty nights of looking: does a store of pure noise ever publish a lesson, and when does it find what is there?
 *
 * The nights run through the same functions as a dream: `tallyOf`, `mergeTallies`, `mine`, `overnight`, `lessonOf`. Beside it stands what
 * Benjamini-Hochberg alone would have published, judged anew every night.
 */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { firstLooks } from '../../src/3-mine/first-look.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Tally } from '../../src/domain/tally.ts'
import type { Section } from './section.ts'

const NIGHTS = 60
const SESSIONS_A_NIGHT = 50
const INTENTS = 40
const TRAITS = 300
const STRONG = { name: 'd = .4', effect: 0.4 }
const WEAK = { name: 'd = .2', effect: 0.2 }
const PLANTED = [STRONG, STRONG, STRONG, WEAK, WEAK, WEAK]

export function noiseNights(seeds = 20): Section {
  const runs = Array.from({ length: seeds }, (_, i) => i + 1)
  const noise = runs.map((seed) => nights(seed, []))
  const planted = runs.map((seed) => nights(seed, PLANTED))
  const published = noise.filter((it) => it.told.size > 0).length
  const recall = (kind: typeof STRONG) =>
    found(
      planted.map((it) => it.told),
      kind,
    )
  return {
    name: 'sixty nights',
    about: `${NIGHTS} nights of ${SESSIONS_A_NIGHT} sessions, ${TRAITS} traits, ${INTENTS} tasks, ${seeds} seeds; pure noise, and with three traits that make 40 points more sessions fail and three that make it 20`,
    rows: [
      {
        procedure: 'Reverie',
        'noise: runs that ever published': published,
        ...wordsOf(planted.map((it) => it.told)),
      },
      {
        procedure: 'Benjamini-Hochberg every night',
        'noise: runs that ever published': noise.filter((it) => it.naive.size > 0).length,
        ...wordsOf(planted.map((it) => it.naive)),
      },
    ],
    bars: [
      { name: 'runs of pure noise that ever published a lesson', value: published, limit: 0, is: 'at most' },
      { name: 'recall of 40 points', value: recall(STRONG).share, limit: 1, is: 'at least' },
      { name: 'recall of 20 points', value: recall(WEAK).share, limit: 0.52, is: 'at least' },
    ],
    skipped: null,
  }
}

/** Trait -> the first night on which it was published. */
type Published = Map<string, number>

function nights(seed: number, planted: typeof PLANTED): { told: Published; naive: Published } {
  const random = seeded(seed)
  const world = worldOf(random)
  const told: Published = new Map()
  const naive: Published = new Map()
  const tally: Tally = new Map()
  let known: Pattern[] = []
  for (let night = 1; night <= NIGHTS; night++) {
    const counted = Array.from({ length: SESSIONS_A_NIGHT }, () => sessionOf(world, planted, night, random))
    const touched = tallyOf(counted)
    const isFirstLook = firstLooks(tally)
    mergeTallies(tally, touched)
    const { findings } = mine(tally)
    const { found, others } = overnight(findings, known, {
      agent: 'desk',
      counted,
      touched,
      tally,
      isFirstLook,
    })
    known = [...[...found].map(([it, standing]) => ({ ...lessonOf(it, 'desk', []), ...standing })), ...others]
    const note = (published: Published, trait: string) => published.has(trait) || published.set(trait, night)
    for (const it of findings) if (it.published) note(naive, it.trait)
    for (const it of known) if (it.status === 'probation' || it.status === 'confirmed') note(told, it.trait)
  }
  return { told, naive }
}

/** How often a task fails, and how often each trait is shown. */
type World = { failure: number[]; traits: { name: string; share: number }[] }

function worldOf(random: Random): World {
  return {
    failure: Array.from({ length: INTENTS }, () => 0.1 + 0.4 * uniform(random)),
    traits: Array.from({ length: TRAITS }, (_, i) => ({
      name: `use tool_${i}`,
      share: 0.05 + 0.2 * uniform(random),
    })),
  }
}

function sessionOf(
  { failure, traits }: World,
  planted: typeof PLANTED,
  night: number,
  random: Random,
): Counted {
  const task = random.int(0, INTENTS - 1)
  const shown = traits.map(({ share }) => uniform(random) < share)
  const harm = planted.reduce((sum, { effect }, i) => sum + (shown[i] ? effect : 0), 0)
  const bad = uniform(random) < failure[task]! + harm
  return {
    session_id: `sesn_${random
      .int(0, 2 ** 31 - 1)
      .toString(16)
      .padStart(8, '0')}`,
    cell: `v1|task-${task}`,
    person: null,
    at: new Date(Date.UTC(2026, 0, night, 12)).toISOString(),
    observations: [
      {
        channel: 'session',
        context: 'session',
        bad,
        event: 0,
        traits: Object.fromEntries(traits.filter((_, i) => shown[i]).map((it) => [it.name, 0])),
      },
    ],
  }
}

function uniform(random: Random): number {
  return random.int(0, 2 ** 31 - 1) / 2 ** 31
}

/** Of the planted traits of that kind, the share that was found, and the night by which half of these were. */
function found(published: Published[], kind: typeof STRONG): { share: number; night: number | string } {
  const names = PLANTED.flatMap((it, i) => (it === kind ? [`use tool_${i}`] : []))
  const nights = published.flatMap((it) => names.flatMap((name) => it.get(name) ?? []))
  const median = nights.sort((a, b) => a - b)[Math.floor(nights.length / 2)]
  return { share: nights.length / (names.length * published.length), night: median ?? '-' }
}

function wordsOf(published: Published[]): Record<string, string | number> {
  const [strong, weak] = [found(published, STRONG), found(published, WEAK)]
  const planted = new Set(PLANTED.map((_, i) => `use tool_${i}`))
  const wrong = published.reduce(
    (sum, it) => sum + [...it.keys()].filter((name) => !planted.has(name)).length,
    0,
  )
  return {
    'recall d=.4': strong.share.toFixed(2),
    'median night d=.4': strong.night,
    'recall d=.2': weak.share.toFixed(2),
    'median night d=.2': weak.night,
    'false ones beside the planted, a run': (wrong / published.length).toFixed(2),
  }
}
