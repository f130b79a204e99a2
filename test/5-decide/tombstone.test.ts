import { describe, expect, test } from 'vitest'
import { type Ground, isBuried } from '../../src/5-decide/tombstone.ts'
import type { Change } from '../../src/domain/change.ts'
import { keysOf, type Tombstone } from '../../src/domain/tombstone.ts'
import { change } from './changes.ts'

const ground: Ground = { sessions: 12, today: '2026-11-20', paths: new Set(['/by-hand.md']) }
const rejected = (of: Partial<Tombstone> = {}): Tombstone => ({
  change_id: 'chg_1',
  key: keysOf(change())[0]!,
  kind: 'add',
  cause: 'rejected',
  reason: 'not how we work',
  sessions: 12,
  until: null,
  covered_by: null,
  ...of,
})
const lesson = (words: string) => `---\nname: x\nsince: 2026-11-03\n---\n${words}\n\nWhy: it failed.\n`

describe('what was rejected', () => {
  test.each<
    [
      what: string,
      proposed: Partial<Change>,
      of: Partial<Tombstone>,
      now: Partial<Ground>,
      is_buried: boolean,
    ]
  >([
    ['does not come back', {}, {}, {}, true],
    ['does not come back with a little more evidence', {}, {}, { sessions: 23 }, true],
    ['comes back when its evidence has doubled', {}, {}, { sessions: 24 }, false],
    ['on no session at all comes back with two', {}, { sessions: 0 }, { sessions: 2 }, false],
    ['for a time stays away on the last day of it', {}, { until: '2026-11-20' }, {}, true],
    ['for a time comes back after it', {}, { until: '2026-11-19' }, {}, false],
    [
      'because another memory covers it stays away while that stands',
      {},
      { covered_by: '/by-hand.md' },
      {},
      true,
    ],
    [
      'because another memory covers it comes back when that is gone',
      {},
      { covered_by: '/gone.md' },
      {},
      false,
    ],
    ['as a new lesson may still be marked stale', { kind: 'stale' }, {}, {}, false],
    ['is another lesson', { pattern_ids: ['pat_2'] }, {}, {}, false],
  ])('%s', (_, proposed, of, now, is_buried) => {
    expect(isBuried(change(proposed), [rejected(of)], { ...ground, ...now })).toBe(is_buried)
  })

  test.each<[what: string, proposed: Partial<Change>, is_buried: boolean]>([
    [
      'does not come back from another pattern',
      { pattern_ids: ['pat_9'], after: lesson('Call `a` first.') },
      true,
    ],
    ['nor spaced and spelled otherwise', { pattern_ids: [], after: '  call   `A` FIRST.\n' }, true],
    ['but another sentence may', { pattern_ids: [], after: lesson('Call `b` first.') }, false],
  ])('by its words %s', (_, proposed, is_buried) => {
    const keys = keysOf(change({ pattern_ids: ['pat_1'], after: lesson('Call `a` first.') }))
    const tombstones = keys.map((key) => rejected({ key }))
    expect(isBuried(change(proposed), tombstones, ground)).toBe(is_buried)
  })

  // A lesson that is told, in the words of a model; two told together; an insight.
  const told = '---\nname: x\npattern: pat_1\n---\nCall `a` first.\n'
  const reworded = '---\nname: x\npattern: pat_1\nworded: 0a1b\n---\nBegin with `a`.\n'
  const merged = reworded.replace('worded', 'also: pat_2\nworded')
  const insight = merged.replace('pattern: pat_1\n', '').replace('pat_2', 'pat_1, pat_2')
  const both = ['pat_1', 'pat_2']
  test.each<[what: string, rejected: Partial<Change>, proposed: Partial<Change>, is_buried: boolean]>([
    ['do not come back', { before: told, after: reworded }, { before: told, after: reworded }, true],
    [
      'leave the lesson to its own',
      { before: told, after: reworded },
      { before: told, after: `${told}More.\n` },
      false,
    ],
    [
      'do not come back for the same lessons in other words',
      { before: told, after: merged, pattern_ids: both },
      { before: told, after: merged.replace('Begin', 'Start'), pattern_ids: ['pat_2', 'pat_1'] },
      true,
    ],
    [
      'of an insight leave each lesson as it is',
      { after: insight, pattern_ids: both },
      { after: told },
      false,
    ],
    ['of a new lesson take the lesson with them', { after: reworded }, { after: told }, true],
  ])('the words of a model %s', (_, not_wanted, proposed, is_buried) => {
    const tombstones = keysOf(change(not_wanted)).map((key) => rejected({ key }))
    expect(isBuried(change(proposed), tombstones, ground)).toBe(is_buried)
  })
})
