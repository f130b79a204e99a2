/**
 * Contradiction: two statements in, in which way they cannot both hold, or null.
 *
 * The rules look at what differs when all else is said in the same words. They are made to be right rather than to
 * find everything: what they find is put to a person, and a person who is asked needlessly stops reading. Contradictions in
 * other words are not seen; for those, `suspicionIn` orders what a closer look is worth.
 *
 * Every rule is symmetric. None looks at which statement is newer: that says nothing about which is true.
 */
import type { Corpus } from './similarity.ts'
import { type Statement, statementOf, subjectsOf, type Token } from './statement.ts'

export type Contradiction = 'polarity' | 'quantity' | 'order' | 'number' | 'opposite' | 'choice'

export function contradiction(one: Statement, other: Statement): Contradiction | null {
  const rule = RULES.find(([, holds]) => holds(one, other) || holds(other, one))
  return rule?.[0] ?? null
}

const RULES: [Contradiction, (one: Statement, other: Statement) => boolean][] = [
  ['polarity', denies],
  ['quantity', quantifiesOtherwise],
  ['order', turnsRound],
  ['number', givesAnotherNumber],
  ['opposite', saysTheOpposite],
  ['choice', choosesAnother],
]

const words = (list: string) => new Set(list.split(' '))

const NEGATORS = words('not never no none neither nor without avoid')
const STRONG = words('always all every each only exclusively must')
const WEAK = words('sometimes some also occasionally may might can optionally optional partly')
const QUANTIFIERS = new Set([
  ...STRONG,
  ...WEAK,
  ...words('usually often most many few rarely seldom ever any longer'),
])
/** Said of a newer state, without changing what it is the state of. */
const ADVERBS = words('now currently already still recently again from today')
/** "Not sure" denies nothing. */
const DOUBTS = words('sure certain clear know think')
/** Who speaks, or is spoken to. A third person is somebody in particular. */
const PRONOUNS = words('i me my we our us you your it its')
const CONDITIONS = words('unless except if when until while without only')

const NO_FRAME = new Set([...NEGATORS, ...QUANTIFIERS, ...ADVERBS, ...PRONOUNS])

function isNegated(tokens: Token[]): boolean {
  return tokens.filter((it) => NEGATORS.has(it.is)).length % 2 === 1
}

/** What is spoken of, without whether, how much, since when, and by whom. */
function frame(tokens: Token[]): Token[] {
  return tokens.filter((it) => !NO_FRAME.has(it.is))
}

/**
 * Denies a whole clause that the other affirms: "never deploy on Fridays" against "deploy on Fridays after four". Not the other way
 * round: "do not deploy on Fridays after four" leaves room for other hours. Two statements with conditions can both hold.
 */
function denies(one: Statement, other: Statement): boolean {
  if (hasCondition(one) && hasCondition(other)) return false
  return one.clauses.filter(isNegated).some((clause) => {
    const denied = frame(clause).filter((it) => it.kind !== 'link')
    if (denied.some((it) => DOUBTS.has(it.is))) return false
    const says_enough = denied.length >= 2 || denied.some((it) => it.kind === 'code')
    return (
      says_enough && other.clauses.some((it) => !isNegated(it) && goesThrough(frame(affirmed(it)), denied))
    )
  })
}

/** What a clause says beside what it does not want: "use pnpm instead of npm" affirms nothing of npm. */
function affirmed(clause: Token[]): Token[] {
  const end = clause.findIndex(
    ({ is }, i) =>
      (is === 'instead' && clause[i + 1]?.is === 'of') || (is === 'rather' && clause[i + 1]?.is === 'than'),
  )
  return end === -1 ? clause : clause.slice(0, end)
}

function hasCondition({ tokens }: Statement): boolean {
  return tokens.some((it) => CONDITIONS.has(it.is))
}

/** Whether the tokens `steps` stand in `way`, in that order. */
function goesThrough(way: Token[], steps: Token[]): boolean {
  let at = 0
  for (const it of way) if (at < steps.length && it.root === steps[at]!.root) at++
  return at === steps.length
}

/** "always" against "sometimes", of the same. */
function quantifiesOtherwise(one: Statement, other: Statement): boolean {
  const has = (it: Statement, list: Set<string>) => it.tokens.some(({ is }) => list.has(is))
  return (
    has(one, STRONG) &&
    !has(one, WEAK) &&
    has(other, WEAK) &&
    !has(other, STRONG) &&
    isNegated(one.tokens) === isNegated(other.tokens) &&
    frame(one.tokens).length >= 2 &&
    isSame(frame(one.tokens), frame(other.tokens))
  )
}

/** A before B against B before A. */
function turnsRound(one: Statement, other: Statement): boolean {
  const [a, b] = [sequenceOf(one), sequenceOf(other)]
  if (!a || !b || isNegated(one.tokens) !== isNegated(other.tokens)) return false
  // What stands on the same side in both is the frame: "call", "for the same file".
  const moved = (these: Set<string>, those: Set<string>) =>
    [...these]
      .filter((it) => !those.has(it))
      .sort()
      .join('\0')
  const first = moved(a.first, b.first)
  const last = moved(a.last, b.last)
  return first !== '' && last !== '' && first === moved(b.last, a.last) && last === moved(b.first, a.first)
}

function sequenceOf({ tokens }: Statement): { first: Set<string>; last: Set<string> } | null {
  const at = tokens.findIndex((it) => it.is === 'before' || it.is === 'after')
  if (at === -1 || tokens.slice(at + 1).some((it) => it.is === 'before' || it.is === 'after')) return null
  const [left, right] = [tokens.slice(0, at), tokens.slice(at + 1)].map(
    (it) => new Set(it.map(({ root }) => root)),
  )
  return tokens[at]!.is === 'before' ? { first: left!, last: right! } : { first: right!, last: left! }
}

/**
 * The same said with another number. Of events there can be many, and a number that names which one is meant
 * ("PR 260") tells two things apart; only a state or an instruction has one number at a time.
 */
function givesAnotherNumber(one: Statement, other: Statement): boolean {
  const [a, b] = [frame(one.tokens), frame(other.tokens)]
  if (a.length !== b.length || isEvent(one.tokens) || isEvent(other.tokens)) return false
  const differ = a.flatMap((it, i) => (it.is === b[i]!.is ? [] : [i]))
  return (
    differ.length > 0 &&
    a.length - differ.length >= 2 &&
    differ.every(
      (i) => a[i]!.kind === 'number' && b[i]!.kind === 'number' && !isName(a, i) && !isName(b, i),
    ) &&
    isNegated(one.tokens) === isNegated(other.tokens)
  )
}

const NUMBERED = words(
  'pr issue ticket case order step version chapter section part phase sprint release build task item invoice customer user room line page table figure question version rule id no number',
)
const STATES = words('is have must should can need may')

/** A number that says which: with a sign, after what is numbered, or in the subject of the sentence. */
function isName(tokens: Token[], at: number): boolean {
  const verb = tokens.findIndex((it) => STATES.has(it.is))
  return tokens[at]!.is.startsWith('#') || NUMBERED.has(tokens[at - 1]?.root ?? '') || at < verb
}

const IRREGULAR_PASTS = words(
  'was became began bought broke brought built came caught chose did drew drove fell felt forgot fought found flew gave got grew had heard held kept knew left lost made meant met paid ran rose said sat saw sent slept sold spent spoke stood taught thought threw told took understood went won wore wrote',
)
const NO_PASTS = words('need feed speed exceed seed embed proceed succeed indeed shed bed red')

/** Something that happened, as against something that is so or is to be done. */
function isEvent(tokens: Token[]): boolean {
  const past = tokens.findIndex(
    ({ is, kind }) =>
      kind === 'word' && ((is.endsWith('ed') && !NO_PASTS.has(is)) || IRREGULAR_PASTS.has(is)),
  )
  return past !== -1 && !tokens.slice(0, past).some((it) => STATES.has(it.is))
}

/** The same, with a word in the place of its opposite. */
function saysTheOpposite(one: Statement, other: Statement): boolean {
  const slot = slotOf(frame(one.tokens), frame(other.tokens))
  return (
    slot !== null &&
    slot.rest.length >= 1 &&
    isNegated(one.tokens) === isNegated(other.tokens) &&
    areOpposites(slot.one, slot.other)
  )
}

const OPPOSITES =
  `enable disable;allow forbid;allow deny;allow block;include exclude;increase decrease;add remove;on off;short long;brief detailed;concise detailed;
brief long;more less;more fewer;minimum maximum;min max;required optional;mandatory optional;public private;manual automatic;manually automatically;true false;yes no;uppercase lowercase;
upper lower;tab space;start stop;open close;open closed;accept reject;approve reject;synchronous asynchronous;sync async;up down;early late;first last;high low;higher lower;
inside outside;internal external;formal informal;keep delete;keep remove;show hide;encrypt decrypt;lock unlock;before after;with without;ascending descending;left right;
top bottom;single double;single multiple;cheap expensive;fast slow;old new;success failure;pass fail;large small;big small;strict lenient;eager lazy;local remote;buy sell;hot cold`
    .split(/;\n?/)
    .map((it) => statementOf(it).tokens.map(({ root }) => root))

function areOpposites({ root: a }: Token, { root: b }: Token): boolean {
  const is_listed = OPPOSITES.some(([x, y]) => (x === a && y === b) || (x === b && y === a))
  return is_listed || /^(?:un|in|im|il|ir|dis|non-?|de)$/.test(a.endsWith(b) ? a.slice(0, -b.length) : '-')
}

const CHOICES = words('use prefer choose pick set default is named called answer reply speak write live')
const NOT_OF_OBJECTS = words('before after to from with of by until since during as than')

/**
 * Chooses another thing for the same purpose: "use pnpm for installs" against "use yarn for installs". Only after a verb that
 * takes one thing at a time; what stands after a further preposition is a circumstance, and circumstances can differ. A
 * property has one value only where the values are of a kind: a colour, a day, a name, a piece of code.
 */
function choosesAnother(one: Statement, other: Statement): boolean {
  const [a, b] = [frame(one.tokens), frame(other.tokens)]
  const slot = slotOf(a, b)
  if (!slot || slot.rest.length < 2 || slot.one.kind !== slot.other.kind) return false
  if (isEvent(a) || isEvent(b) || isNegated(one.tokens) || isNegated(other.tokens)) return false
  const verb = a.findLastIndex((it, i) => i < slot.at && CHOICES.has(it.is))
  if (verb === -1) return false
  const between = a.slice(verb + 1, slot.at)
  const may_be_any_word = a[verb]!.is === 'use' || a[verb]!.is === 'prefer'
  const leads_to = a[verb]!.is === 'set' || a[verb]!.is === 'default'
  return (
    (slot.one.kind !== 'word' || (may_be_any_word && between.length === 0)) &&
    between.every((it) => !NOT_OF_OBJECTS.has(it.is) || (leads_to && it.is === 'to'))
  )
}

/** Where two sequences differ in one token, which two these are, and the rest. */
function slotOf(
  one: Token[],
  other: Token[],
): { at: number; one: Token; other: Token; rest: Token[] } | null {
  if (one.length !== other.length) return null
  const differ = one.flatMap((it, i) => (it.is === other[i]!.is ? [] : [i]))
  if (differ.length !== 1) return null
  const [at] = differ as [number]
  return { at, one: one[at]!, other: other[at]!, rest: one.filter((_, i) => i !== at) }
}

function isSame(one: Token[], other: Token[]): boolean {
  return one.length === other.length && one.every((it, i) => it.is === other[i]!.is)
}

/**
 * How much a closer look at two texts of a corpus is worth: their similarity, and up to twice that where one denies what the
 * other speaks of, or gives another number or day beside the same word. From 0 to 2, symmetric; not a probability.
 */
export function suspicionIn(corpus: Corpus): (one: number, other: number) => number {
  const known = corpus.texts.map((it) => ({
    denied: it.flatMap(({ clauses }) => clauses.filter(isNegated)).map(subjectsDenied),
    spoken: it.map((statement) => new Set(subjectsOf(statement).map(({ root }) => root))),
    values: valuesOf(it),
  }))
  return (one, other) => {
    const similarity = corpus.similarity(one, other)
    if (similarity === 0) return 0
    const [a, b] = [known[one]!, known[other]!]
    return (
      similarity *
      (1 +
        Math.max(
          denial(corpus, a.denied, b.spoken),
          denial(corpus, b.denied, a.spoken),
          revaluation(corpus, a.values, b.values),
        ))
    )
  }
}

function subjectsDenied(clause: Token[]): string[] {
  return [
    ...new Set(
      frame(clause)
        .filter((it) => it.kind !== 'link')
        .map(({ root }) => root),
    ),
  ]
}

/** Of what a clause denies, the share, by weight, that a statement of the other speaks of. A short denial says less. */
function denial({ weight }: Corpus, clauses: string[][], statements: Set<string>[]): number {
  const sum = (roots: string[]) => roots.reduce((total, it) => total + weight(it), 0)
  const shares = clauses.flatMap((denied) =>
    statements.map((it) => sum(denied.filter((root) => it.has(root))) / (sum(denied) + 1)),
  )
  return Math.max(0, ...shares)
}

/** The weight of the most telling word beside which the two give different numbers or days. */
function revaluation({ weight }: Corpus, one: Values, other: Values): number {
  const words = [...one].flatMap(([beside, values]) => {
    const others = other.get(beside)
    const differ = others !== undefined && ![...values].some((it) => others.has(it))
    return differ ? [beside.slice(beside.indexOf(' ') + 1)] : []
  })
  return Math.max(0, ...words.map(weight))
}

/** The kind of value and a word that it stands beside -> the values that stand there. */
type Values = Map<string, Set<string>>

function valuesOf(statements: Statement[]): Values {
  const values: Values = new Map()
  for (const subjects of statements.map(subjectsOf)) {
    for (const [i, { kind, is }] of subjects.entries()) {
      if (kind !== 'number' && kind !== 'day') continue
      for (const near of [subjects[i - 1], subjects[i + 1]]) {
        if (!near || near.kind === 'number') continue
        const beside = `${kind} ${near.root}`
        values.set(beside, (values.get(beside) ?? new Set()).add(is))
      }
    }
  }
  return values
}
