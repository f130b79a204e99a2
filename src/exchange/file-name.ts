/**
 * A memory's path is any text that begins with `/`; a file name is not. A path that is a good name everywhere is the
 * name of its file. Any other gets a name made for it: some letters of the path, `~`, and a hash of the path.
 */
import { sha256 } from '../domain/id.ts'

/**
 * A name for each path, relative to the folder. Names differ on every file system, also on those that see no difference
 * between cases or between ways of writing an accent, and none leads out of the folder.
 *
 * `taken` are names that are needed for something else; `extension` is one that every name must end in.
 */
export function fileNames(
  paths: string[],
  { taken, extension = '' }: { taken: string[]; extension?: string },
): Map<string, string> {
  const files = new Set(taken.map(sameness))
  const folders = new Set<string>()
  const names = new Map<string, string>()
  for (const path of paths) {
    const name = path.slice(1)
    const key = sameness(name)
    const above = foldersOf(key)
    const is_free = !files.has(key) && !folders.has(key) && !above.some((it) => files.has(it))
    if (is_free && isGoodName(name) && name.endsWith(extension)) {
      files.add(key)
      for (const it of above) folders.add(it)
      names.set(path, name)
    } else names.set(path, madeName(path, extension))
  }
  return names
}

/** What file managers leave in folders, and nobody means. */
export function isLitter(name: string): boolean {
  return /(?:^|\/)(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$/i.test(name)
}

/** Two names that some file system takes for one are the same by this key. */
export function sameness(name: string): string {
  return name.normalize('NFKD').toLowerCase().toUpperCase()
}

function foldersOf(name: string): string[] {
  const parts = name.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}

/** Paths of this many bytes still fit below a folder on every platform. */
const MAX_BYTES = 150

function isGoodName(name: string): boolean {
  return (
    Buffer.byteLength(name) <= MAX_BYTES &&
    name === name.normalize('NFC') &&
    !isLitter(name) &&
    name.split('/').every((it) => GOOD.test(it) && !DEVICE.test(it))
  )
}

/** Begins with a letter or a number, holds nothing that a system or a shell gives a meaning, ends in no dot and no space. */
const GOOD = /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.,+=@() -]*[\p{L}\p{N}\p{M}_+=@()-])?$/u

/** Names that Windows keeps for devices, whatever follows the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|conin|conout|(?:com|lpt)[0-9¹²³])(?:\.|$)/i

/** Has a `~`, so it is never the name of another path, and no folder. */
function madeName(path: string, extension: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1)
  const [, stem, own = ''] = /^(.*?)(\.[a-z0-9]{1,8})?$/is.exec(last)!
  const letters = stem!.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')
  return `${letters.slice(0, 40) || 'memory'}~${sha256(path).slice(0, 24)}${extension || own}`
}
