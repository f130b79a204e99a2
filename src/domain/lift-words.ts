/** A lift as a sentence: what it means, how sure it is, or what is missing to say. */
import type { Experiment } from './experiment.ts'
import type { Lift } from './lift.ts'
import type { Metric } from './measures.ts'

/** `Sessions` of the treatment, and how those of the control are called: `with it`, `without it`. */
export type Sides = { treatment: string; control: string }

/**
 * What a lift says, in one sentence without a full stop: `Sessions with memory complete 12 points more often (4 to 20); 310 sessions
 * with memory, 36 without`. An interval that holds zero says so.
 */
export function liftInWords(lift: Lift, sides: Sides): string {
  const { metric, estimate, low, high } = lift
  const many = `${sessions(lift.treatment.sessions)} ${sides.treatment}, ${lift.control.sessions} ${sides.control}`
  if (estimate === null || low === null || high === null) return `Too early to say: ${many}${missing(lift)}`
  const [verb, more, less] = VERBS[metric]
  const who = `Sessions ${sides.treatment}`
  if (low <= 0 && high >= 0) {
    const from = `${amount(lift, low)} ${less}`
    const to = `${amount(lift, high)} ${more}`
    return `${who} ${verb} anything from ${from} to ${to}: no difference shows yet; ${many}${missing(lift)}`
  }
  const [near, far] = estimate > 0 ? [low, high] : [high, low]
  return `${who} ${verb} ${amount(lift, estimate)} ${estimate > 0 ? more : less} (${number(lift, near)} to ${number(lift, far)}); ${many}`
}

/**
 * What an experiment says, in sentences: of completion, and of recurrence once something is estimated of it. That something helps is known before
 * an interval shows it, and then it is said.
 */
export function effectInWords(
  verdict: Experiment['verdict'],
  completion: Lift,
  recurrence: Lift | null,
  sides: Sides,
): string {
  const said = [liftInWords(completion, sides)]
  if (recurrence !== null && recurrence.estimate !== null) said.push(liftInWords(recurrence, sides))
  const is_shown = (completion.low ?? 0) > 0 || (recurrence?.high ?? 0) < 0
  if (verdict === 'keep' && !is_shown)
    said.push('Taken together the sessions show that it helps (90 % sure), but not yet how much')
  return `${said.join('. ')}.`
}

/** What sessions do, and the words for more and for less of it. */
const VERBS: Record<Metric, [verb: string, more: string, less: string]> = {
  completion: ['complete', 'more often', 'less often'],
  recurrence: ['run into it', 'more often', 'less often'],
  duration_ms: ['take', 'more time', 'less time'],
  edit_distance: ['have', 'more of their output changed by people', 'less of their output changed by people'],
  escalation: ['are handed to a person', 'more often', 'less often'],
  tool_errors: ['have', 'more failed calls', 'fewer failed calls'],
  tokens: ['spend', 'more tokens', 'fewer tokens'],
}

function amount(lift: Lift, difference: number): string {
  const told = number(lift, difference)
  if (lift.unit === 'relative') return `${told} %`
  if (lift.unit === 'calls') return told
  return told === '1' ? '1 point' : `${told} points`
}

/** Without its sign. */
function number({ unit }: Lift, difference: number): string {
  const size = Math.abs(difference)
  if (unit === 'calls') return size.toFixed(size < 10 ? 1 : 0)
  const hundredths = 100 * size
  return hundredths > 0 && hundredths < 0.95 ? hundredths.toFixed(1) : hundredths.toFixed(0)
}

/** What is this many times off is no number to plan by: an estimate near zero asks for any number of sessions. */
const FAR = 10

function missing(lift: Lift): string {
  const { estimate, detectable, sessions_needed } = lift
  if (sessions_needed === null || sessions_needed === 0) return ''
  const more = `about ${sessions_needed} more`
  const so_far = lift.treatment.sessions + lift.control.sessions
  if (estimate !== null && sessions_needed > FAR * so_far) return '; it would take far more than ran so far'
  if (estimate !== null) return `; ${more} would tell`
  return detectable === null
    ? `; ${more} are needed for a first estimate`
    : `; ${more} would show a difference of ${amount(lift, detectable)}`
}

function sessions(n: number): string {
  return n === 1 ? '1 session' : `${n} sessions`
}
