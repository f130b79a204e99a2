/** Measures and baselines over a real database: what was stored before there were measures, copies, and where a baseline ends. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MEASURER } from '../../src/7-measure/session-measures.ts'
import { openDatabase } from '../../src/db/database.ts'
import { readMeasures } from '../../src/db/session-measures.ts'
import { measuresOf } from '../../src/measure.ts'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

type Told = { id: string; task?: string; at?: string; went_well?: boolean; says?: string[]; text?: string }

/** Stores sessions in which the agent says some words, one message each. */
async function ingest(...sessions: Told[]): Promise<void> {
  const lines = sessions.map(({ id, task, at = '2026-03-02T09:00:00.000Z', went_well, says = [], text }) =>
    JSON.stringify({
      ...{ id, agent: 'helper', started_at: at },
      ...(task === undefined ? {} : { task_id: task }),
      ...(went_well === undefined ? {} : { outcome: { success: went_well } }),
      steps: [
        { role: 'user', text: text ?? `Please see to case ${id}.` },
        ...says.map((it) => ({ role: 'assistant', text: it })),
      ],
    }),
  )
  const file = join(desk.path, '..', `told-${sessions[0]!.id}-${says(sessions)}.jsonl`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  await desk.engine.ingest([file])
}

const says = (sessions: Told[]) => sessions.map((it) => it.says?.length ?? 0).join('-')

async function withDatabase<T>(work: (db: ReturnType<typeof openDatabase>) => Promise<T>): Promise<T> {
  const db = openDatabase(desk.path)
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

const idsOf = async () => (await desk.engine.sessions({ limit: 500 })).data.map((it) => it.id)
const stored = (ids: string[]) => withDatabase((db) => readMeasures(db, ids, MEASURER))
const measured = (ids: string[]) => withDatabase((db) => measuresOf(db, ids))

describe('the measures of a session', () => {
  test('are stored with it', async () => {
    await ingest({ id: 'a', says: ['three words here'] })

    expect([...(await stored(await idsOf())).values()]).toMatchObject([{ words: 3 }])
  })

  test.each([
    { name: 'came in before there were measures', sql: 'DELETE FROM session_measures' },
    { name: 'was measured by an older measurer', sql: 'UPDATE session_measures SET measurer = 0' },
  ])('are made, and remembered, when somebody asks, where it $name', async ({ sql }) => {
    await ingest({ id: 'a', says: ['three words here'] }, { id: 'b', says: ['two words'] })
    const ids = await idsOf()
    const before = await stored(ids)
    const file = new DatabaseSync(desk.path)
    file.exec(sql)
    file.close()

    expect((await stored(ids)).size).toBe(0)
    expect(await measured(ids)).toEqual(before)
    expect(await stored(ids)).toEqual(before)
  })

  test('of a copy are those of what is new in it, made when somebody asks', async () => {
    await ingest({ id: 'a', says: ['one', 'two', 'three words here', 'four', 'five'] })
    await ingest({ id: 'a', says: ['one', 'two', 'three words here', 'four', 'five', 'six more words'] })
    const ids = await idsOf()

    expect(ids).toHaveLength(2)
    expect((await stored(ids)).size).toBe(1)
    expect([...(await measured(ids)).values()].map((it) => it.words).sort()).toEqual([3, 7])
    expect((await stored(ids)).size).toBe(2)
  })

  test('are missing where its transcript was removed before, and stay where it was removed after', async () => {
    await ingest({ id: 'a', says: ['one'] }, { id: 'b', says: ['one', 'two'] })
    const ids = await idsOf()
    const a = (await desk.engine.session('a')).row.id
    const file = new DatabaseSync(desk.path)
    file.exec(`DELETE FROM session_measures WHERE session_id = '${a}'`)
    file.close()
    await desk.engine.setPolicy(
      { file: 'p.yaml', text: 'format_version: 1\nretention:\n  - transcripts: 60d\n' },
      ANA,
    )
    expect(await desk.engine.retain(false)).toMatchObject({ transcripts: 2 })

    expect([...(await measured(ids)).keys()]).toEqual(ids.filter((it) => it !== a))
    expect((await desk.engine.baseline()).data).toMatchObject([{ sessions: 2, unmeasured: 1 }])
  })
})

describe('a baseline', () => {
  test('is all that an agent did while no lesson is live, with what is unknown', async () => {
    await ingest({ id: 'a', went_well: true }, { id: 'b', went_well: false }, { id: 'c' })

    const [baseline] = (await desk.engine.baseline()).data

    expect(baseline).toMatchObject({
      ...{ agent: 'helper', intent: null, frozen_at: null, sessions: 3, verified: 2, unmeasured: 0 },
      first_at: '2026-03-02T09:00:00.000Z',
    })
    expect(baseline!.metrics[0]).toMatchObject({ metric: 'completion', known: 2, unknown: 1, value: 0.5 })
  })

  test('counts a session once that was stored as it grew, and once more when its outcome was known', async () => {
    const says = ['one', 'two', 'three words here', 'four', 'five', 'six more words']
    await ingest({ id: 'a', says: says.slice(0, 5) })
    await ingest({ id: 'a', says })
    await ingest({ id: 'a', says, went_well: true })

    const [grown] = (await desk.engine.baseline()).data
    expect(grown).toMatchObject({ sessions: 1, verified: 1, unmeasured: 0 })
    expect(grown!.metrics[0]).toMatchObject({ metric: 'completion', known: 1, value: 1 })
    expect([...(await measured(await idsOf())).values()].reduce((sum, it) => sum + it.words, 0)).toBe(10)
  })

  test('ends where the first lesson of its agent goes live', async () => {
    await desk.live(await desk.night(['ship']))
    await ingest({ id: 'a', at: '2027-03-02T09:00:00.000Z' })
    const late = join(desk.path, '..', 'late.jsonl')
    const line = { id: 'late', agent: 'desk', started_at: '2027-03-02T09:00:00.000Z' }
    writeFileSync(late, `${JSON.stringify({ ...line, steps: [{ role: 'user', text: 'Ship it.' }] })}\n`)
    await desk.engine.ingest([late])

    const { data } = await desk.engine.baseline()

    expect(data.map((it) => [it.agent, it.sessions, it.frozen_at?.slice(0, 10) ?? null])).toEqual([
      ['desk', 40, '2026-11-09'],
      ['helper', 1, null],
    ])
    expect((await desk.engine.sessions({ agent: 'desk' })).data).toHaveLength(41)
  })

  test('ends there as well where a person put that lesson in other words', async () => {
    const [change] = await desk.night(['ship'])
    await desk.write('/by-hand.md', 'A person’s, before.\n')
    expect((await desk.engine.baseline()).data[0]!.frozen_at).toBeNull()
    await desk.approve(change!, ANA, change!.after!.replace('\nWhy:', ' Always.\n\nWhy:'))
    await desk.engine.adopt({ changes: [change!.id] }, ANA)

    expect((await desk.engine.baseline()).data[0]!.frozen_at?.slice(0, 10)).toBe('2026-11-09')
  })

  test('is of the time that was asked for', async () => {
    await ingest({ id: 'a', at: '2026-03-01T09:00:00.000Z' }, { id: 'b', at: '2026-03-05T09:00:00.000Z' })
    const of = async (wanted: { since?: string; until?: string }) =>
      (await desk.engine.baseline(wanted)).data[0]!.sessions

    expect(await of({ since: '2026-03-02T00:00:00.000Z' })).toBe(1)
    expect(await of({ until: '2026-03-05T09:00:00.000Z' })).toBe(1)
    expect(await of({ since: '2026-03-02T00:00:00.000Z', until: '2026-03-03T00:00:00.000Z' })).toBe(0)
  })

  test('by intent has those of each, the most frequent first, like requests together', async () => {
    const refund = 'Please refund the order of this customer to the card'
    await ingest(
      { id: 'a', task: 'kyc' },
      { id: 'b', text: `${refund} 17` },
      { id: 'c', text: `${refund} 1845` },
    )

    const { data } = await desk.engine.baseline({ by_intent: true })

    expect(data.map((it) => [it.intent?.slice(0, 1) ?? null, it.sessions, it.example])).toEqual([
      [null, 3, null],
      ['~', 2, `${refund} 17`],
      ['k', 1, null],
    ])
  })

  test('of an agent that has no sessions there is none', async () => {
    await ingest({ id: 'a' })

    await expect(desk.engine.baseline({ agent: 'nobody' })).rejects.toMatchObject({
      type: 'not_found_error',
      hint: 'known are helper',
    })
  })
})
