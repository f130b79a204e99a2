/**
 * Recurrence: whether what a lesson is about happened again in a session.
 *
 * It is asked of every session that the lesson fits, whether it was given it or not. A session without any such occasion is one in
 * which it did not happen: a lesson that keeps an agent from getting there at all has done its work.
 */
import type { Pattern } from '../domain/pattern.ts'
import type { Observation } from '../domain/review.ts'
import { EVERY } from '../domain/tally.ts'

export type Lesson = Pick<Pattern, 'channel' | 'context' | 'trait' | 'scope' | 'watch'>

/** `session` is what was observed in one session, and whose it was. */
export function recurs(
  lesson: Lesson,
  session: { person: string | null; observations: Observation[] },
): boolean {
  const { person } = lesson.scope
  if (person !== null && person !== session.person) return false
  // No two channels share a context, and what people had done over is seen in what the agent wrote: by the edit channel.
  return session.observations.some((it) => it.context === lesson.context && happened(lesson, it))
}

function happened({ channel, trait, watch: { expectation } }: Lesson, { bad, traits }: Observation): boolean {
  const has_trait = trait === EVERY || trait in traits
  switch (channel) {
    // The error was met, and what was tried next failed as well.
    case 'repair':
      return bad
    // People had to say it again,
    case 'correction':
      return bad && has_trait
    // change it again, or ask for it again.
    case 'edit':
    case 'temporal':
      return has_trait
    // What goes wrong with the trait, or without it, did; of what goes well with it, it was missing and the rest went wrong.
    default:
      return bad && (trait === EVERY || has_trait === ((expectation.of_those === 'with') === expectation.bad))
  }
}
