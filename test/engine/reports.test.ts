/** Reports over a real database: sessions that recalled, with lessons or by lot without, and what became of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Report } from '../../src/domain/report.ts'
import { reportPage } from '../../src/report/page.ts'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'

const SESSIONS = 300

let desk: Desk
let report: Report
/** By the lots that were drawn. */
const arms = { treatment: 0, control: 0 }

beforeAll(async () => {
  desk = await openDesk()
  await desk.live(await desk.night(['ship']))
  await desk.write('/by-hand.md', 'A person’s.\n')
  const lines: string[] = []
  for (let i = 0; i < SESSIONS; i++) {
    const { arm } = await desk.engine.recall(
      { agent: 'desk', session: `later-${i}`, task: `ship-${i % 5}` },
      ANA,
    )
    arms[arm!]++
    // With lessons one in ten fails, without them nine: however few draw control, it shows.
    const went_well = (i % 10 === 0) === (arm === 'control')
    lines.push(JSON.stringify(session(i, went_well)))
  }
  const file = join(desk.path, '..', 'later.jsonl')
  writeFileSync(file, lines.join('\n'))
  await desk.engine.ingest([file])
  await desk.night()
  report = await desk.engine.report({ from: '2026-11-02', to: '2026-12-20' })
}, 60_000)
afterAll(() => desk.close())

/** Ten a day from 2026-11-10 on. */
function session(i: number, went_well: boolean) {
  return {
    ...{ id: `later-${i}`, agent: 'desk', agent_version: 'v1', task_id: `ship-${i % 5}` },
    started_at: new Date(Date.UTC(2026, 10, 10 + Math.floor(i / 10), 9)).toISOString(),
    outcome: { success: went_well },
    steps: [{ role: 'user', text: `Please see to case later-${i}.` }],
  }
}

test('it is of the shape that is documented, and makes a page', () => {
  expect(Report.parse(report)).toEqual(report)
  expect(reportPage(report)).not.toMatch(/NaN|undefined|Infinity/)
})

test('it tells what was learned and what became of it', () => {
  const [{ dreams, digests }] = report.stores as [Report['stores'][number]]

  expect(dreams).toEqual({ ended: 2, failed: 0 })
  expect(report.stores[0]!.waiting).toEqual({ undecided: 0, approved: 0 })
  expect(report.stores[0]!.effect).toMatchObject({ draws_lots: true })
  expect(digests.at(-1)!.changes).toMatchObject([{ kind: 'add', status: 'adopted' }])
})

describe('the effect', () => {
  test('is of the sessions of both arms, by the week in which they began', () => {
    const { effect } = report.stores[0]!
    const known = effect!.arms.flatMap(({ treatment, control }) => [treatment, control])

    expect(effect!.step_days).toBe(7)
    expect(effect!.arms.map((it) => it.day)).toEqual([
      ...['2026-11-09', '2026-11-16', '2026-11-23', '2026-11-30', '2026-12-07'],
    ])
    expect(known.reduce((sum, it) => sum + it.sessions, 0)).toBe(SESSIONS)
    expect(effect!.arms.reduce((sum, it) => sum + it.control.sessions, 0)).toBe(arms.control)
  })

  test('was known better every day, and in the end as it is told now', () => {
    const { lift_by_day, lifts } = report.stores[0]!.effect!
    const known = lift_by_day.filter((it) => it.estimate !== null)
    const width = ({ low, high }: (typeof known)[number]) => high! - low!
    const completion = lifts.find((it) => it.metric === 'completion')!

    expect(lift_by_day).toHaveLength(SESSIONS / 10)
    expect(known.length).toBeGreaterThan(5)
    expect(width(known.at(-1)!)).toBeLessThan(width(known[0]!))
    expect(known.at(-1)).toMatchObject({
      ...{ sessions: SESSIONS, estimate: completion.estimate, low: completion.low, high: completion.high },
    })
    expect(completion.low).toBeGreaterThan(0)
  })

  test('of each lesson is told with its sentence', () => {
    expect(report.stores[0]!.lessons).toMatchObject([
      {
        lesson: expect.stringContaining('get_ship'),
        completion: { metric: 'completion' },
        recurrence: { metric: 'recurrence' },
      },
    ])
  })
})

test('the memory has the size that it has, on each day on which that changed', async () => {
  const { memory } = report.stores[0]!
  const { data } = await desk.engine.memories(undefined, { limit: 100 })
  const own = data.filter((it) => it.path !== '/_index.md')

  expect(memory).toMatchObject([
    { day: '2026-11-02', memories: 0, bytes: 0 },
    { day: '2026-11-09', memories: own.length },
    { day: '2026-12-20', bytes: own.reduce((sum, it) => sum + it.content_size_bytes, 0) },
  ])
})

test('what was recalled is counted, by day', () => {
  expect(report.stores[0]!.recalled).toMatchObject([
    { day: '2026-11-09', recalls: SESSIONS, tokens: expect.any(Number) },
  ])
})

describe('a report', () => {
  test('of another time tells nothing of this one', async () => {
    const { stores } = await desk.engine.report({ from: '2026-01-01', to: '2026-01-31' })

    expect(stores[0]).toMatchObject({
      ...{ dreams: { ended: 0, failed: 0 }, digests: [], memory: [], recalled: [] },
      effect: { arms: [], lift_by_day: [] },
    })
  })

  test('is over twelve weeks unless told', async () => {
    expect(await desk.engine.report()).toMatchObject({ from: '2026-08-18', to: '2026-11-09' })
    expect(await desk.engine.report({ to: '2026-12-20' })).toMatchObject({ from: '2026-09-28' })
  })

  test('says what is wrong with what was asked for', async () => {
    await expect(desk.engine.report({ from: '2026-12-01', to: '2026-11-01' })).rejects.toMatchObject({
      type: 'invalid_request_error',
      message: '2026-11-01 is before 2026-12-01',
    })
    await expect(desk.engine.report({ store: 'none' })).rejects.toMatchObject({ type: 'not_found_error' })
  })
})
