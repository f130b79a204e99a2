import type { Change } from '../../domain/change.ts'
import type { AdoptReport, Undone } from '../../engine.ts'
import { wrap } from '../layout.ts'
import { count } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { changeLine, shortChangeId } from './change.ts'

/** What went live and what did not, change by change, and what to do next. */
export function showAdoption(it: AdoptReport, screen: Screen): string {
  const { adopted, known } = it
  const would = it.dry_run ? ' (dry run: nothing was written)' : ''
  const head =
    adopted.length === 0
      ? `Nothing went live${would}.`
      : `${count(adopted.length, 'change')} ${adopted.length === 1 ? 'is' : 'are'} live${would}.`
  return [
    `${head}\n`,
    ...adopted.map((change) => lineOf(change, screen)),
    ...known.map((change) => `${lineOf(change, screen)}    live already\n`),
    ...notLive(it, screen),
    ...nextSteps(it, screen),
  ].join('')
}

export function showUndone({ change, version }: Undone, screen: Screen): string {
  const what = version.operation === 'deleted' ? 'The memory was taken away' : 'The text before is back'
  return [
    lineOf(change, screen),
    `${wrap(`Taken back. ${what} (${version.id}); no dream proposes it again before twice as much speaks for it.`, screen.columns)}\n`,
    `Its past: ${screen.command(['memory', 'history', change.path])}\n`,
  ].join('')
}

function notLive({ superseded, refused }: AdoptReport, screen: Screen): string[] {
  const told = superseded.map(({ change, again, why }) => ({
    change,
    why: again === null ? why : `${why}; it waits for a decision again, as ${shortChangeId(again.id)}`,
  }))
  return [...told, ...refused].map(
    ({ change, why }) =>
      `${lineOf(change, screen)}${screen.bad(wrap(`not live: ${why}`, screen.columns, '    '))}\n`,
  )
}

function nextSteps({ dry_run, adopted, superseded, undecided }: AdoptReport, screen: Screen): string[] {
  const waiting = undecided + superseded.filter((it) => it.again !== null).length
  return [
    ...(waiting === 0
      ? []
      : [`${count(waiting, 'change')} undecided. Decide: ${screen.command(['decide'])}\n`]),
    ...(dry_run || adopted.length === 0
      ? []
      : [`Take one back: ${screen.command(['undo', shortChangeId(adopted[0]!.id)])}\n`]),
  ]
}

function lineOf(change: Change, screen: Screen): string {
  return `${screen.dim(shortChangeId(change.id))}${changeLine(change, screen)}\n`
}
