/** The desk of test/govern over HTTP: its database, and callers with keys of every role. */
import type { Role } from '../../src/domain/api-key.ts'
import { openServer } from '../../src/engine.ts'
import { appOf } from '../../src/http/app.ts'
import { openDesk } from '../govern/desk.ts'

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is what the test says of it
export type Json = any
export type Answer = { status: number; headers: Headers; json: Json }

export type Caller = {
  /** Of the key. */
  id: string
  get: (path: string) => Promise<Answer>
  /** Without a body there is no content type, either. */
  post: (path: string, body?: unknown) => Promise<Answer>
  put: (path: string, body?: unknown) => Promise<Answer>
  send: (path: string, init: RequestInit) => Promise<Answer>
}

export type ServedDesk = Awaited<ReturnType<typeof serveDesk>>

export async function serveDesk() {
  const desk = await openDesk()
  const server = openServer({ database: desk.path, now: desk.now })
  const failures: unknown[] = []
  const app = appOf(server, (error) => failures.push(error))

  const caller = async (role: Role, workspace = 'default'): Promise<Caller> => {
    const { key, token } = await server.createKey(
      { name: role, role, workspace, expires_at: null },
      'user:ana',
    )
    const send = async (path: string, init: RequestInit): Promise<Answer> => {
      const headers = new Headers(init.headers)
      headers.set('x-api-key', token)
      const answer = await app.request(path, { ...init, headers })
      return { status: answer.status, headers: answer.headers, json: await answer.json() }
    }
    const withBody = (method: string) => (path: string, body?: unknown) =>
      send(
        path,
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
      )
    return { id: key.id, get: (path) => send(path, {}), post: withBody('POST'), put: withBody('PUT'), send }
  }

  return {
    ...desk,
    server,
    /** What the log of the server was told. */
    failures,
    caller,
    async close() {
      await server.close()
      await desk.close()
    },
  }
}
