/** Webhooks: who wants to be told what happens here, and what became of it. */
import {
  announceTest,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listDeliveries,
  listWebhooks,
  replaceSecret,
  updateWebhook,
} from '../db/webhooks.ts'
import { ownWorkspace } from '../db/workspaces.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor } from '../domain/memory.ts'
import { type Page, type PageRequest, pageByTime, pageOf } from '../domain/page.ts'
import { webhookReach } from '../domain/residency.ts'
import {
  newWebhookSecret,
  type Webhook,
  type WebhookDelivery,
  type WebhookEventType,
} from '../domain/webhook.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'

export type WebhookWanted = { url: string; events: WebhookEventType[]; description: string }

/** What an update gives takes the place of what was there; what it does not give stays. */
export type WebhookChange = Partial<WebhookWanted> & { status?: Webhook['status'] }

const MOST = 100
/** How long the old secret signs beside a new one. */
const OVERLAP_MS = 24 * 60 * 60 * 1_000

export function webhooksOf({ db, now, allows_private_webhooks = false }: Opened) {
  return {
    /**
     * A new webhook, and its secret, which is told this once. Throws `invalid_request_error` for a URL that nothing is sent to,
     * `permission_error` for one that the workspace does not allow.
     */
    async createWebhook(wanted: WebhookWanted, as: Actor): Promise<{ webhook: Webhook; secret: string }> {
      await checkUrl(wanted.url)
      const secret = newWebhookSecret()
      const events = [...new Set(wanted.events)]
      const webhook = await db.transaction().execute(async (tx) => {
        if ((await listWebhooks(tx)).length >= MOST)
          throw new EngineError('invalid_request_error', `there are ${MOST} webhooks already`, {
            hint: 'delete one that is no longer needed',
          })
        return insertWebhook(tx, { ...wanted, events, secret }, by(as))
      })
      return { webhook, secret }
    },

    /** Newest first. */
    async webhooks(page: PageRequest = {}): Promise<Page<Webhook>> {
      return pageOf(await listWebhooks(db), page)
    },

    /** Throws `not_found_error` where there is none of that id. */
    webhook: oneWebhook,

    /** Throws like `createWebhook`, and `not_found_error`. */
    async changeWebhook(id: string, change: WebhookChange, as: Actor): Promise<Webhook> {
      const before = await oneWebhook(id)
      if (change.url !== undefined) await checkUrl(change.url)
      const { status, events, ...rest } = change
      const switched = status === undefined || status === before.status ? {} : switchedTo(status)
      const wanted = { ...rest, ...(events && { events: [...new Set(events)] }), ...switched }
      await db
        .transaction()
        .execute((tx) => updateWebhook(tx, id, wanted, { ...by(as), reason: 'a person changed a webhook' }))
      return oneWebhook(id)
    },

    /** Nothing is sent to it from now on, and nothing is known of what was. Throws `not_found_error`. */
    async deleteWebhook(id: string, as: Actor): Promise<void> {
      await oneWebhook(id)
      await db.transaction().execute((tx) => deleteWebhook(tx, id, by(as)))
    },

    /** Sends it an event that says only that it is one for trying. Throws `not_found_error`. */
    async testWebhook(id: string): Promise<WebhookDelivery> {
      const { status } = await oneWebhook(id)
      if (status === 'disabled')
        throw new EngineError('invalid_request_error', `the webhook ${id} is disabled`, {
          hint: 'enable it first: update it with status enabled',
        })
      return db.transaction().execute((tx) => announceTest(tx, id, now()))
    },

    /** A new secret, told this once; for a day the old one signs beside it. Throws `not_found_error`. */
    async replaceWebhookSecret(id: string, as: Actor): Promise<{ webhook: Webhook; secret: string }> {
      await oneWebhook(id)
      const secret = newWebhookSecret()
      const until = new Date(now().getTime() + OVERLAP_MS).toISOString()
      await db.transaction().execute((tx) => replaceSecret(tx, id, { secret, until }, by(as)))
      return { webhook: await oneWebhook(id), secret }
    },

    /** What a webhook was told, newest first. Throws `not_found_error`. */
    async webhookDeliveries(id: string, page: PageRequest = {}): Promise<Page<WebhookDelivery>> {
      await oneWebhook(id)
      return pageByTime(page, (before, limit) => listDeliveries(db, id, { before, limit }))
    },
  }

  async function oneWebhook(id: string): Promise<Webhook> {
    const found = await findWebhook(db, id)
    if (!found) throw notFound('webhook', id, 'list the webhooks of this workspace')
    return found
  }

  async function checkUrl(url: string): Promise<void> {
    webhookReach(await ownWorkspace(db), url, allows_private_webhooks)
  }

  function by(actor: Actor) {
    return { actor, at: now().toISOString() }
  }
}

function switchedTo(status: Webhook['status']): Pick<Webhook, 'status' | 'disabled_reason'> {
  return { status, disabled_reason: status === 'disabled' ? 'manual' : null }
}
