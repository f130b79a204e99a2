/** Quotes as the wire tells them: with the id by which the session is known there, so that its events can be listed. */
import { z } from '@hono/zod-openapi'
import { Evidence } from '../domain/evidence.ts'
import type { Engine } from '../engine.ts'

export const WireEvidence = z
  .object({ type: z.literal('evidence'), ...Evidence.shape, session_id: z.string() })
  .openapi('Evidence')
export type WireEvidence = z.infer<typeof WireEvidence>

/** Several lists at once. */
export async function wireEvidence(engine: Engine, lists: Evidence[][]): Promise<WireEvidence[][]> {
  const recordings = await engine.recordingsBehind(lists.flat().map((it) => it.session_id))
  return lists.map((list) =>
    list.map((it) => ({
      type: 'evidence' as const,
      ...it,
      session_id: recordings.get(it.session_id) ?? it.session_id,
    })),
  )
}
