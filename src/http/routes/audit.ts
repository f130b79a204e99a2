/** What happened, in a chain of hashes, and whether it is as it was written. */
import { z } from '@hono/zod-openapi'
import { AuditRecord } from '../../domain/audit.ts'
import { pageOfList } from '../paging.ts'
import { List, paging, route, routes } from '../wire.ts'

const tag = 'Audit'

const WireRecord = z
  .object({
    type: z.literal('audit_record'),
    ...AuditRecord.shape,
    /** As it is hashed. */
    actor: z.string(),
    store: z.string().nullable(),
    path: z.string().nullable(),
  })
  .openapi('AuditRecord')

const Head = { seq: z.number().int(), hash: z.string() }

const list = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/audit',
  summary: 'List audit records',
  description: 'The latest first. docs/audit.md says how each hash is made.',
  request: { query: z.strictObject(paging({ usual: 50, most: 1_000 })) },
  answer: List(WireRecord),
})

const verify = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/audit/verify',
  summary: 'Verify the audit log',
  description:
    'From its first record to its head, and whether it leads through a head that was noted before.',
  request: { query: z.strictObject({ head: z.string().max(100).optional() }) },
  answer: z
    .object({
      type: z.literal('audit_verification'),
      is_good: z.boolean(),
      records: z.number().int(),
      head: z.object(Head),
      broken: z.object({ seq: z.number().int(), reason: z.string() }).nullable(),
      noted_head: z.enum(['found', 'not found']).nullable(),
    })
    .openapi('AuditVerification'),
})

const head = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/audit/head',
  summary: 'Retrieve the head of the audit log',
  description: 'To be noted elsewhere, and given to verify later.',
  request: {},
  answer: z.object({ type: z.literal('audit_head'), ...Head }).openapi('AuditHead'),
})

export const audit = routes()
  .openapi(list, async (c) => {
    const { page, limit } = c.req.valid('query')
    const found = await pageOfList({ name: 'audit', filter: {}, page }, (page) =>
      c.var.engine.audit({ limit, page }),
    )
    const data = found.data.map((it) => ({ type: 'audit_record' as const, ...it }))
    return c.json({ data, next_page: found.next_page }, 200)
  })
  .openapi(verify, async (c) => {
    const { signature: _, ...verified } = await c.var.engine.verifyAudit(c.req.valid('query'))
    return c.json({ type: 'audit_verification' as const, ...verified }, 200)
  })
  .openapi(head, async (c) =>
    c.json({ type: 'audit_head' as const, ...(await c.var.engine.auditHead()) }, 200),
  )
