import { readFileSync } from 'node:fs'
import { EngineError } from '../domain/error.ts'
import type { PiiShape, PrivacyChoice } from '../domain/pii.ts'

/** What the user wants redacted besides secrets, as options or by `REVERIE_REDACT` and `REVERIE_NAMES`. */
export type RedactionOptions = { redact?: PiiShape[]; names?: string }

export function redactionChoice({ redact, names }: RedactionOptions): PrivacyChoice {
  return { redact, names: names ? namesIn(names) : undefined }
}

/** A list that cannot be read stops everything: without it, names would be stored. */
function namesIn(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)
  } catch (error) {
    throw new EngineError('file_access_error', `the list of names ${file} cannot be read`, {
      hint: 'give a text file with one name a line; nothing was stored',
      cause: error,
    })
  }
}
