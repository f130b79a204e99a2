/** What a dream is asked for with, by a person or by a schedule. */
import { z } from '@hono/zod-openapi'
import type { OutputBehavior } from '../domain/dream.ts'

/** An id, or an id with a speed, of which there is one. */
export const DreamModelParam = z
  .union(
    [
      z.string().min(1).max(256),
      z.strictObject({ id: z.string().min(1).max(256), speed: z.literal('standard').nullish() }),
    ],
    { error: 'an id of 1 to 256 characters, or {id, speed}; the only speed of a dream is standard' },
  )
  .transform((it) => ({ id: typeof it === 'string' ? it : it.id, speed: 'standard' as const }))

export const Instructions = z
  .string()
  .refine((it) => it !== '' && [...it].length <= 4_096, { error: 'from 1 to 4,096 characters' })

export const WireBehavior = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('create_new') }),
  z.strictObject({ type: z.literal('update_existing'), memory_store_id: z.string().min(1) }),
])

export function wireBehavior(type: OutputBehavior, memory_store_id: string): z.infer<typeof WireBehavior> {
  return type === 'create_new' ? { type } : { type, memory_store_id }
}
