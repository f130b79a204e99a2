/** A server that is asked without a socket, with the official SDKs and without, on a database on disk and a clock of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Anthropic from '@anthropic-ai/sdk'
import { type Database, openDatabase } from '../../src/db/database.ts'
import type { Role } from '../../src/domain/api-key.ts'
import { openServer } from '../../src/engine.ts'
import { appOf } from '../../src/http/app.ts'
import { SDKS, type Sdk } from '../sdk/server.ts'

export type Wire = Awaited<ReturnType<typeof openWire>>
export type Answer = { status: number; headers: Headers; json: Body }
/** What is in it, a test finds out. */
export type Body = {
  id: string
  error: { type: string; message: string } & Record<string, string>
  data: Row[]
  next_page: string | null
} & Record<string, unknown>
export type Row = { id: string; path: string; created_at: string } & Record<string, unknown>

export async function openWire() {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-memories-'))
  const database = join(folder, 'reverie.db')
  let time = Date.parse('2026-11-22T02:00:00.000Z')
  const now = () => {
    time += 1_000
    return new Date(time)
  }
  const server = openServer({ database, now })
  const failures: unknown[] = []
  let requests = 0
  const app = appOf(server, (error) => failures.push(error), { rate_limit: 0 })
  const keyOf = async (role: Role) => {
    const wanted = { name: role, role, workspace: 'default', expires_at: null }
    const { key, token } = await server.createKey(wanted, 'user:test')
    return { id: key.id, token }
  }
  const key = await keyOf('admin')
  const db: Database = openDatabase(database)

  return {
    /** The database, for what no request can bring about, and for what is to be gone from it. */
    db,
    database,
    key,
    keyOf,
    engine: () => server.engineOf('wrkspc_000000000000000000000000'),

    client: ({ Sdk }: Sdk = SDKS[0], token = key.token): Anthropic =>
      new Sdk({
        apiKey: token,
        baseURL: 'http://localhost',
        fetch: async (url, init) => {
          requests += 1
          return app.request(String(url), init as RequestInit)
        },
      }),

    async ask(method: string, path: string, body?: unknown, token = key.token): Promise<Answer> {
      const response = await app.request(path, {
        method,
        headers: {
          'x-api-key': token,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const { status, headers } = response
      return { status, headers, json: (await response.json()) as Body }
    },

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
