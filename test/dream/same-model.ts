/** A model that says which statements are the same by a rule of the test, reading the question as a model has to. */
import type { SameAnswer } from '../../src/3-mine/claim-groups.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import type { Ask, Question } from '../../src/model/model.ts'

export type Decides = (one: string, other: string) => boolean

export function samenessBy(decides: Decides, hears: (question: Question<unknown>) => void = () => {}): Ask {
  return async (question) => {
    hears(question)
    const value = question.schema.parse(samenessIn(question.prompt, decides))
    return { value, usage: NO_USAGE, from: 'provider' }
  }
}

function samenessIn(prompt: string, decides: Decides): SameAnswer {
  const lines = [...prompt.matchAll(/^([cg]\d+): ("(?:[^"\\]|\\.)*")(?: \((.*)\))?$/gm)]
  const statements = new Map(lines.map(([, id, text]) => [id!, JSON.parse(text!) as string]))
  return {
    answers: lines.flatMap(([, id, , candidates]) =>
      candidates === undefined
        ? []
        : {
            new: id!,
            same_as:
              candidates.split(', ').find((it) => decides(statements.get(it)!, statements.get(id!)!)) ??
              'different',
          },
    ),
  }
}
