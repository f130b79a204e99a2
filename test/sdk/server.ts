/**
 * A server on a database of its own and a port of its own, with what the official SDKs need to talk to it. Nothing of ours stands
 * between the two: real sockets, real keys, jobs that run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OldAnthropic from 'anthropic-sdk-0'
import type { Role } from '../../src/domain/api-key.ts'
import { openServer, openWorkspaces, type Server } from '../../src/engine.ts'
import { type ServeOptions, serve } from '../../src/http/serve.ts'

export type Client = Anthropic

/** The newest SDK and one of half a year before. Their methods are the same, so tests are written against the newest. */
export const SDKS = [
  { sdk: '@anthropic-ai/sdk 1.12.0', Sdk: Anthropic },
  { sdk: '@anthropic-ai/sdk 0.111.0', Sdk: OldAnthropic as unknown as typeof Anthropic },
] as const
export type Sdk = (typeof SDKS)[number]

export type RunningServer = {
  url: string
  port: number
  database: string
  server: Server
  /** How many requests ended with a status of 500 or more, which no client can bring about. */
  failures: () => Promise<number>
  /** A new key, of the workspace that is named default unless another is named. */
  key: (role: Role, workspace?: string) => Promise<{ id: string; token: string }>
  close: () => Promise<void>
}

/** As `reverie serve` starts it, silent, and with as many requests as come, unless told. */
export async function startServer(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-sdk-'))
  const database = join(folder, 'reverie.db')
  const server = openServer({ database })
  const { address, port, stop } = await serve(server, {
    host: '127.0.0.1',
    port: 0,
    public_hosts: [],
    rate_limit: 0,
    log_level: 'silent',
    ...options,
  })
  return {
    url: address,
    port,
    database,
    server,
    async failures() {
      const metrics = await (await fetch(`${address}/metrics`)).text()
      return metrics
        .split('\n')
        .filter((it) => /^\w+_total\{.*status="5/.test(it))
        .reduce((sum, it) => sum + Number(it.split(' ').at(-1)), 0)
    },
    async key(role, workspace = 'default') {
      const wanted = { name: `test ${role}`, role, workspace, expires_at: null }
      const { key, token } = await server.createKey(wanted, 'user:test')
      return { id: key.id, token }
    },
    async close() {
      await stop()
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A second workspace in the same database. */
export async function makeWorkspace(database: string, name: string): Promise<void> {
  const workspaces = openWorkspaces({ database })
  await workspaces.create({ name }, 'user:test')
  await workspaces.close()
}

export function clientOf({ Sdk }: Sdk, { url }: RunningServer, token: string): Client {
  return new Sdk({ baseURL: url, apiKey: token })
}

/** All rows of a list, page after page. */
export async function every<T>(list: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = []
  for await (const it of list) rows.push(it)
  return rows
}
