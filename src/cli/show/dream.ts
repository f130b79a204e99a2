import type { Alert } from '../../domain/alert.ts'
import type { Change } from '../../domain/change.ts'
import type { Dream } from '../../domain/dream.ts'
import type { Page } from '../../domain/page.ts'
import { cut, wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { countsOf, showChange, showChanges } from './change.ts'
import { showSpending } from './spending.ts'

export type DreamedAgent = { dream: Dream; changes: Change[] }
export type FailedAgent = { agent: string; error: { type: string; message: string; hint: string | null } }
export type Dreamed = { dreams: DreamedAgent[]; failed: FailedAgent[] }

export type DreamAnswer = Dreamed & { dream: Dream | null; changes: Change[]; dry_run: boolean }

/** `replay` is the folder of the recording that answered in the place of a model, where one did. */
export function showDreamed(
  { dreams, failed, dry_run }: DreamAnswer,
  screen: Screen,
  replay?: string,
): string {
  if (dreams.length === 0 && failed.length === 0)
    return `There is nothing to dream of: no sessions are stored. Store some first:\n  ${screen.command(['ingest', '--help'])}\n`
  const ends = [
    ...dreams.map((it) => showDreamedAgent(it, screen, { dry_run, replay })),
    ...failed.map((it) => showFailed(it, screen)),
  ].join('\n')
  if (dry_run) return `${ends}\nA dry run: nothing was written.\n`
  const waits = dreams.some((it) => it.changes.some(({ status }) => status === 'undecided'))
  const changed = dreams.some((it) => it.changes.length > 0)
  return changed ? `${ends}\nNext: ${screen.command([waits ? 'decide' : 'lessons'])}\n` : ends
}

/** How the dream of one agent ended, and what it proposed. */
export function showDreamedAgent(
  { dream, changes }: DreamedAgent,
  screen: Screen,
  { dry_run, limit, replay }: { dry_run?: boolean; limit?: number; replay?: string } = {},
): string {
  return [
    headLine(dream, changes, screen),
    showChanges(changes, screen, limit),
    showAlerts(dream, screen),
    showNotes(dream, screen),
    showSpending(dream, screen, { dry_run, replay }),
  ].join('')
}

function headLine(dream: Dream, changes: Change[], { bold, columns }: Screen): string {
  if (dream.status !== 'failed') return `${bold(dream.agent)}: ${howItEnded(dream, changes)}\n`
  const why = dream.error?.message ?? 'nobody knows why'
  return `${bold(dream.agent)}: failed\n${wrap(why, columns, '  ')}\n`
}

/** What the operator has to see to comes before what is only good to know. An alarm is told in full on its first day only. */
function showAlerts({ alerts, created_at }: Dream, { columns, bad }: Screen): string {
  const is_told = (it: Alert) => it.alarm !== undefined && it.alarm.since < created_at.slice(0, 10)
  const full = alerts
    .filter((it) => !is_told(it))
    .map((it) => bad(wrap(`ALERT: ${it.text} ${WHAT_TO_DO[it.type]}`, columns, '  ')))
  const still = alerts.filter(is_told).map((it) => `${it.alarm!.type} since ${it.alarm!.since}`)
  const standing = still.length === 0 ? [] : [bad(wrap(`ALERT, still: ${still.join(', ')}.`, columns, '  '))]
  return [...full, ...standing].map((it) => `${it}\n`).join('')
}

const WHAT_TO_DO: Record<Alert['type'], string> = {
  dead_on_arrival: 'Until that is mended, nothing can be learned from such sessions.',
  outcome_source: 'Until that is cleared up, trust no lesson about whole sessions.',
  alarm: 'The thresholds are those of the policy (`reverie policy show`).',
}

function showNotes({ notes }: Dream, { columns }: Screen): string {
  return notes.map((it) => `${wrap(it, columns, '  ')}\n`).join('')
}

function howItEnded(dream: Dream, changes: Change[]): string {
  const read = `${count(dream.sessions_read, 'new session')} read`
  switch (dream.result) {
    case 'nothing_new':
      return 'no new sessions since the last dream, nothing to change'
    case 'unchanged':
      return `${read}, nothing to change in the memory`
    case 'changed':
      return `${read}, ${countsOf(changes)}`
    default:
      return dream.status
  }
}

export function showFailed({ agent, error }: FailedAgent, { bold, bad, columns }: Screen): string {
  const hint = error.hint === null ? '' : `${wrap(error.hint, columns, '  ')}\n`
  const why = error.message.split('\n').map((it) => `${wrap(it, columns, '  ')}\n`)
  return `${bold(agent)}: ${bad('failed')}\n${why.join('')}${hint}`
}

export function showDreams({ data, next_page }: Page<Dream>, screen: Screen): string {
  if (data.length === 0) return `No dreams yet.\nNext: ${screen.command(['dream'])}\n`
  return `${data.map((it) => dreamLines(it, screen)).join('\n')}${screen.more(next_page)}`
}

function dreamLines(it: Dream, { columns, bold, dim }: Screen): string {
  const end = it.status === 'completed' ? results[it.result ?? 'unchanged'] : it.status
  const facts = `${minute(it.created_at)} UTC, ${count(it.sessions_read, 'new session')} read, ${end}`
  return `${bold(it.id)}  ${cut(it.agent, columns - it.id.length - 2)}\n${dim(`  ${facts}`)}\n`
}

const results = {
  changed: 'changes proposed',
  unchanged: 'nothing to change',
  nothing_new: 'nothing new',
}

export function showOneDream(
  { dream, changes }: { dream: Dream; changes: Change[] },
  screen: Screen,
): string {
  const times = `${minute(dream.created_at)} to ${minute(dream.ended_at)} UTC`
  return [
    `${screen.dim(`${dream.id}, ${times}`)}\n${headLine(dream, changes, screen)}${showAlerts(dream, screen)}${showNotes(dream, screen)}${showSpending(dream, screen)}`,
    ...changes.map((it) => showChange(it, screen)),
  ].join('\n')
}
