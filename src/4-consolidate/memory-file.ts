import type { Pattern } from '../domain/pattern.ts'

/** What Reverie reads back from a memory it wrote. */
export type FrontMatter = {
  pattern: string | null
  since: string | null
  status: string | null
  description: string | null
}

/**
 * A lesson as a memory: the lesson first, then why, and front matter for machines.
 *
 * `since` is the day on which the lesson was first written, `YYYY-MM-DD`. A lesson that stopped holding keeps
 * its words and says so.
 */
export function memoryFile(pattern: Pattern, since: string): string {
  const stale = pattern.status === 'stale'
  return [
    '---',
    `name: ${yamlText(pattern.name)}`,
    `description: ${yamlText(pattern.text)}`,
    `type: ${pattern.class}`,
    `scope: { agent: ${yamlText(pattern.scope.agent)} }`,
    `since: ${since}`,
    ...(stale ? ['status: stale'] : []),
    `pattern: ${pattern.id}`,
    '---',
    ...(stale ? ['Stale: recent sessions no longer support this.', ''] : []),
    pattern.text,
    '',
    `Why: ${pattern.why}`,
    '',
  ].join('\n')
}

/** The front matter of any memory; nulls where there is none, or where it says nothing of the kind. */
export function frontMatterOf(content: string): FrontMatter {
  const block = /^---\n([\s\S]*?)\n---\n/.exec(content)?.[1] ?? ''
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(block)?.[1]?.trim() ?? null
  const description = field('description')
  return {
    pattern: field('pattern'),
    since: field('since'),
    status: field('status'),
    description: description?.startsWith('"') ? unquote(description) : description,
  }
}

/** A YAML string on one line: plain where it may be, double-quoted (which is JSON) where it must. */
function yamlText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return PLAIN.test(line) && !NO_STRING.test(line) ? line : JSON.stringify(line)
}

const PLAIN = /^[A-Za-z][^\p{Cc}:#{}[\],&*!|>'"%@`]*$/u
/** What YAML takes for a truth value or nothing. */
const NO_STRING = /^(?:true|false|yes|no|on|off|y|n|null)$/i

function unquote(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    // A person's YAML, not ours: what stands there is what we show.
    return text
  }
}
