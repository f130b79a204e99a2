import { z } from 'zod'
import { Feedback } from './feedback.ts'
import type { Origin } from './origin.ts'
import { Outcome } from './outcome.ts'

/**
 * One entry of a session. The types and fields are those of the Managed Agents API; ours are
 * `user.feedback`, `session.outcome`, and `error_class` and `exit_code` of a tool result.
 *
 * Images and documents are kept as a text placeholder that says what stood there.
 */
const base = {
  /** Unique in its session; the same entry of the same transcript always gets the same id. */
  id: z.string(),
  /** RFC 3339, UTC; null when the harness wrote no time. */
  processed_at: z.string().nullable(),
}

export const TextBlock = z.object({ type: z.literal('text'), text: z.string() })
export type TextBlock = z.infer<typeof TextBlock>

const content = z.array(TextBlock)

/**
 * Why a tool result is an error. They are kept apart because they teach different things: a person
 * who rejects a call is giving feedback, not reporting a broken tool.
 */
export const ErrorClass = z.enum([
  'tool_fault',
  'exit_code',
  'validation',
  'user_rejection',
  'permission_denied',
  'interrupt',
  'infrastructure',
  'timeout',
])
export type ErrorClass = z.infer<typeof ErrorClass>

const toolUse = { ...base, name: z.string(), input: z.record(z.string(), z.unknown()) }
const toolResult = {
  ...base,
  content,
  is_error: z.boolean(),
  /** Null exactly when `is_error` is false. */
  error_class: ErrorClass.nullable(),
  exit_code: z.number().int().nullable(),
}

export const SessionEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('user.message'), ...base, content }),
  z.object({ type: z.literal('user.interrupt'), ...base }),
  z.object({
    type: z.literal('user.tool_confirmation'),
    ...base,
    tool_use_id: z.string(),
    result: z.enum(['allow', 'deny']),
    deny_message: z.string().nullable(),
  }),
  z.object({ type: z.literal('user.feedback'), ...base, feedback: Feedback }),
  z.object({
    type: z.literal('user.define_outcome'),
    ...base,
    description: z.string(),
    rubric: z.string().nullable(),
  }),
  /** Text the harness put in: not a person's word, although some harnesses write it as a user's. */
  z.object({ type: z.literal('system.message'), ...base, content }),
  z.object({ type: z.literal('agent.message'), ...base, content }),
  /** Reasoning, where the harness exposes it; opaque reasoning has no text. */
  z.object({ type: z.literal('agent.thinking'), ...base, content }),
  z.object({ type: z.literal('agent.tool_use'), ...toolUse }),
  z.object({ type: z.literal('agent.mcp_tool_use'), ...toolUse, mcp_server_name: z.string() }),
  z.object({ type: z.literal('agent.custom_tool_use'), ...toolUse }),
  z.object({ type: z.literal('agent.tool_result'), ...toolResult, tool_use_id: z.string() }),
  z.object({ type: z.literal('agent.mcp_tool_result'), ...toolResult, mcp_tool_use_id: z.string() }),
  z.object({ type: z.literal('user.custom_tool_result'), ...toolResult, custom_tool_use_id: z.string() }),
  z.object({ type: z.literal('user.tool_result'), ...toolResult, tool_use_id: z.string() }),
  /** From another agent: the task a parent agent gives to its subagent. */
  z.object({ type: z.literal('agent.thread_message_received'), ...base, content }),
  z.object({ type: z.literal('agent.thread_context_compacted'), ...base, content }),
  z.object({
    type: z.literal('session.error'),
    ...base,
    error: z.object({ type: z.string(), message: z.string() }),
  }),
  z.object({ type: z.literal('session.status_idle'), ...base, stop_reason: z.string().nullable() }),
  z.object({ type: z.literal('session.outcome'), ...base, outcome: Outcome }),
])
export type SessionEvent = z.infer<typeof SessionEvent>

export type ToolUse = Extract<SessionEvent, { input: unknown }>
export type ToolResult = Extract<SessionEvent, { is_error: boolean }>

export function isToolUse(event: SessionEvent): event is ToolUse {
  return 'input' in event
}

export function isToolResult(event: SessionEvent): event is ToolResult {
  return 'is_error' in event
}

/** The id of the call that a result answers. */
export function answeredCall(result: ToolResult): string {
  switch (result.type) {
    case 'agent.mcp_tool_result':
      return result.mcp_tool_use_id
    case 'user.custom_tool_result':
      return result.custom_tool_use_id
    default:
      return result.tool_use_id
  }
}

/** The words of an event, blocks joined by newlines; an empty string for events without words. */
export function textOf(event: SessionEvent): string {
  if ('content' in event)
    return event.content.length === 1 ? event.content[0]!.text : event.content.map((it) => it.text).join('\n')
  switch (event.type) {
    case 'user.tool_confirmation':
      return event.deny_message ?? ''
    case 'user.define_outcome':
      return event.description
    case 'user.feedback':
      return event.feedback.comment ?? ''
    case 'session.error':
      return event.error.message
    default:
      return ''
  }
}

/** Who produced the words of an event. `call` is what a result answers, null for other events and where it is missing. */
export function originOf(event: SessionEvent, call: ToolUse | null): Origin {
  if (isToolResult(event)) return call === null ? 'tool' : originOfAnswer(call)
  switch (event.type) {
    case 'user.message':
    case 'user.interrupt':
    case 'user.tool_confirmation':
    case 'user.feedback':
    case 'user.define_outcome':
      return 'person'
    case 'system.message':
    case 'session.error':
    case 'session.status_idle':
    case 'session.outcome':
      return 'harness'
    default:
      return 'agent'
  }
}

function originOfAnswer(call: ToolUse): Origin {
  const server = 'mcp_server_name' in call ? `${call.mcp_server_name} ` : ''
  const name = `${server}${call.name}`
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim()
  if (MEMORY_TOOL.test(name)) return 'memory'
  return WEB_TOOL.test(name) || asksTheWeb(call.input) ? 'web' : 'tool'
}

const MEMORY_TOOL = /memor(?:y|ies)|recall/
/** `fetch` alone is a page; `fetch order` is not. A hook that is called by the web brings nothing from it. */
const WEB_TOOL =
  /\b(?:web(?!hook)\w*|brows(?:e|er|ing)\w*|internet|https?|urls?|curl|wget|crawl\w*|\w*crawl|scrap(?:e|er|ing)|playwright|puppeteer|tavily|duckduckgo|perplexity|wikipedia|(?:google|bing|brave|exa) search|fetch(?: (?:page|html|site|link)s?)?$)\b/

/** A shell command that loads from another machine. */
function asksTheWeb({ command, cmd }: Record<string, unknown>): boolean {
  const text = [command ?? cmd ?? ''].flat().join('\n')
  return LOADS.test(text) && !OWN_MACHINE.test(text)
}

/** Where a program stands, so that a search for the word is none. */
const LOADS = /(?:^|[\n;&|(`'"]\s*|\b(?:sudo|xargs|time|then|do)\s+)(?:curl|wget|lynx|w3m)\s/

const OWN_MACHINE = /(?:\/\/|\s)(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\])(?:[:/\s'"]|$)/
