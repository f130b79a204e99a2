/**
 * Confirmation: does a pattern hold in the sessions that came after it was first noticed?
 *
 * A dream looks at its patterns every night, and a p value stands only one look: judged by Benjamini-Hochberg on sixty
 * nights in a row, pure noise publishes a lesson in a third to a half of all stores. An e-value may be looked at as
 * often as one likes. Under the null it is a nonnegative martingale that begins at 1, so it ever reaches 1/α with
 * probability at most α (Ville 1939).
 *
 * Blocks: the occasions of one cell are collected, night by night, until there are at least six of them, some with the trait
 * and some without. Then the block is closed and counted. When it closes depends on who had the trait and never on
 * how it went, so what stands in a block is still as likely as chance makes it. Most requests without a task are like no other and
 * would wait for ever: what has waited longest for another occasion of its cell is dropped (`MAX_WAITING`). Which that is depends on the order
 * in which cells came and on who had the trait, and again never on how it went; so the blocks that are ever counted are chosen
 * blindly, and E is 1 on average under the null as before. Within a block of n occasions, m of them
 * bad and x of them with the trait, the bad ones with the trait, a, follow Fisher's noncentral hypergeometric
 * distribution with log odds ratio ψ, whatever the difficulty of the cell, and
 *
 *     log P_ψ(a) / P_0(a) = ψ a − log E_0[exp(ψ U)],   U central hypergeometric (n, m, x)
 *
 * is added up over blocks for each ψ of a grid. The e-value is the mixture
 *
 *     E = Σ w(ψ) exp(LL(ψ)),   w(ψ) ∝ exp(−ψ² / 2σ²),  Σ w = 1
 *
 * The grid lies on the side of no effect on which the lesson claims it to be, 0.3 to 3.0 in steps of 0.3: sessions that show
 * the opposite must not confirm a lesson. As P_ψ has a monotone likelihood ratio, E is an e-value also against every
 * effect on the other side. σ² is 1, and twice that after each change of the agent. Assumes occasions of one cell to be exchangeable.
 *
 * Sources: Turner, Ly and Grünwald (2024), safe tests of 2x2 tables; e-BH: Wang and Ramdas (2022). e-BH over the
 * largest e-value of each night would not control the false discovery rate, so a status follows the current one.
 */
import type { Confirmation } from '../domain/pattern.ts'
import type { Cell, Count } from '../domain/tally.ts'

const GRID = Array.from({ length: 10 }, (_, i) => (3 * (i + 1)) / 10)
const BLOCK = 6
/**
 * In how many cells occasions may wait. A cell that one session in a few hundred belongs to still waits when its next one comes; for a much
 * rarer one it would take thousands of sessions to close a single block. A pattern, written anew every night, stays below some 30 KB.
 */
const MAX_WAITING = 1_000
/**
 * One in a hundred, and not one in twenty: a store is looked at every night for as long as it lives. Of 360 simulated stores of
 * pure noise 1.9 % told something within sixty nights at 5 %, and 0.3 % at 1 %; a harm of 20 points is found on night 30
 * instead of 24, one of 40 points on night 12 instead of 11.
 */
const FALSE_DISCOVERY_RATE = 0.01
/** An e-value above this says no more than this one, and JSON has no infinity. */
const CERTAIN = 1e9

/** Nothing is known yet. */
export function unconfirmed(epoch: number): Confirmation {
  return { prior_variance: 2 ** epoch, log_ratios: GRID.map(() => 0), open: {} }
}

/**
 * With the occasions of one night more: those that had the trait, and all of the context, by cell. `sign` is 1 when
 * things should go badly more often with the trait, -1 when less often.
 */
export function afterNight(
  before: Confirmation,
  sign: 1 | -1,
  exposed: Record<Cell, Count>,
  all: Record<Cell, Count>,
): Confirmation {
  const log_ratios = [...before.log_ratios]
  const open = { ...before.open }
  for (const cell of Object.keys(all).sort()) {
    const [a, x, m, n] = open[cell] ?? [0, 0, 0, 0]
    const [bad_exposed, n_exposed] = exposed[cell] ?? [0, 0]
    const block: Block = [a + bad_exposed, x + n_exposed, m + all[cell]![0], n + all[cell]![1]]
    delete open[cell]
    if (isFull(block)) {
      for (const [i, psi] of GRID.entries()) log_ratios[i]! += logLikelihoodRatio(block, sign * psi)
    } else open[cell] = block
  }
  return { ...before, log_ratios, open: lastOf(open) }
}

/** Keys stand in the order in which something last came to them, in JSON too: with a `|` in it, no cell is taken for a number. */
function lastOf(open: Confirmation['open']): Confirmation['open'] {
  return Object.fromEntries(Object.entries(open).slice(-MAX_WAITING))
}

/** `[bad with the trait, with the trait, bad, all]` */
type Block = Confirmation['open'][string]

function isFull([, x, , n]: Block): boolean {
  return n >= BLOCK && x > 0 && x < n
}

/** log P_ψ(a) / P_0(a) of Fisher's noncentral hypergeometric distribution; the sums are over all that `a` could have been. */
export function logLikelihoodRatio([a, x, m, n]: Block, psi: number): number {
  const least = Math.max(0, x + m - n)
  const most = Math.min(x, m)
  const log_weights = [0]
  for (let u = least; u < most; u++)
    log_weights.push(log_weights.at(-1)! + Math.log(((x - u) * (m - u)) / ((u + 1) * (n - x - m + u + 1))))
  const tilted = log_weights.map((it, i) => it + psi * (least + i - a))
  return logSumOfExp(log_weights) - logSumOfExp(tilted)
}

function logSumOfExp(logs: number[]): number {
  const greatest = logs.reduce((a, b) => Math.max(a, b))
  return greatest + Math.log(logs.reduce((sum, it) => sum + Math.exp(it - greatest), 0))
}

/** How many times better the later sessions fit the claimed effect than none. 1 says nothing, 100 is strong, below 1 speaks against it. */
export function eValue({ log_ratios, prior_variance }: Confirmation): number {
  const weights = GRID.map((psi) => Math.exp(-(psi ** 2) / (2 * prior_variance)))
  const total = weights.reduce((sum, it) => sum + it)
  const e = log_ratios.reduce((sum, it, i) => sum + (weights[i]! / total) * Math.exp(it), 0)
  return Math.min(CERTAIN, e)
}

/**
 * e-BH: of K e-values, whether each is among the k largest, where k is the greatest number with E_(k) ≥ K / (α k), α = 1 %.
 * The expected share of false ones among these is at most α, however the e-values depend on each other.
 */
export function isConfirmed(e: number[]): boolean[] {
  const sorted = e.toSorted((a, b) => b - a)
  const k = sorted.findLastIndex((it, i) => it >= sorted.length / (FALSE_DISCOVERY_RATE * (i + 1)))
  return e.map((it) => k !== -1 && it >= sorted[k]!)
}
