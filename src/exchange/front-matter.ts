/**
 * Memories under the front matter of other formats.
 *
 * Those want a name and a description there, and their readers know no paths of ours. So a memory is put into a file of
 * such a format under front matter of that format, with its path and its own front matter as one line of JSON.
 */
import { z } from 'zod'
import { EngineError } from '../domain/error.ts'
import { fieldIn, joined, personIn, split } from '../domain/front-matter.ts'
import { MemoryPath } from './file.ts'

export const FORMAT_VERSION = 1

/** What a memory is called and about, on one line each, and the one person it is for, if it is for one. */
export type About = { name: string; description: string; type: string | null; person: string | null }

export function aboutOf(path: string, content: string): About {
  const { front, body } = split(content)
  const last = path.slice(path.lastIndexOf('/') + 1).replace(/\.md$/, '')
  const person = personIn(front)
  const name = plainText(fieldIn(front, 'name') ?? last) || 'memory'
  const about = fieldIn(front, 'description') ?? body.split('\n').find((it) => it.trim() !== '') ?? ''
  return {
    name,
    description: plainText(about.replace(/^#+ /, '')) || name,
    type: fieldIn(front, 'type'),
    person: person === null ? null : plainText(person),
  }
}

/** The text of a file in which a memory stands under front matter made of these lines. */
export function wrapped(path: string, content: string, lines: string[]): string {
  const { front, body } = split(content)
  const kept = plainJson({ format_version: FORMAT_VERSION, path, front })
  const outer = [...lines, 'metadata:', `  reverie: '${kept.replaceAll("'", "''")}'`]
  return joined({ front: `${outer.join('\n')}\n`, body })
}

/** What `wrapped` put together; null for any other text. Throws for what a newer Reverie wrote. */
export function unwrapped(
  text: string,
  file: string,
): { path: string; content: string; lines: string[] } | null {
  // A file of ours begins with `---\n`; where it does not, something has turned all its line ends.
  const { front, body } = split(text.startsWith('---\r\n') ? text.replaceAll('\r\n', '\n') : text)
  const mark = WRAPPER.exec(front ?? '')
  if (front === null || mark === null) return null
  const kept = parsedMark(Wrapped, mark[1]!.replaceAll("''", "'"), file)
  if (kept === null) return null
  return {
    path: kept.path,
    content: joined({ front: kept.front, body }),
    lines: front.slice(0, mark.index).trimEnd().split('\n'),
  }
}

/** What to say of a file whose front matter is no longer what it was given; nothing where it is. */
export function noteOfEdits(file: string, lines: string[], given: string[]): string[] {
  const is_same = lines.join('\n') === given.join('\n')
  return is_same ? [] : [`${file}: what was changed in its front matter is not taken over; its text is`]
}

/** Whether a text would be taken for what `wrapped` makes, or for what a later version of it may. */
export function looksWrapped(content: string): boolean {
  return WRAPPER.test(split(content).front ?? '')
}

const WRAPPER = /^metadata:\n {2}reverie: '(.*)'$/m

const Wrapped = z.object({ path: MemoryPath, front: z.string().nullable() })

/** The JSON of a mark of ours; null where it is none. Throws for one that a newer Reverie wrote. */
export function parsedMark<T>(shape: z.ZodType<T>, json: string, file: string): T | null {
  const value = parsedJson(json)
  const version = z.object({ format_version: z.number().int() }).safeParse(value).data?.format_version
  if (version !== undefined && version > FORMAT_VERSION)
    throw new EngineError(
      'invalid_request_error',
      `${file} is of format version ${version}, and this Reverie knows up to ${FORMAT_VERSION}`,
      { hint: 'use the version of Reverie that wrote it, or a newer one' },
    )
  return shape.safeParse(value).data ?? null
}

/** Undefined where it is no JSON: what looked like a mark is somebody's text then. */
function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** JSON that may stand in a comment and on one line: nothing in it closes a tag, breaks a line or is invisible. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu, (it) =>
    it
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** A YAML string on one line: plain where it may be, double-quoted (which is JSON) where it must. */
export function yamlText(text: string): string {
  return /^[A-Za-z][\w ./()-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|y|n|null)$/i.test(text)
    ? text
    : plainJson(text)
}

/** The first `max` characters. */
export function cutTo(text: string, max: number): string {
  return text.length <= max ? text : `${[...text.slice(0, max - 1)].slice(0, -1).join('')}…`
}

/** On one line, without what cannot be seen. */
function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
}
