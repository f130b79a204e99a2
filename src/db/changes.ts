import type { Change, ChangeStatus } from '../domain/change.ts'
import type { Decision } from '../domain/decision.ts'
import type { MemoryVersion } from '../domain/memory.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** Stores a change as it is proposed, as the last one of its dream. */
export async function insertChange(tx: Transaction, change: Change): Promise<void> {
  const last = await tx
    .selectFrom('change')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('dream_id', '=', change.dream_id)
    .executeTakeFirst()
  const seq = (last?.seq ?? -1) + 1
  await tx
    .insertInto('change')
    .values({ ...change, seq, pattern_ids: JSON.stringify(change.pattern_ids) })
    .execute()
}

/** The changes of a dream, in the order in which they were proposed. */
export async function readChanges(db: Database | Transaction, dream_id: string): Promise<Change[]> {
  const rows = await db
    .selectFrom('change')
    .selectAll()
    .where('dream_id', '=', dream_id)
    .orderBy('seq')
    .execute()
  return rows.map(asChange)
}

/** The changes of every dream of a store that wait for a decision, or, approved, for adoption; the oldest first. */
export async function waitingChanges(db: Database | Transaction, memory_store_id: string): Promise<Change[]> {
  const rows = await db
    .selectFrom('change')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .selectAll('change')
    .where('dream.memory_store_id', '=', memory_store_id)
    .where('change.status', 'in', ['undecided', 'approved'])
    .orderBy('dream.created_at')
    .orderBy('dream.id')
    .orderBy('change.seq')
    .execute()
  return rows.map(asChange)
}

/** A change with where it belongs, and since when it is proposed. */
export type StoredChange = Change & { memory_store_id: string; store: string; proposed_at: string }

export type ChangesAsked = {
  dream_id?: string
  memory_store_id?: string
  status?: readonly ChangeStatus[]
  kind?: Change['kind']
  verdict?: Change['verdict']
}

/** Those of the latest dream first, and of a dream in the order in which they were proposed; those after the change `after`. */
export async function listChanges(
  db: Database | Transaction,
  asked: ChangesAsked,
  { after, limit }: { after: string | null; limit: number },
): Promise<StoredChange[]> {
  const { dream_id, memory_store_id, status, kind, verdict } = asked
  const place = after === null ? undefined : await placeOf(db, after)
  const rows = await storedChanges(db)
    .$if(dream_id !== undefined, (it) => it.where('change.dream_id', '=', dream_id!))
    .$if(memory_store_id !== undefined, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .$if(status !== undefined, (it) => it.where('change.status', 'in', status!))
    .$if(kind !== undefined, (it) => it.where('change.kind', '=', kind!))
    .$if(verdict !== undefined, (it) => it.where('change.verdict', '=', verdict!))
    .$if(place !== undefined, (it) =>
      it.where((eb) => {
        const { created_at, dream_id, seq } = place!
        const same_time = eb('dream.created_at', '=', created_at)
        return eb.or([
          eb('dream.created_at', '<', created_at),
          eb.and([same_time, eb('dream.id', '<', dream_id)]),
          eb.and([same_time, eb('dream.id', '=', dream_id), eb('change.seq', '>', seq)]),
        ])
      }),
    )
    .orderBy('dream.created_at', 'desc')
    .orderBy('dream.id', 'desc')
    .orderBy('change.seq')
    .limit(limit)
    .execute()
  return rows.map((it) => asChange(it) as StoredChange)
}

/** Those whose id is `id` or begins with it. */
export async function findChanges(db: Database | Transaction, id: string): Promise<StoredChange[]> {
  const rows = await storedChanges(db)
    .where('change.id', '>=', id)
    .where('change.id', '<', `${id}g`)
    .orderBy('change.id')
    .execute()
  return rows.map((it) => asChange(it) as StoredChange)
}

/** How many changes wait for a decision, or for adoption, in that store or in all. */
export async function countWaiting(
  db: Database | Transaction,
  memory_store_id: string | null,
): Promise<{ undecided: number; approved: number }> {
  const rows = await db
    .selectFrom('change')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .innerJoin('memory_store', 'memory_store.id', 'dream.memory_store_id')
    .select((eb) => ['change.status', eb.fn.countAll<number>().as('n')])
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
    .where('change.status', 'in', ['undecided', 'approved'])
    .$if(memory_store_id !== null, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .groupBy('change.status')
    .execute()
  const of = (status: ChangeStatus) => Number(rows.find((it) => it.status === status)?.n ?? 0)
  return { undecided: of('undecided'), approved: of('approved') }
}

function storedChanges(db: Database | Transaction) {
  return db
    .selectFrom('change')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .innerJoin('memory_store', 'memory_store.id', 'dream.memory_store_id')
    .selectAll('change')
    .select(['dream.memory_store_id', 'memory_store.name as store', 'dream.created_at as proposed_at'])
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
}

async function placeOf(db: Database | Transaction, id: string) {
  return db
    .selectFrom('change')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .select(['dream.created_at', 'change.dream_id', 'change.seq'])
    .where('change.id', '=', id)
    .executeTakeFirst()
}

/** Another text whenever anything that proposals rest on was written, decided, taken back or set, besides what sessions say. */
export async function standOf(db: Database | Transaction, memory_store_id: string): Promise<string> {
  const waiting = await waitingChanges(db, memory_store_id)
  const row = await db
    .selectNoFrom((eb) => [
      eb
        .selectFrom('memory_version')
        .select((it) => it.fn.max('seq').as('seq'))
        .where('memory_store_id', '=', memory_store_id)
        .as('version'),
      eb
        .selectFrom('decision')
        .select((it) => it.fn.max('seq').as('seq'))
        .as('decision'),
      eb
        .selectFrom('tombstone')
        .select((it) => it.fn.max('seq').as('seq'))
        .where('memory_store_id', '=', memory_store_id)
        .as('tombstone'),
      eb
        .selectFrom('tombstone')
        .select((it) => it.fn.countAll().as('n'))
        .where('memory_store_id', '=', memory_store_id)
        .as('tombstones'),
      eb
        .selectFrom('policy_in_force')
        .select((it) => it.fn.max('seq').as('seq'))
        .where('workspace_id', '=', OWN_WORKSPACE)
        .as('policy'),
    ])
    .executeTakeFirst()
  return JSON.stringify([row, waiting.map((it) => [it.id, it.status])])
}

/** What earlier dreams of a store asked a person, and may not ask again while the answer holds. */
export async function questionsAsked(db: Database | Transaction, memory_store_id: string): Promise<Change[]> {
  const rows = await db
    .selectFrom('change')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .selectAll('change')
    .where('dream.memory_store_id', '=', memory_store_id)
    .where((eb) =>
      eb.or([
        eb.and([eb('change.kind', '=', 'conflict'), eb('change.status', '<>', 'superseded')]),
        eb.and([
          eb('change.kind', '=', 'merge'),
          eb('change.status', 'in', ['undecided', 'approved', 'rejected']),
        ]),
      ]),
    )
    .execute()
  return rows.map(asChange)
}

/** The changes of a store that became this text at this path, or, of a deletion, this version; each by now adopted or undone. */
export async function changesBehind(
  db: Database | Transaction,
  version: Pick<MemoryVersion, 'id' | 'memory_store_id' | 'path' | 'content_sha256'>,
): Promise<Change[]> {
  const rows = await db
    .selectFrom('change')
    .innerJoin('memory_version', 'memory_version.id', 'change.memory_version_id')
    .selectAll('change')
    .where('memory_version.memory_store_id', '=', version.memory_store_id)
    .where('memory_version.path', '=', version.path)
    .where((eb) =>
      eb.or([
        eb('memory_version.id', '=', version.id),
        eb('memory_version.content_sha256', '=', version.content_sha256),
      ]),
    )
    .execute()
  return rows.map(asChange)
}

/** Moves a change on. The database refuses a move that makes no sense. */
export async function moveChange(
  tx: Transaction,
  id: string,
  status: ChangeStatus,
  memory_version_id: string | null = null,
): Promise<void> {
  await tx
    .updateTable('change')
    .set(memory_version_id === null ? { status } : { status, memory_version_id })
    .where('id', '=', id)
    .execute()
}

/** Who typed exactly this text for a change of the same path in the same store; null when nobody did. */
export async function editorOf(
  db: Database | Transaction,
  { dream_id, path }: Pick<Change, 'dream_id' | 'path'>,
  content_sha256: string,
): Promise<Decision['by'] | null> {
  const row = await db
    .selectFrom('decision')
    .innerJoin('change', 'change.id', 'decision.change_id')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .select('decision.by')
    .where('change.path', '=', path)
    .where('decision.content_sha256', '=', content_sha256)
    .where('decision.edited', 'is not', null)
    .where('dream.memory_store_id', '=', (eb) =>
      eb.selectFrom('dream').select('memory_store_id').where('id', '=', dream_id),
    )
    .orderBy('decision.seq')
    .executeTakeFirst()
  return (row?.by ?? null) as Decision['by'] | null
}

type ChangeRow = Omit<Change, 'pattern_ids'> & { pattern_ids: string }

function asChange({ seq, ...row }: { seq: number } & { [K in keyof ChangeRow]: unknown }): Change {
  // An erased text is the empty one in the table, where a change has a text before and after or has none.
  const texts = row.redacted_at === null ? {} : { before: null, after: null }
  return { ...row, ...texts, pattern_ids: JSON.parse(row.pattern_ids as string) } as Change
}
