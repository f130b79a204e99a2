import type { ListedChange } from '../../engine.ts'
import { wrap } from '../layout.ts'
import { count } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { changeLine, shortChangeId, standing } from './change.ts'

type Told = { type: string; message: string; hint: string | null }

export type Decided = {
  decided: ListedChange[]
  /** The same person had said so before. */
  known: ListedChange[]
  refused: { change: ListedChange; error: Told }[]
  /** What would be decided, and is not without a yes. */
  not_confirmed: ListedChange[]
}

export function showDecided(it: Decided, screen: Screen): string {
  const { columns, bad } = screen
  const { decided, known, refused, not_confirmed } = it
  if (not_confirmed.length > 0)
    return `${lines(not_confirmed, screen)}Nothing was decided. ${count(not_confirmed.length, 'change')} would be: say so with --yes.\n`
  if (decided.length + known.length + refused.length === 0) return 'No change fits, so nothing was decided.\n'
  return [
    ...decided.map((it) => `${line(it, screen)}${wrap(standing(it), columns, '    ')}\n`),
    ...known.map(
      (it) => `${line(it, screen)}${wrap('you said so before: nothing was added', columns, '    ')}\n`,
    ),
    ...refused.map(
      ({ change, error }) =>
        `${line(change, screen)}${bad(wrap(`not decided: ${error.message}`, columns, '    '))}\n${wrap(error.hint ?? '', columns, '    ')}\n`,
    ),
    showNext(decided, screen),
  ].join('')
}

export function showToBeDecided(changes: ListedChange[], screen: Screen): string {
  return lines(changes, screen)
}

function showNext(decided: ListedChange[], screen: Screen): string {
  const approved = decided.filter((it) => it.status === 'approved')
  const dreams = [...new Set(approved.map((it) => it.dream_id))]
  return dreams.map((it) => `Adopt: ${screen.command(['adopt', shortChangeId(it)])}\n`).join('')
}

function lines(changes: ListedChange[], screen: Screen): string {
  return changes.map((it) => line(it, screen)).join('')
}

function line(change: ListedChange, screen: Screen): string {
  return `${screen.dim(shortChangeId(change.id))}${changeLine(change, screen)}\n`
}

// ---------------------------------------------------------------- one by one

export const KEYS = '[a]pprove  [r]eject  [e]dit  [s]kip  [b]ack  [d] all quotes  [q]uit  [?]'

export function showKeys(_: null): string {
  return [
    '  a  approve: it may go live as it is shown',
    '  r  reject: it asks why, and the next dream does not propose it again',
    '  e  edit the text in your editor; what you save is what you approve',
    '  s  skip: it stays undecided (also space or return)',
    '  b  back to the change before',
    '  d  all quotes behind it',
    '  q  quit; what was decided so far is kept',
    '',
  ].join('\n')
}

export function showProgress({ at, of }: { at: number; of: number }, { bold, columns }: Screen): string {
  const title = `── Change ${at + 1} of ${of} `
  return `\n${bold(title.padEnd(columns, '─'))}\n`
}

export function showSaid(change: ListedChange, { columns, good }: Screen): string {
  return `${good(wrap(sentence(standing(change)), columns))}\n`
}

export function showRefusal(
  { message, hint }: { message: string; hint: string | null },
  screen: Screen,
): string {
  const { bad, columns } = screen
  return `${bad(wrap(`Not decided: ${message}.`, columns))}\n${hint === null ? '' : `${wrap(hint, columns, '  ')}\n`}`
}

export function showDone(
  { decided, left }: { decided: ListedChange[]; left: number },
  screen: Screen,
): string {
  const of = (status: ListedChange['status']) => decided.filter((it) => it.status === status).length
  const half = decided.filter((it) => it.status === 'undecided').length
  const parts: [n: number, words: string][] = [
    [of('approved'), 'approved'],
    [of('rejected'), 'rejected'],
    [half, half === 1 ? 'needs another person' : 'need another person'],
    [left, 'left undecided'],
  ]
  const told = parts.filter(([n]) => n > 0).map(([n, words]) => `${n} ${words}`)
  if (told.length === 0) return 'Nothing waits for a decision.\n'
  return `\n${screen.bold('Decided')}: ${told.join(', ')}.\n`
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`
}
