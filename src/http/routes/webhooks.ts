import { z } from '@hono/zod-openapi'
import { Webhook, type WebhookDelivery, WebhookEventType } from '../../domain/webhook.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

const WireWebhook = z
  .object({
    type: z.literal('webhook'),
    id: z.string(),
    url: z.string(),
    events: z.array(WebhookEventType),
    description: z.string(),
    status: z.enum(['enabled', 'disabled']),
    disabled_reason: Webhook.shape.disabled_reason,
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Webhook')

const WithSecret = WireWebhook.extend({ secret: z.string() }).openapi('WebhookWithSecret')

const Delivery = z
  .object({
    type: z.literal('webhook_delivery'),
    id: z.string(),
    webhook_id: z.string(),
    event_type: z.string(),
    object_id: z.string(),
    status: z.enum(['pending', 'completed', 'failed', 'canceled']),
    attempts: z.number().int(),
    response_status: z.number().int().nullable(),
    error: z.string().nullable(),
    next_attempt_at: Time.nullable(),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('WebhookDelivery')

const Url = z.string().min(1).max(2_048)
const Events = z.array(WebhookEventType).min(1).max(50)
const Description = z.string().max(1_024)

const declared = { tag: 'Webhooks', role: 'admin' } as const
const one = { params: z.object({ webhook_id: z.string() }) }

const create = route({
  ...declared,
  method: 'post',
  path: '/v1/webhooks',
  summary: 'Create a webhook; its secret is shown this once',
  request: {
    body: body(
      z.strictObject({
        url: Url,
        events: Events,
        description: Description.nullish().transform((it) => it ?? ''),
      }),
    ),
  },
  answer: WithSecret,
})

const list = route({
  ...declared,
  method: 'get',
  path: '/v1/webhooks',
  summary: 'List webhooks, newest first',
  request: { query: z.strictObject(paging({ usual: 20, most: 100 })) },
  answer: List(WireWebhook),
})

const retrieve = route({
  ...declared,
  method: 'get',
  path: '/v1/webhooks/{webhook_id}',
  summary: 'Retrieve a webhook',
  request: one,
  answer: WireWebhook,
})

const update = route({
  ...declared,
  method: 'post',
  path: '/v1/webhooks/{webhook_id}',
  summary: 'Update a webhook; what is not given stays',
  request: {
    ...one,
    body: body(
      z.strictObject({
        url: Url.optional(),
        events: Events.optional(),
        description: Description.optional(),
        status: z.enum(['enabled', 'disabled']).optional(),
      }),
    ),
  },
  answer: WireWebhook,
})

const remove = route({
  ...declared,
  method: 'delete',
  path: '/v1/webhooks/{webhook_id}',
  summary: 'Delete a webhook and what is known of its deliveries',
  request: one,
  answer: z.object({ type: z.literal('webhook_deleted'), id: z.string() }),
})

const test = route({
  ...declared,
  method: 'post',
  path: '/v1/webhooks/{webhook_id}/test',
  summary: 'Send a webhook an event of the type webhook.test',
  request: one,
  answer: Delivery,
})

const rotate = route({
  ...declared,
  method: 'post',
  path: '/v1/webhooks/{webhook_id}/rotate_secret',
  summary: 'Give a webhook a new secret; the old one signs beside it for a day',
  request: one,
  answer: WithSecret,
})

const deliveries = route({
  ...declared,
  method: 'get',
  path: '/v1/webhooks/{webhook_id}/deliveries',
  summary: 'List what a webhook was told, newest first',
  request: { ...one, query: z.strictObject(paging({ usual: 20, most: 100 })) },
  answer: List(Delivery),
})

export const webhooks = routes()
  .openapi(create, async (c) => {
    const { webhook, secret } = await c.var.engine.createWebhook(c.req.valid('json'), c.var.actor)
    return c.json({ ...wireWebhook(webhook), secret }, 200)
  })
  .openapi(list, async (c) => {
    const { page, limit } = c.req.valid('query')
    const found = await pageOfList({ name: 'webhooks', filter: {}, page }, (page) =>
      c.var.engine.webhooks({ limit, page }),
    )
    return c.json({ ...found, data: found.data.map(wireWebhook) }, 200)
  })
  .openapi(retrieve, async (c) => {
    return c.json(wireWebhook(await c.var.engine.webhook(c.req.valid('param').webhook_id)), 200)
  })
  .openapi(update, async (c) => {
    const { webhook_id } = c.req.valid('param')
    const changed = await c.var.engine.changeWebhook(webhook_id, c.req.valid('json'), c.var.actor)
    return c.json(wireWebhook(changed), 200)
  })
  .openapi(remove, async (c) => {
    const { webhook_id: id } = c.req.valid('param')
    await c.var.engine.deleteWebhook(id, c.var.actor)
    return c.json({ type: 'webhook_deleted' as const, id }, 200)
  })
  .openapi(test, async (c) => {
    return c.json(wireDelivery(await c.var.engine.testWebhook(c.req.valid('param').webhook_id)), 200)
  })
  .openapi(rotate, async (c) => {
    const { webhook_id } = c.req.valid('param')
    const { webhook, secret } = await c.var.engine.replaceWebhookSecret(webhook_id, c.var.actor)
    return c.json({ ...wireWebhook(webhook), secret }, 200)
  })
  .openapi(deliveries, async (c) => {
    const { webhook_id } = c.req.valid('param')
    const { page, limit } = c.req.valid('query')
    const found = await pageOfList({ name: 'deliveries', filter: { webhook_id }, page }, (page) =>
      c.var.engine.webhookDeliveries(webhook_id, { limit, page }),
    )
    return c.json({ ...found, data: found.data.map(wireDelivery) }, 200)
  })

function wireWebhook({ created_by, ...webhook }: Webhook) {
  return { type: 'webhook' as const, ...webhook }
}

function wireDelivery({ changes, ...delivery }: WebhookDelivery) {
  return { type: 'webhook_delivery' as const, ...delivery, status: delivery.status as 'pending' }
}
