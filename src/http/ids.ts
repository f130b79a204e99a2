/** Ids in a path or a query: whole ones, never the beginning of one, as the command line takes them. */
import { EngineError } from '../domain/error.ts'
import type { Prefix } from '../domain/id.ts'

/** The same id. Throws `not_found_error` for what can be the id of no such thing. */
export function whole(prefix: Prefix, id: string): string {
  if (id.startsWith(`${prefix}_`) && /^[a-z]+_[0-9a-z]{24,64}$/.test(id)) return id
  throw new EngineError('not_found_error', `there is no ${NOUNS[prefix] ?? 'object'} ${id.slice(0, 100)}`, {
    hint: `its id begins with ${prefix}_ and is given as a whole`,
  })
}

export function wholeOrNone(prefix: Prefix, id: string | undefined): string | undefined {
  return id === undefined ? undefined : whole(prefix, id)
}

const NOUNS: Partial<Record<Prefix, string>> = {
  chg: 'change',
  drm: 'dream',
  exp: 'experiment',
  pat: 'lesson',
  memstore: 'memory store',
  memver: 'memory version',
  rcl: 'recall',
}
