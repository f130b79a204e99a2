/** API keys: made, listed, revoked, and told from what is none. */
import { insertApiKey, keyOfToken, listApiKeys, markUsed, revokeApiKey } from '../db/api-keys.ts'
import { listWorkspaces } from '../db/workspaces.ts'
import { type ApiKey, isUsable, mayActAs, type Role } from '../domain/api-key.ts'
import { EngineError } from '../domain/error.ts'
import { type Page, type PageRequest, pageOf, readCursor } from '../domain/page.ts'
import { notFound, theOne } from './find.ts'
import type { Opened } from './opened.ts'

export type NewKey = {
  name: string
  role: Role
  /** Name of the workspace it opens. */
  workspace: string
  /** RFC 3339; null for a key without an end. */
  expires_at: string | null
}

/** How often a key's last use is noted: a write for every request would be one too many. */
const NOTED_EVERY_MS = 60_000

/** How long a key is believed to be what it was. */
const BELIEVED_MS = 1_000
const MOST_BELIEVED = 1_000

export function keysOf({ db, now }: Opened) {
  const lately = new Map<string, { key: ApiKey; at: number }>()
  return {
    /** A new key, and the token, which is told this once and kept nowhere. */
    async createKey(wanted: NewKey, as: `user:${string}`): Promise<{ key: ApiKey; token: string }> {
      const at = now().toISOString()
      const { workspace, name, role, expires_at } = wanted
      if (name.trim() === '' || name.length > 100)
        throw new EngineError('invalid_request_error', 'the name of a key has 1 to 100 characters')
      if (expires_at !== null && expires_at <= at)
        throw new EngineError('invalid_request_error', `the key would have ended at ${expires_at}`, {
          hint: 'give a time to come',
        })
      const { id } = await workspaceCalled(workspace)
      return db
        .transaction()
        .execute((tx) => insertApiKey(tx, { workspace_id: id, name, role, expires_at }, { actor: as, at }))
    },

    /** Newest first; those of one workspace, by its name, or of all. */
    async keys(filter: { workspace?: string } & PageRequest = {}): Promise<Page<ApiKey>> {
      const { workspace } = filter
      const rows = await listApiKeys(
        db,
        workspace === undefined ? undefined : (await workspaceCalled(workspace)).id,
      )
      const place = (it: ApiKey) => `${it.created_at} ${it.id}`
      const after = readCursor(filter.page)
      return pageOf(after === null ? rows : rows.filter((it) => place(it) < after), filter, place)
    },

    /**
     * The key of that id, or of one that begins so, opens nothing from now on. Throws `not_found_error` where the workspace of that name
     * has none.
     */
    async revokeKey(
      { id, workspace }: { id: string; workspace: string },
      as: `user:${string}`,
    ): Promise<ApiKey> {
      const by = { actor: as, at: now().toISOString() }
      const { id: workspace_id } = await workspaceCalled(workspace)
      const revoked = await db.transaction().execute(async (tx) => {
        const like = (await listApiKeys(tx, workspace_id)).filter((it) => it.id.startsWith(id))
        return revokeApiKey(tx, theOne('key', id, like, '`reverie keys list` lists them'), by)
      })
      lately.clear()
      return revoked
    },

    /** Whether anybody could be let in, in any workspace, who may do all that a `least` may. */
    async hasKey(least: Role): Promise<boolean> {
      const at = now().toISOString()
      return (await listApiKeys(db)).some((it) => isUsable(it, at) && mayActAs(least, it))
    },

    /**
     * The key of that token. Throws `authentication_error` for what is no key, or none any more. One that another process revokes is
     * let in for a second longer.
     */
    async authenticate(token: string): Promise<ApiKey> {
      const at = now().toISOString()
      const key = await lookedUp(token)
      // What was revoked or has ended is told like what never was: its holder may be a stranger.
      if (!key || !isUsable(key, at))
        throw new EngineError('authentication_error', 'this is no key that opens anything here', {
          hint: 'give one that `reverie keys create` has shown, as x-api-key or as a bearer token',
        })
      if (key.last_used_at === null || Date.parse(at) - Date.parse(key.last_used_at) > NOTED_EVERY_MS)
        noteUse(key, at)
      return key
    },
  }

  /** Nobody waits for it: a dream that ends may hold the database for long. */
  function noteUse(key: ApiKey, at: string): void {
    key.last_used_at = at
    markUsed(db, key.id, at).catch(() => {
      // The server was closed, or the database cannot be written now: a later use is noted.
    })
  }

  /** From the database, once a second: programs ask many times as often. */
  async function lookedUp(token: string): Promise<ApiKey | undefined> {
    const seen = lately.get(token)
    if (seen && performance.now() - seen.at < BELIEVED_MS) return seen.key
    const key = await keyOfToken(db, token)
    if (lately.size >= MOST_BELIEVED) lately.clear()
    if (key) lately.set(token, { key, at: performance.now() })
    else lately.delete(token)
    return key
  }

  async function workspaceCalled(name: string) {
    const found = (await listWorkspaces(db)).find((it) => it.name === name)
    if (!found) throw notFound('workspace', name, '`reverie workspace list` lists them')
    return found
  }
}
