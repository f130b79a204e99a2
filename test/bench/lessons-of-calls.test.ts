/** The two measurements that read whole recordings, on recordings in which the answer is known. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { evidencePrecision } from '../../bench/lessons/evidence-precision.ts'
import { repairs } from '../../bench/lessons/repairs.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-recordings-'))
  process.env.REVERIE_DATA = folder
})
afterEach(() => {
  delete process.env.REVERIE_DATA
  rmSync(folder, { recursive: true })
})

type Call = { name: string; args: Record<string, unknown>; error?: string }

const asks = (order: string, error?: string): Call => ({
  name: 'find_order',
  args: { order },
  ...(error && { error }),
})
const gone = 'no such order'

describe('repairs', () => {
  test.each([
    {
      name: 'what mends an error everywhere is recommended everywhere, and is what was done',
      sessions: times(40, (i) => [asks(`${i}`, gone), asks(`#W${1000 + i}`)]),
      errors: 20,
      remedy: 1,
      equal: 1,
    },
    {
      name: 'an attempt in between belongs to the same error',
      sessions: times(40, (i) => [asks(`${i}`, gone), asks(`${i}`, gone), asks(`#W${1000 + i}`)]),
      errors: 20,
      remedy: 1,
      equal: 1,
    },
    {
      name: 'an error of one task is not known in the others',
      sessions: times(40, (i) => (i === 7 ? [asks('7', gone), asks('#W1007')] : [asks(`#W${1000 + i}`)])),
      errors: 0.6,
      remedy: 0,
      equal: 0,
    },
    {
      name: 'a remedy that was not what mended it is not equal',
      // In 60 tasks the same call again mends it, in 10 another number, and in 10 nobody tries anything.
      sessions: times(80, (i) => {
        const reaction = i % 8 === 0 ? [asks(`${900 + i}`)] : i % 8 === 4 ? [] : [asks(`${1 + i}`)]
        return [asks(`${1 + i}`, gone), ...reaction]
      }),
      errors: 40,
      remedy: 1,
      equal: 60 / 70,
    },
  ])('$name', async ({ sessions, errors, remedy, equal }) => {
    record(sessions.map((calls) => ({ calls })))
    const { bars, rows } = await repairs(20)
    expect(rows.at(-1)!['errors a split']).toBe(errors)
    expect(bars[0]!.value).toBeCloseTo(remedy, 1)
    expect(bars[1]!.value).toBeCloseTo(equal, 1)
  })

  test('is skipped, and says so, where nothing is recorded', async () => {
    expect((await repairs(1)).skipped).toMatch(/^no recording in /)
  })
})

describe('evidence precision', () => {
  const cancel = (order: string, error?: string): Call => ({
    name: 'cancel_order',
    args: { order },
    ...(error && { error }),
  })
  const look = (order: string): Call => ({ name: 'get_order', args: { order } })

  test.each([
    { name: 'calls that the solution has not are rightly shown as mistakes', solution: [], precision: 1 },
    { name: 'calls that the solution has are wrongly shown', solution: ['cancel_order'], precision: 0 },
  ])('$name', async ({ solution, precision }) => {
    record([
      ...times(20, (i) => ({
        calls: [cancel(`${i}`, 'not looked up')],
        solution: solution.map((name) => ({ name, args: { order: `${i}` } })),
      })),
      ...times(20, (i) => ({ calls: [look(`${20 + i}`), cancel(`${20 + i}`)], solution: [] })),
    ])
    const { bars } = await evidencePrecision()
    expect(bars.map((it) => it.value)).toEqual([precision])
  })

  test('is skipped, and says so, where no solution is recorded', async () => {
    record(times(20, (i) => ({ calls: [cancel(`${i}`)] })))
    expect((await evidencePrecision()).skipped).toMatch(/^no recording in /)
  })
})

/** Writes one session a task in the steps format, with a verified outcome. */
function record(sessions: { calls: Call[]; solution?: { name: string; args: object }[] }[]): void {
  const lines = sessions.map(({ calls, solution }, i) =>
    JSON.stringify({
      id: `session-${i}`,
      agent: 'desk',
      task_id: `task-${i}`,
      outcome: { success: i % 2 === 0 },
      ...(solution && { gold_actions: solution }),
      steps: [
        { role: 'user', text: `Please help with number ${i}.` },
        ...calls.flatMap(({ name, args, error }, j) => [
          { role: 'assistant', calls: [{ id: `c${j}`, name, args }] },
          { role: 'tool', call_id: `c${j}`, text: error ?? 'done', error: error !== undefined },
        ]),
      ],
    }),
  )
  writeFileSync(join(folder, 'desk.jsonl'), lines.join('\n'))
}

function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i))
}
