import { liftInWords, type Sides } from '../../domain/lift-words.ts'
import type { Report, StoreReport } from '../../domain/report.ts'
import { wrap } from '../layout.ts'
import { count, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export type WrittenReport = { html: string; json: string; report: Report }

const INDENT = '    '
const SIDES: Sides = { treatment: 'with lessons', control: 'without' }

/** Where the page is, and what it says first of each store. */
export function showReport({ html, report: { from, to, stores } }: WrittenReport, screen: Screen): string {
  const { columns } = screen
  const head = `From ${from} to ${to}: ${count(stores.length, 'memory store')}. The page is at`
  const says = stores.map((it) => showStore(it, screen)).join('\n')
  return `${wrap(head, columns)}\n  ${html}\n${says === '' ? '' : `\n${says}`}`
}

function showStore({ store, effect, memory, alarms }: StoreReport, { columns, bold }: Screen): string {
  const completion = effect?.lifts.find((it) => it.metric === 'completion')
  const last = memory.at(-1)
  const lines = [
    completion === undefined ? 'Nothing is measured yet.' : `${liftInWords(completion, SIDES)}.`,
    last === undefined
      ? 'The memory is empty.'
      : `The memory holds ${count(last.memories, 'memory')}, ${size(last.bytes)}.`,
    ...alarms.map((it) => `Alarm: ${it.text}`),
  ]
  return `${bold(wrap(`* ${store}`, columns))}\n${lines.map((it) => wrap(it, columns, INDENT)).join('\n')}\n`
}
