import type { Page, PageRequest } from '../../domain/page.ts'
import type { Risk } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { showRisk } from '../show/risk.ts'

export async function risk(
  call: Call,
  options: PageRequest & { agent?: string; store?: string },
): Promise<Answer<Page<Risk>>> {
  const engine = await call.open()
  return { data: await engine.risk(options), show: showRisk }
}
