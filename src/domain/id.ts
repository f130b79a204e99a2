import { createHash, hash, randomBytes } from 'node:crypto'

/**
 * Ids are a prefix that says the noun and a body of lower-case hexadecimal digits.
 *
 * What is read off a transcript (sessions, events, patterns) has an id derived from its content, so
 * reading the same thing twice on any machine gives the same id. What happens (dreams, versions)
 * has a random one.
 */
export type Prefix =
  | 'sesn'
  | 'sevt'
  | 'sthr'
  | 'outc'
  | 'pat'
  | 'drm'
  | 'chg'
  | 'memstore'
  | 'mem'
  | 'memver'
  | 'wrkspc'
  | 'agent'
  | 'env'
  | 'sesrsc'
  | 'apikey'
  | 'job'
  | 'dsch'
  | 'drun'
  | 'whep'
  | 'whe'
  | 'req'
  | 'rcl'
  | 'exp'
  | 'clm'
  | 'mbat'

/** `derivedId('sesn', 'codex', '0198…')` is the same id for the same parts, for ever. */
export function derivedId(prefix: Prefix, ...parts: string[]): string {
  return `${prefix}_${hash('sha256', parts.join('\0')).slice(0, 24)}`
}

export function randomId(prefix: Prefix): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`
}

/** Lower-case hexadecimal SHA-256 of the exact bytes (UTF-8 for a string), as the API spells it. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
