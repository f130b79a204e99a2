import { EngineError } from './error.ts'

/** Which part of a list: at most `limit` rows, from where `page` says. */
export type PageRequest = {
  limit?: number
  /** The `next_page` of the page before; absent or null for the first. */
  page?: string | null
}

/** A part of a list. `next_page` is null exactly when there is no more. */
export type Page<T> = { data: T[]; next_page: string | null }

/**
 * The first `limit` of `rows`. Given one row more than `limit`, the page says where the next begins: after the
 * row that `cursorOf` names, or, for a list that is all in memory, at an offset.
 */
export function pageOf<T>(rows: T[], request: PageRequest, cursorOf?: (row: T) => string): Page<T> {
  const limit = request.limit ?? 50
  const start = cursorOf ? 0 : Number(readCursor(request.page) ?? 0)
  const data = rows.slice(start, start + limit)
  const more = rows.length > start + limit
  return {
    data,
    next_page: more ? writeCursor(cursorOf ? cursorOf(data.at(-1)!) : String(start + limit)) : null,
  }
}

/** A row of a list whose newest rows come first. */
export type Place = { created_at: string; id: string }

/** A page of such a list: `list` gives at most `limit` rows, those after that place, or the first. */
export async function pageByTime<T extends Place>(
  request: PageRequest,
  list: (after: Place | undefined, limit: number) => Promise<T[]>,
): Promise<Page<T>> {
  const { limit = 50, page } = request
  const [created_at, id = ''] = readCursor(page)?.split(' ') ?? []
  const rows = await list(created_at === undefined ? undefined : { created_at, id }, limit + 1)
  return pageOf(rows, { limit }, (it) => `${it.created_at} ${it.id}`)
}

/** What a page token says, null for the first page. Throws `invalid_request_error` for a token that is none of ours. */
export function readCursor(page: string | null | undefined): string | null {
  if (page === null || page === undefined) return null
  const text = Buffer.from(page, 'base64url').toString()
  if (!text.startsWith('after '))
    throw new EngineError('invalid_request_error', `${page} is no page`, {
      hint: 'give the next_page of the page before',
    })
  return text.slice('after '.length)
}

/** A page token that says so, for `readCursor`. */
export function writeCursor(text: string): string {
  return Buffer.from(`after ${text}`).toString('base64url')
}
