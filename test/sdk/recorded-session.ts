/**
 * A session in the steps format, put in by an SDK as its user would who has it elsewhere: the session, then its events as the API
 * spells them, by pages.
 */
import type { Client } from './server.ts'

/** A line of a file in the steps format, as far as the recordings fill it. */
export type Line = {
  id: string
  domain?: string
  agent: string
  model?: string
  agent_version?: string
  task_id?: string | number
  started_at?: string
  outcome?: {
    success?: boolean | null
    reward?: number
    verified?: boolean
    rule?: string
    explanation?: string
  }
  steps: Step[]
}
type Step = {
  role: string
  text?: string | null
  calls?: { id?: string | null; name: string; args: Record<string, unknown> }[]
  call_id?: string | null
  error?: boolean
  rc?: number
  kind?: string
  comment?: string
  before?: string
  after?: string
  rating?: number
  ts?: string
}

/** An event of the union, which the types of the SDK let a client send only the user's part of. */
export type WireEvent = { type: string; id?: string; processed_at?: string | null } & Record<string, unknown>

type Sent = Parameters<Client['beta']['sessions']['events']['send']>[1]['events']

/** Sends events that the API of others takes from their server alone. */
export async function send(client: Client, session_id: string, events: WireEvent[]): Promise<WireEvent[]> {
  const answer = await client.beta.sessions.events.send(session_id, { events: events as unknown as Sent })
  return answer.data as unknown as WireEvent[]
}

/** Gives the id of the session. */
export async function putIn(client: Client, line: Line): Promise<string> {
  const task = line.task_id === undefined ? null : String(line.task_id)
  const task_id = task !== null && line.domain !== undefined ? `${line.domain}/${task}` : task
  const agent_version = line.agent_version ?? line.model
  const session = await client.beta.sessions.create({
    agent: line.agent,
    environment_id: 'env_default',
    metadata: {
      external_id: line.id,
      ...(task_id === null ? {} : { task_id }),
      ...(agent_version === undefined ? {} : { agent_version }),
    },
  })
  await send(client, session.id, eventsOf(line))
  return session.id
}

export function eventsOf(line: Line): WireEvent[] {
  const calls = new Map<string, string>()
  const events = line.steps.flatMap((step, index) => eventsOfStep(step, `sevt_${index}`, calls))
  const { success, reward, verified, rule, explanation } = line.outcome ?? {}
  if (typeof success !== 'boolean') return events
  return [
    ...events,
    {
      type: 'session.outcome',
      result: success ? 'satisfied' : 'unsatisfied',
      verified: verified ?? true,
      reward: reward ?? null,
      rule: rule ?? 'steps.success@1',
      explanation: explanation ?? null,
    },
  ]
}

function eventsOfStep(step: Step, id: string, calls: Map<string, string>): WireEvent[] {
  const processed_at = timeOf(step.ts)
  const content = step.text ? [{ type: 'text', text: step.text }] : []
  switch (step.role) {
    case 'feedback': {
      const { role: _, ts: __, ...feedback } = step
      return [{ type: 'user.feedback', id, processed_at, ...feedback }]
    }
    case 'user':
      return [{ type: 'user.message', id, processed_at, content }]
    case 'system':
      return [{ type: 'system.message', id, processed_at, content }]
    case 'tool': {
      const tool_use_id = calls.get(step.call_id ?? '') ?? [...calls.values()].at(-1)!
      const exit_code = step.rc === undefined ? {} : { exit_code: step.rc }
      return [
        {
          type: 'agent.tool_result',
          id,
          processed_at,
          tool_use_id,
          content,
          is_error: step.error ?? false,
          ...exit_code,
        },
      ]
    }
    default: {
      const said = content.length === 0 ? [] : [{ type: 'agent.message', id, processed_at, content }]
      const uses = (step.calls ?? []).map((call, n) => {
        const use_id = `${id}_${n}`
        calls.set(call.id ?? use_id, use_id)
        return { type: 'agent.tool_use', id: use_id, processed_at, name: call.name, input: call.args }
      })
      return [...said, ...uses]
    }
  }
}

/** The recordings name no zone, and the wire wants one. */
function timeOf(ts: string | undefined): string | null {
  if (ts === undefined) return null
  return new Date(/(?:z|[+-]\d\d:?\d\d)$/i.test(ts) ? ts : `${ts}Z`).toISOString()
}
