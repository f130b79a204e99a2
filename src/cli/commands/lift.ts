import type { Page, PageRequest } from '../../domain/page.ts'
import type { ExperimentWithLifts, LiftsWanted } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { showLifts } from '../show/lift.ts'

export async function lift(
  call: Call,
  options: LiftsWanted & PageRequest,
): Promise<Answer<Page<ExperimentWithLifts>>> {
  const engine = await call.open()
  return { data: await engine.lifts(options), show: showLifts }
}
