/**
 * Own words: of what a person wrote, what that person says, without what they quote and what they pasted.
 *
 * A wish in a person's words becomes the wording of a lesson, so an order that a person only shows to the agent must not be
 * taken for theirs. What is marked as somebody else's is cut out by its marks. What is not marked is known by standing in an
 * earlier event that no person wrote. What was pasted unmarked from where the session has not been cannot be told from what was typed.
 */
import { isToolResult, type SessionEvent, textOf } from '../domain/event.ts'
import { firstHolding } from './word-runs.ts'

/** Longer texts are pasted material, however much of it is marked. */
const TEXT_LIMIT = 8_000

/** Without blocks of code, tagged blocks, quoted lines, forwarded mail, passages of other speakers, and what "it said: …" introduces. */
export function ownWords(text: string): string {
  if (text.length > TEXT_LIMIT) return ''
  if (!/[<>`~:"“|([-]/.test(text)) return text
  return QUOTATIONS.reduce((left, it) => left.replace(it, '\n'), text)
}

const SPEAKER =
  'tool|function|system|assistant|ai|agent|bot|admin(?:istrator)?|developer|operator|output|stdout|stderr|result|response|observation|(?:web ?)?page|web ?site|site|error|warning|log|from|subject'
const IT =
  '(?:it|pages?|(?:web)?sites?|tools?|errors?|logs?|e-?mails?|tickets?|messages?|readme|docs?|documents?|outputs?|servers?|api|articles?|results?|they|he|she|customers?|bots?|assistants?|agents?|commands?|terminal|console|file|text|comments?)'
const SAID =
  '(?:said|says|say|printed|prints|returned|returns|shows|showed|reads|wrote|writes|answered|responded|told (?:me|us)|gave|gives)'

const QUOTATIONS = [
  /^[ \t]*(```|~~~)[^\n]*(?:\n(?![ \t]*\1)[^\n]*)*(?:\n[ \t]*\1[^\n]*)?/gm,
  /<([a-z][\w:.-]*)(?:\s[^<>]{0,300})?>[\s\S]*?<\/\1\s*>/gi,
  /<\/?(?:tool|function|system|assistant|memor|document|result|output|web|page|search|e?mail|message|context|instruct)[\w:.-]*(?:\s[^<>]{0,300})?>[\s\S]*$/i,
  /^[ \t]*(?:[>|]|\u2502)[^\n]*/gm,
  /^[ \t]*(?:[-=*#]{2,} ?(?:original|forwarded|begin|start|quoted|pasted|copied)\b[^\n]*|on [^\n]{4,120} wrote:|begin forwarded message:?)[\s\S]*$/im,
  new RegExp(
    `^[ \\t]*[[(*_#]*(?:${SPEAKER})(?: (?:tool|output|results?|messages?|response|said|says|log|prompt|notes?|notice|instructions?|override|content|text))?[\\])*_]*:(?:\\n?[^\\n]+)*`,
    'gim',
  ),
  /^[ \t]*[[(](?:system|tool|assistant|admin|approved|verified|user)\b[^\n]*/gim,
  new RegExp(`\\b${IT} (?:\\w+ )?${SAID}\\b[^\\n:"“]{0,40}(?::\\s*[\\s\\S]*$|["“][^"”\\n]*["”])`, 'i'),
  /\b(?:here(?:'s| is| are)|this is|see|quoting|pasted?|copied|attached|below is) [^\n:]{0,60}\b(?:page|site|output|log|result|error|e-?mail|message|ticket|text|article|response|README|docs?)\b[^\n:]{0,20}:[\s\S]*$/i,
]

/** What somebody says, and the index of the event that says it. */
export type Said = { sentence: string; at: number }

/** Those of what was said of which a run of words stands in an earlier event that neither a person nor the agent wrote. */
export function pastedIn<S extends Said>(said: S[], events: SessionEvent[]): Set<S> {
  const end = said.reduce((last, it) => Math.max(last, it.at), 0)
  const texts = events.slice(0, end).map((it) => (isOthers(it) ? textOf(it) : ''))
  const first = firstHolding(
    said.map((it) => it.sentence),
    texts,
  )
  return new Set(said.filter(({ at }, i) => first[i] !== null && first[i]! < at))
}

const OTHERS = new Set<SessionEvent['type']>([
  'system.message',
  'session.error',
  'agent.thread_message_received',
  'agent.thread_context_compacted',
])

/** In the result of a call that a person refused stands why, in the person's words. */
function isOthers(event: SessionEvent): boolean {
  return isToolResult(event) ? event.error_class !== 'user_rejection' : OTHERS.has(event.type)
}
