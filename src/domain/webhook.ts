/**
 * Webhooks: whoever wants to be told that something happened here, and how they know that it was us.
 *
 * What is sent names ids and nothing else, signed after Standard Webhooks (https://www.standardwebhooks.com), so that
 * `client.beta.webhooks.unwrap` of Anthropic's SDKs reads it.
 */
import { randomBytes } from 'node:crypto'
import { Webhook as Signer } from 'standardwebhooks'
import { z } from 'zod'
import { Status } from './status.ts'

/** What can be told of. Of a dream that has changes waiting one word is said, with how many there are. */
export const WebhookEventType = z.enum([
  'dream.started',
  'dream.completed',
  'dream.failed',
  'dream.canceled',
  'change.awaiting_decision',
  'lesson.disputed',
])
export type WebhookEventType = z.infer<typeof WebhookEventType>

export const Webhook = z.object({
  id: z.string().startsWith('whep_'),
  url: z.string(),
  events: z.array(WebhookEventType),
  description: z.string(),
  status: z.enum(['enabled', 'disabled']),
  /** Why it is disabled: a person did it, the receiver is gone for good (410), sent us elsewhere, or took nothing for long. */
  disabled_reason: z.enum(['manual', 'gone', 'redirect', 'failing']).nullable(),
  created_at: z.string(),
  created_by: z.string(),
  updated_at: z.string(),
})
export type Webhook = z.infer<typeof Webhook>

/** What happened, for one webhook. Its id is the same at every attempt, and at every webhook that is told of it. */
export const WebhookDelivery = z.object({
  id: z.string().startsWith('whe_'),
  webhook_id: z.string(),
  event_type: z.union([WebhookEventType, z.literal('webhook.test')]),
  /** Of the dream, the lesson or the webhook it tells of. */
  object_id: z.string(),
  /** How many changes wait; null where that is not what it tells. */
  changes: z.number().int().nullable(),
  status: Status,
  attempts: z.number().int(),
  /** Of the last attempt; null where nothing was answered. */
  response_status: z.number().int().nullable(),
  /** Why the last attempt failed, in words of ours; null where it did not. */
  error: z.string().nullable(),
  /** Null where there is none to come. */
  next_attempt_at: z.string().nullable(),
  created_at: z.string(),
  ended_at: z.string().nullable(),
})
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

/** A server is one organization; the wire wants its name. */
const ORGANIZATION = 'org_000000000000000000000000'

/** The body of a delivery: the same bytes at every attempt. */
export function payloadOf(delivery: WebhookDelivery, workspace_id: string): string {
  const { id, event_type, object_id, changes, created_at } = delivery
  const data = { type: event_type, id: object_id, organization_id: ORGANIZATION, workspace_id }
  return JSON.stringify({
    type: 'event',
    id,
    created_at,
    data: changes === null ? data : { ...data, changes },
  })
}

/** The headers that show that a body is ours, and when it was sent; one signature for each secret. */
export function signedWith(secrets: string[], id: string, body: string, at: Date): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((it) => new Signer(it).sign(id, at, body)).join(' '),
  }
}

export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long after each attempt the next one is made: eight attempts within a day. */
const WAITS_MS = [5 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 15 * HOUR]

/** When to try again after that many attempts; null when it was tried often enough. */
export function nextAttempt(attempts: number, now: Date): Date | null {
  const wait = WAITS_MS[attempts - 1]
  return wait === undefined ? null : new Date(now.getTime() + wait)
}
