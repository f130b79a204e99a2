import type { Evidence } from '../domain/evidence.ts'
import { actionOf, type Finding } from './finding.ts'
import { of, quoted, said, type Words } from './words.ts'

/** A wish in the words of a person: of those who said it the one who said best what to do. */
export function correction(finding: Finding, evidence: Evidence[]): Words {
  const { person } = finding
  const topic = finding.better!.split(' ')
  const wish = bestOf(
    evidence.flatMap((it) => (it.origin === 'person' ? it.quote : [])),
    topic,
  )
  const name = wish === undefined ? '' : nameIn(wish, topic)
  return {
    name: `${person ?? ''} ${name === '' ? topic.slice(0, 6).join(' ') : name}`,
    text: `${situation(wish, person)}: ${quoted(wish ?? topic.join(' '))}`,
    why: whySo(finding, topic),
  }
}

/** One that says what to do, rather than what went wrong, in the words that most have in common, and no more of them. */
function bestOf(quotes: string[], topic: string[]): string | undefined {
  const held = (quote: string, words: string[]) => words.filter((it) => quote.toLowerCase().includes(it))
  const common = topic.filter(
    (word) => 2 * quotes.filter((it) => held(it, [word]).length > 0).length >= quotes.length,
  )
  const worth = (quote: string) => ({
    is_about: held(quote, topic).length >= 2 ? 1 : 0,
    says: ORDERS.test(quote) ? 2 : asks(quote) ? 1 : 0,
    about: held(quote, common).length,
  })
  return quotes
    .map((quote) => ({ quote, ...worth(quote) }))
    .sort(
      (a, b) =>
        b.is_about - a.is_about ||
        b.says - a.says ||
        b.about - a.about ||
        a.quote.length - b.quote.length ||
        (a.quote < b.quote ? -1 : 1),
    )[0]?.quote
}

/**
 * What the wish is about, as it is said there: no words but those that recur, and a few of ours that join them, since a name stays
 * when the session is gone that said it so.
 */
function nameIn(wish: string, topic: string[]): string {
  const isTopic = (word: string) => topic.some((it) => word === it || word === `${it}s`)
  const parts = wish
    .toLowerCase()
    .replace(/['’]/g, '')
    .split(/[^\p{L}\p{N}\s_-]+/u)
    .map((part) => part.split(/\s+/).filter((it) => isTopic(it) || JOINS.has(it) || VERBS.includes(it)))
  const [most] = parts.toSorted((a, b) => b.filter(isTopic).length - a.filter(isTopic).length)
  const [first, last] = [most!.findIndex((it) => !LINKS.has(it)), most!.findLastIndex(isTopic)]
  return most!.some(isTopic) ? most!.slice(first, last + 1).join(' ') : ''
}

function situation(wish: string | undefined, person: string | undefined): string {
  const is_wish = wish === undefined || ORDERS.test(wish) || asks(wish)
  if (person !== undefined)
    return is_wish ? `When you work for ${person}, heed this` : `${person} keeps objecting`
  return is_wish ? 'People keep asking for this' : 'People keep objecting'
}

function whySo({ context, person, sessions }: Finding, topic: string[]): string {
  const who = person ?? 'People'
  if (!context.startsWith('redone '))
    return `${who} had to say it, in these words or similar ones, in ${sessions} sessions.`
  const change = context === 'redone added' ? 'then added' : 'then left out'
  const words = topic.slice(0, 4).map((it) => quoted(it))
  return `${who} had to correct it in ${sessions} sessions, and the agent ${change} ${words.join(', ')}.`
}

const VERBS =
  'use put add keep include write run make remember open sign send show give leave start begin avoid ask call set create remove delete move mention commit push read follow stop'.split(
    ' ',
  )
/** What may stand before it in a sentence that tells somebody what to do. */
const LEAD = String.raw`(?:(?:no|nope|wrong|again|please|also|and|but|so|next time|from now on)[,:;.!]*\s+)*`
/** A sentence that says what to do, rather than what went wrong. */
const ORDERS = new RegExp(
  String.raw`^${LEAD}(?:always|never|do not|don['’]t|(?:${VERBS.join('|')})(?! (?:is|are|was|were)\b))\b`,
  'i',
)
const ASKS =
  /\b(?:please|always|never|(?:(?:told|asked) you to|should|must)(?! not have\b| have (?:made|got|been wrong))|needs?|has to|have to|supposed to|want|belongs?|instead of|rather than)\b|, not (?!what\b|right\b|correct\b)/i

function asks(quote: string): boolean {
  return ASKS.test(quote)
}

/** Words of ours that may stand in a name, and those that nothing begins with. */
const LINKS = new Set(
  'before after instead of to in into on for from with at by and or than rather'.split(' '),
)
const JOINS = new Set([...LINKS, ...'always never not no dont without first each every'.split(' ')])

export function refusal(finding: Finding, evidence: Evidence[]): Words {
  const { person } = finding
  const action = actionOf(finding)
  const reasons = evidence.filter((it) => it.origin === 'person')
  const who = person ?? 'People'
  return {
    name: `${person ?? ''} ask before ${action}`,
    text: `${person === undefined ? 'Ask' : `When you work for ${who}, ask`} before you call \`${action}\`.`,
    why: `${who} refused it in ${of(finding.effect.exposed)} sessions${said(reasons)}.`,
  }
}
