/** Webhooks of this workspace, and what they are to be told. */
import { randomId } from '../domain/id.ts'
import type { Actor } from '../domain/memory.ts'
import type { Place } from '../domain/page.ts'
import type { Webhook, WebhookDelivery, WebhookEventType } from '../domain/webhook.ts'
import { appendAudit } from './audit.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { enqueue } from './jobs.ts'

export type Announcement = {
  type: WebhookEventType
  /** Of what it happened to. */
  id: string
  /** How many changes wait for a decision. */
  changes?: number
  now: Date
}

/**
 * Tells every webhook that wants to know: one delivery each, with the job that makes it. Called in the transaction that the event
 * happens in, so that what is told has happened, and what has happened is told.
 */
export async function announce(tx: Transaction, { type, id, changes, now }: Announcement): Promise<void> {
  const enabled = await webhooks(tx).where('status', '=', 'enabled').execute()
  const wanting = enabled.map(asWebhook).filter((it) => it.events.includes(type))
  const event_id = randomId('whe')
  for (const it of wanting)
    await insertDelivery(tx, {
      ...{ id: event_id, webhook_id: it.id, event_type: type, object_id: id },
      ...{ changes: changes ?? null, now },
    })
}

/** An event that did not happen, for whoever sets a webhook up; told whether it is enabled or not. */
export async function announceTest(tx: Transaction, webhook_id: string, now: Date): Promise<WebhookDelivery> {
  const id = randomId('whe')
  const event = { id, webhook_id, event_type: 'webhook.test', object_id: webhook_id, changes: null } as const
  await insertDelivery(tx, { ...event, now })
  return (await findDelivery(tx, webhook_id, id))!
}

type NewDelivery = Pick<WebhookDelivery, 'id' | 'webhook_id' | 'event_type' | 'object_id' | 'changes'> & {
  now: Date
}

async function insertDelivery(tx: Transaction, { now, ...event }: NewDelivery): Promise<void> {
  const at = now.toISOString()
  const times = { created_at: at, next_attempt_at: at }
  await tx
    .insertInto('webhook_delivery')
    .values({ ...event, ...times, status: 'pending' })
    .execute()
  const { webhook_id, id } = event
  await enqueue(tx, {
    id: `webhook:${webhook_id}:${id}`,
    kind: 'webhook',
    payload: { webhook_id, delivery_id: id },
    now,
  })
}

export async function insertWebhook(
  tx: Transaction,
  wanted: Pick<Webhook, 'url' | 'events' | 'description'> & { secret: string },
  by: { actor: Actor; at: string },
): Promise<Webhook> {
  const { secret, ...named } = wanted
  const made: Webhook = {
    ...{ id: randomId('whep'), ...named, status: 'enabled', disabled_reason: null },
    ...{ created_at: by.at, created_by: by.actor, updated_at: by.at },
  }
  await tx
    .insertInto('webhook')
    .values({ ...made, workspace_id: OWN_WORKSPACE, events: JSON.stringify(made.events), secret })
    .execute()
  await note(tx, made.id, 'webhook.created', 'a person made a webhook', by)
  return made
}

/** Newest first. */
export async function listWebhooks(db: Database | Transaction): Promise<Webhook[]> {
  const rows = await webhooks(db).orderBy('created_at', 'desc').orderBy('id', 'desc').execute()
  return rows.map(asWebhook)
}

export async function findWebhook(db: Database | Transaction, id: string): Promise<Webhook | undefined> {
  const row = await webhooks(db).where('id', '=', id).executeTakeFirst()
  return row && asWebhook(row)
}

/** What a delivery is signed with now: the secret, and the one before where that still counts. */
export async function secretsOf(db: Database, id: string, now: Date): Promise<string[]> {
  const row = await db
    .selectFrom('webhook')
    .select(['secret', 'previous_secret', 'previous_secret_until'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const { secret, previous_secret, previous_secret_until } = row
  const still_counts = previous_secret_until !== null && previous_secret_until > now.toISOString()
  return still_counts ? [secret, previous_secret!] : [secret]
}

/** Writes what is given in the place of what was there. One that is disabled gets no more attempts. */
export async function updateWebhook(
  tx: Transaction,
  id: string,
  change: Partial<Pick<Webhook, 'url' | 'events' | 'description' | 'status' | 'disabled_reason'>>,
  by: { actor: Actor | 'server'; at: string; reason: string },
): Promise<void> {
  const { events, ...rest } = change
  await tx
    .updateTable('webhook')
    .set({ ...rest, ...(events && { events: JSON.stringify(events) }), updated_at: by.at })
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('id', '=', id)
    .execute()
  if (change.status === 'disabled') {
    const ended = { status: 'canceled', next_attempt_at: null, ended_at: by.at }
    await tx
      .updateTable('webhook_delivery')
      .set({ ...ended, error: 'the webhook was disabled' })
      .where('webhook_id', '=', id)
      .where('status', '=', 'pending')
      .execute()
  }
  await note(tx, id, 'webhook.changed', by.reason, by)
}

/** The old secret signs beside the new one until `until`, so that no receiver refuses what is under way. */
export async function replaceSecret(
  tx: Transaction,
  id: string,
  { secret, until }: { secret: string; until: string },
  by: { actor: Actor; at: string },
): Promise<void> {
  await tx
    .updateTable('webhook')
    .set((eb) => ({
      ...{ secret, previous_secret: eb.ref('secret') },
      ...{ previous_secret_until: until, updated_at: by.at },
    }))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('id', '=', id)
    .execute()
  await note(tx, id, 'webhook.changed', 'a person replaced its secret', by)
}

/** The webhook and all that is known of what it was told. */
export async function deleteWebhook(
  tx: Transaction,
  id: string,
  by: { actor: Actor; at: string },
): Promise<void> {
  await tx.deleteFrom('webhook_delivery').where('webhook_id', '=', id).execute()
  await tx.deleteFrom('webhook').where('workspace_id', '=', OWN_WORKSPACE).where('id', '=', id).execute()
  await note(tx, id, 'webhook.deleted', 'a person deleted a webhook', by)
}

/** Newest first, those before `before`. */
export async function listDeliveries(
  db: Database,
  webhook_id: string,
  { before, limit }: { before?: Place; limit: number },
): Promise<WebhookDelivery[]> {
  const rows = await deliveries(db)
    .where('webhook_id', '=', webhook_id)
    .$if(before !== undefined, (it) =>
      it.where((eb) =>
        eb(
          eb.refTuple('webhook_delivery.created_at', 'webhook_delivery.id'),
          '<',
          eb.tuple(before!.created_at, before!.id),
        ),
      ),
    )
    .orderBy('webhook_delivery.created_at', 'desc')
    .orderBy('webhook_delivery.id', 'desc')
    .limit(limit)
    .execute()
  return rows as WebhookDelivery[]
}

export async function findDelivery(
  db: Database | Transaction,
  webhook_id: string,
  id: string,
): Promise<WebhookDelivery | undefined> {
  const row = await deliveries(db)
    .where('webhook_id', '=', webhook_id)
    .where('webhook_delivery.id', '=', id)
    .executeTakeFirst()
  return row as WebhookDelivery | undefined
}

/** Counts an attempt before it is made, so that one whose process dies counts too. */
export async function beginAttempt(db: Database, { webhook_id, id }: WebhookDelivery): Promise<void> {
  await db
    .updateTable('webhook_delivery')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('webhook_id', '=', webhook_id)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()
}

/** What an attempt came to. A delivery that has ended stays as it is. */
export async function recordAttempt(
  tx: Transaction,
  { webhook_id, id }: WebhookDelivery,
  result: Pick<WebhookDelivery, 'status' | 'response_status' | 'error' | 'next_attempt_at' | 'ended_at'>,
): Promise<void> {
  await tx
    .updateTable('webhook_delivery')
    .set(result)
    .where('webhook_id', '=', webhook_id)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()
}

/** What became of the deliveries that were last tried to their end, since then; the latest first. */
export async function lastEnds(
  tx: Transaction,
  webhook_id: string,
  { since, limit }: { since: string; limit: number },
): Promise<WebhookDelivery['status'][]> {
  const rows = await deliveries(tx)
    .where('webhook_id', '=', webhook_id)
    .where('webhook_delivery.status', 'in', ['completed', 'failed'])
    .where('ended_at', '>', since)
    .orderBy('ended_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((it) => it.status as WebhookDelivery['status'])
}

/** Forgets what ended before that time. */
export async function forgetDeliveries(tx: Transaction, before: string): Promise<void> {
  const own = tx.selectFrom('webhook').select('id').where('workspace_id', '=', OWN_WORKSPACE)
  await tx
    .deleteFrom('webhook_delivery')
    .where('ended_at', '<', before)
    .where('webhook_id', 'in', own)
    .execute()
}

async function note(
  tx: Transaction,
  object: string,
  action: 'webhook.created' | 'webhook.changed' | 'webhook.deleted',
  reason: string,
  { actor, at }: { actor: Actor | 'server'; at: string },
): Promise<void> {
  await appendAudit(tx, { at, actor, action, object, before_sha256: null, after_sha256: null, reason })
}

function webhooks(db: Database | Transaction) {
  return db
    .selectFrom('webhook')
    .select(['id', 'url', 'events', 'description', 'status', 'disabled_reason'])
    .select(['created_at', 'created_by', 'updated_at'])
    .where('workspace_id', '=', OWN_WORKSPACE)
}

function asWebhook(row: Record<string, unknown> & { events: string }): Webhook {
  return { ...row, events: JSON.parse(row.events) } as Webhook
}

function deliveries(db: Database | Transaction) {
  return db
    .selectFrom('webhook_delivery')
    .innerJoin('webhook', 'webhook.id', 'webhook_delivery.webhook_id')
    .selectAll('webhook_delivery')
    .where('webhook.workspace_id', '=', OWN_WORKSPACE)
}
