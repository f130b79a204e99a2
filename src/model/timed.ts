/** An answer that takes too long is waited for no longer. */
import type { ProviderSettings } from './config.ts'
import type { Ask } from './model.ts'
import { ModelError } from './model-error.ts'

/** `ask`, but `unavailable` once it took longer than the settings say. The call is given up then, and its connection closed. */
export function timed(ask: Ask, { name, timeout_ms }: Pick<ProviderSettings, 'name' | 'timeout_ms'>): Ask {
  return async (question, signal) => {
    const over = AbortSignal.timeout(timeout_ms)
    try {
      return await ask(question, signal ? AbortSignal.any([signal, over]) : over)
    } catch (error) {
      if (error !== over.reason) throw error
      throw new ModelError(
        'unavailable',
        'timed out',
        `${name} gave no answer within ${timeout_ms / 1_000} seconds`,
      )
    }
  }
}
