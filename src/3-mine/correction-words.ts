import type { Evidence } from '../domain/evidence.ts'
import { actionOf, type Finding } from './finding.ts'
import { of, quoted, said, type Words } from './words.ts'

/** A wish in the words of a person: of those who said it the one who said best what to do. */
export function correction(finding: Finding, evidence: Evidence[]): Words {
  const { person } = finding
  const topic = finding.better!.split(' ')
  const held = (quote: string) => topic.filter((word) => quote.toLowerCase().includes(word))
  const worth = (quote: string) => held(quote).length + (IMPERATIVE.test(quote) ? 1 : 0)
  const wish = evidence
    .flatMap((it) => (it.origin === 'person' ? it.quote : []))
    .sort((a, b) => worth(b) - worth(a) || a.length - b.length || (a < b ? -1 : 1))[0]
  const about = wish === undefined ? topic : held(wish)
  return {
    name: [person ?? '', ...(about.length > 0 ? about : topic).slice(0, 6)].join(' '),
    text: `${situation(wish, person)}: ${quoted(wish ?? topic.join(' '))}`,
    why: whySo(finding, topic),
  }
}

function situation(wish: string | undefined, person: string | undefined): string {
  if (person !== undefined) return `When you work for ${person}, heed this`
  return wish === undefined || ASKS.test(wish) ? 'People keep asking for this' : 'People keep objecting'
}

function whySo({ context, person, sessions }: Finding, topic: string[]): string {
  const who = person ?? 'People'
  if (!context.startsWith('redone '))
    return `${who} had to say it, in these words or similar ones, in ${sessions} sessions.`
  const change = context === 'redone added' ? 'then added' : 'then left out'
  const words = topic.slice(0, 4).map((it) => quoted(it))
  return `${who} had to correct it in ${sessions} sessions, and the agent ${change} ${words.join(', ')}.`
}

/** A sentence that says what to do, rather than what went wrong. */
const IMPERATIVE =
  /^(?:please|always|never|use|put|add|keep|include|write|run|don't|do not|make sure|remember)\b/i
const ASKS =
  /^(?:no|again|you|next time|from now on)\b|\b(?:please|always|never|use|put|add|keep|include|write|run|don't|do not|make sure|remember|should|must|need|want|belongs?|instead)\b/i

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
