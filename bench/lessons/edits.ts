/** Edits: a line that people add now and then, in four wordings, among edits that mean nothing. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { reviewSession } from '../../src/2-review/review.ts'
import { editFindings } from '../../src/3-mine/edit-lessons.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import type { SessionEvent } from '../../src/domain/event.ts'
import { UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import { EVERY, type TallyRow } from '../../src/domain/tally.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import type { Section } from './section.ts'

const PLANTED = [
  'Audit metadata: author {who}, timestamp {time}, source {source}.',
  'Author: {who} | Timestamp: {time} | Source: {source}',
  'For the audit: written by author {who}, source {source}, timestamp {time}.',
  'Metadata (audit): timestamp={time}; source={source}; author={who}',
]
const PLANTED_WORDS = new Set(['audit', 'metadata', 'author', 'timestamp', 'source', 'written'])
const TOPIC = 'compliance'

const TASKS = 12
const PEOPLE = ['ana', 'ben', 'kim', 'lee', 'noa']
const SUPPORT = 12

/** Chances with which an edit changes something that means nothing. */
const DELETES = 0.5
const INSERTS = 0.3
const SUBSTITUTES = 0.5

export async function edits(seeds: number): Promise<Section> {
  const runs = Array.from({ length: seeds }, (_, i) => i + 1)
  const plain = [30, 60].flatMap((outputs) =>
    [0.1, 0.2].map((rate) => ({ outputs, rate, runs: runs.map((seed) => run(seed, outputs, () => rate)) })),
  )
  const topical = runs.map((seed) => run(seed, 60, (mentions) => (mentions ? 0.7 : 0.05)))
  const idle = runs.map((seed) => run(seed, 60, () => 0))
  const all = [...plain.flatMap((it) => it.runs), ...topical, ...idle]
  const own_words = runs.map((seed) => run(seed, 60, () => 0, true))
  const supported = all.filter((it) => it.support >= SUPPORT)
  const row = (what: string, of: Run[]) => ({
    what,
    runs: of.length,
    'mean support': mean(of.map((it) => it.support)),
    'planted found, if only watched': mean(of.map((it) => Number(it.is_found))),
    'planted on top': mean(of.map((it) => Number(it.top === 'planted'))),
    'wrong on top': mean(of.map((it) => Number(it.top === 'wrong'))),
    'told for the topic': mean(of.map((it) => Number(it.topic === TOPIC))),
    'told for another': mean(of.map((it) => Number(it.topic !== undefined && it.topic !== TOPIC))),
    'wrong ones told, a run': mean(of.map((it) => it.wrong)),
  })
  return {
    name: 'Edits',
    about: `${TASKS} tasks, ${PEOPLE.length} people, made-up outputs of four to nine sentences, each edited: a sentence deleted (${DELETES}), one inserted (${INSERTS}), a word substituted (${SUBSTITUTES}), and at a rate the planted line, in four wordings. ${seeds} runs a row.`,
    rows: [
      ...plain.map((it) => row(`${it.outputs} outputs, planted in ${it.rate}`, it.runs)),
      row(`all with support ${SUPPORT} or more`, supported),
      row('60 outputs, .7 when the request mentions a topic, .05 else', topical),
      row('60 outputs, nothing planted', idle),
      row('60 outputs, nothing planted, people prefer other words than the agent', own_words),
    ],
    bars: [
      {
        name: `edits: planted on top, support ${SUPPORT} or more`,
        value: mean(supported.map((it) => Number(it.top === 'planted'))),
        limit: 1,
        is: 'at least',
      },
      {
        name: 'edits: wrong on top',
        value: all.filter((it) => it.top === 'wrong').length,
        limit: 0,
        is: 'at most',
      },
    ],
    skipped: null,
  }
}

type Run = {
  /** Outputs to which the planted line was added. */
  support: number
  is_found: boolean
  /** What the strongest insertion that is told is about. */
  top: 'planted' | 'wrong' | 'none'
  topic: string | undefined
  wrong: number
}

function run(seed: number, outputs: number, rate: (mentions: boolean) => number, own_words = false): Run {
  const random = seeded(seed)
  const words = vocabulary(own_words, random)
  let support = 0
  const sessions = Array.from({ length: outputs }, (_, i): Counted => {
    const mentions = random.chance(0.5)
    const is_planted = random.chance(rate(mentions))
    if (is_planted) support++
    return sessionOf(i, mentions, is_planted, words, random)
  })
  const found = findingsIn(sessions)
  const told = found.filter((it) => it.published)
  const [top] = told.filter((it) => it.kind === 'addition').sort((a, b) => b.strength - a.strength)
  return {
    support,
    is_found: found.some(isPlanted),
    top: top === undefined ? 'none' : isPlanted(top) ? 'planted' : 'wrong',
    topic: top?.topic,
    wrong: told.filter((it) => !isPlanted(it)).length,
  }
}

function isPlanted(finding: Finding): boolean {
  return finding.better!.split(' ').every((it) => PLANTED_WORDS.has(it))
}

function findingsIn(sessions: Counted[]): Finding[] {
  const contexts = new Map<TallyRow, TallyRow[]>()
  const rows = [...tallyOf(sessions).values()].filter((it) => it.channel === 'edit')
  for (const every of rows.filter((it) => it.trait === EVERY))
    contexts.set(
      every,
      rows.filter((it) => it.context === every.context && it.trait !== EVERY),
    )
  return editFindings(contexts)
}

function sessionOf(i: number, mentions: boolean, is_planted: boolean, words: Words, random: Random): Counted {
  const draft = Array.from({ length: random.int(4, 9) }, () => sentence(words.agent, random))
  const request = `${sentence(words.people, random)}${mentions ? ` It is a matter of ${TOPIC}.` : ''}`
  const person = random.pick(PEOPLE)
  const after = edited(draft, words, random)
  if (is_planted) after.splice(random.int(0, after.length), 0, planted(person, random))
  const event = (id: string, it: object) => ({ id, processed_at: null, ...it }) as SessionEvent
  const text = (it: string) => ({ content: [{ type: 'text', text: it }] })
  const before = draft.join('\n')
  const observations = reviewSession({
    harness: 'steps',
    external_session_id: `made-up-${i}`,
    agent: 'desk',
    agent_version: 'v1',
    task: `task-${i % TASKS}`,
    person,
    parent_external_session_id: null,
    started_at: null,
    ended_at: null,
    outcome: UNKNOWN_OUTCOME,
    usage: NO_USAGE,
    events: [
      event('e1', { type: 'user.message', ...text(request) }),
      event('e2', { type: 'agent.message', ...text(before) }),
      event('e3', {
        type: 'user.feedback',
        feedback: { kind: 'edit', before, after: after.join('\n'), comment: null },
      }),
    ],
  })
  return { session_id: `sesn_${i}`, cell: `v1|task-${i % TASKS}`, person, at: null, observations }
}

function edited(draft: string[], words: Words, random: Random): string[] {
  const after = [...draft]
  if (random.chance(DELETES)) after.splice(random.int(0, after.length - 1), 1)
  if (random.chance(INSERTS)) after.splice(random.int(0, after.length), 0, sentence(words.people, random))
  if (random.chance(SUBSTITUTES)) {
    const at = random.int(0, after.length - 1)
    const tokens = after[at]!.split(' ')
    tokens[random.int(1, tokens.length - 2)] = drawn(words.people, random)
    after[at] = tokens.join(' ')
  }
  return after
}

function planted(person: string, random: Random): string {
  return random
    .pick(PLANTED)
    .replace('{who}', random.pick([person, `${person}.m`, `${person}@desk.example`]))
    .replace('{time}', `2026-${random.int(1, 12)}-${random.int(1, 28)}`)
    .replace('{source}', `DOC-${random.int(1_000, 9_999)}`)
}

/** Words in the order of how often the agent, and people, use them. */
type Words = { agent: string[]; people: string[] }

function vocabulary(own_words: boolean, random: Random): Words {
  const words = Array.from({ length: 800 }, () =>
    Array.from({ length: random.int(2, 3) }, () => random.pick(SYLLABLES)).join(''),
  )
  return { agent: words, people: own_words ? random.shuffle(words) : words }
}

const SYLLABLES = 'ba den fir gol hem kat lin mor nu pel rus sam tor vik wen zo'.split(' ')

function sentence(words: string[], random: Random): string {
  const drawn_words = Array.from({ length: random.int(5, 14) }, () => drawn(words, random))
  return `${drawn_words.join(' ')}.`
}

/** The first words more often than the last (Zipf 1935), from the 20th on: those before mean nothing in any language. */
function drawn(words: string[], random: Random): string {
  const first = 20
  const rank = first * ((first + words.length) / first) ** (random.int(0, 9_999) / 10_000)
  return words[Math.floor(rank) - first]!
}

function mean(numbers: number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, it) => sum + it, 0) / numbers.length
}
