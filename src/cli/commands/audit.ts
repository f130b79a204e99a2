import { closeSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AuditRecord } from '../../domain/audit.ts'
import { EngineError } from '../../domain/error.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Verification } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { type ExportedLog, showAudit, showExportedLog, showVerification } from '../show/audit.ts'

export async function listAudit(call: Call, page: PageRequest): Promise<Answer<Page<AuditRecord>>> {
  const engine = await call.open()
  return { data: await engine.audit(page), show: showAudit }
}

/** One record a line. Refuses to write over a file. */
export async function exportAudit(call: Call, file: string): Promise<Answer<ExportedLog>> {
  const engine = await call.open()
  const path = resolve(file)
  const target = openNew(path)
  let records = 0
  try {
    for await (const record of engine.auditLog()) {
      writeSync(target, `${JSON.stringify(record)}\n`)
      records++
    }
  } finally {
    closeSync(target)
  }
  return { data: { file: path, records }, show: showExportedLog }
}

export type VerifyOptions = { head?: string }

/** Fails when a record was changed, removed or moved, or when the log does not lead through the head that was noted. */
export async function verifyAudit(
  call: Call,
  { head }: VerifyOptions,
): Promise<Answer<Verification & { noted_head: 'found' | 'not found' | null }>> {
  const engine = await call.open()
  const verification = await engine.verifyAudit()
  const noted_head =
    head === undefined ? null : (await leadsThrough(engine.auditLog(), head)) ? 'found' : 'not found'
  const is_whole = verification.broken === null && noted_head !== 'not found'
  return { data: { ...verification, noted_head }, show: showVerification, exit_code: is_whole ? 0 : 1 }
}

async function leadsThrough(log: AsyncGenerator<AuditRecord>, hash: string): Promise<boolean> {
  for await (const record of log) if (record.hash === hash) return true
  return false
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
