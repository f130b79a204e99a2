/**
 * Transcript text: a session as a model reads it, a line an event, in few words; and what was left out of it.
 *
 * What people and the agent say stands in full as far as there is room, results are cut by their structure: of JSON the values that
 * the talk or a call is about, of text its beginning and its end. Nothing is left out silently: a line says where, and `left_out` what.
 *
 * How the session ended is not told, nor what people thought of the work afterwards: claims are tested against that.
 */
import { commandLine, plainName } from '../domain/action.ts'
import {
  answeredCall,
  isToolResult,
  isToolUse,
  originOf,
  type SessionEvent,
  type ToolResult,
  type ToolUse,
  textOf,
} from '../domain/event.ts'
import type { Origin } from '../domain/origin.ts'
import { isRecalled } from '../domain/recalled-memory.ts'
import type { Call } from './call.ts'
import { cutShort, jsonCutShort, withRest } from './cut-short.ts'
import { tellingLine } from './error-template.ts'

export type TranscriptText = {
  text: string
  /** Of the events that have a line: `e7` -> index in the session. */
  names: Map<string, number>
  /** How much was left out, and where; no words of the session. */
  left_out: string[]
}

/** About 6,000 tokens. */
const BUDGET = 24_000

/**
 * At most about `budget` characters, however long the session is. Of events that are `copied` from an earlier session stands only what was
 * said, and that in short.
 */
export function transcriptText(
  { events, calls, copied }: { events: SessionEvent[]; calls: Call[]; copied: Set<number> },
  budget = BUDGET,
): TranscriptText {
  const matters = testOfMatter(events)
  let lines: Line[] = []
  for (const scale of SCALES) {
    lines = linesOf(events, calls, matters, (at) => (copied.has(at) ? SCALES.at(-1)! : scale))
    if (rendered(lines, new Set(lines)).length <= budget) break
  }
  const isKnown = (it: Line) => copied.has(it.at) && (it.kind === 'call' || it.kind === 'result')
  const fresh = lines.filter((it) => !isKnown(it))
  const fit = fitting(lines, fresh, budget)
  const [kept, gone] = [fresh.filter((it) => fit.has(it)), fresh.filter((it) => !fit.has(it))]
  const of_the_end = events.filter((it) => TELLS_THE_END.has(it.type)).length
  const left_out = (n: number, what: string) => (n > 0 ? [`${howMany(n)} ${what}`] : [])
  return {
    text: rendered(lines, fit),
    names: new Map(kept.map((it) => [nameOf(it.at), it.at])),
    left_out: [
      ...whatWasCut(kept),
      ...left_out(lines.length - fresh.length, 'copied from an earlier session'),
      ...left_out(gone.length, `of the middle: ${namesOf(gone)}`),
      ...left_out(of_the_end, 'of how it ended or what was thought of it'),
    ],
  }
}

/** As an event is called in the text. */
export function nameOf(at: number): string {
  return `e${at + 1}`
}

const TELLS_THE_END = new Set<SessionEvent['type']>(['session.outcome', 'user.feedback'])

/** In the order in which they are left out of a session that is too long. */
const KINDS = ['result', 'call', 'harness', 'agent', 'person'] as const
type Kind = (typeof KINDS)[number]

type Line = {
  at: number
  kind: Kind
  /** As it is rendered, without its name. */
  text: string
  /** Characters that were shown, and that there were; null where nothing was cut. */
  cut: { shown: number; of: number } | null
}

/** How much room everything has, from what a session of usual length has downwards. */
const SCALES = [1, 0.5, 0.25, 0.12]

const ROOM = { person: 4_000, agent: 3_000, thought: 300, harness: 1_000, memory: 300, call: 500, error: 300 }
/** All results together; each has its share, within bounds. */
const ROOM_OF_RESULTS = 2_000
const RESULT = { least: 60, most: 600 }

function linesOf(
  events: SessionEvent[],
  calls: Call[],
  matters: (value: string) => boolean,
  scaleOf: (at: number) => number,
): Line[] {
  const scenes = new Map<number, Scene>()
  const first = new Map<string, number>()
  const lines: Line[] = []
  for (const [at, event] of events.entries()) {
    const scale = scaleOf(at)
    const scene = scenes.get(scale) ?? sceneOf(events, calls, scale)
    scenes.set(scale, scene)
    const saying = sayingOf(event, at, lines.at(-1)?.at ?? -1, scene)
    if (saying === null) continue
    const { kind, label, text } = saying
    const before = text.length < REPEATED ? undefined : first.get(text)
    if (before === undefined) first.set(text, at)
    const shown = before === undefined ? shortened(saying, matters) : `same as ${nameOf(before)}`
    if (shown === '') continue
    const cut = before === undefined && CUT.test(shown) ? { shown: shown.length, of: text.length } : null
    lines.push({ at, kind, text: `${label}: ${shown}`, cut })
  }
  return lines
}

/** What is said again is worth a reference when it is longer than one. */
const REPEATED = 40
const CUT = /\[…\d+\]/

/** What the lines of a session have in common. */
type Scene = {
  events: SessionEvent[]
  room: typeof ROOM & { result: number }
  /** The id of a call -> index of the event. */
  called: Map<string, number>
  /** Results that are errors of the agent's or the tool's doing. */
  failed: Set<number>
}

function sceneOf(events: SessionEvent[], calls: Call[], scale: number): Scene {
  const results = events.filter(isToolResult).length
  const share = (ROOM_OF_RESULTS * Math.sqrt(scale)) / Math.max(1, results)
  const room = Object.fromEntries(Object.entries(ROOM).map(([key, it]) => [key, it * scale])) as typeof ROOM
  return {
    events,
    room: { ...room, result: Math.min(RESULT.most, Math.max(RESULT.least, share)) },
    called: new Map(events.flatMap((it, at) => (isToolUse(it) ? [[it.id, at] as const] : []))),
    failed: new Set(calls.flatMap((it) => (it.fault === null ? [] : [it.answered_at]))),
  }
}

type Saying = { kind: Kind; label: string; text: string; room: number; is_error?: boolean }

/** Null for events that have nothing to say, and those that tell how the session ended. `last` is the event of the line before. */
function sayingOf(event: SessionEvent, at: number, last: number, scene: Scene): Saying | null {
  const { room } = scene
  if (isToolUse(event)) {
    const text = commandLine(event.name, event.input)?.trim() || JSON.stringify(event.input)
    return { kind: 'call', label: `call ${plainName(event.name)}`, text, room: room.call }
  }
  if (isToolResult(event)) return resultOf(event, at, last, scene)
  const text = textOf(event)
  switch (event.type) {
    case 'user.message':
      return { kind: 'person', label: 'person', text, room: room.person }
    case 'user.define_outcome':
      return { kind: 'person', label: 'person wants', text, room: room.person }
    case 'user.interrupt':
      return { kind: 'person', label: 'person', text: 'interrupts', room: room.person }
    case 'user.tool_confirmation': {
      if (event.result === 'allow') return null
      const label = `person refuses${ofCall(event.tool_use_id, scene)}`
      return { kind: 'person', label, text: text || 'without a word', room: room.person }
    }
    case 'system.message':
      return isRecalled(event)
        ? { kind: 'harness', label: 'memory', text, room: room.memory }
        : { kind: 'harness', label: 'harness', text, room: room.harness }
    case 'session.error':
      return { kind: 'harness', label: 'harness error', text, room: room.error }
    case 'agent.message':
      return { kind: 'agent', label: 'agent', text, room: room.agent }
    case 'agent.thinking':
      return { kind: 'agent', label: 'agent thinks', text, room: room.thought }
    case 'agent.thread_message_received':
      return { kind: 'agent', label: 'agent is told by another', text, room: room.agent }
    case 'agent.thread_context_compacted':
      return { kind: 'agent', label: 'agent sums up', text, room: room.harness }
    default:
      return null
  }
}

function ofCall(id: string, { called }: Scene): string {
  const at = called.get(id)
  return at === undefined ? '' : ` ${nameOf(at)}`
}

function resultOf(event: ToolResult, at: number, last: number, scene: Scene): Saying {
  const id = answeredCall(event)
  const call_at = scene.called.get(id)
  const call = call_at === undefined ? null : (scene.events[call_at] as ToolUse)
  const what = event.is_error ? 'error' : NAMED_BY_ORIGIN[originOf(event, call)]
  const label = call_at === last ? what : `${what} of${ofCall(id, scene) || ' an unknown call'}`
  const is_error = scene.failed.has(at)
  const room = is_error ? scene.room.error : scene.room.result
  return { kind: 'result', label, text: textOf(event) || 'nothing', room, is_error }
}

const NAMED_BY_ORIGIN: Record<Origin, string> = {
  tool: 'result',
  web: 'page',
  memory: 'memory',
  person: 'result',
  agent: 'result',
  harness: 'result',
}

function shortened({ kind, text, room, is_error }: Saying, matters: (value: string) => boolean): string {
  if (is_error) return withRest(cutShort(tellingLine(text), room), text)
  const json = kind === 'call' || kind === 'result' ? jsonCutShort(text, room, matters) : null
  return json ?? cutShort(text, room)
}

/** Whether a value stands in the talk, or is given to a call. */
function testOfMatter(events: SessionEvent[]): (value: string) => boolean {
  const talk = events
    .flatMap((it) =>
      isToolUse(it)
        ? [JSON.stringify(it.input)]
        : it.type === 'user.message' || it.type === 'agent.message'
          ? [textOf(it)]
          : [],
    )
    .join('\n')
    .slice(0, TALK_LIMIT)
  const words = new Set(talk.match(WORD))
  const isSaid = (word: string) => words.has(word)
  const known = new Map<string, boolean>()
  return (value) => {
    if (value.length < 3 || value.length > 200) return false
    const answer = known.get(value) ?? ((value.match(WORD) ?? []).every(isSaid) && talk.includes(value))
    known.set(value, answer)
    return answer
  }
}

const WORD = /[\p{L}\p{N}]+/gu
const TALK_LIMIT = 100_000

/** Of the lines that are wanted those that there is room for: the others are left out kind by kind, from the middle outwards. */
function fitting(lines: Line[], wanted: Line[], budget: number): Set<Line> {
  const middle = (lines[0]?.at ?? 0) + (lines.at(-1)?.at ?? 0)
  const rank = new Map(KINDS.map((it, i) => [it, i]))
  const dearest = wanted.toSorted(
    (a, b) =>
      rank.get(b.kind)! - rank.get(a.kind)! || Math.abs(2 * b.at - middle) - Math.abs(2 * a.at - middle),
  )
  const fits = (n: number) => rendered(lines, new Set(dearest.slice(0, n))).length <= budget
  if (fits(dearest.length)) return new Set(dearest)
  let [most, too_many] = [0, dearest.length]
  while (too_many - most > 1) {
    const n = Math.floor((most + too_many) / 2)
    if (fits(n)) most = n
    else too_many = n
  }
  return new Set(dearest.slice(0, most))
}

function rendered(lines: Line[], kept: Set<Line>): string {
  const out: string[] = []
  let gone: Line[] = []
  const close = () => {
    if (gone.length > 0) out.push(`[${howMany(gone.length)} left out]`)
    gone = []
  }
  for (const line of lines) {
    if (!kept.has(line)) {
      gone.push(line)
      continue
    }
    close()
    out.push(`${nameOf(line.at)} ${line.text}`)
  }
  close()
  return out.join('\n')
}

function whatWasCut(lines: Line[]): string[] {
  return KINDS.flatMap((kind) => {
    const cut = lines.filter((it) => it.kind === kind && it.cut !== null)
    if (cut.length === 0) return []
    const [shown, of] = [cut.map((it) => it.cut!.shown), cut.map((it) => it.cut!.of)].map((all) =>
      all.reduce((sum, it) => sum + it, 0),
    )
    return [`${WHAT[kind]}, cut to ${shown} of ${of} characters: ${namesOf(cut)}`]
  })
}

const WHAT: Record<Kind, string> = {
  result: 'results of calls',
  call: 'calls',
  harness: 'text of the harness and of memory',
  agent: 'words of the agent',
  person: 'words of people',
}

const NAMED = 12

function namesOf(lines: Line[]): string {
  const names = lines.map((it) => nameOf(it.at))
  const rest = names.length - NAMED
  return rest > 0 ? `${names.slice(0, NAMED).join(' ')} and ${rest} more` : names.join(' ')
}

function howMany(n: number): string {
  return n === 1 ? '1 event' : `${n} events`
}
