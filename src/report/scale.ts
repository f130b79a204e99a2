/** A scale: values to places on an axis, and the round values that stand beside it. */
export type Scale = { at: (value: number) => number; ticks: number[] }

/** From `low` to `high` on `from` to `to`, widened to the round values around them. */
export function scaleOf([low, high]: [number, number], [from, to]: [number, number], ticks = 5): Scale {
  const span = high - low < NOTHING ? 1 : high - low
  const step = roundStep(span / ticks)
  const [first, last] = [Math.floor(low / step + NOTHING), Math.ceil((low + span) / step - NOTHING)]
  const end = Math.max(last, first + 1)
  const at = (value: number) => from + ((value / step - first) / (end - first)) * (to - from)
  // Rounded, since 3 × 0.1 is not quite 0.3.
  const values = Array.from({ length: end - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
  return { at, ticks: values }
}

/** What computing leaves over where there is no difference. */
const NOTHING = 1e-9

/** 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  return power * ([1, 2, 5].find((it) => it * power >= step * 0.999) ?? 10)
}

/** Days on `from` to `to`, and at most `most` of them to stand beside the axis. */
export function dayScale(
  days: string[],
  [from, to]: [number, number],
  most = 8,
): { at: (day: string) => number; ticks: string[] } {
  const time = (day: string) => Date.parse(day)
  const [first, last] = [time(days[0]!), time(days.at(-1)!)]
  const at = (day: string) =>
    first === last ? (from + to) / 2 : from + ((time(day) - first) / (last - first)) * (to - from)
  const every = Math.ceil(days.length / most)
  return { at, ticks: days.filter((_, i) => i % every === 0) }
}
