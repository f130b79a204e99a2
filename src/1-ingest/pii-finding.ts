import type { PiiClass } from '../domain/pii.ts'

/** Personal data in a text: where it stands, and its value in the spelling that all its spellings share. */
export type PiiFinding = { start: number; end: number; class: PiiClass; value: string }

/** A text in, what is found in it out, in order. Takes time that grows with the length of the text, whatever it says. */
export type FindPii = (text: string) => PiiFinding[]

/**
 * What `pattern` matches and `confirm` gives a value for. What is refused is read again from its second character on,
 * so a pattern must be bounded in length.
 */
export function confirmed(
  text: string,
  kind: PiiClass,
  pattern: RegExp,
  confirm: (match: string, start: number) => string | null,
): PiiFinding[] {
  const findings: PiiFinding[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const value = confirm(match[0], match.index)
    if (value === null) pattern.lastIndex = match.index + 1
    else findings.push({ start: match.index, end: pattern.lastIndex, class: kind, value })
  }
  return findings
}
