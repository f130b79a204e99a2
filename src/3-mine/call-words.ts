import type { Evidence } from '../domain/evidence.ts'
import { actionOf, type Finding } from './finding.ts'
import { of, said, type Words } from './words.ts'

export function guard(finding: Finding, evidence: Evidence[]): Words {
  const [, first, subject] = /^after (.+?)(?: on the same (.+))?$/.exec(finding.trait)!
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  return {
    name: `${first} before ${action}`,
    text: `Call \`${first}\` before \`${action}\`${subject ? ` for the same \`${subject}\`` : ''}.`,
    why: `Without it the first call failed in ${of(exposed)} sessions${said(evidence)}; with it in ${of(unexposed)}.`,
  }
}

export function shape(finding: Finding, evidence: Evidence[]): Words {
  const [, argument, wrong] = /^arg (.+?) = (.+)$/.exec(finding.trait)!
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  return {
    name: `${action} ${argument} as ${finding.better}`,
    text: `When calling \`${action}\`, give \`${argument}\` as ${finding.better}, not as ${wrong}.`,
    why: `With ${wrong} the first call failed in ${of(exposed)} sessions${said(evidence)}; otherwise in ${of(unexposed)}.`,
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
