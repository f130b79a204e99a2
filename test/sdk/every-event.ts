/** One event of each type that a list can be filtered by, as the SDK's types have it: a type that is added there is missed here by tsc. */
import type {
  BetaManagedAgentsSessionEvent as SessionEvent,
  BetaManagedAgentsSessionEventType as Type,
} from '@anthropic-ai/sdk/resources/beta/sessions'

type Samples = { [T in Type]: Extract<SessionEvent, { type: T }> }

const at = (type: string) => ({
  id: `sevt_${type.replaceAll('.', '_')}`,
  processed_at: '2026-11-20T10:00:00.000Z',
})
const text = (text: string) => [{ type: 'text' as const, text }]
const thread = { session_thread_id: 'sthr_child', agent_name: 'helper' }
const run = { workflow_run_id: 'wfr_1' }
const tokens = {
  input_tokens: 10,
  output_tokens: 5,
  cache_read_input_tokens: 2,
  cache_creation_input_tokens: 1,
}

/** In an order in which they can happen: calls before their results. */
export const EVERY_EVENT: Samples = {
  'session.status_running': { ...at('session.status_running'), type: 'session.status_running' },
  'system.message': { ...at('system.message'), type: 'system.message', content: text('You are a clerk.') },
  'user.message': {
    ...at('user.message'),
    type: 'user.message',
    content: [
      ...text('Book the invoice.'),
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: 'Invoice 7' },
        title: 'Invoice',
      },
    ],
  },
  'user.define_outcome': {
    ...at('user.define_outcome'),
    type: 'user.define_outcome',
    outcome_id: 'outc_1',
    description: 'The invoice is booked.',
    rubric: { type: 'text', content: 'It stands in the ledger.' },
    max_iterations: 3,
  },
  'span.model_request_start': { ...at('span.model_request_start'), type: 'span.model_request_start' },
  'span.model_request_end': {
    ...at('span.model_request_end'),
    type: 'span.model_request_end',
    is_error: false,
    model_request_start_id: 'sevt_span_model_request_start',
    model_usage: tokens,
  },
  'agent.thinking': { ...at('agent.thinking'), type: 'agent.thinking' },
  'agent.message': { ...at('agent.message'), type: 'agent.message', content: text('I look it up.') },
  'agent.tool_use': {
    ...at('agent.tool_use'),
    type: 'agent.tool_use',
    name: 'find_invoice',
    input: { number: 7 },
    evaluated_permission: 'ask',
  },
  'user.tool_confirmation': {
    ...at('user.tool_confirmation'),
    type: 'user.tool_confirmation',
    tool_use_id: 'sevt_agent_tool_use',
    result: 'allow',
  },
  'agent.tool_result': {
    ...at('agent.tool_result'),
    type: 'agent.tool_result',
    tool_use_id: 'sevt_agent_tool_use',
    content: text('Error: there is no invoice 7'),
    is_error: true,
  },
  'agent.mcp_tool_use': {
    ...at('agent.mcp_tool_use'),
    type: 'agent.mcp_tool_use',
    mcp_server_name: 'ledger',
    name: 'read',
    input: {},
  },
  'agent.mcp_tool_result': {
    ...at('agent.mcp_tool_result'),
    type: 'agent.mcp_tool_result',
    mcp_tool_use_id: 'sevt_agent_mcp_tool_use',
    content: text('empty'),
    is_error: false,
  },
  'agent.custom_tool_use': {
    ...at('agent.custom_tool_use'),
    type: 'agent.custom_tool_use',
    name: 'ask_ana',
    input: { question: 'Which?' },
  },
  'user.custom_tool_result': {
    ...at('user.custom_tool_result'),
    type: 'user.custom_tool_result',
    custom_tool_use_id: 'sevt_agent_custom_tool_use',
    content: text('Number 8'),
    is_error: false,
  },
  'user.tool_result': {
    ...at('user.tool_result'),
    type: 'user.tool_result',
    tool_use_id: 'sevt_agent_tool_use',
    content: text('found'),
    is_error: false,
  },
  'user.interrupt': { ...at('user.interrupt'), type: 'user.interrupt' },
  'session.thread_created': {
    ...at('session.thread_created'),
    type: 'session.thread_created',
    ...thread,
    workflow_run_id: null,
  },
  'agent.thread_message_sent': {
    ...at('agent.thread_message_sent'),
    type: 'agent.thread_message_sent',
    to_session_thread_id: 'sthr_child',
    content: text('Check the date.'),
  },
  'session.thread_status_running': {
    ...at('session.thread_status_running'),
    type: 'session.thread_status_running',
    ...thread,
  },
  'session.thread_status_rescheduled': {
    ...at('session.thread_status_rescheduled'),
    type: 'session.thread_status_rescheduled',
    ...thread,
  },
  'session.thread_status_idle': {
    ...at('session.thread_status_idle'),
    type: 'session.thread_status_idle',
    ...thread,
    stop_reason: { type: 'end_turn' },
    stop_details: null,
  },
  'agent.thread_message_received': {
    ...at('agent.thread_message_received'),
    type: 'agent.thread_message_received',
    from_session_thread_id: 'sthr_child',
    content: text('It is of May.'),
  },
  'session.thread_status_terminated': {
    ...at('session.thread_status_terminated'),
    type: 'session.thread_status_terminated',
    ...thread,
  },
  'agent.thread_context_compacted': {
    ...at('agent.thread_context_compacted'),
    type: 'agent.thread_context_compacted',
  },
  'session.error': {
    ...at('session.error'),
    type: 'session.error',
    error: { type: 'unknown_error', message: 'lost', retry_status: { type: 'retrying' } },
  },
  'session.status_rescheduled': { ...at('session.status_rescheduled'), type: 'session.status_rescheduled' },
  'session.updated': { ...at('session.updated'), type: 'session.updated', title: 'Invoice 8' },
  'session.usage': {
    ...at('session.usage'),
    type: 'session.usage',
    usage: { input_tokens: 10, output_tokens: 5 },
  },
  'workflow_run.created': {
    ...at('workflow_run.created'),
    type: 'workflow_run.created',
    ...run,
    name: 'check',
    description: null,
    phases: [{ id: 'wfp_1', name: 'read', description: null }],
  },
  'workflow_run.status_running': {
    ...at('workflow_run.status_running'),
    type: 'workflow_run.status_running',
    ...run,
  },
  'workflow_run.phase_started': {
    ...at('workflow_run.phase_started'),
    type: 'workflow_run.phase_started',
    ...run,
    workflow_run_phase_id: 'wfp_1',
  },
  'workflow_run.phase_ended': {
    ...at('workflow_run.phase_ended'),
    type: 'workflow_run.phase_ended',
    ...run,
    phase_started_id: 'sevt_workflow_run_phase_started',
    workflow_run_phase_id: 'wfp_1',
  },
  'workflow_run.status_idle': { ...at('workflow_run.status_idle'), type: 'workflow_run.status_idle', ...run },
  'workflow_run.error': {
    ...at('workflow_run.error'),
    type: 'workflow_run.error',
    ...run,
    error: { type: 'timeout_error', message: 'too slow' },
  },
  'workflow_run.status_ended': {
    ...at('workflow_run.status_ended'),
    type: 'workflow_run.status_ended',
    ...run,
    result: { type: 'completed' },
  },
  'span.outcome_evaluation_start': {
    ...at('span.outcome_evaluation_start'),
    type: 'span.outcome_evaluation_start',
    outcome_id: 'outc_1',
    iteration: 0,
  },
  'span.outcome_evaluation_ongoing': {
    ...at('span.outcome_evaluation_ongoing'),
    type: 'span.outcome_evaluation_ongoing',
    outcome_id: 'outc_1',
    iteration: 0,
  },
  'span.outcome_evaluation_end': {
    ...at('span.outcome_evaluation_end'),
    type: 'span.outcome_evaluation_end',
    outcome_id: 'outc_1',
    outcome_evaluation_start_id: 'sevt_span_outcome_evaluation_start',
    iteration: 0,
    result: 'satisfied',
    explanation: 'It stands there.',
    usage: tokens,
  },
  'session.status_idle': {
    ...at('session.status_idle'),
    type: 'session.status_idle',
    stop_reason: { type: 'end_turn' },
    stop_details: null,
  },
  'session.status_terminated': { ...at('session.status_terminated'), type: 'session.status_terminated' },
}
