import { inWords } from './call-words.ts'
import { actionOf, type Finding, templateOf } from './finding.ts'
import { NOT_REPEATED, type Words, worked } from './words.ts'

export function repair(finding: Finding): Words {
  const { exposed, unexposed } = finding.effect
  const rest =
    unexposed[1] === 0 ? 'nothing else was tried' : `other reactions, or none, in ${worked(unexposed)}`
  return {
    name: nameOf(finding),
    text: `If \`${actionOf(finding)}\` fails with ${quoted(finding)}, ${remedy(finding.trait)}.`,
    why: `That worked in ${worked(exposed)} attempts; ${rest}.`,
  }
}

export function recurring(finding: Finding): Words {
  const action = actionOf(finding)
  const { sessions } = finding
  const [bad, n] = finding.effect.exposed
  const name = nameOf(finding)
  return finding.trait === 'met'
    ? {
        name,
        text: `Rule out ${quoted(finding)} before you call \`${action}\`: once it happens, nothing tried so far is known to mend it.`,
        why: `${n} sessions ran into it; in ${bad} of them the next attempt failed too, or there was none.`,
      }
    : {
        name,
        text: `If \`${action}\` fails with ${quoted(finding)}, do not just ${remedy(finding.trait)}.`,
        why: `That worked in ${worked([bad, n])} attempts; ${sessions} sessions ran into the error, and nothing else that they tried is known to mend it.`,
      }
}

function nameOf(finding: Finding): string {
  const words = templateOf(finding)
  return `${actionOf(finding)} ${words === NOT_REPEATED ? 'error' : words}`
}

/** The error as a quotation that stays one; what may not be repeated is only mentioned. */
function quoted(finding: Finding): string {
  const words = templateOf(finding).replace(/["“”`]/g, "'")
  if (words === NOT_REPEATED) return NOT_REPEATED
  if ([...words].length <= QUOTE_LIMIT) return `"${words}"`
  const cut = [...words].slice(0, QUOTE_LIMIT).join('')
  return `"${cut.replace(/\s+\S*$/, '')}…"`
}

const QUOTE_LIMIT = 90

function remedy(trait: string): string {
  if (trait === 'again') return 'make the same call once more'
  if (trait.startsWith('switch ')) return `use \`${trait.slice('switch '.length)}\` instead`
  const [, asked, help, wait, change] = PARTS.exec(trait)!
  if (wait)
    return `${WAITS[wait as keyof typeof WAITS]}, then try again${change ? ` ${changed(change)}` : ''}`
  if (asked) return change ? asking(change) : 'ask the user before you try again'
  if (help) return `call \`${help}\` first, then try again${change ? ` ${changed(change)}` : ''}`
  return `try again ${changed(change!)}`
}

const PARTS =
  /^(?:(ask)|first (.+?)|(wait(?: \d+ \w+)?))?(?:(?:^|, )((?:change|take|give|lower|raise|add|leave out|option) .+))?$/

const WAITS = {
  wait: 'wait a little',
  'wait 10 s': 'wait ten seconds or more',
  'wait 1 min': 'wait a minute or more',
  'wait 10 min': 'wait ten minutes or more',
}

function asking(change: string): string {
  const { how, argument, shape } = changeIn(change)
  switch (how) {
    case 'change':
      return `ask the user about \`${argument}\`, then try again with what they say`
    case 'add':
      return `ask the user for \`${argument}\`, then try again with it`
    case 'give':
      return `ask the user for \`${argument}\`, then try again and give it as ${shape}`
    default:
      return `ask the user, then try again ${changed(change)}`
  }
}

function changed(change: string): string {
  const { how, argument, shape, before } = changeIn(change)
  switch (how) {
    case 'take':
      return `with a \`${argument}\` that the error names`
    case 'give':
      return `and give \`${argument}\` as ${shape} instead of ${before}`
    case 'lower':
      return `with a smaller \`${argument}\``
    case 'raise':
      return `with a larger \`${argument}\``
    case 'add':
      return `and give \`${argument}\` too`
    case 'leave out':
      return `without \`${argument}\``
    case 'option':
      return `with the option \`${argument}\``
    default:
      return `with another \`${argument}\``
  }
}

type Change = { how: string; argument: string; shape: string; before: string }

function changeIn(change: string): Change {
  const [, how, argument, was = '', is = ''] =
    /^(change|take|give|lower|raise|add|leave out|option) (.+?)(?:: (.+) -> (.+))?$/.exec(change)!
  const [before, shape] = inWords(was, is)
  return { how: how!, argument: argument!, before, shape }
}
