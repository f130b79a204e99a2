import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AuditHead } from '../../domain/audit.ts'
import { newKeyPair, SignedHead } from '../../domain/audit-signature.ts'
import { EngineError } from '../../domain/error.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { AuditRow, SignedWith, VerifiedAudit } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { readFile, writeNewFile } from '../folder.ts'
import {
  type ExportedLog,
  type NewKey,
  type SignedLog,
  showAudit,
  showExportedLog,
  showNewKey,
  showSignedLog,
  showVerification,
} from '../show/audit.ts'

export async function listAudit(call: Call, page: PageRequest): Promise<Answer<Page<AuditRow>>> {
  const engine = await call.open()
  return { data: await engine.audit(page), show: showAudit }
}

/** One record a line. Refuses to write over a file. */
export async function exportAudit(call: Call, file: string): Promise<Answer<ExportedLog>> {
  const engine = await call.open()
  const path = resolve(file)
  const target = openNew(path)
  let records = 0
  let head: AuditHead | null = null
  try {
    for await (const record of engine.auditLog()) {
      writeSync(target, `${JSON.stringify(record)}\n`)
      records++
      head = { seq: record.seq, hash: record.hash }
    }
  } finally {
    closeSync(target)
  }
  return { data: { file: path, records, head }, show: showExportedLog }
}

/** Makes a key to sign with: the private half in `file`, which only its owner can read, the public half beside it. */
export async function newKey(file: string): Promise<Answer<NewKey>> {
  const { private_key, public_key, public_key_sha256 } = newKeyPair()
  const paths = { file: resolve(file), public_key_file: `${resolve(file)}.pub` }
  writeNewFile(paths.file, Buffer.from(private_key), 0o600)
  try {
    writeNewFile(paths.public_key_file, Buffer.from(public_key))
  } catch (error) {
    // Nobody has seen the private half yet, and alone it would only be in the way of the next attempt.
    rmSync(paths.file)
    throw error
  }
  return { data: { ...paths, public_key, public_key_sha256 }, show: showNewKey }
}

export type SignOptions = { key: string; out?: string }

/** Signs the head of a log that is as it was written. */
export async function signAudit(call: Call, { key, out }: SignOptions): Promise<Answer<SignedLog>> {
  const private_key = textIn(key)
  const signed_head = await (await call.open()).signAudit(private_key)
  const file = out === undefined ? null : resolve(out)
  if (file !== null) writeNewFile(file, Buffer.from(`${JSON.stringify(signed_head, null, 2)}\n`))
  return { data: { signed_head, file }, show: showSignedLog }
}

export type VerifyOptions = { head?: string; signature?: string; publicKey?: string }

/** Fails when the log is not as it was written, or does not lead through a head that was noted or signed. */
export async function verifyAudit(
  call: Call,
  { head, signature, publicKey }: VerifyOptions,
): Promise<Answer<VerifiedAudit>> {
  const signed = signatureGiven(signature, publicKey)
  const data = await (await call.open()).verifyAudit({ head, ...signed })
  return { data, show: showVerification, exit_code: data.is_good ? 0 : 1 }
}

function signatureGiven(signature?: string, public_key?: string): { signed?: SignedWith } {
  if (signature === undefined && public_key === undefined) return {}
  if (signature === undefined || public_key === undefined)
    throw new EngineError('invalid_request_error', 'a signature is checked with a public key', {
      hint: 'give both --signature and --public-key; the key from where you keep it, not from who gave you the signature',
    })
  return { signed: { head: signedHeadIn(signature), public_key: textIn(public_key) } }
}

function signedHeadIn(file: string): SignedHead {
  const parsed = SignedHead.safeParse(jsonIn(file))
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new EngineError(
    'invalid_request_error',
    `${resolve(file)} is no signed head: ${[...path.map(String), message].join(': ')}`,
    { hint: '`reverie audit sign --out FILE` makes one', cause: parsed.error },
  )
}

function jsonIn(file: string): unknown {
  const text = textIn(file)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new EngineError('invalid_request_error', `${resolve(file)} is no signed head: it is not JSON`, {
      hint: '`reverie audit sign --out FILE` makes one',
      cause: error,
    })
  }
}

function textIn(file: string): string {
  const path = resolve(file)
  const found = readFile(path, path)
  if (found) return Buffer.from(found.bytes).toString()
  throw new EngineError('file_access_error', `there is no file ${path}`, {
    hint: 'give a file that is there',
  })
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    throw new EngineError('file_access_error', `cannot write ${path}: ${(error as Error).message}`, {
      hint: 'give a file that is not there yet, in a folder that you may write to',
      cause: error,
    })
  }
}
