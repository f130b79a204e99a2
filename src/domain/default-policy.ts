/**
 * The policy in force where nobody set one. It is what `Policy` makes of one that says nothing, written out: a session that begins
 * asks for it, and has no time to build the schema.
 */
import { sha256 } from './id.ts'
import type { Policy } from './policy.ts'

/** Nothing goes live without a decision. */
export const DEFAULT_POLICY: Policy = {
  format_version: 1,
  regulated: false,
  rules: [],
  protected_paths: [],
  largest_share: { dropped: 0.25, touched: 0.25 },
  capabilities: {
    credentials: 'hold',
    network: 'hold',
    disabling_checks: 'hold',
    approving: 'hold',
    payment: 'hold',
    deletion: 'hold',
  },
  words: { hold: [], deny: [] },
  retention: [],
  measuring: {
    enabled: true,
    memory_control: 0.1,
    new_lesson_control: 0.5,
    known_lesson_control: 0.1,
    kept_control: 0.05,
    enough_sessions: 60,
  },
  alarms: {
    window: '7d',
    completion: 0.1,
    approved_but_wrong: 0.1,
    tool_errors: 0.1,
    refusals: 0.1,
    escalation: 0.1,
    tool_mix: 0.05,
    memory_growth: 50,
    memory_churn: 0.5,
    contradictions: 0,
    resurrections: 0,
    lessons_retired: 3,
  },
}

/** The same, as a person would write it. */
export const DEFAULT_POLICY_TEXT = `# In force where no other policy was set: nothing goes live without a person's decision.
format_version: 1

# true: nothing goes live without the approval of two different people.
regulated: false

# From the top, the first rule that fits a change decides. What no rule fits waits for a person.
rules: []

# Paths where every change waits for a person; with "deletion: deny" no dream deletes there at all.
protected_paths: []

# Of a dream that would drop, or alter, more than this share of the memories, nothing goes live by itself.
largest_share:
  dropped: 0.25
  touched: 0.25

# What the new words of a memory speak of. hold: a person decides. deny: refused. allow: as the rules say.
capabilities:
  credentials: hold
  network: hold
  disabling_checks: hold
  approving: hold
  payment: hold
  deletion: hold

# Words of your own, treated in the same way.
words:
  hold: []
  deny: []
`

export const DEFAULT_POLICY_SHA256 = sha256(DEFAULT_POLICY_TEXT)
