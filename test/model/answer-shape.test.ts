/** What an answer may be asked for as, so that every provider takes it. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { SameAnswer } from '../../src/3-mine/claim-groups.ts'
import { AdviceAnswer } from '../../src/4-consolidate/model-advice.ts'
import { answerShape } from '../../src/model/answer-shape.ts'

test('objects are closed, however deep, and all their keys are wanted', () => {
  const schema = z.object({
    claims: z.array(
      z.object({ kind: z.enum(['a', 'b']), action: z.string().nullable().describe('Its name.') }),
    ),
  })
  expect(answerShape(schema)).toEqual({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['claims'],
    properties: {
      claims: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['kind', 'action'],
          properties: {
            kind: { type: 'string', enum: ['a', 'b'] },
            action: { description: 'Its name.', type: ['string', 'null'] },
          },
        },
      },
    },
  })
})

test.each([
  {
    name: 'a key that may be left out',
    schema: z.object({ a: z.string().optional() }),
    tells: 'a at the top',
  },
  { name: 'a length', schema: z.object({ a: z.string().max(9) }), tells: 'maxLength at properties.a' },
  { name: 'a number of items', schema: z.object({ a: z.array(z.string()).min(1) }), tells: 'minItems' },
  { name: 'a pattern', schema: z.object({ a: z.string().regex(/x/) }), tells: 'pattern' },
  { name: 'a map', schema: z.object({ a: z.record(z.string(), z.string()) }), tells: 'propertyNames' },
  {
    name: 'one of several objects',
    schema: z.discriminatedUnion('a', [z.object({ a: z.literal(1) }), z.object({ a: z.literal(2) })]),
    tells: 'oneOf',
  },
])('$name is not asked for: some provider refuses it', ({ schema, tells }) => {
  expect(() => answerShape(schema)).toThrow(tells)
})

test.each([
  { name: 'whether claims are the same', schema: SameAnswer },
  { name: 'advice on memories', schema: AdviceAnswer },
])('every provider takes the shape in which is asked $name', ({ schema }) => {
  expect(answerShape(schema)).toMatchObject({ type: 'object', additionalProperties: false })
})
