/**
 * Edit distance: how much of a text a person changed.
 *
 * Words, as white space parts them, are put in, taken out or replaced (Levenshtein 1966), computed row by row (Wagner and Fischer
 * 1974); the fewest such steps, divided by the larger number of words. What both texts begin and end with costs nothing. Where more
 * than `TABLE_LIMIT` pairs of words remain, the order of words no longer counts: only how many of them the texts do not have in
 * common, which is never more than the true distance.
 */
const TABLE_LIMIT = 250_000

/** 0, the same words in the same order, to 1, nothing left. */
export function editDistance(before: string, after: string): number {
  const [a, b] = [wordsOf(before), wordsOf(after)]
  const larger = Math.max(a.length, b.length)
  if (larger === 0) return 0
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start++
  let end = 0
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [was, is] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  return (was.length * is.length > TABLE_LIMIT ? notInCommon(was, is) : steps(was, is)) / larger
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((it) => it !== '')
}

function steps(a: string[], b: string[]): number {
  let row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j)
  let next = new Uint32Array(b.length + 1)
  for (let i = 0; i < a.length; i++) {
    next[0] = i + 1
    for (let j = 0; j < b.length; j++)
      next[j + 1] = Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (a[i] === b[j] ? 0 : 1))
    ;[row, next] = [next, row]
  }
  return row[b.length]!
}

function notInCommon(a: string[], b: string[]): number {
  const left = new Map<string, number>()
  for (const it of a) left.set(it, (left.get(it) ?? 0) + 1)
  let common = 0
  for (const it of b) {
    const n = left.get(it) ?? 0
    if (n === 0) continue
    common++
    left.set(it, n - 1)
  }
  return Math.max(a.length, b.length) - common
}
