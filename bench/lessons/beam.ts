/**
 * Updates and contradictions in long chats, found with the functions that consolidation uses on memories: each message of a
 * person stands for a memory. Which message an update replaces and which one a message contradicts is recorded with the chats.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contradiction, suspicionIn } from '../../src/4-consolidate/contradiction.ts'
import { isCopy } from '../../src/4-consolidate/duplicate.ts'
import { type Corpus, corpusOf } from '../../src/4-consolidate/similarity.ts'
import { type Statement, statementsOf } from '../../src/4-consolidate/statement.ts'
import { recordings, type Section, skipped } from './section.ts'

const NAME = 'updates and contradictions in chats (BEAM)'

type Ids = number | number[] | undefined
type Chat = {
  user_messages: { id: number; text: string }[]
  knowledge_update: { source_chat_ids: { original_info?: Ids; updated_info?: Ids } }[]
  contradiction_resolution: { source_chat_ids: { first_statement?: Ids; second_statement?: Ids } }[]
}

/** A message, and the earlier ones any of which is the one that is looked for; by their place in the chat. */
type Question = { corpus: Corpus; later: number; earlier: number[] }

export function beam(): Section {
  const folder = recordings()
  const file = folder === null ? '' : join(folder, 'beam-100k-updates.jsonl')
  if (!existsSync(file)) return skipped(NAME, 'the recorded chats are not on this machine')
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const chats = lines.map((it, i) => ({
    ...questionsOf(JSON.parse(it)),
    split: i % 3 === 0 ? 'dev' : 'hidden',
  }))
  const splits = ['dev', 'hidden', 'all'].map((split) => ({
    split,
    of: chats.filter((it) => split === 'all' || it.split === split),
  }))
  const updates = chats.flatMap((it) => it.updates)
  const contradictions = chats.flatMap((it) => it.contradictions)
  return {
    name: NAME,
    about:
      'Given the later message, the share of cases in which the one that it replaces or contradicts is among the first of the earlier ones by suspicion. ' +
      'Every third chat is dev; a case within a single message is no case. Flagged and merged: of all pairs of messages of a chat, those in which a ' +
      'statement contradicts another by the rules, and those taken for copies; look-alikes are copies with different numbers, code or quotations.',
    rows: splits.flatMap(({ split, of }) => [
      { chats: split, of: 'updates', ...recalls(of.flatMap((it) => it.updates)) },
      { chats: split, of: 'contradictions', ...recalls(of.flatMap((it) => it.contradictions)) },
      { chats: split, of: 'all pairs', ...pairsIn(of.map((it) => it.corpus)) },
    ]),
    bars: [
      { name: 'supersede recall@5', value: recallAt(5, updates), limit: 0.7, is: 'at least' },
      { name: 'contradiction recall@5', value: recallAt(5, contradictions), limit: 0.52, is: 'at least' },
      {
        name: 'updates and contradictions merged',
        value: [...updates, ...contradictions].filter(isMerged).length,
        limit: 0,
        is: 'at most',
      },
      {
        name: 'look-alikes merged',
        value: pairsIn(chats.map((it) => it.corpus)).look_alikes,
        limit: 0,
        is: 'at most',
      },
    ],
    skipped: null,
  }
}

function questionsOf(chat: Chat): { corpus: Corpus; updates: Question[]; contradictions: Question[] } {
  const corpus = corpusOf(chat.user_messages.map((it) => statementsOf(it.text)))
  const places = (ids: Ids) =>
    [ids ?? []]
      .flat()
      .map((id) => chat.user_messages.findIndex((it) => it.id === id))
      .filter((it) => it !== -1)
  return {
    corpus,
    updates: chat.knowledge_update.flatMap(({ source_chat_ids: { original_info, updated_info } }) => {
      const [later] = places(updated_info)
      return later === undefined ? [] : question(corpus, later, places(original_info))
    }),
    contradictions: chat.contradiction_resolution.flatMap(({ source_chat_ids }) => {
      const sides = [places(source_chat_ids.first_statement), places(source_chat_ids.second_statement)]
      const [one, other] = sides.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
      return other?.[0] === undefined ? [] : question(corpus, other[0], one!)
    }),
  }
}

function question(corpus: Corpus, later: number, others: number[]): Question[] {
  const earlier = others.filter((it) => it < later)
  return earlier.length === 0 ? [] : [{ corpus, later, earlier }]
}

function recalls(questions: Question[]): Record<string, string | number> {
  const [one, five, ten] = [1, 5, 10].map((k) => recallAt(k, questions).toFixed(2))
  return {
    cases: questions.length,
    '@1': one!,
    '@5': five!,
    '@10': ten!,
    flagged: '',
    merged: '',
    look_alikes: '',
  }
}

function recallAt(k: number, questions: Question[]): number {
  return questions.filter((it) => rankOf(it) <= k).length / questions.length
}

/** From 1. Equally suspicious messages rank by their place, the first one first. */
function rankOf({ corpus, later, earlier }: Question): number {
  const suspicion = suspicionIn(corpus)
  const ranked = Array.from({ length: later }, (_, i) => ({
    i,
    suspicion: suspicion(later, i),
  })).sort((a, b) => b.suspicion - a.suspicion)
  return ranked.findIndex((it) => earlier.includes(it.i)) + 1
}

function isMerged({ corpus, later, earlier }: Question): boolean {
  return earlier.some((it) => isCopy(corpus.texts[it]!, corpus.texts[later]!))
}

function pairsIn(corpora: Corpus[]): {
  cases: number
  '@1': ''
  '@5': ''
  '@10': ''
  flagged: number
  merged: number
  look_alikes: number
} {
  const pairs = corpora.flatMap(({ texts }) =>
    texts.flatMap((one, i) => texts.slice(i + 1).map((other) => ({ one, other }))),
  )
  const merged = pairs.filter(({ one, other }) => isCopy(one, other))
  return {
    cases: pairs.length,
    '@1': '',
    '@5': '',
    '@10': '',
    flagged: pairs.filter(({ one, other }) => one.some((a) => other.some((b) => contradiction(a, b)))).length,
    merged: merged.length,
    look_alikes: merged.filter(({ one, other }) => identities(one) !== identities(other)).length,
  }
}

/** Digits, code and quotations of a text as they stand, found without the code under test. */
function identities(statements: Statement[]): string {
  const text = statements.map((it) => it.text).join(' ')
  return (text.match(/`[^`]*`|"[^"]*"|\d+/g) ?? []).join(' ')
}
