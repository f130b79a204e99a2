/**
 * A language model made ready for a dream: what was answered already is taken from the database, what it costs is counted and kept within its
 * budget, and nothing goes where the workspace does not allow it.
 */
import { dreamBegun } from '../db/dreams.ts'
import { answerTo, forgetAnswers, storeAnswer } from '../db/model-answers.ts'
import { modelBatches, takenFromBatch } from '../db/model-batches.ts'
import { insertModelCall, usesOf } from '../db/model-calls.ts'
import { ownWorkspace } from '../db/workspaces.ts'
import { EngineError } from '../domain/error.ts'
import type { Outbound } from '../domain/residency.ts'
import { type Budget, NO_LIMIT } from '../domain/spending.ts'
import type { ModelAtHand } from '../model/at-hand.ts'
import type { BatchSettings, Rest } from '../model/batched.ts'
import { breaking, unlessStopped } from '../model/breaker.ts'
import { cached, hashOf } from '../model/cached.ts'
import {
  type ModelConfig,
  modelNamed,
  type Night,
  type Provider,
  type ProviderSettings,
} from '../model/config.ts'
import { limited, type Turns, turnsFor } from '../model/limited.ts'
import { type FullMeter, meterOf, nothingReserved, type Reserved } from '../model/metered.ts'
import type { Ask, Model } from '../model/model.ts'
import { ModelError } from '../model/model-error.ts'
import { retrying } from '../model/retrying.ts'
import { modelConfigOf, nightFor, priceOf, providerOf, refuseHost, settingsOf, spentToday } from './models.ts'
import type { Opened } from './opened.ts'

export type ModelWanted = {
  /** `provider/model`, or `none`; where it is left out, what the configuration says. */
  model?: string
  /** Of this dream, in the place of what the configuration says. */
  budget?: Budget
  /** The dream by its id; or by its store, of which it is the one that begins next or goes on. */
  of: { dream_id: string } | { memory_store_id: string }
  /** Only reckons: nothing is asked, so no key is needed. */
  dry_run?: boolean
  /** Asks in batches by night: because somebody wants it, or where the configuration says so and the provider takes batches. */
  at_night?: 'wanted' | 'usual'
  /** Told of what only waits for a batch, or for the night. */
  rest?: Rest | undefined
  /** A folder that every exchange is written into. */
  record?: string
  /** A folder whose answers stand for the model: nothing is called, and nothing costs. */
  replay?: string
}

/**
 * A model for one dream, ready to be asked; null for none.
 *
 * Throws `invalid_request_error` for a name that is none, a provider that is not known or has no key, a budget in money where the price is
 * not known, and a night where none is configured or the provider takes no batches; `permission_error` where the workspace does not allow its host.
 */
export async function openModel(opened: Opened, wanted: ModelWanted): Promise<ModelAtHand | null> {
  const config = modelConfigOf(opened)
  if (wanted.replay !== undefined) return replayed(opened, config, wanted, wanted.replay)
  const name = wanted.model ?? config.default
  if (name === 'none') return none(wanted)
  const provider = providerOf(config, name)
  const { model } = modelNamed(name)!
  const meter = await meterFor(opened, config, wanted, { provider: provider.name, model })
  const night = nightFor(config, provider, wanted)
  const width = night === null ? provider.concurrency : MOST_IN_A_BATCH
  const named = { name, provider: provider.name, model, width }
  const may_wait_ms = night === null ? 0 : MOST_WAITED_MS
  if (wanted.dry_run) return { model: { ...named, ask: NOT_ASKED }, meter, may_wait_ms }
  const recorded = wanted.record === undefined ? null : { ...named, folder: wanted.record }
  const how = { night, recorded, rest: wanted.rest }
  return {
    model: { ...named, ask: await askOf(opened, provider, model, meter, how) },
    meter,
    may_wait_ms,
  }
}

function none({ budget, record, at_night }: ModelWanted): null {
  if (budget === undefined && record === undefined && at_night !== 'wanted') return null
  throw new EngineError(
    'invalid_request_error',
    'no model is asked, so there is nothing to pay, to record or to wait for',
    {
      hint: 'name one with --model, or as `default` in models.yaml',
    },
  )
}

/** Questions that are held in memory, and asked, at a time. */
const MOST_IN_A_BATCH = 500
/** For the night to begin, and for a batch, of which the provider says that it ends within a day. */
const MOST_WAITED_MS = 48 * 3_600_000

// ---------------------------------------------------------------- asking

const NOT_ASKED: Ask = async () => {
  throw new ModelError('stopped', 'dry run', 'a dry run asks nothing')
}

/** Everything that stands around a provider, from the outside to the inside. */
async function askOf(
  { db, now }: Opened,
  provider: Provider,
  model: string,
  meter: FullMeter,
  {
    night,
    recorded,
    rest,
  }: Pick<ModelWanted, 'rest'> & {
    night: Night | null
    recorded: (Omit<Model, 'ask'> & { folder: string }) | null
  },
): Promise<Ask> {
  const settings = settingsOf(provider)
  const workspace = await ownWorkspace(db)
  refuseHost(provider, workspace)
  const { providerAsk } = await import('../model/providers.ts')
  const { outboundOf } = await import('./outbound.ts')
  const named = { provider: provider.name, model }
  const send = outboundOf(workspace)
  const tried = unlessStopped(await providerAsk(settings, model, send), meter.stopped)
  const direct = limited(retrying(tried), turnsOf(provider))
  const answering =
    night === null
      ? direct
      : await batchedBy(night, direct, {
          batches: modelBatches(db, named, now),
          ...{ settings, model, send, now, rest },
          hashOf: (question) => hashOf(named, question),
        })
  const metered = meter.over(breaking(answering, provider.name, meter.stop))
  const ask = cached(metered, named, (hash) => answerTo(db, hash), meter.countKnown)
  if (recorded === null) return ask
  const { recording } = await import('../model/recorder.ts')
  return recording({ ...recorded, ask }, recorded.folder, redacted)
}

async function batchedBy(
  night: Night,
  direct: Ask,
  {
    settings,
    model,
    send,
    ...how
  }: Pick<BatchSettings, 'batches' | 'now' | 'hashOf' | 'rest'> & {
    settings: ProviderSettings
    model: string
    send: Outbound
  },
): Promise<Ask> {
  const { batched } = await import('../model/batched.ts')
  const { anthropicBatches } = await import('../model/anthropic-batch.ts')
  const together = batched(direct, { provider: anthropicBatches(settings, model, send), night, ...how })
  // The few others wait for the reviews, and each for the one before it: a batch for each of them would take nights.
  return (question, signal) =>
    question.stage === 'review' ? together(question, signal) : direct(question, signal)
}

/** Shared by all dreams of this process. */
const turns = new Map<string, Turns>()

function turnsOf({ name, base_url, concurrency }: Provider): Turns {
  const key = `${name} ${base_url} ${concurrency}`
  const its = turns.get(key) ?? turnsFor(concurrency)
  turns.set(key, its)
  return its
}

async function redacted<T extends object>(value: T): Promise<T> {
  const { redactJson } = await import('../1-ingest/redact.ts')
  return (await redactJson(value)).value
}

async function replayed(
  opened: Opened,
  config: ModelConfig,
  wanted: ModelWanted,
  folder: string,
): Promise<ModelAtHand> {
  const { replaying } = await import('../model/recorder.ts')
  const model = await replaying(folder, redacted)
  if (wanted.model !== undefined && wanted.model !== model.name)
    throw new EngineError('invalid_request_error', `the recording in ${folder} is of ${model.name}`, {
      hint: 'leave the model out: a recording says which it is of',
    })
  const { budget: _, ...unlimited } = wanted
  const free = { ...config, budget: { dream: NO_LIMIT, day: NO_LIMIT } }
  return { model, meter: await meterFor(opened, free, unlimited, model), may_wait_ms: 0 }
}

// ---------------------------------------------------------------- counting

/** What was answered so long ago is of no use any more: what came of it stands elsewhere. */
const ANSWERS_KEPT_MS = 30 * 24 * 3_600_000

async function meterFor(
  opened: Opened,
  config: ModelConfig,
  { budget, of, dry_run = false }: ModelWanted,
  named: Pick<Model, 'provider' | 'model'>,
): Promise<FullMeter> {
  const { db, now } = opened
  const name = `${named.provider}/${named.model}`
  const price = priceOf(config, name)
  const limits = { dream: budget ?? config.budget.dream, day: config.budget.day }
  if (price === null && (limits.dream.usd !== null || limits.day.usd !== null))
    throw new EngineError('invalid_request_error', `there is a budget in money, and no price of ${name}`, {
      hint: 'say its price under `prices` in models.yaml, or give the budget in tokens',
    })
  const dreamId = async () => ('dream_id' in of ? of.dream_id : dreamBegun(db, of.memory_store_id))
  // One that was interrupted goes on under its id.
  const begun = await dreamId()
  if (!dry_run) await forgetAnswers(db, new Date(now().getTime() - ANSWERS_KEPT_MS).toISOString())
  return meterOf({
    ...named,
    price,
    budget: limits,
    earlier: begun === null || dry_run ? [] : await usesOf(db, begun),
    paidToday: spentToday(opened),
    reserved: reservedIn(db),
    async note(call, answered) {
      const at = now().toISOString()
      const dream_id = await dreamId()
      await db.transaction().execute(async (tx) => {
        await insertModelCall(tx, call, { dream_id, at })
        if (call.in_batch) await takenFromBatch(tx, call.hash)
        if (answered !== null) await storeAnswer(tx, call.hash, answered, at)
      })
    },
  })
}

/** By database, which is opened in one workspace; shared by all dreams of this process. */
const reservations = new WeakMap<Opened['db'], Reserved>()

function reservedIn(db: Opened['db']): Reserved {
  const its = reservations.get(db) ?? nothingReserved()
  reservations.set(db, its)
  return its
}
