import type { Fitness } from '../../domain/fitness.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Answer, Call } from '../call.ts'
import { showFitness } from '../show/doctor.ts'

export async function doctor(
  call: Call,
  options: PageRequest & { agent?: string },
): Promise<Answer<Page<Fitness>>> {
  const engine = await call.open()
  return { data: await engine.fitness(options), show: showFitness }
}
