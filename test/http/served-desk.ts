/** The desk of test/govern over HTTP: its database, and callers with keys of every role. */
import type { Role } from '../../src/domain/api-key.ts'
import { openDesk } from '../govern/desk.ts'
import { type Answer, openDoor } from './door.ts'

export type Caller = {
  /** Of the key. */
  id: string
  get: (path: string) => Promise<Answer>
  /** Without a body there is no content type, either. */
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  put: (path: string, body?: unknown) => Promise<Answer>
}

export type ServedDesk = Awaited<ReturnType<typeof serveDesk>>

export async function serveDesk() {
  const desk = await openDesk()
  const door = await openDoor({ database: desk.path, now: desk.now })
  return {
    ...desk,
    server: door.server,
    async caller(role: Role, workspace?: string): Promise<Caller> {
      const { id, token } = await door.keyOf(role, workspace)
      const asking =
        (method: string): Caller['post'] =>
        (path, body, headers = {}) =>
          door.ask(method, path, body, { token, headers })
      return { id, get: asking('GET'), post: asking('POST'), put: asking('PUT') }
    },
    async close() {
      await door.close()
      await desk.close()
    },
  }
}
