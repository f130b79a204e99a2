import type { Fitness, Outlook } from '../../domain/fitness.ts'
import type { Page } from '../../domain/page.ts'
import { wrap } from '../layout.ts'
import { count, grouped, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

const INDENT = '  '

export function showFitness({ data, next_page }: Page<Fitness>, screen: Screen): string {
  if (data.length === 0)
    return `No sessions are stored, so nothing can be said yet. Store some first:\n  ${screen.command(['ingest', '--help'])}\n`
  return `${data.map((it) => showOne(it, screen)).join('\n')}${screen.more(next_page)}`
}

const VERDICTS: Record<Fitness['verdict'], string> = {
  fit: 'fit for dreaming',
  not_yet: 'not yet fit for dreaming',
  not_for_you: 'not for you',
}

const CHANNELS: Record<Fitness['channels'][number]['channel'], string> = {
  call: 'Calls',
  repair: 'Repairs',
  session: 'Whole sessions',
  approval: 'Approvals',
  edit: 'Edits',
  correction: 'Corrections',
  temporal: 'Habits',
}

function showOne(it: Fitness, screen: Screen): string {
  const { columns, bold, good, bad } = screen
  const color = it.verdict === 'fit' ? good : it.verdict === 'not_yet' ? String : bad
  const text = (line: string) => wrap(line, columns, INDENT)
  const item = (mark: string, line: string) => {
    const hanging = ' '.repeat(INDENT.length + mark.length + 1)
    return wrap(line, columns, hanging).replace(hanging, `${INDENT}${mark} `)
  }
  const part = (heading: string, lines: string[]) => (lines.length === 0 ? [] : ['', bold(heading), ...lines])
  return `${[
    `${bold(it.agent)}: ${color(VERDICTS[it.verdict])}`,
    ...(it.verdict === 'fit' ? it.reasons.slice(channelsOf(it)) : it.reasons).map(text),
    ...part('The work', workLines(it).map(text)),
    ...part(
      'What can teach today',
      it.channels.map(({ can_speak, channel, why }) =>
        item(can_speak ? '+' : '-', `${CHANNELS[channel]}: ${why}`),
      ),
    ),
    ...part(
      'What to do, first things first',
      it.next_steps.map(({ what, why, see }, i) => item(`${i + 1}.`, `${what} ${why} See ${see}.`)),
    ),
    ...part('When', whenLines(it).map(text)),
    ...part('Upkeep', upkeepLines(it).map(text)),
  ].join('\n')}\n`
}

/** The first reasons of `fit` are those of its channels, which stand below. */
function channelsOf({ channels }: Fitness): number {
  return channels.filter((it) => it.can_speak).length
}

function workLines({ work }: Fitness): string[] {
  const shares: [string, number | null][] = [
    ['asked for again', work.repeated],
    ['task known', work.known_task],
    ['outcome known', work.known_outcome],
    ['outcome verified', work.verified_outcome],
    ['with feedback', work.feedback],
    ['with calls', work.tool_calls],
  ]
  const pace = work.sessions_a_week === null ? 'all within a day' : `${number(work.sessions_a_week)} a week`
  const each = number(work.sessions_an_intent)
  const sessions = `${each} ${each === '1' ? 'session' : 'sessions'}`
  const people = `${grouped(work.people)} named ${work.people === 1 ? 'person' : 'people'}`
  const failing = work.tool_errors === null ? [] : [`a call failed in ${percent(work.tool_errors)} of those`]
  return [
    `${count(work.sessions, 'session')} from ${work.from.slice(0, 10)} to ${work.to.slice(0, 10)}, ${pace}; ${count(work.intents, 'kind')} of work, ${sessions} of each on average; ${people}.`,
    `Of the sessions: ${[...shares.map(([name, it]) => `${percent(it)} ${name}`), ...failing].join(', ')}.`,
  ]
}

function whenLines({ first_session_lesson, lift }: Fitness): string[] {
  const { by_20_points, by_30_points } = first_session_lesson
  const lesson = (points: number, it: Outlook | null) =>
    it === null ? [] : [`${when(it)} for ${points} points (${it.so_far} of ${it.needed})`]
  const lessons = [...lesson(30, by_30_points), ...lesson(20, by_20_points)]
  const outlook =
    lessons.length === 0
      ? 'not to be foreseen, since no outcomes that differ are known.'
      : `${lessons.join(', ')}. Points are how much more often sessions fail with what the lesson is about; sessions with a verified outcome and a known task are counted.`
  return [
    `A lesson about whole sessions: ${outlook}`,
    `Whether a lesson helps: ${lift.weeks === null ? when(lift) : `${weeks(lift.weeks)} after it is live`} (${lift.needed} sessions with a known outcome, half of them without it).`,
  ]
}

function when({ weeks: n, a_week }: Outlook): string {
  if (n === null) return a_week === null ? 'nobody knows when' : 'never at this pace'
  return n === 0 ? 'now' : `in ${weeks(n)}`
}

function weeks(n: number): string {
  return n > 200 ? 'more than 200 weeks' : `about ${count(Math.max(1, Math.ceil(n)), 'week')}`
}

function upkeepLines({ upkeep }: Fitness): string[] {
  const { last_dream, sessions_not_dreamed_of, changes_waiting, active_schedules } = upkeep
  const dreamed = last_dream === null ? [] : [`last dream ${minute(last_dream.ended_at)}`]
  const facts = [
    ...dreamed,
    `${count(sessions_not_dreamed_of, 'session')} not dreamed of`,
    `${count(changes_waiting, 'change')} waiting`,
    `${count(active_schedules, 'schedule')} here`,
  ]
  return [`${facts.join(', ')}.`.replace(/^./, (it) => it.toUpperCase()), ...upkeep.notes]
}

function percent(share: number | null): string {
  return share === null ? 'none' : `${Math.round(100 * share)} %`
}

function number(value: number): string {
  return value >= 10 ? grouped(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '')
}
