/**
 * Model words: how a memory says that a language model had a part in it.
 *
 * Its front matter names the lessons that a model found to say the same, or to make an insight together (`also`), and is marked where the
 * sentence is a model's (`worded`). So every change that brings such words is known by its bytes, whatever becomes of it.
 */
import { fieldIn, split } from './front-matter.ts'

/** Whether the text that would go live has a sentence of a model, or lessons put together by one, that what stands there has not. */
export function bringsModelWords({
  before,
  after,
}: {
  before: string | null
  after: string | null
}): boolean {
  if (after === null) return false
  const [had, has] = [before ?? '', after].map((it) => split(it).front)
  const is_new = (name: string) => fieldIn(has!, name) !== null && fieldIn(has!, name) !== fieldIn(had!, name)
  return is_new('worded') || lessonsBesides(has!).some((it) => !lessonsBesides(had!).includes(it))
}

/** The ids of the lessons that a memory tells besides its own. */
export function lessonsBesides(front: string | null): string[] {
  return fieldIn(front, 'also')?.match(/\bpat_\w+/g) ?? []
}
