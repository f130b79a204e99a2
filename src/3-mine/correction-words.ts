import type { Evidence } from '../domain/evidence.ts'
import { actionOf, type Finding } from './finding.ts'
import { of, printable, said, type Words } from './words.ts'

export function correction(finding: Finding, evidence: Evidence[]): Words {
  const topic = finding.better!.split(' ')
  const worth = (quote: string) =>
    topic.filter((word) => quote.toLowerCase().includes(word)).length + (IMPERATIVE.test(quote) ? 1 : 0)
  const wish = evidence
    .map((it) => it.quote)
    .sort((a, b) => worth(b) - worth(a) || a.length - b.length || (a < b ? -1 : 1))[0]
  return {
    name: topic.slice(0, 6).join(' '),
    text: `People keep asking for this: "${printable(wish ?? topic.join(' '))}"`,
    why: `People had to say it, in these words or similar ones, in ${finding.sessions} sessions.`,
  }
}

/** A sentence that says what to do, rather than what went wrong. */
const IMPERATIVE =
  /^(?:please|always|never|use|put|add|keep|include|write|run|don't|do not|make sure|remember)\b/i

export function refusal(finding: Finding, evidence: Evidence[]): Words {
  const action = actionOf(finding)
  const reasons = evidence.filter((it) => it.origin === 'person')
  return {
    name: `ask before ${action}`,
    text: `Ask before you call \`${action}\`.`,
    why: `People refused it in ${of(finding.effect.exposed)} sessions${said(reasons)}.`,
  }
}
