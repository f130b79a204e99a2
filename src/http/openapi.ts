/** What there is to call, as an OpenAPI document: made from the routes themselves, so that it leaves nothing out. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from './env.ts'

export type OpenApi = {
  openapi: string
  info: { title: string; version: string; description: string }
  tags: { name: string; description?: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> }
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>
  'x-reverie-extension'?: true
}

/** JSON Schema, as far as we write it. */
export type Schema = { $ref?: string; description?: string; [key: string]: unknown }

/**
 * What the Managed Agents API has; all else is ours. `{}` stands for any id.
 */
const OFFICIAL: ReadonlySet<string> = new Set(
  [
    ['dreams', ['GET', 'POST', 'GET {}', 'POST {}/cancel', 'POST {}/archive']],
    ['memory_stores', ['GET', 'POST', 'GET {}', 'POST {}', 'DELETE {}', 'POST {}/archive']],
    ['memory_stores/{}/memories', ['GET', 'POST', 'GET {}', 'POST {}', 'DELETE {}']],
    ['memory_stores/{}/memory_versions', ['GET', 'GET {}', 'POST {}/redact']],
    ['sessions', ['GET', 'POST', 'GET {}', 'POST {}', 'DELETE {}', 'POST {}/archive']],
    ['sessions/{}/events', ['GET', 'POST', 'GET stream']],
    ['sessions/{}/resources', ['GET', 'POST', 'GET {}', 'POST {}', 'DELETE {}']],
    ['sessions/{}/threads', ['GET', 'GET {}', 'POST {}/archive']],
    ['sessions/{}/threads/{}/events', ['GET']],
    ['sessions/{}/threads/{}/stream', ['GET']],
    ['agents', ['GET', 'POST', 'GET {}', 'POST {}', 'POST {}/archive']],
    ['agents/{}/versions', ['GET']],
    ['environments', ['GET', 'POST', 'GET {}', 'POST {}', 'DELETE {}', 'POST {}/archive']],
  ].flatMap(([under, operations]) =>
    (operations as string[]).map((it) => {
      const [method, rest] = it.split(' ')
      return `${method} /v1/${under}${rest === undefined ? '' : `/${rest}`}`
    }),
  ),
)

const DESCRIPTION = `Reverie reads what an agent's sessions did, and proposes evidence-backed edits to that agent's memory. This is the Managed Agents API, so the
official SDKs work with \`baseURL\` set to this server, and what Reverie adds to it (marked as *extension*) under the same conventions.

Show a key with every request, as \`authorization: Bearer KEY\` or \`x-api-key: KEY\`. It opens one workspace, and has a role: a *reader* reads, a
*writer* also puts sessions in and starts dreams, a *reviewer* also decides on changes and writes memories, an *admin* does the rest.

Errors are \`{"type": "error", "error": {"type", "message", "hint"}, "request_id"}\`. Lists have \`data\` and \`next_page\`, which is null on the last page;
give it as \`page\`, with the same filter, for the next one.`

/** The document of these routes, made when it is first asked for. */
export function openApiOf(app: OpenAPIHono<Env>): () => OpenApi {
  let made: OpenApi | null = null
  return () => {
    made ??= documentOf(app)
    return made
  }
}

function documentOf(app: OpenAPIHono<Env>): OpenApi {
  for (const [name, scheme] of Object.entries(SECURITY))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme)
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Reverie', version: VERSION, description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: Object.keys(SECURITY).map((it) => ({ [it]: [] })),
  }) as unknown as OpenApi
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, it]) => ({ path, method, it })),
  )
  for (const { path, method, it } of operations) {
    it.operationId = operationId(method, path)
    if (!OFFICIAL.has(`${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`))
      it['x-reverie-extension'] = true
  }
  document.tags = [...new Set(operations.flatMap(({ it }) => it.tags))].map((name) => ({ name }))
  return document
}

const SECURITY = {
  bearer: { type: 'http', scheme: 'bearer' },
  x_api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
} as const

/** Of the API, not of the program: raised when something is taken away. */
const VERSION = '1'

/** `post`, `/v1/dreams/{dream_id}/cancel` -> `post_dreams_dream_id_cancel` */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/v1/, '').match(/\w+/g) ?? []
  return [method, ...words].join('_')
}
