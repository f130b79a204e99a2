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
])('$text', ({ word, of, text, why }) => {
  expect(word({ ...finding, ...of }, [])).toMatchObject({ text, why })
})
