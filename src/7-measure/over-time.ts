/** Over time: how an effect came out day by day, from the sessions of one experiment. */
import { wilsonInterval } from '../domain/proportion.ts'
import type { ArmsOfStep, LiftOfDay } from '../domain/report.ts'
import { liftOf, type Trial } from './lift.ts'

/** A session in an experiment, when it began (RFC 3339, UTC), and whether it was completed; null where nobody knows. */
export type EndedTrial = Trial & { at: string; completed: number | null }

const DAY_MS = 86_400_000
/** A plot with more steps is no plot any more. */
const MOST_STEPS = 26

/** How many days each step is to have, so that there are not too many: one, a week, four weeks, or a quarter. */
export function stepDays(from: string, to: string): number {
  const days = daysBetween(from, to) + 1
  return [1, 7, 28].find((it) => days / it <= MOST_STEPS) ?? 91
}

/** The sessions that began in each step from `from` to `to`, both days included, by arm; a step without any is left out. */
export function armsByStep(trials: EndedTrial[], from: string, to: string): ArmsOfStep[] {
  const step = stepDays(from, to)
  const inside = trials.filter((it) => from <= dayOf(it) && dayOf(it) <= to)
  const steps = Map.groupBy(inside, (it) => Math.floor(daysBetween(from, dayOf(it)) / step))
  return [...steps]
    .sort(([a], [b]) => a - b)
    .map(([i, of]) => ({
      day: dayAfter(from, i * step),
      treatment: sideOf(of.filter((it) => it.arm === 'treatment')),
      control: sideOf(of.filter((it) => it.arm === 'control')),
    }))
}

function sideOf(trials: EndedTrial[]): ArmsOfStep['treatment'] {
  const known = trials.flatMap((it) => it.completed ?? [])
  const completed = known.reduce((sum, it) => sum + it, 0)
  const [low, high] = wilsonInterval(completed, known.length)
  return { sessions: known.length, completed, low, high }
}

/** Estimating on each of thousands of days would take long, and show no more. */
const MOST_LOOKS = 120

/**
 * The lift in completion with what was known on the evening of each day from `from` to `to` on which sessions began, the earlier ones
 * included; of very many days, the last of every few. `trials` are in the order in which their lots were drawn.
 */
export function liftByDay(
  trials: EndedTrial[],
  control_share: number,
  from: string,
  to: string,
): LiftOfDay[] {
  const days = [...new Set(trials.map(dayOf))].filter((it) => from <= it && it <= to).sort()
  const every = Math.ceil(days.length / MOST_LOOKS)
  return days
    .filter((_, i) => (days.length - 1 - i) % every === 0)
    .map((day) => {
      const known = trials.filter((it) => dayOf(it) <= day)
      const { lift } = liftOf('completion', known, (it) => it.completed, control_share)
      const { treatment, control, estimate, low, high } = lift
      return { day, sessions: treatment.sessions + control.sessions, estimate, low, high }
    })
}

function dayOf({ at }: EndedTrial): string {
  return at.slice(0, 10)
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}
