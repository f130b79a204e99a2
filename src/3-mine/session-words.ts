import { actionOf, type Finding } from './finding.ts'
import { factor, rate, type Words } from './words.ts'

export function check(finding: Finding): Words {
  const { name, text, those } = checkSentence(finding)
  const { exposed, unexposed, odds_ratio, low, high } = finding.effect
  const harmful = finding.class === 'mistake'
  // "0.2 times as high" reads worse than "5 times lower".
  const [times, from, to] = harmful ? [odds_ratio!, low!, high!] : [1 / odds_ratio!, 1 / high!, 1 / low!]
  const direction = harmful ? 'higher' : 'lower'
  const difference = exposed[0] / exposed[1] - unexposed[0] / unexposed[1]
  const crude_says_otherwise = harmful ? difference <= 0 : difference >= 0
  const turned = crude_says_otherwise ? ' (the difference of the tasks hides it)' : ''
  return {
    name,
    text,
    why: `${those} failed in ${rate(exposed)}, the others in ${rate(unexposed)}${turned}. At the same task and agent version their odds of failing are ${factor(times)} times ${direction} (95 % interval ${factor(from)} to ${factor(to)}).`,
  }
}

function checkSentence(finding: Finding): { name: string; text: string; those: string } {
  const { trait } = finding
  const harmful = finding.class === 'mistake'
  const kind = trait.slice(0, trait.indexOf(' '))
  const rest = trait.slice(trait.indexOf(' ') + 1)
  const many = /^use (.+) (\d+) times or more$/.exec(trait)
  if (many) {
    const [, action, times] = many
    const those = `Sessions that called \`${action}\` ${times} times or more`
    return harmful
      ? {
          name: `${action} ${times} times`,
          text: `Before another \`${action}\` after ${Number(times) - 1}, stop and check the approach.`,
          those,
        }
      : {
          name: `enough ${action}`,
          text: `Before you act, check whether one more \`${action}\` would tell you something you need.`,
          those,
        }
  }
  if (trait === 'a call left failed') {
    return {
      name: trait,
      text: 'Before you finish, check that no call is left failed.',
      those: 'Sessions that ended with a failed call that was not repaired',
    }
  }
  if (trait.startsWith('left failed ')) {
    const action = trait.slice('left failed '.length)
    return {
      name: trait,
      text: `Before you finish, check that \`${action}\` has not been left failed.`,
      those: `Sessions that ended on a failed \`${action}\``,
    }
  }
  switch (kind) {
    case 'before':
      return {
        name: `${rest} before ${actionOf(finding)}`,
        text: `Before \`${actionOf(finding)}\`, check that \`${rest}\` was done.`,
        those: `Sessions that called \`${rest}\` before \`${actionOf(finding)}\``,
      }
    case 'use':
      return harmful
        ? {
            name: `check before ${rest}`,
            text: `Check the rules that allow \`${rest}\` before you call it.`,
            those: `Sessions that called \`${rest}\``,
          }
        : {
            name: `check whether ${rest}`,
            text: `Before you finish, check whether \`${rest}\` is still needed.`,
            those: `Sessions that called \`${rest}\``,
          }
    case 'repeat':
      return {
        name: `repeating ${rest}`,
        text: `Before you repeat a \`${rest}\` call word for word, check what its last answer said.`,
        those: `Sessions that repeated a \`${rest}\` call word for word`,
      }
    case 'error': {
      const [action, template] = [rest.slice(0, rest.indexOf(' | ')), rest.slice(rest.indexOf(' | ') + 3)]
      return {
        name: `after ${rest}`,
        text: `After "${template}" from \`${action}\`, check the task again before you go on.`,
        those: `Sessions with this error`,
      }
    }
    default:
      return {
        name: `after ${trait}`,
        text: `After ${trait.replace(' or more', '')}, stop and check the approach.`,
        those: `Sessions with ${trait}`,
      }
  }
}
