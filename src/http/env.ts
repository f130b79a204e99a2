import type { HttpBindings } from '@hono/node-server'
import type { ApiKey } from '../domain/api-key.ts'
import type { Engine, Server } from '../engine.ts'

/** What every handler finds in its context. */
export type Env = {
  /** The request and the answer as Node has them; absent where a request did not come over a socket. */
  Bindings: Partial<HttpBindings>
  Variables: {
    request_id: string
    server: Server
    /** Set behind authentication: the key, and the workspace it opens. */
    key: ApiKey
    engine: Engine
    /** The same key, as who acts. */
    actor: `user:${string}`
    /** Tells the log of a failure of ours. */
    report: (error: unknown) => void
  }
}
