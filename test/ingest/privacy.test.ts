/** What is asked to be redacted, from the command line and the engine to the database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type IngestChoice, openEngine } from '../../src/engine.ts'
import { reverie, reverieJson } from '../cli/reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-privacy-'))
afterAll(() => rmSync(home, { recursive: true }))

const EMAIL = 'ana@example.com'
const PLACEHOLDER = /^\[redacted:email:[0-9a-f]{12}\]$/
const transcript = write('one', [`call ${EMAIL}`])

test('threads redact as well, and the same value has one placeholder in all of them', async () => {
  const files = ['a', 'b', 'c'].map((it) =>
    write(
      it,
      Array.from({ length: 300 }, (_, i) => `${it} ${i} ${EMAIL} ${'word '.repeat(2_000)}`),
    ),
  )
  const engine = openEngine({ database: join(home, 'threads.db') })

  const report = await engine.ingest(files, { redact: ['email'] })
  const people = (await engine.sessions({ limit: 1_000 })).data.map((it) => it.person)

  expect(report.bytes).toBeGreaterThan(8 * 1024 * 1024)
  expect(report.redactions).toEqual({ email: 1_800 })
  expect(people).toHaveLength(900)
  expect(new Set(people).size).toBe(1)
  expect(people[0]).toMatch(PLACEHOLDER)
  await engine.close()
})

test('a person has one placeholder in a database from night to night, and another one in another database', async () => {
  const nights = [
    await personIn('first.db', { redact: ['email'] }, transcript),
    await personIn('first.db', { redact: ['email', 'phone'] }, write('two', ['thanks'])),
  ]
  const elsewhere = await personIn('second.db', { redact: ['email'] }, transcript)

  expect(nights[0]).toMatch(PLACEHOLDER)
  expect(nights[1]).toBe(nights[0])
  expect(elsewhere).toMatch(PLACEHOLDER)
  expect(elsewhere).not.toBe(nights[0])
})

test.each<{ name: string; how: IngestChoice; actions: string[]; reason: string }>([
  { name: 'nothing', how: {}, actions: ['sessions.ingested'], reason: 'transcripts were ingested' },
  {
    name: 'a class and names',
    how: { redact: ['phone'], names: ['Ana'] },
    actions: ['sessions.ingested', 'redaction_key.created'],
    reason: 'transcripts were ingested, with phone, name redacted',
  },
])('the audit tells that $name was asked for', async ({ name, how, actions, reason }) => {
  const engine = openEngine({ database: join(home, `${name}.db`) })
  await engine.ingest([transcript], how)
  await engine.ingest([transcript], how)
  const { data } = await engine.audit()

  expect(data.map((it) => it.action)).toEqual(actions)
  expect(data[0]!.reason).toBe(reason)
  await engine.close()
})

test('a transcript that is there already is known again, redacted as it was', async () => {
  const engine = openEngine({ database: join(home, 'again.db') })
  const nameless = write('nameless', [EMAIL], { id: undefined })
  const first = await engine.ingest([transcript, nameless], { redact: ['email'] })
  const second = await engine.ingest([transcript, nameless], { redact: ['email'] })

  expect([first.sessions_new, second.sessions_new]).toEqual([2, 0])
  await engine.close()
})

test.each<{ args: string[]; env?: Record<string, string>; redacted: string[] }>([
  { args: [], redacted: [] },
  { args: ['--redact', 'email'], redacted: ['email'] },
  { args: ['--redact', 'phone,email'], redacted: ['email', 'phone'] },
  { args: ['--redact', 'all', '--names', 'names.txt'], redacted: ['email', 'name', 'phone'] },
  { args: [], env: { REVERIE_REDACT: 'phone' }, redacted: ['phone'] },
  { args: [], env: { REVERIE_NAMES: 'names.txt' }, redacted: ['name'] },
  { args: ['--redact', 'email'], env: { REVERIE_REDACT: 'phone' }, redacted: ['email'] },
  { args: ['--redact', ''], env: { REVERIE_REDACT: 'phone' }, redacted: [] },
])('ingest $args with $env redacts $redacted', async ({ args, env = {}, redacted }) => {
  const file = write('all', [`${EMAIL} +44 7700 900123 Ana Silva`])
  writeFileSync(join(home, 'names.txt'), 'Ana Silva\n')
  const database = join(home, `${JSON.stringify([args, env]).replace(/\W+/g, '-')}.db`)

  const { redactions } = await reverieJson(['ingest', file, ...args, '--db', database], { home, env })

  expect(Object.keys(redactions).sort()).toEqual(redacted)
})

test.each([
  { args: ['--redact', 'emails'], exit_code: 2, says: /all, or some of email,phone/ },
  { args: ['--names', 'nowhere.txt'], exit_code: 1, says: /list of names nowhere.txt cannot be read/ },
])('ingest $args stores nothing and says why', async ({ args, exit_code, says }) => {
  const database = join(home, `refused-${exit_code}.db`)
  const ended = await reverie(['ingest', transcript, ...args, '--db', database], { home })
  const { data } = await reverieJson(['sessions', '--db', database], { home })

  expect(ended.exit_code).toBe(exit_code)
  expect(ended.stderr.replace(/\s+/g, ' ')).toMatch(says)
  expect(data).toEqual([])
})

async function personIn(database: string, how: IngestChoice, file: string): Promise<string | null> {
  const engine = openEngine({ database: join(home, database) })
  await engine.ingest([file], how)
  const { data } = await engine.sessions()
  await engine.close()
  return data[0]!.person
}

/** One session for each text. */
function write(name: string, texts: string[], also: object = {}): string {
  const path = join(home, `${name}.jsonl`)
  const lines = texts.map((text, i) =>
    JSON.stringify({ id: `${name}-${i}`, user: EMAIL, steps: [{ role: 'user', text }], ...also }),
  )
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}
