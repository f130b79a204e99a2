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
    recording_id: Generated<string | null>
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
    description: Generated<string>
    metadata: Generated<string>
    agent: string
    created_at: string
    updated_at: string
    archived_at: Generated<string | null>
    deleted_at: Generated<string | null>
    dreamed_through: Generated<number>
  }
  api_key: {
    id: string
    workspace_id: string
    name: string
    role: string
    token_sha256: string
    created_at: string
    created_by: string
    expires_at: string | null
    revoked_at: Generated<string | null>
    last_used_at: Generated<string | null>
  }
  agent: {
    id: string
    workspace_id: string
    name: string
    version: number
    metadata: string
    created_at: string
    updated_at: string
    archived_at: Generated<string | null>
  }
  agent_version: {
    workspace_id: string
    agent_id: string
    version: number
    content: string
    created_at: string
  }
  environment: {
    id: string
    workspace_id: string
    name: string
    description: string | null
    metadata: string
    config: string
    created_at: string
    updated_at: string
    archived_at: Generated<string | null>
  }
  recording: {
    id: string
    workspace_id: string
    title: string | null
    metadata: string
    agent: string
    agent_id: string
    agent_version: number
    environment_id: string
    resources: string
    vault_ids: string
    budget: string | null
    status: string
    external_id: string | null
    dream_id: string | null
    created_by: string
    created_at: string
    updated_at: string
    archived_at: Generated<string | null>
    settled_through: Generated<number>
    last_event: Generated<number>
    same_as: Generated<string | null>
    archived_threads: Generated<string>
  }
  recorded_event: {
    seq: Generated<number>
    recording_id: string
    id: string
    type: string
    thread_id: string | null
    processed_at: string | null
    content: string
    redacted_at: Generated<string | null>
  }
  idempotency_key: {
    workspace_id: string
    key: string
    request_sha256: string
    made: string
    created_at: string
  }
  dream_request: {
    dream_id: string
    session_ids: string | null
    model: string
    instructions: string | null
    output_behavior: string
    output_store_id: Generated<string | null>
    cloned_through: Generated<number | null>
    recording_id: Generated<string | null>
    requested_by: string
    archived_at: Generated<string | null>
  }
  job: {
    id: string
    workspace_id: string
    kind: string
    payload: string
    status: string
    due_at: string
    attempt: Generated<number>
    max_attempts: number
    lost: Generated<number>
    worker: Generated<string | null>
    lease_expires_at: Generated<string | null>
    error: Generated<string | null>
    created_at: string
    ended_at: Generated<string | null>
  }
  job_step: { job_id: string; key: string; result: string }
  dream_schedule: {
    id: string
    workspace_id: string
    name: string
    description: string | null
    metadata: string
    memory_store_id: string
    model: string
    instructions: string | null
    output_behavior: string
    expression: string | null
    timezone: string | null
    new_sessions: number | null
    min_interval_ms: number | null
    paused_reason: Generated<string | null>
    paused_error: Generated<string | null>
    active_since: string
    last_run_at: Generated<string | null>
    created_at: string
    created_by: string
    updated_at: string
    archived_at: Generated<string | null>
  }
  dream_schedule_run: {
    id: string
    schedule_id: string
    slot: string | null
    trigger_type: string
    scheduled_at: string | null
    new_sessions: number | null
    dream_id: string | null
    error_type: string | null
    error_message: string | null
    created_at: string
  }
  webhook: {
    id: string
    workspace_id: string
    url: string
    events: string
    description: string
    status: string
    disabled_reason: string | null
    secret: string
    previous_secret: Generated<string | null>
    previous_secret_until: Generated<string | null>
    created_at: string
    created_by: string
    updated_at: string
  }
  webhook_delivery: {
    id: string
    webhook_id: string
    event_type: string
    object_id: string
    changes: number | null
    status: string
    attempts: Generated<number>
    response_status: Generated<number | null>
    error: Generated<string | null>
    next_attempt_at: string | null
    created_at: string
    ended_at: Generated<string | null>
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
    model: Generated<string | null>
    spending: Generated<string | null>
  }
  ledger: {
    memory_store_id: string
    session_seq: number
    dream_id: string
    told: string | null
    with_model: Generated<number>
  }
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
    redacted_by: Generated<string | null>
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
  experiment: {
    id: string
    workspace_id: string
    kind: string
    memory_store_id: string
    pattern_id: string | null
    control_agent: string | null
    salt: string
    control_share: number
    status: Generated<string>
    verdict: Generated<string | null>
    reason: Generated<string>
    lifts: Generated<string>
    measured_at: Generated<string | null>
    started_at: string
    started_by: string
    ended_at: Generated<string | null>
  }
  recall: {
    seq: Generated<number>
    id: string
    workspace_id: string
    memory_store_id: string
    agent: string
    session_key: string | null
    person: string | null
    task: string | null
    arm: string | null
    budget_tokens: number
    tokens: number
    created_at: string
    created_by: string
  }
  recall_memory: {
    recall_id: string
    rank: number
    memory_id: string
    memory_version_id: string
    pattern_ids: string
    given: string
  }
  assignment: { recall_id: string; experiment_id: string; arm: string; control_share: number }
  session_measures: { session_id: string; measurer: number; content: string }
  recurrence: { experiment_id: string; session_id: string; recurred: number }
  memory_text: {
    seq: number
    memory_id: string
    memory_store_id: string
    pattern_id: string | null
    size_bytes: number
  }
  model_review: {
    session_id: string
    prompt: string
    model: string
    status: string
    reason: string | null
    attempts: number
    dropped: string
    left_out: string
    observations: string
    read_at: string
  }
  claim: {
    seq: Generated<number>
    id: string
    workspace_id: string
    session_id: string
    agent: string
    kind: string
    statement: string
    action: string | null
    citations: string
    group_id: string
  }
  model_answer: { workspace_id: string; hash: string; content: string; usage: string; answered_at: string }
  model_call: {
    seq: Generated<number>
    workspace_id: string
    dream_id: string | null
    stage: string
    provider: string
    model: string
    hash: string
    result: string
    reason: string | null
    in_batch: number
    input_tokens: number
    output_tokens: number
    cache_read_input_tokens: number
    cache_creation_input_tokens: number
    cost_usd: number | null
    at: string
  }
  model_batch: {
    id: string
    workspace_id: string
    provider: string
    model: string
    provider_batch_id: string | null
    status: string
    submitted_at: string
    ended_at: string | null
  }
  model_batch_request: { batch_id: string; hash: string }
}
