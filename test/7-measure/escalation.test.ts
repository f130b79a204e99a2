import { expect, test } from 'vitest'
import { handsOver } from '../../src/7-measure/escalation.ts'

test.each([
  'transfer_to_human_agents',
  'transfer_to_human_agent',
  'transferToHuman',
  'transfer_call_to_supervisor',
  'escalate',
  'escalate_ticket',
  'escalate_to_compliance_officer',
  'escalateCase',
  'create_escalation',
  'raise_escalation_request',
  'handoff_to_human',
  'hand_off_conversation_to_a_person',
  'hand-over-to-support',
  'human_handoff',
  'live_agent_transfer',
  'route_to_specialist',
  'connect_to_live_agent',
  'escalate_to_tier_2',
  'transfer_to_l2',
  'request_human_agent',
])('%s hands the work over to a person', (action) => {
  expect(handsOver(action)).toBe(true)
})

test.each([
  { action: 'transfer_funds', why: 'money' },
  { action: 'transfer_money_to_person', why: 'money, to somebody' },
  { action: 'transfer_to_billing_agent', why: 'another program' },
  { action: 'handoff_to_research_agent', why: 'another program' },
  { action: 'transfer_ownership_to_manager', why: 'a thing' },
  { action: 'get_escalation_policy', why: 'a look' },
  { action: 'list_escalations', why: 'a look' },
  { action: 'check_escalation_status', why: 'a look' },
  { action: 'escalate_privileges', why: 'rights' },
  { action: 'privilege_escalation_scan', why: 'rights' },
  { action: 'ask_human', why: 'a question' },
  { action: 'notify_supervisor', why: 'news' },
  { action: 'handle_support_ticket', why: 'other words with the same letters' },
  { action: 'human_readable_size', why: 'other words with the same letters' },
  { action: 'connect_to_database', why: 'a machine' },
  { action: 'route', why: 'no person' },
  { action: 'scp', why: 'a program of a shell' },
])('$action does not: $why', ({ action }) => {
  expect(handsOver(action)).toBe(false)
})
