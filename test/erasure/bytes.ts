/** Everything that stands in the files below a folder, also in transcripts that are compressed, to look for words in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'

/** Those of `words` that are found, in whatever case, each with the files. */
export function found(words: string[], folder: string): Record<string, string[]> {
  const hits: Record<string, string[]> = {}
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const texts = [readFileSync(path).toString('latin1'), ...(name.endsWith('.db') ? unpacked(path) : [])]
    for (const text of texts) {
      const lower = text.toLowerCase()
      for (const word of words.filter((it) => lower.includes(it))) {
        hits[word] ??= []
        hits[word].push(name)
      }
    }
  }
  return hits
}

function unpacked(path: string): string[] {
  const sqlite = new DatabaseSync(path, { readOnly: true })
  const rows = sqlite.prepare('SELECT content FROM transcript WHERE length(content) > 0').all()
  sqlite.close()
  return rows.map((it) => zstdDecompressSync(it.content as Uint8Array).toString())
}
