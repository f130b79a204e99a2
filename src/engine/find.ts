/** By an id, the beginning of one, or a path: the one thing that is meant, or an error that says what to try. */
import { findChanges, type StoredChange } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import { listDreams } from '../db/dreams.ts'
import { findPatterns, type StoredPattern } from '../db/patterns.ts'
import type { Dream } from '../domain/dream.ts'
import { EngineError } from '../domain/error.ts'

/** Of one memory store, unless it is null. */
export async function onePattern(
  db: Database,
  id: string,
  memory_store_id: string | null = null,
): Promise<StoredPattern> {
  const like = /^pat_[0-9a-f]*$/.test(id) ? await findPatterns(db, id) : []
  const found = like.filter((it) => memory_store_id === null || it.memory_store_id === memory_store_id)
  if (found.length > 1 && new Set(found.map((it) => it.id)).size === 1)
    throw new EngineError(
      'invalid_request_error',
      `${found.length} memory stores have learned the lesson ${found[0]!.id}`,
      {
        hint: `say which, as memory_store_id or --store: ${found.map((it) => it.memory_store_id).join(', ')}`,
      },
    )
  return theOne('lesson', id, found, 'list the lessons, or `reverie lessons`')
}

export async function oneDream(db: Database, id: string): Promise<Dream> {
  const found = /^drm_[0-9a-f]*$/.test(id) ? await listDreams(db, { id, limit: 100 }) : []
  return theOne('dream', id, found, 'list the dreams, or `reverie dreams`')
}

export async function oneChange(db: Database, id: string): Promise<StoredChange> {
  const found = /^chg_[0-9a-f]*$/.test(id) ? await findChanges(db, id) : []
  return theOne('change', id, found, 'list the changes, or `reverie changes --status all`')
}

/** What has this id, or an id that begins with it. */
export function theOne<T>(noun: string, id: string, found: T[], hint: string): T {
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw notFound(noun, id, hint)
  throw new EngineError('invalid_request_error', `${found.length} ${noun}s begin with ${id}`, {
    hint: 'give more of the id',
  })
}

/** What stands at a path, when one store has it. */
export function onlyOne<T extends { store: string }>(found: T[], path: string): T {
  if (found.length === 1) return found[0]!
  if (found.length === 0)
    throw notFound('memory', absolute(path), 'list the memories of a store, or `reverie memory ls`')
  throw new EngineError('invalid_request_error', `${found.length} memory stores have ${absolute(path)}`, {
    hint: `choose one with --store: ${found.map((it) => it.store).join(', ')}`,
  })
}

export function notFound(noun: string, name: string, hint: string): EngineError {
  return new EngineError(
    'not_found_error',
    name === '' ? `there is no ${noun} yet` : `there is no ${noun} ${name}`,
    { hint },
  )
}

export function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}
