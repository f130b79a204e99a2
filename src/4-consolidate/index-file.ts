import { frontMatterOf } from './memory-file.ts'

/** What a session reads first. */
export const INDEX_PATH = '/_index.md'

const MAX_LINES = 200
const MAX_BYTES = 25_000

/**
 * The index of a memory store: one line a memory, by folder, stale ones last. At most 200 lines and 25 KB;
 * when not all fit, the last line says how many more there are.
 */
export function indexFile(memories: { path: string; content: string }[]): string {
  const entries = memories
    .filter((it) => it.path !== INDEX_PATH)
    .map((it) => ({ ...it, front: frontMatterOf(it.content) }))
    .sort(
      (a, b) =>
        Number(a.front.status === 'stale') - Number(b.front.status === 'stale') || (a.path < b.path ? -1 : 1),
    )
    .map(
      ({ path, content, front }) =>
        `- [${path}](${path}): ${front.status === 'stale' ? '(stale) ' : ''}${oneLine(front.description ?? firstLine(content))}`,
    )
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

function firstLine(content: string): string {
  return (
    content
      .replace(/^---\n[\s\S]*?\n---\n/, '')
      .split('\n')
      .find((it) => it.trim() !== '') ?? '(empty)'
  )
}

function oneLine(text: string): string {
  const line = [...text.replace(/^#+ /, '').replace(/\s+/g, ' ').trim()]
  return line.length <= 200 ? line.join('') : `${line.slice(0, 199).join('')}…`
}
