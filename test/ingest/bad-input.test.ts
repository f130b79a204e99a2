import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { readSession } from '../../src/db/sessions.ts'
import { textOf } from '../../src/domain/event.ts'
import { type IngestReport, ingest } from '../../src/ingest.ts'
import type { Measured } from './measured-ingest.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-bad-input-'))
chmodSync(scratch, 0o755)
afterAll(() => rmSync(scratch, { recursive: true }))
let folder: string
let db: Database
let tests = 0

beforeEach(() => {
  folder = join(scratch, `test-${++tests}`)
  mkdirSync(folder)
  db = openDatabase(join(folder, 'reverie.db'))
  return () => db.destroy()
})

const good = (id: string, text = `This is ${id}.`) =>
  JSON.stringify({
    id,
    agent: 'desk',
    steps: [
      { role: 'user', text },
      { role: 'assistant', text: 'Noted.' },
    ],
  })
const deep = (levels: number) => `${'[1,'.repeat(levels)}1${']'.repeat(levels)}`

describe('of a file that is partly or wholly no transcript, what can be read is kept, and the rest is told with its line', () => {
  test.each<{ name: string; bytes: string | Buffer; told: string[]; kept: string[] }>([
    { name: 'nothing', bytes: '', told: ['bad.jsonl: empty file'], kept: [] },
    { name: 'only blank lines', bytes: '\n\n \n', told: ['bad.jsonl: no entries in this file'], kept: [] },
    {
      name: 'a picture',
      bytes: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      told: ['bad.jsonl: binary file, not a transcript'],
      kept: [],
    },
    {
      name: 'a compressed transcript',
      bytes: Buffer.from('1f8b0800', 'hex'),
      told: ['bad.jsonl: compressed with gzip; unpack it first: gzip -d FILE'],
      kept: [],
    },
    {
      name: 'prose',
      bytes: 'Dear diary,\ntoday I learned.',
      told: ['bad.jsonl:1: not JSON', 'bad.jsonl:2: not JSON'],
      kept: [],
    },
    {
      name: 'JSON of something else',
      bytes: '{"colour":"blue"}\n{"colour":"red"}',
      told: [
        'bad.jsonl: not recognised as a transcript of claude-code, codex, managed-agents, openai-chat, steps; if it is one, say of which (--harness, or harness= over HTTP)',
      ],
      kept: [],
    },
    {
      name: 'bytes that are not UTF-8',
      bytes: Buffer.concat([
        Buffer.from(`${good('a')}\n`),
        Buffer.from(good('b', 'caf#')).map((it) => (it === 0x23 ? 0xe9 : it)),
      ]),
      told: ['bad.jsonl:2: not UTF-8; bytes that cannot be read are replaced here and further on'],
      kept: ['a', 'b'],
    },
    {
      name: 'a last line that is torn',
      bytes: `${good('a')}\n${good('b')}\n${good('c').slice(0, -20)}`,
      told: ['bad.jsonl:3: torn: a JSON value that does not end'],
      kept: ['a', 'b'],
    },
    {
      name: 'a torn line glued to a whole one',
      bytes: `${good('a')}\n${good('b').slice(0, 40)}${good('c')}\n${good('d')}`,
      told: ['bad.jsonl:2: torn: a JSON value that does not end'],
      kept: ['a', 'c', 'd'],
    },
    {
      name: 'two values on one line',
      bytes: `${good('a')}${good('b')}\n${good('c')}`,
      told: [],
      kept: ['a', 'b', 'c'],
    },
    {
      name: 'JSON that is 100,000 levels deep',
      bytes: `${good('a')}\n${deep(100_000)}\n${good('b')}`,
      told: ['bad.jsonl:2: JSON nested deeper than 1000 levels passed over'],
      kept: ['a', 'b'],
    },
    {
      name: 'a line of another shape',
      bytes: `${good('a')}\n{"id":"b","steps":[{"role":"wizard"}]}\n${good('c')}`,
      told: [
        'bad.jsonl:2: not a session in the steps format: steps[0].role: expected role to be user, assistant, tool, system or feedback',
      ],
      kept: ['a', 'c'],
    },
    {
      name: 'one session twice',
      bytes: `${good('a')}\n${good('a')}`,
      told: ['bad.jsonl:2: has the id of the session on line 1; what both say counts once'],
      kept: ['a'],
    },
    {
      name: 'two sessions of one id',
      bytes: `${good('a')}\n${good('a', 'This is another one.')}`,
      told: ['bad.jsonl:2: has the id of the session on line 1; what both say counts once'],
      kept: ['a', 'a'],
    },
    {
      name: 'times that run backwards',
      bytes: `{"id":"a","started_at":"2026-11-03T09:00:00Z","ended_at":"2026-11-02T09:00:00Z","steps":[{"role":"user","text":"Hello","ts":"2026-11-03T09:00:00Z"},{"role":"assistant","text":"Hi","ts":"2026-11-01T09:00:00Z"}]}`,
      told: ['bad.jsonl:1: ended_at is before started_at; both are kept as they are'],
      kept: ['a'],
    },
    {
      name: 'a number of problems that nobody would read',
      bytes: `${good('a')}\n${'oops\n'.repeat(500)}${good('b')}`,
      told: [
        ...Array.from({ length: 20 }, (_, i) => `bad.jsonl:${i + 2}: not JSON`),
        'bad.jsonl: 480 more problems in this file',
      ],
      kept: ['a', 'b'],
    },
  ])('$name', async ({ bytes, told, kept }) => {
    writeFileSync(join(folder, 'bad.jsonl'), bytes)
    writeFileSync(join(folder, 'good.jsonl'), good('good'))

    const report = await read('.')

    expect(problemsOf(report)).toEqual(told)
    expect(report.sessions_skipped).toBe(told.length)
    expect(await storedIds()).toEqual([...kept, 'good'])
  })
})

describe('a place that cannot be read is told, and the others are read', () => {
  test.each<{ name: string; make: () => void; paths: string[]; told: string[] }>([
    {
      name: 'a path with nothing there',
      make: () => {},
      paths: ['missing'],
      told: ['missing: nothing there; check the path'],
    },
    {
      name: 'links in circles',
      make: () => {
        symlinkSync(folder, join(folder, 'circle'))
        symlinkSync(join(folder, 'self.jsonl'), join(folder, 'self.jsonl'))
      },
      paths: ['.'],
      told: ['self.jsonl: a link that leads to itself; remove it'],
    },
    {
      name: 'a pipe that nobody writes into, named or found',
      make: () => void execFileSync('mkfifo', [join(folder, 'pipe.jsonl')]),
      paths: ['.', 'pipe.jsonl'],
      told: ['pipe.jsonl: a pipe or a device; write what it gives to a file, and ingest that'],
    },
    {
      name: 'a device that never ends',
      make: () => symlinkSync('/dev/zero', join(folder, 'zero.jsonl')),
      paths: ['.', 'zero.jsonl'],
      told: ['zero.jsonl: a pipe or a device; write what it gives to a file, and ingest that'],
    },
    {
      name: 'a folder and a file without rights',
      make: () => {
        mkdirSync(join(folder, 'locked'))
        writeFileSync(join(folder, 'locked/a.jsonl'), good('a'))
        writeFileSync(join(folder, 'secret.jsonl'), good('b'))
        chmodSync(join(folder, 'locked'), 0o000)
        chmodSync(join(folder, 'secret.jsonl'), 0o000)
      },
      paths: ['.'],
      told: [
        'locked: may not be read; run as its owner, or allow it with chmod u+rX',
        'secret.jsonl: may not be read; run as its owner, or allow it with chmod u+rX',
      ],
    },
  ])('$name', async ({ make, paths, told }) => {
    writeFileSync(join(folder, 'good.jsonl'), good('good'))
    make()

    const { report } = measured([...paths, 'good.jsonl'])

    expect(problemsOf(report)).toEqual(told)
    expect(await storedIds()).toEqual(['good'])
  })
})

test('a line of 200 MB is passed over in little memory, and the lines around it are kept', async () => {
  const file = openSync(join(folder, 'long.jsonl'), 'w')
  writeSync(file, `${good('a')}\n{"id":"long","steps":[{"role":"user","text":"${'and on '.repeat(200_000)}`)
  // A hole in the file reads as zeros and takes no room on the disk.
  writeSync(file, `"}]}\n${good('b')}\n`, 200 * 1024 * 1024)
  closeSync(file)

  const { report, peak_mb } = measured(['long.jsonl'])

  expect(problemsOf(report)).toEqual(['long.jsonl:2: line of 200 MB passed over; at most 32 MB are read'])
  expect(await storedIds()).toEqual(['a', 'b'])
  expect(peak_mb).toBeLessThan(500)
})

test('a byte that is not UTF-8 costs one character, not the text', async () => {
  writeFileSync(
    join(folder, 'a.jsonl'),
    Buffer.from(good('a', 'caf# au lait')).map((it) => (it === 0x23 ? 0xe9 : it)),
  )
  await read('a.jsonl')
  const [row] = await db.selectFrom('session').select('id').execute()
  expect(textOf((await readSession(db, row!.id))!.events[0]!)).toBe('caf\ufffd au lait')
})

test('on a full disk what was finished is kept, and the same command goes on when there is room', async () => {
  generateComplianceDesk(join(folder, 'desk'))
  await read('desk/week-01.jsonl')
  const before = await storedIds()
  const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(db)
  await sql`PRAGMA max_page_count = ${sql.lit(rows[0]!.page_count + 400)}`.execute(db)

  await expect(read('desk')).rejects.toMatchObject({
    type: 'database_error',
    message: expect.stringMatching(/reverie\.db cannot be used: database or disk is full/),
    hint: expect.stringMatching(/free some space and run the command again: what was finished is kept/),
  })
  const kept = await storedIds()
  expect(kept.slice(0, before.length)).toEqual(before)
  expect(kept.length).toBeLessThan(392)

  await sql`PRAGMA max_page_count = 1000000`.execute(db)
  const report = await read('desk')
  expect(report.sessions_new).toBe(392 - kept.length)
  expect(await storedIds()).toHaveLength(392)
})

async function read(...names: string[]): Promise<IngestReport> {
  const paths = names.map((it) => join(folder, it))
  return ingest(
    db,
    paths,
    { harness: 'auto', agent: null },
    () => new Date(),
    () => {},
  )
}

/** Reads in another process, which can be measured, can be stopped when it hangs, and is not root. */
function measured(names: string[]): Measured {
  const uid = process.getuid?.() === 0 ? '65534' : ''
  const script = join(import.meta.dirname, 'measured-ingest.ts')
  const paths = names.map((it) => join(folder, it))
  const output = execFileSync(process.execPath, [script, join(folder, 'reverie.db'), uid, ...paths], {
    timeout: 20_000,
  })
  return JSON.parse(output.toString())
}

/** `path:line: reason`, the path as seen from the folder. */
function problemsOf(report: IngestReport): string[] {
  return report.skipped.map(
    ({ path, line, reason }) =>
      `${path.slice(folder.length + 1)}${line === null ? '' : `:${line}`}: ${reason}`,
  )
}

async function storedIds(): Promise<string[]> {
  const rows = await db.selectFrom('session').select('external_session_id').orderBy('seq').execute()
  return rows.map((it) => it.external_session_id)
}
