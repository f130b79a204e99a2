/**
 * A signed head: one end of the audit log, vouched for with an Ed25519 key that is kept away from the database.
 *
 * Whoever holds the database can write a log anew that is whole in itself. They cannot sign it: a head that was signed
 * before, and kept elsewhere, then does not lie on the chain. The private key is a file of its owner and is never stored.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { z } from 'zod'
import type { AuditHead } from './audit.ts'
import { EngineError } from './error.ts'
import { sha256 } from './id.ts'

export const SignedHead = z.strictObject({
  format: z.literal('reverie-audit-head'),
  format_version: z.literal(1),
  /** The last record that it vouches for, and so all before it. */
  seq: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it was signed, by the clock of whoever signed. */
  at: z.iso.datetime(),
  /** The fingerprint of the key: SHA-256 of its public half (SPKI, DER). */
  public_key_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Base64, over the JSON array of the fields above in this order. */
  signature: z.string(),
})
export type SignedHead = z.infer<typeof SignedHead>

export type KeyPair = { private_key: string; public_key: string; public_key_sha256: string }

/** A new key: PKCS #8 and SPKI, both PEM. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    public_key_sha256: fingerprintOf(publicKey),
  }
}

/** Throws `invalid_request_error` where `private_key` is no Ed25519 key in PEM. */
export function signHead({ seq, hash }: AuditHead, at: string, private_key: string): SignedHead {
  const key = keyIn(private_key, 'private')
  const public_key_sha256 = fingerprintOf(createPublicKey(key))
  const head = {
    format: 'reverie-audit-head',
    format_version: 1,
    seq,
    hash,
    at,
    public_key_sha256,
  } as const
  return { ...head, signature: sign(null, signedBytes(head), key).toString('base64') }
}

/**
 * What is wrong with a signature: it was made with another key, or not over this head. Null when nothing is.
 *
 * Throws `invalid_request_error` where `public_key` is no Ed25519 key in PEM.
 */
export function badSignature(signed: SignedHead, public_key: string): 'other key' | 'forged' | null {
  const key = keyIn(public_key, 'public')
  if (signed.public_key_sha256 !== fingerprintOf(key)) return 'other key'
  return verify(null, signedBytes(signed), key, Buffer.from(signed.signature, 'base64')) ? null : 'forged'
}

/** What a signed head says of a log, for a reader. */
export type SignatureCheck = Pick<SignedHead, 'seq' | 'at' | 'public_key_sha256'> & {
  /** `log is shorter`: it ends, or is broken, before the signed record. `not the same log`: another record stands there. */
  problem: 'other key' | 'forged' | 'log is shorter' | 'not the same log' | null
  /** How many records came after what was signed, which it does not vouch for; null where there is a problem. */
  records_since: number | null
}

/** `records` of the log are as written, and in it the signed hash stands at `found`. */
export function checkSignature(
  signed: SignedHead,
  public_key: string,
  log: { records: number; found: number | null },
): SignatureCheck {
  const { seq, at, public_key_sha256 } = signed
  const is_on_chain = log.found === seq && seq <= log.records
  const problem =
    badSignature(signed, public_key) ??
    (is_on_chain ? null : seq > log.records ? 'log is shorter' : 'not the same log')
  return { seq, at, public_key_sha256, problem, records_since: problem === null ? log.records - seq : null }
}

function signedBytes(it: Omit<SignedHead, 'signature'>): Buffer {
  return Buffer.from(
    JSON.stringify([it.format, it.format_version, it.seq, it.hash, it.at, it.public_key_sha256]),
  )
}

function fingerprintOf(public_key: KeyObject): string {
  return sha256(public_key.export({ type: 'spki', format: 'der' }))
}

function keyIn(pem: string, half: 'private' | 'public'): KeyObject {
  const key = parsedKey(pem, half)
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new EngineError('invalid_request_error', `this is no ${half} Ed25519 key in PEM`, {
    hint: '`reverie audit keygen` makes a private key, and its public half beside it',
  })
}

/** Null for what is no key. A private key is not taken for its public half, so that nobody hands it around. */
function parsedKey(pem: string, half: 'private' | 'public'): KeyObject | null {
  if (!pem.includes(half === 'private' ? 'PRIVATE KEY-----' : '-----BEGIN PUBLIC KEY-----')) return null
  try {
    return half === 'private' ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    // The answer to any text that cannot be read as a key is the same.
    return null
  }
}
