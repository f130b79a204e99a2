/**
 * The shape of an answer as providers take it. Each holds a model to a part of JSON Schema and refuses the rest, so answers are asked for in
 * what they all take: closed objects whose keys are all there, lists, texts, numbers, choices and null. What an answer has to be besides is checked here.
 */
import { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** JSON Schema (draft 7) of what `schema` parses. A schema that says more than every provider takes is a bug, and throws. */
export function answerShape(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema, path }) => {
      const { properties, required = [] } = jsonSchema
      if (properties) jsonSchema.additionalProperties = false
      const refused = [
        ...Object.keys(jsonSchema).filter((it) => !TAKEN.includes(it)),
        ...Object.keys(properties ?? {}).filter((it) => !required.includes(it)),
      ]
      if (refused.length > 0)
        throw new Error(`not every provider takes ${refused.join(', ')} at ${path.join('.') || 'the top'}`)
    },
  })
}

/** A key that may be left out is refused as well: where there is nothing to say, it says null. */
const TAKEN = [
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'description',
]
