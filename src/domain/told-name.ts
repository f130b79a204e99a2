/**
 * Told name: what a person, an agent or a tool is called, where its name is to stand in a memory.
 *
 * Names come from transcripts, and whoever may choose one may choose a sentence. So a name is only repeated when it reads like one.
 */
import { sha256 } from './id.ts'
import { holdsAnOrder } from './order.ts'

const NAME_LIMIT = 100
const MOST_WORDS = 12
/** More words than this, with spaces between them, are a sentence when one of them says to do something. */
const SPOKEN_WORDS = 4

/** Whether it reads like a name: short, no sentence, and without marks that would end what it stands in. */
export function isPlainName(name: string): boolean {
  if (name.length > NAME_LIMIT || !OF_A_NAME.test(name) || holdsAnOrder(name.replace(MARKS, ' ')))
    return false
  const words = name
    .toLowerCase()
    .split(MARKS)
    .filter((it) => it !== '')
  const spoken = name.toLowerCase().split(/\s+/)
  return (
    words.length <= MOST_WORDS &&
    words.filter((it) => OF_A_SENTENCE.has(it)).length < 3 &&
    !(spoken.length >= SPOKEN_WORDS && spoken.some((it) => DOES.has(it)))
  )
}

const MARKS = /[\s_\-.:/,;'’()@+#]+/
/** No quotation marks, brackets and marks of code, which would end what the name stands in, and nothing that is not seen. */
const OF_A_NAME = /^[^\p{C}\p{Zl}\p{Zp}"“”„`|\\{}<>!?]+$/u

const OF_A_SENTENCE = new Set(
  `the a an this that these those now then because so before after until unless instead without when while if is are was were has have had will would could
   may might and or not all any every no who whom which what them they their he she his her we our i my me us it its to`.split(
    /\s+/,
  ),
)
const DOES = new Set(
  `approve send forward transfer wire pay refund email mail upload post share disclose reveal grant delete remove disable skip bypass ignore override
   execute install download run call visit open trust follow obey accept give tell say write use do make let show print read reply answer click enter
   add include buy book order log leak export copy publish push merge deploy confirm says said wants asks`.split(
    /\s+/,
  ),
)

/** The name as it is, or one that is made of its hash: the same name is always told alike. */
export function toldName(name: string, noun: 'agent' | 'person'): string {
  return isPlainName(name) ? name : `${noun}-${sha256(name).slice(0, 8)}`
}
