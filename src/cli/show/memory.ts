import type { MemoryVersion } from '../../domain/memory.ts'
import type { Page } from '../../domain/page.ts'
import type { StoredMemory } from '../../engine.ts'
import { table } from '../layout.ts'
import { count, minute, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export function showMemories({ data, next_page }: Page<StoredMemory>, screen: Screen): string {
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

export function showHistory({ data, next_page }: Page<MemoryVersion>, screen: Screen): string {
  const rows = data.map((it) => [
    minute(it.created_at),
    it.operation,
    it.content_size_bytes === null ? '' : size(it.content_size_bytes),
    it.created_by,
  ])
  return `${table([['written (UTC)', 'operation', 'size', 'by'], ...rows], screen.columns)}\n${screen.more(next_page)}`
}

export type Exported = { store: string; folder: string; files: number; bytes: number }

export function showExport({ store, folder, files, bytes }: Exported): string {
  return `${count(files, 'file')} of the memory store ${store} written to ${folder} (${size(bytes)}).\n`
}
