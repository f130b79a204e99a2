import type { Evidence } from '../domain/evidence.ts'
import { actionOf, type Finding } from './finding.ts'
import { of, said, type Words } from './words.ts'

export function guard(finding: Finding, evidence: Evidence[]): Words {
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  const why = `Without it the first call failed in ${of(exposed)} sessions${said(evidence)}; with it in ${of(unexposed)}.`
  if (finding.trait === 'confirmed')
    return { name: `confirm ${action}`, text: `Let the user say yes before you call \`${action}\`.`, why }
  const [, first, subject] = /^after (.+?)(?: on the same (.+))?$/.exec(finding.trait)!
  return {
    name: `${first} before ${action}`,
    text: `Call \`${first}\` before \`${action}\`${subject ? ` for the same \`${subject}\`` : ''}.`,
    why,
  }
}

export function shape(finding: Finding, evidence: Evidence[]): Words {
  const [, argument, how, given] = /^arg (.+?) (=|is) (.+)$/.exec(finding.trait)!
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  const [wrong, better] =
    how === 'is' ? [`\`${given}\``, `\`${finding.better}\``] : inWords(given!, finding.better!)
  const why = `With ${wrong} the first call failed in ${of(exposed)} sessions${said(evidence)}; otherwise in ${of(unexposed)}.`
  if (NOTHING.test(given!))
    return {
      name: `${action} without empty ${argument}`,
      text: `When calling \`${action}\`, do not leave \`${argument}\` empty.`,
      why,
    }
  return {
    name: FORM.test(finding.better!) ? `${action} form of ${argument}` : `${action} ${argument} as ${better}`,
    text: `When calling \`${action}\`, give \`${argument}\` as ${better}, not as ${wrong}.`,
    why,
  }
}

const NOTHING = /^(?:null|empty|blank|an empty (?:list|object))$/

/** A shape that is a form to copy, or a kind of text with a sign in it: nothing for the name of a file. */
const FORM = /<n>| with [^\w\s]$/

/**
 * A shape and another one as they stand in one sentence: a form to copy in backticks, a description as it is.
 * Digits are told from numbers, and texts from booleans, only where both are there.
 */
export function inWords(one: string, other: string): [string, string] {
  return [beside(one, other), beside(other, one)]
}

function beside(shape: string, other: string): string {
  if (shape.includes('<n>')) return `\`${shape}\``
  if (shape === 'digits' && NUMBER.test(other)) return 'digits in quotes'
  if (/^(?:true|false)$/.test(shape) && other === 'a boolean in quotes') return 'a boolean'
  return shape.replace(/ with ([^\w\s])$/, ' with `$1`')
}

const NUMBER = /^(?:0|a (?:whole|negative) number|a fraction)$/

export function timing(finding: Finding, evidence: Evidence[]): Words {
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  const failed = `the first call failed in ${of(exposed)} sessions${said(evidence)}; otherwise in ${of(unexposed)}.`
  const after = /^after (.+) failed$/.exec(finding.trait)?.[1]
  if (after !== undefined)
    return {
      name: `${action} after a failed ${after}`,
      text: `Do not call \`${action}\` right after \`${after}\` failed: mend that first.`,
      why: `Right after a failed \`${after}\`, ${failed}`,
    }
  return finding.trait === 'before the person answered'
    ? {
        name: `hear the user before ${action}`,
        text: `Do not call \`${action}\` on the user's first message alone: find out first what it needs.`,
        why: `Called before the user had answered anything, ${failed}`,
      }
    : {
        name: `wait for the user before ${action}`,
        text: `Wait for the user's first message before you call \`${action}\`.`,
        why: `Called before that, ${failed}`,
      }
}

export function fragile(finding: Finding, evidence: Evidence[]): Words {
  const action = actionOf(finding)
  const [bad, n] = finding.effect.exposed
  const why = `Its first call failed in ${bad} of ${n} sessions${said(evidence)}.`
  return bad / n >= 0.9
    ? {
        name: `do not count on ${action}`,
        text: `Do not count on \`${action}\`: here it hardly ever works.`,
        why,
      }
    : { name: `check before ${action}`, text: `Check what \`${action}\` demands before you call it.`, why }
}
