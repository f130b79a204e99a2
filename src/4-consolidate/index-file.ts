import { INDEX_PATH } from '../domain/memory.ts'
import { type FrontMatter, frontMatterOf, marksIn, wordsOf } from './memory-file.ts'

const MAX_LINES = 200
const MAX_BYTES = 25_000

/**
 * The index of a memory store: one line a memory, by folder, those that no longer count last. A line says for whom a memory is when it is
 * not for everybody, and what is the matter with it. At most 200 lines and 25 KB; when not all fit, the last line says how many more
 * there are.
 */
export function indexFile(memories: { path: string; content: string }[]): string {
  const entries = memories
    .filter((it) => it.path !== INDEX_PATH)
    .map((it) => ({ ...it, front: frontMatterOf(it.content) }))
    .sort((a, b) => Number(isPast(a.front)) - Number(isPast(b.front)) || (a.path < b.path ? -1 : 1))
    .map(({ path, content, front }) => {
      const remarks = remarksOn(front, content)
      const label = remarks.length === 0 ? '' : `(${remarks.join('; ')}) `
      return `- [${path}](${path}): ${label}${oneLine(front.description ?? firstLine(content))}`
    })
  const lines = ['# What earlier sessions taught', '']
  let bytes = Buffer.byteLength(lines.join('\n'))
  for (const [i, entry] of entries.entries()) {
    bytes += Buffer.byteLength(entry) + 1
    if (lines.length >= MAX_LINES - 1 || bytes > MAX_BYTES - 100) {
      lines.push(`- … and ${entries.length - i} more`)
      break
    }
    lines.push(entry)
  }
  return `${lines.join('\n')}\n`
}

/** What is the matter with a memory that should not simply be followed. */
const PAST = new Map([
  ['stale', 'stale'],
  ['dormant', 'dormant'],
  ['disputed', 'disputed, do not follow'],
  ['retired', 'retired, do not follow'],
])

/** Whether a memory of Reverie no longer counts. */
export function isPast({ pattern, also, status }: FrontMatter): boolean {
  return (pattern !== null || also.length > 0) && PAST.has(status ?? '')
}

function remarksOn(front: FrontMatter, content: string): string[] {
  return [
    ...(front.person === null ? [] : [`for ${front.person}`]),
    ...(isPast(front) ? [PAST.get(front.status!)!] : []),
    ...(marksIn(content).some((it) => it.startsWith('Conflict: ')) ? ['another memory says otherwise'] : []),
  ]
}

function firstLine(content: string): string {
  return wordsOf(content).split('\n')[0] || '(empty)'
}

function oneLine(text: string): string {
  const line = [...text.replace(/^#+ /, '').replace(/\s+/g, ' ').trim()]
  return line.length <= 200 ? line.join('') : `${line.slice(0, 199).join('')}…`
}
