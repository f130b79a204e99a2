import type { Count } from '../domain/tally.ts'
import type { Finding } from './finding.ts'
import { of, type Words, worked } from './words.ts'

/** What users preferred. It never says that something works better: approvals do not know. */
export function preference(finding: Finding): Words {
  const { trait, effect } = finding
  const who = judgeOf(finding) === 'people' ? 'users' : 'a judge'
  const liked = effect.odds_ratio! < 1
  return {
    name: liked ? trait : `not ${trait}`,
    text: liked
      ? `${trait[0]!.toUpperCase()}${trait.slice(1)}: ${who} preferred it.`
      : `Do not ${trait}: ${who} preferred other answers.`,
    why: `Approved were ${worked(effect.exposed)} sessions with such an answer and ${worked(effect.unexposed)} without. That is what ${who} preferred; whether the work was better for it is not verified.`,
  }
}

/** Approved but wrong, or rejected but right. For a person to look at, with the sessions behind it. */
export function disputed(finding: Finding): Words {
  const { trait, effect, class: kind, disputed } = finding
  const judge = judgeOf(finding)
  const [approve, reject] = judge === 'people' ? ['approve', 'reject'] : ['approves', 'rejects']
  const fails = kind === 'mistake'
  const opinion: Count = [disputed!.approved, disputed!.judged]
  return {
    name: `${fails ? 'approved but wrong' : 'rejected but right'} ${trait.replace(/^use /, '')}`,
    text: `Check the outcome when ${subjectOf(trait)}: ${judge} ${fails ? approve : reject} it, and it ${fails ? 'fails' : 'works'}.`,
    why: `${judge === 'people' ? 'People' : 'A judge'} approved ${of(opinion)} of these sessions. Of those whose outcome was verified ${of(effect.exposed)} had failed, against ${of(effect.unexposed)} of the other judged sessions, and the tasks do not explain it. What is approved is not always right; read the sessions before either is made a rule.`,
  }
}

function judgeOf({ context }: Finding): string {
  return context.slice('judged by '.length)
}

function subjectOf(trait: string): string {
  const call = /^use (.+?)(?: with (.+))?$/.exec(trait)
  if (!call) return `you ${trait}`
  const [, action, switches] = call
  return switches === undefined ? `\`${action}\` is called` : `\`${action}\` is called with \`${switches}\``
}
