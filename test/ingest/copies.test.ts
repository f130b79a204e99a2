import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { REVIEWER } from '../../src/2-review/review.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { readReviews, readSession } from '../../src/db/sessions.ts'
import { type IngestReport, ingest } from '../../src/ingest.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-copies-'))
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

describe('what is known adds nothing', () => {
  const fixtures = join(import.meta.dirname, '../fixtures')

  test.each([
    { name: 'transcripts of every harness', make: (to: string) => cpSync(fixtures, to, { recursive: true }) },
    { name: 'the sample workload', make: (to: string) => void generateComplianceDesk(to) },
  ])('$name, read again', async ({ make }) => {
    make(join(folder, 'in'))
    const first = await read('in')
    const stored = await content()

    const again = await read('in')

    expect(first.sessions_new).toBeGreaterThan(8)
    expect(again).toMatchObject({ sessions_new: 0, events: 0, redactions: {} })
    expect(again.sessions_known).toBe(first.sessions_new + first.sessions_known)
    expect(await content()).toEqual(stored)
  })

  test.each(harnesses())('a copy of a $name session under another id', async ({ write }) => {
    write('a.jsonl', { id: 'one', events: 9 })
    write('b.jsonl', { id: 'two', events: 9 })
    expect(await read('a.jsonl', 'b.jsonl')).toMatchObject({ sessions_new: 1, sessions_known: 1, events: 9 })
  })

  test('a session of which the beginning is read after the whole', async () => {
    steps('whole.jsonl', { id: 'run', events: 9 })
    steps('beginning.jsonl', { id: 'run', events: 4 })
    expect(await read('whole.jsonl', 'beginning.jsonl')).toMatchObject({ sessions_new: 1, sessions_known: 1 })
  })

  test('a session among a hundred that begin alike', async () => {
    const lines = Array.from({ length: 100 }, (_, i) =>
      stepsLine({ id: `run ${i}`, events: 4 + (i % 3), timed: false, beginning: 4, run: `run ${i}` }),
    )
    writeFileSync(join(folder, 'in.jsonl'), lines.join('\n'))
    const first = await read('in.jsonl')
    expect(await read('in.jsonl')).toMatchObject({
      sessions_new: 0,
      sessions_known: first.sessions_new + first.sessions_known,
    })
  })
})

describe.each(harnesses())('a $name session that has grown', ({ write }) => {
  test.each([1, 2, 3, 4, 5, 8, 9, 30])(
    'from %i events counts only what is new, and says what it continues',
    async (events) => {
      write('day-1.jsonl', { id: 'run', events })
      write('day-2.jsonl', { id: 'run', events: events + 7 })
      expect(await read('day-1.jsonl')).toMatchObject({ sessions_new: 1, events })

      expect(await read('day-2.jsonl')).toMatchObject({ sessions_new: 1, events: 7 })

      const [before, after] = await db.selectFrom('session').selectAll().orderBy('seq').execute()
      expect(before!.continues_session_id).toBeNull()
      expect(after).toMatchObject({ events: events + 7, continues_session_id: before!.id })
      expect(await read('day-1.jsonl', 'day-2.jsonl')).toMatchObject({ sessions_new: 0, sessions_known: 2 })
    },
  )
})

test('a failure that stands in a session and in nine resumed copies of it counts once', async () => {
  for (let copy = 0; copy < 10; copy++)
    claudeCode(`copy-${copy}.jsonl`, { id: `copy ${copy}`, events: 6 + copy })
  await read('.')
  expect(await occasions('call Export')).toEqual([1, 1])
})

test('two sessions of one task that go alike at different times are two sessions', async () => {
  steps('a.jsonl', { id: 'a', events: 9 })
  steps('b.jsonl', { id: 'b', events: 9, day: 4 })
  expect(await read('a.jsonl', 'b.jsonl')).toMatchObject({ sessions_new: 2 })
})

test('two sessions that greet alike in the same millisecond are two sessions', async () => {
  steps('a.jsonl', { id: 'a', events: 9, beginning: 1, run: 'a' })
  steps('b.jsonl', { id: 'b', events: 9, beginning: 1, run: 'b', tool: 'Import' })
  expect(await read('a.jsonl', 'b.jsonl')).toMatchObject({ sessions_new: 2, events: 18 })
})

describe('of sessions without times', () => {
  const untimed = { events: 9, timed: false } as const
  const long = { ...untimed, words: 1_200 }
  test.each<{ it: string; first: Partial<Given>; second: Partial<Given>; sessions: number }>([
    {
      it: 'short ones that are alike but have names of their own are two',
      first: { id: 'a' },
      second: { id: 'b' },
      sessions: 2,
    },
    {
      it: 'a long one under another name is a copy',
      first: { ...long, id: 'a' },
      second: { ...long, id: 'b' },
      sessions: 1,
    },
    {
      it: 'long ones that ended in different ways are two',
      first: { ...long, id: 'a', success: true },
      second: { ...long, id: 'b', success: false },
      sessions: 2,
    },
    {
      it: 'long ones of two agents are two',
      first: { ...long, id: 'a' },
      second: { ...long, id: 'b', agent: 'lab' },
      sessions: 2,
    },
    {
      it: 'one without a name is a copy of one that has one',
      first: { id: 'a' },
      second: { id: null },
      sessions: 1,
    },
    {
      it: 'one that begins as another and goes on under a name of its own is a second one',
      first: { id: 'a' },
      second: { id: 'b', events: 12 },
      sessions: 2,
    },
    {
      it: 'one that goes on under its name has grown',
      first: { id: 'a', success: false },
      second: { id: 'a', events: 12, success: true },
      sessions: 1,
    },
    { it: 'the number 0 is a name', first: { id: 0 }, second: { id: 1 }, sessions: 2 },
  ])('$it', async ({ first, second, sessions }) => {
    steps('a.jsonl', { id: 'a', ...untimed, ...first })
    steps('b.jsonl', { id: 'b', ...untimed, ...second })
    await read('a.jsonl', 'b.jsonl')
    const rows = await db.selectFrom('session').select('continues_session_id').execute()
    expect(rows.filter((it) => it.continues_session_id === null)).toHaveLength(sessions)

    // And the other way around, in which a beginning adds nothing to the whole.
    db = openDatabase(join(folder, 'other-way.db'))
    await read('b.jsonl', 'a.jsonl')
    expect(await db.selectFrom('session').select('id').execute()).toHaveLength(sessions)
    await db.destroy()
    db = openDatabase(join(folder, 'reverie.db'))
  })

  test('two hundred alike, each with its name and half of them failed, all count, in any order, and once', async () => {
    const lines = Array.from({ length: 200 }, (_, i) =>
      stepsLine({ ...untimed, id: `run ${i}`, success: i % 2 === 0 }),
    )
    writeFileSync(join(folder, 'failed-last.jsonl'), lines.toSorted().join('\n'))
    writeFileSync(join(folder, 'mixed.jsonl'), lines.toReversed().join('\n'))
    expect(await read('mixed.jsonl')).toMatchObject({ sessions_new: 200 })
    expect(await read('failed-last.jsonl', 'mixed.jsonl')).toMatchObject({
      sessions_new: 0,
      sessions_known: 400,
    })
    expect(await occasions('session')).toEqual([100, 200])
  })
})

test('a session that was read before it ended has its outcome counted once it has one', async () => {
  steps('day-1.jsonl', { id: 'run', events: 6 })
  await read('day-1.jsonl')
  expect(await occasions('session')).toEqual([0, 0])

  steps('day-2.jsonl', { id: 'run', events: 9, success: false })
  await read('day-2.jsonl')
  expect(await occasions('session')).toEqual([1, 1])

  steps('day-3.jsonl', { id: 'run', events: 11, success: false })
  await read('day-3.jsonl')
  expect(await occasions('session')).toEqual([1, 1])
})

test('a session whose outcome comes later, with nothing else new, has it counted once', async () => {
  steps('first.jsonl', { id: 'run', events: 9 })
  steps('verified.jsonl', { id: 'run', events: 9, success: false })
  await read('first.jsonl')

  expect(await read('verified.jsonl')).toMatchObject({
    sessions_new: 0,
    sessions_known: 1,
    outcomes_new: 1,
    events: 0,
  })

  expect(await occasions('session')).toEqual([1, 1])
  expect(await occasions('call Export')).toEqual([1, 1])
  const [before, after] = await db.selectFrom('session').selectAll().orderBy('seq').execute()
  expect(after).toMatchObject({ outcome_result: 'unsatisfied', continues_session_id: before!.id })
  expect(await readSession(db, after!.id)).toMatchObject({
    id: after!.id,
    outcome: { result: 'unsatisfied' },
  })
  expect(await read('verified.jsonl', 'first.jsonl')).toMatchObject({ sessions_known: 2, outcomes_new: 0 })
  // Nor again when a newer reviewer has not read it yet.
  await db
    .updateTable('review')
    .set({ reviewer: REVIEWER - 1 })
    .execute()
  expect(await read('verified.jsonl')).toMatchObject({ sessions_new: 0, sessions_known: 1, outcomes_new: 0 })
})

test('an entry that turns up in the middle of a known session is one more event, not an error', async () => {
  const lines = claudeCodeLines({ id: 'run', events: 6 })
  const hurt = lines.toSpliced(2, 2)
  writeFileSync(join(folder, 'hurt.jsonl'), hurt.join('\n'))
  writeFileSync(join(folder, 'whole.jsonl'), lines.join('\n'))
  await read('hurt.jsonl')
  const report = await read('whole.jsonl')
  expect(report.sessions_new + report.sessions_known).toBe(1)
})

test('the files may come in any order: every occasion is counted as often', async () => {
  generateComplianceDesk(join(folder, 'desk'))
  const weeks = Array.from({ length: 10 }, (_, i) => `desk/week-${String(i + 1).padStart(2, '0')}.jsonl`)
  for (const week of weeks) await read(week)
  const counted = await allOccasions()

  for (const order of [weeks.toReversed(), weeks.toSorted((a, b) => (turn(a) < turn(b) ? -1 : 1))]) {
    db = openDatabase(join(folder, `${order[0]!.slice(5)}.db`))
    for (const week of order) await read(week)
    expect(await allOccasions()).toEqual(counted)
    await db.destroy()
  }
  db = openDatabase(join(folder, 'reverie.db'))
})

/** Puts names into another order, the same every time. */
function turn(name: string): string {
  return [...name]
    .map((it) => String.fromCharCode((it.charCodeAt(0) * 7) % 64))
    .reverse()
    .join('')
}

type Given = {
  id: string | number | null
  events: number
  /** False: without times, as some harnesses write. */
  timed?: boolean
  day?: number
  success?: boolean
  /** So many events are the same in every run, the others are of this one. */
  beginning?: number
  run?: string
  tool?: string
  agent?: string
  /** Characters that the agent says at once. */
  words?: number
}

/** The ways a harness lets copies be recognised: by ids, by times, by contents alone. */
function harnesses(): { name: string; write: (file: string, given: Given) => void }[] {
  return [
    { name: 'claude-code', write: (file, given) => claudeCode(file, given) },
    { name: 'steps', write: (file, given) => steps(file, given) },
  ]
}

function steps(file: string, given: Given): void {
  writeFileSync(join(folder, file), stepsLine(given))
}

/** A session of the desk: a person asks, the export fails, and they talk about it. */
function stepsLine({
  id,
  events,
  timed = true,
  day = 3,
  success,
  beginning = events,
  run = '',
  tool = 'Export',
  agent = 'desk',
  words = 0,
}: Given): string {
  const all = Array.from({ length: events }, (_, i) => {
    const ts = timed ? `2026-11-0${day}T09:00:${String(i).padStart(2, '0')}Z` : null
    const text = `${i < beginning ? '' : run} word ${i}${i === 3 ? ' and more'.repeat(words / 9) : ''}`
    if (i === 1) return { role: 'assistant', calls: [{ id: 'c1', name: tool, args: { id: 17 } }], ts }
    if (i === 2) return { role: 'tool', call_id: 'c1', text: 'Error: no such table', error: true, ts }
    return { role: i % 2 === 0 ? 'user' : 'assistant', text, ts }
  })
  return JSON.stringify({
    id,
    agent,
    task_id: '17',
    outcome: { success: success ?? null },
    steps: all,
  })
}

function claudeCode(file: string, given: Given): void {
  writeFileSync(join(folder, file), claudeCodeLines(given).join('\n'))
}

function claudeCodeLines({ id, events }: Given): string[] {
  return Array.from({ length: events }, (_, i) => {
    const entry = {
      uuid: `uuid-${i}`,
      parentUuid: i === 0 ? null : `uuid-${i - 1}`,
      sessionId: id,
      cwd: '/home/ana/desk',
      version: '2.1.40',
      timestamp: `2026-11-03T09:00:${String(i).padStart(2, '0')}.000Z`,
    }
    const said = (content: unknown[]) => ({
      id: `msg-${i}`,
      role: 'assistant',
      model: 'claude-opus-4-5',
      content,
    })
    if (i === 1)
      return {
        ...entry,
        type: 'assistant',
        message: said([{ type: 'tool_use', id: 't1', name: 'Export', input: {} }]),
      }
    if (i === 2)
      return {
        ...entry,
        type: 'user',
        message: {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: 'Error: no such table', is_error: true },
          ],
        },
      }
    if (i % 2 === 0) return { ...entry, type: 'user', message: { role: 'user', content: `word ${i}` } }
    return { ...entry, type: 'assistant', message: said([{ type: 'text', text: `word ${i}` }]) }
  }).map((it) => JSON.stringify(it))
}

async function read(...names: string[]): Promise<IngestReport> {
  const paths = names.map((it) => join(folder, it))
  const clock = () => new Date('2026-11-09T03:00:00Z')
  return ingest(db, paths, { harness: 'auto', agent: null }, clock, () => {})
}

/** Everything that is stored. */
async function content(): Promise<unknown> {
  return {
    sessions: await db.selectFrom('session').selectAll().orderBy('seq').execute(),
    transcripts: await db.selectFrom('transcript').select('sha256').orderBy('sha256').execute(),
    fingerprints: await db.selectFrom('fingerprint').selectAll().execute(),
    reviews: await db.selectFrom('review').selectAll().orderBy('session_id').execute(),
  }
}

/** `[bad, n]` of every context, over all sessions. */
async function allOccasions(): Promise<Record<string, [number, number]>> {
  const ids = (await db.selectFrom('session').select('id').execute()).map((it) => it.id)
  const counts: Record<string, [number, number]> = {}
  for (const { observations } of (await readReviews(db, ids, REVIEWER)).values()) {
    for (const { context, bad } of observations) {
      counts[context] ??= [0, 0]
      counts[context][0] += Number(bad)
      counts[context][1]++
    }
  }
  return Object.fromEntries(Object.entries(counts).sort())
}

async function occasions(context: string): Promise<[number, number]> {
  return (await allOccasions())[context] ?? [0, 0]
}
