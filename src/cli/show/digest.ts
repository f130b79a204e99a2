/** A digest in words, as Markdown: counts first, then one line for each thing, for somebody who reads nothing else of Reverie. */
import type { Digest, DigestedChange } from '../../domain/digest.ts'
import type { Page } from '../../domain/page.ts'
import { wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export type Digests = Page<Digest> & { file: string | null }

export function showDigests({ data, next_page, file }: Digests, screen: Screen): string {
  if (data.length === 0) return `No dreams yet.\nNext: ${screen.command(['dream'])}\n`
  if (file !== null) return `${count(data.length, 'digest')} written to ${file}.\n${screen.more(next_page)}`
  return `${data.map((it) => digestText(it, screen.columns)).join('\n')}${screen.more(next_page)}`
}

export function digestText(digest: Digest, columns: number): string {
  const { dream, store, changes } = digest
  const line = (text: string) => wrap(text, columns)
  const usual = usualReason(changes)
  const said = (title: string, texts: string[]) =>
    texts.length === 0 ? [] : [`## ${title}`, texts.map((it) => item(it, columns)).join('\n')]
  return `${[
    line(`# What ${store} learned, ${minute(dream.ended_at ?? dream.created_at)} UTC`),
    summary(digest)
      .map((it) => item(it, columns))
      .join('\n'),
    ...said(
      'Alerts',
      dream.alerts.map((it) => it.text),
    ),
    ...SECTIONS.flatMap(({ kind, title }) =>
      said(
        title,
        changes.filter((it) => it.kind === kind).map((it) => changeLine(it, usual)),
      ),
    ),
    ...said('Notes', dream.notes),
    line(trust(digest)),
  ].join('\n\n')}\n`
}

const SECTIONS: { kind: DigestedChange['kind']; title: string }[] = [
  { kind: 'add', title: 'New lessons' },
  { kind: 'refresh', title: 'Lessons with newer evidence' },
  { kind: 'stale', title: 'Lessons that no longer hold' },
  { kind: 'merge', title: 'Copies to fold' },
  { kind: 'conflict', title: 'Questions: memories that contradict each other' },
]

/** The counts; those of nothing are left out. */
function summary({ dream, changes, counts: { proposed, status, alerts } }: Digest): string[] {
  const listed = (parts: [number, string][]) =>
    parts.flatMap(([n, words]) => (n === 0 ? [] : [`${n} ${words}`])).join(', ')
  const kinds = listed([
    [proposed.add, 'new'],
    [proposed.refresh, 'with newer evidence'],
    [proposed.stale, 'no longer holding'],
    [proposed.merge, 'to fold'],
    [proposed.conflict, 'in conflict'],
  ])
  const fates = listed([
    [status.adopted, 'live'],
    [status.approved, 'approved and to be adopted'],
    [status.undecided, status.undecided === 1 ? 'waits for a decision' : 'wait for a decision'],
    [status.rejected, 'rejected'],
    [status.undone, 'taken back'],
    [status.superseded, 'out of date'],
    [status.denied, 'refused by the policy'],
  ])
  return [
    howItEnded(dream),
    ...(changes.length === 0 ? ['Nothing to change in the memory.'] : []),
    ...(kinds === '' ? [] : [`${count(changes.length, 'change')} proposed: ${kinds}.`]),
    ...(fates === '' ? [] : [`Where they stand now: ${fates}.`]),
    ...(alerts === 0 ? [] : [`${count(alerts, 'alert')} to see to.`]),
  ]
}

function howItEnded({ status, sessions_read, error }: Digest['dream']): string {
  if (status === 'completed') return `${count(sessions_read, 'new session')} read.`
  return status === 'failed'
    ? `The dream failed: ${error?.message ?? 'nobody knows why'}.`
    : `The dream is ${status}.`
}

/** Why nearly everything waits is not told with each of them. */
function usualReason(changes: DigestedChange[]): string | null {
  const waiting = changes.filter((it) => it.status === 'undecided')
  const reasons = [...Map.groupBy(waiting, (it) => it.verdict_reason)]
  return reasons.find(([, those]) => those.length * 2 > waiting.length)?.[0] ?? null
}

function changeLine(it: DigestedChange, usual: string | null): string {
  const lesson = it.lesson ?? '(what it said was erased)'
  return `${sentence(lesson)} ${it.why === null ? '' : `${sentence(it.why)} `}**${capital(standing(it, usual))}.** \`${it.path}\``
}

/** Where it stands, and by whose word. */
function standing({ status, verdict_reason, decisions }: DigestedChange, usual: string | null): string {
  const by = (decision: 'approved' | 'rejected') => {
    const words = decisions.filter((it) => it.decision === decision)
    const names = [...new Set(words.map((it) => whoIs(it.by)))]
    const edited = words.findLast((it) => it.is_edited)
    const in_words = edited ? `, in the words of ${whoIs(edited.by)}` : ''
    return names.length === 0 ? '' : ` by ${names.join(' and ')}${in_words}`
  }
  const last = decisions.at(-1)
  switch (status) {
    case 'undecided':
      return verdict_reason === usual ? 'waits for a decision' : `waits for a decision: ${verdict_reason}`
    case 'approved':
      return `approved${by('approved')}, not live yet`
    case 'rejected':
      return `rejected${by('rejected')}${last?.reason ? `: ${last.reason}` : ''}`
    case 'adopted':
      return `live, approved${by('approved')}`
    case 'undone':
      return `was live, approved${by('approved')}, and was taken back`
    case 'superseded':
      return 'out of date'
    case 'denied':
      return `refused by the policy: ${verdict_reason}`
  }
}

function whoIs(by: string): string {
  return by.startsWith('policy:') ? 'the policy' : by.replace(/^user:/, '')
}

/** Whether what is told here is what the dream ended with. */
function trust({ dream, recorded_sha256, erased, is_as_recorded }: Digest): string {
  if (erased > 0)
    return `${dream.id}. ${count(erased, 'text')} of these proposals ${erased === 1 ? 'was' : 'were'} erased since, so they can no longer be held against the audit log.`
  if (is_as_recorded === null)
    return `${dream.id}. The audit log has no hash of these proposals: the dream has not ended well, or is older than that.`
  return is_as_recorded
    ? `${dream.id}. The proposals are those of which the audit log holds the hash ${recorded_sha256}.`
    : `${dream.id}. The proposals are not all those of which the audit log holds the hash ${recorded_sha256}: something was changed since.`
}

function item(text: string, columns: number): string {
  return wrap(text, columns, '  ').replace(/^ {2}/, '- ')
}

function sentence(text: string): string {
  return /[.!?]["”»)]?$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}

function capital(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`
}
