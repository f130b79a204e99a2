/** Memories that could be given, as a test wants them. */
import fc from 'fast-check'
import type { Candidate, Lesson } from '../../src/6-recall/candidate.ts'
import type { Lift } from '../../src/domain/lift.ts'

/** A lesson about a call that fails on 40 of 50 exposed occasions and on none of 50 others. */
export function lesson(over: Partial<Lesson> = {}): Lesson {
  return {
    id: 'pat_1',
    tier: 'verified',
    status: 'confirmed',
    agent: 'desk',
    person: null,
    effect: { exposed: [40, 50], unexposed: [0, 50] },
    expectation: { of_those: 'without', bad: true },
    tasks: [],
    lifts: [],
    ...over,
  }
}

export function candidate(path: string, over: Partial<Candidate> = {}): Candidate {
  return {
    memory_id: `mem_${path}`,
    memory_version_id: `memver_${path}`,
    path,
    text: `What ${path} says.`,
    description: `What ${path} says.`,
    status: null,
    person: null,
    lesson: null,
    also: [],
    relevance: null,
    ...over,
  }
}

export function telling(path: string, it: Partial<Lesson> = {}, over: Partial<Candidate> = {}): Candidate {
  return candidate(path, { lesson: lesson({ id: `pat_${path}`, ...it }), ...over })
}

export function lift(metric: Lift['metric'], estimate: number, half_width: number): Lift {
  const side = { sessions: 100, mean: 0.5 }
  const interval = { low: estimate - half_width, high: estimate + half_width }
  return {
    metric,
    unit: 'share',
    treatment: side,
    control: side,
    estimate,
    ...interval,
    detectable: null,
    sessions_needed: null,
  }
}

/** Any memories, at different paths. */
export const anyCandidates: fc.Arbitrary<Candidate[]> = fc
  .array(
    fc.record({
      text: fc.string({ maxLength: 900, unit: 'binary' }),
      description: fc.string({ maxLength: 200, unit: 'binary' }),
      is_lesson: fc.boolean(),
      relevance: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      bad: fc.nat(50),
    }),
    { maxLength: 30 },
  )
  .map((all) =>
    all.map(({ is_lesson, bad, ...it }, i) => {
      const path = `/memory-${i}.md`
      return is_lesson
        ? telling(path, { effect: { exposed: [bad, 50], unexposed: [5, 50] } }, it)
        : candidate(path, it)
    }),
  )
