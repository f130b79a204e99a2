/** What sessions are given of a memory store: real lessons of a real dream, on disk. */
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutRecalled } from '../../src/1-ingest/recalled-memory.ts'
import { textOf } from '../../src/domain/event.ts'
import { openEngine, openWorkspaces, type Recalled, type RecallWanted } from '../../src/engine.ts'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'
import { events, say } from '../session-builder.ts'
import { sessionWanted } from '../session-wanted.ts'

let desk: Desk
/** Paths of the memories of both lessons. */
let refund: string
let invoice: string
const RULE = '/rules/tone.md'

beforeAll(async () => {
  desk = await openDesk()
  await desk.live(await desk.night(['refund', 'invoice']))
  await desk.write(RULE, 'Answer in the language of the customer.\n')
  const paths = Object.keys(await desk.standing())
  refund = paths.find((it) => it.includes('refund'))!
  invoice = paths.find((it) => it.includes('invoice'))!
})
afterAll(() => desk.close())

const recall = (wanted: RecallWanted = {}): Promise<Recalled> =>
  desk.engine.recall({ agent: 'desk', ...wanted }, ANA)
const pathsIn = (it: Recalled) => it.memories.map(({ path }) => path)

let keys = 0
/** Recalls of new sessions until one has drawn so. */
async function drawn(is: (it: Recalled) => boolean, wanted: RecallWanted = {}): Promise<Recalled> {
  for (let i = 0; i < 500; i++) {
    const it = await recall({ session: `drawn-${keys++}`, ...wanted })
    if (is(it)) return it
  }
  throw new Error('none of 500 sessions drew so')
}
const givenOf = (it: Recalled, path: string) => it.memories.find((one) => one.path === path)?.given

/** Edits the database as no request could, and puts it back. */
async function meanwhile(sql: string, back: string, work: () => Promise<void>): Promise<void> {
  const run = (text: string) => {
    const sqlite = new DatabaseSync(desk.path)
    sqlite.exec(text)
    sqlite.close()
  }
  run(sql)
  await work().finally(() => run(back))
}

describe('without a session', () => {
  test('everything is given: what people wrote, then the lessons, each whole, by the version that stands', async () => {
    const it = await recall()
    const standing = (await desk.engine.memories('desk')).data
    expect(pathsIn(it)).toEqual([RULE, ...[invoice, refund].sort()])
    for (const { path, memory_version_id, pattern_ids, given } of it.memories) {
      const memory = standing.find((one) => one.path === path)!
      expect(memory_version_id).toBe(memory.memory_version_id)
      expect(pattern_ids).toEqual(path === RULE ? [] : [/pattern: (\S+)/.exec(memory.content)![1]])
      expect(it.text).toContain(memory.content.split('\n---\n').at(-1)!.trim())
      expect(given).toBe('delivered')
    }
    expect(it).toMatchObject({
      agent: 'desk',
      arm: null,
      session_key: null,
      left_out: 0,
      budget_tokens: 2_000,
    })
    expect(it.text).toMatch(
      /^<reverie-memory>\n# What earlier sessions taught\n[\s\S]*\n<\/reverie-memory>\n$/,
    )
    expect(it.notes.join()).toContain('No session was named')
  })

  test('a budget is kept, and what did not fit is told in a line, or as a number', async () => {
    for (const budget_tokens of [0, 20, 60, 100, 150, 300]) {
      const it = await recall({ budget_tokens })
      expect(it.text.length).toBeLessThanOrEqual(4 * budget_tokens)
      expect(it.tokens).toBe(Math.ceil(it.text.length / 4))
      expect(it.memories.length + it.left_out).toBe(3)
    }
    const little = await recall({ budget_tokens: 110 })
    expect(little.text).toMatch(/- \/mistakes\/\S+: Call |- … and [12] more/)
  })

  test('the query says which lesson comes first', async () => {
    for (const [query, first] of [
      ['Please see to the refund.', refund],
      ['Send me the invoice!', invoice],
    ])
      expect(pathsIn(await recall({ query }))[1]).toBe(first)
  })

  test('so does the task, by where a lesson was seen', async () => {
    expect(pathsIn(await recall({ task: 'refund-1' }))[1]).toBe(refund)
    expect(pathsIn(await recall({ task: 'invoice-1' }))[1]).toBe(invoice)
  })
})

describe('the lots of a session', () => {
  test('are drawn once: however often it recalls, at once or later, from this process or another, the text is the same', async () => {
    const other = openEngine({ database: desk.path })
    const texts = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 === 0 ? desk.engine : other).recall({ agent: 'desk', session: 'again' }, ANA),
      ),
    )
    await other.close()
    expect(new Set(texts.map((it) => it.text)).size).toBe(1)
    const sqlite = new DatabaseSync(desk.path, { readOnly: true })
    const { lots, experiments } = sqlite
      .prepare(
        `SELECT count(*) AS lots, count(DISTINCT experiment_id) AS experiments
         FROM assignment JOIN recall ON recall.id = recall_id WHERE session_key = 'again'`,
      )
      .get() as { lots: number; experiments: number }
    sqlite.close()
    expect(lots).toBe(experiments)
    expect((await desk.engine.recalls({ session: 'again' })).data).toHaveLength(12)
  })

  test('stay, also where the policy has other shares by then', async () => {
    const before = await drawn((it) => it.arm === 'control')
    const policy = (control: number) => ({
      file: 'policy.yaml',
      text: `format_version: 1\nmeasuring: { memory_control: ${control} }\n`,
    })
    await desk.engine.setPolicy(policy(0.01), ANA)
    expect((await recall({ session: before.session_key! })).arm).toBe('control')
    await desk.engine.setPolicy(policy(0.1), ANA)
  })

  test('control is given what people wrote and no word of a lesson', async () => {
    const it = await drawn((one) => one.arm === 'control')
    expect([givenOf(it, RULE), givenOf(it, refund), givenOf(it, invoice)]).toEqual([
      'delivered',
      'held',
      'held',
    ])
    expect(it.text).toContain('Answer in the language of the customer.')
    expect(it.text).not.toMatch(/refund|invoice|more/)
  })

  test('a lesson that is held leaves its room empty, and nothing else changes', async () => {
    const it = await drawn(
      (one) =>
        one.arm === 'treatment' && givenOf(one, refund) === 'held' && givenOf(one, invoice) === 'delivered',
    )
    const all = await recall()
    const [before, after] = all.text.split(/## \S*refund\S*\n[\s\S]*?(?=## |<\/reverie)/)
    expect(it.text).toBe(`${before}${after}`)
    expect(pathsIn(it)).toEqual(pathsIn(all))
  })

  test('nor is a held lesson told of in a line', async () => {
    const is_line = (one: Recalled) => one.memories.some(({ path }) => path === refund)
    const budget_tokens = 110
    for (let i = 0; i < 30; i++) {
      const it = await recall({ session: `line-${i}`, budget_tokens, query: 'refund' })
      expect(is_line(it)).toBe(true)
      if (givenOf(it, refund) === 'held') expect(it.text).not.toContain('refund')
      else expect(it.text).toContain('refund')
    }
  })

  test('what fits a session does not depend on them', async () => {
    const wanted = { query: 'refund', budget_tokens: 150 }
    const [all, ...some] = await Promise.all(
      [undefined, ...Array.from({ length: 20 }, (_, i) => `fit-${i}`)].map((session) =>
        recall({ ...wanted, session }),
      ),
    )
    for (const it of some) expect(pathsIn(it)).toEqual(pathsIn(all!))
    expect(new Set(some.map((it) => it.text)).size).toBeGreaterThan(1)
  })

  test('about one session in ten draws control, and half of the others go without a lesson', async () => {
    const found = await Promise.all(Array.from({ length: 300 }, (_, i) => recall({ session: `share-${i}` })))
    const control = found.filter((it) => it.arm === 'control').length
    const held = found.filter((it) => it.arm === 'treatment' && givenOf(it, refund) === 'held').length
    // Four standard deviations of a binomial.
    expect(Math.abs(control - 30)).toBeLessThan(4 * Math.sqrt(300 * 0.1 * 0.9))
    expect(Math.abs(held - (300 - control) / 2)).toBeLessThan(4 * Math.sqrt((300 - control) / 4))
  })

  test('where no lesson fits, none is drawn', async () => {
    const it = await recall({ session: 'nothing', budget_tokens: 0 })
    expect([it.arm, it.memories, it.text]).toEqual([null, [], ''])
    expect((await desk.engine.recallById(it.id!)).memories).toEqual([])
  })
})

describe('never given is', () => {
  test.each(['stale', 'dormant', 'disputed', 'retired'])(
    'a lesson that is %s, even while its memory does not say so yet',
    async (status) => {
      const like = `content LIKE '%refund%'`
      await meanwhile(
        `UPDATE pattern SET status = '${status}' WHERE ${like}`,
        `UPDATE pattern SET status = 'probation' WHERE ${like}`,
        async () => {
          const it = await recall({ query: 'refund' })
          expect(pathsIn(it)).toEqual([RULE, invoice])
          expect(it.left_out).toBe(0)
        },
      )
    },
  )

  test("a memory for another person, which is that person's", async () => {
    const path = '/people/bo/short.md'
    await desk.write(
      path,
      '---\nname: short\nscope: { agent: desk, person: bo }\n---\nAnswer in one sentence.\n',
    )
    expect(pathsIn(await recall({ person: 'ana' }))).not.toContain(path)
    expect(pathsIn(await recall())).not.toContain(path)
    expect(pathsIn(await recall({ person: 'bo' }))).toContain(path)
    await desk.engine.removeMemory('desk', path, { as: ANA, reason: 'test' })
    expect(pathsIn(await recall({ person: 'bo', query: 'one sentence' }))).not.toContain(path)
  })

  test('anything of another workspace', async () => {
    const workspaces = openWorkspaces({ database: desk.path })
    await workspaces.create({ name: 'elsewhere' }, ANA)
    await workspaces.close()
    const elsewhere = openEngine({ database: desk.path, workspace: 'elsewhere' })
    await expect(elsewhere.recall({ agent: 'desk', query: 'refund' }, ANA)).rejects.toThrow(
      'there is no agent desk',
    )
    const store = await elsewhere.createStore({ name: 'desk', description: '', metadata: {} }, ANA)
    await elsewhere.createMemory(store.id, { path: '/a.md', content: 'Refund nothing.' }, ANA)
    expect(pathsIn(await elsewhere.recall({ store: 'desk', query: 'refund' }, ANA))).toEqual(['/a.md'])
    expect((await elsewhere.recalls()).data).toHaveLength(1)
    expect(pathsIn(await recall({ query: 'refund' }))).not.toContain('/a.md')
    await elsewhere.close()
  })
})

test('a lesson that the memory store does not know is what somebody wrote: no lot is drawn for it', async () => {
  for (const pattern of ['a regular expression', `pat_${'0'.repeat(24)}`]) {
    await desk.write('/imported.md', `---\nname: a\npattern: ${pattern}\n---\nCall a person first.\n`)
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, i) => recall({ session: `imported-${i}` })),
    )
    for (const it of found)
      expect(it.memories.find(({ path }) => path === '/imported.md')).toMatchObject({
        given: 'delivered',
        pattern_ids: [],
      })
  }
  await desk.engine.removeMemory('desk', '/imported.md', { as: ANA, reason: 'test' })
})

test('a memory that another contradicts is given with the mark that says so', async () => {
  const mark = 'Conflict: /rules/other.md says "Answer in English."'
  await desk.write(RULE, `${mark}\n\nAnswer in the language of the customer.\n`)
  expect((await recall()).text).toContain(
    `## ${RULE}\n\n${mark}\n\nAnswer in the language of the customer.\n`,
  )
  await desk.write(RULE, 'Answer in the language of the customer.\n')
})

describe('whose memory it is', () => {
  test('an agent that nobody has heard of is an error that says what to do', async () => {
    await expect(desk.engine.recall({ agent: 'dekc' }, ANA)).rejects.toMatchObject({
      type: 'not_found_error',
      message: 'there is no agent dekc',
      hint: expect.any(String),
    })
  })

  test('so is a memory store', async () => {
    await expect(recall({ store: 'nowhere' })).rejects.toMatchObject({
      type: 'not_found_error',
      hint: 'known are desk',
    })
  })

  test('an agent that has no memory store yet is given nothing, and a note says why', async () => {
    const { id } = await desk.engine.createSession({ ...sessionWanted, agent: newAgent('apprentice') }, ANA)
    const it = await desk.engine.recall({ agent: 'apprentice', session: id }, ANA)
    expect(it).toMatchObject({ id: null, memory_store_id: null, text: '', memories: [], arm: null })
    expect(it.notes).toEqual([expect.stringContaining('apprentice has no memory store yet')])
    expect((await desk.engine.recalls({ session: id })).data).toEqual([])
  })

  test('a session over the wire says which agent it is, and the memory store that it mounts is the one', async () => {
    const store = await desk.engine.createStore({ name: 'mounted', description: '', metadata: {} }, ANA)
    await desk.engine.createMemory(store.id, { path: '/mounted.md', content: 'Be brief.' }, ANA)
    const own = await desk.engine.createSession(
      { ...sessionWanted, agent: newAgent('desk'), metadata: { external_id: 'ticket-7' } },
      ANA,
    )
    const mounts = (ids: string[]) =>
      ids.map((memory_store_id) => ({
        type: 'memory_store' as const,
        memory_store_id,
        access: 'read_only' as const,
        instructions: null,
      }))
    const { id: desk_store } = await desk.engine.memoryStore('desk')
    const other = await desk.engine.createSession(
      { ...sessionWanted, agent: newAgent('desk'), resources: mounts([store.id]) },
      ANA,
    )
    const both = await desk.engine.createSession(
      { ...sessionWanted, agent: newAgent('desk'), resources: mounts([store.id, desk_store]) },
      ANA,
    )
    const of = (session: string) => desk.engine.recall({ session }, ANA)
    expect(await of(own.id)).toMatchObject({
      agent: 'desk',
      memory_store_id: desk_store,
      session_key: own.id,
    })
    expect(await of('ticket-7')).toMatchObject({ agent: 'desk', session_key: own.id })
    expect(pathsIn(await of(other.id))).toEqual(['/mounted.md'])
    const several = await of(both.id)
    expect(several.memory_store_id).toBe(desk_store)
    expect(several.notes.join()).toContain(`mounted (${store.id})`)
    await desk.engine.archiveStore(store.id, ANA)
  })

  test('the control of another agent is given nothing', async () => {
    const { id } = await desk.engine.createSession({ ...sessionWanted, agent: newAgent('control-desk') }, ANA)
    await desk.engine.sendEvents(id, [
      { type: 'user.message', content: [{ type: 'text', text: 'Please see to case 1.' }] },
    ])
    await desk.engine.settle()
    const experiment = await desk.engine.startExperiment(
      { store: 'desk', control_agent: 'control-desk' },
      ANA,
    )
    const it = await desk.engine.recall({ agent: 'control-desk', store: 'desk', session: 'c-1' }, ANA)
    expect(it).toMatchObject({ text: '', memories: [], arm: null, left_out: 0 })
    expect(it.notes).toEqual(['This agent is the control of another one, so it is given no memory.'])
    await desk.engine.endExperiment(experiment.id, { reason: 'test' }, ANA)
  })

  const newAgent = (id: string) => ({ id, version: null, overrides: {} })
})

test.each<[what: string, wanted: RecallWanted]>([
  ['a budget below nothing', { budget_tokens: -1 }],
  ['half a token', { budget_tokens: 0.5 }],
  ['more than there can be', { budget_tokens: 100_001 }],
  ['a session without a name', { session: ' ' }],
  ['a session whose name moves the cursor', { session: 'a\u001b[2J' }],
  ['a task as long as a book', { task: 'x'.repeat(501) }],
])('%s is refused', async (_, wanted) => {
  await expect(recall(wanted)).rejects.toMatchObject({ type: 'invalid_request_error' })
})

describe('what was given is known afterwards', () => {
  test('as it was given, also when the memory has changed since', async () => {
    const it = await recall({ session: 'kept', task: 'refund-1', person: 'ana' })
    await desk.write(RULE, 'Answer in English.\n')
    await desk.write(RULE, 'Answer in the language of the customer.\n')
    const { text, notes, left_out, memories, ...recalled } = it
    expect(await desk.engine.recallById(it.id!.slice(0, 12))).toEqual({
      ...recalled,
      memories: memories.map(({ tokens, ...memory }) => memory),
      ...{ task: 'refund-1', person: 'ana', created_by: ANA },
    })
  })

  test('page by page, by agent, store and session', async () => {
    const first = await desk.engine.recalls({ limit: 2 })
    const second = await desk.engine.recalls({ limit: 2, page: first.next_page })
    const ids = [...first.data, ...second.data].map((it) => it.id)
    expect(new Set(ids).size).toBe(4)
    expect((await desk.engine.recalls({ limit: 4 })).data.map((it) => it.id)).toEqual(ids)
    expect((await desk.engine.recalls({ agent: 'nobody' })).data).toEqual([])
    expect((await desk.engine.recalls({ store: 'desk', session: 'kept' })).data).toHaveLength(1)
  })

  test('with the session, by whatever name it was known before', async () => {
    const { external_session_id, id } = (await desk.engine.sessions({ agent: 'desk', limit: 1 })).data[0]!
    const it = await recall({ session: external_session_id })
    expect((await desk.engine.session(id)).recalls.map((one) => one.id)).toEqual([it.id])
    expect((await desk.engine.recalls({ session: id })).data.map((one) => one.id)).toEqual([it.id])
  })
})

test('in a transcript it is read as memory, and not as what a person said', async () => {
  const { text } = await recall()
  const read = withoutRecalled({ events: events(say(`${text}\nPlease see to case 9.`)) }).events
  expect(read.map((it) => [it.type, textOf(it)])).toEqual([
    ['system.message', text.trim()],
    ['user.message', 'Please see to case 9.'],
  ])
})
