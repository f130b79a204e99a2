import { expect, test } from 'vitest'
import type { Lots } from '../../src/6-recall/arm.ts'
import type { Candidate } from '../../src/6-recall/candidate.ts'
import { choose } from '../../src/6-recall/choose.ts'
import { deliver } from '../../src/6-recall/deliver.ts'
import { rankMemories } from '../../src/6-recall/rank.ts'
import { candidate, telling } from './candidates.ts'

const lesson = telling('one')
const merged = telling('both', {}, { also: ['pat_other'] })
const insight = candidate('insight', { also: ['pat_one', 'pat_other'] })
const note = candidate('note')

test.each<{ name: string; lots: Partial<Lots>; given: string[] }>([
  { name: 'nothing is held', lots: {}, given: ['both', 'insight', 'note', 'one'] },
  { name: 'its lesson is held', lots: { held: new Set(['pat_one']) }, given: ['both', 'note'] },
  {
    name: 'a lesson is held that it tells besides',
    lots: { held: new Set(['pat_other']) },
    given: ['note', 'one'],
  },
  { name: 'the session is control', lots: { arm: 'control', held: new Set() }, given: ['note'] },
])('a session is given what tells no lesson that is kept from it, when $name', ({ lots, given }) => {
  const { memories } = delivered([lesson, merged, insight, note], lots)
  const got = memories.filter((it) => it.given === 'delivered').map((it) => it.path)
  expect(got.sort()).toEqual(given)
})

test('what a session was told is every lesson of what it was given', () => {
  const { memories } = delivered([lesson, merged, insight, note], {})
  expect(Object.fromEntries(memories.map((it) => [it.path, it.pattern_ids]))).toEqual({
    one: ['pat_one'],
    both: ['pat_both', 'pat_other'],
    insight: ['pat_one', 'pat_other'],
    note: [],
  })
})

test('what was read out of lessons does not come before what people wrote', () => {
  const asked = { agents: ['desk'], agent: 'desk', person: null, task: null, sessions: 100 }
  const ranked = rankMemories([candidate('a', { also: ['pat_one'] }), note], asked)
  expect(ranked.map((it) => it.path)).toEqual(['note', 'a'])
})

function delivered(candidates: Candidate[], lots: Partial<Lots>) {
  const asked = { agents: ['desk'], agent: 'desk', person: null, task: null, sessions: 100 }
  const choice = choose(rankMemories(candidates, asked), 2_000, 0)
  return deliver(choice, { arm: 'treatment', held: new Set(), drawn: [], ...lots })
}
