/** What the routes have in common: how they are declared, and the shapes that stand in many of them. */
import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { mustBe, type Role } from '../domain/api-key.ts'
import { EngineError } from '../domain/error.ts'
import type { Env } from './env.ts'

/** A group of routes, with requests that do not fit told in the words of the wire. */
export function routes(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw misfit(result.error)
    },
  })
}

/** What does not fit, by its place: `inputs.0.session_ids: Too big`. */
function misfit({ issues }: z.core.$ZodError): EngineError {
  const [first, ...more] = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  const others = more.length === 0 ? '' : ` (and ${more.length} more: ${more.slice(0, 3).join('; ')})`
  return new EngineError('invalid_request_error', `${first}${others}`.slice(0, 1_000))
}

type Declared = Omit<RouteConfig, 'responses' | 'tags' | 'middleware'> & {
  /** The part of the API it stands under in the documentation. */
  tag: string
  /** The least role of the key. */
  role: Role
  summary: string
  /** What is answered, with status 200 as JSON. */
  answer: z.ZodType
}

/** A route that answers with JSON, or with the error envelope. */
export function route<const R extends Declared>({ tag, role, answer, ...config }: R) {
  return createRoute({
    ...config,
    tags: [tag],
    description: `${config.description ?? ''}\n\nRole: ${role}.`.trim(),
    middleware: [roleOf(role), ...(config.request?.query ? [] : [withoutQuery])],
    responses: {
      200: {
        description: 'As asked',
        content: { 'application/json': { schema: answer as R['answer'] } },
      },
      default: { description: 'An error', content: { 'application/json': { schema: ErrorEnvelope } } },
    },
  })
}

function roleOf(role: Role): MiddlewareHandler<Env> {
  return async (c, next) => {
    mustBe(role, c.var.key)
    await next()
  }
}

/** A route that says nothing of a query takes none, so that a parameter with a slip in its name is not passed over. */
const withoutQuery: MiddlewareHandler<Env> = async (c, next) => {
  const [name] = Object.keys(c.req.query())
  if (name !== undefined)
    throw new EngineError('invalid_request_error', `Unrecognized key: ${JSON.stringify(name.slice(0, 64))}`, {
      hint: 'this route has no query parameters',
    })
  await next()
}

/** A JSON body. */
export function body<T extends z.ZodType>(schema: T) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

const ErrorEnvelope = z
  .object({
    type: z.literal('error'),
    error: z.looseObject({ type: z.string(), message: z.string() }),
    request_id: z.string(),
  })
  .openapi('Error')

export const Time = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-22T02:00:00Z' })

/** A time of the caller's as times are written here, so that both can be compared as texts. */
export function instant<T extends string | undefined>(time: T): T {
  return (time === undefined ? time : new Date(time).toISOString()) as T
}

/** A page of a list. */
export function List<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), next_page: z.string().nullable() })
}

/** `limit` and `page` of a list. */
export function paging(limits: { usual: number; most: number }) {
  return {
    limit: z.coerce.number().int().min(1).max(limits.most).default(limits.usual),
    page: z.string().max(2_000).optional(),
  }
}

/** `true` and `false` as a query spells them. */
export const Flag = z.enum(['true', 'false']).transform((it) => it === 'true')

/** What a query repeats: one value is a list of one. Its key is spelled `name[]`. */
export function several<T extends z.ZodType>(item: T) {
  return z.preprocess((it) => (typeof it === 'string' ? [it] : it), z.array(item)).optional()
}

const METADATA_KEY = z.string().min(1).max(64)
const METADATA_VALUE = z.string().max(512)

/** At most 16 pairs; of our own choosing, and never read by an agent. */
export const Metadata = z
  .record(METADATA_KEY, METADATA_VALUE)
  .refine((it) => Object.keys(it).length <= 16, { error: 'at most 16 pairs' })

/** What an update says of metadata: a string sets, null removes, what is absent stays. */
export const MetadataPatch = z.record(METADATA_KEY, METADATA_VALUE.nullable())
