/**
 * Intents of sessions without a task: first words in, clusters of like requests out.
 *
 * At ingest nothing is known of other sessions, so a cell keeps only a *signature* of the first words: the signs of 64
 * random projections of the set of words (Charikar 2002). Two signatures differ in a share of bits that estimates
 * θ/π, θ being the angle between the two sets of words. When a tally is mined, the signatures in it are put
 * into clusters, and cells of one cluster are added up. Nothing in the tally depends on the clusters, so tallies stay
 * exactly additive, and new clusters need no recount.
 *
 * What clusters can do: tell how many kinds of work something was seen in, and remove most of the difficulty that like
 * requests share. What they cannot do: see that two requests in other words are the same, or that two in nearly the same
 * words are not. Where every request is its own, every cluster is one session, and then nothing can be compared. So
 * what rests on the outcome of whole sessions is told of tasks, and of clusters as an unadjusted hint at most.
 */
import { hash } from 'node:crypto'
import { type Cell, type Count, EVERY, type Tally, type TallyRow } from '../domain/tally.ts'

/** `~` and 64 bits in base64url; the same for the same set of words, whatever their order, case or number. */
export function signatureOf(text: string): string {
  const sums = new Int16Array(BITS)
  for (const word of new Set(text.toLowerCase().match(WORDS))) {
    const projections = hash('sha1', word, 'buffer')
    for (let i = 0; i < BITS; i++) sums[i]! += projections[i >> 3]! & (1 << (i & 7)) ? 1 : -1
  }
  const bits = new Uint8Array(BITS / 8)
  for (let i = 0; i < BITS; i++) if (sums[i]! > 0) bits[i >> 3]! |= 1 << (i & 7)
  return `~${Buffer.from(bits).toString('base64url')}`
}

const BITS = 64
/** Three letters or digits and more; a script without spaces is taken character by character. */
const WORDS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[\p{L}\p{N}]{3,}/gu

/**
 * Clusters of the signatures in a tally: each signature -> that of its cluster.
 *
 * In the order of the signatures, one joins the nearest cluster whose first signature it differs from in at most 12 of 64 bits
 * (θ ≤ 34°), or begins one. This is a function of the set of signatures, so whoever mines the same sessions has the same clusters.
 *
 * There are as many clusters as there are kinds of request, not a set number: with one for every ten sessions, as a rule of
 * thumb has it, requests of several tasks share a cluster wherever a task has fewer than ten sessions. Measured in
 * bench/README.md.
 */
export function clustersIn(tally: Tally): Map<string, string> {
  return clustersAmong(signaturesIn(tally))
}

/**
 * The same of a sorted list of signatures, in which none stands twice.
 *
 * Only those clusters are looked at whose first signature is nearly the same in one of six blocks of bits. That leaves none out:
 * whatever differs in three bits of the first block and in two of each other one differs in 13.
 */
export function clustersAmong(signatures: string[]): Map<string, string> {
  const cluster = new Map<string, string>()
  const firsts: string[] = []
  const size = signatures.length
  const [high, low] = [new Int32Array(size), new Int32Array(size)]
  const blocks = BLOCKS.map((it) => ({
    ...it,
    // Place of the latest first signature with each value of the block, and of the one before each that has the same; or -1.
    latest: new Int32Array(1 << it.width).fill(-1),
    before: new Int32Array(size),
  }))
  for (const it of signatures) {
    const bytes = Buffer.from(it.slice(1), 'base64url')
    const [h, l] = [bytes.readInt32BE(0), bytes.readInt32BE(4)]
    // Distance and place as one number, so that of those equally near it is the first.
    let nearest = (MAX_DISTANCE + 1) * size
    for (const block of blocks) {
      const { flips, latest, before } = block
      const value = bitsOf(block, h, l)
      for (let k = 0; k < flips.length; k++) {
        for (let i = latest[value ^ flips[k]!]!; i !== -1; i = before[i]!) {
          const near = (ones(high[i]! ^ h) + ones(low[i]! ^ l)) * size + i
          if (near < nearest) nearest = near
        }
      }
    }
    if (nearest < (MAX_DISTANCE + 1) * size) {
      cluster.set(it, firsts[nearest % size]!)
      continue
    }
    const place = firsts.push(it) - 1
    high[place] = h
    low[place] = l
    for (const block of blocks) {
      const value = bitsOf(block, h, l)
      block.before[place] = block.latest[value]!
      block.latest[value] = place
    }
    cluster.set(it, it)
  }
  return cluster
}

const MAX_DISTANCE = 12

type Block = { half: 0 | 1; shift: number; width: number; flips: Int32Array }

function bitsOf({ half, shift, width }: Block, high: number, low: number): number {
  return ((half === 0 ? high : low) >>> shift) & ((1 << width) - 1)
}

/** Three blocks of each half of a signature, and what a block may differ by: at most two bits of the first, one of each other. */
const BLOCKS: Block[] = [
  { half: 0, shift: 21, width: 11, flips: flipsOf(11, 2) },
  { half: 0, shift: 10, width: 11, flips: flipsOf(11, 1) },
  { half: 0, shift: 0, width: 10, flips: flipsOf(10, 1) },
  { half: 1, shift: 21, width: 11, flips: flipsOf(11, 1) },
  { half: 1, shift: 10, width: 11, flips: flipsOf(11, 1) },
  { half: 1, shift: 0, width: 10, flips: flipsOf(10, 1) },
]

/** All numbers of so many bits of which at most `most` are set. */
function flipsOf(width: number, most: number): Int32Array {
  return Int32Array.from(Array(1 << width).keys()).filter((it) => ones(it) <= most)
}

/**
 * The tally with the cells of each cluster added up; other cells as they are. A row is added up when it is looked into, for
 * most rows of a large store are not.
 */
export function byCluster(tally: Tally, clusters: Map<string, string>): Tally {
  if (clusters.size === 0) return tally
  const names = new Map<Cell, Cell>()
  const nameOf = (cell: Cell) => {
    const start = cell.indexOf('|') + 1
    const cluster = clusters.get(cell.slice(start))
    const name = cluster === undefined ? cell : cell.slice(0, start) + cluster
    names.set(cell, name)
    return name
  }
  const addedUp = (row: TallyRow) => {
    const cells: Record<Cell, Count> = Object.create(null)
    for (const cell in row.cells) {
      const [bad, n] = row.cells[cell]!
      const name = names.get(cell) ?? nameOf(cell)
      const known = cells[name]
      if (known) {
        known[0] += bad
        known[1] += n
      } else cells[name] = [bad, n]
    }
    return cells
  }
  return new Map([...tally].map(([key, row]) => [key, withCells(row, addedUp)]))
}

function withCells(row: TallyRow, of: (row: TallyRow) => TallyRow['cells']): TallyRow {
  const { channel, context, trait } = row
  let cells: TallyRow['cells'] | undefined
  return {
    channel,
    context,
    trait,
    get cells() {
      cells ??= of(row)
      return cells
    },
    get weeks() {
      return row.weeks
    },
    get sightings() {
      return row.sightings
    },
  }
}

/** Sorted. Every occasion is in a row of its context, so the other rows need not be read. */
function signaturesIn(tally: Tally): string[] {
  const signatures = new Set<string>()
  for (const row of tally.values()) {
    if (row.trait !== EVERY) continue
    for (const cell in row.cells) {
      const intent = cell.slice(cell.indexOf('|') + 1)
      if (SIGNATURE.test(intent)) signatures.add(intent)
    }
  }
  return [...signatures].sort()
}

const SIGNATURE = /^~[\w-]{11}$/

/** How many bits of a 32-bit number are set (Warren, Hacker's Delight, 5-1). */
function ones(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
