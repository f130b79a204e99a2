import type { Change } from '../../domain/change.ts'
import { wrap } from '../layout.ts'
import { grouped } from '../number-words.ts'
import type { Screen } from '../screen.ts'

const signs = { created: '+', modified: '~', deleted: '-' }

const kinds = {
  add: 'new',
  refresh: 'refreshed',
  merge: 'folded',
  stale: 'stale',
  conflict: 'conflict',
}

/** What happened to which memory, the first `limit` of them. */
export function showChanges(changes: Change[], screen: Screen, limit = Number.POSITIVE_INFINITY): string {
  const rest = changes.length - limit
  const lines = changes.slice(0, limit).map((it) => changeLine(it, screen))
  if (rest > 0) lines.push(`  and ${grouped(rest)} more`)
  return lines.map((it) => `${it}\n`).join('')
}

/** One change in full: why, and which lines came and went. */
export function showChange(change: Change, screen: Screen): string {
  const { columns, good, bad } = screen
  const [before, after] = [linesOf(change.before), linesOf(change.after)]
  const lines = [
    ...without(before, after).map((it) => bad(wrapped('-', it, columns))),
    ...without(after, before).map((it) => good(wrapped('+', it, columns))),
  ]
  return `${changeLine(change, screen)}\n${wrap(change.reason, columns, '    ')}\n\n${lines.join('\n')}\n`
}

function changeLine({ operation, kind, path, verdict, verdict_reason }: Change, screen: Screen): string {
  const paint = { created: screen.good, modified: screen.bold, deleted: screen.bad }[operation]
  const line = `  ${paint(signs[operation])} ${kinds[kind].padEnd(9)}  ${path}`
  if (verdict === 'allow') return line
  const word = verdict === 'hold' ? 'held back for a person' : 'refused'
  return `${line}\n${wrap(`${word}: ${verdict_reason}`, screen.columns, '    ')}`
}

function linesOf(text: string | null): string[] {
  return text === null ? [] : text.replace(/\n$/, '').split('\n')
}

/** The lines of `text` that `other` lacks, a line that stands there twice only where it stands there once. */
function without(text: string[], other: string[]): string[] {
  const left = [...other]
  return text.filter((it) => {
    const at = left.indexOf(it)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

function wrapped(sign: string, line: string, columns: number): string {
  return wrap(line, columns - 6, '      ').replace(/^ {6}/, `    ${sign} `)
}
