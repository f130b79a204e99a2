/** What stood in a memory store before, and what was put back of it. */
import { INDEX_PATH } from '../../domain/memory.ts'
import type { Page } from '../../domain/page.ts'
import type { HistoryRow, MemoryDiff, Restored, StoredVersion, StoreRestoredReport } from '../../engine.ts'
import { table, wrap } from '../layout.ts'
import { count, minute, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { nameOf, showDiffLines } from './change.ts'

/** Two lines a version: what was written and by whom, then who acted and why. */
export function showHistory({ data, next_page }: Page<HistoryRow>, screen: Screen): string {
  const head = ['version', 'no.', 'written (UTC)', 'operation', 'size', 'by']
  const rows = data.map((it) => [
    shortVersionId(it.id),
    String(it.seq),
    minute(it.created_at),
    it.redacted_at === null ? it.operation : 'erased',
    it.content_size_bytes === null ? '' : size(it.content_size_bytes),
    it.created_by,
  ])
  const [first, ...lines] = table([head, ...rows], screen.columns).split('\n')
  const told = lines.map((line, i) => `${line}\n${whyLine(data[i]!, screen)}`)
  return `${first}\n${told.join('')}${screen.more(next_page)}`
}

function whyLine({ actor, reason }: HistoryRow, { columns, dim }: Screen): string {
  if (actor === null) return ''
  const name = actor.startsWith('dream:') ? 'the dream' : nameOf(actor)
  return `${dim(wrap(`${name}: ${reason}`, columns, '    '))}\n`
}

export function showMemoryDiff({ before, after, diff }: MemoryDiff, screen: Screen): string {
  const name = (it: StoredVersion | null) => (it === null ? 'nothing' : `${it.path} ${shortVersionId(it.id)}`)
  const head = `${screen.bold(`${name(before)} -> ${name(after)}`)}\n`
  return diff.length === 0 ? `${head}The same text.\n` : `${head}${showDiffLines(diff, screen)}`
}

export type MemoryRestored = { restored: Restored | null; version: StoredVersion; dry_run: boolean }

export function showRestored(it: MemoryRestored | StoreRestoredReport, screen: Screen): string {
  return 'version' in it ? showVersionRestored(it, screen) : showStoreRestored(it, screen)
}

function showVersionRestored({ restored, version, dry_run }: MemoryRestored, screen: Screen): string {
  const what = `${version.path}, as of ${minute(version.created_at)} UTC`
  if (restored === null) return `${what}: that text stands there already. Nothing was written.\n`
  if (dry_run) return `${what}, would be put back (dry run: nothing was written).\n`
  const back =
    restored.from === null
      ? ''
      : `What stood there before: ${screen.command(['memory', 'restore', shortVersionId(restored.from)])}\n`
  return `${what}, is back, as a new version.\n${back}`
}

const signs = { created: '+', modified: '~', deleted: '-' }

function showStoreRestored(it: StoreRestoredReport, screen: Screen): string {
  const { store, seq, back, restored, erased, dry_run } = it
  const would = dry_run ? ' (dry run: nothing was written)' : ''
  const head = `The memory store ${store}, as of version ${seq}: ${count(restored.length, 'memory')} ${
    restored.length === 1 ? 'changes' : 'change'
  }${would}.`
  const lines = restored.map(({ operation, path }) => {
    const paint = { created: screen.good, modified: screen.bold, deleted: screen.bad }[operation]
    return `  ${paint(signs[operation])} ${path}\n`
  })
  const lost = erased.map((path) => `  ! ${path}: its text of then was erased; it stays as it is\n`)
  const undo = screen.command(['memory', 'restore', '--store', store, '--to', String(back)])
  const next = dry_run || restored.length === 0 ? '' : `To take this back: ${undo}\n`
  return `${wrap(head, screen.columns)}\n${lines.join('')}${lost.join('')}${next}`
}

export function showRemoved({ path, store }: StoredVersion, screen: Screen): string {
  const made_again = path === INDEX_PATH ? ' It is made from the memories, so Reverie made it again.' : ''
  const said = `${path} was taken out of the memory store ${store}; no dream brings it back.${made_again}`
  return `${wrap(said, screen.columns)}\nIts past: ${screen.command(['memory', 'history', path])}\n`
}

function shortVersionId(id: string): string {
  return id.slice(0, 'memver_'.length + 8)
}
