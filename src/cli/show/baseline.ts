import type { Baseline, BaselineMetric } from '../../domain/baseline.ts'
import type { Page } from '../../domain/page.ts'
import { cut, table, wrap } from '../layout.ts'
import { count, grouped } from '../number-words.ts'
import type { Screen } from '../screen.ts'

const INDENT = '    '

export function showBaselines({ data, next_page }: Page<Baseline>, screen: Screen): string {
  if (data.length === 0) return `No sessions yet.\n\nNext: ${screen.command(['ingest'])}\n`
  const agents = [...Map.groupBy(data, (it) => it.agent).values()]
  return `${agents.map((it) => showAgent(it, screen)).join('\n')}${screen.more(next_page)}`
}

function showAgent(baselines: Baseline[], { columns, bold, dim }: Screen): string {
  const { agent, frozen_at } = baselines[0]!
  const whole = baselines.find((it) => it.intent === null)
  const intents = baselines.filter((it) => it.intent !== null)
  const paragraphs = [
    dim(wrap(until(frozen_at), columns, INDENT)),
    ...(whole === undefined ? [] : [wrap(sessionsOf(whole), columns, INDENT)]),
    ...(whole === undefined || whole.sessions === 0 ? [] : [table(wholeRows(whole), columns, INDENT)]),
    ...(intents.length === 0 ? [] : [table(intentRows(intents), columns, INDENT)]),
  ]
  return `${bold(cut(`* ${agent}`, columns))}\n${paragraphs.join('\n\n')}\n`
}

function until(frozen_at: string | null): string {
  if (frozen_at === null) return 'No lesson is live yet: this is the baseline.'
  return `Frozen on ${frozen_at.slice(0, 10)}, when the first lesson went live: only sessions that began before count.`
}

function sessionsOf({ sessions, verified, unmeasured, first_at, last_at }: Baseline): string {
  if (first_at === null || last_at === null) return 'No session began in this time.'
  const [first, last] = [first_at.slice(0, 10), last_at.slice(0, 10)]
  const lost =
    unmeasured === 0
      ? ''
      : `; of ${grouped(unmeasured)} no numbers are left, because their transcripts were removed`
  const days = first === last ? `on ${first}` : `from ${first} to ${last}`
  return `${count(sessions, 'session')} ${days}, the outcome of ${grouped(verified)} verified${lost}.`
}

function wholeRows({ metrics, sessions }: Baseline): string[][] {
  return [
    ['', 'value', '95 % interval', 'known in'],
    ...metrics.map((it) => [
      NAMES[it.metric],
      valueIn(it),
      intervalIn(it),
      `${grouped(it.known)} of ${grouped(sessions)}`,
    ]),
  ]
}

/** The metrics that say most, and then what was asked, which gets what is left of the line. */
function intentRows(intents: Baseline[]): string[][] {
  const of = ({ metrics }: Baseline, metric: BaselineMetric['metric']) =>
    valueIn(metrics.find((it) => it.metric === metric)!)
  return [
    ['sessions', 'completed', 'time', 'failed calls', 'asked for'],
    ...intents.map((it) => [
      grouped(it.sessions),
      of(it, 'completion'),
      of(it, 'duration_ms'),
      of(it, 'tool_errors'),
      it.intent!.startsWith('~') ? `like "${it.example ?? it.intent}"` : it.intent!,
    ]),
  ]
}

const NAMES: Record<BaselineMetric['metric'], string> = {
  completion: 'completed',
  duration_ms: 'time, median',
  edit_distance: 'changed by people, mean',
  escalation: 'handed to a person',
  tool_errors: 'failed calls, mean',
  tokens: 'tokens, median',
}

function valueIn({ metric, value }: BaselineMetric): string {
  return value === null ? 'unknown' : VALUES[metric](value)
}

function intervalIn({ metric, value, low, high }: BaselineMetric): string {
  if (value === null) return ''
  return low === null || high === null
    ? 'too little to say'
    : `${VALUES[metric](low)} to ${VALUES[metric](high)}`
}

const VALUES: Record<BaselineMetric['metric'], (value: number) => string> = {
  completion: percent,
  duration_ms: time,
  edit_distance: percent,
  escalation: percent,
  tool_errors: (it) => it.toFixed(it < 10 ? 1 : 0),
  tokens: (it) => grouped(Math.round(it)),
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

/** `48 s`, `4.2 min`, `31 h` */
function time(ms: number): string {
  const [n, unit] = ms < 90_000 ? [ms / 1e3, 's'] : ms < 5_400_000 ? [ms / 6e4, 'min'] : [ms / 36e5, 'h']
  return `${n.toFixed(n < 10 ? 1 : 0)} ${unit}`
}
