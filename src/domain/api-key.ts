import { z } from 'zod'
import { EngineError } from './error.ts'

/**
 * What a key may do, each role all that the ones before it may.
 *
 * - `reader` reads. - `writer` puts sessions in and starts dreams. - `reviewer` decides on changes and writes memories.
 * - `admin` sets policies, keys, schedules and webhooks, and deletes.
 */
export const Role = z.enum(['reader', 'writer', 'reviewer', 'admin'])
export type Role = z.infer<typeof Role>

/** What a program shows to be let in. The key itself is known to its holder alone; here is what there is to know of it. */
export const ApiKey = z.object({
  id: z.string().startsWith('apikey_'),
  workspace_id: z.string(),
  name: z.string(),
  role: Role,
  created_at: z.string(),
  /** Who made it: an actor. */
  created_by: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  /** To the minute. */
  last_used_at: z.string().nullable(),
})
export type ApiKey = z.infer<typeof ApiKey>

/** Throws `permission_error` where the key's role is less than `least`. */
export function mustBe(least: Role, key: Pick<ApiKey, 'id' | 'role'>): void {
  if (mayActAs(least, key)) return
  throw new EngineError(
    'permission_error',
    `the key ${key.id} has the role ${key.role}, and this takes the role ${least}`,
    { hint: 'ask whoever looks after this server for such a key' },
  )
}

/** Whether the key's role is `least`, or one that may more. */
export function mayActAs(least: Role, key: Pick<ApiKey, 'role'>): boolean {
  return Role.options.indexOf(key.role) >= Role.options.indexOf(least)
}

/** Whether the key opens anything at that time. */
export function isUsable(key: Pick<ApiKey, 'revoked_at' | 'expires_at'>, at: string): boolean {
  return key.revoked_at === null && (key.expires_at === null || key.expires_at > at)
}
