import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { ANA, BO, type Desk, openDesk } from './desk.ts'

let desk: Desk
let change: Change
beforeEach(async () => {
  desk = await openDesk()
  const [proposed] = await desk.night(['ship'])
  change = proposed!
})
afterEach(() => desk.close())

const GUARD = 'Call `get_ship` before `ship`.'

test('a dream writes nothing to the live memory; what is approved is adopted to the byte, the index with it', async () => {
  expect(change).toMatchObject({ status: 'undecided', verdict: 'hold', operation: 'created' })
  expect(await desk.standing()).toEqual({})

  await desk.approve(change)
  expect(await desk.standing()).toEqual({})
  const report = await desk.engine.adopt({}, BO)

  expect(report).toMatchObject({ superseded: [], refused: [], known: [], undecided: 0, dry_run: false })
  expect(report.adopted.map((it) => [it.id, it.status])).toEqual([[change.id, 'adopted']])
  expect(await desk.standing()).toEqual({ [change.path]: change.after })
  expect(await history(change.path)).toEqual([
    ['created', `dream:${change.dream_id}`, BO, `${change.id} was adopted`, change.id],
  ])
  expect(await history('/_index.md')).toEqual([
    ['created', `dream:${change.dream_id}`, BO, 'the index follows the memories', null],
  ])
})

test('nothing approved: nothing happens, and how many wait is told', async () => {
  const records = (await desk.engine.verifyAudit()).records
  expect(await desk.engine.adopt({ dream: change.dream_id }, ANA)).toEqual({
    dry_run: false,
    adopted: [],
    superseded: [],
    refused: [],
    known: [],
    undecided: 1,
  })
  expect((await desk.engine.verifyAudit()).records).toBe(records)
})

test('a dry run tells the same, and nothing is written', async () => {
  await desk.approve(change)
  const records = (await desk.engine.verifyAudit()).records
  const dry = await desk.engine.adopt({ dry_run: true }, ANA)
  expect(dry.adopted.map((it) => it.id)).toEqual([change.id])
  expect(await desk.standing()).toEqual({})
  expect((await desk.engine.verifyAudit()).records).toBe(records)

  const real = await desk.engine.adopt({}, ANA)
  const without = ({ memory_version_id, ...it }: Change) => it
  expect(real.adopted.map(without)).toEqual(dry.adopted.map(without))
})

test('adopting again adopts nothing, and says that it is live', async () => {
  await desk.live([change])
  const again = await desk.engine.adopt({ changes: [change.id.slice(0, 14)] }, ANA)
  expect(again).toMatchObject({ adopted: [], known: [{ id: change.id }], refused: [] })
  expect(await history(change.path)).toHaveLength(1)
})

test.each([
  { name: 'undecided', before: async () => {} },
  { name: 'rejected', before: () => desk.reject(change) },
  { name: 'undone', before: () => liveAndUndone() },
])('a change that is named and is $name does not go live, and that is told', async ({ name, before }) => {
  await before()
  const { adopted, refused } = await desk.engine.adopt({ changes: [change.id] }, ANA)
  expect([adopted, refused]).toMatchObject([
    [],
    [{ why: `it is ${name}, and only what is approved goes live` }],
  ])
  expect(await desk.standing()).toEqual({})
})

describe('a memory that is not what it was', () => {
  test.each([
    {
      name: 'somebody wrote there first',
      theirs: 'Ship on Mondays only.\n',
      again: ['modified', 'Ship on Mondays only.\n'],
    },
    { name: 'somebody wrote the very same there', theirs: null, again: null },
  ])('$name: it stays as it is, and the change is put up again against it', async ({ theirs, again }) => {
    await desk.approve(change)
    const text = theirs ?? change.after!
    await desk.write(change.path, text)

    const report = await desk.engine.adopt({}, ANA)

    expect(report.adopted).toEqual([])
    expect(await desk.standing()).toEqual({ [change.path]: text })
    const [{ change: old, again: next }] = report.superseded as [(typeof report.superseded)[0]]
    expect(old).toMatchObject({ id: change.id, status: 'superseded' })
    expect(next && [next.operation, next.before]).toEqual(again)
    if (next === null) return
    // The person who decides sees the diff against what stands there now, and it is then written over.
    expect((await desk.engine.change(next.id)).diff).toContain('-Ship on Mondays only.')
    await desk.live([next])
    expect(await desk.standing()).toEqual({ [change.path]: change.after })
  })

  test('and an edit that is put up again stays the text of the person who typed it', async () => {
    await desk.approve(change, BO, `${GUARD}\n\nAlways.\n`)
    await desk.write(change.path, 'Ship on Mondays only.\n', ANA)
    const { superseded } = await desk.engine.adopt({}, ANA)
    await desk.live([superseded[0]!.again!], ANA)

    expect(await desk.standing()).toEqual({ [change.path]: `${GUARD}\n\nAlways.\n` })
    expect((await history(change.path))[0]!.slice(0, 3)).toEqual(['modified', BO, ANA])
  })
})

test('what a person edited is adopted as edited, is that person’s, and no dream touches it', async () => {
  await desk.approve(change, BO, 'Look before you ship.\n')
  await desk.engine.adopt({}, ANA)
  expect(await desk.standing()).toEqual({ [change.path]: 'Look before you ship.\n' })
  expect((await history(change.path))[0]!.slice(0, 3)).toEqual(['created', BO, ANA])

  // Nor does the lesson come back beside it while it stands, in the words that the person did not want.
  expect(await desk.night(['ship'], 30)).toEqual([])
  await desk.engine.removeMemory('desk', change.path, { as: ANA, reason: 'of no use' })
  expect(await desk.night()).toEqual([])
})

describe('the policy in force is asked again', () => {
  test('what it denies now does not go live, stays approved, and goes live when it is allowed again', async () => {
    await desk.approve(change)
    await policy('words: { deny: [get_ship] }')
    const { adopted, refused } = await desk.engine.adopt({}, ANA)
    expect([adopted, refused]).toMatchObject([
      [],
      [
        {
          why: 'the policy in force denies it: the policy refuses the word "get_ship"',
          change: { status: 'approved' },
        },
      ],
    ])
    expect(await desk.standing()).toEqual({})

    await policy('words: { deny: [something_else] }')
    expect((await desk.engine.adopt({}, ANA)).adopted).toHaveLength(1)
  })

  test('an edit is held to it as well', async () => {
    await desk.approve(change, ANA, 'Send it by pigeon.\n')
    await policy('words: { deny: [pigeon] }')
    expect((await desk.engine.adopt({}, ANA)).refused).toHaveLength(1)
  })

  test('since it is regulated, two people have to approve the same bytes', async () => {
    await desk.approve(change, ANA)
    await policy('regulated: true')
    expect((await desk.engine.adopt({}, ANA)).refused).toMatchObject([
      { why: 'the policy in force asks for 2 approvals of the same text, and it has 1' },
    ])
    await desk.approve(change, 'user:Ana ')
    expect((await desk.engine.adopt({}, ANA)).adopted).toEqual([])
    await desk.approve(change, BO)
    expect((await desk.engine.adopt({}, ANA)).adopted).toHaveLength(1)
  })

  test('in a regulated workspace nobody puts anything live alone, and everybody can take it back', async () => {
    const [live] = await desk.live([change])
    await policy('regulated: true')
    await expect(desk.write('/a.md', 'Mine.\n')).rejects.toMatchObject({ type: 'permission_error' })
    await expect(desk.engine.restoreMemory(live!.memory_version_id!, { as: ANA })).rejects.toMatchObject({
      type: 'permission_error',
    })
    await expect(desk.engine.restoreStore('desk', { seq: 1 }, { as: ANA })).rejects.toMatchObject({
      type: 'permission_error',
    })
    await desk.engine.undo(change.id, { as: ANA })
    expect(await desk.standing()).toEqual({})
  })
})

test('an index that a person wrote is left alone, and one that is taken away is made again', async () => {
  await desk.live([change])
  await desk.write('/_index.md', '# Read this\n')
  const [second] = await desk.night(['pack'])
  await desk.live([second!])
  expect((await desk.engine.memory('desk', '/_index.md')).content).toBe('# Read this\n')

  await desk.engine.removeMemory('desk', '/_index.md', { as: ANA, reason: 'let Reverie keep it' })
  expect(Object.keys(await desk.standing())).toEqual(['/mistakes/get_pack-before-pack.md', change.path])
})

async function liveAndUndone(): Promise<void> {
  await desk.live([change])
  await desk.engine.undo(change.id, { as: ANA })
}

async function policy(text: string): Promise<void> {
  await desk.engine.setPolicy({ file: 'policy.yaml', text: `format_version: 1\n${text}\n` }, ANA)
}

/** What was written, whose text it is, who acted, and why. */
async function history(path: string) {
  const { data } = await desk.engine.memoryHistory('desk', path)
  return data.map((it) => [it.operation, it.created_by, it.actor, it.reason, it.change_id])
}
