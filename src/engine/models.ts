/**
 * The language models that are configured: providers, prices, what ids of the wire stand for, and what stands in the way of asking them.
 * One of them is made ready for a dream by `open-model.ts`.
 */
import { readFileSync } from 'node:fs'
import { paidSince } from '../db/model-calls.ts'
import { ownWorkspace } from '../db/workspaces.ts'
import { EngineError } from '../domain/error.ts'
import { refusalOf } from '../domain/residency.ts'
import { type Amount, type Budget, inUsd } from '../domain/spending.ts'
import type { Workspace } from '../domain/workspace.ts'
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
import { isNight, nightBegins } from '../model/night.ts'
import { listPrice } from '../model/prices.ts'
import type { Opened } from './opened.ts'

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

/** When a provider is to be asked in batches, as somebody wants it or as the configuration has it; null for at once. */
export function nightFor(
  { night }: ModelConfig,
  { name, kind }: Provider,
  { at_night }: { at_night?: 'wanted' | 'usual' },
): Night | null {
  if (at_night === undefined) return null
  if (night !== null && kind === 'anthropic') return night
  if (at_night === 'usual') return null
  const why = night === null ? 'no night is configured' : `${name} takes no batches`
  throw new EngineError('invalid_request_error', `nothing can be asked by night: ${why}`, {
    hint: 'docs/models.md says how a night is configured (`night` in models.yaml), and for whom',
  })
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

export function modelConfigOf({ models_file }: Opened): ModelConfig {
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

export function providerOf(config: ModelConfig, name: string): Provider {
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

export function priceOf(config: ModelConfig, name: string): Price | null {
  return config.prices.get(name) ?? listPrice(modelNamed(name)!.model)
}

// ---------------------------------------------------------------- keys and hosts

const AWS_KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

/** With its key. Throws where there is none and one is needed. */
export function settingsOf({ api_key_env, ...provider }: Provider): ProviderSettings {
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

export function refuseHost({ base_url, region }: Provider, workspace: Workspace): void {
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

/** What this workspace has paid since midnight UTC. Each time only what is new is read. */
export function spentToday({ db, now }: Opened): () => Promise<Amount> {
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
