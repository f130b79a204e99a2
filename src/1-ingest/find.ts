import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Harness } from '../domain/session.ts'

/**
 * Paths a person named in; the transcript files there out, in an order that is the same every time.
 *
 * A file that was named is taken whatever it is called; in folders, which are searched to the
 * bottom, only what can be a transcript by its name. No folder is entered twice, however links
 * lead, and no file given twice. What is missing or may not be read is reported, and the search goes on.
 */
export function* findTranscripts(
  paths: string[],
  report: Report,
): Generator<{ path: string; bytes: number }> {
  const seen = new Set<string>()
  for (const path of paths) yield* search(path, true, seen, report)
}

/** Where the harnesses of this machine keep their sessions, as far as they are here. */
export function sessionFolders(
  home: string,
  env: Record<string, string | undefined>,
): { harness: Harness; path: string }[] {
  const claude = env.CLAUDE_CONFIG_DIR || join(home, '.claude')
  const codex = env.CODEX_HOME || join(home, '.codex')
  const folders: { harness: Harness; path: string }[] = [
    { harness: 'claude-code', path: join(claude, 'projects') },
    { harness: 'codex', path: join(codex, 'sessions') },
    { harness: 'codex', path: join(codex, 'archived_sessions') },
  ]
  return folders.filter((it) => existsSync(it.path))
}

type Report = (problem: { path: string; reason: string }) => void

function* search(
  path: string,
  is_named: boolean,
  seen: Set<string>,
  report: Report,
): Generator<{ path: string; bytes: number }> {
  let names: string[]
  try {
    const found = statSync(path, { bigint: true })
    if (!found.isDirectory() && !is_named && !canBeTranscript(path)) return
    accessSync(path, constants.R_OK)
    const identity = `${found.dev}:${found.ino}`
    if (seen.has(identity)) return
    seen.add(identity)
    if (!found.isDirectory() && !found.isFile()) return report({ path, reason: NO_FILE })
    if (!found.isDirectory()) return yield { path, bytes: Number(found.size) }
    names = namesIn(path)
  } catch (error) {
    return report({ path, reason: reasonFor(error) })
  }
  for (const name of names) yield* search(join(path, name), false, seen, report)
}

/** Opening a pipe waits for somebody to write into it, and a device may never end. */
const NO_FILE = 'a pipe or a device; write what it gives to a file, and ingest that'

/** Folders and what can be a transcript, in the order of their names; the rest need not be looked at. */
function namesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((it) => !it.isFile() || canBeTranscript(it.name))
    .map((it) => it.name)
    .sort()
}

function canBeTranscript(path: string): boolean {
  return (
    /\.(?:jsonl|ndjson|json)$/i.test(path) &&
    !/(?:\.meta|[/\\]sessions-index|^sessions-index)\.json$/i.test(path)
  )
}

function reasonFor(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) throw error
  switch (error.code) {
    case 'ENOENT':
      return 'nothing there; check the path'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read; run as its owner, or allow it with chmod u+rX'
    case 'ELOOP':
      return 'a link that leads to itself; remove it'
    default:
      return `cannot be read: ${String(error.code)}`
  }
}
