import { z } from 'zod'
import { type SessionEvent, type TextBlock, textOf } from '../domain/event.ts'
import type { Feedback } from '../domain/feedback.ts'
import { sha256 } from '../domain/id.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../domain/outcome.ts'
import { NO_USAGE } from '../domain/usage.ts'
import { OpenCalls } from './open-calls.ts'
import { utcTime } from './timestamp.ts'
import { toolError } from './tool-error.ts'
import { toolInput } from './tool-input.ts'
import type { Parser, Source, Transcript } from './transcript.ts'

/**
 * Steps: the plain format that anyone can write, one session a line, as in docs/steps-format.md.
 *
 * A line that does not fit is reported with the first field that is wrong and passed over; the
 * others are kept. Keys that are not ours are ignored, and so is a reference solution, because
 * what is learned from it could not be told from what the agent did.
 *
 * Whether a session went well is taken from the line and never guessed, not even from its reward.
 */
export const parseSteps: Parser = function* (entries, source, report) {
  const lines = new Map<string, number>()
  for (const { line, value } of entries) {
    const parsed = Line.safeParse(value)
    if (!parsed.success) {
      report({ line, reason: `not a session in the steps format: ${misfit(parsed.error)}` })
      continue
    }
    const transcript = transcriptOf(parsed.data, source)
    const { external_session_id, started_at, ended_at } = transcript.session
    const first = lines.get(external_session_id)
    if (first === undefined) lines.set(external_session_id, line)
    else report({ line, reason: `has the id of the session on line ${first}; what both say counts once` })
    if (started_at !== null && ended_at !== null && ended_at < started_at)
      report({ line, reason: 'ended_at is before started_at; both are kept as they are' })
    yield transcript
  }
}

/** Does a parsed entry look like a line of the steps format? */
export function isSteps(value: unknown): boolean {
  return LooksLikeSteps.safeParse(value).success
}

const LooksLikeSteps = z.object({
  steps: z.union([z.array(z.unknown()).max(0), z.tuple([z.object({ role: z.string() })], z.unknown())]),
})

const Text = z.string().nullish()
const Id = z.union([z.string(), z.number()], { error: 'expected a string or a number' }).nullish()
const Anything = z.unknown().optional()

const Call = z.object({
  id: Id,
  name: z.string(),
  args: Anything,
})

const feedback = { role: z.literal('feedback'), comment: Text, ts: Anything }

const Step = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.literal('user'), text: Text, ts: Anything }),
    z.object({ role: z.literal('system'), text: Text, ts: Anything }),
    z.object({
      role: z.literal('assistant'),
      text: Text,
      calls: z.array(Call).nullish(),
      ts: Anything,
    }),
    z.object({
      role: z.literal('tool'),
      text: Text,
      call_id: Id,
      name: Text,
      error: z.boolean().nullish(),
      rc: z.int().nullish(),
      ts: Anything,
    }),
    z.discriminatedUnion(
      'kind',
      [
        z.object({ ...feedback, kind: z.literal('approval') }),
        z.object({ ...feedback, kind: z.literal('rejection') }),
        z.object({ ...feedback, kind: z.literal('edit'), before: z.string(), after: z.string() }),
        z.object({ ...feedback, kind: z.literal('rating'), rating: z.number() }),
      ],
      { error: 'expected kind to be approval, rejection, edit or rating' },
    ),
  ],
  { error: 'expected role to be user, assistant, tool, system or feedback' },
)
type Step = z.infer<typeof Step>

/** How a session ended, in the words of those who recorded it. */
export const RecordedOutcome = z.object({
  success: z.boolean().nullish(),
  reward: z.number().nullish(),
  verified: z.boolean().nullish(),
  rule: Text,
  explanation: Text,
  termination: Anything,
  failure_mode: Anything,
  kind: Anything,
})
export type RecordedOutcome = z.infer<typeof RecordedOutcome>

const Line = z.object({
  id: Id,
  agent: Text,
  agent_version: Text,
  model: Text,
  domain: Text,
  user: Id,
  task_id: Id,
  started_at: Anything,
  ended_at: Anything,
  outcome: RecordedOutcome.nullish(),
  steps: z.array(Step),
})
type Line = z.infer<typeof Line>

/** Where a value first departs from its schema, and what was expected there; never what stands there. */
export function misfit(error: z.ZodError): string {
  const { path, message } = error.issues[0]!
  const field = path.reduce<string>(
    (all, key) =>
      typeof key === 'number' ? `${all}[${key}]` : all === '' ? String(key) : `${all}.${String(key)}`,
    '',
  )
  return `${field === '' ? '' : `${field}: `}${message.replace(/^Invalid \w+: /, '')}`
}

function transcriptOf(line: Line, source: Source): Transcript {
  const events = eventsOf(line.steps)
  const times = events.flatMap((it) => it.processed_at ?? []).sort()
  return {
    session: {
      harness: 'steps',
      external_session_id: textOfId(line.id) ?? `steps-${sha256(JSON.stringify(line)).slice(0, 24)}`,
      agent: source.agent ?? (line.agent || 'agent'),
      agent_version: line.agent_version ?? line.model ?? null,
      task: taskOf(line),
      person: textOfId(line.user),
      parent_external_session_id: null,
      started_at: utcTime(line.started_at) ?? times.at(0) ?? null,
      ended_at: utcTime(line.ended_at) ?? times.at(-1) ?? null,
      outcome: outcomeOf(line.outcome, 'steps.success@1'),
      usage: NO_USAGE,
      events,
    },
    event_ids_survive_copying: false,
    has_own_name: textOfId(line.id) !== null,
    passed_over: {},
  }
}

/** Null where there is none; 0 is one. */
function textOfId(id: string | number | null | undefined): string | null {
  return id === null || id === undefined || id === '' ? null : String(id)
}

function taskOf({ domain, task_id }: Line): string | null {
  if (task_id === null || task_id === undefined) return null
  return domain ? `${domain}/${task_id}` : String(task_id)
}

/** `rule` is the rule that reads `success`; the recorder's own takes its place when it names one. */
export function outcomeOf(recorded: RecordedOutcome | null | undefined, rule: string): Outcome {
  if (!recorded) return UNKNOWN_OUTCOME
  const { success, reward, explanation } = recorded
  const is_judged = typeof success === 'boolean'
  const reported = [recorded.termination, recorded.failure_mode, recorded.kind]
  return {
    result: is_judged ? (success ? 'satisfied' : 'unsatisfied') : 'unknown',
    verified: is_judged && (recorded.verified ?? true),
    reward: reward ?? null,
    rule: recorded.rule ?? (is_judged ? rule : null),
    reported: reported.find((it) => typeof it === 'string') ?? null,
    explanation: explanation ?? null,
  }
}

function eventsOf(steps: Step[]): SessionEvent[] {
  const calls = new OpenCalls()
  return steps.flatMap((step, index) => eventsOfStep(step, `sevt_${index}`, calls))
}

/** The first event of step 3 is `sevt_3`, its calls are `sevt_3_0` and `sevt_3_1`. */
function eventsOfStep(step: Step, id: string, calls: OpenCalls): SessionEvent[] {
  const base = { id, processed_at: utcTime(step.ts) }
  switch (step.role) {
    case 'user':
      return [{ type: 'user.message', ...base, content: words(step.text) }]
    case 'system':
      return [{ type: 'system.message', ...base, content: words(step.text) }]
    case 'feedback':
      return [{ type: 'user.feedback', ...base, feedback: feedbackOf(step) }]
    case 'assistant': {
      const said: SessionEvent = { type: 'agent.message', ...base, content: words(step.text) }
      const uses = (step.calls ?? []).map((call, index): SessionEvent => {
        const event_id = `${id}_${index}`
        calls.add(event_id, { id: textOfId(call.id), name: call.name })
        const { processed_at } = base
        return {
          type: 'agent.tool_use',
          id: event_id,
          processed_at,
          name: call.name,
          input: toolInput(call.args),
        }
      })
      return textOf(said) === '' ? uses : [said, ...uses]
    }
    case 'tool': {
      const call_id = textOfId(step.call_id)
      const tool_use_id = calls.answer({ call_id, name: step.name ?? null }) ?? call_id ?? ''
      const judged = toolError(step.text ?? '', step.error ?? null, step.rc ?? null)
      return [{ type: 'agent.tool_result', ...base, tool_use_id, content: words(step.text), ...judged }]
    }
  }
}

function words(text: string | null | undefined): TextBlock[] {
  return text ? [{ type: 'text', text }] : []
}

function feedbackOf(step: Extract<Step, { role: 'feedback' }>): Feedback {
  const comment = step.comment ?? null
  switch (step.kind) {
    case 'edit':
      return { kind: 'edit', before: step.before, after: step.after, comment }
    case 'rating':
      return { kind: 'rating', rating: step.rating, comment }
    default:
      return { kind: step.kind, comment }
  }
}
