/** Who wrote, decided or set something, as the wire tells it. */
import { z } from '@hono/zod-openapi'
import type { Actor } from '../domain/memory.ts'

const ApiActor = z.object({ type: z.literal('api_actor'), api_key_id: z.string() })
const UserActor = z.object({ type: z.literal('user_actor'), user_id: z.string() })

export const WireActor = z
  .union([z.object({ type: z.literal('session_actor'), session_id: z.string() }), ApiActor, UserActor])
  .openapi('Actor')
export type WireActor = z.infer<typeof WireActor>

/** A dream is the session that tells of it, and nobody where it has none. */
export function wireActor(actor: Actor | null, session_id: string | null): WireActor | null {
  if (actor === null) return null
  if (!actor.startsWith('dream:')) return personOrKey(actor)
  return session_id === null ? null : { type: 'session_actor', session_id }
}

/** Whose word it is, or who set it: a person, a key, or the policy in force, which decides by itself. */
export const WireDecider = z
  .union([ApiActor, UserActor, z.object({ type: z.literal('policy_actor'), policy_sha256: z.string() })])
  .openapi('Decider')
export type WireDecider = z.infer<typeof WireDecider>

export function wireDecider(actor: string): WireDecider {
  return actor.startsWith('policy:')
    ? { type: 'policy_actor', policy_sha256: actor.slice('policy:'.length) }
    : personOrKey(actor)
}

/** The actor that a key, or a service account, of that id is; nobody, where it is no such id. */
export function actorNamed(id: string, prefix: 'apikey_' | 'svac_'): Actor {
  return `user:${id.startsWith(prefix) ? id : ''}`
}

function personOrKey(actor: string) {
  const name = actor.slice('user:'.length)
  return name.startsWith('apikey_')
    ? ({ type: 'api_actor', api_key_id: name } as const)
    : ({ type: 'user_actor', user_id: name } as const)
}
