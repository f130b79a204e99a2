import type { Evidence } from '../domain/evidence.ts'
import type { Count } from '../domain/tally.ts'

/** What a finding is called, the sentence it teaches, and why to believe it. */
export type Words = { name: string; text: string; why: string }

/** Up to two different quotes, in brackets. */
export function said(evidence: Evidence[]): string {
  const quotes = [...new Set(evidence.map((it) => it.quote))].slice(0, 2)
  return quotes.length === 0 ? '' : ` (${quotes.map((it) => `"${short(it)}"`).join(', ')})`
}

export function short(text: string): string {
  const characters = [...printable(text)]
  return characters.length <= 120 ? characters.join('') : `${characters.slice(0, 119).join('')}…`
}

/** Verbatim, but for what a terminal would obey and a page would not show. */
export function printable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours start with the escape character
      .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
      .trim()
  )
}

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
