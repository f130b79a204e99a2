import { actionOf, type Finding } from './finding.ts'
import { factor, rate, type Words } from './words.ts'

/** A lesson about whole sessions: something to check, never something to avoid. */
export function check(finding: Finding): Words {
  const { name, those, harmful, helpful } = told(finding)
  const is_harmful = finding.class === 'mistake'
  const { exposed, unexposed, odds_ratio, low, high } = finding.effect
  const difference = exposed[0] / exposed[1] - unexposed[0] / unexposed[1]
  const crude_says_otherwise = is_harmful ? difference <= 0 : difference >= 0
  const turned = crude_says_otherwise ? ' (the difference of the tasks hides it)' : ''
  return {
    name,
    text: is_harmful ? harmful : helpful,
    why: `${those} failed in ${rate(exposed)}, the others in ${rate(unexposed)}${turned}. At the same task and agent version ${odds(odds_ratio!, low!, high!)}.`,
  }
}

/** An association, told to a person: where to look, and that nothing is proven. */
export function marker(finding: Finding): Words {
  const { name, those } = told(finding)
  const { exposed, unexposed, odds_ratio, low, high } = finding.effect
  const more = finding.class === 'mistake' ? 'more' : 'less'
  const among = odds_ratio === null ? '' : ` Among similar requests ${odds(odds_ratio, low!, high!)}.`
  return {
    name: `marker ${name}`,
    text: `Look into why ${those[0]!.toLowerCase()}${those.slice(1)} fail ${more} often.`,
    why: `${those} failed in ${rate(exposed)}, the others in ${rate(unexposed)}.${among} Their tasks are not known, so it may only show which work is hard.`,
  }
}

/** What the sessions that show a trait of the context `session` did, to be put behind "sessions that". */
export function whatTheyDid(trait: string): string {
  const { those } = told({ context: 'session', trait, class: 'mistake' })
  return those.replace(/^Sessions (?:that )?/, '')
}

/** "0.2 times as high" reads worse than "5 times lower". */
export function odds(ratio: number, low: number, high: number): string {
  const [times, from, to, side] =
    ratio >= 1 ? [ratio, low, high, 'higher'] : [1 / ratio, 1 / high, 1 / low, 'lower']
  return from > 1
    ? `their odds of failing are ${factor(times)} times ${side} (95 % interval ${factor(from)} to ${factor(to)})`
    : `their odds of failing are ${side}, by how much is open (95 % interval of the odds ratio ${factor(low)} to ${factor(high)})`
}

/** What the sessions with a trait did, and what to check where that goes with failure, or with success. */
type Told = { name: string; those: string; harmful: string; helpful: string }

function told(finding: Pick<Finding, 'context' | 'trait' | 'class'>): Told {
  const { trait } = finding
  const [, kind, rest] = /^(\S+) (.+)$/.exec(trait)!
  const many = /^use (.+) (\d+) times or more$/.exec(trait)
  if (many) return usedOften(many[1]!, Number(many[2]), finding.class)
  const action = actionOf(finding)
  switch (kind) {
    case 'use':
      return {
        name: finding.class === 'mistake' ? `check before ${rest}` : `check whether ${rest}`,
        those: `Sessions that called \`${rest}\``,
        harmful: `Check the rules that allow \`${rest}\` before you call it.`,
        helpful: `Before you finish, check whether \`${rest}\` is still needed.`,
      }
    case 'before':
      return onlyHelpful(
        `${rest} before ${action}`,
        `Sessions that called \`${rest}\` before \`${action}\``,
        `Before \`${action}\`, check that \`${rest}\` was done.`,
      )
    case 'repeat':
      return onlyHarmful(
        `repeating ${rest}`,
        `Sessions that repeated a \`${rest}\` call word for word`,
        `Before you repeat a \`${rest}\` call word for word, check what its last answer said.`,
      )
    case 'error': {
      const [of, template] = rest!.split(/ \| (.*)/s) as [string, string]
      return onlyHarmful(
        `after ${rest}`,
        `Sessions in which \`${of}\` answered "${template}"`,
        `After "${template}" from \`${of}\`, check the task again before you go on.`,
      )
    }
  }
  if (trait.startsWith('left failed ')) {
    const failed = trait.slice('left failed '.length)
    return onlyHarmful(
      trait,
      `Sessions that ended on a failed \`${failed}\``,
      `Before you finish, check that \`${failed}\` has not been left failed.`,
    )
  }
  switch (trait) {
    case 'a call left failed':
      return onlyHarmful(
        trait,
        'Sessions that ended with a failed call that was not repaired',
        'Before you finish, check that no call is left failed.',
      )
    case 'a yes before': {
      const is_any = finding.context === ANY_CHANGE
      const change = is_any ? 'a call whose name says that it changes something' : `\`${action}\``
      return onlyHelpful(
        `a yes before ${is_any ? 'a change' : action}`,
        `Sessions in which the person's latest words before ${change} said yes`,
        `Before ${change}, check that the person has said yes to it.`,
      )
    }
    case 'a look after':
      return onlyHelpful(
        'a look after the last change',
        'Sessions that made another call after the last one whose name says that it changes something',
        'After the last change, check with another call that it is as it should be.',
      )
    case 'changes of two kinds or more':
      return onlyHarmful(
        trait,
        'Sessions that called two or more different tools whose names say that they change something',
        'Before a second kind of change in one session, check that both were asked for.',
      )
    default:
      return onlyHarmful(
        `after ${trait}`,
        `Sessions with ${trait}`,
        `After ${trait.replace(' or more', '')}, stop and check the approach.`,
      )
  }
}

/** The context of the sessions that changed something; see the session channel. */
const ANY_CHANGE = 'session-change'

function usedOften(action: string, times: number, kind: Finding['class']): Told {
  return {
    name: kind === 'mistake' ? `${action} ${times} times` : `enough ${action}`,
    those: `Sessions that called \`${action}\` ${times} times or more`,
    harmful: `Before another \`${action}\` after ${times - 1}, stop and check the approach.`,
    helpful: `Before you act, check whether one more \`${action}\` would tell you something you need.`,
  }
}

/** The other direction is never told (`isSayable` in session-lessons.ts), so one sentence serves. */
function onlyHelpful(name: string, those: string, helpful: string): Told {
  return { name, those, harmful: helpful, helpful }
}

function onlyHarmful(name: string, those: string, harmful: string): Told {
  return { name, those, harmful, helpful: harmful }
}
