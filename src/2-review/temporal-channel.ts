import { type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { ownWords, pastedIn } from './own-words.ts'
import { plainWords, sentencesOf } from './sentence.ts'

/**
 * The temporal channel: what a person asked for in a session, and when.
 *
 * A session in which a person speaks is one occasion, so that what a person asks for on Mondays can be set against all
 * of that person's days. It is bad when the person had to ask for anything. A wish is a trait three times: by itself, with the day of the week, and
 * with the part of the day (UTC). The first is counted; the others tell where to look the wish up.
 *
 * Only what is asked of an answer is a wish here: its length, form, tone, language, what it starts with, holds or leaves
 * out. What a person works on is not.
 */
export function observeWishes(session: Omit<Session, 'id'>): Observation[] {
  const { events, person, started_at } = session
  const first = events.findIndex((it) => it.type === 'user.message' && textOf(it) !== '')
  if (first === -1) return []
  const traits: Record<string, number> = {}
  for (const [wish, at] of wishesIn(events)) {
    traits[wish] = at
    for (const window of windowsOf(started_at)) traits[`${window}: ${wish}`] = at
  }
  const bad = Object.keys(traits).length > 0
  return [{ channel: 'temporal', context: `asks ${person ?? ''}`, bad, event: first, traits }]
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const PARTS = ['00-06', '06-12', '12-18', '18-24']

/** The day of the week and the part of the day, in UTC; none of an unknown time. */
function windowsOf(started_at: string | null): string[] {
  const at = new Date(started_at ?? Number.NaN)
  return Number.isNaN(at.getTime())
    ? []
    : [WEEKDAYS[at.getUTCDay()]!, PARTS[Math.floor(at.getUTCHours() / 6)]!]
}

/** Wish -> index of the first event that speaks it. */
function wishesIn(events: SessionEvent[]): Map<string, number> {
  const said = events.flatMap((event, at) =>
    event.type === 'user.message' || event.type === 'user.feedback'
      ? sentencesOf(ownWords(textOf(event)))
          .map((sentence) => ({ sentence, at, asked: wishesOf(sentence) }))
          .filter(({ asked }) => asked.length > 0)
      : [],
  )
  const pasted = pastedIn(said, events)
  const wishes = new Map<string, number>()
  for (const it of said) {
    if (pasted.has(it)) continue
    for (const wish of it.asked) if (!wishes.has(wish)) wishes.set(wish, it.at)
  }
  return wishes
}

/** What a sentence asks of an answer. */
export function wishesOf(sentence: string): string[] {
  if (!ASKS.test(sentence)) return []
  const named = WISHES.flatMap(({ wish, instead, says }) => {
    const match = says.exec(sentence)
    if (match === null) return []
    return NEGATION.test(sentence.slice(0, match.index)) ? (instead ?? []) : wish
  })
  const parts = PARTS_OF_AN_ANSWER.flatMap(({ verb, says }) => {
    const head = headOf(says.exec(sentence)?.[1] ?? '')
    return head === undefined ? [] : `${verb} ${head}`
  })
  return [...new Set([...named, ...languagesIn(sentence), ...parts])]
}

/** How a sentence sounds that asks for something. */
const ASKS =
  /\b(?:please|answer|reply|respond|write|draft|send|translate|give|show|put|list|explain|present|format|want|need|prefer|like|can you|could you|keep|make|be|just|only|use|add|include|mention|start|begin|skip|omit|leave out|go into|enough|will do)\b/i

/** Before a wish, in the same part of the sentence: the opposite is wanted. */
const NEGATION =
  /\b(?:no|not|never|without|avoid|stop|less|fewer|too|instead of|rather than|\w+n['’]t)\b[^.,;:!?]{0,24}$/i

const ANSWER =
  '(?:answers?|repl(?:y|ies)|responses?|versions?|summar(?:y|ies)|overviews?|explanations?|write-?ups?|notes?|messages?|texts?|reports?|drafts?|letters?|e-?mails?|sentences?|paragraphs?|one|form)'
const IT = `(?:it|this|this one|that|them|things|(?:the |your |my |all )?${ANSWER})`
const SHORT = '(?:short|brief|concise|terse|succinct|crisp)(?:er)?'
const DETAILED = '(?:detailed|thorough|comprehensive|extensive|exhaustive|in-depth|elaborate|longer)'

/** `instead` is what is wanted when the wish is negated. */
const WISHES: { wish: string; instead?: string; says: RegExp }[] = [
  {
    wish: 'short answers',
    instead: 'detailed answers',
    says: any(
      `${SHORT}(?: \\w+)? ${ANSWER}`,
      `quick (?:answer|reply|summary|overview|version)`,
      `(?:keep|make) ${IT}(?: \\w+)? ${SHORT}`,
      `(?:be|stay|too)(?: more| very| as)? ${SHORT}`,
      `${SHORT}(?:,? please| and to the point| and sweet| is enough| will do)`,
      `(?:explain|describe|answer|reply|tell me|outline) (?:\\w+ )*briefly`,
      `in (?:a|one|two|three|a few|a couple of) (?:short )?(?:words|sentences?|lines?)`,
      `just the (?:gist|essentials|highlights|headlines|(?:key|main) points)`,
    ),
  },
  {
    wish: 'detailed answers',
    instead: 'short answers',
    says: any(
      `(?:more|all|every|full|further|much) (?:of )?(?:the )?(?:details?|depth)`,
      `(?:less|too much) detail`,
      `in(?: \\w+)? (?:details?|depth)`,
      `into (?:the )?details?`,
      `(?:without|no) details?`,
      `${DETAILED}(?: \\w+)? ${ANSWER}`,
      `(?:keep|make) ${IT}(?: \\w+)? ${DETAILED}`,
      `(?:be|as|more|too) (?:very |more |as )?${DETAILED}`,
      `${DETAILED},? please`,
      `${ANSWER} (?:is|was|are|were) too long`,
      `elaborate(?:,? please| on)`,
    ),
  },
  { wish: 'tables', says: any('(?:as|in) (?:a )?table', 'table (?:form|format|please)', 'tabular') },
  { wish: 'bullet points', says: any('bullets?', 'bullet(?:ed)?[- ](?:points?|list)') },
  { wish: 'numbered steps', says: any('step[- ]by[- ]step', 'numbered (?:steps|list)') },
  { wish: 'running text', says: any('(?:running|continuous|flowing) text', 'in prose', 'full sentences') },
  {
    wish: 'a summary',
    says: any(
      'summari[sz]e (?:it|this|that|for me)',
      '(?:a|an|the|only|just|short|brief|executive) summary',
      'summary (?:first|please|only|on top|at the top|up front)',
    ),
  },
  { wish: 'examples', says: any('(?:with|add|give|include|show)(?: \\w+){0,3} examples?') },
  {
    wish: 'sources',
    says: any('(?:with|cite|add|give|include|name|list)(?: \\w+){0,3} (?:sources?|references|citations?)'),
  },
  {
    wish: 'plain language',
    says: any('(?:plain|simple|simpler) (?:language|words|terms|English)', 'jargon'),
  },
  {
    wish: 'a formal tone',
    instead: 'a casual tone',
    says: any('formal(?:er)? (?:tone|style|wording|language)', '(?:more|very|it|be) formal'),
  },
  {
    wish: 'a casual tone',
    instead: 'a formal tone',
    says: any(
      '(?:casual|informal|relaxed|friendl(?:y|ier)|warmer) (?:tone|style|wording|language)',
      '(?:more|it|be) (?:casual|informal|relaxed|friendly)',
    ),
  },
]

function any(...words: string[]): RegExp {
  return new RegExp(`\\b(?:${words.join('|')})\\b`, 'i')
}

const LANGUAGES =
  'English|German|French|Spanish|Italian|Portuguese|Dutch|Danish|Swedish|Norwegian|Finnish|Polish|Czech|Hungarian|Romanian|Greek|Turkish|Ukrainian|Russian|Arabic|Hebrew|Hindi|Chinese|Japanese|Korean|Vietnamese'
const LANGUAGE = new RegExp(
  `\\b(?:in|into|to) (${LANGUAGES})\\b(?! (?:words|terms))|\\b(${LANGUAGES}),? (?:please|${ANSWER})\\b`,
  'g',
)

function languagesIn(sentence: string): string[] {
  return [...sentence.matchAll(LANGUAGE)]
    .filter((it) => !NEGATION.test(sentence.slice(0, it.index)))
    .map((it) => `answers in ${it[1] ?? it[2]}`)
}

/** Where a clause begins that tells somebody what to do. */
const ORDER = '(?:^|[.,;:] |\\b(?:please|and|also|always|just|you|to) )'

const PARTS_OF_AN_ANSWER: { verb: string; says: RegExp }[] = [
  { verb: 'start with', says: new RegExp(`${ORDER}(?:start|begin|open|lead) with (.+)`, 'i') },
  { verb: 'include', says: new RegExp(`${ORDER}(?:include|add|mention) (.+)`, 'i') },
  { verb: 'leave out', says: new RegExp(`${ORDER}(?:leave out|skip|omit) (.+)`, 'i') },
]

/** The noun that a phrase is about: the last word that means something before the phrase goes on. */
function headOf(phrase: string): string | undefined {
  const [noun] = phrase.split(
    /[.,;:!?]|\b(?:and|but|then|before|after|please|for|of|in|on|at|to|with|from|when|if|because|that|which|first|again|too)\b/i,
    1,
  )
  return plainWords(noun!).at(-1)
}
