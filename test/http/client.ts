/** The HTTP door over a database of its own, asked without a socket in between. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../../src/domain/api-key.ts'
import { type Engine, openServer, type Server } from '../../src/engine.ts'
import { type App, appOf } from '../../src/http/app.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer is looked into field by field.
export type Answer = { status: number; body: any; headers: Headers }

export type Door = {
  app: App
  server: Server
  engine: Engine
  database: string
  /** Failures of the server's own, none of which a client can cause. */
  failures: unknown[]
  ask: (
    method: string,
    path: string,
    body?: unknown,
    how?: { role?: Role; headers?: object },
  ) => Promise<Answer>
  token: (role: Role) => string
  close: () => Promise<void>
}

export async function openDoor(now?: () => Date): Promise<Door> {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-http-'))
  const database = join(folder, 'reverie.db')
  const server = openServer({ database, ...(now && { now }) })
  const failures: unknown[] = []
  const app = appOf(server, (error) => failures.push(error))
  const tokens = new Map<Role, string>()
  for (const role of ['reader', 'writer', 'reviewer', 'admin'] as const) {
    const wanted = { name: role, role, workspace: 'default', expires_at: null }
    tokens.set(role, (await server.createKey(wanted, 'user:test')).token)
  }
  const { workspace_id } = await server.authenticate(tokens.get('admin')!)
  return {
    ...{ app, server, database, failures },
    engine: await server.engineOf(workspace_id),
    token: (role) => tokens.get(role)!,
    async ask(method, path, body, { role = 'writer', headers = {} } = {}) {
      const answer = await app.request(path, {
        method,
        headers: {
          'x-api-key': tokens.get(role)!,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: await answer.json(), headers: answer.headers }
    },
    async close() {
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
