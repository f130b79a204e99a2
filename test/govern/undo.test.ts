import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { listMemoryStores } from '../../src/db/memory-stores.ts'
import type { Change } from '../../src/domain/change.ts'
import { forgetSessions } from '../../src/erasure/forget-session.ts'
import { trust } from '../trusting.ts'
import { ANA, BO, type Desk, openDesk } from './desk.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

describe('undo', () => {
  test('takes an added memory away, by a new version, whatever happened to others since', async () => {
    const [ship] = await desk.live(await desk.night(['ship']))
    await desk.live(await desk.night(['pack']))
    await desk.write('/theirs.md', 'A person’s.\n')

    const { change, version } = await desk.engine.undo(ship!.id, {
      as: BO,
      reason: 'the new API needs no look',
    })

    expect(change).toMatchObject({
      id: ship!.id,
      status: 'undone',
      memory_version_id: ship!.memory_version_id,
    })
    expect(version).toMatchObject({ operation: 'deleted', path: ship!.path, created_by: BO })
    expect(Object.keys(await desk.standing())).toEqual(['/mistakes/get_pack-before-pack.md', '/theirs.md'])
    const { data } = await desk.engine.memoryHistory('desk', ship!.path)
    expect(data.map((it) => [it.operation, it.actor, it.reason])).toEqual([
      ['deleted', BO, `${ship!.id} was undone: the new API needs no look`],
      ['created', ANA, `${ship!.id} was adopted`],
    ])
    expect((await desk.engine.verifyAudit()).broken).toBeNull()
  })

  test('puts the text before back, with its author', async () => {
    const [ship] = await desk.live(await desk.night(['ship']))
    const before = await desk.standing()
    const [refreshed] = await desk.live(await desk.night(['ship'], 200))
    expect(refreshed).toMatchObject({ kind: 'refresh', path: ship!.path })
    expect(await desk.standing()).not.toEqual(before)

    const { version } = await desk.engine.undo(refreshed!.id, { as: BO })

    expect(await desk.standing()).toEqual(before)
    expect(version).toMatchObject({ operation: 'modified', created_by: `dream:${ship!.dream_id}` })
    // Taken back in turn, the first one leaves nothing.
    await desk.engine.undo(ship!.id, { as: BO })
    expect(await desk.standing()).toEqual({})
  })

  test('brings back what a change took away, with its author', async () => {
    const [ship] = await desk.live(await desk.night(['ship']))
    await desk.write('/copy.md', ship!.after!, `dream:${ship!.dream_id}`)
    const folded = (await desk.night()).find((it) => it.kind === 'merge')!
    await desk.live([folded])
    expect(Object.keys(await desk.standing())).toHaveLength(1)

    await desk.engine.undo(folded.id, { as: BO })
    const memory = await desk.engine.memory('desk', folded.path)
    expect(memory).toMatchObject({ content: folded.before, created_by: `dream:${ship!.dream_id}` })
    // And the same fold is not proposed again, nor is anything else.
    expect(await desk.night()).toEqual([])
  })

  test.each([
    {
      name: 'a later change',
      since: async () => desk.live(await desk.night(['ship'], 200)),
      says: /since chg_\w+ went live, by the change chg_\w+/,
      hint: /undo chg_\w+ first, or: `reverie memory remove/,
    },
    {
      name: 'a person who wrote over it',
      since: (ship: Change) => desk.write(ship.path, 'Mine.\n'),
      says: /was changed since chg_\w+ went live, by bo \(memver_/,
      hint: /^`reverie memory remove \/mistakes/,
    },
    {
      name: 'a person who took it away',
      since: (ship: Change) => desk.engine.removeMemory('desk', ship.path, { as: BO, reason: 'gone' }),
      says: /was taken away since chg_\w+ went live, by bo/,
      hint: /^nothing stands there now/,
    },
    {
      name: 'restoring the memory to another text',
      since: async (ship: Change) => {
        await desk.live(await desk.night(['ship'], 200))
        const [refreshed] = (await desk.engine.memoryHistory('desk', ship.path)).data
        await desk.write(ship.path, 'Mine.\n')
        await desk.engine.restoreMemory(refreshed!.id, { as: BO })
      },
      says: /went live, by bo \(memver_\w+: memver_\w+ was put back\)/,
      hint: /memory remove/,
    },
    {
      name: 'a person who wrote the same bytes',
      since: async (ship: Change) => {
        await desk.engine.removeMemory('desk', ship.path, { as: BO, reason: 'gone' })
        await desk.write(ship.path, ship.after!)
      },
      says: /was changed since chg_\w+ went live, by bo/,
      hint: /memory remove/,
    },
  ])('is refused after $name, and says whose work it would take back', async ({ since, says, hint }) => {
    const [ship] = await desk.live(await desk.night(['ship']))
    await since(ship!)
    const before = [await desk.standing(), (await desk.engine.verifyAudit()).records]

    await expect(desk.engine.undo(ship!.id, { as: ANA })).rejects.toMatchObject({
      type: 'conflict_error',
      message: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    })
    expect([await desk.standing(), (await desk.engine.verifyAudit()).records]).toEqual(before)
  })

  test('works again when the later change was taken back', async () => {
    const [ship] = await desk.live(await desk.night(['ship']))
    const [later] = await desk.live(await desk.night(['ship'], 200))
    await desk.engine.undo(later!.id, { as: ANA })
    await desk.engine.undo(ship!.id, { as: ANA })
    expect(await desk.standing()).toEqual({})
  })

  test.each([
    { status: 'undecided', make: async () => {}, says: 'is not live' },
    { status: 'approved', make: (it: Change) => desk.approve(it), says: 'is not live yet' },
    { status: 'rejected', make: (it: Change) => desk.reject(it), says: 'was rejected and never was live' },
    {
      status: 'undone',
      make: async (it: Change) => {
        await desk.live([it])
        await desk.engine.undo(it.id, { as: ANA })
      },
      says: 'was taken back already',
    },
  ])('of a change that is $status is refused', async ({ make, says }) => {
    const [ship] = await desk.night(['ship'])
    await make(ship!)
    await expect(desk.engine.undo(ship!.id, { as: ANA })).rejects.toMatchObject({
      type: 'conflict_error',
      message: `the change ${ship!.id} ${says}`,
    })
  })
})

describe('what was taken out of the memory does not come back', () => {
  const ways: { name: string; take: (it: Change) => Promise<unknown> }[] = [
    { name: 'undone', take: (it) => desk.engine.undo(it.id, { as: ANA, reason: 'wrong' }) },
    {
      name: 'removed',
      take: (it) => desk.engine.removeMemory('desk', it.path, { as: ANA, reason: 'wrong' }),
    },
    {
      name: 'removed by restoring the store',
      take: () => desk.engine.restoreStore('desk', { seq: 1 }, { as: ANA }),
    },
  ]

  test.each(ways)('$name: not with the next dream, nor with 50 more', async ({ take }) => {
    const [ship] = await shipAfterTheirs()
    await take(ship!)
    for (let i = 0; i < 51; i++) expect(await desk.night()).toEqual([])
    expect(await desk.night(['ship'], 10)).toEqual([])
    expect(Object.keys(await desk.standing())).toEqual(['/theirs.md'])
  })

  test.each(ways)('$name: nor after the sessions were forgotten and ingested again', async ({ take }) => {
    const [ship] = await shipAfterTheirs()
    await take(ship!)
    const db = openDatabase(desk.path)
    const [store] = await listMemoryStores(db)
    const sessions = await db.selectFrom('session').select('id').execute()
    await db.transaction().execute((tx) =>
      forgetSessions(
        tx,
        store!.id,
        sessions.map((it) => it.id),
      ),
    )
    await db.destroy()

    const changes = await desk.night(['pack'])
    expect(changes.map((it) => it.path)).toEqual(['/mistakes/get_pack-before-pack.md'])
    expect(await desk.night(['ship'])).toEqual([])
  })

  test.each(ways)(
    '$name: it is proposed again when twice as many sessions speak for it',
    async ({ take }) => {
      const [ship] = await shipAfterTheirs()
      await take(ship!)
      expect(await desk.night(['ship'], 30)).toEqual([])
      expect((await desk.night(['ship'], 60)).map((it) => it.path)).toEqual([ship!.path])
    },
  )

  test('and then a person decides, however far a policy trusts its dreams; what is let in again is trusted again', async () => {
    await trust(desk.engine)
    const [ship] = await desk.night(['ship'])
    await desk.engine.undo(ship!.id, { as: ANA })
    const [again] = await desk.night(['ship'], 90)
    expect(again).toMatchObject({
      path: ship!.path,
      status: 'undecided',
      verdict: 'hold',
      verdict_reason: 'people rejected it, or took it back, before',
    })
    await desk.live([again!])
    // The same of a refreshed text.
    const [refreshed] = await desk.night(['ship'], 60)
    await desk.engine.undo(refreshed!.id, { as: ANA })
    const [held] = await desk.night(['ship'], 240)
    expect(held).toMatchObject({ kind: 'refresh', status: 'undecided' })
    await desk.live([held!])
    expect(await desk.night(['ship'], 60)).toMatchObject([{ kind: 'refresh', status: 'adopted' }])
  })

  test('and a text that was refreshed is not refreshed again the same way', async () => {
    await desk.live(await desk.night(['ship']))
    const [refreshed] = await desk.live(await desk.night(['ship'], 200))
    await desk.engine.undo(refreshed!.id, { as: ANA })
    for (let i = 0; i < 5; i++) expect(await desk.night()).toEqual([])
  })

  test('what a person puts back is wanted again: it is refreshed like any other', async () => {
    await desk.live(await desk.night(['ship']))
    const [refreshed] = await desk.live(await desk.night(['ship'], 200))
    await desk.engine.undo(refreshed!.id, { as: ANA })
    await desk.engine.restoreMemory(refreshed!.memory_version_id!, { as: ANA })
    expect(await desk.night(['ship'], 30)).toMatchObject([{ kind: 'refresh', path: refreshed!.path }])
  })

  async function shipAfterTheirs(): Promise<Change[]> {
    const changes = await desk.night(['ship'])
    await desk.write('/theirs.md', 'A person’s.\n')
    return desk.live(changes)
  }
})
