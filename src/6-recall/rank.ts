/**
 * Rank: the memories that a session may be given, those that are expected to help it most first.
 *
 * What people wrote comes before lessons where it fits the query or is small: somebody put it there on purpose, and no count says what it
 * is worth. A long text that does not fit would leave no room for anything else, so it comes after them.
 */
import type { Candidate, Lesson } from './candidate.ts'
import { expectedLift } from './expected-lift.ts'

/** For whom: `task` and `person` are null where they are not known. */
export type Occasion = {
  /** The agent of the session, and that of the memory store. */
  agents: string[]
  person: string | null
  task: string | null
  /** That the store has dreamed of. */
  sessions: number
}

/** Those that may be given at all, in order; the order of `candidates` does not matter. */
export function rankMemories(candidates: Candidate[], occasion: Occasion): Candidate[] {
  return candidates
    .filter((it) => mayBeGiven(it, occasion))
    .map((it) => ({ it, place: placeOf(it), worth: worthOf(it, occasion) }))
    .sort((a, b) => a.place - b.place || b.worth - a.worth || (a.it.path < b.it.path ? -1 : 1))
    .map(({ it }) => it)
}

/** Not what no longer counts, whether the memory says so already or only the lesson; not what is another person's or about another agent. */
function mayBeGiven({ status, person, lesson }: Candidate, { agents, person: own }: Occasion): boolean {
  // A memory has a person's name as it may be told, the lesson as it is.
  const only = lesson?.person ?? person
  if ((only !== null && only !== own) || PAST.has(status ?? '')) return false
  return !lesson || (!PAST.has(lesson.status) && lesson.tier !== 'marker' && agents.includes(lesson.agent))
}

const PAST: ReadonlySet<string> = new Set(['stale', 'dormant', 'disputed', 'retired'])

function placeOf({ lesson, also, relevance, text }: Candidate): 0 | 1 | 2 {
  if (lesson || also.length > 0) return 1
  return text.length <= SMALL || (relevance ?? 0) >= FITS ? 0 : 2
}

/** In characters: 100 tokens, of which 20 fit the usual budget. */
const SMALL = 400
const FITS = 0.5

/** Of what people wrote only how well it fits is known. */
function worthOf({ lesson, relevance }: Candidate, { task, sessions }: Occasion): number {
  if (!lesson) return relevance ?? 0
  const lift = expectedLift(lesson, sessions)
  return lift > 0 ? lift * fitOf(lesson, relevance, task) : lift
}

/**
 * How well a lesson fits a session, from .2 to 1: by its task or its query, whichever speaks more for it; 1 where neither is known. It is
 * never nothing: first messages seldom name the tools that lessons are about.
 */
export function fitOf(
  { tasks }: Pick<Lesson, 'tasks'>,
  relevance: number | null,
  task: string | null,
): number {
  const by_task = task === null || tasks.length === 0 ? null : taskFit(tasks, task)
  if (by_task === null && relevance === null) return 1
  return LEAST_FIT + (1 - LEAST_FIT) * Math.max(by_task ?? 0, relevance ?? 0)
}

const LEAST_FIT = 0.2

/** All of it where it was sighted in that task, half where it was sighted in so many that it belongs to none, else nothing. */
function taskFit(tasks: string[], task: string): number {
  if (tasks.includes(task)) return 1
  return new Set(tasks).size >= MANY_TASKS ? 0.5 : 0
}

/** As many as the miner asks for before it believes that something is not a matter of one task. */
const MANY_TASKS = 4
