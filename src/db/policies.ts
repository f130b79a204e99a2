/**
 * Policies: every one that was ever set in this workspace, as it was written, and which was in force when. Nothing of it is edited or
 * deleted, since verdicts name the policy they rest on by its sha256.
 */
import { sql } from 'kysely'
import { DEFAULT_POLICY, DEFAULT_POLICY_SHA256, DEFAULT_POLICY_TEXT } from '../domain/default-policy.ts'
import { sha256 } from '../domain/id.ts'
import type { Measuring, Policy } from '../domain/policy.ts'
import { appendAudit } from './audit.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** A policy, and by whom and when it was put in force; nulls for the default, which nobody set. */
export type PolicyInForce = {
  policy: Policy
  /** Of `content`, which is the text as it was written. */
  sha256: string
  content: string
  set_at: string | null
  set_by: string | null
}

/** What a person set last; where nobody did, the default. */
export async function policyInForce(db: Database | Transaction): Promise<PolicyInForce> {
  const [last] = await policyHistory(db, { limit: 1 })
  if (!last) return THE_DEFAULT
  const { seq, ...policy } = last
  return policy
}

const THE_DEFAULT: PolicyInForce = {
  policy: DEFAULT_POLICY,
  sha256: DEFAULT_POLICY_SHA256,
  content: DEFAULT_POLICY_TEXT,
  set_at: null,
  set_by: null,
}

/** Every setting of a policy, the latest first, those before the setting `before`. The default that is in force at first is none of them. */
export async function policyHistory(
  db: Database | Transaction,
  { before, limit }: { before?: number; limit: number },
): Promise<(PolicyInForce & { seq: number })[]> {
  const rows = await latestSettings(db, limit)
    .select(['seq', 'sha256', 'content', 'parsed', 'set_at', 'set_by'])
    .$if(before !== undefined, (it) => it.where('seq', '<', before!))
    .execute()
  // A session that begins asks for `measuringInForce`, and need not wait for what reads the whole.
  const { Policy } = await import('../domain/policy.ts')
  return rows.map(({ parsed, ...it }) => ({ ...it, policy: Policy.parse(JSON.parse(parsed)) }))
}

/**
 * How the policy in force finds out whether lessons help. It was checked when it was set, so it is read without the schema, whose loading
 * would hold up every session that begins; what an older Reverie knew no word for is as in the default.
 */
export async function measuringInForce(db: Database | Transaction): Promise<Measuring> {
  const last = await latestSettings(db, 1)
    .select(sql<string | null>`json_extract(parsed, '$.measuring')`.as('measuring'))
    .executeTakeFirst()
  return { ...DEFAULT_POLICY.measuring, ...JSON.parse(last?.measuring ?? '{}') }
}

/** The policies whose sha256 begins so, each as it was put in force last; the default may be one of them. */
export async function policiesLike(db: Database, beginning: string): Promise<PolicyInForce[]> {
  const history = await policyHistory(db, { limit: Number.MAX_SAFE_INTEGER })
  const policies = [THE_DEFAULT, ...history.reverse().map(({ seq, ...it }) => it)]
  const found = new Map(policies.map((it) => [it.sha256, it]))
  return [...found.values()].filter((it) => it.sha256.startsWith(beginning))
}

/** Puts a policy in force. False where it is in force already: then nothing happens. */
export async function setPolicy(
  tx: Transaction,
  { content, policy }: { content: string; policy: Policy },
  { set_by, set_at }: { set_by: `user:${string}`; set_at: string },
): Promise<boolean> {
  const former = await policyInForce(tx)
  const policy_sha256 = sha256(content)
  if (policy_sha256 === former.sha256) return false
  const workspace_id = OWN_WORKSPACE
  await tx
    .insertInto('policy')
    .values({
      workspace_id,
      sha256: policy_sha256,
      content,
      parsed: JSON.stringify(policy),
      created_at: set_at,
      created_by: set_by,
    })
    .onConflict((it) => it.doNothing())
    .execute()
  await tx
    .insertInto('policy_in_force')
    .values((eb) => ({
      workspace_id,
      seq: eb
        .selectFrom('policy_in_force')
        .where('workspace_id', '=', OWN_WORKSPACE)
        .select(sql<number>`coalesce(max(seq), 0) + 1`.as('seq')),
      policy_sha256,
      set_at,
      set_by,
    }))
    .execute()
  await appendAudit(tx, {
    at: set_at,
    actor: set_by,
    action: 'policy.set',
    object: policy_sha256,
    before_sha256: former.sha256,
    after_sha256: policy_sha256,
    reason: 'a person put this policy in force',
  })
  return true
}

function latestSettings(db: Database | Transaction, limit: number) {
  return db
    .selectFrom('policy_in_force')
    .innerJoin('policy', (join) =>
      join
        .onRef('policy.sha256', '=', 'policy_in_force.policy_sha256')
        .onRef('policy.workspace_id', '=', 'policy_in_force.workspace_id'),
    )
    .where('policy_in_force.workspace_id', '=', OWN_WORKSPACE)
    .orderBy('seq', 'desc')
    .limit(limit)
}
