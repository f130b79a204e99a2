import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parsePolicy } from '../../src/5-decide/policy-file.ts'
import { auditBefore, verifyAudit } from '../../src/db/audit.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { peopleBehind } from '../../src/db/patterns.ts'
import {
  measuringInForce,
  policiesLike,
  policyHistory,
  policyInForce,
  setPolicy,
} from '../../src/db/policies.ts'
import { DEFAULT_POLICY, DEFAULT_POLICY_TEXT } from '../../src/domain/default-policy.ts'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Policy } from '../../src/domain/policy.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../examples/policies/${name}.yaml`, import.meta.url), 'utf8')
const trusting = read('trusting')
const regulated = read('regulated')

let db: Database
beforeEach(() => {
  db = openDatabase(':memory:')
})
afterEach(() => db.destroy())

const set = (content: string, set_by: `user:${string}` = 'user:ana', set_at = '2026-11-03T09:00:00Z') =>
  db
    .transaction()
    .execute((tx) => setPolicy(tx, { content, policy: parsePolicy(content) }, { set_by, set_at }))

test('where nobody has set a policy, the default is in force', async () => {
  expect(await policyInForce(db)).toEqual({
    policy: DEFAULT_POLICY,
    sha256: sha256(DEFAULT_POLICY_TEXT),
    content: DEFAULT_POLICY_TEXT,
    set_at: null,
    set_by: null,
  })
  expect(await policyHistory(db, { limit: 10 })).toEqual([])
})

test('what was set last is in force, as it was written', async () => {
  expect(await set(trusting)).toBe(true)
  expect(await set(regulated, 'user:ben', '2026-11-04T09:00:00Z')).toBe(true)

  expect(await policyInForce(db)).toEqual({
    policy: parsePolicy(regulated),
    sha256: sha256(regulated),
    content: regulated,
    set_at: '2026-11-04T09:00:00Z',
    set_by: 'user:ben',
  })
})

test('an older one can be set again, and so can the default', async () => {
  for (const it of [trusting, regulated, trusting, DEFAULT_POLICY_TEXT]) await set(it)
  const history = await policyHistory(db, { limit: 10 })

  expect(history.map((it) => it.sha256)).toEqual(
    [DEFAULT_POLICY_TEXT, trusting, regulated, trusting].map((it) => sha256(it)),
  )
  expect(history.map((it) => it.seq)).toEqual([4, 3, 2, 1])
  expect((await policyHistory(db, { before: 3, limit: 1 })).map((it) => it.seq)).toEqual([2])
  expect((await policyInForce(db)).set_by).toBe('user:ana')
})

test('setting what is in force changes nothing, and tells nobody', async () => {
  expect(await set(DEFAULT_POLICY_TEXT)).toBe(false)
  await set(trusting)
  expect(await set(trusting, 'user:ben')).toBe(false)

  expect(await policyHistory(db, { limit: 10 })).toHaveLength(1)
  expect(await auditBefore(db, null, 10)).toHaveLength(1)
})

test('every setting is one record of the audit log: who, which one, and in place of which', async () => {
  await set(trusting)
  await set(regulated, 'user:ben')

  expect(await auditBefore(db, null, 1)).toMatchObject([
    {
      actor: 'user:ben',
      action: 'policy.set',
      object: sha256(regulated),
      before_sha256: sha256(trusting),
      after_sha256: sha256(regulated),
    },
  ])
  expect(await verifyAudit(db)).toMatchObject({ records: 2, broken: null })
})

describe('how lessons are measured is what the policy in force says:', () => {
  test.each([
    { policy: 'none', content: null },
    { policy: 'one that says nothing of it', content: trusting },
    { policy: 'one that switches it off', content: `${trusting}measuring:\n  enabled: false\n` },
    { policy: 'one with shares of its own', content: `${trusting}measuring: { memory_control: 0.2 }\n` },
  ])('$policy', async ({ content }) => {
    for (const it of content === null ? [] : [regulated, content]) await set(it)

    expect(await measuringInForce(db)).toEqual(parsePolicy(content ?? DEFAULT_POLICY_TEXT).measuring)
  })

  test.each([
    { was: 'of the section', measuring: undefined },
    { was: 'of a key of it', measuring: { enabled: false, memory_control: 0.2 } },
  ])('what an older Reverie knew nothing $was is as in the default', async ({ measuring }) => {
    const older = { ...DEFAULT_POLICY, measuring } as Policy
    await db
      .transaction()
      .execute((tx) =>
        setPolicy(tx, { content: 'old', policy: older }, { set_by: 'user:ana', set_at: '2026' }),
      )

    expect(await measuringInForce(db)).toEqual({ ...DEFAULT_POLICY.measuring, ...measuring })
    expect(await measuringInForce(db)).toEqual((await policyInForce(db)).policy.measuring)
  })
})

test('a policy is found by how its hash begins', async () => {
  await set(trusting)
  await set(regulated)
  const found = async (beginning: string) => (await policiesLike(db, beginning)).map((it) => it.content)

  expect(await found(sha256(trusting).slice(0, 8))).toEqual([trusting])
  expect(await found(sha256(DEFAULT_POLICY_TEXT).slice(0, 8))).toEqual([DEFAULT_POLICY_TEXT])
  expect((await found('')).toSorted()).toEqual([DEFAULT_POLICY_TEXT, trusting, regulated].toSorted())
})

test('a setting that is not finished leaves nothing', async () => {
  const broken = db.transaction().execute(async (tx) => {
    await setPolicy(
      tx,
      { content: trusting, policy: parsePolicy(trusting) },
      { set_by: 'user:ana', set_at: '2026' },
    )
    throw new Error('the machine went down')
  })
  await expect(broken).rejects.toThrow('went down')

  expect((await policyInForce(db)).policy).toEqual(DEFAULT_POLICY)
  expect(await auditBefore(db, null, 10)).toEqual([])
})

describe('the people behind a lesson are those of the sessions that it quotes:', () => {
  test.each([
    { people: ['ana', 'ben', 'ana'], n: 2 },
    { people: ['ana', null], n: 1 },
    { people: [null, null], n: 1 },
    { people: [], n: 0 },
  ])('$people are $n', async ({ people, n }) => {
    await db
      .insertInto('transcript')
      .values({ sha256: 't', size_bytes: 0, content: new Uint8Array() })
      .execute()
    for (const [i, person] of people.entries()) await insertSession(`sesn_${i}`, person)
    const evidence = people.map((_, i) => ({
      session_id: `sesn_${i}`,
      external_session_id: '',
      event_id: 'sevt_1',
      origin: 'person' as const,
      quote: 'no',
    }))

    expect([...(await peopleBehind(db, [{ id: 'pat_1', evidence }]))]).toEqual([['pat_1', n]])
  })

  test('a session that is gone speaks for nobody', async () => {
    const quote = {
      session_id: 'sesn_9',
      external_session_id: '',
      event_id: 'sevt_1',
      origin: 'person' as const,
      quote: 'no',
    }
    expect((await peopleBehind(db, [{ id: 'pat_1', evidence: [quote] }])).get('pat_1')).toBe(0)
  })
})

async function insertSession(id: string, person: string | null): Promise<void> {
  await db
    .insertInto('session')
    .values({
      id,
      workspace_id: DEFAULT_WORKSPACE.id,
      harness: 'steps',
      external_session_id: id,
      agent: 'desk',
      person,
      title: '',
      outcome_result: 'unknown',
      outcome_verified: 0,
      events: 0,
      human_turns: 0,
      tool_calls: 0,
      tool_errors: 0,
      feedback: 0,
      redactions: 0,
      transcript_sha256: 't',
      fingerprints: new Uint8Array(),
      ingested_at: '2026',
    })
    .execute()
}
