/** The HTTP door over a database on disk, asked without a socket in between: by hand, and with the official SDKs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Anthropic from '@anthropic-ai/sdk'
import { openDatabase } from '../../src/db/database.ts'
import type { Role } from '../../src/domain/api-key.ts'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'
import type { PrivacyChoice } from '../../src/domain/pii.ts'
import { openServer } from '../../src/engine.ts'
import { appOf } from '../../src/http/app.ts'
import { SDKS, type Sdk } from '../sdk/server.ts'

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is what the test says of it
export type Json = any
export type Answer = { status: number; headers: Headers; json: Json }

type How = { role?: Role; token?: string; headers?: Record<string, string> }

export type Door = Awaited<ReturnType<typeof openDoor>>

/**
 * Over a database of its own unless one is given, with a clock of its own, of which every look is a second later. `role` is that of the key
 * which asks unless a test says another.
 */
export async function openDoor(
  given: {
    database?: string
    now?: () => Date
    role?: Role
    redacts?: PrivacyChoice
    models_file?: string
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-door-'))
  const { database = join(folder, 'reverie.db'), role: usual = 'admin', now = secondsFrom(BEGINNING) } = given
  const server = openServer({ database, now, redacts: given.redacts, models_file: given.models_file })
  const failures: unknown[] = []
  const app = appOf(server, (error) => failures.push(error))
  const keyOf = async (role: Role, workspace = 'default') => {
    const wanted = { name: role, role, workspace, expires_at: null }
    const { key, token } = await server.createKey(wanted, 'user:ana')
    return { id: key.id, token }
  }
  const known = new Map([[usual, await keyOf(usual)]])
  const tokenOf = async (role: Role) => {
    const key = known.get(role) ?? (await keyOf(role))
    known.set(role, key)
    return key.token
  }
  const key = known.get(usual)!
  const db = openDatabase(database)
  let requests = 0

  return {
    server,
    database,
    /** For what no request can bring about, and for what is to be gone from it. */
    db,
    engine: server.engineOf(DEFAULT_WORKSPACE.id),
    /** The one that asks. */
    key,
    keyOf,
    /** What the log of the server was told: failures of its own, none of which a client can cause. */
    failures,

    async ask(method: string, path: string, body?: unknown, how: How = {}): Promise<Answer> {
      const headers = {
        'x-api-key': how.token ?? (await tokenOf(how.role ?? usual)),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...how.headers,
      }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await app.request(path, { method, headers, ...sent })
      return { status: answer.status, headers: answer.headers, json: await answer.json() }
    },

    client: ({ Sdk }: Sdk = SDKS[0]): Anthropic =>
      new Sdk({
        apiKey: key.token,
        baseURL: 'http://localhost',
        fetch: async (url, init) => {
          requests += 1
          return app.request(String(url), init as RequestInit)
        },
      }),

    /** How often the SDKs asked, tries again among them. */
    requests: () => requests,

    async audited(): Promise<string[]> {
      const rows = await db.selectFrom('audit').select('action').orderBy('seq').execute()
      return rows.map((it) => it.action)
    },

    /** Throws what the server called a failure of its own. */
    async close(): Promise<void> {
      await db.destroy()
      await server.close()
      rmSync(folder, { recursive: true })
      if (failures.length > 0) throw failures[0]
    },
  }
}

const BEGINNING = '2026-11-22T02:00:00.000Z'

function secondsFrom(time: string): () => Date {
  let at = Date.parse(time)
  return () => {
    at += 1_000
    return new Date(at)
  }
}
