/** A provider that fails again and again is let alone, and one that refuses what it is asked is not asked again. */
import type { Ask } from './model.ts'
import { ModelError } from './model-error.ts'

const MOST = 5
/** Answers of no use, in a row: twenty sessions, each asked about twice. What a model cannot do for these it cannot do for the others. */
const MOST_USELESS = 40

/**
 * `stop` is told why nothing is to be asked any more: `MOST` calls in a row were not answered, `MOST_USELESS` were answered with nothing of
 * use, or one was refused.
 */
export function breaking(ask: Ask, provider: string, stop: (why: string) => void): Ask {
  let in_a_row = 0
  let useless = 0
  return async (question, signal) => {
    try {
      const answered = await ask(question, signal)
      in_a_row = 0
      useless = 0
      return answered
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      in_a_row = error.kind === 'unavailable' ? in_a_row + 1 : 0
      useless = error.kind === 'unusable' ? useless + 1 : 0
      if (useless === MOST_USELESS)
        stop(`${provider} gave ${MOST_USELESS} answers of no use in a row, the last time: ${error.message}`)
      if (error.kind === 'refused') stop(`${provider} refuses what it is asked: ${error.message}`)
      if (in_a_row === MOST)
        stop(`${provider} did not answer ${MOST} times in a row, the last time: ${error.message}`)
      throw error
    }
  }
}

/** `ask`, which nobody gets any more who waited for a turn, or to try again, when nothing is asked by then. `stopped` gives why, or null. */
export function unlessStopped(ask: Ask, stopped: () => string | null): Ask {
  return async (question, signal) => {
    const why = stopped()
    if (why !== null) throw new ModelError('stopped', 'stopped', why)
    return ask(question, signal)
  }
}
