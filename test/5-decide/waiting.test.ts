import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { besideWaiting } from '../../src/5-decide/waiting.ts'
import type { Change } from '../../src/domain/change.ts'
import { change } from './changes.ts'

const proposed = (of: Partial<Change> = {}) => change({ id: 'chg_new', ...of })
const ids = (changes: Change[]) => changes.map((it) => it.id)

describe('beside what waits', () => {
  test.each<{ what: string; tonight: Change[]; waiting: Change[]; fresh: string[]; superseded: string[] }>([
    {
      what: 'nothing, a proposal is new',
      tonight: [proposed()],
      waiting: [],
      fresh: ['chg_new'],
      superseded: [],
    },
    {
      what: 'the same edit, nobody is asked again',
      tonight: [proposed()],
      waiting: [change()],
      fresh: [],
      superseded: [],
    },
    {
      what: 'the same lesson with older numbers, the newer one takes its place',
      tonight: [proposed({ after: 'newer' })],
      waiting: [change({ after: 'older' })],
      fresh: ['chg_new'],
      superseded: ['chg_1'],
    },
    {
      what: 'an edit of a text that is no longer there, the edit of the present one takes its place',
      tonight: [proposed({ kind: 'refresh', before: 'as it is' })],
      waiting: [change({ kind: 'refresh', before: 'as it was' })],
      fresh: ['chg_new'],
      superseded: ['chg_1'],
    },
    {
      what: 'an approved change, that memory is left alone until the change is adopted',
      tonight: [proposed({ after: 'newer' })],
      waiting: [change({ status: 'approved' })],
      fresh: [],
      superseded: [],
    },
    {
      what: 'a lesson that no longer holds, the lesson is withdrawn',
      tonight: [],
      waiting: [change()],
      fresh: [],
      superseded: ['chg_1'],
    },
    {
      what: 'an approved lesson that no longer holds, the word of the person stays',
      tonight: [],
      waiting: [change({ status: 'approved' })],
      fresh: [],
      superseded: [],
    },
    {
      what: 'a question, which is asked once, it keeps waiting',
      tonight: [],
      waiting: [
        change({ kind: 'conflict' }),
        change({ id: 'chg_2', kind: 'merge', before: 'x', after: null, path: '/b.md' }),
      ],
      fresh: [],
      superseded: [],
    },
    {
      what: 'a question about a memory that is asked otherwise now, the newer question takes its place',
      tonight: [proposed({ kind: 'conflict', after: 'other mark' })],
      waiting: [change({ kind: 'conflict' })],
      fresh: ['chg_new'],
      superseded: ['chg_1'],
    },
  ])('$what', ({ tonight, waiting, fresh, superseded }) => {
    const result = besideWaiting(tonight, waiting)
    expect(ids(result.fresh)).toEqual(fresh)
    expect(ids(result.superseded)).toEqual(superseded)
  })

  test('whatever was proposed tonight is not new tomorrow, and nothing of it is withdrawn', () => {
    const edit = fc.record({
      path: fc.constantFrom('/a.md', '/b.md', '/c.md'),
      kind: fc.constantFrom<Change['kind']>('add', 'refresh', 'stale', 'merge', 'conflict'),
      after: fc.constantFrom('x', 'y', null),
    })
    const edits = fc.uniqueArray(edit, { selector: (it) => it.path })
    fc.assert(
      fc.property(edits, edits, (earlier, tonight) => {
        const waiting = earlier.map((it, i) => change({ ...it, id: `chg_old${i}` }))
        const proposals = tonight.map((it, i) => change({ ...it, id: `chg_new${i}` }))
        const { fresh, superseded } = besideWaiting(proposals, waiting)
        const then = [...waiting.filter((it) => !superseded.includes(it)), ...fresh]
        expect(besideWaiting(proposals, then)).toEqual({ fresh: [], superseded: [] })
        expect(new Set(then.map((it) => it.path)).size).toBe(then.length)
      }),
    )
  })
})
