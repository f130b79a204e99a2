import { expect, test } from 'vitest'
import { type ChainLine, liveLines } from '../../src/1-ingest/live-chain.ts'

/** `p2<p1` is a prompt after p1, `r2<p2:m1` a reply that is part of message m1, `t3<r2` a result, `o4<t3` another line. */
function lines(drawing: string): ChainLine[] {
  const kinds = { p: 'prompt', r: 'reply', t: 'answer', o: 'other' } as const
  return drawing.split(' ').map((it) => {
    const [, uuid, parent, message_id] = /^(\w+)(?:<(\w+))?(?::(\w+))?$/.exec(it)!
    const kind = kinds[uuid![0] as keyof typeof kinds]
    return { uuid: uuid!, parent: parent ?? null, kind, message_id: message_id ?? null }
  })
}

test.each([
  { rule: 'a straight chain is live', file: 'p1 r1<p1:m1 p2<r1 r2<p2:m2', rewound: '' },
  { rule: 'a prompt asked again', file: 'p1 r1<p1:m1 p2<r1 r2<p2:m2 p3<r1 r3<p3:m3', rewound: 'p2 r2' },
  { rule: 'a reply generated again', file: 'p1 r1<p1:m1 r2<p1:m2', rewound: 'r1' },
  { rule: 'the attempt in the middle of three', file: 'p1 r1<p1:m1 p2<r1 p3<r1 p4<r1', rewound: 'p2 p3' },
  {
    rule: 'parallel calls of one message, chained',
    file: 'p1 r1<p1:m1 r2<r1:m1 t1<r1 t2<r2 r3<t2:m2',
    rewound: '',
  },
  {
    rule: 'parallel calls of one message, side by side',
    file: 'p1 r1<p1:m1 r2<p1:m1 t1<r1 t2<r2 r3<t2:m2',
    rewound: '',
  },
  {
    rule: 'a conversation that goes on from another of the parallel results',
    file: 'p1 r1<p1:m1 r2<r1:m1 t1<r1 t2<r2 r3<t1:m2 r4<t2:m3',
    rewound: '',
  },
  {
    rule: 'results within a dead branch',
    file: 'p1 r1<p1:m1 p2<r1 r2<p2:m2 t2<r2 p3<r1',
    rewound: 'p2 r2 t2',
  },
  {
    rule: 'a copy of a message within a dead branch',
    file: 'p1 r1<p1:m1 p2<r1 r2<p2:m2 p3<r1 r3<p3:m2',
    rewound: 'p2 r2',
  },
  {
    rule: 'a prompt asked again behind a line of the harness',
    file: 'p1 r1<p1:m1 o1<r1 p2<o1 r2<p2:m2 p3<r1',
    rewound: 'p2 r2',
  },
  {
    rule: 'the first prompt asked again after a line of the harness',
    file: 'o1 p1<o1 r1<p1:m1 p2<o1',
    rewound: 'p1 r1',
  },
  { rule: 'lines of the harness beside the chain', file: 'p1 r1<p1:m1 o1<r1 o2<o1 p2<r1', rewound: '' },
  { rule: 'a parent that stands behind its child', file: 'r1<p1:m1 p1 p2<r1', rewound: '' },
  { rule: 'a parent that is not there', file: 'p1 r1<p1:m1 r2<gone:m1 p2<r2', rewound: '' },
  { rule: 'two beginnings', file: 'p1 r1<p1:m1 p2 r2<p2:m2', rewound: '' },
  { rule: 'a circle', file: 'p1<p3 p2<p1 p3<p2', rewound: '' },
  { rule: 'a line that follows on itself', file: 'p1<p1 p2<p1', rewound: '' },
])('$rule: rewound "$rewound"', ({ file, rewound }) => {
  const all = lines(file)
  const is_live = liveLines(all)
  expect(all.flatMap((it, i) => (is_live[i] ? [] : [it.uuid])).join(' ')).toBe(rewound)
})

test('a long conversation is followed to its beginning', () => {
  const chain = Array.from({ length: 200_000 }, (_, i): ChainLine => {
    return { uuid: `${i}`, parent: i === 0 ? null : `${i - 1}`, kind: 'prompt', message_id: null }
  })
  expect(liveLines(chain.toReversed())).not.toContain(false)
})
