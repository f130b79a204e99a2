/** What is noted of a key's use, which no request waits for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { openServer, type Server } from '../../src/engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

let database: string
let server: Server
let token: string
let now: Date
let n = 0
beforeEach(async () => {
  database = join(folder, `${n++}.db`)
  now = new Date('2026-11-22T12:00:00.000Z')
  server = openServer({ database, now: () => now })
  const wanted = { name: 'desk', role: 'writer', workspace: 'default', expires_at: null } as const
  token = (await server.createKey(wanted, 'user:ana')).token
})

const lastUsed = async () => (await server.keys()).data[0]!.last_used_at

test('when a key was last used is known to the minute', async () => {
  for (const [time, noted] of [
    ['2026-11-22T12:00:00.000Z', '2026-11-22T12:00:00.000Z'],
    ['2026-11-22T12:00:59.000Z', '2026-11-22T12:00:00.000Z'],
    ['2026-11-22T12:01:01.000Z', '2026-11-22T12:01:01.000Z'],
  ] as const) {
    now = new Date(time)
    await server.authenticate(token)
    await vi.waitFor(async () => expect(await lastUsed()).toBe(noted))
  }
  await server.close()
})

test('nobody waits for that while somebody else writes, and a server that is closed meanwhile leaves it', async () => {
  const other = openDatabase(database)
  await other.transaction().execute(async (tx) => {
    await tx.insertInto('setting').values({ name: 'held', value: '' }).execute()
    const begun = performance.now()
    await server.authenticate(token)
    // Who waited for a lock would wait for 30 seconds.
    expect(performance.now() - begun).toBeLessThan(5_000)
    await server.close()
  })
  const { last_used_at } = await other.selectFrom('api_key').select('last_used_at').executeTakeFirstOrThrow()
  expect(last_used_at).toBeNull()
  await other.destroy()
})
