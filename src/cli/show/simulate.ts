import { wrap } from '../layout.ts'
import { count, grouped } from '../number-words.ts'
import { onDatabase, type Screen } from '../screen.ts'

type Count = { sessions: number; completed: number }
type Arm = 'treatment' | 'control'
type Taught = { since: number; path: string; text: string; status: string }

export type Simulated = {
  world: string
  about: string
  seed: number
  sessions_a_night: number
  from: string
  to: string
  nights: ({ night: number } & Record<Arm, Count>)[]
  lift: { estimate: number; low: number; high: number } | null
  ratio: number | null
  ratio_at_the_end: number | null
  lessons_live: Taught[]
  withdrawn: (Taught & { night: number; became: string | null; now: string | null; says: string | null })[]
  /** The most there was on any night. */
  memory: { memories: number; bytes: number; contradictions: number }
  /** What must not be told in this world, and was. */
  forbidden: { night: number; text: string }[]
  /** The folder that was asked for, and the database in it. */
  out: string | null
  database: string | null
}

export function showSimulated(data: Simulated, screen: Screen): string {
  return [
    showTitle(data, screen),
    showChart(data, screen),
    showEffect(data, screen),
    showLive(data, screen),
    showWithdrawn(data, screen),
    showForbidden(data, screen),
    showKept(data, screen),
  ]
    .filter((it) => it !== '')
    .join('\n')
}

function showTitle(
  { world, about, seed, nights, sessions_a_night }: Simulated,
  { bold, columns }: Screen,
): string {
  const size = `${count(nights.length, 'night')} of ${count(sessions_a_night, 'session')} an agent, seed ${seed}`
  return `${bold(`The world ${world}`)}\n${wrap(about, columns, '  ')}\n  ${size}\n`
}

const MARKS: Record<Arm, string> = { treatment: '●', control: '○' }
const WORDS: Record<Arm, string> = { treatment: 'dreams, and is told', control: 'is told nothing' }
const ROWS = 10
const SMOOTHED = 5

/** One column a night, or several nights; a mark an agent, at the mean of the nights around. */
function showChart({ nights }: Simulated, { bold, columns, dim }: Screen): string {
  const arms = (['treatment', 'control'] as const).filter((arm) => nights.some((it) => it[arm].sessions > 0))
  const width = Math.min(nights.length, columns - 10)
  const lines = arms.map((arm) => ({ arm, rates: ratesOf(nights, arm, width) }))
  const top = Math.max(0.1, Math.ceil(10 * Math.max(...lines.flatMap((it) => it.rates))) / 10)
  const rows = Array.from({ length: ROWS + 1 }, (_, i) => {
    const row = ROWS - i
    const label = row % 5 === 0 ? `${Math.round((100 * top * row) / ROWS)} %` : ''
    const cells = Array.from({ length: width }, (_, at) => {
      const here = lines.filter((it) => Math.round((it.rates[at]! / top) * ROWS) === row)
      return here.length === 0 ? ' ' : here.length === 1 ? MARKS[here[0]!.arm] : '◉'
    })
    return `  ${label.padStart(5)} │${cells.join('')}`.trimEnd()
  })
  const last = String(nights.length)
  const axis = `${' '.repeat(8)}└${'─'.repeat(width)}`
  const scale = `${' '.repeat(9)}1${last.padStart(width - 1)}`
  const key = arms.map((arm) => `${MARKS[arm]} ${WORDS[arm]}`).join('   ')
  const both = arms.length === 2 ? '   ◉ both' : ''
  const heading = `Completed sessions, by night (mean of ${SMOOTHED} nights)`
  return `${bold(heading)}\n${rows.join('\n')}\n${axis}\n${dim(width > 1 ? scale : scale.trimEnd())}\n         ${key}${both}\n`
}

function ratesOf(nights: Simulated['nights'], arm: Arm, width: number): number[] {
  return Array.from({ length: width }, (_, at) => {
    const middle = Math.floor(((at + 0.5) * nights.length) / width)
    const reach = Math.max(Math.floor(SMOOTHED / 2), Math.ceil(nights.length / width / 2))
    return rateOf(sumOf(nights.slice(Math.max(0, middle - reach), middle + reach + 1), arm))
  })
}

function sumOf(nights: Simulated['nights'], arm: Arm): Count {
  return nights.reduce(
    (sum, it) => ({
      sessions: sum.sessions + it[arm].sessions,
      completed: sum.completed + it[arm].completed,
    }),
    { sessions: 0, completed: 0 },
  )
}

function rateOf({ sessions, completed }: Count): number {
  return sessions === 0 ? 0 : completed / sessions
}

function showEffect({ nights, lift, ratio, ratio_at_the_end }: Simulated, { bold, columns }: Screen): string {
  const [treatment, control] = [sumOf(nights, 'treatment'), sumOf(nights, 'control')]
  const told = [
    ...(treatment.sessions > 0 ? [`With memory ${shareOf(treatment)}.`] : []),
    ...(control.sessions > 0 ? [`Without ${shareOf(control)}.`] : []),
    ...(ratio === null
      ? []
      : [
          `That is ${ratio.toFixed(1)} times as many, and ${ratio_at_the_end?.toFixed(1)} times in the last ten nights.`,
        ]),
    ...(lift === null
      ? []
      : [
          `Lift: ${points(lift.estimate)} points, 95 % interval ${points(lift.low)} to ${points(lift.high)}, of what was verified; it holds however often one looks.`,
        ]),
    ...(treatment.sessions > 0
      ? [
          'Every lesson is held back from some sessions on purpose, from half of them while it is new, so that its effect can be told: given to all, the difference would be larger.',
        ]
      : []),
  ]
  return `${bold('Does it help?')}\n${told.map((it) => `${wrap(it, columns, '  ')}\n`).join('')}`
}

function shareOf(it: Count): string {
  return `${grouped(it.completed)} of ${count(it.sessions, 'session')} were completed, ${Math.round(100 * rateOf(it))} %`
}

function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)}`
}

function showLive({ lessons_live }: Simulated, { bold, columns }: Screen): string {
  if (lessons_live.length === 0) return `${bold('No lesson is live')}\n`
  const lines = lessons_live.map((it) => row(`since night ${it.since}, ${it.status}`, it.text, columns))
  return `${bold('Lessons that are live')}\n${lines.join('')}`
}

function row(when: string, text: string, columns: number): string {
  return `  ${when}:\n${wrap(text, columns, '    ')}\n`
}

const MOST = 8

function showWithdrawn({ withdrawn }: Simulated, { bold, columns }: Screen): string {
  const gone = withdrawn.filter((it) => it.became === null)
  const reworded = withdrawn.length - gone.length
  if (withdrawn.length === 0) return ''
  const lines = gone.slice(-MOST).map((it) => {
    const when = `on night ${it.night}, live since night ${it.since}${it.now === null ? '' : `, ${it.now} since`}`
    return row(when, it.says === null ? it.text : `${it.text} ${it.says}`, columns)
  })
  const more = gone.length > MOST ? `  and ${gone.length - MOST} before\n` : ''
  const others = reworded === 0 ? '' : `  ${count(reworded, 'time')} a lesson got other words and stayed.\n`
  return `${bold('Withdrawn')}\n${lines.join('')}${more}${others}`
}

function showForbidden({ forbidden }: Simulated, { bad, columns }: Screen): string {
  if (forbidden.length === 0) return ''
  const lines = forbidden.slice(0, MOST).map((it) => row(`night ${it.night}`, it.text, columns))
  return `${bad('Told, and must not be')}\n${lines.join('')}`
}

function showKept({ out, database, from, to }: Simulated, screen: Screen): string {
  if (out === null || database === null) return ''
  const { command } = onDatabase(screen, database)
  const look = [['lessons'], ['lift'], ['doctor'], ['report', '--out', 'report', '--from', from, '--to', to]]
  return `Kept in ${out}. To look around:\n${look.map((it) => `  ${command(it, database)}\n`).join('')}`
}
