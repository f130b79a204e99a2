/** Kinds of personal data that can be redacted by their shape. */
export const PII_SHAPES = ['email', 'phone', 'card', 'iban', 'national-id', 'ip'] as const
export type PiiShape = (typeof PII_SHAPES)[number]

/** Names have no shape: they are redacted by a list. */
export type PiiClass = PiiShape | 'name'
