/** Recalls: what a session is given of a memory store, written down before anybody knows how it ends. */
import { frontMatterOf, marksIn, wordsOf } from '../4-consolidate/memory-file.ts'
import { type Lots, lotsOf } from '../6-recall/arm.ts'
import type { Candidate } from '../6-recall/candidate.ts'
import { type Choice, choose } from '../6-recall/choose.ts'
import { deliver } from '../6-recall/deliver.ts'
import { queryWords, relevanceOf } from '../6-recall/query.ts'
import { rankMemories } from '../6-recall/rank.ts'
import type { Database, Transaction } from '../db/database.ts'
import {
  factsOfLessons,
  type LessonFacts,
  liftsOfLessons,
  measuredToHelp,
  memoriesIn,
  memoriesNumbered,
  memoriesOfPeople,
  memoriesWith,
  mostPromising,
  sessionsDreamed,
  tasksOf,
} from '../db/memory-texts.ts'
import { assignmentsOf, insertRecall, listRecalls } from '../db/recalls.ts'
import { EngineError } from '../domain/error.ts'
import type { Assignment } from '../domain/experiment.ts'
import { randomId } from '../domain/id.ts'
import type { Lift } from '../domain/lift.ts'
import type { Actor, Memory, MemoryStore } from '../domain/memory.ts'
import { type Page, type PageRequest, pageOf, readCursor } from '../domain/page.ts'
import type { Recall, RecalledMemory } from '../domain/recall.ts'
import { experimentsFor, isControlAgent } from './experiments.ts'
import { theOne } from './find.ts'
import type { Opened } from './opened.ts'
import { namesOfSession, recallTarget } from './recall-target.ts'
import { memoryStore } from './stores.ts'

/** Whose memory, for which session: what is not said is told by the session or the memory store, where they know. */
export type RecallWanted = {
  agent?: string
  /** Name or id. */
  store?: string
  /** How the session is called by whoever runs it. Without it nothing is held back, and nothing can be measured. */
  session?: string
  task?: string
  /** What the session begins with. It is not stored. */
  query?: string
  /** Whom it works for. */
  person?: string
  /** 2,000 unless told; a token is taken for four characters. */
  budget_tokens?: number
}

/** What a session is given. Where the agent has no memory store nothing is written down, and there is no id. */
export type Recalled = Pick<
  Recall,
  'agent' | 'session_key' | 'arm' | 'tokens' | 'budget_tokens' | 'created_at'
> & {
  id: string | null
  memory_store_id: string | null
  /** To be put before the session as it stands; empty where there is nothing to give. */
  text: string
  memories: (RecalledMemory & { tokens: number })[]
  /** How many memories there was no room for. */
  left_out: number
  /** Sentences for whoever set it up; not for the session. */
  notes: string[]
}

const USUAL_BUDGET = 2_000
const MAX_BUDGET = 100_000

export function recallsOf({ db, now }: Opened) {
  return {
    /**
     * Gives a session the memories that fit it, and writes down which, and which it drew a lot to go without.
     *
     * A session that recalls again keeps its lots, so it is held back what it was held back before. Throws `not_found_error` for a memory
     * store that is not there and for an agent that nobody has heard of, `invalid_request_error` where several stores could be meant.
     */
    async recall(wanted: RecallWanted, as: Actor): Promise<Recalled> {
      const { budget_tokens = USUAL_BUDGET } = wanted
      refuseMisfits({ ...wanted, budget_tokens })
      const { store, agent, session_key, notes } = await recallTarget(db, wanted)
      const asked = { agent, session_key, budget_tokens, created_at: now().toISOString() }
      if (store === null) return { ...NOTHING, ...asked, notes }
      const { person = null, task = null } = wanted
      const choice = await choiceFor(db, store, { ...wanted, agent, person, task, budget_tokens })
      return db.transaction().execute(async (tx) => {
        const is_control = await isControlAgent(tx, agent)
        const { chosen, ...others } = is_control ? NO_CHOICE : choice
        const lots = await lotsIn(tx, store, session_key, chosen, asked.created_at)
        const { memories, ...given } = deliver({ chosen, ...others }, lots)
        const told = { id: randomId('rcl'), memory_store_id: store.id, ...asked, arm: lots.arm }
        const recall = { ...told, tokens: given.tokens, person, task, created_by: as }
        const recalled = memories.map(({ tokens, ...it }) => it)
        await insertRecall(tx, { ...recall, memories: recalled }, lots.drawn)
        const remarks = is_control ? [CONTROL_AGENT] : session_key === null ? [NO_SESSION] : []
        return { ...told, ...given, memories, notes: [...notes, ...remarks] }
      })
    },

    /** The newest first. A session is known by any of its names. */
    async recalls(
      filter: { store?: string; agent?: string; session?: string } & PageRequest = {},
    ): Promise<Page<Recall>> {
      const { store, agent, session, limit = 50 } = filter
      const rows = await listRecalls(db, {
        memory_store_id: store === undefined ? undefined : (await memoryStore(db, store)).id,
        agent,
        session_keys: session === undefined ? undefined : await namesOfSession(db, session),
        before: Number(readCursor(filter.page) ?? Number.MAX_SAFE_INTEGER),
        limit: limit + 1,
      })
      const { data, next_page } = pageOf(rows, { limit }, (it) => String(it.seq))
      return { data: data.map(withoutSeq), next_page }
    },

    /** By its id or an unambiguous beginning of it. */
    async recallById(id: string): Promise<Recall> {
      const found = /^rcl_[0-9a-f]*$/.test(id) ? await listRecalls(db, { id, limit: 100 }) : []
      return withoutSeq(theOne('recall', id, found, 'list the recalls, or `reverie recalls`'))
    },
  }
}

function withoutSeq({ seq, ...recall }: Recall & { seq: number }): Recall {
  return recall
}

const NOTHING = { id: null, memory_store_id: null, arm: null, text: '', tokens: 0, memories: [], left_out: 0 }
const NO_CHOICE: Choice = { chosen: [], left_out: [], unseen: 0 }
const NO_SESSION =
  'No session was named, so nothing was held back, and nobody can tell from it whether the memory helps.'
const CONTROL_AGENT = 'This agent is the control of another one, so it is given no memory.'

const MAX_NAME = 500

function refuseMisfits({ budget_tokens, query, ...names }: RecallWanted & { budget_tokens: number }): void {
  if (!Number.isInteger(budget_tokens) || budget_tokens < 0 || budget_tokens > MAX_BUDGET)
    throw new EngineError('invalid_request_error', `${budget_tokens} is no number of tokens`, {
      hint: `give a whole number from 0 to ${MAX_BUDGET}`,
    })
  for (const [name, value] of Object.entries(names))
    if (typeof value === 'string' && !isName(value))
      throw new EngineError('invalid_request_error', `the ${name} is no name`, {
        hint: `give 1 to ${MAX_NAME} characters, without control characters`,
      })
}

function isName(text: string): boolean {
  return text.trim() !== '' && text.length <= MAX_NAME && !/[\p{Cc}\p{Cs}]/u.test(text)
}

/** So many memories are looked at, of each kind: about as many as there would be room for in one line each. */
function mostOf(budget_tokens: number): number {
  return Math.max(50, Math.ceil(budget_tokens / 40))
}

/** A word that stands in more memories than this, in one of fifty, tells too little to look them all up. */
function commonAmong(memories: number): number {
  return Math.min(500, Math.max(100, Math.ceil(memories / 50)))
}

type Asked = {
  agent: string
  person: string | null
  task: string | null
  query?: string
  budget_tokens: number
}

/** What is given if no lot says otherwise. */
async function choiceFor(db: Database, store: MemoryStore, asked: Asked): Promise<Choice> {
  const most = mostOf(asked.budget_tokens)
  const memories = await memoriesIn(db, store.id)
  const words = asked.query === undefined ? [] : queryWords(asked.query)
  const relevance = relevanceOf(await memoriesWith(db, store.id, words, commonAmong(memories)), memories)
  const fitting = [...relevance].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most)
  const seqs = new Set([
    ...fitting.map(([seq]) => seq),
    ...(await mostPromising(db, store.id, '', most)),
    ...(asked.person === null ? [] : await mostPromising(db, store.id, asked.person, most)),
    ...(await measuredToHelp(db, store.id, most)),
    ...(await memoriesOfPeople(db, store.id, most)),
  ])
  const found = await memoriesNumbered(db, store.id, seqs)
  const candidates = await candidatesOf(db, store, found, {
    ...asked,
    relevance: words.length === 0 ? null : relevance,
  })
  const sessions = await sessionsDreamed(db, store.id)
  const ranked = rankMemories(candidates, { ...asked, agents: [asked.agent, store.agent], sessions })
  return choose(ranked, asked.budget_tokens, memories - found.length)
}

async function candidatesOf(
  db: Database,
  store: MemoryStore,
  found: (Memory & { seq: number })[],
  { task, relevance }: { task: string | null; relevance: Map<number, number> | null },
): Promise<Candidate[]> {
  const read = found.map((it) => ({ ...it, front: frontMatterOf(it.content) }))
  const ids = [
    ...new Set(
      read.flatMap(({ front }) => [...(front.pattern === null ? [] : [front.pattern]), ...front.also]),
    ),
  ]
  const lessons = new Map(
    (await factsOfLessons(db, store.id, ids, { with_sightings: task !== null })).map((it) => [it.id, it]),
  )
  const lifts = await liftsOfLessons(db, store.id, ids)
  const sightings = [...lessons.values()].flatMap((it) => it.sightings.map(({ session_id }) => session_id))
  const tasks = task === null ? new Map<string, string>() : await tasksOf(db, new Set(sightings))
  return read.map(({ seq, content, front, ...memory }) => {
    const text = [...marksIn(content), wordsOf(content)].join('\n\n')
    const facts = lessons.get(front.pattern ?? '')
    return {
      memory_id: memory.id,
      memory_version_id: memory.memory_version_id,
      path: memory.path,
      text,
      // Most are given whole, and never asked.
      get description() {
        return oneLine(front.description ?? wordsOf(content))
      },
      status: front.status,
      person: front.person,
      lesson: facts ? lessonOf(facts, lifts.get(facts.id) ?? [], tasks) : null,
      also: front.also.filter((id) => lessons.has(id)),
      relevance: relevance === null ? null : (relevance.get(seq) ?? 0),
    }
  })
}

function lessonOf({ scope, sightings, ...facts }: LessonFacts, lifts: Lift[], tasks: Map<string, string>) {
  const seen_in = sightings.flatMap((it) => tasks.get(it.session_id) ?? [])
  return { ...facts, ...scope, tasks: seen_in, lifts }
}

const LINE = 200

/** The first line that says something, cut. */
function oneLine(text: string): string {
  const [, first = '(empty)'] = /^[#\s]*(\S.*)$/m.exec(text) ?? []
  const line = first
    .slice(0, 2 * LINE)
    .replace(/\s+/g, ' ')
    .trim()
  const letters = [...line]
  return letters.length <= LINE ? line : `${letters.slice(0, LINE - 1).join('')}…`
}

/** What this session drew, before or now; nothing without a session. */
async function lotsIn(
  tx: Transaction,
  store: MemoryStore,
  session_key: string | null,
  chosen: Choice['chosen'],
  now: string,
): Promise<Lots> {
  if (session_key === null) return { arm: null, held: new Set(), drawn: [] }
  const pattern_ids = [...new Set(chosen.flatMap((it) => it.candidate.lesson?.id ?? []))]
  const experiments = await experimentsFor(tx, store, pattern_ids, now)
  const before: Assignment[] = await assignmentsOf(tx, session_key)
  return lotsOf(session_key, pattern_ids, experiments, before)
}
