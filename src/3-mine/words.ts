import type { Evidence } from '../domain/evidence.ts'
import type { Count } from '../domain/tally.ts'
import { visible } from '../domain/visible-text.ts'
import { statedIn } from './stated.ts'

/** What a finding is called, the sentence it teaches, and why to believe it. */
export type Words = { name: string; text: string; why: string }

/** Stands for an error that says nothing which may be repeated. */
export const NOT_REPEATED = 'a message that is not repeated here'

/** Up to two different quotes, in brackets. Of what no person said, only what it states. */
export function said(evidence: Evidence[]): string {
  const told = evidence.map(({ origin, quote }) => (origin === 'person' ? quote : statedIn(quote)))
  const quotes = [...new Set(told)].filter((it) => it !== null).slice(0, 2)
  return quotes.length === 0 ? '' : ` (${quotes.map((it) => quoted(it, 120)).join(', ')})`
}

/** In quotation marks that nothing in it can close, on one line, and no longer than that. */
export function quoted(text: string, limit = QUOTE_LIMIT): string {
  const plain = visible(text)
    .replace(/["“”„‟〝〞＂]/g, "'")
    .replace(/<!--|-->/g, ' ')
    .replace(/`{2,}|~{3,}/g, "'")
  const characters = [...plain]
  return `"${
    characters.length <= limit
      ? plain
      : `${characters
          .slice(0, limit - 1)
          .join('')
          .trimEnd()}…`
  }"`
}

const QUOTE_LIMIT = 300

export function of([bad, n]: Count): string {
  return `${bad} of ${n}`
}

export function worked([bad, n]: Count): string {
  return `${n - bad} of ${n}`
}

export function rate([bad, n]: Count): string {
  return n === 0 ? 'none' : `${Math.round((100 * bad) / n)} % (${bad} of ${n})`
}

export function factor(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)
}
