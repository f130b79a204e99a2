/**
 * A provider that cannot answer now is asked again: after a while that grows with every try, and is drawn by lot, so that those who
 * were turned away together do not come back together.
 *
 * What is drawn is anything from nothing to the whole while ("full jitter": M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015).
 */
import { setTimeout as after } from 'node:timers/promises'
import type { Ask } from './model.ts'
import { ModelError } from './model-error.ts'

export type Patience = {
  /** How often a question is asked at most. */
  tries: number
  /** The first while, which doubles with every try up to the longest. */
  first_ms: number
  longest_ms: number
  /** A provider that wants to be let alone for longer than this is not waited for: another dream asks it. */
  longest_asked_ms: number
}

const PATIENCE: Patience = { tries: 5, first_ms: 1_000, longest_ms: 30_000, longest_asked_ms: 60_000 }

/** What waiting is: in tests it takes no time, and the lots are known. */
export type Waiting = {
  sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>
  /** From 0 to 1, without 1. */
  lot: () => number
}

const REALLY: Waiting = {
  sleep: (ms, signal) => after(ms, undefined, { signal }),
  lot: Math.random,
}

/** `ask`, asked again where it is `unavailable`. Throws what the last try threw, and says how many there were. */
export function retrying(ask: Ask, patience: Patience = PATIENCE, waiting: Waiting = REALLY): Ask {
  return async (question, signal) => {
    for (let tried = 1; ; tried++) {
      try {
        return await ask(question, signal)
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind !== 'unavailable') throw error
        const ms = whileOf(tried, error.retry_after_ms ?? 0, patience, waiting.lot())
        if (tried >= patience.tries || ms === null) throw triedSo(error, tried)
        await slept(ms, waiting, signal)
      }
    }
  }
}

/** How long to wait after so many tries; null where the provider asks for more than is waited. */
function whileOf(tried: number, asked_ms: number, patience: Patience, lot: number): number | null {
  if (asked_ms > patience.longest_asked_ms) return null
  return asked_ms + lot * Math.min(patience.longest_ms, patience.first_ms * 2 ** (tried - 1))
}

async function slept(ms: number, { sleep }: Waiting, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

function triedSo(error: ModelError, tried: number): ModelError {
  if (tried === 1) return error
  const { kind, reason, message, usage, retry_after_ms, cause } = error
  return new ModelError(kind, reason, `${message}; asked ${tried} times`, { usage, retry_after_ms, cause })
}
