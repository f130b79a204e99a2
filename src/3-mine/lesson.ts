/**
 * Lesson: a finding and its quotes in, a pattern in words out.
 *
 * The wording of every lesson comes from the templates here. What a tool said stands in it only as a
 * quotation; the one exception to our own wording is a wish that a person spoke, told in that person's words.
 */

import type { Evidence } from '../domain/evidence.ts'
import { derivedId } from '../domain/id.ts'
import type { Pattern } from '../domain/pattern.ts'
import type { Count } from '../domain/tally.ts'
import { actionOf, type Finding, templateOf } from './finding.ts'

/**
 * The same finding of the same agent is the same pattern, night after night. What is known of an error is one
 * pattern, whichever remedy is the best so far.
 */
export function patternId(finding: Pick<Finding, 'channel' | 'context' | 'trait'>, agent: string): string {
  return derivedId('pat', agent, finding.context, finding.channel === 'repair' ? 'error' : finding.trait)
}

export function lessonOf(finding: Finding, agent: string, evidence: Evidence[]): Pattern {
  const { name, text, why } = words(finding, evidence)
  return {
    id: patternId(finding, agent),
    class: finding.class,
    channel: finding.channel,
    tier: finding.tier,
    status: finding.published ? 'probation' : 'candidate',
    context: finding.context,
    trait: finding.trait,
    name: slug(name),
    text,
    why,
    scope: { agent },
    effect: finding.effect,
    p: finding.p,
    q: finding.q,
    sessions: finding.sessions,
    sightings: finding.sightings,
    evidence,
  }
}

type Words = { name: string; text: string; why: string }

function words(finding: Finding, evidence: Evidence[]): Words {
  switch (finding.kind) {
    case 'guard':
      return guard(finding, evidence)
    case 'shape':
      return shape(finding, evidence)
    case 'fragile':
      return fragile(finding, evidence)
    case 'repair':
      return repair(finding)
    case 'recurring':
      return recurring(finding)
    case 'check':
      return check(finding)
    case 'correction':
      return correction(finding, evidence)
    case 'refusal':
      return refusal(finding, evidence)
  }
}

function guard(finding: Finding, evidence: Evidence[]): Words {
  const [, first, subject] = /^after (.+?)(?: on the same (.+))?$/.exec(finding.trait)!
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  return {
    name: `${first} before ${action}`,
    text: `Call \`${first}\` before \`${action}\`${subject ? ` for the same \`${subject}\`` : ''}.`,
    why: `Without it the first call failed in ${of(exposed)} sessions${said(evidence)}; with it in ${of(unexposed)}.`,
  }
}

function shape(finding: Finding, evidence: Evidence[]): Words {
  const [, argument, wrong] = /^arg (.+?) = (.+)$/.exec(finding.trait)!
  const action = actionOf(finding)
  const { exposed, unexposed } = finding.effect
  return {
    name: `${action} ${argument} as ${finding.better}`,
    text: `When calling \`${action}\`, give \`${argument}\` as ${finding.better}, not as ${wrong}.`,
    why: `With ${wrong} the first call failed in ${of(exposed)} sessions${said(evidence)}; otherwise in ${of(unexposed)}.`,
  }
}

function fragile(finding: Finding, evidence: Evidence[]): Words {
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

function repair(finding: Finding): Words {
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

function recurring(finding: Finding): Words {
  const action = actionOf(finding)
  const [bad, n] = finding.effect.exposed
  return {
    name: `${action} ${templateOf(finding)}`,
    text: `Guard against "${templateOf(finding)}" from \`${action}\`: once it happens, nothing tried so far mends it.`,
    why: `${n} sessions ran into it; in ${bad} of them the next attempt failed too, or there was none.`,
  }
}

function check(finding: Finding): Words {
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

function correction(finding: Finding, evidence: Evidence[]): Words {
  const topic = finding.better!.split(' ')
  const worth = (quote: string) =>
    topic.filter((word) => quote.toLowerCase().includes(word)).length + (IMPERATIVE.test(quote) ? 1 : 0)
  const wish = evidence
    .map((it) => it.quote)
    .sort((a, b) => worth(b) - worth(a) || a.length - b.length || (a < b ? -1 : 1))[0]
  return {
    name: topic.slice(0, 6).join(' '),
    text: `People keep asking for this: "${printable(wish ?? topic.join(' '))}"`,
    why: `People had to say it, in these words or similar ones, in ${finding.sessions} sessions.`,
  }
}

/** A sentence that says what to do, rather than what went wrong. */
const IMPERATIVE =
  /^(?:please|always|never|use|put|add|keep|include|write|run|don't|do not|make sure|remember)\b/i

function refusal(finding: Finding, evidence: Evidence[]): Words {
  const action = actionOf(finding)
  const reasons = evidence.filter((it) => it.origin === 'person')
  return {
    name: `ask before ${action}`,
    text: `Ask before you call \`${action}\`.`,
    why: `People refused it in ${of(finding.effect.exposed)} sessions${said(reasons)}.`,
  }
}

/** Up to two different quotes, in brackets. */
function said(evidence: Evidence[]): string {
  const quotes = [...new Set(evidence.map((it) => it.quote))].slice(0, 2)
  return quotes.length === 0 ? '' : ` (${quotes.map((it) => `"${short(it)}"`).join(', ')})`
}

function short(text: string): string {
  const characters = [...printable(text)]
  return characters.length <= 120 ? characters.join('') : `${characters.slice(0, 119).join('')}…`
}

/** Verbatim, but for what a terminal would obey and a page would not show. */
function printable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours start with the escape character
      .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
      .trim()
  )
}

function of([bad, n]: Count): string {
  return `${bad} of ${n}`
}

function worked([bad, n]: Count): string {
  return `${n - bad} of ${n}`
}

function rate([bad, n]: Count): string {
  return n === 0 ? 'none' : `${Math.round((100 * bad) / n)} % (${bad} of ${n})`
}

function factor(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)
}

const SLUG_LIMIT = 72

function slug(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/<[a-z…]+>/g, ' ')
    .match(/[a-z0-9_]+/g) ?? ['lesson']
  let name = words[0]!
  for (const word of words.slice(1)) if (name.length + 1 + word.length <= SLUG_LIMIT) name += `-${word}`
  return name.slice(0, SLUG_LIMIT)
}
