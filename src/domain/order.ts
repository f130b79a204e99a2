/**
 * Order: whether words tell an agent what to do, rather than saying how something is.
 *
 * This is a list of English words, so it knows what it lists and no more. It is not what keeps orders out of a memory: that is who
 * said them, how much of them is repeated, and that a person decides. It keeps the plain ones from being repeated at all.
 */
import { isDisguised, undressed } from './visible-text.ts'

/** Whether a text speaks to its reader, gives a rule, advice or a permission, or is dressed up so that it is not recognised. */
export function readsLikeAnOrder(text: string): boolean {
  const words = undressed(text).replaceAll('_', ' ')
  return holdsAnOrder(text) || ADDRESSES.some((it) => it.test(words))
}

/** The same of a name, which may well have an assistant or a note in it. */
export function holdsAnOrder(text: string): boolean {
  const words = undressed(text).replaceAll('_', ' ')
  return isDisguised(text) || ORDERS.some((it) => it.test(words)) || speaksToYou(words)
}

/**
 * Whether a text says that rules, checks or earlier words do not hold, or speaks of agents and prompts as such: the plainest of what
 * is written to talk an agent into something. To forbid that is none: "never refund without asking".
 */
export function setsRulesAside(text: string): boolean {
  const words = undressed(text).replaceAll('_', ' ')
  const bidden = words.replace(FORBIDDEN, ' ')
  return AGAINST_RULES.some((it) => it.test(bidden)) || TO_AN_AGENT.some((it) => it.test(words))
}

const FORBIDDEN = /\b(?:never|do not|don't|must not|should not|avoid)\b[^,;:.]*/g

/** Whether a text holds an address of the web or of mail. */
export function namesAPlace(text: string): boolean {
  return PLACE.test(text)
}

const PLACE =
  /https?:|www\.|@[\w-]+\.\w|\b[\w-]+\.(?:com|net|org|io|dev|app|xyz|info|biz|example|onion|link|click|ru|cn|top)\b/i

const RULES = `(?:instructions?|rules?|polic(?:y|ies)|guidelines?|guardrails?|safety|approvals?|confirmations?|permissions?|reviews?|restrictions?|constraints?|warnings?)`
const LEAVE_OUT = `(?:ignor(?:e|es|ed|ing)|disregard\\w*|forget|bypass\\w*|overrid(?:e|es|ing)|circumvent\\w*|suppress\\w*)`
const DEEDS = `(?:approv(?:e|ed)|authori[sz]ed?|sen[dt]|forward(?:ed)?|transfer(?:red)?|wired?|pay|paid|refund(?:ed)?|e?mail(?:ed)?|upload(?:ed)?|post(?:ed)?|shared?|disclosed?|reveal(?:ed)?|grant(?:ed)?|deleted?|disabled?|skip(?:ped)?|bypass(?:ed)?|ignored?|overrid(?:e|den)|executed?|install(?:ed)?|download(?:ed)?|run|called?|visit(?:ed)?|open(?:ed)?|trust(?:ed)?|follow(?:ed)?|obey(?:ed)?|refer(?:red)?|waived?|accept(?:ed)?|add(?:ed)?|append(?:ed)?|mention(?:ed)?|promot(?:e|ed)|recommend(?:ed)?|log in|sign in)`
const DONE =
  '(?:called|run|sent|approved|transferred|wired|paid|refunded|forwarded|e?mailed|uploaded|posted|shared|disclosed|granted|skipped|bypassed|executed|installed|waived)'

/** Against what was said before. */
const AGAINST_RULES = [
  new RegExp(
    `\\b${LEAVE_OUT}\\b.{0,40}\\b(?:previous|prior|earlier|above|all|any|every|existing|${RULES})\\b`,
  ),
  /\b(?:previous|prior|earlier|above|secret|hidden) (?:instruct\w*|orders|directives?|rules?)\b/,
  /\bwithout (?:any |further |prior )?(?:ask\w*|check\w*|confirm\w*|verif\w*|approv\w*|permission|review\w*|question\w*|telling|notice)/,
  /\bno (?:further |more |prior )?(?:confirmation|approval|review|permission|verification|check|questions?|human)s? (?:is |are )?(?:needed|required|necessary|asked)/,
]

const ORDERS = [
  // For all times.
  /\b(?:always|never|from now on|from here on|henceforth|hereafter|going forward|in (?:the )?future|every time|each time|next time|at all times|without exception|whenever)\b/,
  ...AGAINST_RULES,
  // In somebody's name.
  /\b(?:user|owner|admin\w*|operator|manager|human|boss|ceo|team|security|compliance|support|developer|anthropic|openai)s? (?:(?:has|have|had) (?:already )?)?(?:approved|agreed|confirmed|said|says|wants?|asks?|asked|orders?|ordered|instructs?|instructed|requires?|prefers?)\b/,
  /\b(?:please|kindly|make sure|be sure|ensure|let's|do not forget|don't forget|feel free|go ahead)\b/,
  // As advice.
  new RegExp(`\\b(?:was|were|is|are|been|being|gets|got) (?:\\w+ly )?${DONE}\\b`),
  /\b(?:worked|works (?:best|well)|succeed(?:s|ed)|successful(?:ly)?|(?<!not be )(?:solved|fixed)|helped|best practice|recommended|lessons? learned|last time|in my experience|it turned out|the solution is|the fix is|the trick is|workaround)\b/,
  new RegExp(
    `\\b(?:must|should|shall|needs? to|has to|have to|ought to|(?:are|is) (?:to|required to|supposed to|expected to|allowed to|permitted to)|can|may|will|be sure to|try to)(?: \\w+){0,3} ${DEEDS}\\b`,
  ),
]

/** What is said to an agent as an agent. */
const TO_AN_AGENT = [
  /\b(?:approved|authori[sz]ed|confirmed|allowed|ordered|requested|instructed|mandated) by\b/,
  /\b(?:assistants?|chatbots?|llms?|language models?|jailbreak\w*|system prompt|developer mode|admin mode|god mode|ai (?:agent|model|system)s?|dear agent|attention agents?|as an ai)\b/,
  /\b(?:instructions?|prompts?) (?:for|to) (?:the |all |any )?(?:agents?|assistants?|ai|models?|you)\b/,
]

const ADDRESSES = [
  ...TO_AN_AGENT,
  new RegExp(
    `\\b(?:new|updated|system|developer|special) (?:instruct\\w*|orders|directives?|prompts?|messages?|${RULES})\\b`,
  ),
  /\b(?:remember|memori[sz]e|important|attention|urgent|note|notice|reminder|hint|tip|todo)\b ?[:!]?(?: (?:that|this|to)\b|$)/,
]

function speaksToYou(words: string): boolean {
  return YOU.test(words) && !ABOUT_YOU.test(words)
}

const YOU = /\b(?:you|your|yours|yourself|u r)\b/
/** What a program says of the one who called it. */
const ABOUT_YOU =
  /^[^.]*\byou (?:do not have|don't have|are not|aren't|cannot|can't|have (?:no|not|already|exceeded|reached|insufficient|requested)|lack)\b|^your (?:\w+ ){1,3}(?:is|was|has|have|are|does|cannot|could|failed|expired)\b/
