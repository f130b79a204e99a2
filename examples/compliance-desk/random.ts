/**
 * Chance with a seed: the same seed gives the same choices on every machine.
 *
 * Independent draws make small groups swing widely. Where the workload promises a rate, `spread`
 * and `deal` keep it in every group, so what is planted is there whatever the seed.
 */
export type Random = {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  shuffle<T>(list: readonly T[]): T[]
}

export function seeded(seed: number): Random {
  let state = Math.imul(seed ^ 0x5bd1e995, 0x27d4eb2d) | 0 || 1
  /** One step of a 32-bit xorshift register, as a fraction from 0 up to, not including, 1. */
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  // Neighboring seeds start alike and drift apart within a few steps.
  for (let step = 0; step < 16; step++) next()

  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (list) => list[int(0, list.length - 1)]!,
    shuffle: (list) => {
      const shuffled = [...list]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = int(0, last)
        const swapped = shuffled[last]!
        shuffled[last] = shuffled[other]!
        shuffled[other] = swapped
      }
      return shuffled
    },
  }
}

/** Items in random order inside each group, one group after the other. */
export function grouped<T>(items: readonly T[], group: (item: T) => string, random: Random): T[] {
  return [...Map.groupBy(random.shuffle(items), group)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, members]) => members)
}

/**
 * Chooses each item with its own rate. Over any run of neighboring items the number chosen is
 * within one of the sum of their rates.
 */
export function spread<T>(items: readonly T[], rate: (item: T) => number, random: Random): Set<T> {
  const chosen = new Set<T>()
  let owed = random.int(0, 999) / 1000
  for (const item of items) {
    owed += rate(item)
    if (owed < 1) continue
    owed -= 1
    chosen.add(item)
  }
  return chosen
}

/** Gives every item one of the values, in proportion to the weights, in random order. */
export function deal<T, V>(
  items: readonly T[],
  weights: readonly (readonly [V, number])[],
  random: Random,
): Map<T, V> {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  const valueAt = (position: number): V => {
    let end = 0
    return weights.find(([, weight]) => {
      end += weight
      return position < end
    })![0]
  }
  return new Map(
    random.shuffle(items).map((item, index) => [item, valueAt(((index + 0.5) / items.length) * total)]),
  )
}
