import type { Count } from '../domain/tally.ts'
import type { Finding } from './finding.ts'
import { of, type Words, worked } from './words.ts'

/** What users preferred. It never says that something works better: approvals do not know. */
export function preference(finding: Finding): Words {
  const { trait, effect } = finding
  const who = judgeOf(finding) === 'people' ? 'users' : 'a judge'
  const liked = effect.odds_ratio! < 1
  const crude_agrees = liked
    ? isLess(effect.exposed, effect.unexposed)
    : isLess(effect.unexposed, effect.exposed)
  const turned = crude_agrees ? '' : ' (the difference of the tasks hides it)'
  return {
    name: liked ? trait : `not ${trait}`,
    text: liked
      ? `${trait[0]!.toUpperCase()}${trait.slice(1)}: ${who} preferred it.`
      : `Do not ${trait}: ${who} preferred other answers.`,
    why: `Approved were ${worked(effect.exposed)} sessions with such an answer and ${worked(effect.unexposed)} without${turned}. That is what ${who} preferred; whether the work was better for it is not verified.`,
  }
}

/** Approved but wrong, or rejected but right. For a person to look at, with the sessions behind it. */
export function disputed(finding: Finding): Words {
  const { trait, effect, class: kind, disputed } = finding
  const opinion = disputed!
  const are_people = judgeOf(finding) === 'people'
  const judge = are_people ? 'people' : 'a judge'
  const fails = kind === 'mistake'
  const verb = `${fails ? 'approve' : 'reject'}${are_people ? '' : 's'}`
  const ends = fails ? 'fails' : 'works'
  // Most of it is approved in any case; to say no more than that would read as if it were liked better than the rest.
  const is_doubted = fails
    ? isLess(opinion.unexposed, opinion.exposed)
    : isLess(opinion.exposed, opinion.unexposed)
  const counted = fails ? worked : of
  const verified = fails ? of : worked
  return {
    name: `${fails ? 'approved but wrong' : 'rejected but right'} ${trait.replace(/^use /, '')}`,
    text: `Check the outcome when ${subjectOf(trait)}: ${is_doubted ? `it ${ends}, and ${judge} still ${verb} most of it` : `${judge} ${verb} it, and it ${ends}`}.`,
    why: `${are_people ? 'People' : 'A judge'} ${fails ? 'approved' : 'rejected'} ${counted(opinion.exposed)} of these sessions, and ${counted(opinion.unexposed)} of the other judged sessions. Where the outcome was verified ${verified(effect.exposed)} of these had ${fails ? 'failed' : 'gone well'}, and ${verified(effect.unexposed)} of the others, and the tasks do not explain it. What is ${fails ? 'approved is not always right' : 'rejected is not always wrong'}; read the sessions before either is made a rule.`,
  }
}

/** Whether a smaller share of the first went badly. */
function isLess([bad, n]: Count, [other_bad, other_n]: Count): boolean {
  return bad * other_n < other_bad * n
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
