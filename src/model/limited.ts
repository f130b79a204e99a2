/** No more questions at once than a provider stands; the others wait for their turn. */
import type { Ask } from './model.ts'

/** So many may be at it at once. Shared by all that ask the same provider. */
export type Turns = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/** `ask`, in turns. */
export function limited(ask: Ask, turns: Turns): Ask {
  return (question, signal) => turns(() => ask(question, signal), signal)
}

/** Turns for `width` at once, in the order they are asked for. Who is aborted while it waits gives up its place. */
export function turnsFor(width: number): Turns {
  const waiting = new Set<() => void>()
  let free = width

  const turn = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.delete(begin)
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      waiting.add(begin)
    })

  return async (work, signal) => {
    signal?.throwIfAborted()
    if (free > 0) {
      free -= 1
      // Who was given a turn before begins before.
      await null
    } else await turn(signal)
    try {
      return await work()
    } finally {
      const [next] = waiting
      if (next === undefined) free += 1
      else {
        // The turn is handed on: nobody who comes now is before those who wait.
        waiting.delete(next)
        next()
      }
    }
  }
}
