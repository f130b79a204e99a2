/**
 * Traces: which texts repeat something that erased sessions said, and nobody else did.
 *
 * A text has a trace when it has a word of an erased session that is not told of the sessions that remain, or six words in a row. What is told of
 * those that remain are the lessons as they stand without the erased ones, and, for a word, also what the latest of them say. Short
 * numbers are no words: they are counts, and days. What a session recalled from memory counts as words, but not as words in a row, or every
 * memory that was ever recalled would be a trace.
 */
import { zstdDecompressSync } from 'node:zlib'
import { claimsOf } from '../db/claims.ts'
import type { Database } from '../db/database.ts'
import { packedTranscript } from '../db/erasable.ts'
import { oldReview } from '../db/sessions.ts'
import { isRecalled } from '../domain/recalled-memory.ts'
import type { Session } from '../domain/session.ts'

export type HasTrace = (text: string) => boolean

/** `texts` are all that will be asked about; `told` is what may be repeated, `remaining` are ids of sessions that said what they say, too. */
export async function tracesOf(
  db: Database,
  erased: string[],
  texts: string[],
  { told, remaining }: { told: string[]; remaining: string[] },
): Promise<HasTrace> {
  const words = without(new Set(texts.flatMap(wordsIn)), told.flatMap(wordsIn))
  const runs = without(new Set(texts.flatMap(runsIn)), told.flatMap(runsIn))
  const said_words = new Set<string>()
  const said_runs = new Set<string>()
  for (const id of erased) {
    const session = await whatWasSaid(db, id)
    for (const text of session.texts) for (const it of wordsIn(text)) if (words.has(it)) said_words.add(it)
    for (const text of session.own) for (const it of runsIn(text)) if (runs.has(it)) said_runs.add(it)
  }
  for (const id of remaining) {
    if (said_words.size === 0) break
    const { texts } = await whatWasSaid(db, id)
    for (const text of texts) for (const it of wordsIn(text)) said_words.delete(it)
  }
  return (text) =>
    wordsIn(text).some((it) => said_words.has(it)) || runsIn(text).some((it) => said_runs.has(it))
}

/** Every string of a session, names of fields included, and what a model said of it; `own` without what it recalled. */
async function whatWasSaid(db: Database, id: string): Promise<{ texts: string[]; own: string[] }> {
  const claims = (await claimsOf(db, [id])).map((it) => it.statement)
  const packed = await packedTranscript(db, id)
  if (packed === null) {
    // Of a transcript that was removed, the review says what is still counted.
    const texts = [...stringsIn((await oldReview(db, id)).observations), ...claims]
    return { texts, own: texts }
  }
  const { events, ...facts } = JSON.parse(zstdDecompressSync(packed).toString()) as Session
  const own = [...claims, ...stringsIn(facts), ...events.filter((it) => !isRecalled(it)).flatMap(stringsIn)]
  return { texts: [...own, ...events.filter(isRecalled).flatMap(stringsIn)], own }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(stringsIn)
  return Object.entries(value).flatMap(([key, it]) => [key, ...stringsIn(it)])
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu
/** A count, a year, a day. */
const COUNT = /^\d{1,4}$/
const RUN = 6

/** In the spelling of any case; parts of names are words. */
function wordsIn(text: string): string[] {
  return (text.toLowerCase().match(WORD) ?? []).filter((it) => !COUNT.test(it))
}

function runsIn(text: string): string[] {
  const words = wordsIn(text)
  const runs: string[] = []
  for (let i = 0; i + RUN <= words.length; i++) runs.push(words.slice(i, i + RUN).join(' '))
  return runs
}

function without(set: Set<string>, others: string[]): Set<string> {
  for (const it of others) set.delete(it)
  return set
}
