import { EngineError } from '../../domain/error.ts'
import type { Server } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { type RedactionOptions, redactionChoice } from '../redaction-choice.ts'
import { type Served, showServed } from '../show/serve.ts'

type Options = {
  host: string
  port: number
  publicHost?: string[]
  allowPrivateWebhooks?: true
  rateLimit: number
  logLevel: 'error' | 'warn' | 'info' | 'debug' | 'silent'
} & RedactionOptions

/** Serves until the process is told to end. On a database without keys it makes the one that the first request needs. */
export async function serve(call: Call, options: Options): Promise<Answer<Served>> {
  const { isLoopback } = await import('../../http/hosts.ts')
  const http = await import('../../http/serve.ts')
  const { host, port, publicHost: public_hosts = [], rateLimit: rate_limit, logLevel: log_level } = options
  if (call.database === ':memory:')
    throw new EngineError('invalid_request_error', 'a server needs a database that is a file', {
      hint: 'the thread that works jobs opens it too: give a path with --db PATH',
    })
  const server = await call.openServer({
    allows_private_webhooks: options.allowPrivateWebhooks ?? false,
    redacts: redactionChoice(options),
  })
  if (!isLoopback(host)) await refuseWithoutAdmin(server, host)
  const told = toldToEnd()
  const running = await http.serve(server, { host, port, public_hosts, rate_limit, log_level })
  const { address } = running
  const { database, workspace } = call
  try {
    const key = await firstKey(server, workspace)
    return {
      data: { address, docs: `${address}/docs`, database, key },
      show: showServed,
      async until() {
        await told
        await running.stop()
      },
    }
  } catch (error) {
    await running.stop()
    throw error
  }
}

async function refuseWithoutAdmin(server: Server, host: string): Promise<void> {
  if (await server.hasKey('admin')) return
  throw new EngineError(
    'permission_error',
    `${host} is reached from other machines, and nobody has a key to this database yet`,
    { hint: 'make one first: `reverie keys create NAME --role admin`; then serve again' },
  )
}

/** The one of whoever starts the server first; null where somebody has a key already. */
async function firstKey(server: Server, workspace: string): Promise<Served['key']> {
  if (await server.hasKey('reader')) return null
  const wanted = { name: 'first', role: 'admin', workspace, expires_at: null } as const
  const { key, token } = await server.createKey(wanted, personAt(undefined))
  return { ...key, token }
}

/** Settled when the process is told to end. Told again, it ends at once. */
function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let is_told = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (is_told) process.exit(1)
        is_told = true
        resolve()
      })
  })
}
