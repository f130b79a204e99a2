/**
 * Batched: questions that can wait are asked together, at half the price, while it is night.
 *
 * Whoever asks waits as for any other answer. What is asked at about the same time becomes one batch. Which questions are in which batch is
 * noted before it is waited for, so a process that begins again waits for the same batch and pays nothing twice. Where the night ends
 * first, and that is allowed, what is open is asked directly.
 */
import { setTimeout } from 'node:timers/promises'
import type { Night } from './config.ts'
import type { Answered, Ask, Question } from './model.ts'
import { ModelError } from './model-error.ts'
import { isNight, nightBegins } from './night.ts'

/** A provider that takes many questions at once and answers within a day. */
export type BatchProvider = {
  /** Gives the provider's id of the batch. What comes back is told apart by the hashes. What is on its way when `signal` is aborted arrives. */
  submit: (questions: Map<string, Question<unknown>>, signal?: AbortSignal) => Promise<string>
  has_ended: (batch_id: string, signal?: AbortSignal) => Promise<boolean>
  /** What was answered, or why not, by hash; of those that it was asked about. */
  answers: (
    batch_id: string,
    questions: Map<string, Question<unknown>>,
    signal?: AbortSignal,
  ) => Promise<Map<string, Answered<unknown> | ModelError>>
  /** It ends soon after; what was answered by then is there. */
  cancel: (batch_id: string, signal?: AbortSignal) => Promise<void>
}

/** The batches of one provider's model that are remembered. */
export type Batches = {
  /** Notes that these questions are about to be sent; gives the id of the note. */
  begin: (hashes: string[]) => Promise<string>
  submitted: (id: string, provider_batch_id: string) => Promise<void>
  /** Nothing came of it. */
  abandon: (id: string) => Promise<void>
  ended: (id: string) => Promise<void>
  /** Those with any of these questions that were sent in the last days, the newest first. */
  holding: (hashes: string[]) => Promise<{ id: string; provider_batch_id: string; hashes: string[] }[]>
}

export type BatchSettings = {
  provider: BatchProvider
  batches: Batches
  night: Night
  hashOf: (question: Question<unknown>) => string
  now: () => Date
  /** Told of what only waits, for a batch or for the night, so that others may work meanwhile. */
  rest?: Rest | undefined
  /** In ms; shorter in tests: how long questions are gathered, and after how long a batch is looked at first. */
  gather_ms?: number
  look_ms?: number
}

/** Gives what is waited for, or throws as that does. */
export type Rest = <T>(wait: () => Promise<T>) => Promise<T>

type Open = {
  question: Question<unknown>
  hash: string
  signal: AbortSignal | undefined
  resolve: (answer: Answered<unknown>) => void
  reject: (error: unknown) => void
}

const GATHER_MS = 200
/** The first look comes soon, each after it twice as late. */
const LOOK_MS = 250
const MOST_LOOK_MS = 30_000
/** A batch that cannot be looked at so often in a row is given up, for this time. */
const MOST_MISSES = 15

export function batched(direct: Ask, settings: BatchSettings): Ask {
  const { hashOf, gather_ms = GATHER_MS } = settings
  let gathered: Open[] = []
  const together = new Together(direct, settings)
  const gather = async () => {
    await setTimeout(gather_ms)
    const open = gathered
    gathered = []
    await together.answer(open)
  }
  return <T>(question: Question<T>, signal?: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answered<T>>()
    const asked = question as Question<unknown>
    gathered.push({
      question: asked,
      hash: hashOf(asked),
      signal,
      resolve: resolve as Open['resolve'],
      reject,
    })
    if (gathered.length === 1) void gather()
    return promise
  }
}

class Together {
  private readonly direct: Ask
  private readonly settings: BatchSettings
  private readonly rest: Rest
  /** What a batch has said once is not taken from it again: whoever asks again wants another answer. */
  private readonly taken = new Set<string>()

  constructor(direct: Ask, settings: BatchSettings) {
    this.direct = direct
    this.settings = settings
    this.rest = settings.rest ?? ((wait) => wait())
  }

  /** Answers them all, one way or another; does not throw. */
  async answer(open: Open[]): Promise<void> {
    const signal = whenNobodyWaits(open)
    try {
      const fresh = await this.fromKnownBatches(open, signal)
      if (fresh.length > 0) await this.askTogether(fresh, signal)
    } catch (error) {
      for (const it of open) it.reject(it.signal?.aborted ? it.signal.reason : error)
    }
  }

  /** Waits for what was sent before; gives what is in no batch, or was not answered there. */
  private async fromKnownBatches(open: Open[], signal: AbortSignal | undefined): Promise<Open[]> {
    let left = open
    for (const { id, provider_batch_id, hashes } of await this.settings.batches.holding(hashesOf(open))) {
      const mine = left.filter((it) => hashes.includes(it.hash) && !this.taken.has(`${id} ${it.hash}`))
      if (mine.length === 0) continue
      const unanswered = await this.awaitBatch(id, provider_batch_id, mine, signal)
      left = [...left.filter((it) => !mine.includes(it)), ...unanswered]
    }
    return left
  }

  private async askTogether(open: Open[], signal: AbortSignal | undefined): Promise<void> {
    const { night, now, batches, provider } = this.settings
    if (!isNight(night, now())) {
      if (night.when_closed === 'direct') return this.askDirectly(open)
      const left_ms = nightBegins(night, now()).getTime() - now().getTime()
      await this.rest(() => setTimeout(left_ms, undefined, { signal }))
    }
    signal?.throwIfAborted()
    const id = await batches.begin(hashesOf(open))
    const sent = await provider.submit(byHash(open), signal).catch(async (error: unknown) => {
      await batches.abandon(id)
      throw error
    })
    await batches.submitted(id, sent)
    const left = await this.awaitBatch(id, sent, open, signal)
    if (night.when_closed === 'direct') return this.askDirectly(left)
    for (const it of left)
      it.reject(
        new ModelError('unavailable', 'left over', 'the batch ended before this question was answered'),
      )
  }

  /** Gives what was not answered there. */
  private async awaitBatch(
    id: string,
    provider_batch_id: string,
    open: Open[],
    signal: AbortSignal | undefined,
  ): Promise<Open[]> {
    const { batches } = this.settings
    const answers = await this.rest(() => this.answersOf(provider_batch_id, open, signal))
    if (answers === null) {
      await batches.abandon(id)
      return open
    }
    await batches.ended(id)
    return this.unanswered(id, open, answers)
  }

  /** Once the batch has ended; null where nobody will ever answer it, since it was another account's, or is too old. */
  private async answersOf(
    provider_batch_id: string,
    open: Open[],
    signal: AbortSignal | undefined,
  ): Promise<Map<string, Answered<unknown> | ModelError> | null> {
    const { provider, night, now } = this.settings
    const { look_ms = LOOK_MS } = this.settings
    let misses = 0
    let is_canceled = false
    for (let wait_ms = look_ms; ; wait_ms = Math.min(2 * wait_ms, MOST_LOOK_MS)) {
      try {
        if (await provider.has_ended(provider_batch_id, signal))
          return await provider.answers(provider_batch_id, byHash(open), signal)
        const is_over = night.when_closed === 'direct' && !isNight(night, now())
        if (is_over && !is_canceled) {
          await provider.cancel(provider_batch_id, signal)
          is_canceled = true
        }
        misses = 0
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof ModelError)) throw error
        if (error.reason === 'status 404') return null
        misses++
        if (error.kind !== 'unavailable' || misses >= MOST_MISSES) throw error
      }
      await setTimeout(wait_ms, undefined, { signal })
    }
  }

  private unanswered(id: string, open: Open[], answers: Map<string, Answered<unknown> | ModelError>): Open[] {
    return open.filter((it) => {
      this.taken.add(`${id} ${it.hash}`)
      const answer = answers.get(it.hash)
      if (answer === undefined) return true
      if (!(answer instanceof ModelError)) it.resolve(answer)
      else if (answer.kind === 'unavailable') return true
      else it.reject(answer)
      return false
    })
  }

  private async askDirectly(open: Open[]): Promise<void> {
    await Promise.all(
      open.map(({ question, signal, resolve, reject }) =>
        this.direct(question, signal).then(resolve, reject),
      ),
    )
  }
}

/** Aborted when all of them are; undefined where one cannot be. */
function whenNobodyWaits(open: Open[]): AbortSignal | undefined {
  const signals = [...new Set(open.map((it) => it.signal))]
  if (signals.includes(undefined)) return undefined
  const all = new AbortController()
  const look = () => {
    if (signals.every((it) => it!.aborted)) all.abort(signals[0]!.reason)
  }
  for (const it of signals) it!.addEventListener('abort', look, { once: true })
  look()
  return all.signal
}

function hashesOf(open: Open[]): string[] {
  return [...new Set(open.map((it) => it.hash))]
}

function byHash(open: Open[]): Map<string, Question<unknown>> {
  return new Map(open.map((it) => [it.hash, it.question]))
}
