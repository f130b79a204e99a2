import { commandLine } from '../domain/action.ts'
import { isToolResult, isToolUse, type SessionEvent, type ToolUse, textOf } from '../domain/event.ts'
import { tellingLine } from './error-template.ts'
import { ownWords, pastedIn } from './own-words.ts'
import { contentWords, sentencesOf } from './sentence.ts'
import { wishesOf } from './temporal-channel.ts'

/** A quote shows the point; the whole event is one click away. */
const QUOTE_LIMIT = 300
const LINE_BREAK = /[\n\r\u2028\u2029]/

/**
 * The words of an event that show what `trait` says: of an error its telling line; of a call the argument that
 * was changed, the command of a shell, or its name; of a person the sentence that holds the trait's words, of those
 * that are the person's own, or else the one with most words of the `topic`. `before` are the events before it.
 * Verbatim, one line, never empty: null when the event has no words.
 */
export function quoteOf(
  event: SessionEvent,
  trait: string,
  before: SessionEvent[] = [],
  topic: string[] = [],
): string | null {
  const quote = isToolUse(event)
    ? wordsOfCall(event, trait)
    : isToolResult(event)
      ? tellingLine(textOf(event))
      : event.type.startsWith('user.')
        ? sentenceWith(
            ownWords(textOf(event)),
            trait,
            (it) => pastedIn([{ sentence: it, at: before.length }], before).size === 0,
            topic,
          )
        : sentenceWith(textOf(event), trait, () => true)
  return asQuote(quote)
}

/** Cut to what a quote may hold; null when nothing is left. */
export function asQuote(text: string): string | null {
  // By characters, not code units: half an emoji is no character.
  const cut = [...text.slice(0, 2 * QUOTE_LIMIT)].slice(0, QUOTE_LIMIT).join('').trim()
  return cut === '' ? null : cut
}

function wordsOfCall(call: ToolUse, trait: string): string {
  const changed = /(?:^|, )(?:change|take|add|give) (.+?)(?:: .+ -> .+)?$/.exec(trait)?.[1]
  const words = changed === undefined ? commandLine(call.name, call.input) : call.input[changed]
  // A command given as a list of words stands nowhere as one text.
  const is_verbatim = typeof words === 'string' && Object.values(call.input).flat().includes(words)
  const line = is_verbatim ? words.trim().split(LINE_BREAK, 1)[0]!.trim() : ''
  return line === '' ? call.name : line
}

function sentenceWith(
  text: string,
  trait: string,
  is_own: (sentence: string) => boolean,
  topic: string[] = [],
): string {
  const wanted = trait.replace(/^(?:add|remove) /, '').split(' + ')
  const wish = trait.replace(/^[\w-]+: /, '')
  const sentences = sentencesOf(text)
  const match = sentences.find((it) => {
    const words = contentWords(it)
    const shows = wanted.every((word) => words.includes(word)) || wishesOf(it).includes(wish)
    return shows && is_own(it)
  })
  if (match !== undefined) return match
  const [most] = sentences
    .map((sentence) => ({ sentence, held: contentWords(sentence).filter((it) => topic.includes(it)).length }))
    .filter(({ sentence, held }) => held >= 2 && is_own(sentence))
    .sort((a, b) => b.held - a.held)
  const first = most?.sentence ?? sentences[0] ?? text.trim().split(LINE_BREAK, 1)[0]!
  return is_own(first) ? first : ''
}
