/** What a model saw in a session is read once, and stands as long as anything was counted by it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf, firstOfGroup, groupsOf, quotedBy } from '../../src/db/claims.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { writeLedger } from '../../src/db/dreams.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { type ModelReview, readModelReviews, storeModelReviews } from '../../src/db/model-reviews.ts'
import type { Claim } from '../../src/domain/claim.ts'
import { openEngine, openWorkspaces } from '../../src/engine.ts'
import { claim } from '../3-mine/claims.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-model-reviews-'))
const path = join(scratch, 'desk.db')
let db: Database
let ids: string[]

beforeAll(async () => {
  const file = join(scratch, 'sessions.jsonl')
  const lines = [1, 2].map((i) => ({
    id: `s${i}`,
    agent: 'desk',
    steps: [{ role: 'user', text: `Question ${i}` }],
  }))
  writeFileSync(file, lines.map((it) => JSON.stringify(it)).join('\n'))
  const engine = openEngine({ database: path })
  await engine.ingest([file], { harness: 'steps' })
  await engine.close()
  const workspaces = openWorkspaces({ database: path })
  await workspaces.create({ name: 'elsewhere' }, 'user:ana')
  await workspaces.close()
  db = openDatabase(path)
  ids = (await db.selectFrom('session').select('id').orderBy('seq').execute()).map((it) => it.id)
})
beforeEach(async () => {
  for (const it of ['claim', 'model_review', 'ledger'] as const) await db.deleteFrom(it).execute()
})
afterAll(async () => {
  await db.destroy()
  rmSync(scratch, { recursive: true })
})

function review(of: Partial<ModelReview> = {}): ModelReview {
  const nothing = { reason: null, dropped: [], left_out: [], observations: [] }
  return {
    ...{ session_id: ids[0]!, prompt: '1', model: 'a/b', status: 'read', attempts: 1, ...nothing },
    read_at: '2026-11-02T00:00:00Z',
    ...of,
  }
}

const said = (statement: string, of: Partial<Claim> = {}): Claim =>
  claim({ id: `clm_${statement.replaceAll(' ', '')}`, session_id: ids[0]!, statement, ...of })

const store = (its: ModelReview, ...claims: Claim[]) =>
  db.transaction().execute((tx) => storeModelReviews(tx, [{ review: its, claims }]))
const statements = async () => (await claimsOf(db, ids)).map((it) => it.statement)

/** A dream of a store of this name counts the first session. */
async function count(name: string, with_model: boolean): Promise<void> {
  const { id } = await ensureMemoryStore(db, name, 'desk', '2026-11-02T00:00:00Z')
  const { seq } = await db
    .selectFrom('session')
    .select('seq')
    .where('id', '=', ids[0]!)
    .executeTakeFirstOrThrow()
  const dream = { id: `drm_${name}`, memory_store_id: id, status: 'completed', result: 'changed' }
  await db
    .insertInto('dream')
    .values({ ...dream, created_at: '2026', ended_at: '2026' })
    .onConflict((it) => it.doNothing())
    .execute()
  await db.transaction().execute((tx) => writeLedger(tx, id, dream.id, [{ seq, told: [], with_model }]))
}

describe('what is stored', () => {
  test('is read again as it was', async () => {
    const its = review({
      dropped: [{ what: 'preference', reason: 'it is not one short sentence' }],
      left_out: ['3 events'],
      observations: [{ channel: 'model', context: 'claims seen', bad: false, event: 0, traits: {} }],
    })
    await store(its, said('one'), said('two'))
    expect(await readModelReviews(db, ids, '1')).toEqual(new Map([[ids[0], its]]))
    expect(await claimsOf(db, ids)).toEqual([said('one'), said('two')])
  })

  test('takes the place of an answer that was of no use', async () => {
    await store(review({ status: 'unusable', reason: 'no JSON' }))
    await store(review({ attempts: 2 }), said('one'))
    expect((await readModelReviews(db, ids, '1')).get(ids[0]!)).toMatchObject({ status: 'read', attempts: 2 })
  })

  test('stands where another dream has read the session meanwhile, and that is what is given', async () => {
    await store(review({ model: 'first' }), said('one'))
    const [standing] = await store(review({ model: 'second' }), said('two'))
    expect(standing).toMatchObject({ review: { model: 'first' }, claims: [{ statement: 'one' }] })
    expect(await statements()).toEqual(['one'])
  })
})

describe('where another thing is asked now, a session', () => {
  test.each([
    { name: 'that nobody counted', counted: () => Promise.resolve(), is_read_again: true },
    { name: 'that was counted without it', counted: () => count('without', false), is_read_again: true },
    { name: 'that was counted with it', counted: () => count('with', true), is_read_again: false },
  ])('$name is read again: $is_read_again', async ({ counted, is_read_again }) => {
    await store(review(), said('one'))
    await counted()
    expect((await readModelReviews(db, ids, '2')).size).toBe(is_read_again ? 0 : 1)
    await store(review({ prompt: '2' }), said('two'))
    expect(await statements()).toEqual([is_read_again ? 'two' : 'one'])
  })
})

describe('a group', () => {
  const later = () => said('two', { session_id: ids[1]!, group_id: 'clm_one' })
  beforeEach(async () => {
    await store(review(), said('one'))
    await store(review({ session_id: ids[1]! }), later(), said('three', { session_id: ids[1]! }))
  })

  test('is known by what was said first', async () => {
    expect(await groupsOf(db, 'desk')).toMatchObject([
      { group_id: 'clm_one', statement: 'one' },
      { group_id: 'clm_three', statement: 'three' },
    ])
    expect(await groupsOf(db, 'other')).toEqual([])
  })

  test('is told by what remains, when the first goes', async () => {
    expect(await firstOfGroup(db, 'clm_one', new Set())).toMatchObject({ statement: 'one' })
    expect(await firstOfGroup(db, 'clm_one', new Set([ids[0]!]))).toMatchObject({ statement: 'two' })
    expect(await firstOfGroup(db, 'clm_one', new Set(ids))).toBe(undefined)
  })

  test('quotes each session for itself', async () => {
    const quoted = await quotedBy(db, 'clm_one', ids)
    expect([...quoted].map(([id, it]) => [id, it.external_session_id, it.citations.length])).toEqual([
      [ids[0], 's1', 1],
      [ids[1], 's2', 1],
    ])
    expect([...(await quotedBy(db, 'clm_three', ids)).keys()]).toEqual([ids[1]])
  })

  test('is not known in another workspace', async () => {
    const elsewhere = openDatabase(path, 'elsewhere')
    expect(await groupsOf(elsewhere, 'desk')).toEqual([])
    expect(await firstOfGroup(elsewhere, 'clm_one', new Set())).toBe(undefined)
    expect(await claimsOf(elsewhere, ids)).toEqual([])
    expect((await quotedBy(elsewhere, 'clm_one', ids)).size).toBe(0)
    expect((await readModelReviews(elsewhere, ids, '1')).size).toBe(0)
    await elsewhere.destroy()
  })
})
