/**
 * The HTTP door: the Managed Agents API, and what Reverie adds to it under the same conventions. It translates and decides nothing.
 *
 * The list of routes is the table of contents. What every request goes through stands above it, in order.
 */
import { OpenAPIHono } from '@hono/zod-openapi'
import { EngineError } from '../domain/error.ts'
import { randomId } from '../domain/id.ts'
import type { Server } from '../engine.ts'
import { authenticating } from './authenticate.ts'
import { docsPage } from './docs-page.ts'
import type { Env } from './env.ts'
import { answerError } from './errors.ts'
import { knownHosts } from './hosts.ts'
import { jsonBody } from './json-body.ts'
import { rateLimit } from './limits.ts'
import { type Metrics, metricsOf } from './metrics.ts'
import { type Observer, observing } from './observe.ts'
import { openApiOf } from './openapi.ts'
import { respelled } from './query.ts'
import { agents } from './routes/agents.ts'
import { apiKeys } from './routes/api-keys.ts'
import { audit } from './routes/audit.ts'
import { baselines } from './routes/baselines.ts'
import { changes } from './routes/changes.ts'
import { digests } from './routes/digests.ts'
import { dreams } from './routes/dreams.ts'
import { drift } from './routes/drift.ts'
import { environments } from './routes/environments.ts'
import { events } from './routes/events.ts'
import { experiments } from './routes/experiments.ts'
import { fitness } from './routes/fitness.ts'
import { healthRoutes } from './routes/health.ts'
import { sessionImport } from './routes/import.ts'
import { lessons } from './routes/lessons.ts'
import { lifts } from './routes/lifts.ts'
import { memories } from './routes/memories.ts'
import { memoryStores } from './routes/memory-stores.ts'
import { memoryVersions } from './routes/memory-versions.ts'
import { policy } from './routes/policy.ts'
import { recalls } from './routes/recalls.ts'
import { resources } from './routes/resources.ts'
import { restore } from './routes/restore.ts'
import { schedules } from './routes/schedules.ts'
import { sessions } from './routes/sessions.ts'
import { threads } from './routes/threads.ts'
import { webhooks } from './routes/webhooks.ts'

/** Query parameters that are arrays, in any spelling. */
const ARRAYS: ReadonlySet<string> = new Set(['statuses', 'types', 'event_deltas', 'redact'])

export type App = OpenAPIHono<Env>

/** What stands around the routes. All of it has an answer that is right where nothing is said. */
export type Around = {
  /** Requests a second for each key; 0, as without a word, for as many as come. */
  rate_limit?: number
  /** Names it is called by besides those of this machine; null, as without a word, for any. */
  public_hosts?: string[] | null
  /** Told of every request. */
  observers?: Observer[]
  metrics?: Metrics
  /** Whether requests may be sent here. */
  isReady?: () => Promise<boolean>
}

/** `report` is told of failures of ours, with the id of the request. */
export function appOf(
  server: Server,
  report: (error: unknown, request_id: string) => void,
  around: Around = {},
): App {
  const app = new OpenAPIHono<Env>({ getPath: (request) => new URL(request.url).pathname })
  const { metrics = metricsOf(server), isReady = server.isReady } = around
  const { keyOf, authenticate } = authenticating()

  app.use(observing([...(around.observers ?? []), metrics.observer]))
  app.use(async (c, next) => {
    const request_id = randomId('req')
    c.set('request_id', request_id)
    c.set('server', server)
    c.set('report', (error) => report(error, request_id))
    c.header('request-id', request_id)
    c.header('x-content-type-options', 'nosniff')
    const url = respelled(c.req.raw.url, ARRAYS)
    if (url !== c.req.raw.url) Object.defineProperty(c.req.raw, 'url', { value: url })
    await next()
  })
  app.use(knownHosts(around.public_hosts ?? null))
  app.use('/v1/*', async (c, next) => {
    c.header('cache-control', 'no-store')
    await next()
  })
  app.use('/v1/*', authenticate, rateLimit(around.rate_limit ?? 0), jsonBody)

  app.route('/', healthRoutes({ isReady, metrics, keyOf }))
  app.route('/', apiKeys)
  // Before what has an id in its place.
  app.route('/', sessionImport)
  app.route('/', sessions)
  app.route('/', events)
  app.route('/', resources)
  app.route('/', threads)
  app.route('/', agents)
  app.route('/', environments)
  app.route('/', memoryStores)
  app.route('/', dreams)
  app.route('/', recalls)
  app.route('/', changes)
  app.route('/', lessons)
  app.route('/', baselines)
  app.route('/', drift)
  app.route('/', fitness)
  app.route('/', experiments)
  app.route('/', lifts)
  app.route('/', digests)
  app.route('/', audit)
  app.route('/', policy)
  app.route('/', memories)
  app.route('/', memoryVersions)
  app.route('/', restore)
  app.route('/', schedules)
  app.route('/', webhooks)

  // Every update is a POST; some clients write PATCH.
  for (const { method, path, handler } of [...app.routes])
    if (method === 'POST' && /\/:\w+$/.test(path)) app.on('PATCH', path, handler)

  const document = openApiOf(app)
  app.get('/openapi.json', (c) => c.json(document()))
  app.get('/docs', docsPage(document))
  app.get('/', (c) => c.redirect('docs'))

  app.notFound((c) =>
    answerError(
      new EngineError('not_found_error', `there is no ${c.req.method} ${c.req.path}`, {
        hint: 'GET /openapi.json lists what there is',
      }),
      c,
    ),
  )
  app.onError(answerError)
  return app
}
