/** A plot of one or two series over days, as SVG. Everything that it shows stands in a table beside it. */
import { html, type Markup } from './markup.ts'
import { dayScale, type Scale, scaleOf } from './scale.ts'

export type Point = { day: string; value: number; low?: number; high?: number }

export type Series = {
  name: string
  /** Its colour and mark. */
  kind: 'treatment' | 'control' | 'size'
  points: Point[]
}

export type TimePlot = {
  /** What a reader without eyes is told in its place. */
  title: string
  series: Series[]
  /** `whiskers` show each interval, a `band` all of them as one area. */
  intervals: 'whiskers' | 'band' | 'none'
  /** Always on the axis. */
  include: number[]
  value: (value: number) => string
  /** What matters less is `low`. */
  height: keyof typeof HEIGHT
  /** A line across, at 0. */
  zero?: string
}

const WIDTH = 720
const HEIGHT = { tall: 260, low: 150 }
const LEFT = 68
const RIGHT = WIDTH - 120
const TOP = 14

export function timePlot({ title, series, intervals, include, value, height, zero }: TimePlot): Markup {
  const bottom = HEIGHT[height] - 30
  const points = series.flatMap((it) => it.points)
  const days = [...new Set(points.map((it) => it.day))].sort()
  const values = [...include, ...points.flatMap((it) => [it.value, it.low ?? it.value, it.high ?? it.value])]
  const y = scaleOf([Math.min(...values), Math.max(...values)], [bottom, TOP], height === 'tall' ? 5 : 3)
  const x = dayScale(days, [LEFT + 10, RIGHT - 10])
  const drawn = series.map((it, i) => {
    // Two intervals of one day stand beside each other.
    const shift = intervals === 'whiskers' && series.length > 1 ? (i === 0 ? -3 : 3) : 0
    return drawSeries(it, { x: (day) => x.at(day) + shift, y: y.at }, intervals)
  })
  return html`<div class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT[height]}" role="img" aria-label="${title}">
${grid(y, value)}
${x.ticks.map((day) => html`<text class="tick" text-anchor="middle" x="${round(x.at(day))}" y="${bottom + 20}">${day.slice(5)}</text>`)}
${zero === undefined ? '' : zeroLine(y, zero)}
${drawn}
${nameTags(series, y)}
</svg></div>`
}

function grid(y: Scale, value: TimePlot['value']): Markup[] {
  return y.ticks.map((it) => {
    const at = round(y.at(it))
    return html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/><text class="tick" text-anchor="end" x="${LEFT - 8}" y="${at + 4}">${value(it)}</text>`
  })
}

function zeroLine(y: Scale, words: string): Markup {
  const at = round(y.at(0))
  return html`<line class="zero" x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/><text class="tag" x="${RIGHT + 8}" y="${at + 4}">${words}</text>`
}

type Places = { x: (day: string) => number; y: (value: number) => number }

function drawSeries({ kind, points }: Series, { x, y }: Places, intervals: TimePlot['intervals']): Markup {
  const place = (day: string, value: number) => `${round(x(day))},${round(y(value))}`
  const line = points.map((it) => place(it.day, it.value)).join(' ')
  const known = points.filter((it) => it.low !== undefined && it.high !== undefined)
  const band = [
    ...known.map((it) => place(it.day, it.high!)),
    ...known.toReversed().map((it) => place(it.day, it.low!)),
  ].join(' ')
  return html`<g class="${kind}">
${intervals === 'band' && known.length > 1 ? html`<polygon class="band" points="${band}"/>` : ''}
${intervals === 'whiskers' ? known.map((it) => html`<line class="whisker" x1="${round(x(it.day))}" x2="${round(x(it.day))}" y1="${round(y(it.low!))}" y2="${round(y(it.high!))}"/>`) : ''}
<polyline class="line" points="${line}"/>
${points.length > MOST_MARKS ? '' : points.map((it) => mark(kind, round(x(it.day)), round(y(it.value))))}
</g>`
}

/** More of them would only be a thick line. */
const MOST_MARKS = 60

/** Arms differ by shape as well, for whoever does not tell their colours apart. */
function mark(kind: Series['kind'], x: number, y: number): Markup {
  if (kind === 'control') return html`<rect class="mark" x="${x - 3.5}" y="${y - 3.5}" width="7" height="7"/>`
  return html`<circle class="mark" cx="${x}" cy="${y}" r="${kind === 'size' ? 2.5 : 4}"/>`
}

const TAG_HEIGHT = 16

/** Each series' name at its end, moved apart where they would lie over each other. */
function nameTags(series: Series[], y: Scale): Markup[] {
  if (series.length < 2) return []
  const tags = series
    .filter((it) => it.points.length > 0)
    .map((it) => ({ ...it, at: y.at(it.points.at(-1)!.value) }))
    .sort((a, b) => a.at - b.at)
  for (let i = 1; i < tags.length; i++) tags[i]!.at = Math.max(tags[i]!.at, tags[i - 1]!.at + TAG_HEIGHT)
  return tags.map(
    ({ kind, name, at }) =>
      html`<text class="tag ${kind}" x="${RIGHT + 8}" y="${round(at + 4)}">${name}</text>`,
  )
}

function round(value: number): number {
  return Math.round(10 * value) / 10
}
