import type { Baseline } from '../../domain/baseline.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Answer, Call } from '../call.ts'
import { showBaselines } from '../show/baseline.ts'

type Options = { agent?: string; since?: string; until?: string; byIntent?: true } & PageRequest

export async function baseline(
  call: Call,
  { byIntent: by_intent, ...wanted }: Options,
): Promise<Answer<Page<Baseline>>> {
  const engine = await call.open()
  return { data: await engine.baseline({ ...wanted, by_intent }), show: showBaselines }
}
