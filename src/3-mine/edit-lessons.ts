/**
 * Edit lessons: what people keep adding to, taking out of, or replacing in what the agent writes; after which requests
 * they do; and what keeps changing when they correct it.
 *
 * A word is told when people change it far more often than the agent writes it, in enough sessions and kinds of work.
 * Words that are changed together are one lesson. What only one named person does is that person's.
 */

import { wilsonInterval } from '../domain/proportion.ts'
import { type Cell, type Count, RARE_EDIT, type TallyRow, totalOf } from '../domain/tally.ts'
import { cellIn, versionOf } from './cell.ts'
import { qValues } from './false-discovery.ts'
import type { Finding } from './finding.ts'
import { twoSidedP } from './normal.ts'
import { oddsRatio } from './odds-ratio.ts'
import { cellsOf, countOf, intentsBehind, onlyPersonBehind } from './people.ts'
import { fitNuisance, type Score, scoreTest } from './score-test.ts'
import { AS_COUNTED, type Untold } from './told.ts'

const MIN_SESSIONS = 5
/** A word of one task may be its name. */
const MIN_INTENTS = 3
const MIN_SURPRISE = 4
/** Told when it is, with 95 % confidence, right in at least this share of the edited sessions: what is right less often is no instruction. */
const MIN_SHARE = 0.05
/** Rows with less are not always loaded, so nothing may depend on them. */
const LEAST_SEEN = 3
/** Nearly always taken out: with 95 % confidence from this share of the sentences that hold the word … */
const MOSTLY_GONE = 0.75
/** … by people who leave most other words. */
const SELDOM_GONE = 0.3
/** Two words are one habit when at least this share of the rarer is changed beside the other. */
const TOGETHER = 0.5

/** The rows of the edit channel by context, each by trait. */
type Edits = {
  get: (context: string) => { every: TallyRow; rows: Map<string, TallyRow> } | undefined
  untold: Untold
}

export function editFindings(contexts: Map<TallyRow, TallyRow[]>, untold: Untold = AS_COUNTED): Finding[] {
  const edits = editsOf(contexts, untold)
  const replaced = replacements(edits)
  const explained = new Set(replaced.flatMap((it) => it.better!.split(' ')))
  const others = [
    ...whenAsked(edits, habitsIn(edits, 'edit added', 'add')),
    ...habitsIn(edits, 'edit removed', 'remove').map((it) => ({
      ...findingOf(edits, it, 'removal'),
      alike: accountsOf(it).map((other) => findingOf(edits, other, 'removal')),
    })),
  ].filter((it) => !it.better!.split(' ').every((word) => explained.has(word)))
  return [...replaced, ...others]
}

/** What keeps changing when people correct the agent: their words say it, the change tells which sessions belong together. */
export function redoneFindings(contexts: Map<TallyRow, TallyRow[]>, untold: Untold = AS_COUNTED): Finding[] {
  const redone = [...contexts].filter(([every]) => every.context.startsWith('redone '))
  const edits = editsOf(new Map(redone), untold)
  return [...habitsIn(edits, 'redone added', 'add'), ...habitsIn(edits, 'redone removed', 'remove')].map(
    correctionOf,
  )
}

function editsOf(contexts: Map<TallyRow, TallyRow[]>, untold: Untold): Edits {
  const by_context = new Map(
    [...contexts].map(([every, rows]) => {
      // A word with a topic is one of thousands, and looked at only when the word is a habit.
      const seen = rows.filter((it) => it.trait.includes(' when ') || totalOf(it)[1] >= LEAST_SEEN)
      return [every.context, { every, rows: new Map(seen.map((it) => [it.trait, it])) }]
    }),
  )
  return { get: (context) => by_context.get(context), untold }
}

/** Words that are changed together; the most frequent first. */
type Habit = {
  row: TallyRow
  words: string[]
  /** The rows of the other words of the same people. */
  others: { row: TallyRow; z: number }[]
  z: number
  person: string | undefined
  /** Every word that people changed in enough sessions for it to be shown. */
  sayable: string[]
}

/**
 * How far the number of sessions in which a word was changed lies above what the agent's own sentences would give:
 *
 *     z = (k − H p₀) / √(H p₀ (1 − p₀) + ½)
 *
 * `k` sessions with the word among the changed sentences, `H` changed sentences, `p0` the share of the agent's own
 * sentences that hold the word. The half keeps z finite for words the agent never writes. Several sentences of one
 * session raise H, but not k, so z errs on the careful side. A normal approximation of the binomial; a threshold, not
 * a p value. What is taken out of outputs of a few sentences cannot stand out: its words are in most of these (`nearlyAlwaysGone`).
 */
export function surprise(k: number, H: number, p0: number): number {
  return (k - H * p0) / Math.sqrt(H * p0 * (1 - p0) + 0.5)
}

function habitsIn(edits: Edits, context: string, verb: string): Habit[] {
  const changed = edits.get(context)
  if (changed === undefined) return []
  const share = shareWritten(edits, context.split(' ')[0]!)
  const isNearlyAlways = context === 'edit removed' ? nearlyAlwaysGone(edits) : () => false
  const pairOf = (a: string, b: string) =>
    changed.rows.get(`${verb} ${a < b ? `${a} + ${b}` : `${b} + ${a}`}`)
  const rows = [...changed.rows.values()].filter((it) => it.trait.split(' ').length === 2)
  const told = rows
    .filter((it) => edits.untold(changed.every, it.trait) !== changed.every)
    .map((it) => it.trait.slice(verb.length + 1))
  const words = rows
    .map((counted) => {
      const word = counted.trait.slice(verb.length + 1)
      const row = edits.untold(counted, counted.trait)
      const H = totalOf(edits.untold(changed.every, counted.trait))[1]
      const beside = told.filter((it) => pairOf(it, word) !== undefined)
      const z = surprise(totalOf(row)[0], H, share(word, beside))
      // By what was counted words are put together; what is told of them rests on those who were not told it.
      return {
        row,
        word,
        k: totalOf(counted)[0],
        z,
        person: onlyPersonBehind(row),
        intents: intentsBehind(row),
      }
    })
    .sort((a, b) => b.k - a.k || b.z - a.z || (a.word < b.word ? -1 : 1))

  const found = words.filter(
    (it) =>
      totalOf(it.row)[0] >= MIN_SESSIONS &&
      it.intents >= MIN_INTENTS &&
      (it.z > MIN_SURPRISE || isNearlyAlways(it)),
  )
  const clusters: (typeof found)[] = []
  for (const it of found) {
    const isTogether = (other: (typeof found)[number]) =>
      totalOf(pairOf(it.word, other.word))[0] >= Math.max(LEAST_SEEN, TOGETHER * Math.min(it.k, other.k))
    const home = clusters.filter((cluster) => cluster.some(isTogether))
    for (const other of home) clusters.splice(clusters.indexOf(other), 1)
    clusters.push([...home.flat(), it])
  }
  // A word in sentences that have nothing else in common is how people write, not what they want.
  const isHabit = ([first, ...others]: typeof found) =>
    others.length > 0 || totalOf(changed.rows.get(`${verb} ${first!.word} alone`))[0] >= TOGETHER * first!.k
  return clusters.filter(isHabit).map((cluster) => {
    const [{ row, z, person }] = cluster as [(typeof found)[number]]
    const ofThem = (it: (typeof found)[number]) => it.person === undefined || it.person === person
    return {
      row,
      z,
      person,
      words: cluster.filter(ofThem).map((it) => it.word),
      others: cluster.slice(1).filter((it) => it.person === person),
      sayable: words.filter((it) => it.intents >= MIN_INTENTS && ofThem(it)).map((it) => it.word),
    }
  })
}

/**
 * Whether a word of the agent's is taken out nearly wherever it stands, where most words stay: near-deterministic, so that it needs no
 * more sentences to be held against. Sessions are counted against sentences, which errs on the careful side.
 */
function nearlyAlwaysGone({ get, untold }: Edits): (it: { row: TallyRow; word: string }) => boolean {
  const written = get('edit written')?.rows ?? new Map<string, TallyRow>()
  const removed = get('edit removed')?.rows ?? new Map<string, TallyRow>()
  const sum = (rows: Iterable<TallyRow>) => [...rows].reduce((n, it) => n + totalOf(it)[1], 0)
  const words = [...removed.values()].filter((it) => it.trait.split(' ').length === 2)
  const most_stay = sum(words) <= SELDOM_GONE * sum(written.values())
  return ({ row, word }) => {
    const stood = written.get(word)
    if (!most_stay || stood === undefined) return false
    const n = totalOf(untold(stood, word))[1]
    return wilsonInterval(Math.min(totalOf(row)[0], n), n)[0] >= MOSTLY_GONE
  }
}

/** The same habit, by each of its other words. */
function accountsOf(habit: Habit): Habit[] {
  return habit.others.map(({ row, z }) => ({ ...habit, row, z }))
}

/**
 * Of a word, the share of the agent's own sentences that hold it; 0 where it wrote none. A sentence that does as a lesson says is not its own,
 * and neither are the words `beside` which it stands there.
 */
function shareWritten({ get, untold }: Edits, name: string): (word: string, beside?: string[]) => number {
  const written = get(`${name} written`)
  const n = (row: TallyRow) => totalOf(row)[1]
  return (word, beside = []) => {
    const row = written?.rows.get(word)
    if (row === undefined) return 0
    const shares = beside.flatMap((it) => {
      const told = written!.rows.get(it)
      return told === undefined
        ? []
        : [n(untold(row, it)) / (n(written!.every) - n(told) + n(untold(told, it)) || 1)]
    })
    return Math.min(n(untold(row, word)) / (n(untold(written!.every, word)) || 1), ...shares)
  }
}

function findingOf(edits: Edits, habit: Habit, kind: 'addition' | 'removal'): Finding {
  const { row, words, z, person, sayable } = habit
  const [k] = countOf(row, person)
  // Of a copied session only the later edits may count, and not the session.
  const edited = edits.get('edit')?.every
  const exposed: Count = [k, Math.max(k, countOf(edited && edits.untold(edited, row.trait), person)[1])]
  return {
    published: wilsonInterval(...exposed)[0] >= MIN_SHARE,
    kind,
    class: 'practice',
    channel: 'edit',
    tier: 'people',
    context: row.context,
    trait: row.trait,
    better: words.join(' '),
    effect: { exposed, unexposed: [0, 0], odds_ratio: null, low: null, high: null },
    p: null,
    q: null,
    strength: z,
    sessions: k,
    sightings: row.sightings.bad,
    ...(person === undefined ? {} : { person }),
    sayable,
    lacks: null,
  }
}

function correctionOf({ row, words, z, person }: Habit): Finding {
  const [k] = totalOf(row)
  return {
    published: true,
    kind: 'correction',
    class: 'practice',
    channel: 'correction',
    tier: 'people',
    context: row.context,
    trait: row.trait,
    better: words.join(' '),
    effect: { exposed: [k, k], unexposed: [0, 0], odds_ratio: null, low: null, high: null },
    p: null,
    q: null,
    strength: z,
    sessions: k,
    sightings: row.sightings.bad,
    ...(person === undefined ? {} : { person }),
    lacks: null,
  }
}

/** A topic tells when to add something: at least this often after such requests … */
const MOSTLY = 0.5
/** … and at most this share of that after others. */
const SELDOM = 0.5
const MAX_Q = 0.05
const MIN_INFORMATION = 0.5
/** People differ in what they add and in what they ask for, so a topic is compared within each person. */
const RIDGE = { intent: 0.5, version: 0.1 }

type Test = {
  habit: Habit
  request: TallyRow
  topic: string
  row: TallyRow
  score: Score
  exposed: Count
  unexposed: Count
}

/**
 * What people add, with the topic of the request that best tells the sessions in which they add it from the other
 * sessions in which they edit; without a topic where none does. Score test within each person, false discoveries
 * controlled over all words and topics.
 */
function whenAsked(edits: Edits, habits: Habit[]): Finding[] {
  const requests = [...(edits.get('edit')?.rows.values() ?? [])].filter((it) => it.trait.startsWith('asked '))
  const tests = habits.flatMap((it) => testsOf(edits, it, requests))
  const q = qValues(tests.map((it) => twoSidedP(it.score.z)))
  return habits.map((habit) => {
    const [best, ...others] = tests
      .map((it, i) => ({ ...it, q: q[i]! }))
      .filter((it) => it.habit === habit && it.q <= MAX_Q && decides(it))
      .sort((a, b) => b.score.z - a.score.z || named(b) - named(a) || (a.topic < b.topic ? -1 : 1))
    if (best === undefined)
      return {
        ...findingOf(edits, habit, 'addition'),
        alike: accountsOf(habit).map((it) => findingOf(edits, it, 'addition')),
      }
    const by_word = accountsOf(habit).flatMap((it) => {
      const [found] = testsOf(edits, it, [best.request])
      return found !== undefined && decides(found) ? [{ ...found, q: best.q }] : []
    })
    return {
      ...askedFor(edits, best),
      alike: [...others, ...by_word].map((it) => askedFor(edits, it)),
    }
  })
}

function askedFor(
  edits: Edits,
  { habit, topic, row, score, exposed, unexposed, q }: Test & { q: number },
): Finding {
  return {
    ...findingOf(edits, habit, 'addition'),
    published: true,
    context: row.context,
    trait: row.trait,
    topic,
    effect: { exposed, unexposed, ...oddsRatio(exposed, unexposed)! },
    p: twoSidedP(score.z),
    q,
    strength: score.z,
    sessions: exposed[0],
    sightings: row.sightings.bad,
  }
}

function testsOf(edits: Edits, habit: Habit, requests: TallyRow[]): Test[] {
  const edited = edits.get('edit')
  if (edited === undefined) return []
  const { rows } = edited
  const { person } = habit
  const untold = (row: TallyRow) => edits.untold(row, habit.row.trait)
  const every = untold(edited.every)
  const all = countOf(every, person)
  const [added] = countOf(habit.row, person)
  const outcomes = byPerson(cellsOf(every, person), cellsOf(habit.row, person))
  const fit = fitNuisance(outcomes, RIDGE)
  const least = Math.max(MIN_SESSIONS, RARE_EDIT * totalOf(edited.every)[1])
  return requests.flatMap((request): Test[] => {
    const topic = request.trait.slice('asked '.length)
    const counted = rows.get(`${habit.row.trait} when ${topic}`)
    if (counted === undefined || totalOf(counted)[0] < least) return []
    const [row, asked] = [untold(counted), untold(request)]
    if (onlyPersonBehind(row) !== person) return []
    const exposed: Count = [countOf(row, person)[0], countOf(asked, person)[0]]
    const unexposed: Count = [Math.max(0, added - exposed[0]), all[0] - exposed[1]]
    if (exposed[0] < MIN_SESSIONS || unexposed[1] < MIN_SESSIONS || intentsBehind(row) < MIN_INTENTS)
      return []
    const score = scoreTest(fit, byPerson(cellsOf(asked, person), cellsOf(row, person)))
    return score.information < MIN_INFORMATION
      ? []
      : [{ habit, request, topic, row, score, exposed, unexposed }]
  })
}

/** Of two topics that tell as much, the one that is in what is added says more. */
function named({ habit, topic }: Test): number {
  return Number(habit.words.includes(topic))
}

function decides({ exposed, unexposed }: Test): boolean {
  const rate = exposed[0] / exposed[1]
  return rate >= MOSTLY && unexposed[0] / unexposed[1] <= SELDOM * rate
}

/** Of the sessions in `all`, how many are in `some`, person by person. */
function byPerson(all: Record<Cell, Count>, some: Record<Cell, Count>): Record<Cell, Count> {
  const counts: Record<Cell, Count> = {}
  const at = (cell: Cell) => (counts[cellIn(versionOf(cell), '')] ??= [0, 0])
  for (const cell in all) at(cell)[1] += all[cell]![1]
  for (const cell in some) at(cell)[0] += some[cell]![0]
  for (const it of Object.values(counts)) it[0] = Math.min(it[0], it[1])
  return counts
}

/** A few words that people keep putting in the place of others: the agent seldom uses them by itself. */
function replacements(edits: Edits): Finding[] {
  const replaced = edits.get('edit replaced')
  if (replaced === undefined) return []
  const share = shareWritten(edits, 'edit')
  return [...replaced.rows.values()].flatMap((counted): Finding[] => {
    const row = edits.untold(counted, counted.trait)
    const R = totalOf(edits.untold(replaced.every, counted.trait))[1]
    const [from, to] = row.trait.slice('replace '.length).split(' > ') as [string, string]
    const [k] = totalOf(row)
    // The agent uses a phrase no more often than the rarest of its words.
    const z = surprise(k, R, Math.min(...to.split(' ').map((it) => share(it))))
    if (k < MIN_SESSIONS || intentsBehind(row) < MIN_INTENTS || z <= MIN_SURPRISE) return []
    const words = [...from.split(' '), ...to.split(' ')].flatMap((it) => [it, it.replace(/s$/, '')])
    const habit: Habit = {
      row,
      words: [...new Set(words)],
      others: [],
      z,
      person: onlyPersonBehind(row),
      sayable: [],
    }
    return [{ ...findingOf(edits, habit, 'removal'), kind: 'replacement' }]
  })
}
