import { isToolUse, type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import type { Call } from './call.ts'

/**
 * The correction channel: what people say after the agent acted, and the calls they refuse.
 *
 * A sentence of a person is an occasion; it is bad when it corrects the agent. Its traits are the pairs
 * of its content words, so the same wish said in different words shares traits. Sentences that correct
 * nothing are counted too: words that people use anyway are no sign of a correction.
 */
export function observeCorrections(events: SessionEvent[], calls: Call[]): Observation[] {
  const observations: Observation[] = []
  const counted = { true: new Set<string>(), false: new Set<string>() }
  let acted = false
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    if (event.type === 'agent.message' || isToolUse(event)) acted = true
    if (event.type !== 'user.message' && event.type !== 'user.feedback') continue
    for (const sentence of sentencesOf(textOf(event))) {
      const bad = acted && corrects(sentence)
      const traits: Record<string, number> = {}
      for (const pair of wordPairs(sentence)) {
        const set = counted[`${bad}`]
        if (set.has(pair)) continue
        set.add(pair)
        traits[pair] = i
      }
      if (Object.keys(traits).length > 0)
        observations.push({ channel: 'correction', context: 'said', bad, event: i, traits })
    }
  }
  return [...observations, ...observeRefusals(events, calls)]
}

/** For every action of a session: was it refused? The reason a person gave is the event to read. */
function observeRefusals(events: SessionEvent[], calls: Call[]): Observation[] {
  const refused = new Map<string, number>()
  for (const [i, event] of events.entries()) {
    if (event.type === 'user.tool_confirmation' && event.result === 'deny') refused.set(event.tool_use_id, i)
  }
  const observations = new Map<string, Observation>()
  for (const call of calls) {
    const refused_at = refused.get(events[call.at]!.id)
    if (refused_at === undefined && observations.has(call.action)) continue
    if (observations.get(call.action)?.bad) continue
    observations.set(call.action, {
      channel: 'correction',
      context: `refused ${call.action}`,
      bad: refused_at !== undefined,
      event: refused_at ?? call.at,
      traits: {},
    })
  }
  return [...observations.values()]
}

/** Longer texts are pasted material, not something a person says to an agent. */
const SENTENCE_LIMIT = 240
const TEXT_LIMIT = 2_000

/** The sentences of a text, verbatim, at most 40 of them. */
export function sentencesOf(text: string): string[] {
  if (text.length > TEXT_LIMIT) return []
  return text
    .split(/(?<=[.!?])\s+|[\n\r\u2028\u2029]+/)
    .map((it) => it.trim())
    .filter((it) => it.length >= 8 && it.length <= SENTENCE_LIMIT)
    .slice(0, 40)
}

/** How people say that something should have been done differently, and should be from now on. */
const CORRECTS = new RegExp(
  [
    String.raw`^(?:no|nope|wrong|stop)\b[,.! ]`,
    String.raw`\b(?:always|never)\b`,
    String.raw`\b(?:don't|do not|stop|quit|avoid) (?:\w+ing|use|add|put|run|call|write|change|touch|edit|commit|push|send|include|mention|remove|delete|make|create)\b`,
    String.raw`\b(?:that's|that is|this is|it's|you're|you are) (?:wrong|not (?:right|correct|what))\b`,
    String.raw`\bnot what i (?:asked|wanted|meant|said)\b`,
    String.raw`\byou (?:should(?:n't| not)?(?: have)?|forgot|missed|need to|must|were supposed)\b`,
    String.raw`\b(?:i|we) (?:asked|told|said|already)\b`,
    String.raw`\buse\b.+\b(?:not|instead of|rather than)\b`,
    String.raw`\b(?:instead of|rather than)\b`,
    String.raw`^(?:please )?(?:use|put|keep|write|run|add|include|remember|make sure|next time|from now on)\b`,
  ].join('|'),
  'i',
)

function corrects(sentence: string): boolean {
  return CORRECTS.test(sentence) && !sentence.endsWith('?')
}

/** Words this far apart in a sentence, counting only content words, are still said together. */
const PAIR_DISTANCE = 3

function wordPairs(sentence: string): Set<string> {
  const words = contentWords(sentence)
  const pairs = new Set<string>()
  for (const [i, a] of words.entries()) {
    for (const b of words.slice(i + 1, i + 1 + PAIR_DISTANCE)) {
      if (a !== b) pairs.add(a < b ? `${a} + ${b}` : `${b} + ${a}`)
    }
  }
  return pairs
}

/** Words that carry meaning, in a plain stem; no numbers, no identifiers. */
export function contentWords(sentence: string): string[] {
  const words: string[] = []
  for (const [word] of sentence.toLowerCase().matchAll(/[a-z](?:['’-]?[a-z])*/g)) {
    if (word.length < 3 || word.length > 24) continue
    const plain = word.endsWith("'s") || word.endsWith('’s') ? word.slice(0, -2) : word.replace('’', "'")
    if (STOP_WORDS.has(plain)) continue
    words.push(plain.length > 4 && plain.endsWith('s') && !plain.endsWith('ss') ? plain.slice(0, -1) : plain)
  }
  return words
}

const STOP_WORDS = new Set(
  `the and for that this with you your from have has had was were are not but can could would should will shall may might must please just also
   all any some more most very too then than there here when where what which who whom whose why how into onto over under again once only own same
   such nor don't doesn't didn't isn't aren't wasn't won't can't it's i'm i'd i'll i've you're you've that's let's its our ours their them they she her
   him his hers been being did does doing done get got make made let like want need know think see say said tell told ask asked one two use used using
   always never instead rather next time now thank thanks sorry yes yeah okay sure actually really still already right wrong correct hello help
   could've should've about because before after both each few other out off own down during between against above below until while does myself yourself`.split(
    /\s+/,
  ),
)
