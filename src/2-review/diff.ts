/** What stands in one place of a text instead of something else; one side may be empty. */
export type Hunk = {
  removed: string[]
  added: string[]
  /** Where the added items begin, or would stand, in the text after. */
  at: number
}

/** Longer texts were not edited but written anew, and comparing them would take long. */
const TABLE_LIMIT = 1_000_000

/**
 * The hunks that turn `before` into `after`, in their order: the maximal runs of what was removed and added between
 * the items of a longest common subsequence (Wagner and Fischer 1974). What both begin and end with is cut off
 * first, so a small edit of a long text is cheap. Null when the rest needs a table of more than a million cells.
 */
export function hunksOf(before: string[], after: string[]): Hunk[] | null {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++

  const a = before.slice(start, before.length - end)
  const b = after.slice(start, after.length - end)
  const width = b.length + 1
  if ((a.length + 1) * width > TABLE_LIMIT) return null
  const common = commonLengths(a, b)

  const hunks: Hunk[] = []
  let hunk: Hunk | null = null
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      hunk = null
      i++
      j++
      continue
    }
    if (hunk === null) {
      hunk = { removed: [], added: [], at: start + j }
      hunks.push(hunk)
    }
    const removes =
      j === b.length || (i < a.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    if (removes) hunk.removed.push(a[i++]!)
    else hunk.added.push(b[j++]!)
  }
  return hunks
}

/** At `i * (b.length + 1) + j`: how many items `a` from `i` on and `b` from `j` on have in common, in order. */
function commonLengths(a: string[], b: string[]): Uint32Array {
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
    }
  }
  return common
}
