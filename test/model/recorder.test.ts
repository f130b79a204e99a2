/** What was recorded is answered again, to the letter, without whoever answered it first; and nothing secret is on disk. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { redactJson } from '../../src/1-ingest/redact.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import type { Answered, Ask, Question } from '../../src/model/model.ts'
import { ModelError, type ModelErrorKind } from '../../src/model/model-error.ts'
import { recording, replaying } from '../../src/model/recorder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-recorder-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const newFolder = () => join(mkdtempSync(join(scratch, 'one-')), 'not', 'there', 'yet')

const redact = async <T extends object>(it: T) => (await redactJson(it)).value

const PAID = { ...NO_USAGE, input_tokens: 11, output_tokens: 3 }
const KEY = 'ghp_012345678901234567890123456789abcdef'

const Answer = z.object({ says: z.string() })
type Answer = z.infer<typeof Answer>

const question = (prompt: string): Question<Answer> => ({
  stage: 'review',
  system: 'You read.\nYou answer.',
  prompt,
  schema: Answer,
  max_output_tokens: 100,
})

type Told = { says: string } | { fails: ModelErrorKind; reason: string; retry_after_ms: number | null }

/** A model that says this, one after the other. */
function saying(all: Told[]): { name: string; width: number; ask: Ask } {
  const left = [...all]
  const ask: Ask = async ({ schema }) => {
    const told = left.shift()!
    if ('says' in told) return { value: schema.parse(told), usage: PAID, from: 'provider' }
    const { fails, reason, retry_after_ms } = told
    throw new ModelError(fails, reason, `it ${reason}`, { usage: PAID, retry_after_ms })
  }
  return { name: 'anthropic/claude-scripted', width: 3, ask }
}

const told: fc.Arbitrary<Told> = fc.oneof(
  fc.record({ says: fc.string({ unit: 'binary' }) }),
  fc.record({
    fails: fc.constantFrom<ModelErrorKind>('unavailable', 'refused', 'unusable', 'stopped'),
    reason: fc.constantFrom('rate limited', 'cut off'),
    retry_after_ms: fc.option(fc.nat()),
  }),
)

test('whatever was asked and told, a replay tells the same in the same order, for nothing', async () => {
  const asked = fc.record({ prompt: fc.constantFrom('one', 'two', 'tw\r\no\n', ''), told })
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 6 }), async (all) => {
      const folder = newFolder()
      const live = recording(saying(all.map((it) => it.told)), folder, redact)
      const before = []
      for (const { prompt } of all) before.push(await outcomeOf(live(question(prompt))))
      const replay = await replaying(folder, redact)
      const after = []
      for (const { prompt } of all) after.push(await outcomeOf(replay.ask(question(prompt))))

      expect(after.map((it) => it.said)).toEqual(before.map((it) => it.said))
      expect(after.every((it) => it.paid === NO_USAGE)).toBe(true)
      expect(replay).toMatchObject({ name: 'anthropic/claude-scripted', provider: 'anthropic', width: 3 })
    }),
    { numRuns: 40 },
  )
})

test('replies to the same question that come at once are all kept', async () => {
  const folder = newFolder()
  const all = Array.from({ length: 20 }, (_, i) => ({ says: `answer ${i}` }))
  const live = recording(saying(all), folder, redact)
  await Promise.all(all.map(() => live(question('the same'))))

  expect(exchangesIn(folder)).toHaveLength(1)
  const { ask } = await replaying(folder, redact)
  const said = []
  for (const _ of all) said.push((await ask(question('the same'))).value.says)
  expect(said.sort()).toEqual(all.map((it) => it.says).sort())
})

test('what a cache knows is written down once', async () => {
  const folder = newFolder()
  const { ask, ...model } = saying([{ says: 'a' }, { says: 'a' }, { says: 'a' }])
  const known: Ask = async (question) => ({ ...(await ask(question)), from: 'cache' })
  const live = recording({ ...model, ask: known }, folder, redact)
  for (let i = 0; i < 3; i++) await live(question('one'))

  const [file] = exchangesIn(folder)
  expect(JSON.parse(readFileSync(join(folder, file!), 'utf8')).replies).toHaveLength(1)
  expect((await (await replaying(folder, redact)).ask(question('one'))).value.says).toBe('a')
})

test('no secret is written down, in no text and no name, and the question is known again', async () => {
  const folder = newFolder()
  const asked = question(`<transcript>\nexport TOKEN=${KEY}\n</transcript>`)
  const live = recording(saying([{ says: `never print ${KEY}` }]), folder, redact)
  expect((await live(asked)).value.says).toBe(`never print ${KEY}`)

  const written = readdirSync(folder)
    .map((it) => it + readFileSync(join(folder, it), 'utf8'))
    .join()
  expect(written).not.toContain(KEY)
  expect(written).toContain('never print [redacted:')
  const other = question(asked.prompt.replace(KEY, `ghp_${'9'.repeat(36)}`))
  for (const it of [asked, other])
    expect((await (await replaying(folder, redact)).ask(it)).value.says).toContain('never print [redacted:')
})

test('the files are for their owner alone, whole, and read line by line', async () => {
  const folder = newFolder()
  await recording(saying([{ says: 'yes' }]), folder, redact)(question('first\nsecond'))
  const [file, system, ...others] = readdirSync(folder)

  expect(others).toEqual([])
  for (const it of [file!, system!]) expect(statSync(join(folder, it)).mode & 0o077, it).toBe(0)
  expect(readFileSync(join(folder, system!), 'utf8')).toBe('You read.\nYou answer.')
  expect(JSON.parse(readFileSync(join(folder, file!), 'utf8'))).toMatchObject({
    format: 'reverie-exchange/1',
    model: 'anthropic/claude-scripted',
    stage: 'review',
    system,
    prompt: ['first', 'second'],
    replies: [{ answer: { says: 'yes' }, usage: PAID }],
  })
})

test('what is recorded anew replaces what was there, and leaves the rest', async () => {
  const folder = newFolder()
  const first = recording(saying([{ says: 'old' }, { says: 'kept' }]), folder, redact)
  await first(question('one'))
  await first(question('two'))
  await recording(saying([{ says: 'new' }]), folder, redact)(question('one'))

  const { ask } = await replaying(folder, redact)
  expect((await ask(question('one'))).value.says).toBe('new')
  expect((await ask(question('two'))).value.says).toBe('kept')
})

test.each([
  { name: 'a line of the prompt', asked: { prompt: 'a\nwords of a session' }, says: 'line 2 of its prompt' },
  { name: 'a prompt that ends before', asked: { prompt: 'a' }, says: 'line 2 of its prompt' },
  { name: 'a prompt that goes on', asked: { prompt: 'a\nb\nc' }, says: 'line 3 of its prompt' },
  {
    name: 'a line between marks',
    asked: { prompt: '<text-0a1b>\na\nc\n</text-0a1b>' },
    says: 'line 3 of its prompt',
  },
  {
    name: 'the system prompt',
    asked: { system: 'You read.\nYou say.' },
    says: 'its system prompt',
  },
  {
    name: 'the shape',
    asked: { schema: z.object({ says: z.string().max(9) }) },
    says: 'the shape of the answer',
  },
  { name: 'the length', asked: { max_output_tokens: 101 }, says: 'how long the answer may be' },
  { name: 'the stage', asked: { stage: 'same' as const }, says: 'it has none of that stage' },
])('a question that differs in $name has no answer, and the error says where', async ({ asked, says }) => {
  const folder = newFolder()
  const recorded = asked.prompt?.startsWith('<') ? '<text-2c3d>\na\nb\n</text-2c3d>' : 'a\nb'
  const live = recording(saying([{ says: '1' }, { says: '2' }]), folder, redact)
  await live(question('nothing\nlike it'))
  await live(question(recorded))
  const near = exchangesIn(folder).find((it) => readFileSync(join(folder, it), 'utf8').includes('"a"'))

  const { ask } = await replaying(folder, redact)
  const error = await ask({ ...question('a\nb'), ...asked }).catch((it: ModelError) => it)
  expect(error).toBeInstanceOf(ModelError)
  expect(error).toMatchObject({ kind: 'refused', reason: 'not recorded' })
  expect((error as ModelError).message).toContain(says)
  expect((error as ModelError).message).toContain('stage' in asked ? '(stage same,' : near)
  expect((error as ModelError).message).not.toContain('words of a session')
})

test('an answer that does not have the shape that is asked for is unusable', async () => {
  const folder = newFolder()
  await recording(saying([{ says: 'yes' }]), folder, redact)(question('one'))
  const [file] = exchangesIn(folder)
  const path = join(folder, file!)
  writeFileSync(path, readFileSync(path, 'utf8').replace('"says": "yes"', '"says": 7'))

  const { ask } = await replaying(folder, redact)
  await expect(ask(question('one'))).rejects.toMatchObject({ kind: 'unusable', reason: 'other shape' })
})

test.each([
  { name: 'a folder that is not there', files: null, type: 'file_access_error' },
  { name: 'an empty folder', files: {}, type: 'file_access_error' },
  {
    name: 'a file of something else',
    files: { 'a.json': '{"format":"other"}' },
    type: 'invalid_request_error',
  },
  { name: 'no JSON', files: { 'a.json': '{' }, type: 'invalid_request_error' },
])('$name is no recording', async ({ files, type }) => {
  const folder = newFolder()
  if (files !== null) mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files ?? {})) writeFileSync(join(folder, name), text)
  await expect(replaying(folder, redact)).rejects.toMatchObject({ type })
})

test('an exchange that cannot be written is not answered, and says so', async () => {
  const folder = join(newFolder(), 'a-file')
  mkdirSync(join(folder, '..'), { recursive: true })
  writeFileSync(folder, '')
  const live = recording(saying([{ says: 'yes' }]), folder, redact)
  await expect(live(question('one'))).rejects.toMatchObject({ type: 'file_access_error' })
})

function exchangesIn(folder: string): string[] {
  return readdirSync(folder).filter((it) => it.endsWith('.json'))
}

/** What came back as the asker sees it, without what was paid. */
async function outcomeOf(answered: Promise<Answered<Answer>>) {
  try {
    const { value, usage } = await answered
    return { said: value, paid: usage }
  } catch (error) {
    const { kind, reason, message, retry_after_ms, usage } = error as ModelError
    return { said: { kind, reason, message, retry_after_ms }, paid: usage }
  }
}
