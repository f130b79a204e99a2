import { styleText } from 'node:util'
import { DEFAULT_WORKSPACE } from '../domain/default-workspace.ts'
import { commandName, nextPage, quoted } from './command-line.ts'

/** Where and how an answer is shown. */
export type Screen = {
  columns: number
  bold: (text: string) => string
  dim: (text: string) => string
  good: (text: string) => string
  bad: (text: string) => string
  /** A command line that works here as printed: for `['lessons']`, `reverie lessons --db 'my file'`, naming the database and the workspace where it must. */
  command: (words: string[], database?: string) => string
  /** The line that ends a page, an empty text on the last one. */
  more: (next_page: string | null) => string
}

/**
 * For a terminal, as wide as it is up to a readable line; for anything else plain and 80 columns.
 *
 * `database` and `workspace` are those that printed commands have to name; null where they find them without.
 */
export function screenFor(
  stream: { isTTY?: boolean; columns?: number; hasColors?: () => boolean },
  argv: string[],
  database: string | null,
  workspace: string | null = null,
): Screen {
  const has_color = stream.isTTY === true && stream.hasColors?.() === true
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    has_color && text !== '' ? styleText(format, text, { validateStream: false }) : text
  const dim = style('dim')
  const line = (words: string[]) => [commandName(), ...words.map((it) => quoted(it))].join(' ')
  return {
    columns: stream.isTTY ? Math.min(stream.columns || 80, 100) : 80,
    bold: style('bold'),
    dim,
    good: style('green'),
    bad: style('red'),
    command: (words, other) => {
      const db = other ?? database
      const there = other === undefined ? workspace : workspace && DEFAULT_WORKSPACE.name
      const place = [...(db === null ? [] : ['--db', db]), ...(there === null ? [] : ['--workspace', there])]
      return line([...words, ...place])
    },
    more: (next_page) =>
      next_page === null ? '' : `\n${dim('There is more:')} ${line(nextPage(argv, next_page))}\n`,
  }
}

/** The same screen for what is in another database, which its commands then name. */
export function onDatabase(screen: Screen, database: string): Screen {
  return { ...screen, command: (words) => screen.command(words, database) }
}
