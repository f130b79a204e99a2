/** Resources of sessions on the wire. */
import { z } from '@hono/zod-openapi'
import { Time } from './wire.ts'

const Path = z.string().min(1).max(1_024)
const Checkout = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('branch'), name: z.string().min(1).max(255) }),
  z.strictObject({ type: z.literal('commit'), sha: z.string().min(1).max(64) }),
])

export const FileParam = z.strictObject({
  type: z.literal('file'),
  file_id: z.string().min(1).max(256),
  mount_path: Path.nullish().transform((it) => it ?? null),
})

const StoreParam = z.strictObject({
  type: z.literal('memory_store'),
  memory_store_id: z.string().min(1).max(256),
  access: z
    .enum(['read_write', 'read_only'])
    .nullish()
    .transform((it) => it ?? ('read_write' as const)),
  instructions: z
    .string()
    .max(4_096)
    .nullish()
    .transform((it) => it ?? null),
})

const RepositoryParam = z
  .strictObject({
    type: z.literal('github_repository'),
    url: z.url().max(2_000),
    authorization_token: z.string().optional(),
    checkout: Checkout.nullish().transform((it) => it ?? null),
    mount_path: Path.nullish().transform((it) => it ?? null),
  })
  // Nothing here fetches the repository, so its token is not kept.
  .transform(({ authorization_token: _, ...it }) => it)

const MOST_STORES = 8

export const ResourceParams = z
  .array(z.union([StoreParam, FileParam, RepositoryParam]))
  .max(500)
  .superRefine((all, context) => {
    const stores = all.flatMap((it) => (it.type === 'memory_store' ? it.memory_store_id : []))
    if (stores.length > MOST_STORES)
      context.addIssue({ code: 'custom', message: `at most ${MOST_STORES} memory stores` })
    if (new Set(stores).size < stores.length)
      context.addIssue({ code: 'custom', message: 'a memory store stands there twice' })
  })

const times = { created_at: Time, updated_at: Time }

export const WireFile = z.object({
  type: z.literal('file'),
  id: z.string(),
  file_id: z.string(),
  mount_path: z.string(),
  ...times,
})

export const WireResource = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('memory_store'),
      memory_store_id: z.string(),
      access: z.enum(['read_write', 'read_only']),
      name: z.string(),
      description: z.string(),
      instructions: z.string().nullable(),
      mount_path: z.string(),
    }),
    WireFile,
    z.object({
      type: z.literal('github_repository'),
      id: z.string(),
      url: z.string(),
      checkout: z.looseObject({ type: z.enum(['branch', 'commit']) }).nullable(),
      mount_path: z.string(),
      ...times,
    }),
  ])
  .openapi('SessionResource')
