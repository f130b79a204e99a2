import { Harness } from '../domain/session.ts'
import { isClaudeCode, parseClaudeCode, withoutResultCopy } from './claude-code.ts'
import { isCodex, parseCodex } from './codex.ts'
import { fileChunks, readEntries, type Shorten } from './entries.ts'
import { isManagedAgents, parseManagedAgents } from './managed-agents.ts'
import { isOpenaiChat, parseOpenaiChat } from './openai-chat.ts'
import { withoutRecalled } from './recalled-memory.ts'
import { isSteps, parseSteps } from './steps.ts'
import type { Entry, Parser, Problem, Transcript } from './transcript.ts'

/**
 * One transcript file in, its sessions out, whichever harness wrote it.
 *
 * The file is read once, from beginning to end, and each session is given as soon as it is complete.
 * Nothing is thrown for what stands in a file, nor for a file that cannot be read: it is reported,
 * at most `MAX_PROBLEMS` times a file and then as a number. A file that gives no session always says why.
 * Of a transcript that arrives and is cut off, the sessions that were complete are given.
 */
export function* readTranscript(
  from: string | Arriving,
  options: { harness: Harness | 'auto'; agent: string | null },
  report: (problem: Problem) => void,
): Generator<{ harness: Harness; transcript: Transcript }> {
  const problems = new Problems(report)
  const path = typeof from === 'string' ? from : from.path
  const chunks = typeof from === 'string' ? readableChunks(path, problems.report) : from.chunks
  let sessions = 0
  try {
    const beginning = chunks.next()
    if (beginning.done && problems.count > 0) return
    let shorten: Shorten = () => null
    const bytes = chain(beginning.done ? [] : [beginning.value], chunks)
    const entries = readEntries(bytes, problems.report, (line) => shorten(line))
    const first = options.harness === 'auto' ? peek(entries) : []
    const harness = options.harness === 'auto' ? detectHarness(first) : options.harness
    if (harness === null) return reportUnknown(first, problems)
    if (harness === 'claude-code') shorten = withoutResultCopy
    const source = { path, agent: options.agent }
    const is_whole_later = typeof from !== 'string' && READ_TO_THE_END.has(harness)
    const all = chain(first, entries)
    const read = is_whole_later ? untilCut(all, from.is_cut) : all
    for (const transcript of parsers[harness](read, source, problems.report)) {
      sessions++
      yield { harness, transcript: { ...transcript, session: withoutRecalled(transcript.session) } }
    }
    if (sessions === 0 && problems.count === 0)
      problems.report({ line: null, reason: `no ${harness} session in this file` })
  } catch (error) {
    // What was complete has been given, and whoever sent the bytes knows that they are not all.
    if (!(error instanceof Cut)) throw error
  } finally {
    chunks.return(undefined)
    problems.summarise()
  }
}

/** A transcript that does not stand in a file: its name, and its bytes as they arrive. `is_cut` says, after the last, that there should have been more. */
export type Arriving = { path: string; chunks: Generator<Uint8Array>; is_cut: () => boolean }

/** What these wrote of a session may stand anywhere up to the end: where the end is missing, so may a part of it be. */
const READ_TO_THE_END: ReadonlySet<Harness> = new Set(['claude-code', 'codex', 'managed-agents'])

function* untilCut<T>(entries: Iterable<T>, isCut: () => boolean): Generator<T> {
  yield* entries
  if (isCut()) throw new Cut()
}

class Cut extends Error {}

export const parsers: Record<Harness, Parser> = {
  'claude-code': parseClaudeCode,
  codex: parseCodex,
  'managed-agents': parseManagedAgents,
  'openai-chat': parseOpenaiChat,
  steps: parseSteps,
}

/** In the order they are asked: a bare message is the least that can be recognised. */
const LOOKS: [Harness, (value: unknown) => boolean][] = [
  ['claude-code', isClaudeCode],
  ['codex', isCodex],
  ['managed-agents', isManagedAgents],
  ['steps', isSteps],
  ['openai-chat', isOpenaiChat],
]

/** The harness that most of the first entries look like; null when none is recognised. */
export function detectHarness(entries: Entry[]): Harness | null {
  const votes = new Map<Harness, number>()
  for (const { value } of entries.slice(0, MAX_PEEKED)) {
    const harness = harnessOf(value)
    if (harness !== null) votes.set(harness, (votes.get(harness) ?? 0) + 1)
  }
  let most: Harness | null = null
  for (const [harness, count] of votes) if (most === null || count > votes.get(most)!) most = harness
  return most
}

const MAX_PEEKED = 50
/** So many recognised entries are enough: entries can be large, and what is peeked at is held. */
const ENOUGH_RECOGNISED = 5
const MAX_PROBLEMS = 20

function harnessOf(value: unknown): Harness | null {
  return LOOKS.find(([, looksLike]) => looksLike(value))?.[0] ?? null
}

function peek(entries: Iterator<Entry>): Entry[] {
  const first: Entry[] = []
  let recognised = 0
  while (first.length < MAX_PEEKED && recognised < ENOUGH_RECOGNISED) {
    const next = entries.next()
    if (next.done) break
    first.push(next.value)
    if (harnessOf(next.value.value) !== null) recognised++
  }
  return first
}

function* chain<T>(first: T[], rest: Iterable<T>): Generator<T> {
  yield* first
  first.length = 0
  yield* rest
}

function reportUnknown(looked_at: Entry[], problems: Problems): void {
  // What could not be read at all has been said already.
  if (looked_at.length === 0 && problems.count > 0) return
  const known = Harness.options.join(', ')
  problems.report({
    line: null,
    reason:
      looked_at.length === 0
        ? 'no entries in this file'
        : `not recognised as a transcript of ${known}; if it is one, say of which (--harness, or harness= over HTTP)`,
  })
}

/** The bytes of a file; one that cannot be opened or read to its end is reported, and what was read counts. */
function* readableChunks(path: string, report: (problem: Problem) => void): Generator<Buffer> {
  try {
    yield* fileChunks(path)
  } catch (error) {
    if (!isSystemError(error)) throw error
    report({
      line: null,
      reason: `cannot be read: ${error.code}; check that it is there and that you may read it`,
    })
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

/** The problems of one file: the first ones in full, the others as a number. */
class Problems {
  count = 0
  private readonly tell: (problem: Problem) => void

  constructor(tell: (problem: Problem) => void) {
    this.tell = tell
  }

  readonly report = (problem: Problem): void => {
    this.count++
    if (this.count <= MAX_PROBLEMS) this.tell(problem)
  }

  summarise(): void {
    const more = this.count - MAX_PROBLEMS
    if (more > 0) this.tell({ line: null, reason: `${more} more problems in this file` })
  }
}
