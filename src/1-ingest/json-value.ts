/**
 * Plain checks on a JSON value that may be anything. The parsers of the big transcripts use these
 * and not zod: they see every block of every line, and an odd one must cost that block only.
 */
export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A string with something in it. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function textOrNull(value: unknown): string | null {
  return isText(value) ? value : null
}

/** A count of tokens; what is none is 0. The limit keeps any sum of them a whole number. */
export function tokens(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e12 ? value : 0
}
