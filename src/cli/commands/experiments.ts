import type { Page, PageRequest } from '../../domain/page.ts'
import type { ExperimentsWanted, ShownExperiment } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { showExperiment, showExperiments } from '../show/experiment.ts'

type Started = { controlAgent?: string; lesson?: string; store?: string; agent?: string; as?: string }

export async function listExperiments(
  call: Call,
  options: ExperimentsWanted & PageRequest,
): Promise<Answer<Page<ShownExperiment>>> {
  const engine = await call.open()
  return { data: await engine.experiments(options), show: showExperiments }
}

export async function showOne(call: Call, id: string): Promise<Answer<ShownExperiment>> {
  const engine = await call.open()
  return { data: await engine.experiment(id), show: showExperiment }
}

export async function startExperiment(
  call: Call,
  { controlAgent, lesson, store, agent, as }: Started,
): Promise<Answer<ShownExperiment>> {
  const engine = await call.open()
  const wanted = { store, agent, control_agent: controlAgent, pattern_id: lesson }
  return { data: await engine.startExperiment(wanted, personAt(as)), show: showExperiment }
}

export async function endExperiment(
  call: Call,
  id: string,
  { reason, as }: { reason: string; as?: string },
): Promise<Answer<ShownExperiment>> {
  const engine = await call.open()
  return { data: await engine.endExperiment(id, { reason }, personAt(as)), show: showExperiment }
}
