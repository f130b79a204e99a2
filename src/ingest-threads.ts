/**
 * Reads many transcript files on several threads, and gives what is in them in the order of the files.
 *
 * Memory is bounded: a thread that is ahead of the others waits when what it has read and nobody has taken
 * exceeds a fixed number of bytes. Little input is read on this thread, since starting one costs more.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Arriving } from './1-ingest/detect.ts'
import type { Problem } from './1-ingest/transcript.ts'
import type { Inlet } from './ingest-inlet.ts'
import { type IngestOptions, type ReadySession, readySessions } from './ready-session.ts'

export type File = { path: string; bytes: number }

export type Item =
  | { type: 'session'; path: string; session: ReadySession }
  | { type: 'problem'; path: string; problem: Problem }
  | { type: 'end'; path: string; bytes: number }

/** What a thread is sent: a file to read, or what arrives through an inlet, and how much of what it gave has been taken. */
export type ToThread =
  | ({ type: 'read'; file: number; options: IngestOptions; inlet?: Inlet } & File)
  | { type: 'taken'; bytes: number }

/** What it answers: the items of the file of that number, in order. */
export type FromThread = { file: number; item: Item }

/** Below this, threads cost more than they save. */
const WORTH_THREADS_BYTES = 8 * 1024 * 1024
/** More threads than this wait for the one that writes the database. */
const MAX_THREADS = 4

export async function* readFiles(files: File[], options: IngestOptions): AsyncGenerator<Item> {
  const bytes = files.reduce((sum, it) => sum + it.bytes, 0)
  const threads = Math.min(files.length, availableParallelism(), MAX_THREADS)
  if (threads < 2 || bytes < WORTH_THREADS_BYTES) {
    for (const file of files) yield* readFile(file, options)
  } else yield* readOnThreads(files, options, threads)
}

/** The items of one file; a file that cannot be read is a problem, never the end of the others. */
export async function* readFile(
  file: File,
  options: IngestOptions,
  arriving?: Omit<Arriving, 'path'>,
): AsyncGenerator<Item> {
  const { path } = file
  const problems: Problem[] = []
  const told = function* (): Generator<Item> {
    for (const problem of problems.splice(0)) yield { type: 'problem', path, problem }
  }
  try {
    const from = arriving ? { path, ...arriving } : path
    for await (const session of readySessions(from, options, (it) => problems.push(it))) {
      yield* told()
      yield { type: 'session', path, session }
    }
  } catch (error) {
    if (!isFileError(error)) throw error
    problems.push({
      line: null,
      reason: `cannot be read (${error.code}); check that the file is there and that you may read it`,
    })
  }
  yield* told()
  yield { type: 'end', path, bytes: file.bytes }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

async function* readOnThreads(files: File[], options: IngestOptions, count: number): AsyncGenerator<Item> {
  const waiting: Item[][] = files.map(() => [])
  const reader = new Map<number, Worker>()
  let next_file = 0
  let failure: unknown
  let wake = () => {}

  const giveFile = (thread: Thread) => {
    const file = next_file++
    if (file >= files.length) return
    reader.set(file, thread.worker)
    thread.worker.postMessage({ type: 'read', file, ...files[file]!, options } satisfies ToThread)
  }
  const threads = Array.from({ length: count }, () => takeThread())
  for (const thread of threads) {
    thread.hear = ({ file, item }) => {
      waiting[file]!.push(item)
      if (item.type === 'end') giveFile(thread)
      wake()
    }
    thread.fail = (error) => {
      failure ??= error
      wake()
    }
    for (let i = 0; i < FILES_AHEAD; i++) giveFile(thread)
  }

  let is_done = false
  try {
    for (let file = 0; file < files.length; file++) {
      for (let ended = false; !ended; ) {
        const item = waiting[file]!.shift()
        if (item) {
          yield item
          ended = item.type === 'end'
          if (item.type === 'session') {
            const bytes = item.session.content.length
            reader.get(file)!.postMessage({ type: 'taken', bytes } satisfies ToThread)
          }
        } else if (failure !== undefined) throw failure
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    }
    is_done = true
  } finally {
    // A thread that was broken off in the middle of a file is of no more use.
    for (const thread of threads) {
      if (is_done) rest(thread)
      else void thread.worker.terminate()
    }
  }
}

/** So many files a thread is given at once: it does not wait for this thread, which may be busy writing. */
const FILES_AHEAD = 3

/** A thread with the one who listens to it at the moment. */
export type Thread = {
  worker: Worker
  hear: (message: FromThread) => void
  fail: (error: unknown) => void
  /** What it may hold; null for as much as Node lets it. */
  memory_mb: number | null
  /** Ends the thread when it has rested too long. */
  end?: NodeJS.Timeout
}

/** Threads that have nothing to do. They are kept for a while: half of what a new one costs is compiling what it runs. */
const idle: Thread[] = []
const KEPT_MS = 10_000
/** Two threads stay well under 400 MB with a young generation of this size, at no measurable loss of speed. */
const YOUNG_GENERATION_MB = 24

function startThread(memory_mb: number | null): Thread {
  const worker = new Worker(threadFile(), {
    resourceLimits: {
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      ...(memory_mb === null ? {} : { maxOldGenerationSizeMb: memory_mb }),
    },
  })
  const thread: Thread = { worker, memory_mb, hear: () => {}, fail: () => {} }
  worker.on('message', (message: FromThread) => thread.hear(message))
  worker.on('error', (error) => {
    const place = idle.indexOf(thread)
    if (place !== -1) idle.splice(place, 1)
    clearTimeout(thread.end)
    thread.fail(error)
  })
  return thread
}

/** A thread that rests, or a new one. With a limit to its memory it fails when it would need more. */
export function takeThread(memory_mb: number | null = null): Thread {
  const place = idle.findLastIndex((it) => it.memory_mb === memory_mb)
  const thread = place === -1 ? startThread(memory_mb) : idle.splice(place, 1)[0]!
  clearTimeout(thread.end)
  thread.worker.ref()
  return thread
}

/** A resting thread holds up nobody who wants to exit. */
export function rest(thread: Thread): void {
  thread.worker.unref()
  idle.push(thread)
  thread.end = setTimeout(() => {
    idle.splice(idle.indexOf(thread), 1)
    void thread.worker.terminate()
  }, KEPT_MS).unref()
}

/** The thread's file stands beside this one, in the sources and in the build alike. */
function threadFile(): URL {
  return new URL(`./ingest-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
