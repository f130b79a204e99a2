/** Two years of nights in which nothing new happens leave a store as it is. */
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'
import { trust } from '../trusting.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

test.each([
  { nights: 730, name: 'with changes waiting for a decision, and one for adoption', prepare: leaveWaiting },
  { nights: 100, name: 'with a policy that lets everything of Reverie’s own through', prepare: trustAll },
])(
  '$nights dreams over an unchanged store change nothing, $name',
  { timeout: 120_000 },
  async ({ nights, prepare }) => {
    await prepare()
    const before = leftIn(desk.path)
    const { records } = await desk.engine.verifyAudit()
    expect(before.version.length).toBeGreaterThan(2)

    for (let night = 0; night < nights; night++) expect(await desk.night()).toEqual([])

    expect(leftIn(desk.path)).toEqual(before)
    expect(await desk.engine.verifyAudit()).toMatchObject({ records: records + nights, broken: null })
  },
)

/** One lesson is live, a person's memory stands there, one lesson was undone, one is approved, one and a fold are undecided. */
async function leaveWaiting(): Promise<void> {
  const [ship, pack] = await desk.live(await desk.night(['pack', 'ship']))
  await desk.write('/theirs.md', 'Ship on Mondays only.\n')
  await desk.write('/copy.md', ship!.after!, `dream:${ship!.dream_id}`)
  await desk.engine.undo(pack!.id, { as: ANA })
  const [load] = await desk.night(['load', 'sort'])
  await desk.approve(load!)
  expect((await desk.engine.changes()).data).toHaveLength(3)
}

async function trustAll(): Promise<void> {
  await trust(desk.engine)
  const changes = await desk.night(['ship', 'pack', 'load'])
  expect(changes.map((it) => it.status)).toEqual(['adopted', 'adopted', 'adopted'])
}

/** The store to the byte: rows with their ids and times. */
function leftIn(path: string) {
  const sqlite = new DatabaseSync(path)
  const rows = (query: string) => sqlite.prepare(query).all()
  const left = {
    memory: rows('SELECT * FROM memory ORDER BY id'),
    version: rows('SELECT * FROM memory_version ORDER BY seq'),
    change: rows('SELECT * FROM change ORDER BY id'),
    decision: rows('SELECT * FROM decision ORDER BY seq'),
    tombstone: rows('SELECT * FROM tombstone ORDER BY seq'),
    pattern: rows('SELECT * FROM pattern ORDER BY id'),
  }
  sqlite.close()
  return left
}
