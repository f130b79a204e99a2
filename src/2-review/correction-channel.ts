import { isToolUse, type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import type { Call } from './call.ts'
import { ownWords, pastedIn, type Said } from './own-words.ts'
import { contentWords, sentencesOf, wordPairs } from './sentence.ts'

/**
 * The correction channel: what people say after the agent acted, and the calls they refuse.
 *
 * What a person says in one message is an occasion; it is bad as far as it corrects the agent. Its traits are the pairs
 * of content words in its sentences, so the same wish said in different words shares traits. Sentences that correct
 * nothing are counted too: words that people use anyway are no sign of a correction. Neither are those of the request: who says
 * again what was asked for wants it done now, not from now on. What a person quotes or pastes is not said by them.
 */
export function observeCorrections(events: SessionEvent[], calls: Call[]): Observation[] {
  return [...observeWords(events), ...observeRefusals(events, calls)]
}

/** A pair of words is counted once a session as correcting, and once as not. */
function observeWords(events: SessionEvent[]): Observation[] {
  const said = sentencesIn(events)
  const corrections = said.filter((it) => it.kind === 'bad')
  const pasted = pastedIn(corrections, events)
  const counted = { good: new Set<string>(), bad: new Set<string>() }
  const asked = new Set<string>()
  const occasions = new Map<number, Partial<Record<Kind, Observation>>>()
  for (const it of said) {
    if (pasted.has(it)) continue
    const { kind, at } = it
    const here = occasions.get(at) ?? {}
    occasions.set(at, here)
    const words = contentWords(it.sentence)
    if (kind === 'good') for (const word of words) if (asked.size < MOST_ASKED) asked.add(word)
    const again = kind === 'bad' ? words.filter((word) => asked.has(word)) : []
    for (const pair of wordPairs(words)) {
      const is_asked =
        again.length > 1 &&
        (2 * again.length > words.length || pair.split(' + ').every((it) => again.includes(it)))
      if (is_asked || counted[kind].has(pair)) continue
      counted[kind].add(pair)
      here[kind] ??= occasion(kind, at)
      here[kind].traits[pair] = at
    }
    // What corrects is worth knowing also when its words are not: what the agent did then may tell.
    if (kind === 'bad') here.bad ??= occasion(kind, at)
  }
  return [...occasions.values()].flatMap(({ good, bad }) => [good, bad].filter((it) => it !== undefined))
}

/** Of what a person asks for, the first words: those of a long request are not all of one thing. */
const MOST_ASKED = 24

/** Whether a sentence corrects the agent (bad) or not. */
type Kind = 'good' | 'bad'

function sentencesIn(events: SessionEvent[]): (Said & { kind: Kind })[] {
  const said: (Said & { kind: Kind })[] = []
  let acted = false
  for (const [at, event] of events.entries()) {
    if (!acted && (event.type === 'agent.message' || isToolUse(event))) acted = true
    if (!SPEAKS.has(event.type)) continue
    const objects = isObjection(event)
    for (const sentence of sentencesOf(ownWords(textOf(event))))
      said.push({ sentence, at, kind: objects || (acted && corrects(sentence)) ? 'bad' : 'good' })
  }
  return said
}

function occasion(kind: Kind, event: number): Observation {
  // An object with a prototype would get a hidden class for each pair of words that is put in.
  return { channel: 'correction', context: 'said', bad: kind === 'bad', event, traits: Object.create(null) }
}

const SPEAKS = new Set<SessionEvent['type']>(['user.message', 'user.feedback', 'user.tool_confirmation'])

/** Whoever rejects an output or a call says why, in whatever words. */
function isObjection(event: SessionEvent): boolean {
  return event.type === 'user.feedback'
    ? event.feedback.kind === 'rejection'
    : event.type === 'user.tool_confirmation' && event.result === 'deny'
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

/** For every action of a session: was it refused? The reason a person gave is the event to read. */
function observeRefusals(events: SessionEvent[], calls: Call[]): Observation[] {
  const refused = new Map<string, number>()
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    if (event.type === 'user.tool_confirmation' && event.result === 'deny') refused.set(event.tool_use_id, i)
  }
  const observations = new Map<string, Observation>()
  for (const call of calls) {
    const known = observations.get(call.action)
    const refused_at = refused.size === 0 ? undefined : refused.get(events[call.at]!.id)
    if (known && (known.bad || refused_at === undefined)) continue
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
