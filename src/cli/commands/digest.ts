import { resolve } from 'node:path'
import type { PageRequest } from '../../domain/page.ts'
import type { Answer, Call } from '../call.ts'
import { writeNewFile } from '../folder.ts'
import { printable } from '../printable.ts'
import { type Digests, digestText, showDigests } from '../show/digest.ts'

type Options = PageRequest & { store?: string; out?: string }

/** What the last dreams learned, or one of them. With `out`, also as Markdown in a new file. */
export async function digest(
  call: Call,
  dream: string | undefined,
  { store, out, ...page }: Options,
): Promise<Answer<Digests>> {
  const engine = await call.open()
  const found = await engine.digests({ dream, store, ...page })
  const file = out === undefined ? null : resolve(out)
  if (file !== null) {
    const text = printable(found.data)
      .map((it) => digestText(it, Number.POSITIVE_INFINITY))
      .join('\n')
    writeNewFile(file, Buffer.from(text))
  }
  return { data: { ...found, file }, show: showDigests }
}
