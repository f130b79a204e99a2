/**
 * Recalled memory: what a memory told the agent, wherever a harness put it, told apart from what was said in the session.
 *
 * Harnesses and plugins put memories into a person's message, or before it. Read as the person's words, each of them would be
 * said anew in every session, and a lesson would prove itself. So a message is cut where memory begins and ends: the memory
 * becomes a message of the harness, whose words no channel takes for wishes, and the person keeps the rest word for word.
 *
 * Memory is known by its marks: the tags that plugins use, headings over a list, what Claude Code says before an instructions
 * file, and the forms that Reverie itself writes. Memory in no such form is a person's words.
 */
import { type SessionEvent, type TextBlock, textOf } from '../domain/event.ts'
import type { Session } from '../domain/session.ts'

/** The session with its recalled memory in messages of their own, each before the message that it stood in. */
export function withoutRecalled<S extends Pick<Session, 'events'>>(session: S): S {
  if (!session.events.some((it) => CARRIERS.has(it.type) && HINT.test(textOf(it)))) return session
  return { ...session, events: session.events.flatMap(splitEvent) }
}

/** Whether an event is of a memory: cut out here, or put in by a harness in one piece. */
export function isRecalled(event: SessionEvent): boolean {
  return event.type === 'system.message' && holdsMemory(textOf(event))
}

const CARRIERS = new Set<SessionEvent['type']>(['user.message', 'agent.thread_message_received'])

function splitEvent(event: SessionEvent): SessionEvent[] {
  if (event.type !== 'user.message' && event.type !== 'agent.thread_message_received') return [event]
  const memory: TextBlock[] = []
  const own: TextBlock[] = []
  for (const { text } of event.content)
    for (const it of parts(text)) (it.is_memory ? memory : own).push({ type: 'text', text: it.text })
  const { id, processed_at } = event
  if (memory.length === 0) return [event]
  if (own.length === 0) return [{ type: 'system.message', id, processed_at, content: memory }]
  return [
    { type: 'system.message', id: `${id}_memory`, processed_at, content: memory },
    { ...event, content: own },
  ]
}

function holdsMemory(text: string): boolean {
  return parts(text).some((it) => it.is_memory)
}

/** A word that every form has in it, so that most texts need no closer look. */
const HINT = /memor|claude|agents\.md|gemini\.md|reverie|earlier sessions|lessons|playbook|mem0|pat_/i

const MEMORY =
  '(?:memor(?:y|ies)|supermemory|mem0|hindsight|claude_?md|agents_?md|lessons(?:[-_ ]learned)?|playbook)'

/** How each form begins; one group a form. */
const OPENING = new RegExp(
  [
    // <memory>, <relevant-memories>, <supermemory-context>
    `<(?<tag>(?:[a-z0-9]{1,20}[-_:]){0,3}${MEMORY}(?:[-_:][a-z0-9]{1,20}){0,3})(?:\\s[^<>]{0,300})?>`,
    // Our block in an instructions file, a memory of ours, and the index.
    '(?<block><!-- ?reverie:begin\\b)',
    '^(?<front>---\\n(?:(?!---\\n)[^\\n]*\\n){0,12}?pattern: pat_[0-9a-f]{6,}\\n---\\n)',
    '^(?<list># What earlier sessions taught)[ \\t]*$',
    // What Claude Code puts before the text of a file.
    '^(?<file>Contents of [^\\n]{0,300}(?:\\b(?:CLAUDE|AGENTS|MEMORY|GEMINI)(?:\\.local)?\\.md\\b|\\/memor(?:y|ies)\\/)[^\\n]{0,200}:)[ \\t]*$',
    // "# Memory", "## Relevant memories", "Memories:"
    `^(?<heading>(?:#{1,4} *|(?=[^\\n]{0,80}:[ \\t]*$))(?:(?:relevant|recalled|saved|stored|long-term|user|project|agent|auto|retrieved|past|previous|your|my) ){0,3}${MEMORY}(?: (?:from|about|of|for)[^\\n:]{0,60})?:?)[ \\t]*$`,
  ].join('|'),
  'gim',
)

type Part = { is_memory: boolean; text: string }

/** In order; parts without words are dropped. */
function parts(text: string): Part[] {
  if (!HINT.test(text)) return words(text, false)
  const found: Part[] = []
  const unclosed = new Set<string>()
  let done = 0
  OPENING.lastIndex = 0
  for (let open = OPENING.exec(text); open !== null; open = OPENING.exec(text)) {
    const end = endOf(text, open, OPENING.lastIndex, unclosed)
    if (end === null) continue
    found.push(...words(text.slice(done, open.index), false), ...words(text.slice(open.index, end), true))
    done = end
    OPENING.lastIndex = end
  }
  return [...found, ...words(text.slice(done), false)]
}

/** Where a form ends that was opened before `inside`. Null where it is none: a person wrote a tag that is never closed. */
function endOf(text: string, open: RegExpExecArray, inside: number, unclosed: Set<string>): number | null {
  const { tag, block, front, file } = open.groups!
  if (tag !== undefined) {
    const close = unclosed.has(tag) ? -1 : text.indexOf(`</${tag}>`, inside)
    if (close !== -1) return close + tag.length + 3
    unclosed.add(tag)
    return text.slice(0, open.index).trim() === '' ? text.length : null
  }
  if (block !== undefined) return endAfter(text, /<!-- ?reverie:end ?-->/g, inside)
  if (front !== undefined) return endAfter(text, /^Why: .*(?:\n\nAlso, in the same sessions: .*)*/gm, inside)
  return file === undefined ? endOfSection(text, inside) : text.length
}

function endAfter(text: string, last: RegExp, from: number): number {
  last.lastIndex = from
  return last.exec(text) === null ? text.length : last.lastIndex
}

const LINE = /\n([^\n]*)/g
const ITEM = /^\s*(?:[-*+•]|\d+[.)]) /

/** Under a heading: the list, or else the one paragraph, that comes next. */
function endOfSection(text: string, from: number): number {
  let end = from
  let is_list: boolean | null = null
  for (const line of text.slice(from).matchAll(LINE)) {
    const words = line[1]!
    const is_blank = words.trim() === ''
    if (is_list === null && !is_blank) is_list = ITEM.test(words)
    if (is_list === false && is_blank) break
    if (is_list && !is_blank && !ITEM.test(words) && !/^\s/.test(words)) break
    if (!is_blank) end = from + line.index + line[0].length
  }
  return end
}

function words(text: string, is_memory: boolean): Part[] {
  const trimmed = text.trim()
  return trimmed === '' ? [] : [{ is_memory, text: trimmed }]
}
