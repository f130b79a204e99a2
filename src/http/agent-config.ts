/** How agents are configured on the wire: what may be sent, and the same with what is left out filled in. */
import { z } from '@hono/zod-openapi'

const Policy = z.looseObject({ type: z.enum(['always_allow', 'always_ask', 'auto']) })
const Toggle = { enabled: z.boolean().nullish(), permission_policy: Policy.nullish() }

const EFFORT = z.enum(['low', 'medium', 'high', 'xhigh', 'max'])
const ModelConfig = z.strictObject({
  id: z.string().min(1).max(256),
  effort: z.union([EFFORT, z.strictObject({ type: EFFORT })]).nullish(),
  inference_geo: z.string().nullish(),
  speed: z.enum(['standard', 'fast']).nullish(),
})

/** An id, or an id with what else is said of it. */
export const ModelParam = z.union([z.string().min(1).max(256), ModelConfig]).transform((it) => {
  if (typeof it === 'string') return { id: it }
  const { id, effort, inference_geo, speed } = it
  return {
    id,
    ...(effort == null ? {} : { effort: typeof effort === 'string' ? { type: effort } : effort }),
    ...(inference_geo == null ? {} : { inference_geo }),
    ...(speed == null ? {} : { speed }),
  }
})

const BuiltIn = z
  .strictObject({
    type: z.literal('agent_toolset_20260401'),
    configs: z.array(z.looseObject({ name: z.string(), ...Toggle })).optional(),
    default_config: z.strictObject(Toggle).nullish(),
  })
  .transform(({ configs = [], default_config, ...it }) => {
    const standard = filled(default_config ?? {}, { enabled: true, permission_policy: ALLOW })
    return {
      ...it,
      default_config: standard,
      configs: configs.map((config) => ({ ...config, type: config.name, ...filled(config, standard) })),
    }
  })

const OfServer = z
  .strictObject({
    type: z.literal('mcp_toolset'),
    mcp_server_name: z.string().min(1),
    configs: z.array(z.strictObject({ name: z.string(), ...Toggle })).optional(),
    default_config: z.strictObject(Toggle).nullish(),
  })
  .transform(({ configs = [], default_config, ...it }) => {
    const standard = filled(default_config ?? {}, { enabled: true, permission_policy: ASK })
    return {
      ...it,
      default_config: standard,
      configs: configs.map((config) => ({ ...config, ...filled(config, standard) })),
    }
  })

const Custom = z.strictObject({
  type: z.literal('custom'),
  name: z.string().min(1).max(128),
  description: z.string(),
  input_schema: z.looseObject({ type: z.literal('object') }),
})

type Setting = { enabled: boolean; permission_policy: z.infer<typeof Policy> }
const ALLOW = { type: 'always_allow' as const }
const ASK = { type: 'always_ask' as const }

function filled(
  { enabled, permission_policy }: { [K in keyof Setting]?: Setting[K] | null | undefined },
  standard: Setting,
): Setting {
  return {
    enabled: enabled ?? standard.enabled,
    permission_policy: permission_policy ?? standard.permission_policy,
  }
}

export const Tools = z.array(z.union([BuiltIn, OfServer, Custom])).max(256)

export const Servers = z
  .array(z.strictObject({ type: z.literal('url'), name: z.string().min(1).max(255), url: z.url() }))
  .max(20)
  .refine((all) => new Set(all.map((it) => it.name)).size === all.length, 'two servers have one name')

export const Skills = z
  .array(
    z
      .strictObject({
        type: z.enum(['anthropic', 'custom']),
        skill_id: z.string().min(1),
        version: z.string().nullish(),
      })
      .transform((it) => ({ ...it, version: it.version ?? 'latest' })),
  )
  .max(500)

export const System = z
  .string()
  .max(100_000)
  .nullable()
  .transform((it) => (it === '' ? null : it))

/** As it is told. */
export const WireAgentConfig = {
  name: z.string(),
  description: z.string().nullable(),
  model: z.looseObject({ id: z.string() }),
  system: z.string().nullable(),
  tools: z.array(z.looseObject({ type: z.string() })),
  mcp_servers: z.array(z.looseObject({ type: z.string() })),
  skills: z.array(z.looseObject({ type: z.string() })),
  multiagent: z.looseObject({ type: z.string() }).nullable(),
  execution_identity: z.looseObject({ type: z.string() }),
}
