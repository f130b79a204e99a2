/**
 * Fitness: the sessions of one agent in, whether dreaming helps with such work out.
 *
 * Lessons come from what recurs: from calls that fail again, from requests that are made again and are judged, from people who
 * correct the same again. The verdict is
 *
 *     fit          a channel can speak today
 *     not_yet      none can, but something recurs or is judged, so one could; or there are too few sessions to say; or most never start
 *     not_for_you  50 sessions or more, and nothing recurs: requests are not made twice, few calls fail, and nobody judges
 *
 * The thresholds are those that the channels of `3-mine` have themselves; docs/drift.md lists them.
 */
import type { Fitness, Outlook, Voice, WorkProfile } from '../domain/fitness.ts'
import type { Harness } from '../domain/session.ts'
import { differenceOf, mean } from './difference.ts'
import { LEAST_OUTCOMES, sessionsToLearn } from './power-of-mining.ts'

/** What is known of one session as work. */
export type WorkedSession = {
  at: string
  harness: Harness
  intent: string
  has_task: boolean
  person: string | null
  result: 'satisfied' | 'unsatisfied' | 'unknown'
  verified: boolean
  /** The last word of people on it; null where they said none. */
  approved: boolean | null
  has_feedback: boolean
  edited: boolean
  /** People asked for something in the agent's ways or answers. */
  corrected: boolean
  /** The person asked for something in how answers are to be. */
  asks: boolean
  tool_calls: number
  /** Actions that failed in it, and the errors that were met. */
  failed: string[]
  errors: string[]
  dead_on_arrival: boolean
}

export type Judged = Pick<
  Fitness,
  'verdict' | 'reasons' | 'work' | 'channels' | 'next_steps' | 'first_session_lesson' | 'lift'
>

/** Before so many sessions there is no verdict, and before so many none that says no. */
export const LEAST = { to_judge: 20, to_refuse: 50 }
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** 60 sessions with a lesson and 60 without. */
const FOR_LIFT = 120

/** In order of time; at least one. */
export function judgeFitness(sessions: WorkedSession[]): Judged {
  const work = profileOf(sessions)
  const channels = voicesIn(sessions)
  const { verdict, reasons } = verdictOn(work, channels)
  return {
    verdict,
    reasons,
    work,
    channels,
    next_steps: nextSteps(work, sessions),
    first_session_lesson: {
      by_20_points: outlookFor(0.2, sessions, work),
      by_30_points: outlookFor(0.3, sessions, work),
    },
    lift: outlook(0, paceOf(count(sessions, isKnown), sessions), FOR_LIFT),
  }
}

// ---------------------------------------------------------------- the work

function profileOf(sessions: WorkedSession[]): WorkProfile {
  const n = sessions.length
  const share = (of: Is, among: Is = () => true) => {
    const all = count(sessions, among)
    return all === 0 ? null : count(sessions, (it) => among(it) && of(it)) / all
  }
  const intents = countsOf(sessions.map((it) => it.intent))
  const repeated = [...intents.values()].filter((it) => it > 1).reduce((sum, it) => sum + it, 0)
  return {
    sessions: n,
    from: sessions[0]!.at,
    to: sessions.at(-1)!.at,
    sessions_a_week: paceOf(n, sessions),
    intents: intents.size,
    sessions_an_intent: n / intents.size,
    repeated: repeated / n,
    known_task: share((it) => it.has_task),
    known_outcome: share(isKnown),
    verified_outcome: share(isVerified),
    satisfied: share((it) => it.result === 'satisfied', isKnown),
    feedback: share((it) => it.has_feedback),
    tool_calls: share((it) => it.tool_calls > 0),
    tool_errors: share(
      (it) => it.failed.length > 0,
      (it) => it.tool_calls > 0,
    ),
    dead_on_arrival: share((it) => it.dead_on_arrival),
    people: new Set(sessions.flatMap((it) => it.person ?? [])).size,
  }
}

type Is = (session: WorkedSession) => boolean

const isKnown: Is = (it) => it.result !== 'unknown'
const isVerified: Is = (it) => isKnown(it) && it.verified
const countsForSessions: Is = (it) => isVerified(it) && it.has_task

function count(sessions: WorkedSession[], is: Is): number {
  return sessions.filter(is).length
}

/** So many a week, from the first session to the last; null where all began within a day. */
function paceOf(n: number, sessions: WorkedSession[]): number | null {
  const span = Date.parse(sessions.at(-1)!.at) - Date.parse(sessions[0]!.at)
  return span < DAY_MS ? null : n / Math.max(1, span / WEEK_MS)
}

function countsOf(names: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const it of names) counts.set(it, (counts.get(it) ?? 0) + 1)
  return counts
}

// ---------------------------------------------------------------- channels

function voicesIn(sessions: WorkedSession[]): Voice[] {
  return [
    recurring(
      'call',
      'fails',
      seenIn(sessions, (it) => it.failed),
    ),
    recurring(
      'repair',
      'came up',
      seenIn(sessions, (it) => it.errors),
    ),
    sessionVoice(sessions),
    approvalVoice(sessions),
    voiceOf(
      'edit',
      sessions,
      (it) => it.edited,
      { sessions: 5, intents: 3 },
      'an edit of what the agent wrote',
    ),
    voiceOf(
      'correction',
      sessions,
      (it) => it.corrected,
      { sessions: 4, intents: 3 },
      'a person who asks for other ways',
    ),
    temporalVoice(sessions),
  ]
}

type Seen = { name: string; sessions: number; intents: number }

/** Of everything that was seen in sessions, that which most have. */
function seenIn(sessions: WorkedSession[], of: (session: WorkedSession) => string[]): Seen[] {
  const seen = new Map<string, WorkedSession[]>()
  for (const session of sessions)
    for (const name of new Set(of(session))) seen.set(name, [...(seen.get(name) ?? []), session])
  return [...seen]
    .map(([name, own]) => ({ name, sessions: own.length, intents: intentsAmong(own) }))
    .sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1))
}

function intentsAmong(sessions: WorkedSession[]): number {
  return new Set(sessions.map((it) => it.intent)).size
}

const RECURS = { sessions: 5, intents: 4 }

function recurring(channel: 'call' | 'repair', does: string, seen: Seen[]): Voice {
  const enough = seen.filter((it) => it.sessions >= RECURS.sessions && it.intents >= RECURS.intents)
  const [most] = enough.length > 0 ? enough : seen
  const needed = `it takes one in ${RECURS.sessions} sessions of ${RECURS.intents} kinds of work`
  if (most === undefined)
    return no(channel, `No ${channel === 'call' ? 'call failed' : 'error was met'}; ${needed}.`)
  const where = `${most.name} ${does} in ${most.sessions} sessions of ${most.intents} kinds of work`
  if (enough.length === 0) return no(channel, `The most often, ${where}; ${needed}.`)
  const others = enough.length === 1 ? '' : `, and ${enough.length - 1} more recur`
  return { channel, can_speak: true, why: `${where}${others}.` }
}

/** In so many tasks that recur sessions have to be compared. */
const TASKS = 4

function sessionVoice(sessions: WorkedSession[]): Voice {
  const own = sessions.filter(countsForSessions)
  const failed = count(own, (it) => it.result === 'unsatisfied')
  const tasks = [...countsOf(own.map((it) => it.intent)).values()].filter((it) => it > 1).length
  const why =
    own.length < LEAST_OUTCOMES
      ? `${own.length} sessions have a verified outcome and a known task; it takes ${LEAST_OUTCOMES}.`
      : failed === 0 || failed === own.length
        ? `All ${own.length} verified sessions ended alike, so there is nothing to compare.`
        : tasks < TASKS
          ? `${tasks} tasks recur with a verified outcome; it takes ${TASKS}.`
          : null
  if (why !== null) return no('session', why)
  return {
    channel: 'session',
    can_speak: true,
    why: `${own.length} sessions of ${tasks} tasks that recur have a verified outcome, and ${failed} of them failed.`,
  }
}

const JUDGED = 20

/** Where bad work is approved as often as good, approvals say nothing. */
function approvalVoice(sessions: WorkedSession[]): Voice {
  const judged = sessions.filter((it) => it.approved !== null)
  const approved = count(judged, (it) => it.approved === true)
  const values = (result: WorkedSession['result']) =>
    judged
      .filter((it) => isVerified(it) && it.result === result)
      .map((it) => ({ y: Number(it.approved), stratum: '' }))
  const [bad, good] = [values('unsatisfied'), values('satisfied')]
  const difference = differenceOf(bad, good, true)
  if (judged.length < JUDGED)
    return no('approval', `People judged ${judged.length} sessions; it takes ${JUDGED}.`)
  if (approved === judged.length || approved === 0)
    return no(
      'approval',
      `People ${approved === 0 ? 'rejected' : 'approved'} all ${judged.length} sessions that they judged, so nothing tells good work from bad.`,
    )
  if (difference === null)
    return no(
      'approval',
      `Of what people judged, ${good.length} sessions were verified to have gone well and ${bad.length} to have failed; it takes ${JUDGED} of each to say what an approval is worth.`,
    )
  const why = `People approved ${percent(mean(good.map((it) => it.y)))} of what went well and ${percent(mean(bad.map((it) => it.y)))} of what failed.`
  return difference.low > 0
    ? { channel: 'approval', can_speak: true, why }
    : no('approval', `${why} That tells good work from bad no better than luck.`)
}

function no(channel: Voice['channel'], why: string): Voice {
  return { channel, can_speak: false, why }
}

function voiceOf(
  channel: Voice['channel'],
  sessions: WorkedSession[],
  is: Is,
  needs: { sessions: number; intents: number },
  what: string,
): Voice {
  const own = sessions.filter(is)
  const intents = intentsAmong(own)
  const needed = `it takes ${needs.sessions} in ${needs.intents} kinds of work`
  if (own.length === 0) return no(channel, `No session has ${what}; ${needed}.`)
  const seen = `${own.length} of ${sessions.length} sessions ${own.length === 1 ? 'has' : 'have'} ${what}, in ${intents} kinds of work`
  return own.length >= needs.sessions && intents >= needs.intents
    ? { channel, can_speak: true, why: `${seen}.` }
    : no(channel, `${seen}; ${needed}.`)
}

/** In so many weeks of half a year one person has a day, or a quarter of one, with so many sessions. */
const HABIT = { weeks: 8, of_weeks: 26, sessions: 3 }

/** A habit needs one person, whose name is known, who works enough to tell the days apart, and asks for something on some. */
function temporalVoice(sessions: WorkedSession[]): Voice {
  const people = Map.groupBy(
    sessions.filter((it) => it.person !== null),
    (it) => it.person,
  )
  const most = Math.max(0, ...[...people.values()].map(habitWeeks))
  const can_speak = most >= HABIT.weeks
  const seen =
    most === 0
      ? `No person whose name is known asks for other ways in most of ${HABIT.sessions} sessions of a day`
      : `One person who asks for other ways has a day with ${HABIT.sessions} sessions in ${most} ${most === 1 ? 'week' : 'weeks'}`
  return {
    channel: 'temporal',
    can_speak,
    why: `${seen}${can_speak ? '' : `; it takes ${HABIT.weeks} weeks of half a year`}.`,
  }
}

/** In how many weeks a person has a block that can tell; 0 where something is asked for in most sessions of none of them. */
function habitWeeks(own: WorkedSession[]): number {
  const blocks = [DAY_MS, DAY_MS / 4]
    .flatMap((ms) => [...Map.groupBy(own, (it) => Math.floor(Date.parse(it.at) / ms)).values()])
    .filter((it) => it.length >= HABIT.sessions)
  if (!blocks.some((it) => 2 * count(it, ({ asks }) => asks) > it.length)) return 0
  const weeks = blocks.map(([first]) => weekOf(first!.at))
  const last = Math.max(...weeks)
  return new Set(weeks.filter((it) => it > last - HABIT.of_weeks)).size
}

/** Weeks begin on Monday; 1970 began on a Thursday. */
function weekOf(at: string): number {
  return Math.floor((Date.parse(at) / DAY_MS + 3) / 7)
}

// ---------------------------------------------------------------- the verdict

/** Below these shares nothing of the kind is there. */
const SOME = { repeated: 0.2, tool_errors: 0.05, judged: 0.05, dead: 0.5 }

function verdictOn(work: WorkProfile, channels: Voice[]): Pick<Fitness, 'verdict' | 'reasons'> {
  const { sessions } = work
  if (sessions < LEAST.to_judge)
    return {
      verdict: 'not_yet',
      reasons: [`${sessions} sessions are too few for a verdict: it takes ${LEAST.to_judge}.`],
    }
  if (work.dead_on_arrival! >= SOME.dead)
    return {
      verdict: 'not_yet',
      reasons: [
        `${percent(work.dead_on_arrival)} of the sessions ended before the agent did anything. That is no mistake of the agent, and nothing can be learned from it.`,
      ],
    }
  const speaking = channels.filter((it) => it.can_speak)
  if (speaking.length > 0)
    return { verdict: 'fit', reasons: [...speaking.map((it) => it.why), ...caveatsOf(work)] }
  const signs = signsIn(work)
  if (signs.length === 0 && sessions >= LEAST.to_refuse)
    return { verdict: 'not_for_you', reasons: whyNot(work) }
  return {
    verdict: 'not_yet',
    reasons: [
      'Nothing recurs often enough yet to learn from it.',
      ...(signs.length === 0
        ? [`Nor does it look as if it would; with ${LEAST.to_refuse} sessions that can be said.`]
        : signs),
    ],
  }
}

function signsIn(work: WorkProfile): string[] {
  const of_all = (work.tool_errors ?? 0) * (work.tool_calls ?? 0)
  return [
    ...(work.repeated! >= SOME.repeated
      ? [
          `${percent(work.repeated)} of the sessions were asked for something that another was asked for, too.`,
        ]
      : []),
    ...(of_all >= SOME.tool_errors ? [`Calls fail in ${percent(of_all)} of the sessions.`] : []),
    ...(work.verified_outcome! >= SOME.judged
      ? [`${percent(work.verified_outcome)} of the sessions have a verified outcome.`]
      : []),
    ...(work.feedback! >= SOME.judged ? [`${percent(work.feedback)} of the sessions have feedback.`] : []),
  ]
}

function caveatsOf(work: WorkProfile): string[] {
  if (work.known_outcome! >= SOME.judged) return []
  return [
    'Hardly any outcome is known: lessons come from calls and from what people say, and whether they help shows in failed calls and in what happens again, not in how sessions end.',
  ]
}

function whyNot(work: WorkProfile): string[] {
  return [
    `Of ${work.sessions} sessions, ${percent(work.repeated)} were asked for something that another was asked for, too.`,
    work.tool_calls! < SOME.tool_errors
      ? 'The agent hardly uses tools, so no call can fail twice.'
      : 'Few calls fail, and none of them again and again.',
    'Nobody says how sessions end, and nobody corrects them.',
    'Dreaming learns from what recurs. If the work is what it looks like here, notes that people write serve better.',
  ]
}

// ---------------------------------------------------------------- what to do

type Step = Fitness['next_steps'][number]

/** How whoever runs the agent says these things; null where that harness has no place for it. */
type Ways = Record<'outcome' | 'task' | 'feedback' | 'person', { field: string; see: string } | null>

const STEPS: Ways = {
  outcome: { field: '`outcome` with `success` and `rule`', see: 'docs/steps-format.md#an-outcome' },
  task: { field: '`task_id`', see: 'docs/steps-format.md#a-session' },
  feedback: { field: 'steps of the role `feedback`', see: 'docs/steps-format.md#a-step' },
  person: { field: '`user`', see: 'docs/steps-format.md#a-session' },
}

const SENDING = 'POST /v1/sessions/{session_id}/events, at /docs of the server'

/** A coding harness writes what it writes; what its people say is read from their words. */
const OF_CODING: Ways = {
  outcome: {
    field: 'this harness writes none, sessions in the steps format can',
    see: 'docs/steps-format.md#an-outcome',
  },
  ...{ task: null, feedback: null, person: null },
}

const WAYS: Record<Harness, Ways> = {
  steps: STEPS,
  'openai-chat': STEPS,
  'managed-agents': {
    outcome: { field: 'an event `session.outcome`', see: SENDING },
    task: { field: '`metadata.task_id`', see: 'docs/api.md#what-the-metadata-of-a-session-says' },
    feedback: { field: 'events `user.feedback`', see: SENDING },
    person: { field: '`metadata.person`', see: 'docs/api.md#what-the-metadata-of-a-session-says' },
  },
  'claude-code': OF_CODING,
  codex: OF_CODING,
}

function nextSteps(work: WorkProfile, sessions: WorkedSession[]): Step[] {
  const [[harness]] = [...countsOf(sessions.map((it) => it.harness))].sort((a, b) => b[1] - a[1]) as [
    [Harness, number],
  ]
  const ways = WAYS[harness]
  const say = (is_due: boolean, way: Ways[keyof Ways], what: string, why: string): Step[] =>
    is_due && way !== null ? [{ what: `${what}: ${way.field}.`, why, see: way.see }] : []
  return [
    ...firstOfAll(work),
    ...say(
      work.known_outcome! < 0.5,
      ways.outcome,
      'Say how sessions end',
      `It is known of ${percent(work.known_outcome)}. Without it nobody can tell what helps.`,
    ),
    ...aboutVerifying(work, sessions, ways.outcome?.see ?? STEPS.outcome!.see),
    ...say(
      work.verified_outcome! >= SOME.judged && work.known_task! < 0.5,
      ways.task,
      'Say what was asked, the same for the same request',
      `It is known of ${percent(work.known_task)}. The strongest lessons compare sessions of one task.`,
    ),
    ...say(
      work.feedback! < SOME.judged,
      ways.feedback,
      'Send what people think and change',
      `${percent(work.feedback)} of the sessions have any.`,
    ),
    ...say(
      work.people === 0,
      ways.person,
      'Say for whom a session is, by any stable name',
      'What one person wants is kept apart from what everybody wants.',
    ),
  ]
}

/** Without it all else is in vain. */
function firstOfAll(work: WorkProfile): Step[] {
  const broken = {
    what: 'Mend how the agent is installed and started.',
    why: `${percent(work.dead_on_arrival)} of the sessions end before it does anything.`,
    see: 'the alerts of `reverie dream`',
  }
  const few = {
    what: `Ingest more sessions, ${LEAST.to_judge} at least.`,
    why: 'Nothing recurs in a few.',
    see: 'docs/cli.md#reverie-ingest',
  }
  return [
    ...(work.dead_on_arrival! >= SOME.judged ? [broken] : []),
    ...(work.sessions < LEAST.to_judge ? [few] : []),
  ]
}

function aboutVerifying(work: WorkProfile, sessions: WorkedSession[], see: string): Step[] {
  const verified = sessions.filter(isVerified)
  const failed = count(verified, (it) => it.result === 'unsatisfied')
  const ends_alike = verified.length >= JUDGED && (failed === 0 || failed === verified.length)
  const unverified = {
    what: 'Let tests, or a check of the result, judge: `verified` is for what cannot be talked round.',
    why: `${percent(work.verified_outcome)} of the sessions are verified. A thumb or a model alone teaches next to nothing.`,
    see,
  }
  const suspect = {
    what: `Look at the check that judges: ${failed === 0 ? 'no' : 'every'} session fails it.`,
    why: 'What ends alike cannot be compared, and such a check is seldom right.',
    see,
  }
  const is_unverified = work.known_outcome! >= 0.5 && work.verified_outcome! < 0.5 * work.known_outcome!
  return [...(is_unverified ? [unverified] : []), ...(ends_alike ? [suspect] : [])]
}

// ---------------------------------------------------------------- when

/** Of sessions whose task others have as well. Null where the outcomes so far give no failure rate, or none that differs. */
function outlookFor(effect: number, sessions: WorkedSession[], work: WorkProfile): Outlook | null {
  const failing = work.satisfied === null ? null : 1 - work.satisfied
  const needed = failing === null ? null : sessionsToLearn(effect, failing)
  if (needed === null) return null
  const own = sessions.filter(countsForSessions)
  const tasks = countsOf(own.map((it) => it.intent))
  const so_far = count(own, (it) => tasks.get(it.intent)! > 1)
  return outlook(so_far, paceOf(so_far, sessions), needed)
}

function outlook(so_far: number, a_week: number | null, needed: number): Outlook {
  const missing = Math.max(0, needed - so_far)
  const weeks = missing === 0 ? 0 : a_week === null || a_week === 0 ? null : missing / a_week
  return { so_far, a_week, needed, weeks }
}

function percent(share: number | null): string {
  return `${Math.round(100 * (share ?? 0))} %`
}
