import type { Page } from '../../domain/page.ts'
import type { Export, Format, ImportReport, StoredMemory } from '../../engine.ts'
import { table, wrap } from '../layout.ts'
import { count, minute, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'

type Listed = Pick<StoredMemory, 'store' | 'path' | 'content_size_bytes' | 'updated_at'>

export function showMemories({ data, next_page }: Page<Listed>, screen: Screen): string {
  if (data.length === 0) return `No memories yet.\nNext: ${screen.command(['dream'])}\n`
  const is_mixed = new Set(data.map((it) => it.store)).size > 1
  const rows = data.map((it) => [
    ...(is_mixed ? [it.store] : []),
    size(it.content_size_bytes),
    minute(it.updated_at),
    it.path,
  ])
  const head = [...(is_mixed ? ['store'] : []), 'size', 'changed (UTC)', 'path']
  // A path is there to be copied, so it is never cut.
  return `${table([head, ...rows], Number.POSITIVE_INFINITY)}\n${screen.more(next_page)}`
}

/** A dream proposes; its changes are no memories until somebody has decided. */
export function showNoMemories(
  { undecided, approved }: { undecided: number; approved: number },
  screen: Screen,
): string {
  const lines: [n: number, words: string, command: string[]][] = [
    [undecided, 'for a decision', ['decide']],
    [approved, 'to be adopted', ['adopt']],
  ]
  const waiting = lines.filter(([n]) => n > 0)
  if (waiting.length === 0) return `No memories yet.\nNext: ${screen.command(['dream'])}\n`
  const told = waiting.map(([n, words, command]) => {
    const what = `${count(n, 'change')} ${n === 1 ? 'waits' : 'wait'} ${words}`
    return `  ${screen.dim(`${what}:`)}\n    ${screen.command(command)}\n`
  })
  return `No memories yet.\n${told.join('')}`
}

export type Exported = {
  store: string
  format: Format
  folder: string
  /** The one file that holds them all; null where each has its own. */
  file: string | null
  files: number
  memories: number
  bytes: number
  left_out: Export['left_out']
  notes: string[]
}

export function showExport(it: Exported, { columns }: Screen): string {
  const { store, format, folder, file, memories, bytes } = it
  const what = `${count(memories, 'memory')} of the memory store ${store} written to ${file ?? folder} (${format}, ${size(bytes)}).`
  const left_out = it.left_out.map(
    ({ what, paths }) =>
      `Not in this format, of ${count(paths.length, 'memory')}: ${what} (${someOf(paths)}).`,
  )
  return [what, ...[...left_out, ...it.notes].map((line) => wrap(line, columns)), ''].join('\n')
}

export type Imported = ImportReport & { from: string; as: string }

export function showImport(it: Imported, { columns, bad }: Screen): string {
  const version = it.format_version === null ? '' : `, format version ${it.format_version}`
  const counts = [
    `${it.created} created`,
    `${it.equal} there already`,
    ...(it.replaced > 0 ? [`${it.replaced} replaced`] : []),
    ...(it.conflicting > 0 ? [bad(`${it.conflicting} conflicting`)] : []),
  ].join(', ')
  const would = it.dry_run ? ' (dry run: nothing was written)' : ''
  const rows = it.memories
    .filter(({ result }) => result !== 'equal')
    .map(({ path, result }) => [result, path])
  const lines = [
    ...(it.conflicting > 0
      ? [
          'Another text stands at the paths of the conflicting ones, and was left as it is; --replace writes over it.',
        ]
      : []),
    ...(it.redactions > 0 ? [`${count(it.redactions, 'secret')} removed before anything was stored.`] : []),
    ...it.skipped.map(({ file, reason }) => `Skipped ${file}: ${reason}.`),
    ...it.notes.map((note) => `Note: ${note}.`),
  ]
  return [
    `${it.from} (${it.format}${version}) into the memory store ${it.store}, as ${it.as}: ${counts}${would}.`,
    // A path is there to be copied, so it is never cut.
    ...(rows.length === 0 ? [] : [table([['result', 'path'], ...rows], Number.POSITIVE_INFINITY, '  ')]),
    ...lines.map((line) => wrap(line, columns)),
    '',
  ].join('\n')
}

function someOf(paths: string[]): string {
  const some = paths.slice(0, 3).join(', ')
  return paths.length <= 3 ? some : `${some}, and ${paths.length - 3} more; --json names them all`
}
