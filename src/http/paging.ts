/**
 * Pages of lists on the wire. A cursor is bound to the list and the filter it was made for, so that one that is used with another
 * filter, or that lost a letter on its way, is refused instead of skipping rows in silence.
 */
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'
import type { Page } from '../domain/page.ts'
import type { PageBothWays } from '../engine.ts'

/**
 * One page of a list: `filter` is everything of the query but `page` and `limit`, `list` reads from the place that the
 * cursor names.
 */
export async function pageOfList<T>(
  { name, filter, page }: { name: string; filter: object; page: string | undefined },
  list: (page: string | null) => Promise<Page<T>>,
): Promise<Page<T>> {
  const { data, next_page } = await list(page === undefined ? null : opened(name, filter, page))
  return { data, next_page: next_page === null ? null : bound(name, filter, next_page) }
}

/** The same of a list that can be gone through in both directions. */
export async function pageBothWays<T>(
  { name, filter, page }: { name: string; filter: object; page: string | undefined },
  list: (page: string | null) => Promise<PageBothWays<T>>,
): Promise<PageBothWays<T>> {
  const { data, next_page, prev_page } = await list(page === undefined ? null : opened(name, filter, page))
  const cursor = (it: string | null) => (it === null ? null : bound(name, filter, it))
  return { data, next_page: cursor(next_page), prev_page: cursor(prev_page) }
}

const MARK_LENGTH = 16

/** With a mark in front that no other list, filter or cursor has. */
function bound(name: string, filter: object, cursor: string): string {
  return `${sha256(JSON.stringify([name, filter, cursor])).slice(0, MARK_LENGTH)}${cursor}`
}

function opened(name: string, filter: object, page: string): string {
  const cursor = page.slice(MARK_LENGTH)
  if (page === bound(name, filter, cursor)) return cursor
  throw new EngineError('invalid_request_error', 'page: it is no cursor of this list with this filter', {
    hint: 'give the next_page of the page before, with the same filter and order',
  })
}
