/**
 * Arm: whether a session runs with what is tried, or without it.
 *
 * The lot is a hash of the experiment's salt and of the session, so every machine, and every restart, draws the same; it is drawn, and
 * written down, before the session has begun. Lots of two experiments are independent, because their salts are.
 */
import type { Arm, Experiment } from '../domain/experiment.ts'
import { sha256 } from '../domain/id.ts'

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
