/**
 * `models.yaml`: which language models there are to ask, where, and for how much. Text in, configuration out, or all that is wrong with it.
 *
 * Without the file the usual providers are known and none is asked. A key never stands in the file: it names the environment variable that
 * holds it, so the file can be shown, kept and handed on.
 */
import { z } from 'zod'
import { isZone } from '../domain/cron.ts'
import { EngineError } from '../domain/error.ts'
import { type Budget, NO_LIMIT } from '../domain/spending.ts'
import { errorLines, readYaml, type YamlForm } from '../domain/yaml-text.ts'

export const ProviderKind = z.enum(['anthropic', 'openai_compatible', 'google', 'bedrock'])
export type ProviderKind = z.infer<typeof ProviderKind>

/** A provider that is ready to be called. */
export type ProviderSettings = {
  /** As the configuration calls it. */
  name: string
  kind: ProviderKind
  /** With the version, without a slash at its end: `https://api.anthropic.com/v1`. */
  base_url: string
  /** A secret: never stored, logged or shown. Null where none is needed, or `aws` is there instead. */
  api_key: string | null
  /** Signs the requests of Bedrock where it has no `api_key`. Secret as well. */
  aws: AwsKeys | null
  region: string | null
  /** Calls at once. */
  concurrency: number
  timeout_ms: number
}

export type AwsKeys = { access_key_id: string; secret_access_key: string; session_token: string | null }

/** A provider as it is configured, without its key. */
export type Provider = Omit<ProviderSettings, 'api_key' | 'aws'> & {
  /** The environment variable of its key; null where it needs none. */
  api_key_env: string | null
}

/** USD for a million tokens. What is read from or written to a cache costs as much as other input where nothing else is said. */
export type Price = { input: number; output: number; cache_read: number; cache_write: number }

/** Times of day as `22:00`; the night may go past midnight. */
export type Night = {
  from: string
  to: string
  timezone: string
  /** What becomes of questions that are not answered when it ends. */
  when_closed: 'direct' | 'wait'
}

export type ModelConfig = {
  /** By name, in the order of the file, then those that are known without one. */
  providers: Map<string, Provider>
  /** `provider/model`, or `none`. */
  default: string
  /** What ids of the wire stand for; null where there is no file: then every id is taken, and stands for none. */
  wire: Map<string, string> | null
  /** By `provider/model`; these come before those that are known. */
  prices: Map<string, Price>
  budget: { dream: Budget; day: Budget }
  night: Night | null
}

/**
 * The configuration in a text. Throws `invalid_request_error` with all that is wrong with it, a line each.
 */
export function parseModelConfig(text: string, file = 'models.yaml'): ModelConfig {
  const { value, errors } = readYaml(text, FORM)
  if (value) return configOf(value, true)
  throw new EngineError('invalid_request_error', errorLines(errors, file), {
    hint: 'docs/models.md explains every key',
    details: { errors },
  })
}

/** `provider/model`, taken apart; a model may have slashes of its own. Null for what is no such name. */
export function modelNamed(name: string): { provider: string; model: string } | null {
  const [, provider, model] = /^([^/]+)\/(\S+)$/.exec(name) ?? []
  return provider === undefined ? null : { provider, model: model! }
}

const USUAL = { concurrency: 4, timeout_ms: 120_000 }

const BEDROCK_REGION = 'us-east-1'

const BASE_URLS: Record<ProviderKind, (region: string | null) => string | null> = {
  anthropic: () => 'https://api.anthropic.com/v1',
  google: () => 'https://generativelanguage.googleapis.com/v1beta',
  bedrock: (region) => `https://bedrock-runtime.${region}.amazonaws.com`,
  openai_compatible: () => null,
}

const KEYS: Record<ProviderKind, string | null> = {
  anthropic: 'ANTHROPIC_API_KEY',
  google: 'GOOGLE_GENERATIVE_AI_API_KEY',
  bedrock: 'AWS_BEARER_TOKEN_BEDROCK',
  openai_compatible: null,
}

/** Providers that need no entry in the file. One of the same name in the file takes the place of it. */
const BUILT_IN: Record<string, ProviderEntry> = {
  anthropic: { kind: 'anthropic' },
  openai: {
    kind: 'openai_compatible',
    base_url: 'https://api.openai.com/v1',
    api_key_env: 'OPENAI_API_KEY',
  },
  google: { kind: 'google' },
  bedrock: { kind: 'bedrock' },
  ollama: { kind: 'openai_compatible', base_url: 'http://localhost:11434/v1', concurrency: 1 },
}

// ---------------------------------------------------------------- the file

const MODEL = /^[a-z0-9][a-z0-9_-]*\/\S+$/
const Model = z
  .string()
  .max(256)
  .refine((it) => it === 'none' || MODEL.test(it), {
    error: 'give none, or a provider and a model of it, as in anthropic/claude-haiku-4-5',
  })

const Duration = z
  .string()
  .regex(/^[1-9]\d{0,3}[sm]$/, { error: 'give a time with its unit, as in 90s or 2m' })
  // `fetch` of Node waits no longer for the beginning of an answer.
  .refine((it) => durationMs(it) <= 300_000, { error: 'no answer is waited for longer than 5m' })

const ProviderEntry = z
  .strictObject({
    kind: ProviderKind,
    base_url: z
      .string()
      .refine((it) => /^https?:$/.test(URL.parse(it)?.protocol ?? ''), {
        error: 'give an address that begins with https://, or with http://',
      })
      .refine((it) => !/[?#]|:\/\/[^/]*@/.test(it), {
        error: 'an address has no name, password, question mark or # here; keys are named by api_key_env',
      })
      .optional(),
    api_key_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
        error: 'this is the name of an environment variable, as in ANTHROPIC_API_KEY; never the key itself',
      })
      .optional(),
    region: z
      .string()
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: 'give it as the provider does: eu-central-1' })
      .optional(),
    concurrency: z.int().min(1).max(64).optional(),
    timeout: Duration.optional(),
  })
  .superRefine((it, issues) => {
    if (it.kind === 'openai_compatible' && it.base_url === undefined)
      issues.addIssue({
        code: 'custom',
        path: ['kind'],
        message: 'such a provider needs a base_url, as in https://api.openai.com/v1',
      })
  })
type ProviderEntry = z.infer<typeof ProviderEntry>

const Usd = z.number().nonnegative().max(100_000)
const PriceEntry = z.strictObject({
  input: Usd,
  output: Usd,
  cache_read: Usd.optional(),
  cache_write: Usd.optional(),
})

const Limit = z.strictObject({
  tokens: z.int().positive().optional(),
  usd: z.number().positive().optional(),
})

const ModelFile = z
  .strictObject({
    default: Model.optional(),
    providers: z
      .record(
        z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, {
          error: 'the name of a provider has small letters, digits, dashes and underscores',
        }),
        ProviderEntry,
      )
      .optional(),
    wire: z.record(z.string().min(1).max(256), Model).optional(),
    prices: z
      .record(
        z.string().regex(MODEL, {
          error: 'a price is that of a provider and a model of it, as in anthropic/claude-haiku-4-5',
        }),
        PriceEntry,
      )
      .optional(),
    budget: z.strictObject({ dream: Limit.optional(), day: Limit.optional() }).optional(),
    night: z
      .strictObject({
        window: z
          .string({ error: 'give two times of day, as in 22:00-06:00' })
          .regex(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/, {
            error: 'give two times of day, as in 22:00-06:00',
          })
          .refine((it) => it.slice(0, 5) !== it.slice(6), {
            error: 'a night ends when it begins: give two times',
          }),
        timezone: z.string().refine(isZone, { error: 'give a time zone as in Europe/Berlin, or UTC' }),
        when_closed: z.enum(['direct', 'wait']).optional(),
      })
      .optional(),
  })
  .superRefine((it, issues) => {
    const known = [...Object.keys(it.providers ?? {}), ...Object.keys(BUILT_IN)]
    const check = (name: string, path: string[]) => {
      const provider = modelNamed(name)?.provider
      if (provider === undefined || known.includes(provider)) return
      const message = `there is no provider ${provider}; known are ${[...new Set(known)].join(', ')}`
      issues.addIssue({ code: 'custom', path, message })
    }
    if (it.default !== undefined) check(it.default, ['default'])
    for (const [id, name] of Object.entries(it.wire ?? {})) check(name, ['wire', id])
    for (const name of Object.keys(it.prices ?? {})) check(name, ['prices', name])
  })
type ModelFile = z.infer<typeof ModelFile>

const FORM: YamlForm<ModelFile> = {
  schema: ModelFile,
  noun: 'configuration of models',
  levels: 'three',
  may_hold_secrets: true,
  first_line: 'default: none',
  docs: 'docs/models.md',
  hints: {
    timeout: 'give a time with its unit, as in 90s or 2m',
    kind: `give one of ${ProviderKind.options.join(', ')}`,
    output: 'give USD for a million tokens, as in 4.5',
    input: 'give USD for a million tokens, as in 0.9',
  },
}

function configOf(file: ModelFile, is_file: boolean): ModelConfig {
  const entries = { ...file.providers, ...leftOut(BUILT_IN, file.providers ?? {}) }
  return {
    providers: new Map(Object.entries(entries).map(([name, it]) => [name, providerOf(name, it)])),
    default: file.default ?? 'none',
    wire: is_file ? new Map(Object.entries(file.wire ?? {})) : null,
    prices: new Map(Object.entries(file.prices ?? {}).map(([name, it]) => [name, priceOf(it)])),
    budget: { dream: limitOf(file.budget?.dream), day: limitOf(file.budget?.day) },
    night: file.night === undefined ? null : nightOf(file.night),
  }
}

function leftOut<T>(all: Record<string, T>, besides: object): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in besides)))
}

function providerOf(name: string, it: ProviderEntry): Provider {
  const region = it.region ?? (it.kind === 'bedrock' ? BEDROCK_REGION : null)
  return {
    name,
    kind: it.kind,
    base_url: (it.base_url ?? BASE_URLS[it.kind](region)!).replace(/\/+$/, ''),
    api_key_env: it.api_key_env ?? KEYS[it.kind],
    region,
    concurrency: it.concurrency ?? USUAL.concurrency,
    timeout_ms: it.timeout === undefined ? USUAL.timeout_ms : durationMs(it.timeout),
  }
}

function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (text.endsWith('m') ? 60_000 : 1_000)
}

function priceOf({
  input,
  output,
  cache_read = input,
  cache_write = input,
}: z.infer<typeof PriceEntry>): Price {
  return { input, output, cache_read, cache_write }
}

function limitOf(it: z.infer<typeof Limit> | undefined): Budget {
  return { ...NO_LIMIT, ...it }
}

function nightOf({ window, timezone, when_closed = 'direct' }: NonNullable<ModelFile['night']>): Night {
  return { from: window.slice(0, 5), to: window.slice(6), timezone, when_closed }
}

/** What is known where there is no file. */
export const NO_FILE: ModelConfig = configOf({}, false)
