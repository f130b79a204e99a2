/** Deliver: what a session is given of what was chosen for it, by the lots that it drew; what is held leaves its room empty. */
import type { RecalledMemory } from '../domain/recall.ts'
import type { Lots } from './arm.ts'
import type { Candidate } from './candidate.ts'
import { type Choice, textOf, tokensOf } from './choose.ts'

export type Delivery = {
  text: string
  tokens: number
  /** What was chosen, held or not; what is held takes no tokens. */
  memories: (RecalledMemory & { tokens: number })[]
  left_out: number
}

export function deliver({ chosen, left_out, unseen }: Choice, { arm, held }: Lots): Delivery {
  const is_control = arm === 'control'
  const told = ({ lesson, also }: Candidate) => [...(lesson === null ? [] : [lesson.id]), ...also]
  const isHeld = (it: Candidate) => told(it).some((id) => held.has(id)) || (is_control && told(it).length > 0)
  const given = chosen.filter(({ candidate }) => !isHeld(candidate))
  // Control is told of no lesson, so neither that there are more.
  const missed = is_control ? left_out.filter((it) => told(it).length === 0).length : left_out.length + unseen
  const text = textOf(given, missed)
  const memories = chosen.map(({ candidate, rank, words }): Delivery['memories'][number] => {
    const { memory_id, memory_version_id, path } = candidate
    const is_held = isHeld(candidate)
    return {
      ...{ memory_id, memory_version_id, path, rank },
      pattern_ids: told(candidate),
      given: is_held ? 'held' : 'delivered',
      tokens: is_held ? 0 : tokensOf(words),
    }
  })
  return { text, tokens: tokensOf(text), memories, left_out: missed }
}
