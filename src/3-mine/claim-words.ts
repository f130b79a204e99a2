import type { Evidence } from '../domain/evidence.ts'
import { visible } from '../domain/visible-text.ts'
import type { Finding } from './finding.ts'
import { odds } from './session-words.ts'
import { rate, said, type Words } from './words.ts'

/** The claims that a finding is about; see the model channel. */
export function claimGroupOf({ trait }: Pick<Finding, 'trait'>): string {
  return trait.slice(trait.indexOf(' ') + 1)
}

/** What people want, as a model put it, in as many sessions as they said it. */
export function askedFor(finding: Finding, evidence: Evidence[]): Words {
  const { person, sessions } = finding
  const sentence = sentenceOf(finding)
  return {
    name: `${person ?? ''} ${sentence}`,
    text: person === undefined ? sentence : `When you work for ${person}: ${sentence}`,
    why: `${person ?? 'People'} asked for it in ${sessions} sessions${said(evidence)}; a language model read them, and put it so.`,
  }
}

/** What goes with how sessions ended. */
export function borneOut(finding: Finding, evidence: Evidence[]): Words {
  const { exposed, unexposed, odds_ratio, low, high } = finding.effect
  const sentence = sentenceOf(finding)
  return {
    name: sentence,
    text: sentence,
    why: `Sessions ${inWhich(finding)}${said(evidence)} failed in ${rate(exposed)}, the others in ${rate(unexposed)}. At the same task and agent version ${odds(odds_ratio!, low!, high!)}.`,
  }
}

function inWhich({ trait }: Finding): string {
  if (trait.startsWith('practice ')) return 'in which a language model saw it done'
  return trait.startsWith('preference ')
    ? 'in which, as a language model read them, people had to ask for it'
    : 'in which a language model saw that it was not done'
}

/** What is only said. */
export function claimed(finding: Finding, evidence: Evidence[]): Words {
  const sentence = sentenceOf(finding)
  const { sessions } = finding
  return {
    name: `claimed ${sentence}`,
    text: sentence,
    why: `A language model said it of ${sessions} sessions${said(evidence)}. Nothing that was counted bears it out, so it is watched, and not told.`,
  }
}

/** One line that is a sentence, whatever marks stand in it. */
function sentenceOf({ statement = NOT_KEPT }: Finding): string {
  const line = visible(statement)
    .replace(/<!--|-->/g, ' ')
    .replace(/`{2,}|~{3,}/g, "'")
    .replace(/^[\s#>*+|-]+/, '')
    .trim()
  return /[.!?]$/.test(line) ? line : `${line}.`
}

const NOT_KEPT = 'What a language model said of these sessions is no longer kept.'
