/**
 * Similarity: how alike two texts look, and which statements are about the same.
 *
 * Looking alike proves nothing: contradictions look as alike as copies do, and two entries of one template more alike than
 * a copy with a word changed. So similarity only chooses what is looked at closely (`duplicate.ts`, `contradiction.ts`).
 */
import { type Statement, subjectsOf } from './statement.ts'

/**
 * The cosine of the counts of three-letter pieces: cos = sum_g a_g b_g / (|a| |b|), where a_g is how often the piece g of three
 * characters stands in the text, in lower case with single spaces and a space at each end. From 0 (no piece in common) to 1.
 * Symmetric, without units, assumes nothing about the language; blind to the order of sentences. Two empty texts are equal.
 * (Salton and McGill 1983 for the cosine; Damashek, Science 1995, for pieces of letters.)
 */
export function cosine(one: string, other: string): number {
  const [a, b] = [pieces(one), pieces(other)]
  if (a.size === 0 || b.size === 0) return a.size === b.size ? 1 : 0
  let product = 0
  for (const [piece, n] of a) product += n * (b.get(piece) ?? 0)
  return Math.min(1, product / (length(a) * length(b)))
}

function pieces(text: string): Map<string, number> {
  const line = ` ${text.toLowerCase().replace(/\s+/g, ' ').trim()} `
  const counts = new Map<string, number>()
  for (let i = 0; i + 3 <= line.length; i++) {
    const piece = line.slice(i, i + 3)
    counts.set(piece, (counts.get(piece) ?? 0) + 1)
  }
  return counts
}

function length(counts: Map<string, number>): number {
  return Math.sqrt([...counts.values()].reduce((sum, n) => sum + n * n, 0))
}

/** Texts seen together: how much a word tells here, and which texts are about the same. Texts go by their index. */
export type Corpus = {
  texts: Statement[][]
  /** From 0 to 1: how much it tells that a text has this word. */
  weight: (root: string) => number
  /**
   * The cosine of the sets of words, a word w counting idf(w)^2, idf(w) = ln(1 + (N - n_w + .5) / (n_w + .5)), where n_w of the N texts
   * have it (the idf of BM25: Robertson and Zaragoza 2009). From 0 to 1, symmetric; how often a word stands in a text is ignored,
   * for memories are short, and so are words of closed classes.
   */
  similarity: (one: number, other: number) => number
  /** The texts that share most with this one, as far as telling words show it: at most so many. */
  related: (one: number, limit: number) => number[]
}

/** A word that more texts than this have, and more than one in twenty, leads nobody to its texts. */
const FEW_TEXTS = 50

export function corpusOf(texts: Statement[][]): Corpus {
  const roots = texts.map((it) => new Set(it.flatMap(subjectsOf).map(({ root }) => root)))
  const having = new Map<string, number[]>()
  for (const [i, words] of roots.entries()) {
    for (const word of words) {
      const known = having.get(word)
      if (known) known.push(i)
      else having.set(word, [i])
    }
  }
  const idf = (n: number) => Math.log(1 + (texts.length - n + 0.5) / (n + 0.5))
  const most = idf(1)
  const weight = (root: string) => Math.min(1, idf(having.get(root)?.length ?? 0) / most)
  const squares = (words: string[]) => words.reduce((sum, it) => sum + weight(it) ** 2, 0)
  const norms = roots.map((it) => squares([...it]))
  const many = Math.max(FEW_TEXTS, texts.length / 20)
  return {
    texts,
    weight,
    similarity: (one, other) => {
      const product = squares([...roots[one]!].filter((it) => roots[other]!.has(it)))
      return product === 0 ? 0 : product / Math.sqrt(norms[one]! * norms[other]!)
    },
    related: (one, limit) => {
      const shared = new Map<number, number>()
      for (const word of roots[one]!) {
        const others = having.get(word)!
        if (others.length > many) continue
        for (const it of others) shared.set(it, (shared.get(it) ?? 0) + weight(word) ** 2)
      }
      shared.delete(one)
      return [...shared]
        .map(([i, product]) => ({ i, share: product / Math.sqrt(norms[i]!) }))
        .sort((a, b) => b.share - a.share || a.i - b.i)
        .slice(0, limit)
        .map(({ i }) => i)
    },
  }
}
