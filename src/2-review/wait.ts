/**
 * Waits: how long a call was put off after an error, and the traits that say so.
 *
 * An agent waits by `sleep 30`, in a call of its own or before the program on its command line; or the same call simply comes half a minute later with
 * nothing done in between. That is what mends an error that passes by itself, as a limit on requests or a lock does.
 *
 *     wait           it was put off
 *     wait 10 s      for ten seconds or more; so `1 min`, `10 min`
 */
import { commandLine } from '../domain/action.ts'
import type { SessionEvent } from '../domain/event.ts'
import { type Call, ran, signatureOf } from './call.ts'

/** The waits between an error and the attempt after it -> the event that shows them. What was done meanwhile is no reason why an error that `passes` is gone. */
export function waitsBefore(
  retry: Call,
  failed: Call,
  between: Call[],
  events: SessionEvent[],
  passes: boolean,
): Record<string, number> {
  const slept = between.filter((it) => ran(it) && sleepIn(it) > 0)
  const longer = Math.max(0, sleepIn(retry) - sleepIn(failed))
  const asked = slept.reduce((sum, it) => sum + sleepIn(it), longer)
  const seconds = asked > 0 ? asked : passes || !between.some(ran) ? pauseBefore(retry, failed, events) : 0
  if (seconds === 0) return {}
  const at = slept[0]?.at ?? retry.at
  const long = LENGTHS.filter(([least]) => seconds >= least).map(([, name]) => name)
  return Object.fromEntries(['wait', ...long.map((it) => `wait ${it}`)].map((it) => [it, at]))
}

const LENGTHS: [number, string][] = [
  [10, '10 s'],
  [60, '1 min'],
  [600, '10 min'],
]

/** The seconds for which a shell is told to sleep. */
function sleepIn({ tool, input }: Call): number {
  const command = commandLine(tool, input)?.slice(0, COMMAND_LIMIT) ?? ''
  return [...command.matchAll(SLEEP)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * SECONDS[(unit || 's') as keyof typeof SECONDS],
    0,
  )
}

const COMMAND_LIMIT = 4_000
const SLEEP =
  /(?:^|[;&|\n({]|\b(?:do|then|else))\s{0,20}sleep\s{1,20}(\d{1,6}(?:\.\d{1,3})?)([smh]?)(?![\w.])/g
const SECONDS = { s: 1, m: 60, h: 3_600 }

/** Longer than an agent thinks about its next call. */
const LEAST_PAUSE = 30

/** Seconds between an error and the same call again; 0 where that is not known, or no time at all. */
function pauseBefore(retry: Call, failed: Call, events: SessionEvent[]): number {
  if (signatureOf(retry) !== signatureOf(failed)) return 0
  const [from, to] = [events[failed.answered_at]!, events[retry.at]!].map((it) =>
    Date.parse(it.processed_at ?? ''),
  )
  const seconds = (to! - from!) / 1_000
  return seconds >= LEAST_PAUSE ? seconds : 0
}
