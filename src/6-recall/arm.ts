/**
 * Arm: whether a session runs with what is tried, or without it.
 *
 * The lot is a hash of the experiment's salt and of the session, so every machine, and every restart, draws the same; it is drawn, and
 * written down, before the session has begun. Lots of two experiments are independent, because their salts are.
 */
import type { Arm, Assignment, Experiment } from '../domain/experiment.ts'
import { sha256 } from '../domain/id.ts'

/** What a session drew. */
export type Lots = {
  /** Of the whole memory store; null where no lots were drawn. */
  arm: Arm | null
  /** The lessons that are kept from it. */
  held: Set<string>
  /** Lots that it had not drawn before. */
  drawn: Assignment[]
}

/**
 * The lots of a session that these lessons were chosen for. What it has drawn before it keeps, whatever has become of the shares.
 *
 * In control it is given no lesson, so it draws no lot for any. Where no lesson was chosen, or measuring is switched off (`memory` is null), no
 * lot is drawn: both arms would be given the same.
 */
export function lotsOf(
  session_key: string,
  pattern_ids: string[],
  experiments: { memory: Experiment | null; lessons: Map<string, Experiment> },
  before: Assignment[],
): Lots {
  const drawn: Assignment[] = []
  const arm = (experiment: Experiment): Arm => {
    const known = before.find((it) => it.experiment_id === experiment.id)
    if (known) return known.arm
    const { id, control_share } = experiment
    const lot = { experiment_id: id, arm: armOf(experiment, session_key), control_share }
    drawn.push(lot)
    return lot.arm
  }
  if (experiments.memory === null || pattern_ids.length === 0) return { arm: null, held: new Set(), drawn }
  if (arm(experiments.memory) === 'control') return { arm: 'control', held: new Set(pattern_ids), drawn }
  const held = pattern_ids.filter((it) => {
    const experiment = experiments.lessons.get(it)
    return experiment !== undefined && arm(experiment) === 'control'
  })
  return { arm: 'treatment', held: new Set(held), drawn }
}

/** Control with a chance of `control_share`. A session that is control at a small share is control at every larger one. */
export function armOf(
  { salt, control_share }: Pick<Experiment, 'salt' | 'control_share'>,
  session_key: string,
): Arm {
  return lotOf(salt, session_key) < control_share ? 'control' : 'treatment'
}

/** Uniform on [0, 1), by the first 48 bits of the hash. */
function lotOf(salt: string, session_key: string): number {
  return Number.parseInt(sha256(`${salt}\0${session_key}`).slice(0, 12), 16) / 2 ** 48
}
