/**
 * Report page: a report in, one HTML page out, which needs nothing else.
 *
 * No script, no font, no picture, no address: a policy in its head forbids all but its own style. What people, agents and tools wrote is only
 * ever text in it (`markup.ts`). Every plot has its numbers in a table under it, and what cannot be shown yet says what is missing
 * and when it comes.
 */
import { createHash } from 'node:crypto'
import type { Digest, DigestedChange } from '../domain/digest.ts'
import type { Lift } from '../domain/lift.ts'
import type { Report, StoreReport } from '../domain/report.ts'
import type { ModelStage, StageUse } from '../domain/spending.ts'
import type { Usage } from '../domain/usage.ts'
import { forest, told } from './forest.ts'
import { html, Markup, prose } from './markup.ts'
import { STYLE } from './style.ts'
import { timePlot } from './time-plot.ts'
import { amount, bytes, counted, difference, dollars, interval, percent } from './words.ts'

export function reportPage(report: Report): string {
  const { from, to, made_at, stores } = report
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const title = stores.length === 1 ? `What ${stores[0]!.store} learned` : 'What agents learned'
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${new Markup(hash)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${new Markup(GENERATOR)}
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}, and whether it helps</h1>
<p class="soft">From ${from} to ${to}, as of ${made_at.slice(0, 16).replace('T', ' ')} UTC. The same in numbers: report.json. Intervals are 95 %; those of effects hold however often somebody looks.</p>
</header>
<main>
${stores.length === 0 ? empty('There is no memory store yet: the first dream makes one.') : stores.map(storeOf)}
</main>
</body>
</html>
`.text
}

/** Whether a text is a page that was made here. */
export function isReportPage(text: string): boolean {
  return text.startsWith('<!doctype html>') && text.includes(GENERATOR)
}

const GENERATOR = '<meta name="generator" content="Reverie report">'

function storeOf(it: StoreReport): Markup {
  const name = it.store === it.agent ? it.store : `${it.store}, of ${it.agent}`
  return html`<section>
<h2>${name}</h2>
${figures(it)}
${alarms(it)}
${learned(it)}
${effect(it)}
${agents(it)}
${lessons(it)}
${memory(it)}
${cost(it)}
</section>
`
}

/** What is asked first. */
function figures({ effect, memory, waiting, alarms }: StoreReport): Markup {
  const lift = liftIn(effect?.lifts ?? [], 'completion')
  const size = memory.at(-1)
  const figure = (name: string, value: string, more: string) =>
    html`<div><dt>${name}</dt><dd><strong>${value}</strong> <small>${more}</small></dd></div>`
  const is_known = lift !== null && lift.estimate !== null && lift.low !== null && lift.high !== null
  return html`<dl class="figures">
${figure('Completed more often with lessons', is_known ? difference(lift.estimate!, lift.unit) : 'not known yet', is_known ? interval(lift.low!, lift.high!, lift.unit) : lift === null ? 'nothing is measured yet' : told(lift))}
${figure('Memory', size === undefined ? 'empty' : `${amount(size.memories)} memories`, size === undefined ? '' : bytes(size.bytes))}
${figure('Waiting for a decision', waiting.undecided === 0 ? 'nothing' : counted(waiting.undecided, 'change'), waiting.approved === 0 ? '' : `${amount(waiting.approved)} approved, to be adopted`)}
${figure('Alarms', alarms.length === 0 ? 'none' : amount(alarms.length), '')}
</dl>`
}

function alarms({ alarms }: StoreReport): Markup {
  if (alarms.length === 0) return html``
  return html`<h3>Alarms</h3>
<ul class="alarms">${alarms.map((it) => html`<li>${prose(it.text)} <small>Since ${it.since}.</small></li>`)}</ul>`
}

function learned({ digests, dreams: { ended, failed } }: StoreReport): Markup {
  return html`<h3>What was learned</h3>
${ended === 0 ? empty('No dream ended in this time. `reverie dream` starts one, and a schedule starts one every night.') : html`<p>${counted(ended, 'dream')} ended in this time, ${failed === 0 ? 'none' : amount(failed)} of them failed. ${digests.length === 0 ? 'None had anything to change.' : 'These had something to change, the latest first.'}</p>`}
${digests.map(digestOf)}`
}

const KINDS: { kind: DigestedChange['kind']; title: string }[] = [
  { kind: 'add', title: 'New' },
  { kind: 'refresh', title: 'With newer evidence' },
  { kind: 'stale', title: 'No longer hold, or were withdrawn' },
  { kind: 'merge', title: 'Copies to fold' },
  { kind: 'conflict', title: 'Contradict each other, a question to people' },
]

const STATUSES: Record<DigestedChange['status'], string> = {
  undecided: 'waits for a decision',
  approved: 'approved, to be adopted',
  rejected: 'rejected',
  adopted: 'live',
  undone: 'taken back',
  superseded: 'out of date',
  denied: 'refused by the policy',
}

/** More of one kind stand in report.json alone. */
const MOST_CHANGES = 20

/** The latest is open. Newer evidence for what is known is many lines and little news, so it is folded away. */
function digestOf({ dream, changes }: Digest, place: number): Markup {
  const kinds = KINDS.map((it) => ({ ...it, of: changes.filter(({ kind }) => kind === it.kind) }))
  const told = kinds.filter((it) => it.of.length > 0)
  const counts = told.map(({ title, of }) => `${amount(of.length)} ${title.toLowerCase()}`).join('; ')
  return html`<details class="dream"${place === 0 ? html` open` : ''}><summary><strong>${(dream.ended_at ?? dream.created_at).slice(0, 10)}</strong>, ${counted(dream.sessions_read, 'new session')} read: ${counts}</summary>
${told.map(({ kind, title, of }) =>
  kind === 'refresh'
    ? html`<details><summary>${title}: ${amount(of.length)}</summary>${changeList(of)}</details>`
    : html`<p class="soft">${title}: ${amount(of.length)}</p>${changeList(of)}`,
)}</details>
`
}

function changeList(changes: DigestedChange[]): Markup {
  const more = changes.length - MOST_CHANGES
  return html`<ul class="changes">${changes.slice(0, MOST_CHANGES).map(changeOf)}${more > 0 ? html`<li class="soft">and ${amount(more)} more</li>` : ''}</ul>`
}

function changeOf({ lesson, why, status, path }: DigestedChange): Markup {
  return html`<li>${lesson === null ? path : prose(lesson)} <span class="status">${STATUSES[status]}</span>${why === null ? '' : html`<br><small>${prose(why)}</small>`}</li>
`
}

function effect({ effect, agent }: StoreReport): Markup {
  if (effect === null)
    return html`<h3>Whether it helps</h3>
${empty(`Nothing is measured yet. As soon as a lesson is live and sessions of ${agent} recall it (\`reverie recall\`, or the hooks of \`reverie install\`), one in ten of them goes without, and both are compared here.`)}`
  const { step_days, arms, lift_by_day, lifts, control_share, draws_lots } = effect
  const step = step_days === 1 ? 'day' : step_days === 7 ? 'week' : `${step_days} days`
  const completion = liftIn(lifts, 'completion')
  return html`<h3>Whether it helps</h3>
<p>${draws_lots ? `${amount(Math.round(100 * control_share))} of 100 sessions go without lessons now; which ones is drawn by lot before they begin. What people wrote is given to all.` : 'No session goes without lessons now: that was ended, or switched off in the policy. This is what was known by then.'}</p>
<h4>Completed, by ${step}</h4>
${arms.some((it) => it.treatment.sessions + it.control.sessions > 0) ? armsPlot(arms, step) : empty('No session of either kind has a known outcome yet.')}
<h4>Completed more often with lessons than without, as far as was known each day</h4>
${lift_by_day.some((it) => it.estimate !== null) ? liftPlot(lift_by_day) : empty(waitsFor(completion))}
<h4>Everything that is measured</h4>
${liftTable(lifts, ['With lessons', 'Without'])}`
}

/** An agent that dreams against one that does not: they were given the same kind of work, by no lot. */
function agents({ agent, agents }: StoreReport): Markup[] {
  return agents.map(
    ({ control_agent, lifts }) =>
      html`<h3>Against ${control_agent ?? ''}, which is given no memory</h3>
${liftTable(lifts, [agent, control_agent ?? ''])}`,
  )
}

type Effect = NonNullable<StoreReport['effect']>

function armsPlot(arms: Effect['arms'], step: string): Markup {
  const points = (arm: 'treatment' | 'control') =>
    arms
      .filter((it) => it[arm].sessions > 0)
      .map((it) => ({
        day: it.day,
        value: it[arm].completed / it[arm].sessions,
        low: it[arm].low,
        high: it[arm].high,
      }))
  const told = (it: Effect['arms'][number]['treatment']) =>
    it.sessions === 0
      ? 'none known'
      : `${percent(it.completed / it.sessions)} (${percent(it.low)} to ${percent(it.high)}) of ${amount(it.sessions)}`
  return html`${timePlot({
    title: `Share of sessions completed by ${step}, with and without lessons; the numbers are in the table below`,
    series: [
      { name: 'with', kind: 'treatment', points: points('treatment') },
      { name: 'without', kind: 'control', points: points('control') },
    ],
    intervals: 'whiskers',
    include: [0, 1],
    height: 'tall',
    value: percent,
  })}
${numbers(
  [`${step === 'day' ? 'Day' : 'From'}`, 'With lessons', 'Without'],
  arms.map((it) => [it.day, told(it.treatment), told(it.control)]),
)}`
}

function liftPlot(days: Effect['lift_by_day']): Markup {
  const known = days.filter((it) => it.estimate !== null && it.low !== null && it.high !== null)
  return html`${timePlot({
    title:
      'Lift in completion with its interval, as far as was known each day; the numbers are in the table below',
    series: [
      {
        name: 'lift',
        kind: 'treatment',
        points: known.map((it) => ({ day: it.day, value: it.estimate!, low: it.low!, high: it.high! })),
      },
    ],
    intervals: 'band',
    include: [0],
    height: 'tall',
    value: (it) => `${amount(Math.round(100 * it))}`,
    zero: 'no effect',
  })}
<p class="soft">In points of 100 sessions. The band is right at all days together in 19 of 20 cases, so it may be looked at every day.</p>
${numbers(
  ['Day', 'Sessions', 'Lift'],
  known.map((it) => [
    it.day,
    amount(it.sessions),
    `${difference(it.estimate!, 'share')} (${interval(it.low!, it.high!, 'share')})`,
  ]),
)}`
}

function waitsFor(lift: Lift | null): string {
  if (lift === null || lift.sessions_needed === null) return 'Too few sessions are known to say anything.'
  return `Too few sessions are known to say anything: about ${amount(lift.sessions_needed)} more with a known outcome are needed.`
}

const METRICS: Record<Lift['metric'], string> = {
  completion: 'Completed',
  recurrence: 'Happened again',
  duration_ms: 'Time a session, minutes',
  edit_distance: 'Changed by people',
  escalation: 'Handed to a person',
  tool_errors: 'Failed calls a session',
  tokens: 'Tokens a session',
}

function liftTable(lifts: Lift[], [treatment, control]: [string, string]): Markup {
  if (lifts.length === 0) return empty('It is measured when the next dream ends.')
  return html`<div class="wide"><table class="metrics">
<thead><tr><th scope="col"></th><th scope="col">${treatment}</th><th scope="col">${control}</th><th scope="col">Difference</th><th scope="col">Could be seen from</th></tr></thead>
<tbody>${lifts.map(
    (
      it,
    ) => html`<tr><th scope="row">${METRICS[it.metric]}</th><td>${sideOf(it, 'treatment')}</td><td>${sideOf(it, 'control')}</td><td>${told(it)}</td><td>${it.detectable === null ? '' : difference(it.detectable, it.unit).replace(/^[+−]/, '')}</td></tr>
`,
  )}</tbody>
</table></div>`
}

function sideOf({ metric, unit, ...lift }: Lift, arm: 'treatment' | 'control'): string {
  const { mean, sessions } = lift[arm]
  if (mean === null) return 'none known'
  const value =
    metric === 'duration_ms' ? amount(mean / 60_000) : unit === 'share' ? percent(mean) : amount(mean)
  return `${value} in ${amount(sessions)} sessions`
}

function tokensOf(lift: Lift, arm: 'treatment' | 'control'): string {
  const { mean } = lift[arm]
  return mean === null ? 'a number of tokens that is not known' : `${amount(mean)} tokens`
}

function lessons({ lessons }: StoreReport): Markup {
  return html`<h3>What each lesson does</h3>
${lessons.length === 0 ? empty('No lesson is compared yet: each one is from the first session on that it was to be given to.') : forest(lessons)}`
}

function memory({ memory }: StoreReport): Markup {
  const plot = (
    title: string,
    of: (it: StoreReport['memory'][number]) => number,
    value: (n: number) => string,
  ) =>
    timePlot({
      title: `${title} by day; the numbers are in the table below`,
      series: [{ name: title, kind: 'size', points: memory.map((it) => ({ day: it.day, value: of(it) })) }],
      intervals: 'none',
      include: [0],
      height: 'low',
      value,
    })
  return html`<h3>How large the memory is</h3>
${
  memory.length === 0
    ? empty(
        'Nothing stands in it yet: what a dream proposes goes live when somebody decides (`reverie decide`), or where the policy allows it.',
      )
    : html`<h4>Memories</h4>${plot('Memories', (it) => it.memories, amount)}<h4>Size</h4>${plot('Size', (it) => it.bytes, bytes)}
${numbers(
  ['Day', 'Memories', 'Size'],
  memory.map((it) => [it.day, amount(it.memories), bytes(it.bytes)]),
)}`
}`
}

function cost({ recalled, asked, effect }: StoreReport): Markup {
  const tokens = liftIn(effect?.lifts ?? [], 'tokens')
  const each = (it: StoreReport['recalled'][number]) => it.tokens / it.recalls
  return html`<h3>What it costs</h3>
<p>${tokens === null ? 'How many tokens sessions take with lessons and without is not measured yet.' : `A session takes ${tokensOf(tokens, 'treatment')} with lessons and ${tokensOf(tokens, 'control')} without: ${told(tokens)}.`}</p>
<h4>Tokens of memory given to a session</h4>
${
  recalled.length === 0
    ? empty('No session recalled anything in this time.')
    : html`${timePlot({
        title: 'Tokens of memory given to a session, the mean by day; the numbers are in the table below',
        series: [
          { name: 'tokens', kind: 'size', points: recalled.map((it) => ({ day: it.day, value: each(it) })) },
        ],
        intervals: 'none',
        include: [0],
        height: 'low',
        value: amount,
      })}
${numbers(
  ['Day', 'Recalls', 'Tokens each'],
  recalled.map((it) => [it.day, amount(it.recalls), amount(each(it))]),
)}`
}
<h4>Language models</h4>
${asked.length === 0 ? empty('No language model was asked in this time.') : askedOf(asked)}`
}

const STAGES: Record<ModelStage, string> = {
  review: 'Reading sessions',
  same: 'Telling what says the same',
  consolidate: 'Advice on memories',
}

function askedOf(asked: StageUse[]): Markup {
  const total = asked.map((it) => it.cost_usd)
  const sum = total.some((it) => it === null) ? null : total.reduce<number>((all, it) => all + it!, 0)
  const known = asked.some((it) => it.from_cache > 0) ? 'Of what was answered before nothing was paid.' : ''
  return html`<p>${counted(
    asked.reduce((all, it) => all + it.calls, 0),
    'call',
  )}, ${sum === null ? 'at a price that is not known' : dollars(sum)}. ${known}</p>
<div class="wide"><table>
<thead><tr>${['For', 'Model', 'Cost', 'Calls', 'Without a use', 'Answered before', 'Tokens in', 'Of these from a cache', 'Tokens out'].map((it) => html`<th scope="col">${it}</th>`)}</tr></thead>
<tbody>${asked.map(useOf)}</tbody>
</table></div>`
}

function useOf({ stage, provider, model, usage, cost_usd, ...counts }: StageUse): Markup {
  const { output_tokens, cache_read_input_tokens } = usage
  const cells = [
    `${provider}/${model}`,
    cost_usd === null ? 'not known' : dollars(cost_usd),
    ...[counts.calls, counts.unusable + counts.failed, counts.from_cache].map(amount),
    ...[tokensIn(usage), cache_read_input_tokens, output_tokens].map(amount),
  ]
  return html`<tr><th scope="row">${STAGES[stage]}</th>${cells.map((it) => html`<td>${it}</td>`)}</tr>
`
}

function tokensIn({ input_tokens, cache_read_input_tokens, cache_creation_input_tokens }: Usage): number {
  return input_tokens + cache_read_input_tokens + cache_creation_input_tokens
}

function numbers(head: string[], rows: string[][]): Markup {
  return html`<details><summary>The numbers</summary><div class="wide"><table>
<thead><tr>${head.map((it) => html`<th scope="col">${it}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([
      first,
      ...rest
    ]) => html`<tr><th scope="row">${first!}</th>${rest.map((it) => html`<td>${it}</td>`)}</tr>
`,
  )}</tbody>
</table></div></details>`
}

function empty(words: string): Markup {
  return html`<p class="empty">${prose(words)}</p>`
}

function liftIn(lifts: Lift[], metric: Lift['metric']): Lift | null {
  return lifts.find((it) => it.metric === metric) ?? null
}
