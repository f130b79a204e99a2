import type { Page } from '../../domain/page.ts'
import type { ExperimentWithLifts } from '../../engine.ts'
import { table, wrap } from '../layout.ts'
import { minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { HEAD, liftRow } from './experiment.ts'

export function showLifts({ data, next_page }: Page<ExperimentWithLifts>, screen: Screen): string {
  if (data.length === 0) {
    const says =
      'Nothing is measured yet. It starts by itself with the first session that recalls a lesson: some of the sessions then go without, and the others are held against them.'
    return `${wrap(says, screen.columns)}\n\nNext: ${screen.command(['experiments', '--help'])}\n`
  }
  return `${data.map((it) => showLift(it, screen)).join('\n')}${screen.more(next_page)}`
}

const INDENT = '    '

/** What is tried, what its sessions say in a sentence, and the table of all that is compared. */
function showLift(it: ExperimentWithLifts, { columns, bold, dim }: Screen): string {
  const compared = it.lifts.filter(({ treatment, control }) => treatment.sessions + control.sessions > 0)
  const paragraphs = [
    wrap(it.says, columns, INDENT),
    ...(compared.length === 0 ? [] : [table([HEAD, ...compared.map(liftRow)], columns, INDENT)]),
    dim(wrap([it.id, verdictOn(it), ...ended(it)].join(', '), columns, INDENT)),
  ]
  return `${bold(wrap(about(it), columns, '  ').replace(/^ {2}/, '* '))}\n${paragraphs.join('\n\n')}\n`
}

function about({ kind, store, agent, lesson, control_agent }: ExperimentWithLifts): string {
  if (kind === 'memory') return `All lessons of ${store}, against sessions without memory`
  if (kind === 'agent') return `${agent}, against ${control_agent}, which has no memory`
  return lesson ?? 'A lesson that is gone'
}

/** By the last dream, which retires a lesson that does not help. */
function verdictOn({ kind, verdict }: ExperimentWithLifts): string {
  const says = {
    keep: 'it helps (90 % sure)',
    harm: 'it harms (95 % sure)',
    futile: 'it does not help (90 % sure)',
  }
  if (verdict === null) return 'no verdict yet'
  if (kind !== 'lesson') return says[verdict]
  return `${verdict === 'keep' ? 'kept' : 'retired'}: ${says[verdict]}`
}

function ended({ status, ended_at, kind, verdict, reason }: ExperimentWithLifts): string[] {
  if (status === 'running') return []
  const is_moot = kind === 'lesson' && verdict !== 'harm' && verdict !== 'futile'
  return [`ended on ${minute(ended_at)} UTC${is_moot ? `: ${reason}` : ''}`]
}
