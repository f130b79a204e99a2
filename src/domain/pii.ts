/** Kinds of personal data that can be redacted by their shape. */
export const PII_SHAPES = ['email', 'phone', 'card', 'iban', 'national-id', 'ip'] as const
export type PiiShape = (typeof PII_SHAPES)[number]

/** Names have no shape: they are redacted by a list. */
export type PiiClass = PiiShape | 'name'

/** What somebody wants redacted besides secrets. */
export type PrivacyChoice = {
  /** Classes of personal data that are redacted; secrets always are. */
  redact?: PiiShape[]
  /** Names of persons that are redacted. */
  names?: string[]
}
