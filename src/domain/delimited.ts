/** Delimited: texts of strangers between marks that none of them can close, so that whoever reads on knows where each of them ends. */
import { sha256 } from './id.ts'

/**
 * Gives what puts one text between marks, with words of ours in the opening one: `<memory-1f2e3d4c id="m1">`. The marks are known only when
 * all texts are; where a text has something like one all the same, of this name or of another, its bracket is made another.
 */
export function delimiterOf(name: string, texts: string[]): (text: string, words: string) => string {
  const mark = `${name}-${sha256(JSON.stringify(texts)).slice(0, 8)}`
  return (text, words) =>
    `<${mark} ${words.replace(/[<>＜＞]/g, '')}>\n${withoutMarks(text, [name])}\n</${mark}>`
}

/** A text in which nothing looks like a mark of ours: one of these names, or any name with a hash, opening or closing, whatever stands in between unseen. */
export function withoutMarks(text: string, names: string[]): string {
  const like_a_mark = new RegExp(
    `[<＜﹤‹〈](?=[\\s\\p{Cf}]*[/\\\\]?[\\s\\p{Cf}]*(?:(?:${names.join('|')})-|[a-z]+-[0-9a-f]{8}))`,
    'giu',
  )
  return text.replace(like_a_mark, '‹')
}
