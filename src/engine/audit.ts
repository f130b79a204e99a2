/** The audit log: read, followed from end to end, and signed. */
import {
  auditAfter,
  auditBefore,
  type Place,
  placesOf,
  seqOfHash,
  type Verification,
  verifyAudit,
} from '../db/audit.ts'
import { ownWorkspace } from '../db/workspaces.ts'
import type { AuditHead, AuditRecord } from '../domain/audit.ts'
import { emptyChain } from '../domain/audit-chain.ts'
import { checkSignature, type SignatureCheck, type SignedHead, signHead } from '../domain/audit-signature.ts'
import { EngineError } from '../domain/error.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf, readCursor } from '../domain/page.ts'
import type { Opened } from './opened.ts'

/** An audit record, and the memory store and path that its object has. */
export type AuditRow = AuditRecord & Place

/** A signed head, and the key that it is to be checked with. */
export type SignedWith = { head: SignedHead; public_key: string }

export type VerifiedAudit = Verification & {
  /** Whether everything that was asked for holds. */
  is_good: boolean
  noted_head: 'found' | 'not found' | null
  signature: SignatureCheck | null
}

export function auditOf({ db, now }: Opened) {
  return {
    /** What happened, the latest first, each with where its object is. */
    async audit(page: PageRequest = {}): Promise<Page<AuditRow>> {
      const limit = page.limit ?? 50
      const cursor = readCursor(page.page)
      const records = await auditBefore(db, cursor === null ? null : Number(cursor), limit + 1)
      const places = await placesOf(db, records)
      const rows = records.map((it, i) => ({ ...it, ...places[i]! }))
      return pageOf(rows, { limit }, (it) => String(it.seq))
    },

    /** The last link of the chain as it stands, to be noted elsewhere. Nothing is verified. */
    async auditHead(): Promise<AuditHead> {
      const [last] = await auditBefore(db, null, 1)
      return last ? { seq: last.seq, hash: last.hash } : emptyChain((await ownWorkspace(db)).id)
    },

    /** Whether the audit log is as it was written, from its first record to its head, and leads through a head known from elsewhere. */
    async verifyAudit({ head, signed }: { head?: string; signed?: SignedWith } = {}): Promise<VerifiedAudit> {
      const { records, broken, ...end } = await verifyAudit(db)
      const found = head === undefined ? null : await seqOfHash(db, head)
      const noted_head =
        head === undefined ? null : found !== null && found <= records ? 'found' : 'not found'
      const signature = signed
        ? checkSignature(signed.head, signed.public_key, {
            records,
            found: await seqOfHash(db, signed.head.hash),
          })
        : null
      const is_good = broken === null && noted_head !== 'not found' && (signature?.problem ?? null) === null
      return { is_good, records, ...end, broken, noted_head, signature }
    },

    /** A head that vouches for the audit log up to now. The key is only used. Throws `conflict_error` where the log is not as it was written. */
    async signAudit(private_key: string): Promise<SignedHead> {
      const { records, head, broken } = await verifyAudit(db)
      if (broken !== null)
        throw new EngineError('conflict_error', `${broken.reason}, so nothing was signed`, {
          hint: 'a signature would vouch for that: see `reverie audit verify`',
        })
      if (records === 0)
        throw new EngineError('invalid_request_error', 'the audit log is empty: there is nothing to sign', {
          hint: 'sign when something has happened',
        })
      return signHead(head, now().toISOString(), private_key)
    },
  }
}

/** Every audit record in the order of the chain. */
export async function* auditLog({ db }: Opened): AsyncGenerator<AuditRecord> {
  for (let after = 0; ; ) {
    const records = await auditAfter(db, after, 1_000)
    if (records.length === 0) return
    yield* records
    after = records.at(-1)!.seq
  }
}
