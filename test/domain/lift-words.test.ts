/** A lift in a sentence that somebody understands who knows no statistics. */
import { expect, test } from 'vitest'
import type { Lift } from '../../src/domain/lift.ts'
import { effectInWords, liftInWords } from '../../src/domain/lift-words.ts'

const WITH = { treatment: 'with memory', control: 'without' }

const lift = (more: Partial<Lift>): Lift => ({
  metric: 'completion',
  unit: 'share',
  treatment: { sessions: 310, mean: 0.8 },
  control: { sessions: 36, mean: 0.68 },
  estimate: 0.12,
  low: 0.04,
  high: 0.2,
  detectable: 0.1,
  sessions_needed: 0,
  ...more,
})

test.each([
  {
    name: 'more is completed',
    lift: lift({}),
    says: 'Sessions with memory complete 12 points more often (4 to 20); 310 sessions with memory, 36 without',
  },
  {
    name: 'less is completed',
    lift: lift({ estimate: -0.03, low: -0.05, high: -0.008 }),
    says: 'Sessions with memory complete 3 points less often (0.8 to 5); 310 sessions with memory, 36 without',
  },
  {
    name: 'nothing is certain yet',
    lift: lift({ low: -0.03, high: 0.27, sessions_needed: 140 }),
    says: 'Sessions with memory complete anything from 3 points less often to 27 points more often: no difference shows yet; 310 sessions with memory, 36 without; about 140 more would tell',
  },
  {
    name: 'it would take years',
    lift: lift({ low: -0.03, high: 0.27, sessions_needed: 3_461 }),
    says: 'Sessions with memory complete anything from 3 points less often to 27 points more often: no difference shows yet; 310 sessions with memory, 36 without; it would take far more than ran so far',
  },
  {
    name: 'nobody would wait until it is certain',
    lift: lift({ estimate: 0, low: -0.01, high: 0.01, sessions_needed: null }),
    says: 'Sessions with memory complete anything from 1 point less often to 1 point more often: no difference shows yet; 310 sessions with memory, 36 without',
  },
  {
    name: 'it is too early',
    lift: lift({
      ...{ estimate: null, low: null, high: null, detectable: 0.15, sessions_needed: 40 },
      control: { sessions: 8, mean: 0.5 },
    }),
    says: 'Too early to say: 310 sessions with memory, 8 without; about 40 more would show a difference of 15 points',
  },
  {
    name: 'nothing was seen at all',
    lift: lift({
      ...{ estimate: null, low: null, high: null, detectable: null, sessions_needed: 100 },
      treatment: { sessions: 1, mean: 1 },
      control: { sessions: 0, mean: null },
    }),
    says: 'Too early to say: 1 session with memory, 0 without; about 100 more are needed for a first estimate',
  },
  {
    name: 'it takes less time',
    lift: lift({ metric: 'duration_ms', unit: 'relative', estimate: -0.25, low: -0.4, high: -0.08 }),
    says: 'Sessions with memory take 25 % less time (8 to 40); 310 sessions with memory, 36 without',
  },
  {
    name: 'more calls fail',
    lift: lift({ metric: 'tool_errors', unit: 'calls', estimate: 1.24, low: 0.5, high: 12.2 }),
    says: 'Sessions with memory have 1.2 more failed calls (0.5 to 12); 310 sessions with memory, 36 without',
  },
])('$name', ({ lift, says }) => {
  expect(liftInWords(lift, WITH)).toBe(says)
})

const unsure = lift({ low: -0.03, high: 0.27, sessions_needed: 140 })
const early = lift({ metric: 'recurrence', estimate: null, low: null, high: null, sessions_needed: 40 })
const less = lift({ metric: 'recurrence', estimate: -0.12, low: -0.2, high: -0.04 })
const SURE = 'Taken together the sessions show that it helps (90 % sure), but not yet how much.'

test.each([
  { name: 'nothing is known yet', verdict: null, completion: unsure, recurrence: null, more: [] },
  { name: 'recurrence is told too', verdict: null, completion: unsure, recurrence: less, more: [less] },
  {
    name: 'recurrence is not told too early',
    verdict: null,
    completion: unsure,
    recurrence: early,
    more: [],
  },
  {
    name: 'it helps before an interval shows it',
    verdict: 'keep',
    completion: unsure,
    recurrence: early,
    more: [SURE],
  },
  {
    name: 'it helps, as the interval of completion shows',
    verdict: 'keep',
    completion: lift({}),
    recurrence: null,
    more: [],
  },
  {
    name: 'it helps, as the interval of recurrence shows',
    verdict: 'keep',
    completion: unsure,
    recurrence: less,
    more: [less],
  },
  { name: 'it does not help', verdict: 'futile', completion: unsure, recurrence: null, more: [] },
] as const)('$name', ({ verdict, completion, recurrence, more }) => {
  const told = more.map((it) => (typeof it === 'string' ? it : `${liftInWords(it, WITH)}.`))
  const says = effectInWords(verdict, completion, recurrence, WITH)
  expect(says).toBe([`${liftInWords(completion, WITH)}.`, ...told].join(' '))
})
