/** What scripts rely on: every document of `--json`, key by key. A key that is new is added here and to docs/cli.md. */
import { z } from 'zod'
import { ApiKey } from '../../src/domain/api-key.ts'
import { AuditRecord } from '../../src/domain/audit.ts'
import { SignedHead } from '../../src/domain/audit-signature.ts'
import { Baseline } from '../../src/domain/baseline.ts'
import { Change } from '../../src/domain/change.ts'
import { Decision } from '../../src/domain/decision.ts'
import { Digest, DigestedChange } from '../../src/domain/digest.ts'
import { Dream } from '../../src/domain/dream.ts'
import { Drift } from '../../src/domain/drift.ts'
import { ERROR_TYPES } from '../../src/domain/error.ts'
import { Evidence } from '../../src/domain/evidence.ts'
import { Arm, Experiment } from '../../src/domain/experiment.ts'
import { Fitness } from '../../src/domain/fitness.ts'
import { MemoryVersion } from '../../src/domain/memory.ts'
import { Outcome } from '../../src/domain/outcome.ts'
import { Tier } from '../../src/domain/pattern.ts'
import { Recall, RecalledMemory } from '../../src/domain/recall.ts'
import { Usage } from '../../src/domain/usage.ts'
import { Workspace } from '../../src/domain/workspace.ts'

const count = z.int().nonnegative()
const time = z.iso.datetime()

export const list = <T extends z.ZodType>(row: T) =>
  z.strictObject({ data: z.array(row), next_page: z.string().nullable() })

export const Ingest = z.strictObject({
  sessions_new: count,
  sessions_known: count,
  outcomes_new: count,
  sessions_skipped: count,
  events: count,
  files: count,
  bytes: count,
  redactions: z.record(z.string(), count),
  skipped: z.array(z.strictObject({ path: z.string(), line: count.nullable(), reason: z.string() })),
  passed_over: z.record(z.string(), count),
  by_harness: z.record(
    z.string(),
    z.strictObject({
      sessions_new: count,
      sessions_known: count,
      events: count,
      bytes: count,
      redactions: count,
    }),
  ),
})

export const OneDream = Dream.strict()
export const OneChange = Change.strict()
const DreamAndChanges = z.strictObject({ dream: OneDream, changes: z.array(OneChange) })

const error = z.strictObject({ type: z.string(), message: z.string(), hint: z.string().nullable() })
const failed = z.array(z.strictObject({ agent: z.string(), error }))

export const Dreamed = z.strictObject({
  dream: OneDream.nullable(),
  changes: z.array(OneChange),
  dreams: z.array(DreamAndChanges),
  failed,
  dry_run: z.boolean(),
})

export const ShownDream = DreamAndChanges

const sha = z.string().regex(/^[0-9a-f]{64}$/)

export const ListedChange = OneChange.extend({
  memory_store_id: z.string(),
  store: z.string(),
  proposed_at: time,
  decision: z.enum(['undecided', 'approved', 'rejected']),
  decisions: z.array(Decision.strict()),
  approved_by: z.array(z.string()),
  approvals_needed: z.union([z.literal(1), z.literal(2)]),
  content_sha256: sha.nullable(),
  edited_by: z.string().nullable(),
  state_sha256: sha,
  tiers: z.array(Tier),
  evidence: z.array(Evidence.strict()),
  evidence_count: count,
})

const counted = z.tuple([count, count])

export const Lesson = z.strictObject({
  id: z.string().regex(/^pat_[0-9a-f]{24}$/),
  class: z.enum(['mistake', 'success', 'practice', 'insight']),
  channel: z.enum(['call', 'repair', 'session', 'approval', 'edit', 'correction', 'temporal']),
  tier: Tier,
  status: z.enum(['candidate', 'probation', 'confirmed', 'stale', 'dormant', 'disputed', 'retired']),
  name: z.string(),
  text: z.string(),
  why: z.string(),
  scope: z.strictObject({ agent: z.string(), person: z.string().nullable() }),
  effect: z.strictObject({
    exposed: counted,
    unexposed: counted,
    odds_ratio: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  }),
  q: z.number().nullable(),
  e: z.number().nullable(),
  sessions: count,
  evidence_count: count,
  memory_store_id: z.string(),
  created_at: time,
  updated_at: time,
})

export const ShownChange = ListedChange.extend({
  content: z.string().nullable(),
  diff: z.array(z.string()),
  lessons: z.array(Lesson),
})

export const Decided = z.strictObject({
  decided: z.array(ListedChange),
  known: z.array(ListedChange),
  refused: z.array(z.strictObject({ change: ListedChange, error })),
  not_confirmed: z.array(ListedChange),
})

export const RiskRow = z.strictObject({
  memory_store_id: z.string(),
  agent: z.string(),
  intent: z.string(),
  example: z.string().nullable(),
  sessions: counted,
  risk: z.number(),
  low: z.number(),
  high: z.number(),
  stands_out: z.array(z.strictObject({ what: z.string(), here: counted, elsewhere: counted })),
})

export const ExperimentRow = Experiment.omit({ salt: true })
  .extend({
    store: z.string(),
    agent: z.string(),
    lesson: z.string().nullable(),
    drawn: z.strictObject({ treatment: count, control: count }).nullable(),
    draws_lots: z.boolean(),
    ended_by: z.string().nullable(),
  })
  .strict()

export const LiftRow = ExperimentRow.extend({ says: z.string() }).strict()

export const BaselineRow = Baseline.strict()
/** What is in the report, docs/report.md explains; test/cli/report.test.ts holds both together. */
export const WrittenReport = z.strictObject({ html: z.string(), json: z.string(), report: z.unknown() })

export const ShownDrift = Drift.extend({ file: z.string().nullable() }).strict()
export const FitnessRow = Fitness.strict()
export const EvidenceRow = Evidence.strict()
export const EvidenceOfLesson = list(EvidenceRow).extend({
  lesson: Lesson,
  transcripts_removed: z.array(z.strictObject({ session_id: z.string(), removed_at: time })),
})

export const RecallRow = Recall.extend({ memories: z.array(RecalledMemory.strict()) }).strict()

export const Recalled = z.strictObject({
  id: z.string().startsWith('rcl_').nullable(),
  memory_store_id: z.string().nullable(),
  agent: z.string(),
  session_key: z.string().nullable(),
  arm: Arm.nullable(),
  text: z.string(),
  tokens: count,
  budget_tokens: count,
  memories: z.array(RecalledMemory.extend({ tokens: count }).strict()),
  left_out: count,
  notes: z.array(z.string()),
  created_at: time,
})

export const SessionRow = z.strictObject({
  id: z.string().regex(/^sesn_[0-9a-f]{24}$/),
  harness: z.string(),
  external_session_id: z.string(),
  agent: z.string(),
  agent_version: z.string().nullable(),
  task: z.string().nullable(),
  person: z.string().nullable(),
  parent_external_session_id: z.string().nullable(),
  continues_session_id: z.string().nullable(),
  title: z.string(),
  started_at: time.nullable(),
  ended_at: time.nullable(),
  outcome_result: z.enum(['satisfied', 'unsatisfied', 'unknown']),
  outcome_verified: z.union([z.literal(0), z.literal(1)]),
  reward: z.number().nullable(),
  outcome_rule: z.string().nullable(),
  events: count,
  human_turns: count,
  tool_calls: count,
  tool_errors: count,
  feedback: count,
  redactions: count,
  ingested_at: time,
})

export const OneSession = z.strictObject({
  session: SessionRow.extend({ outcome: Outcome.strict().nullable(), usage: Usage.nullable() }),
  events: z.array(z.looseObject({ type: z.string(), id: z.string(), processed_at: time.nullable() })),
  transcript_removed_at: time.nullable(),
  recalls: z.array(RecallRow),
})

const paths = z.array(z.string().startsWith('/'))

export const Erased = z.strictObject({
  dry_run: z.boolean(),
  sessions: count,
  followers: count,
  kept_for_newer: count,
  session_ids: z.array(z.string().startsWith('sesn_')),
  transcript_bytes: count,
  recalls: count,
  stores: z.array(
    z.strictObject({
      store: z.string(),
      sessions: count,
      lessons: count,
      lessons_lost: count,
      memories_removed: paths,
      memories_rewritten: paths,
      texts_redacted: count,
      people_repeat: paths,
    }),
  ),
  bytes_left: z.boolean(),
})

export const ErasureFinished = z.strictObject({ bytes_left: z.boolean() })

export const Retained = z.strictObject({
  dry_run: z.boolean(),
  policy_sha256: z.string(),
  transcripts: count,
  transcript_ids: z.array(z.string().startsWith('sesn_')),
  transcript_bytes: count,
  erased: Erased,
  bytes_left: z.boolean(),
})

export const MemoryRow = z.strictObject({
  path: z.string(),
  content: z.string(),
  content_sha256: z.string(),
  content_size_bytes: count,
  id: z.string(),
  memory_version_id: z.string(),
  memory_store_id: z.string(),
  store: z.string(),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
})

export const AuditRow = AuditRecord.extend({
  store: z.string().nullable(),
  path: z.string().nullable(),
}).strict()

const head = z.strictObject({ seq: count, hash: z.string() })

export const AuditExported = z.strictObject({ file: z.string(), records: count, head: head.nullable() })

export const AuditKey = z.strictObject({
  file: z.string(),
  public_key_file: z.string(),
  public_key: z.string(),
  public_key_sha256: z.string(),
})

export const AuditSigned = z.strictObject({ signed_head: SignedHead, file: z.string().nullable() })

export const AuditVerified = z.strictObject({
  is_good: z.boolean(),
  records: count,
  head,
  broken: z.strictObject({ seq: count, reason: z.string() }).nullable(),
  noted_head: z.enum(['found', 'not found']).nullable(),
  signature: z
    .strictObject({
      seq: count,
      at: time,
      public_key_sha256: z.string(),
      problem: z.enum(['other key', 'forged', 'log is shorter', 'not the same log']).nullable(),
      records_since: count.nullable(),
    })
    .nullable(),
})

const DigestRow = Digest.extend({
  dream: OneDream,
  counts: Digest.shape.counts.strict(),
  changes: z.array(DigestedChange.strict()),
}).strict()

export const Digests = list(DigestRow).extend({ file: z.string().nullable() })

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const PolicyShown = z.strictObject({
  policy: z.looseObject({ format_version: z.literal(1) }),
  sha256,
  content: z.string(),
  set_at: time.nullable(),
  set_by: z.string().nullable(),
})

export const PolicySet = PolicyShown.extend({ file: z.string(), is_new: z.boolean() })

export const PolicyChecked = z.strictObject({
  file: z.string(),
  sha256,
  policy: z.looseObject({ format_version: z.literal(1) }).nullable(),
  errors: z.array(
    z.strictObject({ line: count, column: count, message: z.string(), hint: z.string().nullable() }),
  ),
})

export const PolicySetting = z.strictObject({ seq: count, sha256, set_at: time, set_by: z.string() })

const verdicts = z.strictObject({ allow: count, hold: count, deny: count })

export const PolicyTried = list(
  z.strictObject({
    id: z.string(),
    dream_id: z.string(),
    store: z.string(),
    kind: Change.shape.kind,
    operation: Change.shape.operation,
    path: z.string(),
    status: Change.shape.status,
    verdict: Change.shape.verdict,
    verdict_reason: z.string(),
    would_be: Change.shape.verdict,
    would_be_reason: z.string(),
    people: z.enum(['approved', 'rejected']).nullable(),
  }),
).extend({
  file: z.string(),
  dreams: count,
  changes: count,
  differing: count,
  verdicts,
  would_be: verdicts,
  allowed_against_people: count,
  denied_against_people: count,
})

const Version = MemoryVersion.strict()

export const VersionRow = Version.extend({
  seq: count,
  change_id: z.string().nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
})

export const ShownVersion = Version.extend({ seq: count, store: z.string() })

export const Diff = z.strictObject({
  before: ShownVersion.nullable(),
  after: ShownVersion,
  diff: z.array(z.string()),
})

export const OutputRow = MemoryRow.extend({
  id: z.string().nullable(),
  memory_version_id: z.string().nullable(),
  change_id: z.string().nullable(),
})

const notLive = z.strictObject({ change: OneChange, why: z.string() })

export const Adopted = z.strictObject({
  dry_run: z.boolean(),
  adopted: z.array(OneChange),
  superseded: z.array(notLive.extend({ again: OneChange.nullable() })),
  refused: z.array(notLive),
  known: z.array(OneChange),
  undecided: count,
})

export const Undone = z.strictObject({ change: OneChange, version: Version })

const restored = z.strictObject({
  path: z.string(),
  operation: z.enum(['created', 'modified', 'deleted']),
  from: z.string().nullable(),
  to: z.string().nullable(),
})

export const VersionRestored = z.strictObject({
  restored: restored.nullable(),
  version: ShownVersion,
  dry_run: z.boolean(),
})

export const StoreRestored = z.strictObject({
  store: z.string(),
  dry_run: z.boolean(),
  seq: count,
  back: count,
  restored: z.array(restored),
  erased: z.array(z.string()),
})

const format = z.enum(['markdown', 'claude-code', 'claude-md', 'agents-md', 'skills', 'mem0'])

export const Exported = z.strictObject({
  store: z.string(),
  format,
  folder: z.string(),
  file: z.string().nullable(),
  files: count,
  memories: count,
  bytes: count,
  left_out: z.array(z.strictObject({ what: z.string(), paths: z.array(z.string()) })),
  notes: z.array(z.string()),
})

export const Imported = z.strictObject({
  store: z.string(),
  format,
  format_version: count.nullable(),
  from: z.string(),
  as: z.string(),
  dry_run: z.boolean(),
  created: count,
  equal: count,
  replaced: count,
  conflicting: count,
  redactions: count,
  memories: z.array(
    z.strictObject({
      path: z.string(),
      file: z.string(),
      result: z.enum(['created', 'equal', 'replaced', 'conflicting']),
    }),
  ),
  skipped: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
  notes: z.array(z.string()),
})

export const Started = z.strictObject({
  is_sample: z.boolean(),
  database: z.string(),
  folders: z.array(z.strictObject({ harness: z.string(), path: z.string() })),
  ingest: Ingest,
  dreams: z.array(DreamAndChanges),
  failed,
  waiting: z.strictObject({ undecided: count, approved: count }),
  lessons: z.array(Lesson.extend({ evidence: z.array(EvidenceRow) })),
  lessons_by_agent: z.record(z.string(), count),
})

const Limit = z.strictObject({ tokens: count.nullable(), usd: z.number().nullable() })
const Price = z.strictObject({
  input: z.number(),
  output: z.number(),
  cache_read: z.number(),
  cache_write: z.number(),
})

export const Models = z.strictObject({
  file: z.string().nullable(),
  default: z.string(),
  wire: z.record(z.string(), z.string()).nullable(),
  models: z.array(
    z.strictObject({
      name: z.string(),
      price: Price.nullable(),
      is_ready: z.boolean(),
      missing: z.string().nullable(),
    }),
  ),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['anthropic', 'openai_compatible', 'google', 'bedrock']),
      base_url: z.url(),
      api_key_env: z.string().nullable(),
      has_key: z.boolean(),
      region: z.string().nullable(),
      concurrency: count,
      timeout_ms: count,
      refusal: z.string().nullable(),
    }),
  ),
  budget: z.strictObject({ dream: Limit, day: Limit }),
  spent_today: z.strictObject({ tokens: count, usd: z.number() }),
  night: z
    .strictObject({
      from: z.string(),
      to: z.string(),
      timezone: z.string(),
      when_closed: z.enum(['direct', 'wait']),
    })
    .nullable(),
})

export const WorkspaceRow = Workspace.strict()

export const KeyRow = ApiKey.strict()

export const NewKey = KeyRow.extend({ token: z.string().regex(/^rvk_[\w-]{43}$/) })

export const Serving = z.strictObject({
  address: z.url(),
  docs: z.url(),
  database: z.string(),
  key: NewKey.nullable(),
})

export const Failure = z.strictObject({
  error: error.extend({ type: z.enum([...ERROR_TYPES, 'internal_error']) }),
})

const Night = z.strictObject({ sessions: count, completed: count })
const Taught = z.strictObject({ since: count, path: z.string(), text: z.string(), status: z.string() })

export const Simulated = z.strictObject({
  world: z.string(),
  about: z.string(),
  seed: count,
  sessions_a_night: count,
  from: z.string(),
  to: z.string(),
  nights: z.array(z.strictObject({ night: count, treatment: Night, control: Night })),
  lift: z.strictObject({ estimate: z.number(), low: z.number(), high: z.number() }).nullable(),
  ratio: z.number().nullable(),
  ratio_at_the_end: z.number().nullable(),
  lessons_live: z.array(Taught),
  withdrawn: z.array(
    Taught.extend({
      ...{ night: count, became: z.string().nullable() },
      ...{ now: z.string().nullable(), says: z.string().nullable() },
    }),
  ),
  memory: z.strictObject({ memories: count, bytes: count, contradictions: count }),
  forbidden: z.array(z.strictObject({ night: count, text: z.string() })),
  out: z.string().nullable(),
  database: z.string().nullable(),
})

const command = z.string().nullable()

export const Installed = z.strictObject({
  harness: z.literal('claude-code'),
  file: z.string(),
  is_changed: z.boolean(),
  dry_run: z.boolean(),
  hooks: z.strictObject({ SessionStart: command, SessionEnd: command }),
  is_switched_off: z.boolean(),
})

export const HookAnswer = z.strictObject({
  systemMessage: z.string().optional(),
  hookSpecificOutput: z
    .strictObject({ hookEventName: z.literal('SessionStart'), additionalContext: z.string() })
    .optional(),
})

export const CaughtUp = z.strictObject({
  at: time,
  sessions_new: count,
  sessions_known: count,
  skipped: z.array(z.strictObject({ path: z.string(), line: count.nullable(), reason: z.string() })),
  failed: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  dreams: z.array(z.strictObject({ id: z.string(), agent: z.string() })),
  is_elsewhere: z.boolean(),
})
