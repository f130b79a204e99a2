/** Which workers of this machine live, so that what a dead one held goes on at once. */
import { expect, test } from 'vitest'
import { isAlive, WORKER } from '../../src/engine/worker.ts'

test.each([
  { name: 'this process', worker: WORKER, lives: true },
  { name: 'a thread of this process', worker: `${WORKER}:3`, lives: true },
  { name: 'an earlier process of this number', worker: WORKER.replace(/:\w+$/, ':earlier'), lives: false },
  {
    name: 'a thread of an earlier process of this number',
    worker: WORKER.replace(/:\w+$/, ':earlier:3'),
    lives: false,
  },
  {
    name: 'a thread of another process',
    worker: WORKER.replace(/:\d+:\w+$/, ':99999999:other:3'),
    lives: false,
  },
  { name: 'another machine', worker: 'elsewhere:1:abc:1', lives: true },
])('of $name it is known whether it lives: $lives', ({ worker, lives }) => {
  expect(isAlive(worker)).toBe(lives)
})
