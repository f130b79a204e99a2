/** The policy: which is in force, which were, and what another one would say. */
import { z } from '@hono/zod-openapi'
import { Change, Verdict } from '../../domain/change.ts'
import { Decision } from '../../domain/decision.ts'
import { checkPolicy, type PolicyInForce } from '../../engine.ts'
import { WireDecider, wireDecider } from '../actor.ts'
import { wholeOrNone } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

const tag = 'Policy'

const WirePolicy = z
  .object({
    type: z.literal('policy'),
    sha256: z.string(),
    /** As it was written: YAML. */
    content: z.string(),
    /** The same, read. docs/policy.md explains every key. */
    policy: z.looseObject({}),
    set_at: Time.nullable(),
    /** Null for the default, which nobody set. */
    set_by: WireDecider.nullable(),
  })
  .openapi('Policy')

const Content = z.strictObject({ content: z.string().max(200_000) })

const retrieve = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/policy',
  summary: 'Retrieve the policy in force',
  description: 'Or an earlier one, by its sha256.',
  request: {
    query: z.strictObject({
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'a sha256 has 64 digits')
        .optional(),
    }),
  },
  answer: WirePolicy,
})

const setting = {
  tag,
  role: 'admin',
  path: '/v1/policy',
  summary: 'Put a policy in force',
  description:
    'Its text as YAML. What is wrong with it stands in `error.errors`, each by line and column. What waits for a decision keeps its verdict.',
  request: { body: body(Content) },
  answer: WirePolicy.extend({ is_new: z.boolean() }).openapi('PolicySet'),
} as const
const set = route({ ...setting, method: 'post' })
const put = route({ ...setting, method: 'put' })

const check = route({
  tag,
  role: 'reader',
  method: 'post',
  path: '/v1/policy/check',
  summary: 'Check the text of a policy',
  description: 'Puts nothing in force.',
  request: { body: body(Content) },
  answer: z
    .object({
      type: z.literal('policy_check'),
      is_good: z.boolean(),
      sha256: z.string(),
      errors: z.array(
        z.object({
          line: z.number().int(),
          column: z.number().int(),
          message: z.string(),
          hint: z.string().nullable(),
        }),
      ),
    })
    .openapi('PolicyCheck'),
})

const Counts = z.object({ allow: z.number().int(), hold: z.number().int(), deny: z.number().int() })

const WireTried = z
  .object({
    type: z.literal('tried_change'),
    ...Change.pick({
      id: true,
      dream_id: true,
      kind: true,
      operation: true,
      path: true,
      status: true,
      verdict: true,
      verdict_reason: true,
    }).shape,
    store: z.string(),
    would_be: Verdict,
    would_be_reason: z.string(),
    people: Decision.shape.decision.nullable(),
  })
  .openapi('TriedChange')

const tryOut = route({
  tag,
  role: 'reader',
  method: 'post',
  path: '/v1/policy/try',
  summary: 'Try a policy on the changes of the past',
  description:
    'The list holds the changes of which it says something else than was said. Nothing is written.',
  request: {
    query: z.strictObject(paging({ usual: 50, most: 1_000 })),
    body: body(Content.extend({ dream_id: z.string().nullish() })),
  },
  answer: List(WireTried).extend({
    type: z.literal('policy_trial'),
    dreams: z.number().int(),
    changes: z.number().int(),
    differing: z.number().int(),
    verdicts: Counts,
    would_be: Counts,
    allowed_against_people: z.number().int(),
    denied_against_people: z.number().int(),
  }),
})

const WireSetting = z
  .object({
    type: z.literal('policy_setting'),
    seq: z.number().int(),
    sha256: z.string(),
    set_at: Time.nullable(),
    set_by: WireDecider.nullable(),
  })
  .openapi('PolicySetting')

const history = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/policy/history',
  summary: 'List which policies were put in force',
  description: 'The latest first; the default, which is in force at first, is none of them.',
  request: { query: z.strictObject(paging({ usual: 50, most: 1_000 })) },
  answer: List(WireSetting),
})

const FILE = 'content'

export const policy = routes()
  .openapi(retrieve, async (c) =>
    c.json(wirePolicy(await c.var.engine.policy(c.req.valid('query').sha256)), 200),
  )
  .openapi(set, async (c) => {
    const { content } = c.req.valid('json')
    const { is_new, ...made } = await c.var.engine.setPolicy({ file: FILE, text: content }, c.var.actor)
    return c.json({ ...wirePolicy(made), is_new }, 200)
  })
  .openapi(put, async (c) => {
    const { content } = c.req.valid('json')
    const { is_new, ...made } = await c.var.engine.setPolicy({ file: FILE, text: content }, c.var.actor)
    return c.json({ ...wirePolicy(made), is_new }, 200)
  })
  .openapi(check, async (c) => {
    const { policy, errors, sha256 } = await checkPolicy(c.req.valid('json').content)
    return c.json({ type: 'policy_check' as const, is_good: policy !== null, sha256, errors }, 200)
  })
  .openapi(tryOut, async (c) => {
    const { content, dream_id } = c.req.valid('json')
    const { page, limit } = c.req.valid('query')
    const dream = wholeOrNone('drm', dream_id ?? undefined)
    const trial = { file: FILE, text: content }
    let counted: Omit<Awaited<ReturnType<typeof c.var.engine.testPolicy>>, 'data' | 'next_page'>
    const found = await pageOfList({ name: 'policy/try', filter: { content, dream }, page }, async (page) => {
      const { data, next_page, ...counts } = await c.var.engine.testPolicy(trial, { dream, limit, page })
      counted = counts
      return { data, next_page }
    })
    const data = found.data.map((it) => ({ type: 'tried_change' as const, ...it }))
    return c.json({ type: 'policy_trial' as const, ...counted!, data, next_page: found.next_page }, 200)
  })
  .openapi(history, async (c) => {
    const { page, limit } = c.req.valid('query')
    const found = await pageOfList({ name: 'policy/history', filter: {}, page }, (page) =>
      c.var.engine.policyHistory({ limit, page }),
    )
    const data = found.data.map(({ set_by, ...it }) => ({
      type: 'policy_setting' as const,
      ...it,
      set_by: set_by === null ? null : wireDecider(set_by),
    }))
    return c.json({ data, next_page: found.next_page }, 200)
  })

function wirePolicy({ policy, sha256, content, set_at, set_by }: PolicyInForce) {
  const by = set_by === null ? null : wireDecider(set_by)
  return { type: 'policy' as const, sha256, content, policy, set_at, set_by: by }
}
