/** Query: the words that a session begins with, and how well memories fit them. No language is assumed, and no model asked. */

/** At most this much of a first message is read, and so many different words of it are looked up. */
const MAX_LENGTH = 4_000
const MAX_WORDS = 16

/** Different words, in lower case; only letters and digits, so that they are safe in any search. Long ones first: short ones say least. */
export function queryWords(query: string): string[] {
  const words =
    query
      .slice(0, MAX_LENGTH)
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]{2,64}/gu) ?? []
  return [...new Set(words)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, MAX_WORDS)
}

/**
 * How well each memory fits, by its number: BM25 with k1 = 0, in which a word counts once however often it stands in a memory, over the
 * best that there is. `found` has the memories of each word, `memories` is how many there are.
 *
 * The weight of a word is ln(1 + (N - n + .5) / (n + .5)), as in Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the 1
 * that keeps it positive.
 */
export function relevanceOf(found: Map<string, number[]>, memories: number): Map<number, number> {
  const scores = new Map<number, number>()
  for (const seqs of found.values()) {
    const weight = Math.log(1 + (memories - seqs.length + 0.5) / (seqs.length + 0.5))
    for (const it of seqs) scores.set(it, (scores.get(it) ?? 0) + weight)
  }
  const best = Math.max(...scores.values())
  return new Map([...scores].map(([seq, score]) => [seq, score / best]))
}
