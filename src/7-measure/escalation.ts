/**
 * Escalation: whether what a call is named says that it hands the work over to a person.
 *
 * Names are all there is to go by, so it knows the usual ones, in English. A transfer from one program to another (`transfer_to_billing_agent`),
 * a transfer of something (`transfer_funds`), a question to a person and a look at escalations are no escalation.
 */
const PERSON =
  '(?:humans?|persons?|people|operators?|supervisors?|managers?|representatives?|reps?|specialists?|support|help ?desk|(?:live|human|support|service|customer service) agents?|real agents?|(?:second|2nd|third|3rd) (?:line|level|tier)|(?:tier|level|line) [23]|[tl][23])'
const HANDOVER = '(?:transfer|hand ?off|hand ?over|escalat(?:e|ion)|route|connect|takeover|take over)'
const MATTER =
  '(?:session|conversation|chat|call|ticket|case|issue|incident|complaint|request|customer|user|problem|task|matter)'

const HANDS_OVER = [
  // transfer_to_human_agents, hand_off_call_to_supervisor, connect_to_live_agent
  new RegExp(`^(?:\\w+ )?${HANDOVER}(?: ${MATTER})? to(?: an?| the)? ${PERSON}$`),
  // human_handoff, live_agent_transfer, support_escalation
  new RegExp(`^(?:request |start |trigger |initiate )?${PERSON} (?:${MATTER} )?${HANDOVER}$`),
  // escalate, escalate_ticket, escalate_to_compliance_officer
  new RegExp(`^escalate(?: ${MATTER})?(?: to\\b.*)?$`),
  new RegExp(`^(?:create|open|file|raise|submit|request) (?:${MATTER} )?escalation(?: ${MATTER}| request)?$`),
  // transfer_human, request_human_agent
  /^(?:transfer|hand ?off|hand ?over|request) (?:human|live|real)(?: agents?| operators?| support| help)?$/,
]

export function handsOver(action: string): boolean {
  if (!HINT.test(action)) return false
  const words = action
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim()
  return HANDS_OVER.some((it) => it.test(words))
}

/** A word that every form has in it, so that most names need no closer look. */
const HINT = /transfer|hand|escalat|route|connect|take|human|live|real/i
