import type { Page, PageRequest } from '../../domain/page.ts'
import type { Recall } from '../../domain/recall.ts'
import type { Recalled, RecallWanted } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { showRecalls, showRemarks } from '../show/recall.ts'

type Options = Omit<RecallWanted, 'budget_tokens'> & { budget?: number; as?: string }

export async function recall(
  call: Call,
  { budget: budget_tokens, as, ...wanted }: Options,
): Promise<Answer<Recalled>> {
  const engine = await call.open()
  const data = await engine.recall({ ...wanted, budget_tokens }, personAt(as))
  return { data, show: ({ text }) => text, remark: showRemarks }
}

export async function recalls(
  call: Call,
  options: { session?: string; agent?: string; store?: string } & PageRequest,
): Promise<Answer<Page<Recall>>> {
  const engine = await call.open()
  return { data: await engine.recalls(options), show: showRecalls }
}
