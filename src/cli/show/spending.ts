/** What a dream asks of a language model, and what it came to. */
import type { Dream } from '../../domain/dream.ts'
import type { Spending, StageUse } from '../../domain/spending.ts'
import type { PlannedDream } from '../../engine.ts'
import { wrap } from '../layout.ts'
import { count, dollars, grouped } from '../number-words.ts'
import type { Screen } from '../screen.ts'

/** What is planned is the reading; how much there will be to compare nobody knows before. */
const MORE = ' A few more compare what it says.'

export function showPlanned(planned: PlannedDream, { columns }: Screen): string {
  if (planned.calls === 0) return ''
  return `${wrap(`${planned.agent}: asking ${planned.model} ${atMost(planned)}${MORE}`, columns)}\n`
}

/** What it came to, and what it could have; of a dry run, what it would. Why it was stopped is told unless a note does. */
export function showSpending(
  { spending, notes }: Pick<Dream, 'spending' | 'notes'>,
  { columns }: Screen,
  is_dry_run = false,
): string {
  if (spending === null) return ''
  const lines = is_dry_run
    ? [`Would ask ${spending.model} ${atMost(spending.planned)}${MORE}`]
    : spent(spending, notes)
  return lines.map((it) => `${wrap(it, columns, '  ')}\n`).join('')
}

function spent({ model, planned, uses, stopped }: Spending, notes: string[]): string[] {
  const calls = sum(uses, (it) => it.calls)
  const known = sum(uses, (it) => it.from_cache)
  const useless = sum(uses, (it) => it.unusable + it.failed)
  if (calls + known === 0 && stopped === null) return [`Nothing was asked of ${model}.`]
  const of_no_use = useless === 0 ? '' : `, ${grouped(useless)} without a use`
  const answered = known === 0 ? '' : `; ${grouped(known)} answered before`
  const plan = planned.calls === 0 ? '' : ` Planned: ${atMost(planned)}`
  return [
    `${model}: ${count(calls, 'call')}${of_no_use}${answered}, ${costOf(uses)}.${plan}`,
    ...(stopped === null || notes.some((it) => it.includes(stopped))
      ? []
      : [`Then nothing more was asked: ${stopped}.`]),
  ]
}

function costOf(uses: StageUse[]): string {
  const input = sum(uses, (it) => it.usage.input_tokens)
  const cached = sum(uses, (it) => it.usage.cache_read_input_tokens + it.usage.cache_creation_input_tokens)
  const output = sum(uses, (it) => it.usage.output_tokens)
  return `${count(input + cached, 'token')} in, ${grouped(output)} out, ${price(costIn(uses))}`
}

function atMost({ calls, input_tokens, output_tokens, cost_usd }: Spending['planned']): string {
  const cost = cost_usd === null ? 'at a price that is not known' : `at most ${dollars(cost_usd)}`
  return `${count(calls, 'question')} on sessions, ${count(input_tokens, 'token')} in, up to ${grouped(output_tokens)} out: ${cost}.`
}

function price(usd: number | null): string {
  return usd === null ? 'at a price that is not known' : dollars(usd)
}

function costIn(uses: StageUse[]): number | null {
  return uses.some((it) => it.cost_usd === null) ? null : sum(uses, (it) => it.cost_usd!)
}

function sum(uses: StageUse[], of: (use: StageUse) => number): number {
  return uses.reduce((all, it) => all + of(it), 0)
}
