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
