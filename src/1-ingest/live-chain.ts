/**
 * The lines of one conversation, each naming the line it follows, in; which of them count, out.
 *
 * A transcript of this kind is a tree: going back to an earlier prompt and asking differently leaves
 * the first attempt in the file as a dead branch. Live is the way from the last line back to the
 * root, and around it everything that is no second attempt: the other lines of the same model
 * message, the results of parallel calls and what follows on them, lines of the harness.
 *
 * A missing link loses nothing: a line whose parent is not in the file starts a tree of its own, and
 * every tree has a live chain.
 */
export type ChainLine = {
  /** No two lines have the same. */
  uuid: string | null
  /** Uuid of the line before; null when this line starts a tree. */
  parent: string | null
  /**
   * A person can go back to a `prompt`, and a model can be asked again for a `reply`. An `answer`
   * (result of a call, interrupt, compaction) and an `other` line never begin a second attempt;
   * an `other` line is no part of the conversation either.
   */
  kind: 'prompt' | 'reply' | 'answer' | 'other'
  /** The model message that a reply is a part of. */
  message_id: string | null
}

/** For each line, whether it counts. */
export function liveLines(lines: ChainLine[]): boolean[] {
  const tree = treeOf(lines)
  const on_path = livePaths(lines, tree)
  const live_messages = new Set<string | null>()
  for (let i = 0; i < lines.length; i++) if (on_path[i] === 1) live_messages.add(lines[i]!.message_id)
  live_messages.delete(null)

  const is_live: boolean[] = new Array(lines.length)
  /** The nearest line before that is part of the conversation or of the live path. */
  const bases = new Int32Array(lines.length)
  for (const i of tree.parents_first) {
    const { kind, message_id } = lines[i]!
    const parent = tree.parents[i]!
    bases[i] =
      parent === NONE || lines[parent]!.kind !== 'other' || on_path[parent] === 1 ? parent : bases[parent]!
    if (on_path[i] === 1 || parent === NONE) is_live[i] = true
    else if (!is_live[parent]) is_live[i] = false
    else {
      const is_attempt = kind === 'prompt' || (kind === 'reply' && !live_messages.has(message_id))
      is_live[i] = !(is_attempt && on_path[bases[i]!] === 1)
    }
  }
  return is_live
}

const NONE = -1

/** Lines by their index. */
type Tree = { parents: Int32Array; roots: Int32Array; parents_first: Int32Array }

function treeOf(lines: ChainLine[]): Tree {
  const parents = parentsOf(lines)
  openCircles(parents)
  const parents_first = orderedByParent(parents)
  const roots = new Int32Array(lines.length)
  for (const i of parents_first) roots[i] = parents[i] === NONE ? i : roots[parents[i]!]!
  return { parents, roots, parents_first }
}

function parentsOf(lines: ChainLine[]): Int32Array {
  const parents = new Int32Array(lines.length).fill(NONE)
  let index: Map<string, number> | null = null
  for (let i = 0; i < lines.length; i++) {
    const { parent } = lines[i]!
    if (parent === null) continue
    parents[i] = shortlyBefore(lines, i, parent)
    if (parents[i] !== NONE) continue
    index ??= indexOf(lines)
    parents[i] = index.get(parent) ?? NONE
  }
  return parents
}

/** Nearly every line follows on one of so few before it, and looking there is quicker than an index of all. */
const NEAR = 16

function shortlyBefore(lines: ChainLine[], i: number, uuid: string): number {
  for (let at = i - 1; at >= Math.max(0, i - NEAR); at--) if (lines[at]!.uuid === uuid) return at
  return NONE
}

function indexOf(lines: ChainLine[]): Map<string, number> {
  const index = new Map<string, number>()
  lines.forEach(({ uuid }, i) => {
    if (uuid !== null) index.set(uuid, i)
  })
  return index
}

/** Lines that follow on each other in a circle have no beginning; the first of them in the file becomes it. */
function openCircles(parents: Int32Array): void {
  const walks = new Int32Array(parents.length).fill(NONE)
  for (let i = 0; i < parents.length; i++) {
    let at = i
    for (; at !== NONE && walks[at] === NONE; at = parents[at]!) walks[at] = i
    if (at !== NONE && walks[at] === i) parents[at] = NONE
  }
}

/** Every line after its parent, wherever it stands in the file. */
function orderedByParent(parents: Int32Array): Int32Array {
  const order = new Int32Array(parents.length)
  const placed = new Uint8Array(parents.length)
  let count = 0
  const way: number[] = []
  for (let i = 0; i < parents.length; i++) {
    for (let at = i; at !== NONE && placed[at] === 0; at = parents[at]!) way.push(at)
    for (let next = way.pop(); next !== undefined; next = way.pop()) {
      placed[next] = 1
      order[count++] = next
    }
  }
  return order
}

/** Marks, in every tree, the way from its last leaf back to its root. */
function livePaths(lines: ChainLine[], { parents, roots, parents_first }: Tree): Uint8Array {
  const is_followed = new Uint8Array(lines.length)
  for (const i of parents_first.toReversed()) {
    const speaks = lines[i]!.kind !== 'other' || is_followed[i] === 1
    if (speaks && parents[i] !== NONE) is_followed[parents[i]!] = 1
  }
  const leaves = new Map<number, number>()
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.kind !== 'other' && is_followed[i] === 0) leaves.set(roots[i]!, i)
  }
  const on_path = new Uint8Array(lines.length)
  for (const leaf of leaves.values()) for (let at = leaf; at !== NONE; at = parents[at]!) on_path[at] = 1
  return on_path
}
