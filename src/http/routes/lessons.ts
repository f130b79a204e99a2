/** What was learned, the quotes behind it, and where sessions are likely to fail. */
import { z } from '@hono/zod-openapi'
import { Pattern, Tier } from '../../domain/pattern.ts'
import { Count } from '../../domain/tally.ts'
import { WireEvidence, wireEvidence } from '../evidence.ts'
import { whole, wholeOrNone } from '../ids.ts'
import { WireLesson, wireLesson } from '../lesson.ts'
import { pageOfList } from '../paging.ts'
import { Flag, List, paging, route, routes, several, Time } from '../wire.ts'

const tag = 'Lessons'
const PatternId = z.object({ pattern_id: z.string() })
/** Two stores may have learned the same, under the same id. */
const InStore = { memory_store_id: z.string().optional() }

const list = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/lessons',
  summary: 'List lessons',
  description:
    'Those that matter most first. Candidates, which are only watched, on request, and markers, which are no lessons, with `tier=marker`.',
  request: {
    query: z.strictObject({
      ...InStore,
      agent: z.string().max(500).optional(),
      tier: Tier.optional(),
      'statuses[]': several(Pattern.shape.status),
      class: Pattern.shape.class.optional(),
      include_candidates: Flag.optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireLesson),
})

const retrieve = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/lessons/{pattern_id}',
  summary: 'Retrieve a lesson',
  request: { params: PatternId, query: z.strictObject(InStore) },
  answer: WireLesson,
})

const evidence = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/lessons/{pattern_id}/evidence',
  summary: 'List the quotes behind a lesson',
  description: 'Each names its session and event as `GET /v1/sessions/{session_id}/events` does.',
  request: {
    params: PatternId,
    query: z.strictObject({ ...InStore, ...paging({ usual: 50, most: 1_000 }) }),
  },
  answer: List(WireEvidence).extend({
    /** Sessions that it was seen in and that can no longer be quoted. */
    transcripts_removed: z.array(z.object({ session_id: z.string(), removed_at: Time })),
  }),
})

const WireRisk = z
  .object({
    type: z.literal('risk'),
    memory_store_id: z.string(),
    agent: z.string(),
    intent: z.string(),
    example: z.string().nullable(),
    sessions: Count,
    risk: z.number(),
    low: z.number(),
    high: z.number(),
    stands_out: z.array(z.object({ what: z.string(), here: Count, elsewhere: Count })),
  })
  .openapi('Risk')

const risks = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/risks',
  summary: 'List where sessions are likely to fail',
  description:
    'By what they were asked to do, the surest first. It shows a person where to look, and is no lesson.',
  request: {
    query: z.strictObject({
      ...InStore,
      agent: z.string().max(500).optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireRisk),
})

export const lessons = routes()
  .openapi(list, async (c) => {
    const query = c.req.valid('query')
    const { memory_store_id, 'statuses[]': status, include_candidates, page, limit, ...like } = query
    const wanted = {
      ...like,
      store: wholeOrNone('memstore', memory_store_id),
      candidates: include_candidates ?? false,
      ...(status === undefined ? {} : { status }),
    }
    const found = await pageOfList({ name: 'lessons', filter: wanted, page }, (page) =>
      c.var.engine.lessons({ ...wanted, limit, page }),
    )
    return c.json({ data: found.data.map(wireLesson), next_page: found.next_page }, 200)
  })
  .openapi(retrieve, async (c) => {
    const { pattern_id } = c.req.valid('param')
    const store = wholeOrNone('memstore', c.req.valid('query').memory_store_id)
    const { lesson } = await c.var.engine.evidence(whole('pat', pattern_id), { store, limit: 1 })
    return c.json(wireLesson(lesson), 200)
  })
  .openapi(evidence, async (c) => {
    const { engine } = c.var
    const { pattern_id } = c.req.valid('param')
    const { memory_store_id, page, limit } = c.req.valid('query')
    const store = wholeOrNone('memstore', memory_store_id)
    let removed: { session_id: string; removed_at: string }[] = []
    const filter = { pattern_id, store }
    const found = await pageOfList({ name: 'evidence', filter, page }, async (page) => {
      const { transcripts_removed, ...quotes } = await engine.evidence(whole('pat', pattern_id), {
        store,
        limit,
        page,
      })
      removed = transcripts_removed
      return quotes
    })
    const [data] = await wireEvidence(engine, [found.data])
    const recordings = await engine.recordingsBehind(removed.map((it) => it.session_id))
    const transcripts_removed = removed.map(({ session_id, removed_at }) => ({
      session_id: recordings.get(session_id) ?? session_id,
      removed_at,
    }))
    return c.json({ data: data!, next_page: found.next_page, transcripts_removed }, 200)
  })
  .openapi(risks, async (c) => {
    const { memory_store_id, agent, page, limit } = c.req.valid('query')
    const wanted = { agent, store: wholeOrNone('memstore', memory_store_id) }
    const found = await pageOfList({ name: 'risks', filter: wanted, page }, (page) =>
      c.var.engine.risk({ ...wanted, limit, page }),
    )
    const data = found.data.map((it) => ({ type: 'risk' as const, ...it }))
    return c.json({ data, next_page: found.next_page }, 200)
  })
