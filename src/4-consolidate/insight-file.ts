/**
 * An insight as a memory: what a model read out of several lessons, with the lessons that it rests on from the record.
 *
 * The sentence is the model's, and all else is ours. An insight holds as long as each of its lessons is told, in the words that it was
 * read out of; then it is marked and kept.
 */
import type { Pattern } from '../domain/pattern.ts'
import { frontMatterOf, wordedBy, yamlText } from './memory-file.ts'

export type Insight = { wording: string; lessons: Pattern[] }

/** `since` is `YYYY-MM-DD`; `marks` are lines that say which other memory says otherwise. There is at least one lesson. */
export function insightFile(
  { wording, lessons }: Insight,
  since: string,
  { worded, marks = [] }: { worded?: string; marks?: string[] } = {},
): string {
  const { agent, person } = lessons[0]!.scope
  const hash = wordedBy(lessons, wording)
  const holds = (worded ?? hash) === hash && lessons.every((it) => isTold(it))
  return [
    '---',
    `name: ${yamlText(nameOf(wording))}`,
    `description: ${yamlText(wording)}`,
    'type: insight',
    `scope: { agent: ${yamlText(agent)}${person === null ? '' : `, person: ${yamlText(person)}`} }`,
    `since: ${since}`,
    ...(holds ? [] : ['status: stale']),
    `also: ${lessons.map((it) => it.id).join(', ')}`,
    `worded: ${worded ?? hash}`,
    '---',
    ...[...(holds ? [] : [STALE]), ...marks].flatMap((it) => [it, '']),
    wording,
    '',
    `Why: a model read it out of ${lessons.length} lessons.`,
    '',
    ...lessons.flatMap((it) => [`Rests on: ${it.text} ${it.why}`, '']),
  ].join('\n')
}

const STALE = 'Stale: a lesson that it rests on no longer holds, or says something else.'

/** Whether an agent is to be told of it as something to do. */
export function isTold({ status, tier }: Pick<Pattern, 'status' | 'tier'>): boolean {
  return (status === 'probation' || status === 'confirmed') && tier !== 'marker'
}

/** Whether a text is a memory of this kind. */
export function isInsight(content: string): boolean {
  const { pattern, also, worded } = frontMatterOf(content)
  return pattern === null && also.length > 0 && worded !== null
}

/** A short stable slug; becomes the memory's file name. */
export function nameOf(wording: string): string {
  const words =
    wording
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return [...words.slice(0, 8).join('-')].slice(0, 60).join('') || 'insight'
}
