import type { FindPii, PiiFinding } from './pii-finding.ts'

/**
 * E-mail addresses, also with `(at)` and `(dot)`.
 *
 * Not the user of a URL, nor `git@host:path`, nor what only looks like a domain: the name of a file, a version.
 */
export const findEmails: FindPii = (text) => {
  const findings: PiiFinding[] = []
  AT.lastIndex = 0
  for (let at = AT.exec(text); at !== null; at = AT.exec(text)) {
    const [local] = LOCAL.exec(text.slice(Math.max(0, at.index - MAX_LOCAL), at.index)) ?? []
    if (local === undefined) continue
    DOMAIN.lastIndex = AT.lastIndex
    const [domain] = DOMAIN.exec(text) ?? []
    if (domain === undefined) continue
    const start = at.index - local.length
    const end = AT.lastIndex + domain.length
    if (FILE.test(domain) || VERSION.test(domain) || isOfUrl(text, start, end, local)) continue
    const value = `${local}@${domain.replace(DOT, '.')}`.normalize('NFC').toLowerCase()
    findings.push({ start, end, class: 'email', value })
    AT.lastIndex = end
  }
  return findings
}

const MAX_LOCAL = 64
const AT = /@|[ \t]?[([]at[)\]][ \t]?/gi
const LOCAL = /[\p{LC}\p{N}_](?:[\p{LC}\p{M}\p{N}._%+'-]*[\p{LC}\p{M}\p{N}_+-])?$/u
const LABEL = String.raw`[\p{LC}\p{N}](?:[\p{LC}\p{M}\p{N}-]{0,61}[\p{LC}\p{M}\p{N}])?`
const DOMAIN = new RegExp(
  String.raw`(?:${LABEL}(?:\.|[ \t]?[([]dot[)\]][ \t]?)){1,8}(?:xn--[a-z0-9-]{2,40}|\p{LC}{2,24})(?![\p{LC}\p{N}])`,
  'iuy',
)
const DOT = /[ \t]?[([]dot[)\]][ \t]?/gi

/** Endings of files that stand after an @: an image at twice the size, a package, a unit of systemd. */
const FILE =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|scss|[cm]?[jt]sx?|json|html?|xml|ya?ml|toml|txt|log|lock|tgz|gz|whl|jar|dll|exe|service|timer|socket|mount|target)$/i
const VERSION = /^v?\d+\.\d/

function isOfUrl(text: string, start: number, end: number, local: string): boolean {
  if (text.startsWith('://', start - 3)) return true
  return /^(?:git|svn|hg)$/i.test(local)
    ? /[:/]/.test(text.charAt(end))
    : /^:[/~]/.test(text.slice(end, end + 2))
}
