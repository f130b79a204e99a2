/** Delimited: texts of strangers between marks that none of them can close, so that whoever reads on knows where each of them ends. */
import { sha256 } from './id.ts'

/**
 * Gives what puts one text between marks, with words of ours in the opening one: `<memory-1f2e3d4c id="m1">`. The marks are known only when
 * all texts are; where a text has something like one all the same, of this name or of another, its bracket is made another.
 */
export function delimiterOf(name: string, texts: string[]): (text: string, words: string) => string {
  const mark = `${name}-${sha256(JSON.stringify(texts)).slice(0, 8)}`
  const like_a_mark = new RegExp(
    `[<＜﹤‹〈](?=[\\s\\p{Cf}]*[/\\\\]?[\\s\\p{Cf}]*(?:${name}-|[a-z]+-[0-9a-f]{8}))`,
    'giu',
  )
  return (text, words) =>
    `<${mark} ${words.replace(/[<>＜＞]/g, '')}>\n${text.replace(like_a_mark, '‹')}\n</${mark}>`
}
