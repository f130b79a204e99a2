import type { Evidence } from '../domain/evidence.ts'
import type { Finding } from './finding.ts'
import { of, quoted, type Words } from './words.ts'

/** "On Mondays, give priya.n short answers." */
export function habit(finding: Finding, evidence: Evidence[]): Words {
  const { trait, person, last_seen, effect } = finding
  const window = trait.slice(0, trait.indexOf(': '))
  const wish = trait.slice(trait.indexOf(': ') + 2)
  const { when, inside, outside, block } = timesOf(window)
  const quote = evidence.find((it) => it.origin === 'person')?.quote
  const is_content = /^(?:start with|include|leave out) /.test(wish)
  return {
    name: `${person ?? ''} ${window} ${wish}`,
    text: is_content
      ? `${when}, do what ${person ?? 'people'} then ${person === undefined ? 'ask' : 'asks'} for: ${quoted(quote ?? wish)}`
      : `${when}, give ${person === undefined ? '' : `${person} `}${wish}.`,
    why: `${person ?? 'People'} asked for this on ${of(effect.exposed)} ${inside}, against ${of(effect.unexposed)} ${outside}; last on ${last_seen} (all ${block} of three sessions or more, by UTC).`,
  }
}

function timesOf(window: string): { when: string; inside: string; outside: string; block: string } {
  const hours = /^(\d\d)-(\d\d)$/.exec(window)
  return hours === null
    ? { when: `On ${window}s`, inside: `${window}s`, outside: 'other days', block: 'days' }
    : {
        when: `Between ${hours[1]}:00 and ${hours[2]}:00 UTC`,
        inside: 'days at that time',
        outside: 'other quarters of a day',
        block: 'quarters of a day',
      }
}
