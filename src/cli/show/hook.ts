import type { Skipped } from '../../engine.ts'
import type { Show } from '../call.ts'

export type CaughtUp = {
  at: string
  sessions_new: number
  sessions_known: number
  skipped: Skipped[]
  /** Transcripts that could not be stored; the next catch-up tries them again. */
  failed: { path: string; reason: string }[]
  dreams: { id: string; agent: string }[]
  /** Another process is at it, and does it all. */
  is_elsewhere: boolean
}

/** A line or two for the log. */
export const showCaughtUp: Show<CaughtUp> = (it) => {
  if (it.is_elsewhere) return `${it.at} another process is at it\n`
  const skipped = it.skipped.map(
    ({ path, line, reason }) => `  skipped ${path}${line === null ? '' : `:${line}`}: ${reason}\n`,
  )
  const dreams = it.dreams.map(({ id, agent }) => `  dreamed for ${agent}: ${id}\n`)
  const failed = it.failed.map(({ path, reason }) => `  failed ${path}: ${reason}\n`)
  return `${it.at} stored ${it.sessions_new}, known ${it.sessions_known}\n${[...skipped, ...failed, ...dreams].join('')}`
}
