import { isToolResult, isToolUse, type SessionEvent, textOf } from '../domain/event.ts'
import { contentWords, sentencesOf } from './correction-channel.ts'
import { tellingLine } from './error-template.ts'

/** A quote shows the point; the whole event is one click away. */
const QUOTE_LIMIT = 300

/**
 * The words of an event that show what `trait` says: of an error its telling line, of a call its command
 * or name, of a person the sentence that holds the trait's words. Verbatim, one line, never empty: null
 * when the event has no words.
 */
export function quoteOf(event: SessionEvent, trait: string): string | null {
  const quote = isToolUse(event)
    ? (wordsOfCall(event.input) ?? event.name)
    : isToolResult(event)
      ? tellingLine(textOf(event))
      : sentenceWith(textOf(event), trait)
  const cut = quote.slice(0, QUOTE_LIMIT).trim()
  return cut === '' ? null : cut
}

/** The longest line of text among a call's arguments, if it says more than a name would. */
function wordsOfCall(input: Record<string, unknown>): string | null {
  const lines = Object.values(input).flatMap((it) => (typeof it === 'string' ? it.split('\n', 3) : []))
  const longest = lines.sort((a, b) => b.length - a.length)[0]?.trim()
  return longest && longest.length >= 12 ? longest : null
}

function sentenceWith(text: string, trait: string): string {
  const wanted = trait.split(' + ')
  const sentences = sentencesOf(text)
  const match = sentences.find((it) => {
    const words = contentWords(it)
    return wanted.every((word) => words.includes(word))
  })
  return match ?? sentences[0] ?? text.trim().split('\n', 1)[0]!
}
