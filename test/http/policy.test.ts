/** The policy over HTTP: read, checked, tried, put in force. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_POLICY_SHA256, DEFAULT_POLICY_TEXT } from '../../src/domain/default-policy.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let admin: Caller

beforeAll(async () => {
  desk = await serveDesk()
  reader = await desk.caller('reader')
  admin = await desk.caller('admin')
  await desk.night(['refund', 'invoice'])
})
afterAll(() => desk.close())

const DENYING = 'format_version: 1\nrules:\n  - verdict: deny\n    path: /mistakes/**\n'
const WRONG = 'format_version: 1\nregulated: maybe\nruels: []\n'

test('at first the default is in force, which nobody set', async () => {
  const { json } = await reader.get('/v1/policy')

  expect(json).toMatchObject({
    type: 'policy',
    sha256: DEFAULT_POLICY_SHA256,
    content: DEFAULT_POLICY_TEXT,
    policy: { regulated: false, rules: [] },
    set_at: null,
    set_by: null,
  })
  expect((await reader.get('/v1/policy/history')).json).toEqual({ data: [], next_page: null })
})

test('what is wrong with a text is told by line and column, in a check and in the error of a setting', async () => {
  const checked = await reader.post('/v1/policy/check', { content: WRONG })
  const set = await admin.post('/v1/policy', { content: WRONG })

  expect(checked.json).toMatchObject({ type: 'policy_check', is_good: false, sha256: sha256(WRONG) })
  expect(checked.json.errors.map((it: Json) => [it.line, it.column])).toEqual([
    [2, 12],
    [3, 1],
  ])
  expect([set.status, set.json.error.type]).toEqual([400, 'invalid_request_error'])
  expect(set.json.error.errors).toEqual(checked.json.errors)
  expect((await reader.get('/v1/policy')).json.sha256).toBe(DEFAULT_POLICY_SHA256)
})

test('a policy is tried on what was proposed, and changes nothing', async () => {
  const { json } = await reader.post('/v1/policy/try?limit=1', { content: DENYING })
  const next = await reader.post(`/v1/policy/try?limit=1&page=${json.next_page}`, { content: DENYING })
  const other = await reader.post(`/v1/policy/try?limit=1&page=${json.next_page}`, {
    content: DEFAULT_POLICY_TEXT,
  })

  expect(json).toMatchObject({
    type: 'policy_trial',
    dreams: 1,
    differing: 2,
    would_be: { allow: 0, hold: 0, deny: 2 },
    data: [{ type: 'tried_change', verdict: 'hold', would_be: 'deny' }],
  })
  expect([next.json.data.length, next.json.next_page, other.status]).toEqual([1, null, 400])
  expect((await reader.get('/v1/changes')).json.data.map((it: Json) => it.verdict)).toEqual(['hold', 'hold'])
})

test.each(['reader', 'writer', 'reviewer'] as const)('a %s may put none in force', async (role) => {
  const caller = await desk.caller(role)
  for (const set of [caller.post, caller.put]) {
    const { status, json } = await set('/v1/policy', { content: DENYING })
    expect([status, json.error.type]).toEqual([403, 'permission_error'])
  }
})

test.each([
  ['a secret in it', `# ghp_${'a1B2'.repeat(9)}\n${DENYING}`],
  ['nothing in it', ''],
  ['another version of the format', 'format_version: 2\n'],
])('a text with %s is refused', async (_, content) => {
  const { status } = await admin.post('/v1/policy', { content })

  expect(status).toBe(400)
})

test('put in force by a key it is new once, and every setting is in the history', async () => {
  const first = await admin.put('/v1/policy', { content: DENYING })
  const again = await admin.post('/v1/policy', { content: DENYING })
  await admin.post('/v1/policy', { content: DEFAULT_POLICY_TEXT })
  const { json } = await reader.get('/v1/policy/history')
  const earlier = await reader.get(`/v1/policy?sha256=${sha256(DENYING)}`)

  const set_by = { type: 'api_actor', api_key_id: admin.id }
  expect(first.json).toMatchObject({ type: 'policy', sha256: sha256(DENYING), set_by, is_new: true })
  expect(again.json.is_new).toBe(false)
  expect(json.data.map((it: Json) => [it.type, it.sha256, it.set_by])).toEqual([
    ['policy_setting', DEFAULT_POLICY_SHA256, set_by],
    ['policy_setting', sha256(DENYING), set_by],
  ])
  expect(earlier.json.content).toBe(DENYING)
  expect((await reader.get(`/v1/policy?sha256=${'0'.repeat(64)}`)).status).toBe(404)
})
