/** Deliveries of webhooks: one job each, which tries until it is taken, is refused for good, or was tried often enough. */
import type { Database, Transaction } from '../db/database.ts'
import {
  beginAttempt,
  findDelivery,
  findWebhook,
  forgetDeliveries,
  lastEnds,
  recordAttempt,
  secretsOf,
  updateWebhook,
} from '../db/webhooks.ts'
import { ownWorkspace } from '../db/workspaces.ts'
import { EngineError } from '../domain/error.ts'
import { webhookReach } from '../domain/residency.ts'
import { nextAttempt, payloadOf, signedWith, type Webhook, type WebhookDelivery } from '../domain/webhook.ts'
import { type Job, NotYet, type Port } from '../jobs/port.ts'
import type { Opened } from './opened.ts'
import { type Answer, postWebhook, type Resolve, resolveByDns } from './webhook-post.ts'

/** A receiver that took none of so many in a row, in so long, is asked no more. */
const FAILURES = 10
const FAILING_MS = 3 * 24 * 60 * 60 * 1_000

/** How long a delivery that ended is kept. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1_000

/**
 * One attempt of a delivery. At least one arrives where the receiver answers at all: a process that dies after sending sends
 * again, under the same id.
 *
 * Throws `NotYet` where there is to be another attempt.
 */
export async function deliver(
  { db, now, allows_private_webhooks = false }: Opened,
  job: Job,
  port: Pick<Port, 'signal'>,
  resolve: Resolve = resolveByDns,
): Promise<void> {
  const { webhook_id, delivery_id } = job.payload as { webhook_id: string; delivery_id: string }
  const delivery = await findDelivery(db, webhook_id, delivery_id)
  const webhook = await findWebhook(db, webhook_id)
  if (!webhook || delivery?.status !== 'pending') return

  await beginAttempt(db, delivery)
  const how = { resolve, signal: port.signal, allows_private: allows_private_webhooks }
  const answer = await send(db, webhook, delivery, now(), how)
  // Of an attempt that this server broke off nothing is known; the job is run again.
  if ('error' in answer) port.signal.throwIfAborted()
  const due_at = await record(db, webhook, { ...delivery, attempts: delivery.attempts + 1 }, answer, now())
  if (due_at !== null) throw new NotYet(due_at, 'the webhook was not taken')
}

async function send(
  db: Database,
  webhook: Webhook,
  delivery: WebhookDelivery,
  at: Date,
  how: { resolve: Resolve; signal: AbortSignal; allows_private: boolean },
): Promise<Answer> {
  const workspace = await ownWorkspace(db)
  const body = payloadOf(delivery, workspace.id)
  const headers = signedWith(await secretsOf(db, webhook.id, at), delivery.id, body, at)
  try {
    const reach = webhookReach(workspace, webhook.url, how.allows_private)
    return await postWebhook(new URL(webhook.url), { headers, body }, reach, how)
  } catch (error) {
    // What the workspace or the server allows may have changed since the webhook was made, and may change again.
    if (error instanceof EngineError) return { error: error.message }
    throw error
  }
}

/** Writes down what an attempt came to; gives when the next one is due, null where there is none. */
async function record(
  db: Database,
  webhook: Webhook,
  delivery: WebhookDelivery,
  answer: Answer,
  now: Date,
): Promise<Date | null> {
  const status = 'status' in answer ? answer.status : null
  const at = now.toISOString()
  const refusal = status === 410 ? 'gone' : isRedirect(status) ? 'redirect' : null
  const is_taken = status !== null && status >= 200 && status < 300
  const due_at = is_taken || refusal !== null ? null : nextAttempt(delivery.attempts, now)
  const became = is_taken ? 'completed' : due_at === null ? 'failed' : 'pending'
  await db.transaction().execute(async (tx) => {
    await recordAttempt(tx, delivery, {
      status: became,
      response_status: status,
      error: is_taken ? null : 'error' in answer ? answer.error : `it answered ${status}`,
      next_attempt_at: due_at?.toISOString() ?? null,
      ended_at: due_at === null ? at : null,
    })
    const disabled_reason =
      refusal ?? (became === 'failed' && (await isFailing(tx, webhook, now)) ? 'failing' : null)
    if (disabled_reason !== null)
      await updateWebhook(
        tx,
        webhook.id,
        { status: 'disabled', disabled_reason },
        { actor: 'server', at, reason: REASONS[disabled_reason] },
      )
    await forgetDeliveries(tx, new Date(now.getTime() - KEPT_MS).toISOString())
  })
  return due_at
}

const REASONS = {
  gone: 'the receiver answered that it is gone',
  redirect: 'the receiver answered with another address',
  failing: `the receiver took none of ${FAILURES} messages in a row`,
}

/** What failed before somebody changed the webhook does not count: that may be what was wrong with it. */
async function isFailing(tx: Transaction, { id, updated_at }: Webhook, now: Date): Promise<boolean> {
  const lately = new Date(now.getTime() - FAILING_MS).toISOString()
  const since = lately > updated_at ? lately : updated_at
  const ends = await lastEnds(tx, id, { since, limit: FAILURES })
  return ends.length === FAILURES && ends.every((it) => it === 'failed')
}

function isRedirect(status: number | null): boolean {
  return status !== null && status >= 300 && status < 400
}
