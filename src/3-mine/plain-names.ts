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
      return [actionOf(finding), ...namesIn(trait), ...namesIn(better ?? '')].every(isPlainName)
    case 'repair':
    case 'session':
    case 'approval':
      return [actionOf(finding), ...namesIn(trait)].every(isPlainName)
    case 'correction':
      return !context.startsWith('refused ') || isPlainName(actionOf(finding))
    default:
      return true
  }
}

/** What in a trait are no words of ours, nor of an error. */
function namesIn(trait: string): string[] {
  return trait
    .replace(/^(error .+?) \| .*/, '$1')
    .split(OURS)
    .filter((it) => it !== '')
}

const OURS =
  /^(?:after|arg|first|switch|change|take|add|leave out|option|give|use|before|repeat|error|left failed) |^ask(?:, |$)|, (?:change|take|add|leave out|option|give) |: .* -> .*$| on the same | failed$| \d+ times or more$| with | = .*$| is |[#$@]?[A-Z]{0,3}[-_]?<n>$/
