/**
 * Plain names: whether a finding can be told at all.
 *
 * Tools, arguments and values stand in lessons under the names that transcripts give them. A lesson with a name that reads like an
 * order could not be told without repeating the order, so it is not told.
 */
import { isPlainName } from '../domain/told-name.ts'
import { actionOf, type Finding } from './finding.ts'

export function hasPlainNames(finding: Finding): boolean {
  const { channel, context, trait, better } = finding
  switch (channel) {
    case 'call':
      // A shape is in words of ours; a word that values are chosen by is not.
      return areAllPlain([
        actionOf(finding),
        ...namesIn(trait),
        ...(isChoice(trait) ? namesIn(better ?? '') : []),
      ])
    case 'repair':
    case 'session':
    case 'approval':
      return areAllPlain([actionOf(finding), ...namesIn(trait)])
    case 'correction':
      return !context.startsWith('refused ') || isPlainName(actionOf(finding))
    default:
      return true
  }
}

function isChoice(trait: string): boolean {
  return /^arg .+ is \S+$/.test(trait)
}

/** A finding about a whole session names no action. */
function areAllPlain(names: string[]): boolean {
  return names.every((it) => it === '' || isPlainName(it))
}

/** What in a trait are no words of ours, nor of an error. */
function namesIn(trait: string): string[] {
  if (OUR_TRAITS.test(trait)) return []
  return trait
    .replace(/^(error .+?) \| .*/, '$1')
    .split(OURS)
    .filter((it) => it !== '')
}

/** Traits that name nothing. */
const OUR_TRAITS =
  /^(?:before the person (?:answered|said anything)|confirmed|an error|a call left failed|a yes before|a look after|changes of two kinds or more|wait(?: \d+ \w+)?|\d+ (?:errors|calls) or more)$/

const OURS =
  /^(?:after|arg|first|switch|change|take|lower|raise|add|leave out|option|give|use|before|repeat|error|left failed) |^(?:ask|wait(?: \d+ \w+)?)(?=, |$)|, (?:change|take|lower|raise|add|leave out|option|give) |: .* -> .*$| on the same | failed$| \d+ times or more$| with | = .*$| is |[#$@]?[A-Z]{0,3}[-_]?<n>$/
