/** What dreams propose, what is said of it, what goes live and what is taken back. */
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { Change, ChangeStatus, Verdict } from '../../domain/change.ts'
import { Decision } from '../../domain/decision.ts'
import { EngineError } from '../../domain/error.ts'
import { Tier } from '../../domain/pattern.ts'
import type { AdoptReport, Choice, Engine, ListedChange, PersonsWord } from '../../engine.ts'
import { WireDecider, wireDecider } from '../actor.ts'
import type { Env } from '../env.ts'
import { WireEvidence, wireEvidence } from '../evidence.ts'
import { whole, wholeOrNone } from '../ids.ts'
import { WireLesson, wireLesson } from '../lesson.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, several, Time } from '../wire.ts'

const tag = 'Changes'

const WireDecision = z
  .object({
    type: z.literal('decision'),
    decision: Decision.shape.decision,
    by: WireDecider,
    reason: z.string(),
    at: Time,
    content_sha256: z.string().nullable(),
    edited: z.string().nullable(),
  })
  .openapi('Decision')

const ListedFields = {
  type: z.literal('change'),
  ...Change.omit({ before: true, after: true }).shape,
  memory_store_id: z.string(),
  store: z.string(),
  proposed_at: Time,
  decision: z.enum(['undecided', 'approved', 'rejected']),
  decisions: z.array(WireDecision),
  approved_by: z.array(WireDecider),
  approvals_needed: z.number().int(),
  content_sha256: z.string().nullable(),
  edited_by: WireDecider.nullable(),
  state_sha256: z.string(),
  tiers: z.array(Tier),
  evidence: z.array(WireEvidence),
  evidence_count: z.number().int(),
}
const WireChange = z.object(ListedFields).openapi('Change')

const WireWholeChange = z
  .object({
    ...ListedFields,
    /** The text it was proposed against, and the one that was proposed. */
    before: z.string().nullable(),
    after: z.string().nullable(),
    /** What would go live: as proposed, or as last edited; null where the memory goes. */
    content: z.string().nullable(),
    /** What that does to the text before, as the lines of a unified diff. */
    diff: z.array(z.string()),
    lessons: z.array(WireLesson),
  })
  .openapi('WholeChange')

const Statuses = several(ChangeStatus)
const filters = {
  'statuses[]': Statuses,
  kind: Change.shape.kind.optional(),
  tier: Tier.optional(),
  verdict: Verdict.optional(),
  path: z.string().max(1_024).optional(),
  ...paging({ usual: 50, most: 1_000 }),
}
const DreamId = z.object({ dream_id: z.string() })
const ChangeId = z.object({ change_id: z.string() })

const list = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/changes',
  summary: 'List changes',
  description:
    'Those of the latest dream first; unless statuses are named, those that wait: undecided and approved. `path` may hold `*` and `**`.',
  request: {
    query: z.strictObject({
      memory_store_id: z.string().optional(),
      dream_id: z.string().optional(),
      ...filters,
    }),
  },
  answer: List(WireChange),
})

const listOfDream = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/dreams/{dream_id}/changes',
  summary: 'List the changes of a dream',
  description: 'In the order in which they were proposed, whatever became of them.',
  request: { params: DreamId, query: z.strictObject(filters) },
  answer: List(WireChange),
})

const retrieve = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/changes/{change_id}',
  summary: 'Retrieve a change',
  description: 'With its texts, every quote it rests on, and the lessons behind it.',
  request: { params: ChangeId },
  answer: WireWholeChange,
})

const WireDiff = z
  .object({
    type: z.literal('diff'),
    path: z.string(),
    operation: Change.shape.operation,
    change_id: z.string(),
    status: ChangeStatus,
    diff: z.array(z.string()),
  })
  .openapi('Diff')

const diffOfDream = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/dreams/{dream_id}/diff',
  summary: 'Show what a dream would do to the memory store',
  description:
    'For each path the lines of a unified diff. What another change has taken the place of is left out.',
  request: { params: DreamId, query: z.strictObject(paging({ usual: 50, most: 200 })) },
  answer: List(WireDiff),
})

const Word = {
  decision: Decision.shape.decision,
  reason: z.string().max(10_000).nullish(),
  /** Approves this text in place of the one that is proposed. */
  content: z.string().max(200_000).nullish(),
  /** Of a rejection: the last day on which its reason holds. */
  until: z.iso.date().nullish(),
  /** Of a rejection: the path of the memory that says it already. */
  covered_by: z.string().max(1_024).nullish(),
  /** Of the text that the caller saw; null for a memory that would go. Refused where it is another by now. */
  content_sha256: z.string().max(64).nullable().optional(),
  /** Of everything that the caller saw of the change. Refused where anything is not so any more. */
  state_sha256: z.string().max(64).optional(),
}
type Word = z.infer<z.ZodObject<typeof Word>>

const decide = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/changes/{change_id}/decision',
  summary: 'Approve, edit or reject a change',
  description:
    'A rejection needs a reason. With `content`, that text is approved. The key is who decides: where the policy is regulated, it takes two keys.',
  request: { params: ChangeId, body: body(z.strictObject(Word)) },
  answer: WireChange,
})

const Decided = z
  .object({
    type: z.literal('decision_result'),
    change_id: z.string(),
    /** `known`: this key had said so already. */
    result: z.enum(['decided', 'known', 'refused']),
    /** As it is now; null where there is none of that id. */
    change: WireChange.nullable(),
    error: z.object({ type: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  })
  .openapi('DecisionResult')

const decideMany = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/dreams/{dream_id}/decisions',
  summary: 'Decide on many changes of a dream',
  description: 'Each by itself: what is refused keeps no other from being decided.',
  request: {
    params: DreamId,
    body: body(
      z.strictObject({
        decisions: z
          .array(z.strictObject({ change_id: z.string().max(100), ...Word }))
          .min(1)
          .max(200),
      }),
    ),
  },
  answer: z.object({ data: z.array(Decided) }),
})

const Adopted = z
  .object({
    type: z.literal('adoption_result'),
    change_id: z.string(),
    path: z.string(),
    operation: Change.shape.operation,
    /** `known`: it was live already. `superseded`: its memory is not what it was; put up again where something is left to do. */
    result: z.enum(['adopted', 'known', 'superseded', 'refused']),
    why: z.string().nullable(),
    again_change_id: z.string().nullable(),
    memory_version_id: z.string().nullable(),
  })
  .openapi('AdoptionResult')

const Adoption = z
  .object({
    type: z.literal('adoption'),
    dry_run: z.boolean(),
    data: z.array(Adopted),
    /** Of the dream, what nobody has decided on. */
    undecided: z.number().int(),
  })
  .openapi('Adoption')

const HowToAdopt = z.strictObject({ dry_run: z.boolean().nullish() }).nullish()

const adoptOne = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/changes/{change_id}/adopt',
  summary: 'Put an approved change into the live memory',
  description: 'Needs no body. Exactly the bytes that were approved go live.',
  request: { params: ChangeId, body: { ...body(HowToAdopt), required: false } },
  answer: Adoption,
})

const adoptDream = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/dreams/{dream_id}/adopt',
  summary: 'Put all approved changes of a dream into the live memory',
  description: 'Needs no body; `dry_run` only tells what would happen.',
  request: { params: DreamId, body: { ...body(HowToAdopt), required: false } },
  answer: Adoption,
})

const undo = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/changes/{change_id}/undo',
  summary: 'Take back a change that is live',
  description: 'By a new version, with what stood there before. Needs no body. No dream proposes it again.',
  request: {
    params: ChangeId,
    body: {
      ...body(z.strictObject({ reason: z.string().max(10_000).nullish() }).nullish()),
      required: false,
    },
  },
  answer: z
    .object({
      type: z.literal('change_undone'),
      change_id: z.string(),
      path: z.string(),
      status: ChangeStatus,
      /** The version that undoing wrote. */
      memory_version_id: z.string(),
    })
    .openapi('ChangeUndone'),
})

type Filters = z.infer<z.ZodObject<typeof filters>>

export const changes = routes()
  .openapi(list, async (c) => {
    const { memory_store_id, dream_id, ...filter } = c.req.valid('query')
    return c.json(await changesLike(c, { memory_store_id, dream_id }, filter), 200)
  })
  .openapi(listOfDream, async (c) => {
    const { dream_id } = c.req.valid('param')
    const { 'statuses[]': statuses = ChangeStatus.options, ...filter } = c.req.valid('query')
    return c.json(await changesLike(c, { dream_id }, { ...filter, 'statuses[]': statuses }), 200)
  })
  .openapi(retrieve, async (c) => {
    const { change_id } = c.req.valid('param')
    const { lessons, before, after, content, diff, ...change } = await c.var.engine.change(
      whole('chg', change_id),
    )
    const [listed] = await wireChanges(c.var.engine, [{ ...change, before, after }])
    const whole_change = { ...listed!, before, after, content, diff, lessons: lessons.map(wireLesson) }
    return c.json(whole_change, 200)
  })
  .openapi(diffOfDream, async (c) => {
    const { dream_id } = c.req.valid('param')
    const { page, limit } = c.req.valid('query')
    const dream = whole('drm', dream_id)
    const status = ChangeStatus.options.filter((it) => it !== 'superseded')
    const found = await pageOfList({ name: 'diff', filter: { dream_id }, page }, (page) =>
      c.var.engine.changes({ dream, status, limit, page }),
    )
    const data = await Promise.all(
      found.data.map(async ({ id, path, operation, status }) => {
        const { diff } = await c.var.engine.change(id)
        return { type: 'diff' as const, path, operation, change_id: id, status, diff }
      }),
    )
    return c.json({ data, next_page: found.next_page }, 200)
  })
  .openapi(decide, async (c) => {
    const { engine, actor } = c.var
    const { change_id } = c.req.valid('param')
    const { choice, word } = said({ change_id: whole('chg', change_id), ...c.req.valid('json') })
    const { decided, known, refused } = await engine.decide([choice], word, actor)
    if (refused[0]) throw refused[0].error
    const [change] = await wireChanges(engine, [...decided, ...known])
    return c.json(change!, 200)
  })
  .openapi(decideMany, async (c) => {
    const { engine, actor } = c.var
    const { dream_id } = c.req.valid('param')
    const dream = whole('drm', dream_id)
    await engine.dreamReport(dream)
    const data: z.infer<typeof Decided>[] = []
    for (const it of c.req.valid('json').decisions) data.push(await decideOneOf(engine, actor, dream, it))
    return c.json({ data }, 200)
  })
  .openapi(adoptOne, async (c) => {
    const { change_id } = c.req.valid('param')
    const dry_run = c.req.valid('json')?.dry_run ?? false
    const wanted = { changes: [whole('chg', change_id)], dry_run }
    const report = await c.var.engine.adopt(wanted, c.var.actor)
    const [refused] = report.refused
    if (refused)
      throw new EngineError('conflict_error', `the change ${change_id} does not go live: ${refused.why}`)
    return c.json(adoptionOf(report), 200)
  })
  .openapi(adoptDream, async (c) => {
    const { dream_id } = c.req.valid('param')
    const dry_run = c.req.valid('json')?.dry_run ?? false
    const report = await c.var.engine.adopt({ dream: whole('drm', dream_id), dry_run }, c.var.actor)
    return c.json(adoptionOf(report), 200)
  })
  .openapi(undo, async (c) => {
    const { change_id } = c.req.valid('param')
    const reason = c.req.valid('json')?.reason ?? ''
    const { change, version } = await c.var.engine.undo(whole('chg', change_id), { as: c.var.actor, reason })
    const { path, status } = change
    const undone = { type: 'change_undone' as const, change_id, path, status, memory_version_id: version.id }
    return c.json(undone, 200)
  })

async function changesLike(
  c: Context<Env>,
  { memory_store_id, dream_id }: { memory_store_id?: string | undefined; dream_id?: string | undefined },
  { 'statuses[]': status, page, limit, ...like }: Filters,
) {
  const of = { store: wholeOrNone('memstore', memory_store_id), dream: wholeOrNone('drm', dream_id) }
  const wanted = { ...of, ...like, ...(status === undefined ? {} : { status }) }
  const found = await pageOfList({ name: 'changes', filter: wanted, page }, (page) =>
    c.var.engine.changes({ ...wanted, limit, page }),
  )
  return { data: await wireChanges(c.var.engine, found.data), next_page: found.next_page }
}

async function wireChanges(engine: Engine, changes: ListedChange[]): Promise<z.infer<typeof WireChange>[]> {
  const evidence = await wireEvidence(
    engine,
    changes.map((it) => it.evidence),
  )
  return changes.map(({ before: _, after: __, ...change }, i) => ({
    type: 'change' as const,
    ...change,
    decisions: change.decisions.map(({ change_id: _, by, ...it }) => ({
      type: 'decision' as const,
      ...it,
      by: wireDecider(by),
    })),
    approved_by: change.approved_by.map(wireDecider),
    edited_by: change.edited_by === null ? null : wireDecider(change.edited_by),
    evidence: evidence[i]!,
  }))
}

function said({ change_id, ...it }: Word & { change_id: string }): { choice: Choice; word: PersonsWord } {
  const { content_sha256, state_sha256 } = it
  return {
    choice: {
      id: change_id,
      ...(state_sha256 === undefined ? {} : { expect: state_sha256 }),
      ...(content_sha256 === undefined ? {} : { expect_content_sha256: content_sha256 }),
    },
    word: {
      decision: it.decision,
      reason: it.reason ?? '',
      edited: it.content ?? null,
      until: it.until ?? null,
      covered_by: it.covered_by ?? null,
    },
  }
}

async function decideOneOf(
  engine: Engine,
  actor: `user:${string}`,
  dream_id: string,
  it: Word & { change_id: string },
): Promise<z.infer<typeof Decided>> {
  const { change_id } = it
  const result = { type: 'decision_result' as const, change_id }
  try {
    const found = await engine.change(whole('chg', change_id))
    if (found.dream_id !== dream_id)
      throw new EngineError('not_found_error', `there is no change ${change_id} of the dream ${dream_id}`)
    const { choice, word } = said(it)
    const { decided, known, refused } = await engine.decide([choice], word, actor)
    const listed = [...decided, ...known, ...refused.map(({ change }) => change)]
    const [change] = await wireChanges(engine, listed)
    const error = refused[0] ? told(refused[0].error) : null
    return { ...result, result: error ? 'refused' : decided[0] ? 'decided' : 'known', change: change!, error }
  } catch (error) {
    // Of many words one that cannot be said is told with its change; the others are said all the same.
    if (!(error instanceof EngineError)) throw error
    return { ...result, result: 'refused', change: null, error: told(error) }
  }
}

function told({ type, message, hint }: EngineError) {
  return { type, message, hint }
}

function adoptionOf({ dry_run, adopted, known, superseded, refused, undecided }: AdoptReport) {
  const resultOf = (
    { id, path, operation, memory_version_id }: Change,
    result: z.infer<typeof Adopted>['result'],
    why: string | null = null,
    again: Change | null = null,
  ) => ({
    type: 'adoption_result' as const,
    change_id: id,
    path,
    operation,
    result,
    why,
    again_change_id: again?.id ?? null,
    memory_version_id,
  })
  return {
    type: 'adoption' as const,
    dry_run,
    data: [
      ...adopted.map((it) => resultOf(it, 'adopted')),
      ...known.map((it) => resultOf(it, 'known')),
      ...superseded.map((it) => resultOf(it.change, 'superseded', it.why, it.again)),
      ...refused.map((it) => resultOf(it.change, 'refused', it.why)),
    ],
    undecided,
  }
}
