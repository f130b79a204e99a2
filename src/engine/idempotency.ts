/** A request that its caller names by a key of its own is done once, however often it comes. */

import type { Transaction } from '../db/database.ts'
import { keepRequest, requestOfKey } from '../db/idempotency.ts'
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'

/** The key of a request, and a text that is the same for the same request; null for a request without one. */
export type Once = { key: string; request: string } | null

/** How long a key is remembered. */
const KEPT_MS = 24 * 3_600_000

/**
 * The ids of what `make` makes; of a request that was done before, the ids of what it made then. In the transaction of what is made, so that
 * neither is there without the other.
 *
 * Throws `conflict_error` where the key was used for another request.
 */
export async function once(
  tx: Transaction,
  asked: Once,
  now: Date,
  make: () => Promise<string[]>,
): Promise<string[]> {
  if (asked === null) return make()
  const since = new Date(now.getTime() - KEPT_MS).toISOString()
  const request_sha256 = sha256(asked.request)
  const known = await requestOfKey(tx, asked.key, since)
  if (known) {
    if (known.request_sha256 === request_sha256) return known.made
    throw new EngineError('conflict_error', `the idempotency key ${asked.key} was used for another request`, {
      hint: 'give each request a key of its own; the same key stands for the same request only',
    })
  }
  const made = await make()
  await keepRequest(tx, asked.key, { request_sha256, made }, { now: now.toISOString(), since })
  return made
}
