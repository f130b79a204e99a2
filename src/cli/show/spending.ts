/** What a dream asks of a language model, and what it came to. */
import type { Dream } from '../../domain/dream.ts'
import type { Spending, StageUse } from '../../domain/spending.ts'
import type { PlannedDream } from '../../engine.ts'
import { wrap } from '../layout.ts'
import { count, dollars, grouped } from '../number-words.ts'
import type { Screen } from '../screen.ts'

/** What is planned is the reading; how much there will be to compare nobody knows before. */
const MORE = ' A few more compare what it says.'

/** How it is asked: by a recording in that folder, which costs nothing, or in batches. */
type How = { replay?: string; at_night?: boolean }

const IN_BATCHES = ' In a batch it is half of that; one takes minutes as a rule, and at most a day.'

export function showPlanned(planned: PlannedDream, { columns }: Screen, how: How = {}): string {
  if (planned.calls === 0) return ''
  const told =
    how.replay === undefined
      ? `asking ${planned.model} ${atMost(planned)}${how.at_night ? IN_BATCHES : ''}${MORE}`
      : fromRecording(planned, how.replay)
  return `${wrap(`${planned.agent}: ${told}`, columns)}\n`
}

function fromRecording({ calls }: Spending['planned'], folder: string): string {
  return `${count(calls, 'question')} on sessions, answered by the recording in ${folder}: nothing is called, and nothing is paid.`
}

/** What it came to, and what it could have; of a dry run, what it would. Why it was stopped is told unless a note does. */
export function showSpending(
  { spending, notes }: Pick<Dream, 'spending' | 'notes'>,
  { columns }: Screen,
  { dry_run = false, replay }: { dry_run?: boolean; replay?: string } = {},
): string {
  if (spending === null) return ''
  const lines = dry_run ? [wouldAsk(spending, replay)] : spent(spending, notes, replay)
  return lines.map((it) => `${wrap(it, columns, '  ')}\n`).join('')
}

/** Of a dream that failed what it came to, where anything was asked. */
export function showCostOfFailed({ agent, spending }: Dream, { columns }: Screen): string {
  if (spending === null || sum(spending.uses, (it) => it.calls) === 0) return ''
  return `${wrap(`${agent}: ${costLine(spending)}`, columns)}\n`
}

function wouldAsk({ model, planned, budget }: Spending, replay?: string): string {
  if (replay !== undefined) return fromRecording(planned, replay)
  const limit = [
    ...(budget.tokens !== null && planned.input_tokens + planned.output_tokens > budget.tokens
      ? [count(budget.tokens, 'token')]
      : []),
    ...(budget.usd !== null && (planned.cost_usd ?? 0) > budget.usd ? [dollars(budget.usd)] : []),
  ]
  const ends = limit.length === 0 ? '' : ` The budget is ${limit.join(', ')}: what does not fit stays new.`
  return `Would ask ${model} ${atMost(planned)}${MORE}${ends}`
}

function spent({ model, planned, uses, stopped }: Spending, notes: string[], replay?: string): string[] {
  const asked = sum(uses, (it) => it.calls + it.from_cache)
  if (asked === 0 && stopped === null)
    return [
      replay === undefined || planned.calls === 0
        ? `Nothing was asked of ${model}.`
        : `Nothing was asked of ${model}: the recording in ${replay} answered.`,
    ]
  return [
    `${costLine({ model, uses })}${planOf(planned, uses)}`,
    ...(stopped === null || notes.some((it) => it.includes(stopped))
      ? []
      : [`Then nothing more was asked: ${stopped}.`]),
  ]
}

function costLine({ model, uses }: Pick<Spending, 'model' | 'uses'>): string {
  const known = sum(uses, (it) => it.from_cache)
  const useless = sum(uses, (it) => it.unusable + it.failed)
  const of_no_use = useless === 0 ? '' : `, ${grouped(useless)} without a use`
  const answered = known === 0 ? '' : `; ${grouped(known)} answered before`
  return `${model}: ${count(
    sum(uses, (it) => it.calls),
    'call',
  )}${of_no_use}${answered}, ${costOf(uses)}.`
}

/** One that was interrupted and went on has asked before; what was planned then is not known any more. */
function planOf(planned: Spending['planned'], uses: StageUse[]): string {
  if (planned.calls === 0) return ''
  const read = uses.filter((it) => it.stage === 'review')
  const has_gone_on = sum(read, (it) => it.calls - it.unusable - it.failed) > planned.calls
  return ` ${has_gone_on ? 'Planned for what was left when it went on' : 'Planned'}: ${atMost(planned)}`
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
