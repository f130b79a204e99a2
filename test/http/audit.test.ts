/** The audit log over HTTP. */
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokenLink } from '../../src/domain/audit-chain.ts'
import { openWorkspaces } from '../../src/engine.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let reviewer: Caller

beforeAll(async () => {
  desk = await serveDesk()
  reader = await desk.caller('reader')
  reviewer = await desk.caller('reviewer')
  const [change] = await desk.night(['refund'])
  await reviewer.post(`/v1/changes/${change!.id}/decision`, { decision: 'approved', reason: 'so it is' })
  await reviewer.post(`/v1/changes/${change!.id}/adopt`)
})
afterAll(() => desk.close())

test('records come the latest first, page by page, and are links of one chain', async () => {
  const records = []
  for (let page: string | null = ''; page !== null; ) {
    const { json } = await reader.get(`/v1/audit?limit=2${page === '' ? '' : `&page=${page}`}`)
    records.push(...json.data)
    page = json.next_page
  }
  const oldest_first = records.toReversed()

  expect(oldest_first.map((it) => it.seq)).toEqual(records.map((_, i) => i + 1))
  for (const [i, it] of oldest_first.slice(1).entries()) expect(brokenLink(oldest_first[i]!, it)).toBeNull()
})

test('who decided is the key, as it stands in the chain', async () => {
  const { json } = await reader.get('/v1/audit')
  const decided = json.data.find((it: { action: string }) => it.action === 'change.approved')

  expect(decided).toMatchObject({
    type: 'audit_record',
    actor: `user:${reviewer.id}`,
    reason: 'so it is',
    store: 'desk',
  })
})

test('the head is that of the last record, and a log that leads through it verifies', async () => {
  const head = await reader.get('/v1/audit/head')
  const last = (await reader.get('/v1/audit?limit=1')).json.data[0]
  const { json } = await reader.get(`/v1/audit/verify?head=${head.json.hash}`)
  const other = await reader.get(`/v1/audit/verify?head=${'0'.repeat(64)}`)

  expect(head.json).toEqual({ type: 'audit_head', seq: last.seq, hash: last.hash })
  expect(json).toEqual({
    type: 'audit_verification',
    is_good: true,
    records: last.seq,
    head: { seq: last.seq, hash: last.hash },
    broken: null,
    noted_head: 'found',
  })
  expect([other.json.is_good, other.json.noted_head]).toEqual([false, 'not found'])
})

test('a workspace has a log of its own', async () => {
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, 'user:ana')
  await workspaces.close()
  const stranger = await desk.caller('admin', 'others')
  const { json } = await stranger.get('/v1/audit')

  expect(JSON.stringify(json)).not.toContain(reviewer.id)
  const { hash } = (await stranger.get('/v1/audit/head')).json
  expect(hash).not.toBe((await reader.get('/v1/audit/head')).json.hash)
  expect((await reader.get(`/v1/audit/verify?head=${hash}`)).json.noted_head).toBe('not found')
})

test('a record that was changed is named', async () => {
  const sqlite = new DatabaseSync(desk.path)
  for (const { name } of sqlite
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
    .all())
    sqlite.exec(`DROP TRIGGER ${name}`)
  sqlite.exec(
    "UPDATE audit SET reason = 'nothing happened' WHERE seq = 2 AND workspace_id = (SELECT id FROM workspace WHERE name = 'default')",
  )
  sqlite.close()
  const { json } = await reader.get('/v1/audit/verify')

  expect(json.is_good).toBe(false)
  expect(json.broken).toEqual({ seq: 2, reason: 'record 2 was changed' })
})
