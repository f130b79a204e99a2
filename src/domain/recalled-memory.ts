/**
 * Recalled memory: what a memory told the agent, in whatever form it stands in a text.
 *
 * Memory is known by its marks: the tags that plugins use, headings over a list, what Claude Code says before an instructions
 * file, and the forms that Reverie itself writes. Memory in no such form is a person's words.
 */
import { type SessionEvent, textOf } from './event.ts'

/** Whether an event is of a memory: cut out of a message, or put in by a harness in one piece. */
export function isRecalled(event: SessionEvent): boolean {
  return event.type === 'system.message' && memoryParts(textOf(event)).some((it) => it.is_memory)
}

/** A word that every form has in it, so that most texts need no closer look. */
export function mayHoldMemory(text: string): boolean {
  return HINT.test(text)
}

const HINT = /memor|claude|agents\.md|gemini\.md|reverie|earlier sessions|lessons|playbook|mem0|pat_/i

export type MemoryPart = { is_memory: boolean; text: string }

/** What of a text is memory and what is not, in order; parts without words are dropped. */
export function memoryParts(text: string): MemoryPart[] {
  if (!mayHoldMemory(text)) return words(text, false)
  const found: MemoryPart[] = []
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

function words(text: string, is_memory: boolean): MemoryPart[] {
  const trimmed = text.trim()
  return trimmed === '' ? [] : [{ is_memory, text: trimmed }]
}
