import { expect, test } from 'vitest'
import { guard, shape, timing } from '../../src/3-mine/call-words.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import type { Words } from '../../src/3-mine/words.ts'

const finding: Finding = {
  published: true,
  kind: 'guard',
  class: 'mistake',
  channel: 'call',
  tier: 'process',
  context: 'call cancel',
  trait: '',
  better: null,
  effect: { exposed: [7, 35], unexposed: [1, 1322], odds_ratio: 200, low: 30, high: 900 },
  p: 0.001,
  q: 0.014,
  strength: 4,
  sessions: 35,
  sightings: [],
  lacks: null,
}

test.each<{
  word: (finding: Finding, evidence: []) => Words
  of: Partial<Finding>
  text: string
  why: string
}>([
  {
    word: guard,
    of: { trait: 'confirmed' },
    text: 'Let the user say yes before you call `cancel`.',
    why: 'Without it the first call failed in 7 of 35 sessions; with it in 1 of 1322.',
  },
  {
    word: timing,
    of: { trait: 'before the person answered' },
    text: "Do not call `cancel` on the user's first message alone: find out first what it needs.",
    why: 'Called before the user had answered anything, the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: timing,
    of: { trait: 'before the person said anything' },
    text: "Wait for the user's first message before you call `cancel`.",
    why: 'Called before that, the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: timing,
    of: { trait: 'after find failed' },
    text: 'Do not call `cancel` right after `find` failed: mend that first.',
    why: 'Right after a failed `find`, the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg items = an empty list', better: 'a list of 1' },
    text: 'When calling `cancel`, do not leave `items` empty.',
    why: 'With an empty list the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg order = digits', better: '#W<n>' },
    text: 'When calling `cancel`, give `order` as `#W<n>`, not as digits.',
    why: 'With digits the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg reason is other', better: 'no_longer_needed' },
    text: 'When calling `cancel`, give `reason` as `no_longer_needed`, not as `other`.',
    why: 'With `other` the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg range = <n>-<n>', better: 'a range of cells' },
    text: 'When calling `cancel`, give `range` as a range of cells, not as `<n>-<n>`.',
    why: 'With `<n>-<n>` the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg channel = one word', better: 'one word with #' },
    text: 'When calling `cancel`, give `channel` as one word with `#`, not as one word.',
    why: 'With one word the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg force = a boolean in quotes', better: 'false' },
    text: 'When calling `cancel`, give `force` as a boolean, not as a boolean in quotes.',
    why: 'With a boolean in quotes the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg force = true', better: 'false' },
    text: 'When calling `cancel`, give `force` as false, not as true.',
    why: 'With true the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
  {
    word: shape,
    of: { trait: 'arg count = digits', better: 'a whole number' },
    text: 'When calling `cancel`, give `count` as a whole number, not as digits in quotes.',
    why: 'With digits in quotes the first call failed in 7 of 35 sessions; otherwise in 1 of 1322.',
  },
])('$text', ({ word, of, text, why }) => {
  expect(word({ ...finding, ...of }, [])).toMatchObject({ text, why })
})

test.each([
  { better: 'a relative path', name: 'cancel path as a relative path' },
  { better: '#W<n>', name: 'cancel form of path' },
  { better: 'one word with #', name: 'cancel form of path' },
  { better: 'a number with a unit', name: 'cancel path as a number with a unit' },
  { better: 'a list of 2 or more', name: 'cancel path as a list of 2 or more' },
])('a lesson that $better is better is kept under the name $name', ({ better, name }) => {
  expect(shape({ ...finding, trait: 'arg path = one word', better }, []).name).toBe(name)
})
