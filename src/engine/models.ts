/**
 * Language models as they are configured, and one of them made ready for a dream: what was answered already is taken from the database, what it
 * costs is counted and kept within its budget, and nothing goes where the workspace does not allow it.
 */
import { readFileSync } from 'node:fs'
import { dreamBegun } from '../db/dreams.ts'
import { answerTo, forgetAnswers, storeAnswer } from '../db/model-answers.ts'
import { modelBatches, takenFromBatch } from '../db/model-batches.ts'
import { insertModelCall, paidSince, usesOf } from '../db/model-calls.ts'
import { ownWorkspace } from '../db/workspaces.ts'
import { EngineError } from '../domain/error.ts'
import { type Outbound, refusalOf } from '../domain/residency.ts'
import { type Amount, type Budget, inUsd, NO_LIMIT } from '../domain/spending.ts'
import type { Workspace } from '../domain/workspace.ts'
import type { ModelAtHand } from '../model/at-hand.ts'
import type { BatchSettings } from '../model/batched.ts'
import { breaking, unlessStopped } from '../model/breaker.ts'
import { cached, hashOf } from '../model/cached.ts'
import {
  type AwsKeys,
  type ModelConfig,
  modelNamed,
  type Night,
  NO_FILE,
  type Price,
  type Provider,
  type ProviderSettings,
  parseModelConfig,
} from '../model/config.ts'
import { limited, type Turns, turnsFor } from '../model/limited.ts'
import { type FullMeter, meterOf, nothingReserved, type Reserved } from '../model/metered.ts'
import type { Ask, Model } from '../model/model.ts'
import { ModelError } from '../model/model-error.ts'
import { isNight, nightBegins } from '../model/night.ts'
import { listPrice } from '../model/prices.ts'
import { retrying } from '../model/retrying.ts'
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
  return {
    model: { ...named, ask: await askOf(opened, provider, model, meter, { night, recorded }) },
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

/** When it is to ask in batches; null for at once. */
function nightFor(
  { night }: ModelConfig,
  { name, kind }: Provider,
  { at_night }: Pick<ModelWanted, 'at_night'>,
): Night | null {
  if (at_night === undefined) return null
  if (night !== null && kind === 'anthropic') return night
  if (at_night === 'usual') return null
  const why = night === null ? 'no night is configured' : `${name} takes no batches`
  throw new EngineError('invalid_request_error', `nothing can be asked by night: ${why}`, {
    hint: 'docs/models.md says how a night is configured (`night` in models.yaml), and for whom',
  })
}

/** What an id of the wire stands for. Throws `invalid_request_error` for one that the configuration does not name. */
export function modelOnTheWire(opened: Opened, id: string): string {
  const { wire } = modelConfigOf(opened)
  if (wire === null || id === 'none') return 'none'
  const name = wire.get(id)
  if (name !== undefined) return name
  const known = ['none', ...wire.keys()].join(', ')
  throw new EngineError('invalid_request_error', `model: there is no ${id} here; known are ${known}`, {
    hint: '`wire` in models.yaml says what an id stands for',
  })
}

/** When a dream with a model of the wire may begin that is asked by night alone; null where it may now. Throws as `modelOnTheWire` does. */
export function waitsForNight(opened: Opened, id: string): Date | null {
  const name = modelOnTheWire(opened, id)
  if (name === 'none') return null
  const config = modelConfigOf(opened)
  const night = nightFor(config, providerOf(config, name), { at_night: 'usual' })
  const now = opened.now()
  return night === null || night.when_closed === 'direct' || isNight(night, now)
    ? null
    : nightBegins(night, now)
}

export function modelsOf(opened: Opened) {
  return {
    /** Which models are configured, and what stands in the way of asking them. Never a key. */
    async models(): Promise<ModelSetup> {
      const config = modelConfigOf(opened)
      const workspace = await ownWorkspace(opened.db)
      const wire = config.wire === null ? null : Object.fromEntries(config.wire)
      const named = [config.default, ...Object.values(wire ?? {}), ...config.prices.keys()]
      return {
        file: opened.models_file ?? null,
        default: config.default,
        wire,
        models: [...new Set(named)]
          .filter((it) => it !== 'none')
          .map((name) => ({ name, price: priceOf(config, name), ...readiness(config, name, workspace) })),
        providers: [...config.providers.values()].map((it) => shownProvider(it, workspace)),
        budget: config.budget,
        spent_today: await spentToday(opened)(),
        night: config.night,
      }
    },
  }
}

export type ModelSetup = {
  /** Where the configuration stands; null without one. */
  file: string | null
  /** `provider/model`, or `none`. */
  default: string
  /** What ids of the wire stand for; null without a file: then every id stands for none. */
  wire: Record<string, string> | null
  /** All that are named, each with what is missing before it can be asked. */
  models: { name: string; price: Price | null; is_ready: boolean; missing: string | null }[]
  providers: ShownProvider[]
  budget: { dream: Budget; day: Budget }
  /** By this workspace, since midnight UTC. */
  spent_today: Amount
  night: Night | null
}

export type ShownProvider = Provider & {
  has_key: boolean
  /** What keeps the workspace from calling it, as the end of a sentence; null where it may. */
  refusal: string | null
}

function modelConfigOf({ models_file }: Opened): ModelConfig {
  if (models_file === undefined) return NO_FILE
  return parseModelConfig(textOf(models_file), models_file)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new EngineError('file_access_error', `the configuration of models ${file} cannot be read`, {
      hint: 'REVERIE_MODELS names it; without it, it is models.yaml in the data folder',
      cause,
    })
  }
}

function providerOf(config: ModelConfig, name: string): Provider {
  const wanted = modelNamed(name)
  if (wanted === null)
    throw new EngineError('invalid_request_error', `${name} is no model`, {
      hint: 'name it by its provider, as in anthropic/claude-haiku-4-5, or give none',
    })
  const provider = config.providers.get(wanted.provider)
  if (provider) return provider
  throw new EngineError('invalid_request_error', `there is no provider ${wanted.provider}`, {
    hint: `known are ${[...config.providers.keys()].join(', ')}; docs/models.md says how others are configured`,
  })
}

function priceOf(config: ModelConfig, name: string): Price | null {
  return config.prices.get(name) ?? listPrice(modelNamed(name)!.model)
}

// ---------------------------------------------------------------- keys and hosts

const AWS_KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

/** With its key. Throws where there is none and one is needed. */
function settingsOf({ api_key_env, ...provider }: Provider): ProviderSettings {
  const api_key = api_key_env === null ? null : process.env[api_key_env] || null
  const aws = provider.kind === 'bedrock' && api_key === null ? awsKeys() : null
  if (api_key !== null || aws !== null || api_key_env === null) return { ...provider, api_key, aws }
  const names = provider.kind === 'bedrock' ? `${api_key_env}, or ${AWS_KEYS.join(' and ')}` : api_key_env
  throw new EngineError('invalid_request_error', `${provider.name} needs a key, and there is none`, {
    hint: `put it into the environment as ${names}`,
  })
}

function awsKeys(): AwsKeys | null {
  const [access_key_id, secret_access_key] = AWS_KEYS.map((it) => process.env[it] || null)
  if (!access_key_id || !secret_access_key) return null
  return { access_key_id, secret_access_key, session_token: process.env.AWS_SESSION_TOKEN || null }
}

function refuseHost({ base_url, region }: Provider, workspace: Workspace): void {
  const refusal = refusalOf(workspace, base_url, region)
  if (refusal === null) return
  const hosts = [...new Set([...workspace.model_hosts, URL.parse(base_url)!.host])]
  const listed = hosts.map((it) => `--model-host ${it}`).join(' ')
  const is_listed = hosts.length === workspace.model_hosts.length
  throw new EngineError('permission_error', `the workspace ${workspace.name} allows no call to ${refusal}`, {
    hint: is_listed
      ? 'docs/residency.md says how a workspace names the hosts and regions it allows'
      : `what sessions say is sent there; to allow that: \`reverie workspace set ${workspace.name} ${listed}\``,
  })
}

function readiness(config: ModelConfig, name: string, workspace: Workspace) {
  const missing = [
    () => settingsOf(providerOf(config, name)),
    () => refuseHost(providerOf(config, name), workspace),
  ]
    .map(whatIsMissing)
    .find((it) => it !== null)
  return { is_ready: missing === undefined, missing: missing ?? null }
}

function whatIsMissing(check: () => unknown): string | null {
  try {
    check()
    return null
  } catch (error) {
    if (error instanceof EngineError) return `${error.message}; ${error.hint}`
    throw error
  }
}

function shownProvider(provider: Provider, workspace: Workspace): ShownProvider {
  const has_key = whatIsMissing(() => settingsOf(provider)) === null
  return { ...provider, has_key, refusal: refusalOf(workspace, provider.base_url, provider.region) }
}

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
  how: { night: Night | null; recorded: (Omit<Model, 'ask'> & { folder: string }) | null },
): Promise<Ask> {
  const settings = settingsOf(provider)
  const workspace = await ownWorkspace(db)
  refuseHost(provider, workspace)
  const { providerAsk } = await import('../model/providers.ts')
  const { outboundOf } = await import('./outbound.ts')
  const { night, recorded } = how
  const named = { provider: provider.name, model }
  const send = outboundOf(workspace)
  const tried = unlessStopped(await providerAsk(settings, model, send), meter.stopped)
  const direct = limited(retrying(tried), turnsOf(provider))
  const answering =
    night === null
      ? direct
      : await batchedBy(night, direct, {
          batches: modelBatches(db, named, now),
          ...{ settings, model, send, now },
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
  }: Pick<BatchSettings, 'batches' | 'now' | 'hashOf'> & {
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

/** What this workspace has paid since midnight UTC. Each time only what is new is read. */
function spentToday({ db, now }: Opened): () => Promise<Amount> {
  let known = { day: '', through: 0, tokens: 0, usd: 0 }
  let reading: Promise<unknown> = Promise.resolve()
  const read = async (): Promise<Amount> => {
    const day = now().toISOString().slice(0, 10)
    if (known.day !== day) known = { day, through: 0, tokens: 0, usd: 0 }
    const more = await paidSince(db, `${day}T00:00:00.000Z`, known.through)
    known = {
      day,
      through: more.through,
      tokens: known.tokens + more.tokens,
      usd: inUsd(known.usd + more.usd),
    }
    return { tokens: known.tokens, usd: known.usd }
  }
  return () => {
    const amount = reading.then(read)
    // Who asked hears of it; the next one reads again.
    reading = amount.catch(() => undefined)
    return amount
  }
}
