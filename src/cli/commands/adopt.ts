import type { Change } from '../../domain/change.ts'
import type { AdoptReport, Undone } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { showAdoption, showUndone } from '../show/adopt.ts'

type AdoptOptions = { change?: string[]; store?: string; as?: string; dryRun?: boolean }

/** Fails where something that was approved, or named, is not live. */
export async function adopt(
  call: Call,
  dream: string | undefined,
  { change: changes, store, as, dryRun: dry_run }: AdoptOptions,
): Promise<Answer<AdoptReport>> {
  const engine = await call.open()
  const data = await engine.adopt({ dream, changes, store, dry_run }, personAt(as))
  const is_all_live = data.superseded.length + data.refused.length === 0
  return { data, show: showAdoption, exit_code: is_all_live ? 0 : 1 }
}

export async function undo(
  call: Call,
  id: Change['id'],
  { reason, as }: { reason?: string; as?: string },
): Promise<Answer<Undone>> {
  const engine = await call.open()
  return { data: await engine.undo(id, { as: personAt(as), reason }), show: showUndone }
}
