/** A lesson as the wire tells it. */
import { z } from '@hono/zod-openapi'
import { Pattern } from '../domain/pattern.ts'
import type { Lesson } from '../engine.ts'
import { Time } from './wire.ts'

export const WireLesson = z
  .object({
    type: z.literal('lesson'),
    ...Pattern.pick({
      id: true,
      class: true,
      channel: true,
      tier: true,
      status: true,
      name: true,
      text: true,
      why: true,
      scope: true,
      effect: true,
      q: true,
      e: true,
      sessions: true,
    }).shape,
    memory_store_id: z.string(),
    created_at: Time,
    updated_at: Time,
    evidence_count: z.number().int(),
  })
  .openapi('Lesson')

export function wireLesson(lesson: Lesson): z.infer<typeof WireLesson> {
  return { type: 'lesson', ...lesson }
}
