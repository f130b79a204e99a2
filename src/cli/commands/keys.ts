import type { ApiKey, Role } from '../../domain/api-key.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { showKey, showKeys, showNewKey } from '../show/keys.ts'

type Options = { role: Role; expires?: string; as?: string }

export async function createKey(
  call: Call,
  name: string,
  { role, expires, as }: Options,
): Promise<Answer<ApiKey & { token: string }>> {
  const server = await call.openServer()
  const { key, token } = await server.createKey(
    { name, role, workspace: call.workspace, expires_at: expires ?? null },
    personAt(as),
  )
  return { data: { ...key, token }, show: showNewKey }
}

export async function listKeys(call: Call, page: PageRequest): Promise<Answer<Page<ApiKey>>> {
  const server = await call.openServer()
  return { data: await server.keys({ workspace: call.workspace, ...page }), show: showKeys(new Date()) }
}

export async function revokeKey(call: Call, id: string, { as }: { as?: string }): Promise<Answer<ApiKey>> {
  const server = await call.openServer()
  return {
    data: await server.revokeKey({ id, workspace: call.workspace }, personAt(as)),
    show: showKey(new Date()),
  }
}
