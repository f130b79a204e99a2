import type { IngestReport, Skipped } from '../../engine.ts'
import { cut, cutStart, table, wrap } from '../layout.ts'
import { count, grouped, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'

const MAX_REASONS = 10
const MAX_PLACES = 3

export function showIngest(report: IngestReport, screen: Screen): string {
  const sessions = report.sessions_new + report.sessions_known
  if (sessions === 0 && report.skipped.length === 0)
    return `No sessions found: looked into ${count(report.files, 'file')} that could be a transcript.\n`
  return [
    `Read ${count(report.files, 'file')}, ${size(report.bytes)}.\n`,
    sessions === 0 ? 'There was no session in what could be read.\n' : byHarness(report, screen),
    outcomes(report),
    redactions(report),
    showSkipped(report.skipped, screen),
    passedOver(report, screen),
  ]
    .filter((it) => it !== '')
    .join('\n')
}

function byHarness(report: IngestReport, screen: Screen): string {
  const rows = Object.entries(report.by_harness).map(([harness, it]) => [
    harness,
    grouped(it.sessions_new),
    grouped(it.sessions_known),
    grouped(it.events),
    size(it.bytes),
    grouped(it.redactions),
  ])
  const head = ['harness', 'new', 'known', 'new events', 'size', 'removed']
  return `${table([head, ...rows], screen.columns)}\n`
}

function outcomes({ outcomes_new }: IngestReport): string {
  return outcomes_new === 0
    ? ''
    : `Of the known, ${count(outcomes_new, 'session')} came with an outcome that was not known.\n`
}

function redactions({ redactions }: IngestReport): string {
  const classes = Object.entries(redactions).map(([name, n]) => `${grouped(n)} ${name}`)
  return classes.length === 0 ? '' : `Removed before anything was stored: ${classes.join(', ')}.\n`
}

/** The same reason many times is told once, with the first places. */
export function showSkipped(skipped: Skipped[], { columns, bold, dim }: Screen): string {
  if (skipped.length === 0) return ''
  const groups = [...Map.groupBy(skipped, (it) => it.reason)].sort(([, a], [, b]) => b.length - a.length)
  const lines = groups.slice(0, MAX_REASONS).flatMap(([reason, all]) => {
    const places = all.slice(0, MAX_PLACES).map((it) => `    ${dim(cutStart(placeOf(it), columns - 4))}`)
    const rest = all.length - places.length
    return [
      wrap(all.length === 1 ? reason : `${grouped(all.length)} times: ${reason}`, columns, '  '),
      ...places,
      ...(rest > 0 ? [`    ${dim(`and ${grouped(rest)} more`)}`] : []),
    ]
  })
  const rest = groups.length - MAX_REASONS
  if (rest > 0) lines.push(`  and ${count(rest, 'other reason')}; --json tells them all`)
  return `${bold(`Skipped ${count(skipped.length, 'time')}:`)}\n${lines.join('\n')}\n`
}

function placeOf({ path, line }: Skipped): string {
  return line === null ? path : `${path}:${line}`
}

/** What parsers know to be without meaning, or do not know. */
function passedOver({ passed_over }: IngestReport, { columns, dim }: Screen): string {
  const kinds = Object.entries(passed_over).sort(([, a], [, b]) => b - a)
  if (kinds.length === 0) return ''
  const sum = kinds.reduce((all, [, n]) => all + n, 0)
  const named = kinds.map(([kind, n]) => `${grouped(n)} ${kind}`).join(', ')
  return `${dim(cut(`Passed over ${count(sum, 'entry')} of no use: ${named}`, columns))}\n`
}
