import { fieldIn, joined, personIn, split } from '../domain/front-matter.ts'
import { sha256 } from '../domain/id.ts'
import { lessonsBesides } from '../domain/model-words.ts'
import type { Pattern } from '../domain/pattern.ts'

/** What Reverie reads back from a memory it wrote. */
export type FrontMatter = {
  pattern: string | null
  since: string | null
  status: string | null
  description: string | null
  /** Whose memory it is; null when it is for everybody. */
  person: string | null
  /** The lessons it tells besides: those merged into it, or those that an insight rests on. */
  also: string[]
  /** Of the wording of a model, `wordedBy`; null where the words are ours. */
  worded: string | null
}

/** What a memory says besides its lesson. */
export type Remarks = {
  /** One line each: which other memory says otherwise. */
  marks: string[]
  /** Lessons from the same sessions that have no memory of their own. */
  also: Pattern[]
  /** Lessons that say the same in other words, which this memory tells for them. */
  merged?: Pattern[]
  /** A model's words for it, that stood the check; null for ours. */
  wording?: string | null
}

/**
 * A lesson as a memory: the lesson first, then why, and front matter for machines.
 *
 * `since` is the day on which the lesson was first written, `YYYY-MM-DD`. A memory says its status where that is more than "on
 * probation", which every lesson is at first. A lesson that no longer counts keeps its words and says so; one that is disputed is only quoted.
 */
export function memoryFile(
  pattern: Omit<Pattern, 'e' | 'watch'>,
  since: string,
  { marks, also, merged = [], wording = null }: Remarks = { marks: [], also: [] },
): string {
  const { status, scope } = pattern
  const text = wording ?? pattern.text
  const told = merged.map((it) => it.id)
  const worded = wording === null ? [] : [`worded: ${wordedBy([pattern, ...merged], wording)}`]
  const warning = warningOf(pattern)
  const person = scope.person === null ? '' : `, person: ${yamlText(scope.person)}`
  return [
    '---',
    `name: ${yamlText(pattern.name)}`,
    `description: ${yamlText(text)}`,
    `type: ${pattern.class}`,
    `scope: { agent: ${yamlText(scope.agent)}${person} }`,
    `since: ${since}`,
    ...(status === 'probation' || status === 'candidate' ? [] : [`status: ${status}`]),
    `pattern: ${pattern.id}`,
    ...(told.length === 0 ? [] : [`also: ${told.join(', ')}`]),
    ...worded,
    '---',
    ...[...(warning === null ? [] : [warning]), ...marks].flatMap((it) => [it, '']),
    status === 'disputed' ? `What it said: "${text}"` : text,
    '',
    `Why: ${pattern.why}`,
    '',
    ...(merged.length > 0 && wording !== null ? [`The same in other words: ${pattern.text}`, ''] : []),
    ...merged.flatMap((it) => [`The same in other words: ${it.text} ${it.why}`, '']),
    ...also.flatMap((it) => [`Also, in the same sessions: ${it.text} ${it.why}`, '']),
  ].join('\n')
}

/** Which words a model put in place of which: other lessons, or other words, and it is another. */
export function wordedBy(lessons: Pick<Pattern, 'text'>[], wording: string): string {
  return sha256(JSON.stringify([...lessons.map((it) => it.text), wording])).slice(0, 12)
}

function warningOf({ status, tier, channel }: Pick<Pattern, 'status' | 'tier' | 'channel'>): string | null {
  switch (status) {
    case 'stale':
      return 'Stale: recent sessions no longer support this, or another lesson says it better.'
    case 'dormant':
      return 'Dormant: nothing of the kind was seen for three months, so it may no longer apply.'
    case 'disputed':
      return tier === 'people' || channel === 'approval'
        ? 'Disputed: approved by people but judged wrong by verified outcomes. Do not follow it.'
        : 'Disputed: there is as much evidence for the opposite. Do not follow it.'
    case 'retired':
      return 'Retired: it was followed and did not help. Do not follow it.'
    default:
      return null
  }
}

/** The front matter of any memory; nulls where there is none, or where it says nothing of the kind. */
export function frontMatterOf(content: string): FrontMatter {
  const { front } = split(content)
  return {
    pattern: fieldIn(front, 'pattern'),
    since: fieldIn(front, 'since'),
    status: fieldIn(front, 'status'),
    description: fieldIn(front, 'description'),
    person: personIn(front),
    also: lessonsBesides(front),
    worded: fieldIn(front, 'worded'),
  }
}

/** The lines that say that another memory says otherwise, or the same. */
export function marksIn(content: string): string[] {
  return content.split('\n').filter((it) => MARK.test(it))
}

const MARK = /^(?:Conflict|Copy): \/\S.* says /

/** A memory with marks above its text, its front matter first and every other byte as it was. */
export function marked(content: string, marks: string[]): string {
  const { front, body } = split(content)
  return joined({ front, body: `${marks.map((it) => `${it}\n\n`).join('')}${body}` })
}

/** What a memory says, without its front matter and marks. */
export function wordsOf(content: string): string {
  return split(content)
    .body.split('\n')
    .filter((it) => !MARK.test(it))
    .join('\n')
    .trim()
}

/** A YAML string on one line: plain where it may be, double-quoted (which is JSON) where it must. */
export function yamlText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return PLAIN.test(line) && !NO_STRING.test(line) ? line : JSON.stringify(line)
}

const PLAIN = /^[A-Za-z][^\p{Cc}:#{}[\],&*!|>'"%@`]*$/u
/** What YAML takes for a truth value or nothing. */
const NO_STRING = /^(?:true|false|yes|no|on|off|y|n|null)$/i
