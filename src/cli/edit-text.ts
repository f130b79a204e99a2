/** A text in the editor of the person: the bytes that the editor saves are the bytes that come back. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../domain/error.ts'

/** Opens $VISUAL, else $EDITOR, else what the system has. Whoever other than the person cannot read the file. */
export function editText(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-edit-'))
  try {
    const file = join(folder, 'memory.md')
    writeFileSync(file, text, { mode: 0o600 })
    runEditor(process.env.VISUAL || process.env.EDITOR || (WINDOWS ? 'notepad' : 'vi'), file)
    return decoded(readFileSync(file), 'what the editor saved')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A file with this text, that stays and that nobody else can read. */
export function keptText(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'reverie-edit-')), 'memory.md')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

/** The text of these bytes, every one of them. Throws `invalid_request_error` where they are not UTF-8. */
export function decoded(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new EngineError('invalid_request_error', `${what} is not UTF-8 text`, {
      hint: 'save it as UTF-8',
      cause: error,
    })
  }
}

const WINDOWS = process.platform === 'win32'

/** The variable may hold options as well, as in `code --wait`, so a shell reads it. */
function runEditor(editor: string, file: string): void {
  const { status, error } = WINDOWS
    ? spawnSync(`${editor} "${file}"`, { shell: true, stdio: 'inherit' })
    : spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
  if (status === 0) return
  throw new EngineError(
    'invalid_request_error',
    `the editor \`${editor}\` did not end well, so nothing was edited`,
    {
      hint: 'name another in VISUAL or EDITOR, or give the text with --file FILE',
      cause: error,
    },
  )
}
