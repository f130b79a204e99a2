/** What scripts rely on: every document of `--json`, key by key. A key that is new is added here and to docs/cli.md. */
import { z } from 'zod'
import { AuditRecord } from '../../src/domain/audit.ts'
import { Change } from '../../src/domain/change.ts'
import { Dream } from '../../src/domain/dream.ts'
import { ERROR_TYPES } from '../../src/domain/error.ts'
import { Evidence } from '../../src/domain/evidence.ts'
import { MemoryVersion } from '../../src/domain/memory.ts'
import { Outcome } from '../../src/domain/outcome.ts'
import { Tier } from '../../src/domain/pattern.ts'
import { Usage } from '../../src/domain/usage.ts'

const count = z.int().nonnegative()
const time = z.iso.datetime()

export const list = <T extends z.ZodType>(row: T) =>
  z.strictObject({ data: z.array(row), next_page: z.string().nullable() })

export const Ingest = z.strictObject({
  sessions_new: count,
  sessions_known: count,
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

export const EvidenceRow = Evidence.strict()
export const EvidenceOfLesson = list(EvidenceRow).extend({ lesson: Lesson })

export const SessionRow = z.strictObject({
  seq: count,
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
  session: SessionRow.extend({ outcome: Outcome.strict(), usage: Usage }),
  events: z.array(z.looseObject({ type: z.string(), id: z.string(), processed_at: time.nullable() })),
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

export const AuditRow = AuditRecord.strict()

export const AuditExported = z.strictObject({ file: z.string(), records: count })

export const AuditVerified = z.strictObject({
  records: count,
  head: z.strictObject({ seq: count, hash: z.string() }),
  broken: z.strictObject({ seq: count, reason: z.string() }).nullable(),
  noted_head: z.enum(['found', 'not found']).nullable(),
})

export const VersionRow = MemoryVersion.strict()

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
  lessons: z.array(Lesson.extend({ evidence: z.array(EvidenceRow) })),
  lessons_by_agent: z.record(z.string(), count),
})

export const Failure = z.strictObject({
  error: error.extend({ type: z.enum([...ERROR_TYPES, 'internal_error']) }),
})
