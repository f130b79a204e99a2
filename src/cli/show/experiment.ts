import type { Lift } from '../../domain/lift.ts'
import type { Page } from '../../domain/page.ts'
import type { ShownExperiment } from '../../engine.ts'
import { table, wrap } from '../layout.ts'
import { count, factor, grouped, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export function showExperiments({ data, next_page }: Page<ShownExperiment>, screen: Screen): string {
  const { columns } = screen
  if (data.length === 0) {
    const says =
      'No experiment to show. One starts by itself with the first session that recalls a lesson; until then nobody goes without anything.'
    return `${wrap(says, columns)}\n\nNext: ${screen.command(['changes'])}\n`
  }
  const rows = data.map((it) => [shortId(it), it.kind, without(it), SO_FAR[it.verdict ?? 'open'], about(it)])
  const off = data.some(isOff) ? `\n${wrap(OFF, columns)}\n` : ''
  return `${table([['experiment', 'kind', 'without', 'so far', 'about'], ...rows], columns)}\n${off}${screen.more(next_page)}`
}

/** One experiment: what is compared, who goes without, and what the sessions say. */
export function showExperiment(it: ShownExperiment, screen: Screen): string {
  const { columns, bold, dim } = screen
  const paragraphs = [
    dim(wrap(origin(it), columns, INDENT)),
    wrap(arms(it), columns, INDENT),
    ...(isOff(it) ? [wrap(OFF, columns, INDENT)] : []),
    wrap(`${VERDICTS[it.verdict ?? 'open']}${measured(it)}`, columns, INDENT),
    ...(it.status === 'running' && it.reason !== '' ? [wrap(it.reason, columns, INDENT)] : []),
    ...(it.lifts.length === 0 ? [] : [table([HEAD, ...it.lifts.map(liftRow)], columns, INDENT)]),
    ...(it.status === 'ended' ? [wrap(ended(it), columns, INDENT)] : []),
    ...(it.status === 'running' && it.kind !== 'memory' ? [toEnd(it, screen)] : []),
  ]
  return `${bold(wrap(about(it), columns, '  ').replace(/^ {2}/, '* '))}\n${paragraphs.join('\n\n')}\n`
}

const INDENT = '    '

/** Long enough to be the only one, short enough to copy. */
function shortId({ id }: ShownExperiment): string {
  return id.slice(0, 'exp_'.length + 8)
}

function about({ kind, store, agent, lesson, control_agent }: ShownExperiment): string {
  if (kind === 'memory') return `all lessons of ${store}`
  return kind === 'agent' ? `${agent} against ${control_agent}` : (lesson ?? 'a lesson that is gone')
}

/** Of the sessions, how many go without now. */
function without(it: ShownExperiment): string {
  if (it.status === 'ended') return 'ended'
  if (it.kind === 'agent') return 'an agent'
  return it.draws_lots ? percent(it.control_share) : 'off'
}

const SO_FAR = { open: 'not known', keep: 'helps', harm: 'harms', futile: 'no help' }

const VERDICTS = {
  open: 'Whether it helps is not known yet.',
  keep: 'It helps: sessions with it went better than sessions without.',
  harm: 'It harms: sessions with it went worse than sessions without.',
  futile: 'It does not help: what it could add at most is too little to be worth its place.',
}

const OFF =
  'Not measured now: the policy in force has measuring switched off. Every session is given what fits it, and nobody knows whether it helps.'

function isOff({ status, kind, draws_lots }: ShownExperiment): boolean {
  return status === 'running' && kind !== 'agent' && !draws_lots
}

function origin(it: ShownExperiment): string {
  const by = it.started_by === 'server' ? 'by itself' : `by ${name(it.started_by)}`
  return `${it.id}, of the memory store ${it.store}, started ${by} on ${minute(it.started_at)} UTC`
}

function arms(it: ShownExperiment): string {
  if (it.kind === 'agent')
    return `Sessions of ${it.control_agent} are given no memory while this runs. Nobody draws lots: the two are compared on the same kind of work.`
  const share =
    it.kind === 'memory'
      ? `Of the sessions that a lesson fits, ${percent(it.control_share)} are given none; what people wrote they are given.`
      : `Of the sessions that the lesson fits, ${percent(it.control_share)} go without it.`
  const { treatment, control } = it.drawn!
  const drawn = `So far ${count(treatment, 'session')} drew to go with, ${grouped(control)} to go without.`
  return it.draws_lots ? `${share} ${drawn}` : drawn
}

function measured({ measured_at, status }: ShownExperiment): string {
  if (measured_at !== null) return ` Measured last on ${minute(measured_at)} UTC.`
  return status === 'running' ? ' The next dream measures it.' : ''
}

function ended(it: ShownExperiment): string {
  const by = it.ended_by?.startsWith('user:') ? ` by ${name(it.ended_by)}` : ''
  const since =
    it.kind === 'lesson' && by !== ''
      ? ' Since then every session that the lesson fits is given it, and its effect is not measured.'
      : ''
  return `Ended on ${minute(it.ended_at)} UTC${by}: ${it.reason}${/[.!?]$/.test(it.reason) ? '' : '.'}${since}`
}

function toEnd(it: ShownExperiment, screen: Screen): string {
  return `${INDENT}${screen.dim(screen.command(['experiments', 'end', shortId(it), '--reason', 'TEXT']))}`
}

function name(actor: string): string {
  return actor.replace(/^user:/, '')
}

/** The head of a table of lifts, and one row of it. */
export const HEAD = ['', 'with', 'without', 'difference (between, 95 %)']

export function liftRow({ metric, unit, treatment, control, estimate, low, high }: Lift): string[] {
  const side = ({ mean, sessions }: Lift['treatment']) =>
    mean === null ? '-' : `${VALUES[metric](mean)} of ${grouped(sessions)}`
  const [scale, words] = DIFFERENCES[unit]
  const signed = (it: number) => `${it < 0 ? '-' : '+'}${factor(scale * Math.abs(it))}`
  const between = low === null || high === null ? '' : ` (${signed(low)} to ${signed(high)})`
  return [
    WORDS[metric],
    side(treatment),
    side(control),
    estimate === null ? 'not known yet' : `${signed(estimate)} ${words}${between}`,
  ]
}

const WORDS: Record<Lift['metric'], string> = {
  completion: 'completed',
  recurrence: 'happened again',
  duration_ms: 'duration',
  edit_distance: 'edited',
  escalation: 'handed over',
  tool_errors: 'failed calls',
  tokens: 'tokens',
}

const VALUES: Record<Lift['metric'], (it: number) => string> = {
  completion: percent,
  recurrence: percent,
  duration_ms: (it) => `${factor(it / 1_000)} s`,
  edit_distance: percent,
  escalation: percent,
  tool_errors: factor,
  tokens: factor,
}

/** What one of a unit is here, and how it is called. */
const DIFFERENCES: Record<Lift['unit'], [scale: number, words: string]> = {
  share: [100, 'points'],
  relative: [100, '%'],
  calls: [1, 'calls'],
}

function percent(it: number): string {
  const value = 100 * it
  return `${Number.isInteger(Number(value.toFixed(6))) ? Math.round(value) : value.toFixed(1)} %`
}
