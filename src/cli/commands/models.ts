import type { ModelSetup } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { showModelSetup } from '../show/models.ts'

export async function showModels(call: Call): Promise<Answer<ModelSetup>> {
  const engine = await call.open()
  return { data: await engine.models(), show: showModelSetup }
}
