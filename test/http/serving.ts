/** A server as `reverie serve` starts it, on a database and a port of its own, in this process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../../src/domain/api-key.ts'
import { openServer, type Server } from '../../src/engine.ts'
import { type ServeOptions, serve } from '../../src/http/serve.ts'

export type Served = {
  server: Server
  database: string
  port: number
  key: (role: Role, workspace?: string) => Promise<string>
  stop: () => Promise<void>
}

export async function serving(options: Partial<ServeOptions> = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-serving-'))
  const database = join(folder, 'reverie.db')
  const server = openServer({ database })
  const { port, stop } = await serve(server, {
    host: '127.0.0.1',
    port: 0,
    public_hosts: [],
    rate_limit: 0,
    log_level: 'silent',
    ...options,
  })
  return {
    server,
    database,
    port,
    async key(role, workspace = 'default') {
      const wanted = { name: `a ${role}`, role, workspace, expires_at: null }
      return (await server.createKey(wanted, 'user:test')).token
    },
    async stop() {
      await stop()
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
