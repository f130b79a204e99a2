import type { Change } from '../../domain/change.ts'
import type { Dream } from '../../domain/dream.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Answer, Call } from '../call.ts'
import { showDreams, showOneDream } from '../show/dream.ts'

export async function listDreams(
  call: Call,
  options: PageRequest & { store?: string },
): Promise<Answer<Page<Dream>>> {
  const engine = await call.open()
  return { data: await engine.dreams(options), show: showDreams }
}

export async function showDream(
  call: Call,
  id: string,
): Promise<Answer<{ dream: Dream; changes: Change[] }>> {
  const engine = await call.open()
  return { data: await engine.dreamReport(id), show: showOneDream }
}
