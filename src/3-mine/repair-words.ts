import { actionOf, type Finding, templateOf } from './finding.ts'
import { type Words, worked } from './words.ts'

export function repair(finding: Finding): Words {
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  const rest =
    unexposed[1] === 0 ? 'nothing else was tried' : `other reactions, or none, in ${worked(unexposed)}`
  return {
    name: `${action} ${templateOf(finding)}`,
    text: `If \`${action}\` fails with "${templateOf(finding)}", ${remedy(finding.trait)}.`,
    why: `That worked in ${worked(exposed)} attempts; ${rest}.`,
  }
}

function remedy(trait: string): string {
  const [, help, changed] = /^first (.+?)(?:, change (.+))?$/.exec(trait) ?? []
  if (help) return `call \`${help}\` first, then try again${changed ? ` with another \`${changed}\`` : ''}`
  if (trait.startsWith('change ')) return `try again with another \`${trait.slice('change '.length)}\``
  if (trait.startsWith('take '))
    return `try again with a \`${trait.slice('take '.length)}\` that the error names`
  if (trait.startsWith('switch ')) return `use \`${trait.slice('switch '.length)}\` instead`
  if (trait === 'ask') return 'ask the user before you try again'
  return 'make the same call once more'
}

export function recurring(finding: Finding): Words {
  const action = actionOf(finding)
  const [bad, n] = finding.effect.exposed
  return {
    name: `${action} ${templateOf(finding)}`,
    text: `Guard against "${templateOf(finding)}" from \`${action}\`: once it happens, nothing tried so far mends it.`,
    why: `${n} sessions ran into it; in ${bad} of them the next attempt failed too, or there was none.`,
  }
}
