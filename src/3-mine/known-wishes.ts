/**
 * Known wishes: a lesson that is told keeps its name.
 *
 * What people want is found in many words that go together, and which of them say it best changes from night to night. Were it told
 * by the best of tonight, the same lesson would be withdrawn and told anew, with another memory and another experiment each time. So where one
 * of its other accounts is known, the wish is told by that one: by one that is told before one that was retired, and by that before one
 * that stopped, so that neither comes back under another name.
 */
import type { Pattern } from '../domain/pattern.ts'
import type { Finding } from './finding.ts'
import { patternId } from './lesson.ts'

/** The same findings, those with other accounts (`alike`) by the one that is known, and the others beside it. What is not known stays as it is. */
export function asKnown(findings: Finding[], known: Pattern[], agent: string): Finding[] {
  const patterns = new Map(known.map((it) => [it.id, it]))
  return findings.map(({ alike = [], ...best }) => {
    const accounts = [best, ...alike].flatMap((finding) => {
      const pattern = patterns.get(patternId(finding, agent))
      return pattern === undefined ? [] : [{ finding, pattern }]
    })
    const [first] = accounts.sort((a, b) => byStanding(a.pattern, b.pattern))
    const told = first?.finding ?? best
    return alike.length === 0 ? best : { ...told, alike: [best, ...alike].filter((it) => it !== told) }
  })
}

const STANDINGS: Pattern['status'][] = ['confirmed', 'probation', 'dormant', 'retired', 'disputed', 'stale']

/** Of two that stand alike the one that rests on more sessions. */
function byStanding(a: Pattern, b: Pattern): number {
  const standing = ({ status }: Pattern) => (STANDINGS.indexOf(status) + STANDINGS.length) % STANDINGS.length
  return standing(a) - standing(b) || b.sessions - a.sessions || (a.id < b.id ? -1 : 1)
}
