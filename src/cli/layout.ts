/** Text that fits its place: lines broken between words, columns aligned, long values cut. All widths are in terminal cells. */

/** Breaks text into lines of at most `columns`, every line after `indent`. Words that are longer are cut into pieces. */
export function wrap(text: string, columns: number, indent = ''): string {
  const room = Math.max(columns - indent.length, 20)
  const lines: string[] = ['']
  for (const word of text
    .split(/\s+/)
    .filter((it) => it !== '')
    .flatMap((it) => pieces(it, room))) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (cells(line) + 1 + cells(word) <= room) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((it) => indent + it).join('\n')
}

/** One line in pieces of at most `columns`, with every space it has: after a space where there is one, else anywhere. */
export function folded(line: string, columns: number): string[] {
  const lines = ['']
  for (const word of line.match(/\S*\s|\S+$/g) ?? [])
    for (const it of cells(word.trimEnd()) > columns ? pieces(word, columns) : [word])
      if (cells(lines.at(-1)! + it.trimEnd()) <= columns) lines[lines.length - 1] += it
      else lines.push(it)
  return lines
}

/**
 * Rows as aligned columns, two spaces apart. Columns whose values are all numbers are flush right; the last one gets
 * what is left of the line and is cut there.
 */
export function table(rows: string[][], columns: number, indent = ''): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((it) => cells(it[i]!))))
  const numeric = widths.map((_, i) => rows.slice(1).every((it) => /^[\d,.]+( [kMG]?B)?$/.test(it[i]!)))
  const last = widths.length - 1
  const left = columns - indent.length - widths.slice(0, last).reduce((sum, it) => sum + it + 2, 0)
  widths[last] = Math.min(widths[last]!, Math.max(left, 8))
  return rows
    .map((row) => (indent + row.map((it, i) => fill(it, widths[i]!, numeric[i]!)).join('  ')).trimEnd())
    .join('\n')
}

/** On one line, and cut with an ellipsis where it is wider than `columns`. */
export function cut(text: string, columns: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (cells(line) <= columns) return line
  return `${pieces(line, columns - 1)[0]!.trimEnd()}…`
}

/** Like `cut`, but what is left out is the beginning: the end of a path says most. */
export function cutStart(text: string, columns: number): string {
  if (cells(text) <= columns) return text
  const backwards = [...text].reverse().join('')
  return `…${[...pieces(backwards, columns - 1)[0]!].reverse().join('')}`
}

function fill(text: string, columns: number, flush_right: boolean): string {
  const short = cut(text, columns)
  const space = ' '.repeat(Math.max(columns - cells(short), 0))
  return flush_right ? space + short : short + space
}

const NO_WIDTH = /^[\p{M}\p{Cf}]$/u
const WIDE =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60]$/u

function cells(text: string): number {
  let sum = 0
  for (const it of text) sum += width(it)
  return sum
}

function width(character: string): number {
  if (character < '\u0300') return 1
  return NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}

function pieces(word: string, columns: number): string[] {
  const found = ['']
  let used = 0
  for (const it of word) {
    if (used + width(it) > columns) {
      found.push('')
      used = 0
    }
    found[found.length - 1] += it
    used += width(it)
  }
  return found
}
