/** The effects of many lessons under each other, each with its interval, on one scale. */
import type { Lift } from '../domain/lift.ts'
import type { LessonEffect } from '../domain/report.ts'
import { html, type Markup, prose } from './markup.ts'
import { type Scale, scaleOf } from './scale.ts'
import { amount, difference, interval } from './words.ts'

const WIDTH = 240
const EDGE = 8

const VERDICTS = { keep: 'helps', harm: 'harms', futile: 'no help' }

export function forest(lessons: LessonEffect[]): Markup {
  const ends = lessons.flatMap(({ completion }) => [completion?.low ?? 0, completion?.high ?? 0])
  const scale = scaleOf([Math.min(...ends), Math.max(...ends)], [EDGE, WIDTH - EDGE], 4)
  return html`<div class="wide"><table class="forest">
<thead><tr><th scope="col">Lesson</th><th scope="col">So far</th><th scope="col">${axis(scale)}</th><th scope="col">Completed more often, with it</th><th scope="col">Happened again, with it</th><th scope="col">Sessions with, without</th></tr></thead>
<tbody>${lessons.map((it) => row(it, scale))}</tbody>
</table></div>`
}

function row({ lesson, verdict, status, completion, recurrence }: LessonEffect, scale: Scale): Markup {
  const so_far = verdict === null ? (status === 'ended' ? 'ended' : 'not known') : VERDICTS[verdict]
  return html`<tr><th scope="row">${lesson === null ? 'a lesson that is gone' : prose(lesson)}</th><td>${so_far}</td><td>${bar(completion, scale)}</td><td>${told(completion)}</td><td>${told(recurrence)}</td><td>${amount(completion?.treatment.sessions ?? 0)}, ${amount(completion?.control.sessions ?? 0)}</td></tr>
`
}

/** `+12 points (+4 to +19)`, or what it takes to say so. */
export function told(lift: Lift | null): string {
  if (lift === null) return 'not measured'
  const { estimate, low, high, unit, sessions_needed, treatment, control } = lift
  if (treatment.sessions + control.sessions === 0) return 'no session says'
  if (estimate === null || low === null || high === null)
    return sessions_needed === null
      ? 'too little is known'
      : `not known: about ${amount(sessions_needed)} more sessions`
  return `${difference(estimate, unit)} (${interval(low, high, unit)})`
}

function axis(scale: Scale): Markup {
  const ends = [scale.ticks[0]!, 0, scale.ticks.at(-1)!]
  const shown = [...new Set(ends)].map(
    (it) =>
      html`<text class="tick" text-anchor="${it === ends[0] ? 'start' : it === ends[2] ? 'end' : 'middle'}" x="${scale.at(it)}" y="12">${amount(100 * it)}</text>`,
  )
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 16" role="img" aria-label="points, from ${amount(100 * ends[0]!)} to ${amount(100 * ends[2]!)}">${shown}</svg>`
}

function bar(lift: Lift | null, scale: Scale): Markup {
  const zero = scale.at(0)
  const drawn =
    lift === null || lift.estimate === null || lift.low === null || lift.high === null
      ? html``
      : html`<line class="whisker" x1="${scale.at(lift.low)}" x2="${scale.at(lift.high)}" y1="10" y2="10"/><circle class="mark" cx="${scale.at(lift.estimate)}" cy="10" r="4"/>`
  return html`<svg class="bar treatment" viewBox="0 0 ${WIDTH} 20" aria-hidden="true"><line class="zero" x1="${zero}" x2="${zero}" y1="0" y2="20"/>${drawn}</svg>`
}
