import type { Page } from '../../domain/page.ts'
import type { Risk } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count } from '../number-words.ts'
import type { Screen } from '../screen.ts'

const INDENT = '    '

export function showRisk({ data, next_page }: Page<Risk>, screen: Screen): string {
  const { columns } = screen
  if (data.length === 0)
    return `${wrap('No risk to show: it takes sessions that were dreamed of and have a verified outcome, a field of the steps format (docs/steps-format.md).', columns)}\n`
  const is_mixed = new Set(data.map((it) => it.agent)).size > 1
  const says =
    'A view of where to look, no lesson: what stands out goes with failure, and need not be its cause.'
  return `${wrap(says, columns)}\n\n${data.map((it) => showIntent(it, screen, is_mixed)).join('\n')}${screen.more(next_page)}`
}

function showIntent(it: Risk, { columns, bold, dim }: Screen, is_mixed: boolean): string {
  const [failed, n] = it.sessions
  const name = it.intent.startsWith('~') ? `like "${it.example ?? it.intent}"` : it.intent
  const agent = is_mixed ? `${it.agent}: ` : ''
  const counts = `${percent(it.risk)} likely to fail (${percent(it.low)} to ${percent(it.high)}): ${failed} of ${count(n, 'session')} failed`
  const lines = it.stands_out.map(
    ({ what, here, elsewhere }) =>
      `${what} in ${here[0]} of ${here[1]}${elsewhere[1] === 0 ? '' : `, elsewhere in ${percent(elsewhere[0] / elsewhere[1])}`}`,
  )
  return [
    bold(cut(`* ${agent}${name}`, columns)),
    wrap(counts, columns, INDENT),
    ...lines.map((line) => dim(wrap(line, columns, INDENT))),
    '',
  ].join('\n')
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}
