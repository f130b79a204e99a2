import { z } from '@hono/zod-openapi'
import { EngineError } from '../../domain/error.ts'
import { patched } from '../../domain/metadata.ts'
import { RunError, type ScheduleRun } from '../../domain/schedule.ts'
import type { ScheduleChange, ShownSchedule } from '../../engine.ts'
import { DreamModelParam, Instructions, WireBehavior, wireBehavior } from '../dream-config.ts'
import { pageOfList } from '../paging.ts'
import { body, Flag, instant, List, Metadata, MetadataPatch, paging, route, routes, Time } from '../wire.ts'

const WireCron = z.object({
  type: z.literal('cron'),
  expression: z.string(),
  timezone: z.string(),
  last_run_at: Time.nullable(),
  upcoming_runs_at: z.array(Time),
})

const WireThreshold = z.object({
  type: z.literal('threshold'),
  new_sessions: z.number().int(),
  min_interval_ms: z.number().int(),
})

const WireSchedule = z
  .object({
    type: z.literal('dream_schedule'),
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    memory_store_id: z.string(),
    model: z.object({ id: z.string(), speed: z.literal('standard') }),
    instructions: z.string().nullable(),
    output_behavior: WireBehavior,
    schedule: WireCron.nullable(),
    threshold: WireThreshold.nullable(),
    status: z.enum(['active', 'paused']),
    paused_reason: z
      .union([
        z.object({ type: z.literal('manual') }),
        z.object({ type: z.literal('error'), error: z.object({ type: RunError }) }),
      ])
      .nullable(),
    last_run_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
    archived_at: Time.nullable(),
  })
  .openapi('DreamSchedule')

const WireRun = z
  .object({
    type: z.literal('dream_schedule_run'),
    id: z.string(),
    schedule_id: z.string(),
    trigger_context: z.union([
      z.object({ type: z.literal('schedule'), scheduled_at: Time }),
      z.object({ type: z.literal('threshold'), new_sessions: z.number().int() }),
      z.object({ type: z.literal('manual') }),
    ]),
    dream_id: z.string().nullable(),
    error: z.object({ type: RunError, message: z.string() }).nullable(),
    created_at: Time,
  })
  .openapi('DreamScheduleRun')

const Name = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\P{Cc}*$/u, 'no control characters')
const Description = z.string().max(1_024).nullable()
const Behavior = z.union([
  z.strictObject({ type: z.literal('create_new') }),
  z.strictObject({ type: z.literal('update_existing'), memory_store_id: z.string().optional() }),
])
const Cron = z
  .strictObject({
    type: z.literal('cron'),
    expression: z.string().min(1).max(256),
    timezone: z.string().min(1).max(64),
  })
  .transform(({ expression, timezone }) => ({ expression, timezone }))
const Threshold = z
  .strictObject({
    type: z.literal('threshold').optional(),
    new_sessions: z.number().int().min(1).max(1_000_000),
    /** An hour unless told. */
    min_interval_ms: z
      .number()
      .int()
      .min(60_000)
      .max(366 * 86_400_000)
      .default(3_600_000),
  })
  .transform(({ new_sessions, min_interval_ms }) => ({ new_sessions, min_interval_ms }))

const CHANGEABLE = {
  description: Description.optional(),
  instructions: Instructions.nullish(),
  output_behavior: Behavior.optional(),
  schedule: Cron.nullish(),
  threshold: Threshold.nullish(),
}

const declared = { tag: 'Dream schedules', role: 'admin' } as const
const read = { ...declared, role: 'reader' } as const
const one = { params: z.object({ schedule_id: z.string() }) }

const create = route({
  ...declared,
  method: 'post',
  path: '/v1/dream_schedules',
  summary: 'Create a schedule of dreams',
  request: {
    body: body(
      z
        .strictObject({
          ...CHANGEABLE,
          name: Name,
          metadata: Metadata.nullish(),
          model: DreamModelParam,
          memory_store_id: z.string().min(1).optional(),
          agent: z.string().min(1).optional(),
        })
        .refine((it) => (it.memory_store_id === undefined) !== (it.agent === undefined), {
          error: 'give either memory_store_id or agent',
        }),
    ),
  },
  answer: WireSchedule,
})

const list = route({
  ...read,
  method: 'get',
  path: '/v1/dream_schedules',
  summary: 'List schedules, newest first',
  request: {
    query: z.strictObject({
      ...paging({ usual: 20, most: 100 }),
      include_archived: Flag.optional(),
      status: z.enum(['active', 'paused']).optional(),
      memory_store_id: z.string().optional(),
      'created_at[gte]': Time.optional(),
      'created_at[lte]': Time.optional(),
    }),
  },
  answer: List(WireSchedule),
})

const retrieve = route({
  ...read,
  method: 'get',
  path: '/v1/dream_schedules/{schedule_id}',
  summary: 'Retrieve a schedule',
  request: one,
  answer: WireSchedule,
})

const update = route({
  ...declared,
  method: 'post',
  path: '/v1/dream_schedules/{schedule_id}',
  summary: 'Update a schedule; what is not given stays',
  request: {
    ...one,
    body: body(
      z.strictObject({
        ...CHANGEABLE,
        name: Name.optional(),
        metadata: MetadataPatch.nullish(),
        model: DreamModelParam.optional(),
      }),
    ),
  },
  answer: WireSchedule,
})

const act = (verb: 'archive' | 'pause' | 'unpause', summary: string) =>
  route({
    ...declared,
    method: 'post',
    path: `/v1/dream_schedules/{schedule_id}/${verb}`,
    summary,
    request: one,
    answer: WireSchedule,
  })

const run = route({
  ...declared,
  method: 'post',
  path: '/v1/dream_schedules/{schedule_id}/run',
  summary: 'Start one dream now, of a paused schedule as well',
  request: one,
  answer: WireRun,
})

const listRuns = route({
  ...read,
  method: 'get',
  path: '/v1/dream_schedule_runs',
  summary: 'List what schedules did, newest first',
  request: {
    query: z.strictObject({
      ...paging({ usual: 20, most: 100 }),
      schedule_id: z.string().optional(),
      has_error: Flag.optional(),
      trigger_type: z.enum(['schedule', 'threshold', 'manual']).optional(),
      'created_at[gt]': Time.optional(),
      'created_at[gte]': Time.optional(),
      'created_at[lt]': Time.optional(),
      'created_at[lte]': Time.optional(),
    }),
  },
  answer: List(WireRun),
})

const retrieveRun = route({
  ...read,
  method: 'get',
  path: '/v1/dream_schedule_runs/{run_id}',
  summary: 'Retrieve one run of a schedule',
  request: { params: z.object({ run_id: z.string() }) },
  answer: WireRun,
})

export const schedules = routes()
  .openapi(create, async (c) => {
    const { memory_store_id, agent, name, model, metadata, ...rest } = c.req.valid('json')
    checkTarget(rest.output_behavior, memory_store_id)
    const wanted = {
      ...{ name, model, metadata: metadata ?? {} },
      description: rest.description ?? null,
      instructions: rest.instructions ?? null,
      // A store each night would be a strange default.
      output_behavior: rest.output_behavior?.type ?? ('update_existing' as const),
      cron: rest.schedule ?? null,
      threshold: rest.threshold ?? null,
    }
    const of = memory_store_id === undefined ? { agent: agent! } : { memory_store_id }
    return c.json(wireSchedule(await c.var.engine.createSchedule({ ...wanted, ...of }, c.var.actor)), 200)
  })
  .openapi(list, async (c) => {
    const { limit, page, ...filter } = c.req.valid('query')
    const { 'created_at[gte]': since, 'created_at[lte]': until, ...wanted } = filter
    const times = { since: instant(since), until: instant(until) }
    const found = await pageOfList({ name: 'dream_schedules', filter, page }, (page) =>
      c.var.engine.schedules({ ...wanted, ...times, limit, page }),
    )
    return c.json({ ...found, data: found.data.map(wireSchedule) }, 200)
  })
  .openapi(retrieve, async (c) => {
    return c.json(wireSchedule(await c.var.engine.schedule(c.req.valid('param').schedule_id)), 200)
  })
  .openapi(update, async (c) => {
    const { schedule_id } = c.req.valid('param')
    const { metadata, output_behavior, schedule, ...given } = c.req.valid('json')
    const before = await c.var.engine.schedule(schedule_id)
    checkTarget(output_behavior, before.memory_store_id)
    const change: ScheduleChange = {
      ...given,
      ...(output_behavior && { output_behavior: output_behavior.type }),
      ...(schedule !== undefined && { cron: schedule }),
      ...(metadata && { metadata: patched(before.metadata, metadata) }),
    }
    return c.json(wireSchedule(await c.var.engine.changeSchedule(schedule_id, change, c.var.actor)), 200)
  })
  .openapi(act('archive', 'Archive a schedule, for good'), async (c) => {
    const { schedule_id } = c.req.valid('param')
    return c.json(wireSchedule(await c.var.engine.archiveSchedule(schedule_id, c.var.actor)), 200)
  })
  .openapi(act('pause', 'Pause a schedule'), async (c) => {
    const { schedule_id } = c.req.valid('param')
    return c.json(wireSchedule(await c.var.engine.pauseSchedule(schedule_id, c.var.actor)), 200)
  })
  .openapi(act('unpause', 'Let a schedule go on, with the next time to come'), async (c) => {
    const { schedule_id } = c.req.valid('param')
    return c.json(wireSchedule(await c.var.engine.unpauseSchedule(schedule_id, c.var.actor)), 200)
  })
  .openapi(run, async (c) => {
    const { schedule_id } = c.req.valid('param')
    return c.json(wireRun(await c.var.engine.runSchedule(schedule_id, c.var.actor)), 200)
  })
  .openapi(listRuns, async (c) => {
    const { limit, page, ...filter } = c.req.valid('query')
    const { schedule_id, has_error, trigger_type } = filter
    const times = {
      after: instant(filter['created_at[gt]']),
      since: instant(filter['created_at[gte]']),
      earlier: instant(filter['created_at[lt]']),
      until: instant(filter['created_at[lte]']),
    }
    const found = await pageOfList({ name: 'dream_schedule_runs', filter, page }, (page) =>
      c.var.engine.scheduleRuns({ schedule_id, has_error, trigger_type, ...times, limit, page }),
    )
    return c.json({ ...found, data: found.data.map(wireRun) }, 200)
  })
  .openapi(retrieveRun, async (c) => {
    return c.json(wireRun(await c.var.engine.scheduleRun(c.req.valid('param').run_id)), 200)
  })

/** `update_existing` names the store that is dreamed of, where it names one. */
function checkTarget(behavior: z.infer<typeof Behavior> | undefined, store: string | undefined): void {
  if (behavior?.type !== 'update_existing' || behavior.memory_store_id === undefined) return
  if (behavior.memory_store_id === store) return
  throw new EngineError(
    'invalid_request_error',
    'output_behavior.memory_store_id: it is not the memory store of the schedule',
    { hint: 'leave it out, or give the memory_store_id of the schedule' },
  )
}

function wireSchedule(schedule: ShownSchedule): z.infer<typeof WireSchedule> {
  const { cron, threshold, output_behavior, paused_reason, ...it } = schedule
  const { active_since, created_by, upcoming_runs_at, ...rest } = it
  return {
    type: 'dream_schedule',
    ...rest,
    output_behavior: wireBehavior(output_behavior, it.memory_store_id),
    schedule: cron && { type: 'cron', ...cron, last_run_at: it.last_run_at, upcoming_runs_at },
    threshold: threshold && { type: 'threshold', ...threshold },
    status: paused_reason === null ? 'active' : 'paused',
    paused_reason,
  }
}

function wireRun({ trigger, ...run }: ScheduleRun): z.infer<typeof WireRun> {
  return { type: 'dream_schedule_run', ...run, trigger_context: trigger }
}
