import { EngineError } from './error.ts'

/** What an update says of metadata: a string sets, null removes, what is absent stays. */
export type MetadataPatch = Record<string, string | null>

/** Throws `invalid_request_error` where more than 16 pairs would be left. */
export function patched(
  metadata: Record<string, string>,
  patch: MetadataPatch | null | undefined,
): Record<string, string> {
  const merged: Record<string, string> = { ...metadata }
  for (const [key, value] of Object.entries(patch ?? {}))
    if (value === null) delete merged[key]
    else merged[key] = value
  if (Object.keys(merged).length > 16)
    throw new EngineError('invalid_request_error', 'metadata: at most 16 pairs')
  return merged
}
