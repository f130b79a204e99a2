/** What went wrong in other engines that maintain the memory of agents, each as a test that it does not here. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitingChanges } from '../../src/db/changes.ts'
import { openDatabase } from '../../src/db/database.ts'
import { listMemoryStores } from '../../src/db/memory-stores.ts'
import { AS_USUAL, dream } from '../../src/dream.ts'
import { openEngine } from '../../src/engine.ts'
import { adopt } from '../../src/govern/adopt.ts'
import { onStatement } from '../db/on-statement.ts'
import { trust } from '../trusting.ts'
import { ANA, BO, type Desk, openDesk } from './desk.ts'

const OURS = 'dream:drm_000000000000000000000000'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
  await desk.engine.ingest([desk.sessionFile(['greet'], 2)])
  await desk.engine.dream()
})
afterEach(() => desk.close())

describe('memories disappear', () => {
  test.each([
    { policy: 'the default', set: async () => {} },
    { policy: 'one that trusts its dreams', set: () => trust(desk.engine) },
    { policy: 'one that allows everything', set: () => policy('rules: [{ verdict: allow }]') },
  ])(
    'of 171 files, 7 were left after a night: under $policy all 171 stand, and a person is asked',
    async ({ set }) => {
      await set()
      const notes = Array.from(
        { length: 171 },
        (_, i) => [`/notes/${i}.md`, NOTES[i % NOTES.length]!(i)] as const,
      )
      await writeAll(Object.fromEntries(notes))
      const before = await desk.standing()

      const changes = await desk.night()

      expect(changes.filter((it) => it.operation === 'deleted').length).toBeGreaterThan(10)
      expect(new Set(changes.map((it) => it.verdict))).toEqual(new Set(['hold']))
      expect(await desk.standing()).toEqual(before)
    },
  )

  test('23 files were deleted in a day, with no consent and no log: whatever goes, somebody said so, and the log says who', async () => {
    await writeAll({ '/a.md': 'Ship on Mondays.\n', '/b.md': 'Ship on Mondays.\n' })
    const [fold] = await desk.night()
    expect(Object.keys(await desk.standing())).toHaveLength(2)
    await desk.live([fold!], BO)

    expect(Object.keys(await desk.standing())).toEqual(['/a.md'])
    const [gone] = (await desk.engine.audit()).data.filter((it) => it.action === 'memory.deleted')
    expect(gone).toMatchObject({ actor: BO, path: '/b.md', reason: `${fold!.id} was adopted` })
    expect(gone!.before_sha256).toBe(fold!.before_sha256)
  })

  test('a little was lost at every pass: what is live stands after thirty nights of new sessions, to the byte', async () => {
    await desk.live(await desk.night(['ship', 'pack']))
    await desk.write('/theirs.md', 'A person’s.\n')
    const before = await desk.standing()
    for (let night = 0; night < 30; night++) await desk.night(['ship'], 4)
    expect(await desk.standing()).toEqual(before)
  })

  test('a person’s notes were written over: they stay, whoever adopts what', async () => {
    const [ship] = await desk.night(['ship'])
    await desk.approve(ship!)
    await desk.write(ship!.path, 'Mine, and not about shipping at all.\n')
    const { superseded } = await desk.engine.adopt({}, ANA)
    expect(superseded).toHaveLength(1)
    expect(await desk.standing()).toEqual({ [ship!.path]: 'Mine, and not about shipping at all.\n' })
  })

  test('a roll-back restored nothing, and deleted its snapshot: everything is back to the byte, and so is the way forward', async () => {
    await writeAll({ '/a.md': 'One.\n', '/b.md': 'Two.\n' })
    const first = await desk.standing()
    const [version] = (await desk.engine.memoryHistory('desk', '/b.md')).data
    await writeAll({ '/a.md': 'Other.\n', '/c.md': 'Three.\n' })
    await desk.engine.removeMemory('desk', '/b.md', { as: BO, reason: 'gone' })
    const second = await desk.standing()

    const { back } = await desk.engine.restoreStore('desk', { seq: version!.seq }, { as: ANA })
    expect(await desk.standing()).toEqual(first)
    await desk.engine.restoreStore('desk', { seq: back }, { as: ANA })
    expect(await desk.standing()).toEqual(second)
    await desk.engine.restoreStore('desk', { seq: version!.seq }, { as: ANA })
    expect(await desk.standing()).toEqual(first)
  })

  test('24 merged texts were claimed, and 12 were gone: each stands word for word in the history, and comes back', async () => {
    const copies = Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => [`/copies/${i}.md`, 'Ship on Mondays.\n']),
    )
    await writeAll(copies)
    const folds = await desk.night()
    await desk.live(folds)
    expect(Object.values(await desk.standing())).toEqual(['Ship on Mondays.\n'])

    for (const it of folds) {
      const [, text] = (await desk.engine.memoryHistory('desk', it.path)).data
      expect(text!.content).toBe('Ship on Mondays.\n')
      await desk.engine.undo(it.id, { as: ANA })
    }
    expect(await desk.standing()).toEqual(copies)
  })

  test('merging put texts end to end: the one that stays is not changed by a byte', async () => {
    await writeAll({ '/a.md': 'Ship on Mondays.\n', '/b.md': 'Ship on  Mondays.\n' })
    const changes = await desk.night()
    expect(changes.map((it) => [it.operation, it.path])).toEqual([['deleted', '/b.md']])
    await desk.live(changes)
    expect(await desk.standing()).toEqual({ '/a.md': 'Ship on Mondays.\n' })
  })

  test('sources were archived before the merged text could be found: at every moment somebody reads it', async () => {
    await writeAll({ '/a.md': 'Ship on Mondays.\n', '/b.md': 'Ship on Mondays.\n' })
    for (const it of await desk.night()) await desk.approve(it)
    const db = openDatabase(desk.path)
    const [store] = await listMemoryStores(db)
    const reader = openEngine({ database: desk.path })
    const found: boolean[] = []
    const watched = db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        const { data } = await reader.memories('desk')
        const index = data.find((it) => it.path === '/_index.md')!
        found.push(data.some((it) => it.content === 'Ship on Mondays.\n' && index.content.includes(it.path)))
        return result
      },
    })
    await watched.transaction().execute(async (tx) => {
      await adopt(tx, store!, await waitingChanges(tx, store!.id), {
        actor: ANA,
        now: desk.now().toISOString(),
      })
    })
    await reader.close()
    await db.destroy()
    expect(found.length).toBeGreaterThan(10)
    expect(found).not.toContain(false)
    expect(Object.keys(await desk.standing())).toEqual(['/a.md'])
  })

  test('the place in the sessions moved on although the work failed: what a failed dream read, the next one reads', async () => {
    await desk.engine.ingest([desk.sessionFile(['ship'])])
    const db = openDatabase(desk.path)
    const [memory_store] = await listMemoryStores(db)
    const failing = db.withPlugin(
      onStatement(() => {
        if (!is_last_stage) return
        is_last_stage = false
        throw new Error('the machine is tired')
      }),
    )
    let is_last_stage = false
    const progress = (stage: string) => {
      is_last_stage = stage === 'finish'
    }
    const world = { now: desk.now, worker: 'here', is_alive: () => false, progress }
    await expect(dream(failing, { ...AS_USUAL, memory_store: memory_store! }, world)).rejects.toThrow('tired')
    await db.destroy()

    const [report] = await desk.engine.dream()
    expect(report!.dream).toMatchObject({ sessions_read: 40, result: 'changed' })
  })

  test('a page was dropped or doubled while others wrote: what stood all the time is listed once', async () => {
    const stays = Array.from({ length: 30 }, (_, i) => `/stays/${String(i).padStart(2, '0')}.md`)
    await writeAll(Object.fromEntries(stays.map((it) => [it, `${it}\n`])))
    const listed: string[] = []
    for (let page: string | null | undefined, n = 0; page !== null; n++) {
      const rows = await desk.engine.memories('desk', { limit: 7, page })
      listed.push(...rows.data.map((it) => it.path))
      page = rows.next_page
      await writeAll({
        [`/stays/${String(n * 3).padStart(2, '0')}-new.md`]: 'New.\n',
        '/a-first.md': `${n}\n`,
      })
      if (n > 0) await desk.engine.removeMemory('desk', '/a-first.md', { as: BO, reason: 'gone' })
    }
    expect(listed.filter((it) => stays.includes(it))).toEqual(stays)
  })
})

describe('what was settled comes back', () => {
  test('a corrected fact came back with the next pass: thirty nights later it is still as corrected', async () => {
    const [ship] = await desk.live(await desk.night(['ship']))
    await desk.write(ship!.path, 'Ship without looking: the new API looks by itself.\n', ANA)
    for (let night = 0; night < 30; night++) expect(await desk.night()).toEqual([])
    await desk.night(['ship'], 20)
    expect(Object.values(await desk.standing())).toEqual([
      'Ship without looking: the new API looks by itself.\n',
    ])
  })

  test('“I delete its output every day”: deleted once, it stays away', async () => {
    await trust(desk.engine)
    const [ship] = await desk.night(['ship'])
    await desk.engine.removeMemory('desk', ship!.path, { as: ANA, reason: 'of no use' })
    for (let night = 0; night < 30; night++) await desk.night(['ship'], 1)
    expect(await desk.standing()).toEqual({})
  })

  test('the same 17 entries were put forward for weeks: what waits is not put up again', async () => {
    const proposed = await desk.night(['ship', 'pack', 'load'])
    for (let night = 0; night < 21; night++) expect(await desk.night()).toEqual([])
    const { data } = await desk.engine.changes({ status: ['undecided', 'superseded'] })
    expect(data.map((it) => it.id).sort()).toEqual(proposed.map((it) => it.id).sort())
  })
})

describe('what is not the same is taken for the same', () => {
  test.each([
    ['My favourite colour is purple.', 'My favourite colour is cyan.'],
    ['Merged PR #260 into main.', 'Merged PR #480 into main.'],
    ['Alice Moore is the CEO of Acme.', 'Sarah Moore is the CTO of Acme.'],
    ['We decided to keep the queue in Postgres.', 'We decided to keep the cache in Postgres.'],
    ['The plan is to move to Node 24.', 'The move to Node 24 is done.'],
  ])('“%s” and “%s”: neither is changed, whatever the policy allows', async (one, other) => {
    await policy('rules: [{ verdict: allow }]')
    await writeAll({ '/one.md': `${one}\n`, '/other.md': `${other}\n` })
    const changes = await desk.night()
    expect(changes.filter((it) => it.kind !== 'conflict')).toEqual([])
    expect(await desk.standing()).toEqual({ '/one.md': `${one}\n`, '/other.md': `${other}\n` })
  })

  test('byte-identical copies stayed for good: they are folded, and the oldest stays', async () => {
    await trust(desk.engine)
    await writeAll({ '/z.md': 'Ship on Mondays.\n' })
    await writeAll({ '/a.md': 'Ship on Mondays.\n' })
    await desk.night()
    expect(Object.keys(await desk.standing())).toEqual(['/z.md'])
  })

  test('the newest won and destroyed a confirmed fact: of two that contradict each other both stand until a person decides', async () => {
    await policy('rules: [{ verdict: allow }]')
    await writeAll({ '/old.md': 'Deploys are on Monday.\n' })
    await writeAll({ '/new.md': 'Deploys are on Friday.\n' })
    const [conflict] = await desk.night()
    expect(conflict).toMatchObject({ kind: 'conflict', status: 'undecided' })
    expect(Object.keys(await desk.standing())).toEqual(['/new.md', '/old.md'])
  })
})

describe('nobody is told', () => {
  test('names and counts in the memory were unexplained: every byte that is live has an author, an actor and a reason', async () => {
    await desk.live(await desk.night(['ship']))
    await desk.write('/theirs.md', 'A person’s.\n')
    for (const { path } of (await desk.engine.memories('desk')).data)
      for (const it of (await desk.engine.memoryHistory('desk', path)).data) {
        expect(it.created_by).toMatch(/^(dream|user):/)
        expect([it.actor, it.reason]).toEqual([expect.stringMatching(/^user:/), expect.stringMatching(/\w/)])
      }
  })

  test('a dream reported success and had done nothing: how it ended is one of three words', async () => {
    const ended = async () => (await desk.engine.dreams()).data[0]!.result
    await desk.night(['ship'])
    expect(await ended()).toBe('changed')
    await desk.night(['greet'], 2)
    expect(await ended()).toBe('unchanged')
    await desk.night()
    expect(await ended()).toBe('nothing_new')
  })

  test('“on for days, and nothing was promoted”: what waits says for whom, and why', async () => {
    await desk.night(['ship'])
    expect(await desk.engine.waiting('desk')).toEqual({ undecided: 1, approved: 0 })
    const { data } = await desk.engine.changes()
    expect(data.map((it) => it.verdict_reason)).toEqual(['no rule of the policy lets it go live by itself'])
  })
})

/** Groups of notes that say the same but for a trifle, so that a dream would fold nearly all of them. */
const NOTES: ((i: number) => string)[] = ['Ship', 'Pack', 'Load', 'Sort', 'Mail', 'Scan', 'Weigh'].map(
  (verb) => (i) => `${verb} the parcel on ${' '.repeat(Math.floor(i / 7))} Mondays.\n`,
)

/** As Reverie's own, of an earlier dream. */
async function writeAll(texts: Record<string, string>): Promise<void> {
  const files = Object.entries(texts).map(([path, text]) => ({
    name: path.slice(1),
    bytes: Buffer.from(text),
  }))
  await desk.engine.importMemories(files, { format: 'markdown', as: OURS, replace: true, dry_run: false })
}

async function policy(text: string): Promise<void> {
  await desk.engine.setPolicy({ file: 'policy.yaml', text: `format_version: 1\n${text}\n` }, ANA)
}
