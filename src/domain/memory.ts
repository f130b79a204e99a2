import { z } from 'zod'

/** A named set of memories that a session can read. */
export const MemoryStore = z.object({
  id: z.string().startsWith('memstore_'),
  /** Not unique: a store that was made over the wire, or by a dream, may have the name of another. */
  name: z.string(),
  description: z.string(),
  metadata: z.record(z.string(), z.string()),
  /** Whose memory it is; empty for one that was made over the wire and has not dreamed yet. */
  agent: z.string(),
  created_at: z.string(),
  /** When its name, description, metadata or archiving changed last. */
  updated_at: z.string(),
  archived_at: z.string().nullable(),
})
export type MemoryStore = z.infer<typeof MemoryStore>

/** Who wrote: a dream or a person. */
export const Actor = z.union([
  z.templateLiteral(['dream:', z.string()]),
  z.templateLiteral(['user:', z.string()]),
])
export type Actor = z.infer<typeof Actor>

/** One text document at a path in a memory store, as it stands now. Its past is in its versions. */
export const Memory = z.object({
  id: z.string().startsWith('mem_'),
  memory_store_id: z.string(),
  memory_version_id: z.string().startsWith('memver_'),
  path: z.string(),
  content: z.string(),
  content_sha256: z.string(),
  content_size_bytes: z.number().int().nonnegative(),
  /** Actor of the current version: what a person wrote, or edited, is that person's. */
  created_by: Actor,
  created_at: z.string(),
  updated_at: z.string(),
})
export type Memory = z.infer<typeof Memory>

/** One immutable row of a memory's history. */
export const MemoryVersion = z.object({
  id: z.string().startsWith('memver_'),
  memory_id: z.string(),
  memory_store_id: z.string(),
  operation: z.enum(['created', 'modified', 'deleted']),
  path: z.string(),
  /** Null for a deletion, and where it was erased. */
  content: z.string().nullable(),
  content_sha256: z.string().nullable(),
  content_size_bytes: z.number().int().nonnegative().nullable(),
  created_at: z.string(),
  created_by: Actor,
  /** When its text was erased: because sessions that it quoted were, or because somebody asked for that. */
  redacted_at: z.string().nullable(),
  /** Who asked for it; null where sessions were erased. */
  redacted_by: Actor.nullable(),
})
export type MemoryVersion = z.infer<typeof MemoryVersion>

/** What a session reads first: one line a memory, made from the others, so nothing stands there alone. */
export const INDEX_PATH = '/_index.md'
