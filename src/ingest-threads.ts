/**
 * Reads many transcript files on several threads, and gives what is in them in the order of the files.
 *
 * Memory is bounded: a thread that is ahead of the others waits when what it has read and nobody has taken
 * exceeds a fixed number of bytes. Little input is read on this thread, since starting one costs more.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Problem } from './1-ingest/transcript.ts'
import { type IngestOptions, type ReadySession, readySessions } from './ready-session.ts'

export type File = { path: string; bytes: number }

export type Item =
  | { type: 'session'; path: string; session: ReadySession }
  | { type: 'problem'; path: string; problem: Problem }
  | { type: 'end'; path: string; bytes: number }

/** What a thread is sent: a file to read, and how much of what it gave has been taken. */
export type ToThread =
  | ({ type: 'read'; file: number; options: IngestOptions } & File)
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
export async function* readFile(file: File, options: IngestOptions): AsyncGenerator<Item> {
  const { path } = file
  const problems: Problem[] = []
  const told = function* (): Generator<Item> {
    for (const problem of problems.splice(0)) yield { type: 'problem', path, problem }
  }
  try {
    for await (const session of readySessions(path, options, (it) => problems.push(it))) {
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

async function* readOnThreads(files: File[], options: IngestOptions, threads: number): AsyncGenerator<Item> {
  const waiting: Item[][] = files.map(() => [])
  const reader = new Map<number, Worker>()
  let next_file = 0
  let failure: unknown
  let wake = () => {}

  const start = () => {
    const worker = new Worker(threadFile(), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    const giveFile = () => {
      const file = next_file++
      if (file >= files.length) return
      reader.set(file, worker)
      worker.postMessage({ type: 'read', file, ...files[file]!, options } satisfies ToThread)
    }
    worker.on('message', ({ file, item }: FromThread) => {
      waiting[file]!.push(item)
      if (item.type === 'end') giveFile()
      wake()
    })
    worker.on('error', (error) => {
      failure ??= error
      wake()
    })
    giveFile()
    return worker
  }

  const workers = Array.from({ length: threads }, start)
  try {
    for (let file = 0; file < files.length; file++) {
      for (let ended = false; !ended; ) {
        const item = waiting[file]!.shift()
        if (item) {
          yield item
          ended = item.type === 'end'
          if (item.type === 'session')
            reader
              .get(file)!
              .postMessage({ type: 'taken', bytes: item.session.content.length } satisfies ToThread)
        } else if (failure !== undefined) throw failure
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    }
  } finally {
    await Promise.all(workers.map((it) => it.terminate()))
  }
}

/** Two threads stay well under 400 MB with a young generation of this size, at no measurable loss of speed. */
const YOUNG_GENERATION_MB = 32

/** The thread's file stands beside this one, in the sources and in the build alike. */
function threadFile(): URL {
  return new URL(`./ingest-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
