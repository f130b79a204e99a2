/**
 * Told: sessions that were given a lesson say nothing about what the lesson says.
 *
 * A lesson that works makes its own pattern disappear. A miner that counted sessions which had it would take it back, the mistake would
 * return, and so on: 22.8 switches in 120 nights (mining.md 5.8). So what such a session shows of the lesson's context is counted a
 * second time, in rows of its own (channel `told`), and taken out again of all that the lesson is judged by. Other patterns of the same
 * context keep the session. As every other row these are sums, so tallies stay additive.
 * One thing is seen in it all the same: that a remedy works no more (`trialsOf` in `expectation.ts`).
 *
 * A session keeps what it was told as *keys*, hashes of context and trait: nothing of another session's words stands in them, so
 * they stay when those sessions are erased, and what was counted can be taken away as it was counted.
 */
import { sha256 } from '../domain/id.ts'
import type { Pattern } from '../domain/pattern.ts'
import type { Observation } from '../domain/review.ts'
import { EVERY, rowKey, type Tally, type TallyRow } from '../domain/tally.ts'

/** The channel of the rows that count what sessions were told. No finder looks at it. */
export const TOLD = 'told'

type Told = Pick<Pattern, 'channel' | 'context' | 'trait'>

/**
 * The keys of all that a lesson is judged by: its trait where its pattern is, first, and whatever else its test compares. A lesson about an
 * error, or about an action as a whole, is judged by all of that context; what a model said, wherever that is counted. What mends an error changes how
 * sessions end in which it happens, so neither is the lesson about those judged by sessions that were told the remedy.
 */
export function keysOf({ channel, context, trait }: Told): string[] {
  const base = baseOf(context, trait)
  if (channel === 'model')
    return [context, ...CLAIMED.filter((it) => it !== context)].map((it) => keyOf(it, trait))
  const [, verb, words] = /^(add|remove|replace) (.+)$/.exec(base) ?? []
  if (channel === 'repair')
    return [keyOf(context, EVERY), keyOf('session', context.replace(/^repair /, 'error '))]
  if (channel === 'approval') {
    const judge = context.replace(/^judged by /, '')
    return ['judged by', 'verified and judged by', 'approved by'].map((it) => keyOf(`${it} ${judge}`, trait))
  }
  if (verb === undefined || !/^(?:edit|redone)\b/.test(context)) return [keyOf(context, base)]
  const name = context.startsWith('redone') ? 'redone' : 'edit'
  const written = verb === 'replace' ? words!.slice(words!.indexOf(' > ') + 3).split(' ') : [words!]
  return [
    keyOf(`${name} ${CHANGED[verb as keyof typeof CHANGED]}`, base),
    ...(name === 'edit' ? [keyOf('edit', base)] : []),
    ...written.map((it) => keyOf(`${name} written`, it)),
  ]
}

const CLAIMED = ['claims said', 'claims ended', 'claims seen']
const CHANGED = { add: 'added', remove: 'removed', replace: 'replaced' }

/** Nobody's lesson has changed anything in such a session. */
export function wasToldNothing({ told = [] }: { told?: string[] }): boolean {
  return told.length === 0
}

/** Tells of sessions whether they were told the lesson. */
export function toldTest(lesson: Told): (session: { told?: string[] }) => boolean {
  const [key] = keysOf(lesson)
  return ({ told }) => told?.includes(key!) ?? false
}

/** In which weeks sessions were told the lesson. */
export function weeksTold(tally: Tally, lesson: Told): TallyRow['weeks'] {
  return tally.get(rowKey(contextOf(keysOf(lesson)[0]!), EVERY))?.weeks ?? {}
}

/** What was added, without the request after which it was; what was wished, without the day. */
function baseOf(context: string, trait: string): string {
  if (context === 'edit') return trait.replace(/ when \S+$/, '')
  return context.startsWith('asks ') ? trait.replace(/^(?:[A-Z][a-z]+day|\d\d-\d\d): /, '') : trait
}

function keyOf(context: string, trait: string): string {
  return `${shortHash(context)}${shortHash(rowKey(context, trait))}`
}

function shortHash(text: string): string {
  return sha256(text).slice(0, HASH)
}

const HASH = 16

/** The row of all sessions that were told a lesson, and the context in which what they show of `context` is counted again. */
function contextOf(key: string, context?: string): string {
  return `${TOLD} ${key}${context === undefined ? '' : ` ${context}`}`
}

/** What a session counts for besides, by what it was told. */
export type ToldCounts = {
  /** Once a session: the contexts that count sessions. */
  sessions: string[]
  /** For one of its observations: `[context, trait, event]` of every row. */
  again: (observation: Observation) => [context: string, trait: string, event: number][]
}

/** Null for a session that was told nothing. */
export function toldCounts(keys: string[] | undefined): ToldCounts | null {
  if (keys === undefined || keys.length === 0) return null
  const by_context = Map.groupBy(new Set(keys), (it) => it.slice(0, HASH))
  const hashes = new Map<string, string>()
  return {
    sessions: [...new Set(keys)].map((it) => contextOf(it)),
    again: ({ context, event, traits }) => {
      const hash = hashes.get(context) ?? shortHash(context)
      hashes.set(context, hash)
      const told = by_context.get(hash)
      if (told === undefined) return []
      const whole = keyOf(context, EVERY)
      const own = Object.entries(traits).map(
        ([trait, at]) => [trait, at, keyOf(context, baseOf(context, trait))] as const,
      )
      return told.flatMap((key) => {
        const all = key === whole || (WRITTEN.test(context) && own.some(([, , it]) => it === key))
        return [
          [contextOf(key, context), EVERY, event] as [string, string, number],
          ...own
            .filter(([trait, , it]) => all || key === it || isAsked(context, trait))
            .map(([trait, at]) => [contextOf(key, context), trait, at] as [string, string, number]),
        ]
      })
    },
  }
}

/** A sentence that does as it was told is not the agent's own, and no word of it is. */
const WRITTEN = /^(?:edit|redone) written$/

/** What was asked for is what an edit is compared by. */
function isAsked(context: string, trait: string): boolean {
  return context === 'edit' && trait.startsWith('asked ')
}

/** A row as it would stand without the sessions that were told the lesson of this trait, of the row's context. */
export type Untold = (row: TallyRow, trait: string) => TallyRow

/** Where nobody was told anything every row is as it was counted, and is given as it is. */
export function untoldIn(tally: Tally): Untold {
  const contexts = new Set<string>()
  for (const row of tally.values())
    if (row.channel === TOLD) contexts.add(row.context.slice(contextOf('').length + 2 * HASH + 1))
  return (row, trait) => {
    if (!contexts.has(row.context)) return row
    const key = keyOf(row.context, baseOf(row.context, trait))
    const told = tally.get(rowKey(contextOf(key, row.context), row.trait))
    return told === undefined ? row : without(row, told)
  }
}

/** Every row as it was counted. */
export const AS_COUNTED: Untold = (row) => row

/** Of sightings, those of the lowest ids that remain; there may be fewer than there could be. */
function without(row: TallyRow, told: TallyRow): TallyRow {
  const { channel, context, trait, sightings } = row
  const gone = new Set([...told.sightings.bad, ...told.sightings.good].map((it) => it.session_id))
  return {
    channel,
    context,
    trait,
    cells: fewer(row.cells, told.cells),
    weeks: fewer(row.weeks, told.weeks),
    sightings: {
      bad: sightings.bad.filter((it) => !gone.has(it.session_id)),
      good: sightings.good.filter((it) => !gone.has(it.session_id)),
    },
  }
}

function fewer(counts: TallyRow['cells'], told: TallyRow['cells']): TallyRow['cells'] {
  const left: TallyRow['cells'] = Object.create(null)
  for (const key in counts) {
    const [bad, n] = counts[key]!
    const [bad_told, n_told] = told[key] ?? [0, 0]
    if (n > n_told) left[key] = [bad - bad_told, n - n_told]
  }
  return left
}
