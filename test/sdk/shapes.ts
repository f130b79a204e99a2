/**
 * The objects of the API, as schemas that demand every key that the SDK's types know: a key that is added there, or one that
 * is spelled in another way here, is told by tsc. What the types call optional and nullable has to be there too, as null.
 */
import type { BetaManagedAgentsAgent } from '@anthropic-ai/sdk/resources/beta/agents'
import type { BetaDream, BetaDreamUsage } from '@anthropic-ai/sdk/resources/beta/dreams'
import type { BetaEnvironment } from '@anthropic-ai/sdk/resources/beta/environments'
import type {
  BetaManagedAgentsMemory,
  BetaManagedAgentsMemoryPrefix,
  BetaManagedAgentsMemoryStore,
  BetaManagedAgentsMemoryVersion,
} from '@anthropic-ai/sdk/resources/beta/memory-stores'
import type {
  BetaManagedAgentsFileResource,
  BetaManagedAgentsGitHubRepositoryResource,
  BetaManagedAgentsMemoryStoreResource,
  BetaManagedAgentsSession,
  BetaManagedAgentsSessionAgent,
  BetaManagedAgentsSessionThread,
} from '@anthropic-ai/sdk/resources/beta/sessions'
import { z } from 'zod'

function object<T>(fields: { [K in keyof Required<T>]: z.ZodType }) {
  return z.looseObject(fields)
}

const Id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_\\w+$`))
const Text = z.string()
const Time = z.iso.datetime({ offset: true })
const Pairs = z.record(z.string(), z.string())
const Tokens = z.int().min(0)
const Objects = z.array(z.looseObject({}))
const Actor = z.union([
  z.strictObject({ type: z.literal('session_actor'), session_id: Id('sesn') }),
  z.strictObject({ type: z.literal('api_actor'), api_key_id: Id('apikey') }),
  z.strictObject({ type: z.literal('user_actor'), user_id: Text }),
  z.strictObject({ type: z.literal('service_account_actor'), service_account_id: Text }),
])

export const MemoryStore = object<BetaManagedAgentsMemoryStore>({
  type: z.literal('memory_store'),
  id: Id('memstore'),
  name: Text,
  description: Text,
  metadata: Pairs,
  archived_at: Time.nullable(),
  created_at: Time,
  updated_at: Time,
})

const memory = {
  type: z.literal('memory'),
  id: Id('mem'),
  memory_store_id: Id('memstore'),
  memory_version_id: Id('memver'),
  path: z.string().startsWith('/'),
  content_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  content_size_bytes: z.int().min(0),
  created_at: Time,
  updated_at: Time,
}
export const BasicMemory = object<BetaManagedAgentsMemory>({ ...memory, content: z.null() })
export const FullMemory = object<BetaManagedAgentsMemory>({ ...memory, content: Text })
export const MemoryPrefix = object<BetaManagedAgentsMemoryPrefix>({
  type: z.literal('memory_prefix'),
  path: z.string().regex(/^\/.*\/$/),
})

const version = {
  type: z.literal('memory_version'),
  id: Id('memver'),
  memory_id: Id('mem'),
  memory_store_id: Id('memstore'),
  operation: z.enum(['created', 'modified', 'deleted']),
  created_at: Time,
  created_by: Actor.nullable(),
}
const kept = { redacted_at: z.null(), redacted_by: z.null(), path: z.string().startsWith('/') }
const hashed = { content_sha256: z.string().regex(/^[0-9a-f]{64}$/), content_size_bytes: z.int().min(0) }
const gone = { content: z.null(), content_sha256: z.null(), content_size_bytes: z.null() }
export const BasicVersion = object<BetaManagedAgentsMemoryVersion>({
  ...version,
  ...kept,
  ...hashed,
  content: z.null(),
})
export const FullVersion = object<BetaManagedAgentsMemoryVersion>({
  ...version,
  ...kept,
  ...hashed,
  content: Text,
})
export const DeletedVersion = object<BetaManagedAgentsMemoryVersion>({
  ...version,
  ...kept,
  ...gone,
  operation: z.literal('deleted'),
})
export const RedactedVersion = object<BetaManagedAgentsMemoryVersion>({
  ...version,
  ...gone,
  path: z.null(),
  redacted_at: Time,
  redacted_by: Actor,
})

export const Dream = object<BetaDream>({
  type: z.literal('dream'),
  id: Id('drm'),
  status: z.enum(['pending', 'running', 'completed', 'failed', 'canceled']),
  inputs: z.tuple([
    z.strictObject({ type: z.literal('memory_store'), memory_store_id: Id('memstore') }),
    z.strictObject({ type: z.literal('sessions'), session_ids: z.array(Id('sesn')).min(1) }),
  ]),
  outputs: z
    .array(z.strictObject({ type: z.literal('memory_store'), memory_store_id: Id('memstore') }))
    .max(1),
  model: z.strictObject({ id: Text, speed: z.literal('standard') }),
  instructions: Text.nullable(),
  output_behavior: z.union([
    z.strictObject({ type: z.literal('create_new') }),
    z.strictObject({ type: z.literal('update_existing'), memory_store_id: Id('memstore') }),
  ]),
  session_id: Id('sesn').nullable(),
  created_at: Time,
  ended_at: Time.nullable(),
  archived_at: Time.nullable(),
  usage: object<BetaDreamUsage>({
    input_tokens: Tokens,
    output_tokens: Tokens,
    cache_read_input_tokens: Tokens,
    cache_creation_input_tokens: Tokens,
  }),
  error: z.looseObject({ type: Text, message: Text }).nullable(),
})

const Model = z.looseObject({ id: Text })
const SessionAgent = object<BetaManagedAgentsSessionAgent>({
  type: z.literal('agent'),
  id: Text,
  version: z.int().min(1),
  name: Text,
  description: Text.nullable(),
  model: Model,
  system: Text.nullable(),
  tools: Objects,
  mcp_servers: Objects,
  skills: Objects,
  multiagent: z.looseObject({}).nullable(),
  execution_identity: z.looseObject({ type: Text }),
})

export const MemoryStoreResource = object<BetaManagedAgentsMemoryStoreResource>({
  type: z.literal('memory_store'),
  memory_store_id: Id('memstore'),
  access: z.enum(['read_write', 'read_only']),
  name: Text,
  description: Text,
  instructions: Text.nullable(),
  mount_path: z.string().startsWith('/mnt/memory/'),
})
export const FileResource = object<BetaManagedAgentsFileResource>({
  type: z.literal('file'),
  id: Text,
  file_id: Text,
  mount_path: Text,
  created_at: Time,
  updated_at: Time,
})
export const RepositoryResource = object<BetaManagedAgentsGitHubRepositoryResource>({
  type: z.literal('github_repository'),
  id: Text,
  url: Text,
  checkout: z.looseObject({}).nullable(),
  mount_path: Text,
  created_at: Time,
  updated_at: Time,
})
export const Resource = z.union([MemoryStoreResource, FileResource, RepositoryResource])

export const Session = object<BetaManagedAgentsSession>({
  type: z.literal('session'),
  id: Id('sesn'),
  status: z.enum(['rescheduling', 'running', 'idle', 'terminated']),
  title: Text.nullable(),
  metadata: Pairs,
  agent: SessionAgent,
  environment_id: Text,
  resources: z.array(Resource),
  outcome_evaluations: z.array(
    z.looseObject({
      type: z.literal('outcome_evaluation'),
      outcome_id: Id('outc'),
      description: Text,
      result: Text,
      explanation: Text.nullable(),
      iteration: z.int().min(0),
      completed_at: Time.nullable(),
    }),
  ),
  stats: z.looseObject({}),
  usage: z.looseObject({}),
  vault_ids: z.array(Text),
  budget: z.looseObject({}).nullable(),
  deployment_id: Text.nullable(),
  created_at: Time,
  updated_at: Time,
  archived_at: Time.nullable(),
})

export const Thread = object<BetaManagedAgentsSessionThread>({
  type: z.literal('session_thread'),
  id: Id('sthr'),
  session_id: Id('sesn'),
  parent_thread_id: Id('sthr').nullable(),
  agent: z.looseObject({ type: Text, name: Text }),
  status: z.enum(['running', 'idle', 'rescheduling', 'terminated']),
  stats: z.looseObject({}).nullable(),
  usage: z.looseObject({}).nullable(),
  workflow_run_id: Text.nullable(),
  created_at: Time,
  updated_at: Time,
  archived_at: Time.nullable(),
})

export const Event = z.looseObject({ id: Id('sevt'), type: Text, processed_at: Time.nullable() })

export const Agent = object<BetaManagedAgentsAgent>({
  type: z.literal('agent'),
  id: Id('agent'),
  version: z.int().min(1),
  name: Text,
  description: Text.nullable(),
  model: Model,
  system: Text.nullable(),
  tools: Objects,
  mcp_servers: Objects,
  skills: Objects,
  multiagent: z.looseObject({}).nullable(),
  execution_identity: z.looseObject({ type: Text }),
  metadata: Pairs,
  created_at: Time,
  updated_at: Time,
  archived_at: Time.nullable(),
})

export const Environment = object<BetaEnvironment>({
  type: z.literal('environment'),
  id: Id('env'),
  name: Text,
  description: Text.nullable(),
  metadata: Pairs,
  config: z.looseObject({ type: z.enum(['self_hosted', 'cloud']) }),
  scope: z.enum(['organization', 'account']).nullish(),
  created_at: Time,
  updated_at: Time,
  archived_at: Time.nullable(),
})

/** What is answered to a deletion. */
export const Deleted = (what: string) => z.strictObject({ id: Text, type: z.literal(`${what}_deleted`) })
