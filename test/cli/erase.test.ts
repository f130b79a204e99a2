/** Erasing and keeping for a time at the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { marked, ordinary } from '../erasure/marked-sessions.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-cli-erase-'))
afterAll(() => rmSync(home, { recursive: true }))

const world = { home, env: { REVERIE_DB: join(home, 'erase.db'), USER: 'ana' } }
const run = (...args: string[]) => reverie(args, world)
const json = (...args: string[]) => reverieJson(args, world)

beforeAll(async () => {
  writeFileSync(join(home, 'sessions.jsonl'), [...ordinary(30), ...marked(30, 60)].join('\n'))
  await json('ingest', 'sessions.jsonl', '--harness', 'steps')
  await json('dream')
}, 60_000)

test.each([
  { name: 'what to erase', args: ['--yes'], message: /one of --session, --user and --before/ },
  { name: 'only one thing', args: ['--user', 'ana', '--before', '30d', '--yes'], message: /one of/ },
  { name: 'whether to do it', args: ['--user', 'ana'], message: /cannot be undone/ },
  { name: 'not both', args: ['--user', 'ana', '--dry-run', '--yes'], message: /cannot be undone/ },
  { name: 'an id without an agent', args: ['--session', 'x', '--agent', 'y', '--yes'], message: /by its id/ },
  { name: 'a session that is there', args: ['--session', 'nobody', '--yes'], message: /no session nobody/ },
])('erase asks for $name', async ({ args, message }) => {
  const { stdout, exit_code } = await run('erase', ...args, '--json')
  expect(exit_code).toBe(1)
  expect(shapes.Failure.parse(JSON.parse(stdout)).error.message).toMatch(message)
})

test('a dry run shows what would go; --yes removes it; a second time there is nothing', async () => {
  const dry = await run('erase', '--user', 'qzxperson', '--dry-run')
  expect(dry.stdout).toMatch(/^Would erase 30 sessions, [\d.]+ kB of transcript\.\n/)
  expect(dry.stdout).toMatch(
    /\ndesk: had dreamed of 30 of them; \d+ lessons? holds? without them, \d would not;/,
  )

  const erased = shapes.Erased.parse(
    await json('erase', '--user', 'qzxperson', '--yes', '--as', 'ana', '--reason', 'asked'),
  )
  expect(erased).toMatchObject({ dry_run: false, sessions: 30, bytes_left: false })
  expect((await run('erase', '--user', 'qzxperson', '--yes')).stdout).toMatch(/^There is nothing to erase/)
  const { data } = await json('audit', '--limit', '1')
  expect(data[0]).toMatchObject({ action: 'sessions.erased', actor: 'user:ana' })
  expect(data[0].reason).toMatch(/^30 sessions, .*: asked$/)
})

test('what was erased is refused by ingest, in words, and stored with --again', async () => {
  const again = shapes.Ingest.parse(await json('ingest', 'sessions.jsonl', '--harness', 'steps'))
  expect(again).toMatchObject({ sessions_new: 0, sessions_known: 30, sessions_skipped: 30 })
  const stored = await json('ingest', 'sessions.jsonl', '--harness', 'steps', '--again')
  expect(shapes.Ingest.parse(stored)).toMatchObject({ sessions_new: 30, sessions_skipped: 0 })
})

test('erase --finish clears up alone', async () => {
  expect(shapes.ErasureFinished.parse(await json('erase', '--finish'))).toEqual({ bytes_left: false })
  expect((await run('erase', '--finish')).stdout).toBe('No byte of what was erased is in the files.\n')
  expect((await run('erase', '--finish', '--user', 'ana')).exit_code).toBe(1)
})

test('retention run does what the policy says, and the rest says that it was done', async () => {
  writeFileSync(join(home, 'policy.yaml'), 'format_version: 1\nretention:\n  - transcripts: 1d\n')
  await json('policy', 'set', 'policy.yaml')

  expect(shapes.Retained.parse(await json('retention', 'run', '--dry-run'))).toMatchObject({
    transcripts: 60,
  })
  expect((await run('retention')).stdout).toMatch(
    /^No session is due to go\.\nRemoved 60 transcripts, [\d.]+ kB; what was counted and learned stays\.\n$/,
  )
  const shown = shapes.OneSession.parse(await json('sessions', 'show', 'ordinary-1'))
  expect(shown).toMatchObject({ events: [], session: { outcome: null } })
  expect((await run('sessions', 'show', 'ordinary-1')).stdout).toMatch(
    /Its transcript was removed by retention on \d{4}-\d\d-\d\d; what was counted of it stays\.\n$/,
  )
  const { data: lessons } = await json('lessons')
  const evidence = shapes.EvidenceOfLesson.parse(await json('evidence', lessons[0].id))
  expect(evidence.transcripts_removed.length).toBeGreaterThan(0)
  expect((await run('evidence', lessons[0].id)).stdout).toMatch(/: transcript removed by retention on \d{4}/)
})
