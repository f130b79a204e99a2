import type { Generated } from 'kysely'

/** The tables as Kysely sees them. Booleans are 0 or 1, times RFC 3339 text, `content` of JSON columns text. */
export type Schema = {
  migration: { name: string; applied_at: string }
  setting: { name: string; value: string }
  workspace: {
    id: string
    name: string
    created_at: string
    offline: number
    regions: string
    model_hosts: string
  }
  transcript: {
    sha256: string
    size_bytes: number
    content: Uint8Array
    removed_at: Generated<string | null>
  }
  session: {
    seq: Generated<number>
    id: string
    workspace_id: string
    harness: string
    external_session_id: string
    agent: string
    agent_version: string | null
    task: string | null
    person: string | null
    parent_external_session_id: string | null
    continues_session_id: string | null
    copied: string | null
    title: string
    started_at: string | null
    ended_at: string | null
    outcome_result: string
    outcome_verified: number
    reward: number | null
    outcome_rule: string | null
    events: number
    human_turns: number
    tool_calls: number
    tool_errors: number
    feedback: number
    redactions: number
    transcript_sha256: string
    fingerprints: Uint8Array
    ingested_at: string
    intent: Generated<string | null>
  }
  fingerprint: { workspace_id: string; fingerprint: string; session_id: string }
  audit: {
    workspace_id: string
    seq: number
    at: string
    actor: string
    action: string
    object: string
    before_sha256: string | null
    after_sha256: string | null
    reason: string
    previous_hash: string
    policy_sha256: string | null
    hash: string
  }
  audit_head: { workspace_id: string; seq: number; hash: string }
  review: { session_id: string; reviewer: number; content: string }
  memory_store: {
    id: string
    workspace_id: string
    name: string
    agent: string
    created_at: string
    dreamed_through: Generated<number>
  }
  dream: {
    id: string
    memory_store_id: string
    status: string
    result: string | null
    notes: Generated<string>
    alerts: Generated<string>
    sessions_read: Generated<number>
    observations: Generated<number>
    worker: string | null
    lease_expires_at: string | null
    created_at: string
    ended_at: string | null
    error_type: string | null
    error_message: string | null
    read_through: number | null
    redacted_at: Generated<string | null>
  }
  ledger: { memory_store_id: string; session_seq: number; dream_id: string }
  tally: {
    memory_store_id: string
    context: string
    trait: string
    channel: string
    bad: number
    n: number
    cells: string
    weeks: string
    sightings: string
  }
  pattern: {
    id: string
    memory_store_id: string
    class: string
    channel: string
    tier: string
    status: string
    content: string
    created_at: string
    updated_at: string
  }
  memory: {
    id: string
    memory_store_id: string
    memory_version_id: string
    path: string
    created_at: string
    updated_at: string
  }
  memory_version: {
    seq: Generated<number>
    id: string
    memory_id: string
    memory_store_id: string
    operation: string
    path: string
    content: string | null
    content_sha256: string | null
    content_size_bytes: number | null
    created_at: string
    created_by: string
    redacted_at: Generated<string | null>
  }
  change: {
    id: string
    dream_id: string
    seq: number
    operation: string
    kind: string
    path: string
    before: string | null
    before_sha256: string | null
    after: string | null
    reason: string
    pattern_ids: string
    verdict: string
    verdict_reason: string
    memory_version_id: string | null
    status: string
    policy_sha256: string | null
    redacted_at: Generated<string | null>
  }
  decision: {
    seq: Generated<number>
    change_id: string
    decision: string
    by: string
    reason: string
    at: string
    content_sha256: string | null
    edited: string | null
    redacted_at: Generated<string | null>
  }
  erased_session: { id: string; external_id: string; workspace_id: string; erased_at: string }
  erased_event: { fingerprint: string; workspace_id: string; session_id: string; is_last: number }
  tombstone: {
    seq: Generated<number>
    memory_store_id: string
    change_id: string | null
    key: string
    kind: string
    cause: string
    reason: string
    sessions: number
    until: string | null
    covered_by: string | null
    created_by: string
    created_at: string
  }
  policy: {
    workspace_id: string
    sha256: string
    content: string
    parsed: string
    created_at: string
    created_by: string
  }
  policy_in_force: {
    workspace_id: string
    seq: number
    policy_sha256: string
    set_at: string
    set_by: string
  }
}
