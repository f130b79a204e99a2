/** Who works, of those that have begun: never too many, never only one kind, and whoever comes back gets a place. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Places } from '../../src/jobs/places.ts'

const NEVER = new AbortController().signal
const KINDS = ['dream', 'webhook', 'sweep']

/** What a job does next: begin where there is a place, wait for somebody outside, come back, be canceled, or end. */
const move = fc.record({
  job: fc.nat(9),
  does: fc.constantFrom('begin', 'rest', 'come back', 'be canceled', 'end'),
})

test('no more work than there are places, one kind leaves one free, and all that come back go on when the others are through', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(move, { maxLength: 60 }), async (n, moves) => {
      const places = new Places(n)
      const working = new Set<number>()
      const away = new Set<number>()
      const coming = new Map<number, AbortController>()
      const kindOf = (job: number) => KINDS[job % KINDS.length]!
      const seat = (job: number) => ({ id: `${job}`, kind: kindOf(job) })
      const isRight = () => {
        expect(working.size).toBeLessThanOrEqual(n)
        for (const kind of KINDS) {
          const of_kind = [...working].filter((it) => kindOf(it) === kind)
          expect(of_kind.length).toBeLessThanOrEqual(Math.max(1, n - 1))
        }
      }
      const comeBack = (job: number) => {
        const control = new AbortController()
        coming.set(job, control)
        void places.takeAgain(seat(job), control.signal).then(
          () => {
            if (coming.delete(job)) working.add(job)
          },
          () => coming.delete(job),
        )
      }
      for (const { job, does } of moves) {
        if (does === 'begin' && ![working, away, coming].some((it) => it.has(job))) {
          if (!places.isFreeFor(kindOf(job))) continue
          places.take(seat(job))
          working.add(job)
        } else if (does === 'rest' && working.delete(job)) {
          away.add(job)
          places.leave(seat(job))
        } else if (does === 'come back' && away.delete(job)) comeBack(job)
        else if (does === 'be canceled') coming.get(job)?.abort(new Error('canceled'))
        else if (does === 'end' && working.delete(job)) places.leave(seat(job))
        await settled()
        isRight()
      }
      for (const job of away) comeBack(job)
      for (await settled(); working.size > 0; await settled()) {
        isRight()
        const [job] = [...working]
        working.delete(job!)
        places.leave(seat(job!))
      }
      expect([...coming.keys()]).toEqual([])
    }),
  )
})

test('who came back first goes on first, before what has not begun', async () => {
  const places = new Places(1)
  const went_on: string[] = []
  places.take({ id: 'at work', kind: 'dream' })
  for (const id of ['first', 'second'])
    void places.takeAgain({ id, kind: 'dream' }, NEVER).then(() => went_on.push(id))
  places.leave({ id: 'at work' })
  await settled()
  expect(went_on).toEqual(['first'])
  expect(places.isFreeFor('dream')).toBe(false)
  places.leave({ id: 'first' })
  await settled()
  expect(went_on).toEqual(['first', 'second'])
})

test('one that comes back and leaves again holds no place, and is not waited for', async () => {
  const places = new Places(1)
  places.take({ id: 'at work', kind: 'dream' })
  const back = places.takeAgain({ id: 'restless', kind: 'dream' }, NEVER)
  places.leave({ id: 'restless' })
  await back
  places.leave({ id: 'at work' })
  expect(places.isFreeFor('dream')).toBe(true)
})

test('a job that was canceled before it comes back gets the reason, and no place', async () => {
  const places = new Places(1)
  await expect(
    places.takeAgain({ id: 'a', kind: 'dream' }, AbortSignal.abort(new Error('canceled'))),
  ).rejects.toThrow('canceled')
  expect(places.isFreeFor('dream')).toBe(true)
})

async function settled(): Promise<void> {
  await new Promise(setImmediate)
}
