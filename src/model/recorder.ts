/**
 * Recorder: what was asked of a model and what came back, one file an exchange, and the same answers from those files, with no network.
 *
 * A file is named by what the question says, so a question that was worded anew is not answered by an old file. It holds each reply in
 * the order they were given, an error like an answer: what was asked twice is answered twice. The system prompt, which many questions share,
 * stands in a file of its own. A recording into a folder that has one already replaces the exchanges that it has anew and leaves the others.
 *
 * Everything is redacted once more before it is written, the question also before its name is made, so that not even the
 * name tells of a secret. The files are for their owner's eyes alone: they hold words of sessions.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { EngineError } from '../domain/error.ts'
import { randomId, sha256 } from '../domain/id.ts'
import { ModelStage } from '../domain/spending.ts'
import { NO_USAGE, Usage } from '../domain/usage.ts'
import type { Answered, Ask, Model, Question } from './model.ts'
import { ModelError } from './model-error.ts'

/** The same value without what nobody may read. Doing it again changes nothing. */
type Redact = <T extends object>(value: T) => Promise<T>

/**
 * One that writes down whatever it answers, or fails with, into a folder that need not be there. Throws EngineError `file_access_error`
 * where it cannot: an exchange that is not written is not answered either.
 */
export function recording(model: Pick<Model, 'name' | 'ask' | 'width'>, folder: string, redact: Redact): Ask {
  const replies = new Map<string, Promise<Reply[]>>()

  /** One after the other for the same question, so that none is lost. What was known already is what was told before, where anything was. */
  const note = async <T>(question: Question<T>, reply: Reply, was_known = false) => {
    const asked = await redactedTexts(question, redact)
    const file = fileOf(asked)
    const all = (replies.get(file) ?? Promise.resolve([])).then(async (before) => {
      if (was_known && before.length > 0) return before
      const after = [...before, reply]
      await write(folder, systemFileOf(asked), asked.system)
      await write(folder, file, await exchangeOf(model, asked, after, redact))
      return after
    })
    replies.set(file, all)
    await all
  }

  return async (question, signal) => {
    try {
      const answered = await model.ask(question, signal)
      const { value, usage, from } = answered
      await note(question, { answer: value as object, usage }, from === 'cache')
      return answered
    } catch (error) {
      if (error instanceof ModelError) await note(question, { error: partsOf(error), usage: error.usage })
      throw error
    }
  }
}

/**
 * The model whose answers a folder holds. Its answers cost nothing. What the folder has no answer to is `refused`, and the error says which
 * recorded question is nearest and where it differs. Throws EngineError `file_access_error` where there is no recording.
 */
export async function replaying(folder: string, redact: Redact): Promise<Model> {
  const exchanges = await readAll(folder)
  const { model: name, width } = [...exchanges.values()][0]!
  const slash = name.indexOf('/')
  const given = new Map<string, number>()

  const ask = async <T>(question: Question<T>): Promise<Answered<T>> => {
    const asked = await redactedTexts(question, redact)
    const file = fileOf(asked)
    const exchange = exchanges.get(file)
    if (exchange === undefined) throw notRecorded(asked, folder, exchanges)
    const nth = given.get(file) ?? 0
    given.set(file, nth + 1)
    const reply = exchange.replies[Math.min(nth, exchange.replies.length - 1)]!
    if ('error' in reply) throw again(reply.error)
    return { value: parsed(question, reply.answer, file), usage: NO_USAGE, from: 'recording' }
  }
  return { name, provider: name.slice(0, slash), model: name.slice(slash + 1), ask, width }
}

const FORMAT = 'reverie-exchange/1'

const Failure = z.object({
  kind: z.enum(['unavailable', 'refused', 'unusable', 'stopped']),
  reason: z.string(),
  message: z.string(),
  retry_after_ms: z.number().nullable(),
})

const Reply = z.union([
  z.object({ answer: z.unknown().refine((it) => it !== undefined), usage: Usage }),
  z.object({ error: Failure, usage: Usage }),
])
type Reply = z.infer<typeof Reply>

const Exchange = z.object({
  format: z.literal(FORMAT),
  model: z.string().regex(/^[^/]+\/./),
  /** What is asked may depend on how much was asked at once. */
  width: z.number().int().positive(),
  stage: ModelStage,
  /** The file of the system prompt. */
  system: z.string().regex(/^[a-z]+-system-[0-9a-f]+\.txt$/),
  /** Line by line, for people to read. */
  prompt: z.array(z.string()),
  schema_sha256: z.string(),
  max_output_tokens: z.number(),
  replies: z.array(Reply).min(1),
})
type Exchange = z.infer<typeof Exchange>

/** What a question says, its schema as a hash. */
type Texts = Pick<Question<unknown>, 'stage' | 'system' | 'prompt' | 'max_output_tokens'> & {
  schema_sha256: string
}

async function redactedTexts<T>(question: Question<T>, redact: Redact): Promise<Texts> {
  const { stage, max_output_tokens, schema } = question
  const { system, prompt } = await redact({ system: question.system, prompt: question.prompt })
  const schema_sha256 = sha256(JSON.stringify(z.toJSONSchema(schema)))
  return { stage, system, prompt, schema_sha256, max_output_tokens }
}

function fileOf({ stage, system, prompt, schema_sha256, max_output_tokens }: Texts): string {
  return named(stage, '', JSON.stringify([stage, system, prompt, schema_sha256, max_output_tokens]), 'json')
}

function systemFileOf({ stage, system }: Texts): string {
  return named(stage, 'system-', system, 'txt')
}

function named(stage: ModelStage, what: string, content: string, ending: string): string {
  return `${stage}-${what}${sha256(content).slice(0, 24)}.${ending}`
}

function partsOf({ kind, reason, message, retry_after_ms }: ModelError): z.infer<typeof Failure> {
  return { kind, reason, message, retry_after_ms }
}

function again({ kind, reason, message, retry_after_ms }: z.infer<typeof Failure>): ModelError {
  return new ModelError(kind, reason, message, { retry_after_ms })
}

/** As it is written: what only the answer shows to be secret is taken out of the prompt too. */
async function exchangeOf(
  { name, width }: Pick<Model, 'name' | 'width'>,
  asked: Texts,
  said: Reply[],
  redact: Redact,
): Promise<string> {
  const { stage, schema_sha256, max_output_tokens } = asked
  const { prompt, replies } = await redact({ prompt: asked.prompt, replies: said })
  const exchange: Exchange = {
    format: FORMAT,
    model: name,
    width,
    stage,
    system: systemFileOf(asked),
    prompt: prompt.split('\n'),
    schema_sha256,
    max_output_tokens,
    replies,
  }
  return `${JSON.stringify(exchange, null, 2)}\n`
}

/** Whole or not at all, whenever the process is killed. */
async function write(folder: string, file: string, content: string): Promise<void> {
  const begun = join(folder, `${randomId('req')}.part`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(begun, content, { mode: 0o600 })
    await rename(begun, join(folder, file))
  } catch (cause) {
    throw new EngineError('file_access_error', `nothing can be recorded in ${folder}`, {
      cause,
      hint: 'Name a folder that can be written: reverie dream --record DIR',
    })
  }
}

type Exchanges = Map<string, Exchange>

/** By file name, in the order of names. */
async function readAll(folder: string): Promise<Exchanges> {
  const names = await readdir(folder).catch((cause: Error) => {
    throw new EngineError('file_access_error', `${folder} cannot be read`, { cause, hint: RECORD_FIRST })
  })
  const files = names.filter((it) => it.endsWith('.json')).sort()
  if (files.length === 0)
    throw new EngineError('file_access_error', `there is no recorded exchange in ${folder}`, {
      hint: RECORD_FIRST,
    })
  const read = files.map(async (it) => [it, await exchangeIn(folder, it)] as const)
  return new Map(await Promise.all(read))
}

const RECORD_FIRST = 'Record one first: reverie dream --model NAME --record DIR'

async function exchangeIn(folder: string, file: string): Promise<Exchange> {
  const text = await readFile(join(folder, file), 'utf8')
  try {
    return Exchange.parse(JSON.parse(text))
  } catch (cause) {
    throw new EngineError('invalid_request_error', `${file} is not a recorded exchange`, {
      cause,
      hint: 'A folder of recordings holds nothing else that ends in .json.',
    })
  }
}

function parsed<T>(question: Question<T>, answer: unknown, file: string): T {
  const { data, success } = question.schema.safeParse(answer)
  if (success) return data
  const what = `the answer in ${file} does not have the shape that is asked for`
  throw new ModelError('unusable', 'other shape', what)
}

function notRecorded(asked: Texts, folder: string, exchanges: Exchanges): ModelError {
  const what = `the recording in ${folder} has no answer to this question (stage ${asked.stage}, ${fileOf(asked)})`
  const nearest = nearestTo(asked, exchanges)
  const hint = nearest === null ? 'it has none of that stage' : `nearest is ${nearest}`
  return new ModelError('refused', 'not recorded', `${what}; ${hint}`)
}

/** That with the most lines in common, of the same stage, and where it differs first: no words of it, which are a session's. */
function nearestTo(asked: Texts, exchanges: Exchanges): string | null {
  const lines = new Set(asked.prompt.split('\n'))
  const shared = (it: Exchange) => it.prompt.filter((line) => lines.has(line)).length
  const [nearest] = [...exchanges]
    .filter(([_, it]) => it.stage === asked.stage)
    .sort(([_, a], [__, b]) => shared(b) - shared(a))
  if (nearest === undefined) return null
  const [file, exchange] = nearest
  return `${file}, which differs in ${difference(asked, exchange)}`
}

function difference(asked: Texts, recorded: Exchange): string {
  if (systemFileOf(asked) !== recorded.system) return 'its system prompt'
  const now = asked.prompt.split('\n').map(unmarked)
  const then = recorded.prompt.map(unmarked)
  const lines = Array.from({ length: Math.max(now.length, then.length) })
  const at = lines.findIndex((_, i) => now[i] !== then[i])
  if (at !== -1) return `line ${at + 1} of its prompt`
  return asked.schema_sha256 === recorded.schema_sha256
    ? 'how long the answer may be'
    : 'the shape of the answer'
}

/** Marks around a text are made from all of it, so they differ wherever anything does. */
function unmarked(line: string): string {
  return line.replace(/(?<=^<\/?[a-z]+-)[0-9a-f]+/, '')
}
