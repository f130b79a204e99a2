/** Memories to files and back. */
import { redact } from '../1-ingest/redact.ts'
import { listMemories } from '../db/memories.ts'
import type { ImportResult } from '../db/memory-import.ts'
import type { Actor, MemoryStore } from '../domain/memory.ts'
import { toldName } from '../domain/told-name.ts'
import { exportMemories, type Format, importMemories } from '../exchange/exchange.ts'
import type { ExchangeFile, Export, Incoming, Skipped as SkippedFile } from '../exchange/file.ts'
import { importOver } from '../govern/import-over.ts'
import { oneDream } from './find.ts'
import { outputOfDream } from './memories.ts'
import type { Opened } from './opened.ts'
import { refuseRegulated } from './regulated.ts'
import { memoryStore, storeOf } from './stores.ts'

export type ImportOptions = {
  /** Name of the memory store; by default the only one. */
  store?: string
  /** Makes the store, for this agent, where there is none of that name. */
  agent?: string
  format: Format
  /** Who imports: the versions written are that person's. */
  as: Actor
  /** Write over other texts that stand at the same paths. */
  replace: boolean
  dry_run: boolean
}

/** What an import did, memory by memory. */
export type ImportReport = {
  store: string
  format: Format
  /** Of the export; null for files that are no export of ours. */
  format_version: number | null
  dry_run: boolean
  created: number
  equal: number
  replaced: number
  conflicting: number
  /** Secrets removed from texts before they were stored. */
  redactions: number
  memories: { path: string; file: string; result: ImportResult }[]
  /** What is no memory of this format, or could not be read. */
  skipped: SkippedFile[]
  /** Sentences to be read. */
  notes: string[]
}

export function exchangeOf(opened: Opened) {
  const { db, now } = opened
  return {
    /** The memories of a store, or the output of a dream, as files of that format. `existing` is the file a block is put into, where there is one. */
    async exportMemories(
      store: string | undefined,
      format: Format,
      { existing, replace, dream }: { existing: ExchangeFile | null; replace: boolean; dream?: string },
    ): Promise<{ store: MemoryStore } & Export> {
      const from = await memoryStore(
        db,
        dream === undefined ? store : (await oneDream(db, dream)).memory_store_id,
      )
      const memories =
        dream === undefined
          ? await listMemories(db, from.id)
          : (await outputOfDream(db, dream)).map((it) => ({ ...it, id: it.id ?? it.change_id ?? dream }))
      const [name, agent] = [toldName(from.name, 'agent'), toldName(from.agent, 'agent')]
      const whose = { store: name, agent, now: now().toISOString() }
      return { store: from, ...exportMemories(format, { ...whose, memories, existing, replace }) }
    },

    /**
     * Puts the memories in these files into a store, in one transaction, as a person's act. Secrets are removed first.
     * What stands at a path already is only written over with `replace`; without, it is `conflicting` and stays.
     */
    async importMemories(files: ExchangeFile[], how: ImportOptions): Promise<ImportReport> {
      if (!how.dry_run) await refuseRegulated(db, 'import memories')
      const { memories, ...read } = importMemories(how.format, files)
      let redactions = 0
      const clean: { path: string; content: string; reason: string }[] = []
      for (const { path, content, earlier } of memories) {
        const redacted = await redact(content)
        for (const n of Object.values(redacted.redactions)) redactions += n
        const reason = (await redact(importReason(how.format, earlier))).text
        clean.push({ path, content: redacted.text, reason })
      }
      const { store: name, agent, replace, dry_run } = how
      const store =
        agent === undefined
          ? await memoryStore(db, name)
          : await storeOf(opened, agent, { store: name, dry_run })
      const written = { created_by: how.as, replace, dry_run, now: now().toISOString() }
      const results = await db.transaction().execute((tx) => importOver(tx, store.id, clean, written))
      const sum = (result: ImportResult) => results.filter((it) => it === result).length
      return {
        store: store.name,
        format: how.format,
        format_version: read.format_version,
        dry_run: how.dry_run,
        created: sum('created'),
        equal: sum('equal'),
        replaced: sum('replaced'),
        conflicting: sum('conflicting'),
        redactions,
        memories: memories.map(({ path, file }, i) => ({ path, file, result: results[i]! })),
        skipped: read.skipped,
        notes: read.notes,
      }
    },
  }
}

/** For the audit log, which holds no text of files: of who wrote a memory a plain name, and when only where that is a time. */
function importReason(format: Format, earlier: Incoming['earlier']): string {
  if (earlier === null) return `imported from ${format}`
  const [kind, name] = /^(user|dream):(.+)$/s.exec(earlier.created_by)?.slice(1) ?? [
    'user',
    earlier.created_by,
  ]
  const at = new Date(earlier.updated_at)
  const when = Number.isNaN(at.getTime()) ? '' : ` at ${at.toISOString()}`
  return `imported from ${format}, where ${kind}:${toldName(name!, 'person')} wrote it${when}`
}
