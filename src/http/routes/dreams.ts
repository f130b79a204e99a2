import { z } from '@hono/zod-openapi'
import { mustBe } from '../../domain/api-key.ts'
import { DreamErrorType, type RequestedDream } from '../../domain/dream.ts'
import { EngineError } from '../../domain/error.ts'
import { Spending } from '../../domain/spending.ts'
import { Status } from '../../domain/status.ts'
import { NO_USAGE, sumOfUsage, Usage } from '../../domain/usage.ts'
import { DreamModelParam, Instructions, WireBehavior, wireBehavior } from '../dream-config.ts'
import { onceOf } from '../once.ts'
import { pageOfList } from '../paging.ts'
import { body, Flag, instant, List, paging, route, routes, several, Time } from '../wire.ts'

const StoreInput = z.strictObject({ type: z.literal('memory_store'), memory_store_id: z.string().min(1) })
const SessionsInput = z.strictObject({
  type: z.literal('sessions'),
  session_ids: z
    .array(z.string().min(1))
    .min(1)
    .max(100)
    .refine((it) => new Set(it).size === it.length, { error: 'each session once' }),
})

const WireDream = z
  .object({
    type: z.literal('dream'),
    id: z.string(),
    status: Status,
    inputs: z.array(
      z.union([
        z.object({ type: z.literal('memory_store'), memory_store_id: z.string() }),
        z.object({ type: z.literal('sessions'), session_ids: z.array(z.string()) }),
      ]),
    ),
    outputs: z.array(z.object({ type: z.literal('memory_store'), memory_store_id: z.string() })),
    model: z.object({ id: z.string(), speed: z.literal('standard') }),
    instructions: z.string().nullable(),
    output_behavior: WireBehavior,
    session_id: z.string().nullable(),
    created_at: Time,
    ended_at: Time.nullable(),
    archived_at: Time.nullable(),
    usage: Usage,
    error: z.object({ type: DreamErrorType, message: z.string() }).nullable(),
  })
  .openapi('Dream')

const tag = 'Dreams'
const params = z.object({ dream_id: z.string() })

const create = route({
  tag,
  role: 'writer',
  method: 'post',
  path: '/v1/dreams',
  summary: 'Start a dream',
  description:
    'One memory store and 1 to 100 sessions, in any order. `update_existing` writes into the store, which takes a reviewer. Which language model the id in `model` stands for says `models.yaml` of the server, and `usage` what it took; where there is no such file, any id is taken and no model is asked.',
  request: {
    body: body(
      z.strictObject({
        inputs: z.array(
          z.discriminatedUnion('type', [StoreInput, SessionsInput], {
            error: 'an input is of type memory_store or sessions',
          }),
        ),
        model: DreamModelParam,
        instructions: Instructions.nullish(),
        output_behavior: WireBehavior.optional(),
      }),
    ),
  },
  answer: WireDream,
})

const list = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/dreams',
  summary: 'List dreams, newest first',
  request: {
    query: z.strictObject({
      ...paging({ usual: 20, most: 100 }),
      'statuses[]': several(Status),
      'created_at[gt]': Time.optional(),
      'created_at[lt]': Time.optional(),
      include_archived: Flag.optional(),
    }),
  },
  answer: List(WireDream),
})

const retrieve = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/dreams/{dream_id}',
  summary: 'Retrieve a dream',
  request: { params },
  answer: WireDream,
})

const spending = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/dreams/{dream_id}/spending',
  summary: 'What a dream asked of language models, and what that came to',
  description:
    'By stage, provider and model, beside what was reckoned before and the budget. `spending` is null where no model is asked, and of a dream that has not begun to.',
  request: { params },
  answer: z
    .object({ type: z.literal('dream_spending'), dream_id: z.string(), spending: Spending.nullable() })
    .openapi('DreamSpending'),
})

const cancel = route({
  tag,
  role: 'writer',
  method: 'post',
  path: '/v1/dreams/{dream_id}/cancel',
  summary: 'Cancel a dream that waits or runs',
  request: { params },
  answer: WireDream,
})

const archive = route({
  tag,
  role: 'writer',
  method: 'post',
  path: '/v1/dreams/{dream_id}/archive',
  summary: 'Archive a dream that has ended',
  request: { params },
  answer: WireDream,
})

export const dreams = routes()
  .openapi(create, async (c) => {
    const { inputs, model, instructions = null, output_behavior } = c.req.valid('json')
    const { memory_store_id, session_ids } = inputsOf(inputs)
    if (output_behavior?.type === 'update_existing') {
      mustBe('reviewer', c.var.key)
      if (output_behavior.memory_store_id !== memory_store_id)
        throw new EngineError(
          'invalid_request_error',
          'output_behavior.memory_store_id: a dream updates the memory store that it reads',
          { hint: 'give the id of the memory_store input, or leave output_behavior out for a new store' },
        )
    }
    const wanted = {
      ...{ memory_store_id, session_ids, model, instructions },
      output_behavior: output_behavior?.type ?? ('create_new' as const),
    }
    const is_retry = Number(c.req.header('x-stainless-retry-count') ?? 0) > 0
    const how = { once: await onceOf(c), is_retry }
    return c.json(wireDream(await c.var.engine.requestDream(wanted, c.var.actor, how)), 200)
  })
  .openapi(list, async (c) => {
    const { limit, page, ...filter } = c.req.valid('query')
    const { 'statuses[]': statuses, include_archived = false } = filter
    const [created_after, created_before] = [
      instant(filter['created_at[gt]']),
      instant(filter['created_at[lt]']),
    ]
    const asked = {
      include_archived,
      ...(statuses && { statuses }),
      ...(created_after !== undefined && { created_after }),
      ...(created_before !== undefined && { created_before }),
    }
    const found = await pageOfList({ name: 'dreams', filter, page }, (page) =>
      c.var.engine.requestedDreams({ ...asked, limit, page }),
    )
    return c.json({ ...found, data: found.data.map(wireDream) }, 200)
  })
  .openapi(retrieve, async (c) => {
    return c.json(wireDream(await c.var.engine.requestedDream(c.req.valid('param').dream_id)), 200)
  })
  .openapi(spending, async (c) => {
    const { id, spending } = await c.var.engine.requestedDream(c.req.valid('param').dream_id)
    return c.json({ type: 'dream_spending' as const, dream_id: id, spending }, 200)
  })
  .openapi(cancel, async (c) => {
    const { dream_id } = c.req.valid('param')
    return c.json(wireDream(await c.var.engine.cancelDream(dream_id, c.var.actor)), 200)
  })
  .openapi(archive, async (c) => {
    const { dream_id } = c.req.valid('param')
    return c.json(wireDream(await c.var.engine.archiveDream(dream_id, c.var.actor)), 200)
  })

type Inputs = (z.infer<typeof StoreInput> | z.infer<typeof SessionsInput>)[]

function inputsOf(inputs: Inputs): { memory_store_id: string; session_ids: string[] } {
  const [store, ...stores] = inputs.filter((it) => it.type === 'memory_store')
  const [sessions, ...more] = inputs.filter((it) => it.type === 'sessions')
  if (store && sessions && stores.length + more.length === 0)
    return { memory_store_id: store.memory_store_id, session_ids: sessions.session_ids }
  throw new EngineError(
    'invalid_request_error',
    'inputs: exactly one of type memory_store and exactly one of type sessions',
  )
}

function wireDream(it: RequestedDream) {
  return {
    type: 'dream' as const,
    id: it.id,
    status: it.status,
    inputs: [
      { type: 'memory_store' as const, memory_store_id: it.memory_store_id },
      { type: 'sessions' as const, session_ids: it.session_ids },
    ],
    outputs:
      it.output_store_id === null
        ? []
        : [{ type: 'memory_store' as const, memory_store_id: it.output_store_id }],
    model: it.model,
    instructions: it.instructions,
    output_behavior: wireBehavior(it.output_behavior, it.memory_store_id),
    session_id: it.recording_id,
    created_at: it.created_at,
    ended_at: it.ended_at,
    archived_at: it.archived_at,
    usage: usageOf(it),
    error: it.error && { type: wireErrorOf(it.error.type), message: it.error.message },
  }
}

/** Of all that it asked; nothing without a model, and until it has ended. */
function usageOf({ spending }: RequestedDream): Usage {
  return (spending?.uses ?? []).map((it) => it.usage).reduce(sumOfUsage, NO_USAGE)
}

/** A dream of the command line may have failed of what the wire has no word for. */
function wireErrorOf(type: string): DreamErrorType {
  return DreamErrorType.safeParse(type).data ?? 'internal_error'
}
