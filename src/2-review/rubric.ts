/**
 * A rubric: the points that a session is judged by, and what a model's grades of them come to.
 *
 * Every point is graded once, or nothing is said. One that is not met is a rejection, all that are met are an approval, and where a
 * point is not clear there is no verdict. It is the opinion of a judge, as any other that nobody verified.
 */
import { z } from 'zod'
import type { SessionEvent } from '../domain/event.ts'
import { visible } from '../domain/visible-text.ts'

/** Of one point. */
export const Grade = z.object({
  point: z.number(),
  met: z.enum(['yes', 'no', 'unclear']),
  /** The name of the event that shows it. */
  event: z.string().nullable(),
})
export type Grade = z.infer<typeof Grade>

/** What a judge thinks of a session, and by which event. */
export type Verdict = { approved: boolean; at: number }

/** Its points in order, each on one line: the items of its list, or else its lines; none where there is no rubric. Null where there are more than can be graded. */
export function pointsOf(events: SessionEvent[]): string[] | null {
  const defined = events.findLast((it) => it.type === 'user.define_outcome')
  const rubric = defined?.rubric ?? ''
  if (rubric.length > RUBRIC_LIMIT) return null
  const lines = rubric.split('\n').filter((it) => /\p{L}/u.test(it) && !HEADING.test(it))
  const items = lines.filter((it) => ITEM.test(it))
  const points = (items.length > 0 ? withContinuations(lines) : lines).map((it) =>
    visible(it.replace(ITEM, '')),
  )
  return points.length > MOST_POINTS ? null : points
}

const RUBRIC_LIMIT = 6_000
const MOST_POINTS = 30
const HEADING = /^\s*#{1,6} /
const ITEM = /^\s*(?:[-*+•]|\d+[.)]) +(?:\[[ x]\] +)?/

/** Lines that begin no item go on with the one before; those before the first item are no point. */
function withContinuations(lines: string[]): string[] {
  const items: string[] = []
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line)
    else if (items.length > 0) items.push(`${items.pop()} ${line}`)
  }
  return items
}

/** Null where a point is not clear; undefined where not every point is graded exactly once. */
export function verdictOf(
  grades: Grade[],
  points: string[],
  names: Map<string, number>,
  last: number,
): Verdict | null | undefined {
  const graded = new Map(grades.map((it) => [it.point, it]))
  if (grades.length !== points.length || points.some((_, i) => !graded.has(i + 1))) return undefined
  const missed = grades.find((it) => it.met === 'no')
  if (missed !== undefined) return { approved: false, at: names.get(missed.event ?? '') ?? last }
  return grades.every((it) => it.met === 'yes') ? { approved: true, at: last } : null
}
