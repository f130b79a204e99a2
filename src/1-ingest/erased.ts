/**
 * Erased: does a session that arrives hold something of one that was erased? It may be the same, an older or a grown copy, or one that went on from it.
 *
 * Sessions without ids and times may begin alike by chance; of those only one that is wholly the beginning of the other is a copy, as in `copies.ts`.
 */
import type { Fingerprints } from './copies.ts'

/** Fewer events in common may be chance, at the same times even. */
const NO_CHANCE = 3

/** `events` says of each event of the session whether it was erased, `holds_last` whether the last one of an erased session is among them. */
export function holdsErased(
  rule: Fingerprints['rule'],
  { events, holds_last }: { events: boolean[]; holds_last: boolean },
): boolean {
  const erased = events.filter((it) => it).length
  const is_whole = holds_last || events.at(-1) === true
  return erased > 0 && (is_whole || rule === 'id' || (rule === 'beginning' && erased >= NO_CHANCE))
}
