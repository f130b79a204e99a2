/** Policies: which is in force, which were, and what another one would have said. */
import { redact } from '../1-ingest/redact.ts'
import { listMemoryStores } from '../db/memory-stores.ts'
import { type PolicyInForce, policiesLike, policyHistory, policyInForce, setPolicy } from '../db/policies.ts'
import type { Change } from '../domain/change.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor } from '../domain/memory.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf, readCursor } from '../domain/page.ts'
import { type TriedChange, tryPolicy } from '../govern/try-policy.ts'
import { oneDream, theOne } from './find.ts'
import type { Opened } from './opened.ts'

/** The text of a policy, and the file it stands in. */
export type PolicyFile = { file: string; text: string }

/** One putting in force. */
export type PolicySetting = Pick<PolicyInForce, 'sha256' | 'set_at' | 'set_by'> & { seq: number }

type VerdictCounts = Record<Change['verdict'], number>

/** What a policy would have said of the changes of the past; the rows are those of which it says something else. */
export type PolicyTrial = Page<TriedChange> & {
  dreams: number
  changes: number
  /** Changes of which the policy says something else than was said. */
  differing: number
  verdicts: VerdictCounts
  would_be: VerdictCounts
  /** Would have gone live by themselves, and people rejected them or took them back. */
  allowed_against_people: number
  /** Would have been refused, and people approved them. */
  denied_against_people: number
}

export function policiesOf({ db, now }: Opened) {
  return {
    /** The policy in force; or the one whose sha256 begins so, in force or not. */
    async policy(sha256?: string): Promise<PolicyInForce> {
      const current = await policyInForce(db)
      if (sha256 === undefined || (sha256 !== '' && current.sha256.startsWith(sha256))) return current
      const found = /^[0-9a-f]+$/.test(sha256) ? await policiesLike(db, sha256) : []
      return theOne('policy version', sha256, found, '`reverie policy history` lists them')
    },

    /** Every putting in force of a policy, the latest first. The default, which is in force at first, is none of them. */
    async policyHistory(page: PageRequest = {}): Promise<Page<PolicySetting>> {
      const limit = page.limit ?? 50
      const cursor = readCursor(page.page)
      const rows = await policyHistory(db, {
        before: cursor === null ? undefined : Number(cursor),
        limit: limit + 1,
      })
      const settings = rows.map(({ seq, sha256, set_at, set_by }) => ({ seq, sha256, set_at, set_by }))
      return pageOf(settings, { limit }, (it) => String(it.seq))
    },

    /**
     * Puts a policy in force; `is_new` is false where it was already. What waits for a decision keeps the verdict it has.
     *
     * Throws `invalid_request_error` with all that is wrong with it, by line and column.
     */
    async setPolicy(
      { file, text }: PolicyFile,
      as: Actor & `user:${string}`,
    ): Promise<PolicyInForce & { is_new: boolean }> {
      const { parsePolicy } = await import('../5-decide/policy-file.ts')
      const policy = parsePolicy(text, file)
      if ((await redact(text)).text !== text)
        throw new EngineError('invalid_request_error', `there is a secret in ${file}`, {
          hint: 'take it out: a policy is kept for good, and everybody who decides reads it',
        })
      const setting = { set_by: as, set_at: now().toISOString() }
      return db.transaction().execute(async (tx) => {
        const is_new = await setPolicy(tx, { content: text, policy }, setting)
        return { ...(await policyInForce(tx)), is_new }
      })
    },

    /** What a policy would have said of the changes of that dream, or of all of them. Writes nothing. */
    async testPolicy(
      { file, text }: PolicyFile,
      { dream, ...page }: { dream?: string } & PageRequest = {},
    ): Promise<PolicyTrial> {
      const { parsePolicy } = await import('../5-decide/policy-file.ts')
      const policy = parsePolicy(text, file)
      const dream_id = dream === undefined ? undefined : (await oneDream(db, dream)).id
      const tried = await tryPolicy(db, policy, await listMemoryStores(db), dream_id)
      const differing = tried.filter((it) => it.verdict !== it.would_be)
      const counts = (verdicts: Change['verdict'][]): VerdictCounts => {
        const of = (verdict: Change['verdict']) => verdicts.filter((it) => it === verdict).length
        return { allow: of('allow'), hold: of('hold'), deny: of('deny') }
      }
      const unwanted = (it: TriedChange) => it.people === 'rejected' || it.status === 'undone'
      return {
        ...pageOf(differing, page),
        dreams: new Set(tried.map((it) => it.dream_id)).size,
        changes: tried.length,
        differing: differing.length,
        verdicts: counts(tried.map((it) => it.verdict)),
        would_be: counts(tried.map((it) => it.would_be)),
        allowed_against_people: tried.filter((it) => it.would_be === 'allow' && unwanted(it)).length,
        denied_against_people: tried.filter((it) => it.would_be === 'deny' && it.people === 'approved')
          .length,
      }
    },
  }
}
