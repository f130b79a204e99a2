/**
 * What is true now, after several changes: short chats of a person who moves from town to town, and a question at the end.
 *
 * No function of consolidation says what is current: it never takes the newest for the truth. What is measured here is whether the
 * statements it takes for being about the same (`Corpus`) are: those at least half as similar to the question as the most similar one are of
 * its topic, and of these the last one said answers it, all of them being the same person's word about that person.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { corpusOf } from '../../src/4-consolidate/similarity.ts'
import { type Statement, statementOf, statementsOf } from '../../src/4-consolidate/statement.ts'
import { recordings, type Section, skipped } from './section.ts'

const NAME = 'current value after changes (StructMemEval)'

type Case = {
  sessions: { messages: { role: string; content: string }[] }[]
  queries: { question: string; reference_answer: { text: string } }[]
}

type Answered = { split: string; is_current: boolean; is_stale: boolean | null }

export function currentValue(): Section {
  const folder = recordings()
  const file = folder === null ? '' : join(folder, 'structmemeval-state-tracking.jsonl')
  if (!existsSync(file)) return skipped(NAME, 'the recorded chats are not on this machine')
  const cases: Case[] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((it) => JSON.parse(it))
  const rules = [
    { answer: 'the last of its topic', choose: lastOfTopic },
    { answer: 'the most similar', choose: mostSimilar },
  ]
  return {
    name: NAME,
    about:
      'Current: the statement that answers has half of the words, by weight, that are the answer; stale: it has a name that the reference answer says must not be ' +
      'there (not every case lists them). Every third case is dev.',
    rows: rules.flatMap(({ answer, choose }) => {
      const all = cases.flatMap((it, i) => answered(it, choose, i % 3 === 0 ? 'dev' : 'hidden'))
      return ['dev', 'hidden', 'all'].map((split) => {
        const of = all.filter((it) => split === 'all' || it.split === split)
        const listed = of.filter((it) => it.is_stale !== null)
        return {
          answer,
          cases: split,
          current: `${of.filter((it) => it.is_current).length} of ${of.length}`,
          stale: `${listed.filter((it) => it.is_stale).length} of ${listed.length}`,
        }
      })
    }),
    bars: [],
    skipped: null,
  }
}

/** What is asked for, without the circumstances it is asked under. */
function topicOf(question: string): string {
  return question.replace(/ (?:based on|given|considering|as of) .*/, '')
}

type Choice = (question: Statement, statements: Statement[]) => Statement

function answered({ sessions, queries }: Case, choose: Choice, split: string): Answered[] {
  const said = sessions.flatMap((it) => it.messages).filter((it) => it.role === 'user')
  const statements = said.flatMap((it) => statementsOf(it.content))
  const { weight } = corpusOf(statements.map((it) => [it]))
  return queries.map(({ question, reference_answer: { text } }) => {
    const [right, wrong] = text.split(/The answer should NOT/)
    const told = rootsOf(statements.map((it) => it.text).join('. '))
    const asked = rootsOf(question)
    const value = [...rootsOf(right!.replace(/^Since .*?(?: now, |, your )/, ''))].filter(
      (it) => told.has(it) && !asked.has(it),
    )
    const has = new Set(choose(statementOf(topicOf(question)), statements).tokens.map((it) => it.root))
    const sum = (roots: string[]) => roots.reduce((total, it) => total + weight(it), 0)
    const stale = [...rootsOf(/\((.*)\)/s.exec(wrong ?? '')?.[1] ?? '')].filter(
      (it) => told.has(it) && !asked.has(it) && !value.includes(it) && weight(it) > 0.8,
    )
    return {
      split,
      is_current: value.length > 0 && sum(value.filter((it) => has.has(it))) >= sum(value) / 2,
      is_stale: wrong === undefined ? null : stale.some((it) => has.has(it)),
    }
  })
}

const lastOfTopic: Choice = (question, statements) => {
  const similarity = similarityTo(question, statements)
  const most = Math.max(...similarity)
  return statements[similarity.findLastIndex((it) => it >= most / 2)]!
}

const mostSimilar: Choice = (question, statements) => {
  const similarity = similarityTo(question, statements)
  return statements[similarity.indexOf(Math.max(...similarity))]!
}

function similarityTo(question: Statement, statements: Statement[]): number[] {
  const corpus = corpusOf([...statements, question].map((it) => [it]))
  return statements.map((_, i) => corpus.similarity(statements.length, i))
}

function rootsOf(text: string): Set<string> {
  return new Set(statementsOf(text).flatMap((it) => it.tokens.map(({ root }) => root)))
}
