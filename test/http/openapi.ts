/** What /openapi.json says of the routes, and requests that are made from it: one that fits, and many that do not. */
export type Schema = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minItems?: number
  minLength?: number
  minimum?: number
  format?: string
  pattern?: string
  additionalProperties?: boolean | Schema
  nullable?: boolean
  $ref?: string
  default?: unknown
  example?: unknown
}

type Parameter = { name: string; in: string; required?: boolean; schema?: Schema }
type Declared = {
  description?: string
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, { schema?: Schema }> }
  responses: Record<string, unknown>
}

export type Operation = {
  /** `POST /v1/dreams` */
  name: string
  method: string
  path: string
  description: string
  parameters: Parameter[]
  /** Null where it takes none. */
  body: Schema | null
}

export type OpenApi = {
  openapi: string
  paths: Record<string, Record<string, Declared>>
  components?: { schemas?: Record<string, Schema> }
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, it]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        description: it.description ?? '',
        parameters: it.parameters ?? [],
        body: it.requestBody?.content?.['application/json']?.schema ?? null,
      })),
  )
}

/** A small value that fits, as far as a schema can say what fits. */
export function fitting(schema: Schema, document: OpenApi): unknown {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!
    return fitting(document.components!.schemas![name]!, document)
  }
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const choice = schema.anyOf ?? schema.oneOf
  if (choice !== undefined) return fitting(choice[0]!, document)
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((it) => fitting(it, document)))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, fitting(schema.properties?.[key] ?? {}, document)]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => fitting(schema.items ?? {}, document))
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    case 'null':
      return null
    case 'string':
      return schema.format === 'date-time' ? '2026-11-22T02:00:00Z' : 'x'.repeat(schema.minLength ?? 1)
    default:
      return {}
  }
}

/** Its path with an id in each place. */
export function filled({ path }: Operation, idOf: (parameter: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => idOf(name))
}
