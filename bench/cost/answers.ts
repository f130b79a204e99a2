/**
 * What the scripted model says: to each of those compared in the shape it asks for, and of a session to all of them the same.
 *
 * Which sessions there is something to learn from is drawn by the first order that they name, and so is what it is: one of a few things,
 * said in many ways. Whoever shows what is known already is told nothing twice; that spares the others tokens.
 */
import { createHash } from 'node:crypto'
import type { Asked, Reply, Script } from '../../test/model/scripted-servers.ts'

/** Each thing to learn, in two wordings. */
const LESSONS: [string, string][] = [
  ['read back every item before an order is changed', 'name all items of an order again before you touch it'],
  ['ask which payment method the refund goes to', 'let the customer say where the money is returned to'],
  [
    'check that an order is still pending before you cancel it',
    'look at the status first when asked to cancel',
  ],
  ['collect all exchanges of an order into one call', 'gather everything that is swapped before you send it'],
  ['confirm the new address in full', 'repeat the whole address and wait for a yes'],
]

/** No model says a thing twice in the same words. */
const FORMS = [
  '',
  'always ',
  'from now on, ',
  'in every session, ',
  'without exception, ',
  'as a rule, ',
  'next time, ',
]

/** Answers whoever is compared, and anybody else with an error. In one session of `one_in` there is something to learn. */
export function answering(one_in: number): Script {
  return (asked) => {
    const answer = ANSWERS.find((it) => it.is_asked(asked))
    if (answer) return answer.said(asked, one_in)
    return { status: 400, body: JSON.stringify({ error: { message: 'nobody asks like this' } }) }
  }
}

const ANSWERS: { is_asked: (asked: Asked) => boolean; said: (asked: Asked, one_in: number) => Reply }[] = [
  // Reverie has a session read, compares what was said of several, and asks what to make of the memories.
  {
    is_asked: (asked) => asksFor(asked, 'claims'),
    said({ prompt }, one_in) {
      const statement = lessonOf(prompt, one_in)
      if (statement === null) return { json: { claims: [] } }
      const [, event, words] = [...prompt.matchAll(/^(e\d+) agent: ([^[\n]{20,80})/gm)].at(-1)!
      const quotes = [{ event, quote: words!.trim() }]
      return { json: { claims: [{ kind: 'other_mistake', statement, action: null, quotes }] } }
    },
  },
  {
    is_asked: (asked) => asksFor(asked, 'answers'),
    said({ prompt }) {
      const sayings = prompt.matchAll(/^([cg]\d+): "(.*?)"/gm)
      const topics = new Map([...sayings].map(([, id, text]) => [id!, topicsIn(text!)[0]]))
      const asked = prompt.matchAll(/^(c\d+): .* \(([cg\d, ]+)\)$/gm)
      const answers = [...asked].map(([, id, candidates]) => ({
        new: id,
        same_as: candidates!.split(', ').find((it) => topics.get(it) === topics.get(id!)) ?? 'different',
      }))
      return { json: { answers } }
    },
  },
  {
    is_asked: (asked) => asksFor(asked, 'operations'),
    said: () => ({ json: { operations: [] } }),
  },
  // mem0 has a session read.
  {
    is_asked: (asked) => asked.prompt.includes('## New Messages'),
    said({ prompt }, one_in) {
      const [known, read] = prompt.split('## New Messages') as [string, string]
      const text = lessonOf(read, one_in)
      const is_new = text !== null && !isKnown(text, known)
      return { json: { memory: is_new ? [{ id: '0', text, attributed_to: 'assistant' }] : [] } }
    },
  },
  // ax reflects on a session, again where there was a mistake, and curates its playbook.
  {
    is_asked: (asked) => asked.system.includes('`errorIdentification`'),
    said({ prompt }, one_in) {
      const lesson = lessonOf(prompt, one_in)
      return fields({
        reasoning: 'The transcript was compared with the feedback.',
        errorIdentification: lesson === null ? 'No error.' : 'A step was left out.',
        rootCauseAnalysis: lesson === null ? 'None.' : 'Nothing says that the step is needed.',
        correctApproach: lesson ?? 'Go on like this.',
        keyInsight: lesson ?? 'Nothing new.',
        bulletTags: '[]',
      })
    },
  },
  {
    is_asked: (asked) => asked.system.includes('`operations`'),
    said({ prompt }) {
      const [known, reflection] = prompt.split('\nReflection:') as [string, string]
      const content = /"keyInsight":"(.*?)"/.exec(reflection)![1]!
      const is_new = topicsIn(content).length > 0 && !isKnown(content, known)
      const operations = is_new ? [{ type: 'ADD', section: 'Guidelines', content }] : []
      return fields({ reasoning: 'By the reflection.', operations: JSON.stringify(operations) })
    },
  },
]

function asksFor({ schema }: Asked, field: string): boolean {
  return field in ((schema?.properties ?? {}) as object)
}

function isKnown(lesson: string, known: string): boolean {
  return topicsIn(known).includes(topicsIn(lesson)[0]!)
}

/** Which of the lessons a text says, in whatever form. */
function topicsIn(text: string): number[] {
  const said = text.toLowerCase()
  return [...LESSONS.keys()].filter((i) => LESSONS[i]!.some((it) => said.includes(it)))
}

/** As ax wants it: a field a line. */
function fields(all: Record<string, string>): Reply {
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return { text: lines.join('\n') }
}

/** What there is to learn from a session; null where there is nothing. */
function lessonOf(text: string, one_in: number): string | null {
  const drawn = createHash('sha256')
    .update(text.match(/#W\d{7}/)?.[0] ?? '')
    .digest()
  if (drawn[0]! % one_in !== 0) return null
  const worded = createHash('sha256').update(text).digest()
  const lesson = FORMS[worded[0]! % FORMS.length]! + LESSONS[drawn[1]! % LESSONS.length]![worded[1]! % 2]!
  return `${lesson[0]!.toUpperCase()}${lesson.slice(1)}.`
}
