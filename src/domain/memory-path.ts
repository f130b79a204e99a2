/**
 * The path of a memory in its store. A session sees memories as files, so a path is one that a file system can have in exactly one
 * spelling: what looks the same is the same, and a memory is either a file or a folder of others.
 */
import { EngineError } from './error.ts'

const MOST_BYTES = 1_024
const MOST_SEGMENTS = 20

/** What is wrong with a path, as a sentence; null when nothing is. */
export function misshapen(path: string): string | null {
  if (!path.startsWith('/')) return 'a path starts with /'
  if (Buffer.byteLength(path) > MOST_BYTES) return `a path has at most ${MOST_BYTES} bytes`
  if (!path.isWellFormed()) return 'a path is well-formed Unicode'
  if (/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(path))
    return 'a path has no control or format characters and no line separators'
  if (path.normalize('NFC') !== path) return 'a path is in Unicode Normalization Form C'
  const segments = path.slice(1).split('/')
  if (segments.length > MOST_SEGMENTS) return `a path has at most ${MOST_SEGMENTS} segments`
  if (segments.includes('')) return 'a path has no empty segment, and does not end in /'
  if (segments.some((it) => it === '.' || it === '..')) return 'a path has no segment . or ..'
  return null
}

/** Throws `invalid_request_error` for what is no path. `name` is what the caller calls it. */
export function checkPath(path: string, name = 'path'): void {
  const why = misshapen(path)
  if (why !== null) throw new EngineError('invalid_request_error', `${name}: ${why}`)
}

/** The same for a prefix: `/`, or a path with a / after it. */
export function checkPrefix(prefix: string, name = 'path_prefix'): void {
  if (!prefix.endsWith('/'))
    throw new EngineError(
      'invalid_request_error',
      `${name}: a prefix ends in /, so it matches whole segments`,
    )
  if (prefix !== '/') checkPath(prefix.slice(0, -1), name)
}

/** `/a/b/c` is below `/a/b` and `/a`: the paths that cannot be memories where it is one. */
export function ancestorsOf(path: string): string[] {
  const found: string[] = []
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1))
    found.push(path.slice(0, end))
  return found
}

/** Whether both cannot be memories of one store: they are the same, or one is a folder of the other. */
export function overlaps(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}

/** The least text after everything that begins with a prefix, which ends in `/`. */
export function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
