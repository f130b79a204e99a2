/**
 * A digest: what one dream learned, and what became of it since, for a person who decides nothing.
 *
 * What was proposed is fixed when the dream ends; its hash stands in the audit log, so a digest says whether its proposals are
 * still those. What people did since is as of now.
 */
import { z } from 'zod'
import { Change } from './change.ts'
import { Decision } from './decision.ts'
import { Dream } from './dream.ts'
import { fieldIn, split } from './front-matter.ts'
import { hashesOf } from './proposals-hash.ts'

/** One proposal, in words, and what people said of it. */
export const DigestedChange = Change.pick({
  id: true,
  kind: true,
  operation: true,
  path: true,
  status: true,
  verdict: true,
  verdict_reason: true,
}).extend({
  /** The lesson; null where it was erased. */
  lesson: z.string().nullable(),
  /** Why to believe it, or what a person is asked. */
  why: z.string().nullable(),
  /** The oldest first. */
  decisions: z.array(
    Decision.pick({ decision: true, by: true, reason: true, at: true }).extend({
      /** Whether it is on other words than were proposed. */
      is_edited: z.boolean(),
    }),
  ),
})
export type DigestedChange = z.infer<typeof DigestedChange>

const count = z.number().int().nonnegative()

export const Digest = z.object({
  dream: Dream,
  /** Name of the memory store. */
  store: z.string(),
  counts: z.object({
    proposed: z.record(Change.shape.kind, count),
    status: z.record(Change.shape.status, count),
    alerts: count,
  }),
  changes: z.array(DigestedChange),
  /** Hash of the proposals in the audit log; null where it holds none. */
  recorded_sha256: z.string().nullable(),
  /** Of how many proposals the texts were erased since. */
  erased: count,
  /** Whether the proposals are those of the audit log; null where that cannot be told: it says nothing of them, or some were erased. */
  is_as_recorded: z.boolean().nullable(),
})
export type Digest = z.infer<typeof Digest>

/** The changes are those of the dream in the order of proposing, each with the words on it, the oldest first. */
export function digestOf(
  dream: Dream,
  store: string,
  changes: Change[],
  decisions: Map<string, Decision[]>,
  recorded_sha256: string | null,
): Digest {
  const tally = <K extends string>(keys: readonly K[], key: (it: Change) => K) =>
    Object.fromEntries(
      keys.map((it) => [it, changes.filter((change) => key(change) === it).length]),
    ) as Record<K, number>
  const erased = changes.filter((it) => it.redacted_at !== null).length
  return {
    dream,
    store,
    counts: {
      proposed: tally(Change.shape.kind.options, (it) => it.kind),
      status: tally(Change.shape.status.options, (it) => it.status),
      alerts: dream.alerts.length,
    },
    changes: changes.map((it) => ({ ...inWords(it), decisions: wordsOn(it, decisions) })),
    recorded_sha256,
    erased,
    is_as_recorded:
      recorded_sha256 === null || erased > 0 ? null : hashesOf(changes).includes(recorded_sha256),
  }
}

function inWords(it: Change): Omit<DigestedChange, 'decisions'> {
  const { id, kind, operation, path, status, verdict, verdict_reason } = it
  const { front, body } = split(it.after ?? it.before ?? '')
  const lines = body.split('\n').filter((line) => line.trim() !== '')
  const lesson = fieldIn(front, 'description') ?? lines[0]?.replace(/^#+ /, '') ?? null
  const why = lines.find((line) => line.startsWith('Why: '))?.slice('Why: '.length) ?? null
  const matter = it.redacted_at === null ? it.reason.split('\n')[0]! : null
  return {
    id,
    kind,
    operation,
    path,
    status,
    verdict,
    verdict_reason,
    lesson,
    why: kind === 'add' ? (why ?? matter) : (matter ?? why),
  }
}

function wordsOn({ id }: Change, decisions: Map<string, Decision[]>): DigestedChange['decisions'] {
  return (decisions.get(id) ?? []).map(({ decision, by, reason, at, edited }) => ({
    ...{ decision, by, reason, at },
    is_edited: edited !== null,
  }))
}
