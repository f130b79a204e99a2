/**
 * Benjamini-Hochberg q values (1995) of p values, in the order given:
 *
 *     q_(i) = min over j ≥ i of p_(j) m / j
 *
 * Publishing all with q ≤ α keeps the expected share of false discoveries at or below α when the tests
 * are independent or positively dependent.
 */
export function qValues(p: number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[b]! - p[a]!)
  const q = new Array<number>(p.length)
  let least = 1
  order.forEach((index, i) => {
    least = Math.min(least, (p[index]! * p.length) / (p.length - i))
    q[index] = least
  })
  return q
}
