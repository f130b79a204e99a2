import type { Page, PageRequest } from '../../domain/page.ts'
import type { Tier } from '../../domain/pattern.ts'
import type { EvidenceOfLesson, Lesson } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { showEvidence, showLessons } from '../show/lesson.ts'

export async function lessons(
  call: Call,
  options: PageRequest & { store?: string; tier?: Tier; candidates?: true },
): Promise<Answer<Page<Lesson>>> {
  const engine = await call.open()
  return { data: await engine.lessons(options), show: showLessons }
}

export async function evidence(
  call: Call,
  id: string,
  options: { store?: string } & PageRequest,
): Promise<Answer<EvidenceOfLesson>> {
  const engine = await call.open()
  return { data: await engine.evidence(id, options), show: showEvidence }
}
