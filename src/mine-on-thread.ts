/**
 * Mines a tally, and lets the process go on with other work meanwhile: a server keeps answering.
 *
 * A large tally is mined on a thread. It is handed over in portions, because to hand it over in one piece would hold this
 * thread up for nearly as long as mining it. A small one is mined here, in less time than it takes to start a thread.
 */
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type Mined, mine } from './3-mine/mine.ts'
import type { Since } from './3-mine/since.ts'
import type { Tally, TallyRow } from './domain/tally.ts'

/** What the thread is sent: rows as JSON, or that these were all. It answers once, with what it found. */
export type ToMineThread = { type: 'rows'; json: string } | { type: 'mine'; since: Since }

/** Rows of a tally that is mined here in about the time in which a thread starts and reads them. */
const WORTH_A_THREAD = 20_000
/** Made ready in a few milliseconds. */
const PORTION = 500

export async function mineOnThread(
  tally: Tally,
  since: Since,
  worth_a_thread = WORTH_A_THREAD,
): Promise<Mined> {
  if (tally.size < worth_a_thread) return mine(tally, since)
  const thread = new Worker(threadFile())
  try {
    const [mined] = await Promise.all([answerOf(thread), handOver(thread, tally, since)])
    return mined
  } finally {
    await thread.terminate()
  }
}

function answerOf(thread: Worker): Promise<Mined> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`the thread that mines ended early, with code ${code}`)))
  })
}

async function handOver(thread: Worker, tally: Tally, since: Since): Promise<void> {
  const send = (message: ToMineThread) => thread.postMessage(message)
  let portion: TallyRow[] = []
  for (const row of tally.values()) {
    portion.push(row)
    if (portion.length < PORTION) continue
    send({ type: 'rows', json: JSON.stringify(portion) })
    portion = []
    await setImmediate()
  }
  send({ type: 'rows', json: JSON.stringify(portion) })
  send({ type: 'mine', since })
}

/** The thread's file stands beside this one, in the sources and in the build alike. */
function threadFile(): URL {
  return new URL(`./mine-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
