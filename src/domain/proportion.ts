/**
 * Wilson score interval of a proportion, `k` of `n` (Wilson 1927, without continuity correction):
 *
 *     (k/n + z²/2n ± z √(k/n (1 − k/n)/n + z²/4n²)) / (1 + z²/n)
 *
 * `[0, 1]` for `n = 0`. `z` defaults to the two-sided 95 % quantile.
 */
export function wilsonInterval(k: number, n: number, z = 1.959964): [low: number, high: number] {
  if (n === 0) return [0, 1]
  const p = k / n
  const z2 = z * z
  const center = p + z2 / (2 * n)
  const margin = z * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  return [Math.max(0, (center - margin) / (1 + z2 / n)), Math.min(1, (center + margin) / (1 + z2 / n))]
}
