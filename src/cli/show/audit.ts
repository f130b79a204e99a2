import type { AuditHead } from '../../domain/audit.ts'
import type { SignatureCheck, SignedHead } from '../../domain/audit-signature.ts'
import type { Page } from '../../domain/page.ts'
import type { AuditRow, VerifiedAudit } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export function showAudit({ data, next_page }: Page<AuditRow>, screen: Screen): string {
  if (data.length === 0) return 'Nothing has happened yet.\n'
  return `${data.map((it) => recordLines(it, screen)).join('')}${screen.more(next_page)}`
}

function recordLines(row: AuditRow, screen: Screen): string {
  const { seq, at, actor, action, reason } = row
  const head = cut(`${seq}  ${minute(at)} UTC  ${action}  ${placeOf(row)}`, screen.columns)
  const who = cut(reason === '' ? `by ${actor}` : `by ${actor}: ${reason}`, screen.columns - INDENT.length)
  return `${head.replace(action, screen.bold(action))}\n${INDENT}${screen.dim(who)}\n`
}

const INDENT = '    '

/** What a person knows it by. Of what is gone, the log keeps only the id. */
function placeOf({ object, store, path }: AuditRow): string {
  if (store === null) return path !== null || IN_A_STORE.test(object) ? `${object} (erased)` : object
  return path === null ? `${store}, ${object}` : `${store} ${path}`
}

const IN_A_STORE = /^(?:memver|chg|drm|memstore)_/

export type ExportedLog = { file: string; records: number; head: AuditHead | null }

export function showExportedLog({ file, records }: ExportedLog): string {
  return `${count(records, 'record')} of the audit log written to ${file}.\n`
}

export type NewKey = { file: string; public_key_file: string; public_key: string; public_key_sha256: string }

export function showNewKey(
  { file, public_key_file, public_key, public_key_sha256 }: NewKey,
  screen: Screen,
): string {
  const keep =
    'Keep the private key away from the database: whoever has both can write the log anew and sign it. Give the public key, or its fingerprint, to those who will check.'
  return [
    `Private key: ${file}`,
    `Public key:  ${public_key_file}`,
    `Fingerprint: ${public_key_sha256}`,
    '',
    public_key.trim(),
    '',
    wrap(keep, screen.columns),
    `Next: ${screen.command(['audit', 'sign', '--key', file, '--out', 'head.json'])}`,
    '',
  ].join('\n')
}

export type SignedLog = { signed_head: SignedHead; file: string | null }

/** Without a file it is the document itself, so that it can be led into one. */
export function showSignedLog({ signed_head, file }: SignedLog, { columns }: Screen): string {
  if (file === null) return `${JSON.stringify(signed_head, null, 2)}\n`
  const keep = 'Keep it where whoever can write to the database cannot.'
  return `${count(signed_head.seq, 'record')} signed, up to ${signed_head.hash}.\n${wrap(`Written to ${file}. ${keep}`, columns)}\n`
}

export function showVerification(
  { records, head, broken, noted_head, signature }: VerifiedAudit,
  { columns, bad }: Screen,
): string {
  const told = signature === null ? '' : signatureLines(signature, { columns, bad })
  if (broken !== null) {
    const trust = `The ${count(records, 'record')} before it ${records === 1 ? 'is' : 'are'} as written; nothing after it can be relied on. Compare with a backup or an export.`
    return `${bad('broken')}: ${broken.reason}\n${wrap(trust, columns, '  ')}\n${told}`
  }
  if (noted_head === 'not found') {
    const what = `The log is whole in itself, but the record you noted is not in it: it was written anew. Compare with a backup or an export.`
    return `${bad('not the same log')}\n${wrap(what, columns, '  ')}\n${told}`
  }
  const keep = `Note the head somewhere else; \`audit verify --head\` then also finds a log that was written anew: ${head.hash}`
  const hint = records === 0 || signature !== null ? '' : `${wrap(keep, columns, '  ')}\n`
  return `${count(records, 'record')}, every one as it was written.\n${hint}${told}`
}

function signatureLines(it: SignatureCheck, { columns, bad }: Pick<Screen, 'columns' | 'bad'>): string {
  if (it.problem !== null)
    return `${bad('bad signature')}: ${it.problem}\n${wrap(WHAT_IS_WRONG[it.problem](it), columns, '  ')}\n`
  const holds = `Signed on ${minute(it.at)} UTC, by the clock of whoever signed, with the key ${it.public_key_sha256}: record ${it.seq} and all before it are those that were signed.`
  const since =
    it.records_since === 0
      ? 'Nothing has happened since.'
      : `Of the ${count(it.records_since!, 'record')} since then the signature says nothing.`
  const not =
    'It proves neither that everything that happened was recorded, nor when, nor that what was recorded is true; and it is worth as much as the key was kept from who can write to the database.'
  return `${wrap(`${holds} ${since}`, columns, '  ')}\n${wrap(not, columns, '  ')}\n`
}

const WHAT_IS_WRONG: Record<NonNullable<SignatureCheck['problem']>, (it: SignatureCheck) => string> = {
  'other key': (it) =>
    `It was made with the key ${it.public_key_sha256}, which is not the one that was given. Ask for the right public key from where you trust it.`,
  forged: () =>
    'The signature is not over what stands in the file: somebody changed it, or made it without the key.',
  'log is shorter': (it) =>
    `Record ${it.seq} was signed, and the log is not whole up to there: its end was cut off, or it was changed. Compare with a backup or an export.`,
  'not the same log': (it) =>
    `Another record ${it.seq} was signed than the log has: it was written anew since. Compare with a backup or an export.`,
}
