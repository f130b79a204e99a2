import { resolve } from 'node:path'
import type { DriftWanted } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { writeNewFile } from '../folder.ts'
import { printable } from '../printable.ts'
import { driftText, type ShownDrift, showDrift } from '../show/drift.ts'

type Options = Omit<DriftWanted, 'window_days'> & { window?: number; out?: string }

/** With `out`, also as Markdown in a new file. */
export async function drift(call: Call, { window, out, ...days }: Options): Promise<Answer<ShownDrift>> {
  const engine = await call.open()
  const found = await engine.drift({ ...days, window_days: window })
  const file = out === undefined ? null : resolve(out)
  if (file !== null) writeNewFile(file, Buffer.from(driftText(printable(found))))
  return { data: { ...found, file }, show: showDrift }
}
