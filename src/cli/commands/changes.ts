import { type Change, ChangeStatus } from '../../domain/change.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Tier } from '../../domain/pattern.ts'
import type { ChangesWanted, ListedChange, ShownChange } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { showChangeList, showOneChange } from '../show/change.ts'

/** The options that choose changes, as `changes` and `decide --all` have them. */
export type Choosing = {
  store?: string
  status?: ChangeStatus | 'all'
  kind?: Change['kind']
  tier?: Tier
  verdict?: Change['verdict']
  path?: string
}

export async function listChanges(
  call: Call,
  dream: string | undefined,
  { limit, page, ...choosing }: Choosing & PageRequest,
): Promise<Answer<Page<ListedChange>>> {
  const engine = await call.open()
  return { data: await engine.changes({ ...wanted(choosing), dream, limit, page }), show: showChangeList }
}

export async function showChange(call: Call, id: string): Promise<Answer<ShownChange>> {
  const engine = await call.open()
  return { data: await engine.change(id), show: showOneChange }
}

/** Without a status, what waits. */
export function wanted({ status, ...choosing }: Choosing): ChangesWanted {
  if (status === undefined) return choosing
  return { ...choosing, status: status === 'all' ? ChangeStatus.options : [status] }
}
