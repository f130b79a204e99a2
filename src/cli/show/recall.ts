import type { Page } from '../../domain/page.ts'
import type { Recall } from '../../domain/recall.ts'
import type { Recalled } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

/** For whoever set it up, beside the text, which is for the session. */
export function showRemarks({ text, notes, left_out, memories }: Recalled, { columns }: Screen): string {
  const held = memories.filter((it) => it.given === 'held').length
  const remarks = [
    ...notes,
    ...(held === 0 ? [] : [`${count(held, 'memory')} held back, so that the effect is known.`]),
    ...(left_out === 0 ? [] : [`${count(left_out, 'memory')} left out: there was no room.`]),
  ]
  if (text === '' && remarks.length === 0) remarks.push('There is nothing to give yet.')
  return remarks.map((it) => `${wrap(it, columns)}\n`).join('')
}

export function showRecalls({ data, next_page }: Page<Recall>, screen: Screen): string {
  if (data.length === 0)
    return `No recalls yet. A session is given memory with:\n  ${screen.command(['recall', '--help'])}\n`
  return `${data.map((it) => showRecall(it, screen)).join('\n')}${screen.more(next_page)}`
}

/** One recall: for whom, by which lot, and what was given and held. */
export function showRecall(it: Recall, { columns, bold, dim }: Screen): string {
  const session = it.session_key === null ? 'no session' : `session ${it.session_key}`
  const facts = [minute(it.created_at), it.agent, ARMS[it.arm ?? 'none'], count(it.tokens, 'token')].join(
    ', ',
  )
  const memories = it.memories.map(({ given, path }) => `${given}: ${path}`)
  const lines = [cut(facts, columns - 2), ...memories.map((line) => cut(line, columns - 2))]
  return `${bold(it.id)}  ${cut(session, columns - it.id.length - 2)}\n${lines.map((line) => dim(`  ${line}\n`)).join('')}`
}

const ARMS = {
  treatment: 'drew treatment',
  control: 'drew control: no lessons',
  none: 'drew no lot',
}
