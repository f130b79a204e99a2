/** A server on a new database; says where it listens, and at the end of its input how much memory it took: `node import-server.ts DATABASE`. */
import { openServer } from '../src/engine.ts'
import { serve } from '../src/http/serve.ts'

const server = openServer({ database: process.argv[2]! })
const wanted = { name: 'bench', role: 'writer', workspace: 'default', expires_at: null } as const
const { token } = await server.createKey(wanted, 'user:bench')
const serving = { host: '127.0.0.1', port: 0, rate_limit: 0, log_level: 'silent' } as const
const { port } = await serve(server, { ...serving, public_hosts: [] })
process.stdout.write(JSON.stringify({ port, token }))
for await (const _ of process.stdin);
process.stdout.write(JSON.stringify({ peak_memory_mb: process.resourceUsage().maxRSS / 1024 }))
process.exit()
