/** Claims that say the same in other words are one, where a model says so and no word of theirs says otherwise. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf } from '../../src/db/claims.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { type ModelReview, storeModelReviews } from '../../src/db/model-reviews.ts'
import type { Claim } from '../../src/domain/claim.ts'
import { openEngine } from '../../src/engine.ts'
import { type ClaimOfSession, groupClaims } from '../../src/group-claims.ts'
import type { Ask, Question } from '../../src/model/model.ts'
import { ModelError } from '../../src/model/model-error.ts'
import { saying } from '../3-mine/claims.ts'
import { type Decides, samenessBy } from './same-model.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-groups-'))
const path = join(scratch, 'desk.db')
let db: Database
/** Of `desk`, and the last of another agent. */
let ids: string[]

beforeAll(async () => {
  const file = join(scratch, 'sessions.jsonl')
  const lines = Array.from({ length: 8 }, (_, i) => ({
    id: `s${i}`,
    agent: i === 7 ? 'other' : 'desk',
    steps: [{ role: 'user', text: `Question ${i}` }],
  }))
  writeFileSync(file, lines.map((it) => JSON.stringify(it)).join('\n'))
  const engine = openEngine({ database: path })
  await engine.ingest([file], { harness: 'steps' })
  await engine.close()
  db = openDatabase(path)
  const rows = await db.selectFrom('session').select('id').orderBy('external_session_id').execute()
  ids = rows.map((it) => it.id)
})
beforeEach(async () => {
  await db.deleteFrom('claim').execute()
  await db.deleteFrom('model_review').execute()
})
afterAll(async () => {
  await db.destroy()
  rmSync(scratch, { recursive: true })
})

/** Each of a session of its own, in order. */
function said(...statements: (string | [string, Partial<ClaimOfSession>])[]): ClaimOfSession[] {
  return statements.map((it, i) => {
    const [statement, of] = typeof it === 'string' ? [it, {}] : it
    return saying(statement, { session_id: ids[i]!, ...of })
  })
}

/** The numbers of the groups, in the order in which they begin: `[0, 0, 1]`. */
function groupsIn(claims: Claim[]): number[] {
  const groups = [...new Set(claims.map((it) => it.group_id))]
  return claims.map((it) => groups.indexOf(it.group_id))
}

async function grouped(claims: ClaimOfSession[], decides: Decides): Promise<number[]> {
  return groupsIn(await groupClaims(db, samenessBy(decides), claims))
}

async function store(claims: Claim[]): Promise<void> {
  const reviews = claims.map((it) => ({ review: reviewOf(it.session_id), claims: [it] }))
  await db.transaction().execute((tx) => storeModelReviews(tx, reviews))
}

function reviewOf(session_id: string): ModelReview {
  const nothing = { reason: null, dropped: [], left_out: [], observations: [] }
  return { session_id, prompt: '1', model: 'a/b', status: 'read', attempts: 1, ...nothing, read_at: '2026' }
}

const EVERYTHING: Decides = () => true
const NOTHING: Decides = () => false

describe('two claims', () => {
  test.each<{ name: string; claims: [string, string]; decides: Decides; groups: number[] }>([
    {
      name: 'that share no word are one where the model says so',
      claims: ['Answer in a few sentences.', 'Keep replies brief.'],
      decides: EVERYTHING,
      groups: [0, 0],
    },
    {
      name: 'are two where it does not',
      claims: ['Answer in a few sentences.', 'Keep replies brief.'],
      decides: NOTHING,
      groups: [0, 1],
    },
    {
      name: 'that say the same word for word are one, whatever it says',
      claims: ['Answer in a few sentences.', 'Please answer in few sentences'],
      decides: NOTHING,
      groups: [0, 0],
    },
  ])('$name', async ({ claims, decides, groups }) => {
    expect(await grouped(said(...claims), decides)).toEqual(groups)
  })

  test.each([
    ['Use purple for the headings.', 'Use cyan for the headings.'],
    ['Look at PR 260 before you merge.', 'Look at PR 480 before you merge.'],
    ['Send the offer to Alice.', 'Send the offer to Sarah.'],
    ['Call `get_user` first.', 'Call `get_order` first.'],
    ['Answer in at most three sentences.', 'Answer in at most five sentences.'],
    ['Call back on Monday.', 'Call back on Friday.'],
    ['Mention the price.', 'Never mention the price.'],
    ['Say "hello" first.', 'Say "good day" first.'],
  ])('%s · %s stay two, although a model takes them for one', async (...claims) => {
    expect(await grouped(said(...claims), EVERYTHING)).toEqual([0, 1])
  })

  test.each<{ name: string; of: Partial<ClaimOfSession> }>([
    { name: 'a mistake and a wish', of: { kind: 'preference' } },
    { name: 'claims about two actions', of: { action: 'cancel_order' } },
  ])('$name are never one', async ({ of }) => {
    const claims = said(
      ['Read the order first.', { action: 'change_order' }],
      ['Read the order first.', { action: 'change_order', ...of }],
    )
    expect(await grouped(claims, EVERYTHING)).toEqual([0, 1])
  })

  test('of one session are not asked about: it was said twice, so it is two', async () => {
    const [one, other] = said('Answer in a few sentences.', 'Keep replies brief.')
    expect(await grouped([one!, { ...other!, session_id: one!.session_id }], EVERYTHING)).toEqual([0, 1])
  })

  test('of two agents know nothing of each other', async () => {
    const [one, other] = said('Keep replies brief.', 'Keep replies brief.')
    const claims = [one!, { ...other!, session_id: ids[7]!, agent: 'other' }]
    expect(await grouped(claims, EVERYTHING)).toEqual([0, 1])
    await store(await groupClaims(db, null, [one!]))
    const [later] = await groupClaims(db, samenessBy(EVERYTHING), [claims[1]!])
    expect(later!.group_id).toBe(later!.id)
  })
})

describe('a chain of claims', () => {
  const chain = ['Answer in a few sentences.', 'Keep replies brief.', 'Do not write so much.']

  test('that are the same, each as the one before it, is one', async () => {
    const next: Decides = (one, other) => Math.abs(chain.indexOf(one) - chain.indexOf(other)) === 1
    expect(await grouped(said(...chain), next)).toEqual([0, 0, 0])
  })

  test('breaks where the first and the last name different things', async () => {
    const claims = ['Answer in 3 sentences.', 'Keep replies brief.', 'Answer in 5 lines.']
    const next: Decides = (one, other) => Math.abs(claims.indexOf(one) - claims.indexOf(other)) === 1
    expect(await grouped(said(...claims), next)).toEqual([0, 0, 1])
  })
})

describe('what was said before', () => {
  const before = 'Answer in a few sentences.'

  test('gives its group to what says the same later, and is itself not changed', async () => {
    const [first] = await groupClaims(db, null, said(before))
    await store([first!])
    const [later] = await groupClaims(db, samenessBy(EVERYTHING), [
      saying('Keep replies brief.', { session_id: ids[1]! }),
    ])
    expect(later!.group_id).toBe(first!.id)
    await store([later!])
    expect((await claimsOf(db, ids)).map((it) => it.group_id)).toEqual([first!.id, first!.id])
  })

  test('is compared by its first words, however often it was said since', async () => {
    const claims = await groupClaims(db, samenessBy(EVERYTHING), said(before, 'Keep replies brief.'))
    await store(claims)
    const questions: string[] = []
    const ask = samenessBy(NOTHING, ({ prompt }) => questions.push(prompt))
    await groupClaims(db, ask, [saying('Do not write so much.', { session_id: ids[2]! })])
    expect(questions).toHaveLength(1)
    expect(questions[0]).toContain(before)
    expect(questions[0]).not.toContain('Keep replies brief.')
  })

  test('is not asked about again by claims that repeat it', async () => {
    await store(await groupClaims(db, null, said(before)))
    const never: Ask = () => Promise.reject(new Error('asked'))
    const [again] = await groupClaims(db, never, [saying(before, { session_id: ids[3]! })])
    expect(again!.group_id).not.toBe(again!.id)
  })
})

test('the same claims are grouped alike by the same answers, and asked about alike', async () => {
  const claims = said(
    'Answer briefly.',
    'Keep replies brief.',
    'Read the price first.',
    'Quote what the order says.',
  )
  const questions: string[][] = [[], []]
  const runs = []
  for (const asked of questions)
    runs.push(
      await groupClaims(
        db,
        samenessBy(
          (one, other) => one.length === other.length,
          ({ prompt }) => asked.push(prompt),
        ),
        claims,
      ),
    )
  expect(runs[1]).toEqual(runs[0])
  expect(questions[1]).toEqual(questions[0])
})

test('nothing new is asked about by nobody', async () => {
  const never: Ask = () => Promise.reject(new Error('asked'))
  expect(await groupClaims(db, never, [])).toEqual([])
})

test('what is said twice of one session in the same words is one claim', async () => {
  const [one] = said('Keep replies brief.')
  expect(await groupClaims(db, null, [one!, one!])).toHaveLength(1)
})

describe('where the model', () => {
  const claims = () => said('Answer in a few sentences.', 'Keep replies brief.', 'Do not write so much.')
  const failing = (kind: ModelError['kind'], fails: (it: Question<unknown>) => boolean) => {
    const ask = samenessBy(EVERYTHING)
    let calls = 0
    const failsFirst: Ask = (question) => {
      calls++
      return fails(question) ? Promise.reject(new ModelError(kind, 'why', 'why')) : ask(question)
    }
    return { ask: failsFirst, calls: () => calls }
  }
  const isLong = ({ prompt }: Question<unknown>) => prompt.includes('c2:')

  test('answers with nothing of use about many, it is asked about each', async () => {
    const { ask, calls } = failing('unusable', isLong)
    expect(groupsIn(await groupClaims(db, ask, claims()))).toEqual([0, 0, 0])
    expect(calls()).toBe(3)
  })

  test('never does, each stays by itself', async () => {
    const { ask, calls } = failing('unusable', () => true)
    expect(groupsIn(await groupClaims(db, ask, claims()))).toEqual([0, 1, 2])
    expect(calls()).toBe(3)
  })

  test.each(['unavailable', 'refused', 'stopped'] as const)(
    'is %s, that is said, and nothing decided',
    async (kind) => {
      const { ask } = failing(kind, () => true)
      await expect(groupClaims(db, ask, claims())).rejects.toMatchObject({ kind })
      expect(await claimsOf(db, ids)).toEqual([])
    },
  )
})
