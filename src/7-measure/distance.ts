/**
 * Distance: how different two mixes are, and how much of that is luck.
 *
 * The mixes of two windows always differ a little, more so with few sessions and many names. So the sessions are dealt to the windows
 * again at random, 999 times, and what comes out then is luck. Whole sessions are dealt, since the calls of one session are not
 * independent; and where strata are given, within them: what a mix owes to other work is then in the luck, too, and only other ways of doing
 * the same work are left (a permutation test; Good 2005).
 */
import type { MixDrift } from '../domain/drift.ts'
import { MIN_SESSIONS } from './difference.ts'

/** What one session adds to the mix. */
export type Part = { counts: Record<string, number>; stratum: string }

const DEALS = 999
const TOLD = 5
const LUCK = 0.01
const ROUNDING = 1e-12

/**
 * How two mixes differ. Deals only where the divergence is above `worth_dealing`, for nothing else can be an alarm; luck and p are null
 * otherwise.
 */
export function mixDrift(before: Part[], after: Part[], worth_dealing = 0): MixDrift {
  const mix = mixOf([...before, ...after])
  const places = [...before, ...after].map((_, i) => i)
  const counts = [
    sumOf(mix, places.slice(0, before.length)),
    sumOf(mix, places.slice(before.length)),
  ] as const
  const is_enough = Math.min(withAny(before), withAny(after)) >= MIN_SESSIONS
  const divergence = is_enough ? jensenShannon(...counts) : null
  const is_worth = divergence !== null && divergence > worth_dealing
  const dealt = is_worth ? deal(mix, before, after, divergence) : null
  return {
    divergence,
    by_luck: dealt?.by_luck ?? null,
    p: dealt?.p ?? null,
    moved: movedMost(mix.names, ...counts),
    ...(is_enough ? oneSided(before, after) : { appeared: [], vanished: [] }),
  }
}

/** In bits, from 0 to 1 (Lin 1991). Only the shares count, not how many there are; 0 where one is empty. */
export function jensenShannon(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [n, m] = [total(a), total(b)]
  if (n === 0 || m === 0) return 0
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! / n, b[i]! / m]
    const middle = (p + q) / 2
    if (p > 0) sum += p * Math.log2(p / middle)
    if (q > 0) sum += q * Math.log2(q / middle)
  }
  return Math.min(1, Math.max(0, sum / 2))
}

function total(counts: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < counts.length; i++) sum += counts[i]!
  return sum
}

function withAny(parts: Part[]): number {
  return parts.filter((it) => Object.keys(it.counts).length > 0).length
}

/** Each session as places in the list of names, and counts. */
type Mix = { names: string[]; places: Uint32Array[]; counts: Float64Array[] }

function mixOf(parts: Part[]): Mix {
  const names = [...new Set(parts.flatMap((it) => Object.keys(it.counts)))].sort()
  const place = new Map(names.map((it, i) => [it, i]))
  return {
    names,
    places: parts.map((it) => Uint32Array.from(Object.keys(it.counts), (name) => place.get(name)!)),
    counts: parts.map((it) => Float64Array.from(Object.values(it.counts))),
  }
}

function sumOf({ names, places, counts }: Mix, sessions: Iterable<number>): Float64Array {
  const sum = new Float64Array(names.length)
  for (const it of sessions) {
    const [at, n] = [places[it]!, counts[it]!]
    for (let i = 0; i < at.length; i++) sum[at[i]!]! += n[i]!
  }
  return sum
}

function deal(mix: Mix, before: Part[], after: Part[], divergence: number): { by_luck: number; p: number } {
  const all = [...before, ...after]
  const strata = new Map<string, { sessions: number[]; n: number }>()
  for (const [i, { stratum }] of all.entries()) {
    const known = strata.get(stratum) ?? { sessions: [], n: 0 }
    known.sessions.push(i)
    if (i < before.length) known.n++
    strata.set(stratum, known)
  }
  const random = randomNumbers()
  const total = sumOf(mix, all.keys())
  let [sum, as_much] = [0, 0]
  for (let k = 0; k < DEALS; k++) {
    const chosen: number[] = []
    for (const { sessions, n } of strata.values()) draw(sessions, n, random, chosen)
    const one = sumOf(mix, chosen)
    const other = one.map((it, i) => total[i]! - it)
    const dealt = jensenShannon(one, other)
    sum += dealt
    if (dealt >= divergence - ROUNDING) as_much++
  }
  return { by_luck: sum / DEALS, p: (1 + as_much) / (1 + DEALS) }
}

/** The first `n` of the deck after so many steps of Fisher and Yates; the deck stays shuffled, which does no harm. */
function draw(deck: number[], n: number, random: () => number, chosen: number[]): void {
  for (let i = 0; i < n; i++) {
    const j = i + Math.floor(random() * (deck.length - i))
    const it = deck[j]!
    deck[j] = deck[i]!
    deck[i] = it
    chosen.push(it)
  }
}

/** The same numbers each time, so that the same sessions give the same answer (Park and Miller 1988). */
function randomNumbers(): () => number {
  let state = 20_260_101
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function movedMost(names: string[], before: Float64Array, after: Float64Array): MixDrift['moved'] {
  const [n, m] = [total(before), total(after)]
  if (n === 0 || m === 0) return []
  return names
    .map((name, i) => ({ name, before: before[i]! / n, after: after[i]! / m }))
    .filter((it) => it.before !== it.after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, TOLD)
}

/** What only one window has, in more sessions than would all fall into that window by luck. */
function oneSided(before: Part[], after: Part[]): Pick<MixDrift, 'appeared' | 'vanished'> {
  const [old, fresh] = [sessionsWith(before), sessionsWith(after)]
  const n = before.length + after.length
  const only = (here: Map<string, number>, there: Map<string, number>, size: number) =>
    [...here]
      .filter(([name, sessions]) => !there.has(name) && (size / n) ** sessions <= LUCK)
      .map(([name, sessions]) => ({ name, sessions }))
      .sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1))
  return { appeared: only(fresh, old, after.length), vanished: only(old, fresh, before.length) }
}

function sessionsWith(parts: Part[]): Map<string, number> {
  const sessions = new Map<string, number>()
  for (const { counts } of parts)
    for (const name of Object.keys(counts)) sessions.set(name, (sessions.get(name) ?? 0) + 1)
  return sessions
}
