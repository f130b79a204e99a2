import type { AuditRecord } from '../../domain/audit.ts'
import type { Page } from '../../domain/page.ts'
import type { Verification } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export function showAudit({ data, next_page }: Page<AuditRecord>, screen: Screen): string {
  if (data.length === 0) return 'Nothing has happened yet.\n'
  return `${data.map((it) => recordLines(it, screen)).join('')}${screen.more(next_page)}`
}

function recordLines({ seq, at, actor, action, object, reason }: AuditRecord, screen: Screen): string {
  const head = `${minute(at)} UTC  ${screen.bold(action)}  ${object}`
  return `${cut(`${seq}  ${head}`, screen.columns + screen.bold('').length)}\n${screen.dim(cut(`    by ${actor}: ${reason}`, screen.columns))}\n`
}

export type ExportedLog = { file: string; records: number }

export function showExportedLog({ file, records }: ExportedLog): string {
  return `${count(records, 'record')} of the audit log written to ${file}.\n`
}

export function showVerification(
  { records, head, broken, noted_head }: Verification & { noted_head: 'found' | 'not found' | null },
  { columns, bad }: Screen,
): string {
  if (broken !== null) {
    const trust = `The ${count(records, 'record')} before it ${records === 1 ? 'is' : 'are'} as written; nothing after it can be relied on. Compare with a backup or an export.`
    return `${bad('broken')}: ${broken.reason}\n${wrap(trust, columns, '  ')}\n`
  }
  if (noted_head === 'not found') {
    const what = `The log is whole in itself, but the record you noted is not in it: it was written anew. Compare with a backup or an export.`
    return `${bad('not the same log')}\n${wrap(what, columns, '  ')}\n`
  }
  const keep = `Note the head somewhere else; \`audit verify --head\` then also finds a log that was written anew: ${head.hash}`
  return `${count(records, 'record')}, every one as it was written.\n${records === 0 ? '' : `${wrap(keep, columns, '  ')}\n`}`
}
