/**
 * Control share: how many of the sessions to come go without, so that the effect of a lesson, or of a whole memory, stays known.
 *
 * A new lesson is kept from every second session, which is how its effect is known soonest. Once enough sessions ran either way it is
 * kept from few, and once it has shown that it helps, from fewer still: never from none, since what helped may stop helping.
 */
import type { Experiment } from '../domain/experiment.ts'
import type { Measuring } from '../domain/policy.ts'

/** An experiment as far as it decides on its share. `treatment` and `control` count sessions whose outcome is known. */
export type Standing = Pick<Experiment, 'kind' | 'verdict'> & {
  treatment: number
  control: number
  measuring: Measuring
}

/**
 * Between 0 and 1. As sessions come in it only falls, as long as they bear out what they had shown: a later share that the policy sets
 * above an earlier one gives way to it. In an `agent` experiment nobody draws lots; it is written down as a half.
 */
export function controlShareOf({ kind, verdict, treatment, control, measuring }: Standing): number {
  if (kind === 'agent') return AN_EVEN_CHANCE
  const { memory_control, new_lesson_control, known_lesson_control, kept_control, enough_sessions } =
    measuring
  const shares = [kind === 'memory' ? memory_control : new_lesson_control]
  const is_known = Math.min(treatment, control) >= enough_sessions
  if (kind === 'lesson' && (is_known || verdict === 'keep')) shares.push(known_lesson_control)
  if (verdict === 'keep') shares.push(kept_control)
  return Math.min(...shares)
}

const AN_EVEN_CHANCE = 0.5
