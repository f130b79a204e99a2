/** A signed head of the audit log: every way to forge, and what it says of each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appendAudit } from '../../src/db/audit.ts'
import { openDatabase } from '../../src/db/database.ts'
import { AuditEntry, type AuditRecord } from '../../src/domain/audit.ts'
import {
  badSignature,
  type KeyPair,
  newKeyPair,
  type SignedHead,
  signHead,
} from '../../src/domain/audit-signature.ts'
import { type Engine, openEngine, type VerifiedAudit } from '../../src/engine.ts'

const SIGNED_AT = '2026-11-03T09:00:00.000Z'
const ours: KeyPair = newKeyPair()
const theirs: KeyPair = newKeyPair()

let folder: string
let path: string
let engine: Engine
let signed: SignedHead

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-signature-'))
  path = join(folder, 'audit.db')
  engine = openEngine({ database: path, now: () => new Date(SIGNED_AT) })
  await append(...entries(10))
  signed = await engine.signAudit(ours.private_key)
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

test('what was signed holds, and says which records it does not vouch for', async () => {
  expect((await verify(signed)).signature).toEqual({
    seq: 10,
    at: SIGNED_AT,
    public_key_sha256: ours.public_key_sha256,
    problem: null,
    records_since: 0,
  })

  await append(...entries(3))

  expect(await verify(signed)).toMatchObject({
    is_good: true,
    signature: { problem: null, seq: 10, records_since: 3 },
  })
})

test('an older head that is shown instead of a newer one is true, and says how old it is', async () => {
  await append(...entries(3))
  await engine.signAudit(ours.private_key)

  expect((await verify(signed)).signature).toMatchObject({ problem: null, at: SIGNED_AT, records_since: 3 })
})

/** What somebody without the private key can do to the signed file. */
test.each<{ name: string; forged: (it: SignedHead) => SignedHead; problem: string }>([
  {
    name: 'made with another key',
    forged: (it) => signHead(it, it.at, theirs.private_key),
    problem: 'other key',
  },
  {
    name: 'made with another key under the name of ours',
    forged: (it) => ({
      ...signHead(it, it.at, theirs.private_key),
      public_key_sha256: ours.public_key_sha256,
    }),
    problem: 'forged',
  },
  { name: 'moved to an earlier record', forged: (it) => ({ ...it, seq: 9 }), problem: 'forged' },
  { name: 'put on another hash', forged: (it) => ({ ...it, hash: 'a'.repeat(64) }), problem: 'forged' },
  { name: 'dated later', forged: (it) => ({ ...it, at: '2027-01-01T00:00:00.000Z' }), problem: 'forged' },
  { name: 'emptied', forged: (it) => ({ ...it, signature: '' }), problem: 'forged' },
  {
    name: 'cut short',
    forged: (it) => ({ ...it, signature: it.signature.slice(0, 40) }),
    problem: 'forged',
  },
  {
    name: 'given to another head with its signature',
    forged: (it) => ({ ...it, seq: 1, hash: 'b'.repeat(64) }),
    problem: 'forged',
  },
])('a signed head that was $name is found out', async ({ forged, problem }) => {
  expect(await verify(forged(signed))).toMatchObject({
    broken: null,
    is_good: false,
    signature: { problem, records_since: null },
  })
})

/** What somebody can do who has the database and knows how the chain is made, but not the key. */
test.each<{ name: string; rewritten: (it: AuditRecord[]) => AuditEntry[]; problem: string }>([
  { name: 'cut off after seven records', rewritten: (it) => it.slice(0, 7), problem: 'log is shorter' },
  { name: 'emptied', rewritten: () => [], problem: 'log is shorter' },
  {
    name: 'edited in one reason and chained anew',
    rewritten: (it) => it.map((one) => (one.seq === 4 ? { ...one, reason: 'nothing to see' } : one)),
    problem: 'not the same log',
  },
  {
    name: 'relieved of one record and chained anew, with another at its end',
    rewritten: (it) => [...it.filter((one) => one.seq !== 4), ...entries(1)],
    problem: 'not the same log',
  },
  {
    name: 'turned around and chained anew',
    rewritten: (it) => it.toReversed(),
    problem: 'not the same log',
  },
])(
  'a log that was $name is whole in itself, and not the one that was signed',
  async ({ rewritten, problem }) => {
    const records: AuditRecord[] = []
    for await (const it of engine.auditLog()) records.push(it)
    await writeAnew(rewritten(records))

    expect(await verify(signed)).toMatchObject({ broken: null, is_good: false, signature: { problem } })
  },
)

test('of a log that is broken after what was signed, the part that was signed still holds', async () => {
  await append(...entries(3))
  tamper("UPDATE audit SET reason = 'x' WHERE seq = 12")

  expect(await verify(signed)).toMatchObject({
    broken: { seq: 12 },
    is_good: false,
    signature: { problem: null, records_since: 1 },
  })
})

test('a record that was changed under its old hash does not pass for the signed one', async () => {
  tamper("UPDATE audit SET reason = 'x' WHERE seq = 10")

  expect(await verify(signed)).toMatchObject({
    broken: { seq: 10 },
    signature: { problem: 'log is shorter' },
  })
})

test('a log that is not as it was written, or empty, is not signed', async () => {
  tamper("UPDATE audit SET actor = 'user:bob' WHERE seq = 3")
  await expect(engine.signAudit(ours.private_key)).rejects.toMatchObject({ type: 'conflict_error' })

  const empty = openEngine({ database: ':memory:' })
  await expect(empty.signAudit(ours.private_key)).rejects.toMatchObject({ type: 'invalid_request_error' })
  await empty.close()
})

test.each([
  ['no key at all', 'hello'],
  ['a public key', ours.public_key],
  ['a private key that is torn', ours.private_key.replace(/\n.*\n/, '\nAAAA\n')],
])('%s does not sign', (_, key) => {
  expect(() => signHead({ seq: 1, hash: 'a'.repeat(64) }, SIGNED_AT, key)).toThrow(/no private Ed25519 key/)
})

test.each([
  ['no key at all', 'hello'],
  ['a private key, which nobody should hand around', ours.private_key],
])('%s does not check a signature', (_, key) => {
  expect(() => badSignature(signed, key)).toThrow(/no public Ed25519 key/)
})

function verify(head: SignedHead): Promise<VerifiedAudit> {
  return engine.verifyAudit({ signed: { head, public_key: ours.public_key } })
}

function entries(count: number): AuditEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    at: SIGNED_AT,
    actor: 'user:ann',
    action: 'memory.modified',
    object: `memver_${i}`,
    before_sha256: 'a'.repeat(64),
    after_sha256: 'c'.repeat(64),
    reason: 'by hand',
  }))
}

async function append(...added: AuditEntry[]): Promise<void> {
  const db = openDatabase(path)
  await db.transaction().execute((tx) => appendAudit(tx, ...added))
  await db.destroy()
}

/** The whole log with these entries, linked as Reverie links them. */
async function writeAnew(written: AuditEntry[]): Promise<void> {
  tamper('DELETE FROM audit; DELETE FROM audit_head')
  const anew = written.map((it) => AuditEntry.parse(it))
  if (anew.length > 0) await append(...anew)
}

/** With the file and a SQLite shell, the triggers taken away first. */
function tamper(sql: string): void {
  const sqlite = new DatabaseSync(path)
  const triggers = sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'audit%'")
    .all()
  for (const { name } of triggers) sqlite.exec(`DROP TRIGGER ${name}`)
  sqlite.exec(sql)
  sqlite.close()
}
