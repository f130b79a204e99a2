/** What dreams propose, over HTTP: looked at, decided on, put into the memory, and taken back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { sha256 } from '../../src/domain/id.ts'
import { openWorkspaces } from '../../src/engine.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let reviewer: Caller
let second: Caller
let stranger: Caller

beforeAll(async () => {
  desk = await serveDesk()
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, 'user:ana')
  await workspaces.close()
  reader = await desk.caller('reader')
  reviewer = await desk.caller('reviewer')
  second = await desk.caller('reviewer')
  stranger = await desk.caller('admin', 'others')
})
afterAll(() => desk.close())

/** The change of a dream that says to look before that call. */
async function proposed(call: string): Promise<Change> {
  const changes = await desk.night([call])
  return changes.find((it) => it.path.includes(call))!
}

const changeAt = async (id: string): Promise<Json> => (await reader.get(`/v1/changes/${id}`)).json

describe('looking', () => {
  let change: Change
  beforeAll(async () => {
    change = await proposed('refund')
  })

  test('a change is told with its texts, its quotes, the lessons behind it, and what it would do', async () => {
    const { status, json } = await reader.get(`/v1/changes/${change.id}`)

    expect(status).toBe(200)
    expect(json).toMatchObject({
      type: 'change',
      id: change.id,
      dream_id: change.dream_id,
      operation: 'created',
      status: 'undecided',
      decision: 'undecided',
      decisions: [],
      approved_by: [],
      approvals_needed: 1,
      edited_by: null,
      before: null,
      after: change.after,
      content: change.after,
      content_sha256: sha256(change.after!),
      memory_version_id: null,
      redacted_at: null,
    })
    expect(json.diff.filter((it: string) => it.startsWith('+')).join('')).toContain('get_refund')
    expect(json.lessons).toEqual([expect.objectContaining({ type: 'lesson', id: change.pattern_ids[0] })])
    expect(json.evidence).toHaveLength(json.evidence_count)
    expect(json.evidence[0]).toEqual({
      type: 'evidence',
      session_id: expect.stringMatching(/^sesn_/),
      external_session_id: expect.any(String),
      event_id: expect.any(String),
      origin: 'tool',
      quote: expect.stringContaining('not allowed now'),
    })
  })

  test('what waits is listed, without its texts', async () => {
    const { json } = await reader.get('/v1/changes')

    expect(json.data.map((it: Json) => it.id)).toContain(change.id)
    expect(json.data[0]).not.toHaveProperty('after')
    expect(json.data[0].evidence.length).toBeLessThanOrEqual(3)
  })

  test.each([
    ['of another status', 'statuses[]=adopted', 0],
    ['of two statuses', 'statuses[]=adopted&statuses[]=undecided', 1],
    ['of another kind', 'kind=stale', 0],
    ['of its kind', 'kind=add', 1],
    ['of another tier', 'tier=people', 0],
    ['of another verdict', 'verdict=deny', 0],
    ['at another path', 'path=/practices/**', 0],
    ['at its path', 'path=/mistakes/**', 1],
  ])('changes %s', async (_, query, n) => {
    const { json } = await reader.get(`/v1/changes?${query}&limit=1`)

    expect(json.data).toHaveLength(n)
  })

  test('those of a dream, of a store, and of one that is not there', async () => {
    const { memory_store_id, dream_id } = await changeAt(change.id)
    const of_dream = await reader.get(`/v1/dreams/${dream_id}/changes`)
    const of_store = await reader.get(`/v1/changes?memory_store_id=${memory_store_id}`)
    const of_none = await reader.get(`/v1/changes?memory_store_id=memstore_${'0'.repeat(24)}`)

    expect(of_dream.json.data.map((it: Json) => it.id)).toEqual([change.id])
    expect(of_store.json.data.map((it: Json) => it.id)).toContain(change.id)
    expect([of_none.status, of_none.json.error.type]).toEqual([404, 'not_found_error'])
  })

  test('pages follow on each other, and a cursor is of its filter alone', async () => {
    await proposed('invoice')
    const first = await reader.get('/v1/changes?limit=1')
    const next = await reader.get(`/v1/changes?limit=1&page=${first.json.next_page}`)
    const other = await reader.get(`/v1/changes?limit=1&kind=add&page=${first.json.next_page}`)

    expect(next.json.data[0].id).not.toBe(first.json.data[0].id)
    expect(next.json.next_page).toBeNull()
    expect([other.status, other.json.error.type]).toEqual([400, 'invalid_request_error'])
  })

  test('a dream is shown as what it would do at each path', async () => {
    const { json } = await reader.get(`/v1/dreams/${change.dream_id}/diff`)

    expect(json).toEqual({
      data: [
        {
          type: 'diff',
          path: change.path,
          operation: 'created',
          change_id: change.id,
          status: 'undecided',
          diff: (await changeAt(change.id)).diff,
        },
      ],
      next_page: null,
    })
  })

  test.each([
    ['the beginning of an id', (id: string) => id.slice(0, 12)],
    ['another id', () => `chg_${'0'.repeat(24)}`],
    ['no id', () => 'all'],
    ['an id of something else', () => `drm_${'0'.repeat(24)}`],
  ])('%s is no change', async (_, of) => {
    for (const path of ['', '/undo', '/adopt']) {
      const at = `/v1/changes/${of(change.id)}${path}`
      const { status, json } = path === '' ? await reader.get(at) : await reviewer.post(at)
      expect([status, json.error.type]).toEqual([404, 'not_found_error'])
    }
  })

  test('another workspace knows of none of it, whatever its key may do', async () => {
    const { status } = await stranger.get(`/v1/changes/${change.id}`)
    const listed = await stranger.get('/v1/changes')
    const of_dream = await stranger.get(`/v1/dreams/${change.dream_id}/changes`)
    const decided = await stranger.post(`/v1/changes/${change.id}/decision`, { decision: 'approved' })

    expect([status, of_dream.status, decided.status]).toEqual([404, 404, 404])
    expect(listed.json.data).toEqual([])
    expect((await changeAt(change.id)).status).toBe('undecided')
  })
})

describe('deciding', () => {
  test.each(['reader', 'writer'] as const)('a %s may not', async (role) => {
    const { id } = await proposed(`charge-${role}`)
    const caller = await desk.caller(role)
    const asked = [
      await caller.post(`/v1/changes/${id}/decision`, { decision: 'approved' }),
      await caller.post(`/v1/changes/${id}/adopt`),
      await caller.post(`/v1/changes/${id}/undo`),
    ]

    expect(asked.map((it) => [it.status, it.json.error.type])).toEqual(
      Array(3).fill([403, 'permission_error']),
    )
    expect((await changeAt(id)).status).toBe('undecided')
  })

  test('an approval is that of the key, and said twice it stands once', async () => {
    const { id } = await proposed('approve-it')
    const { json } = await reviewer.post(`/v1/changes/${id}/decision`, {
      decision: 'approved',
      reason: 'so it is',
    })
    const again = await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'approved' })

    const by = { type: 'api_actor', api_key_id: reviewer.id }
    expect(json).toMatchObject({ type: 'change', status: 'approved', approved_by: [by] })
    expect(json.decisions).toEqual([
      {
        type: 'decision',
        decision: 'approved',
        by,
        reason: 'so it is',
        at: expect.any(String),
        content_sha256: json.content_sha256,
        edited: null,
      },
    ])
    expect(again.json.decisions).toHaveLength(1)
  })

  test('an edit is an approval of other words, which are what goes live', async () => {
    const { id, path } = await proposed('edit-it')
    const { json } = await reviewer.post(`/v1/changes/${id}/decision`, {
      decision: 'approved',
      content: 'Look first.\n',
    })
    await reviewer.post(`/v1/changes/${id}/adopt`)

    expect(json).toMatchObject({
      status: 'approved',
      content_sha256: sha256('Look first.\n'),
      edited_by: { type: 'api_actor', api_key_id: reviewer.id },
    })
    expect((await desk.standing())[path]).toBe('Look first.\n')
  })

  test('a rejection needs a reason, and keeps it', async () => {
    const { id } = await proposed('reject-it')
    const without = await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'rejected' })
    const { json } = await reviewer.post(`/v1/changes/${id}/decision`, {
      decision: 'rejected',
      reason: 'the form is gone',
      until: '2027-01-31',
    })

    expect([without.status, without.json.error.type]).toEqual([400, 'invalid_request_error'])
    expect(json).toMatchObject({ status: 'rejected', decisions: [{ reason: 'the form is gone' }] })
  })

  test('what moved on since it was seen is not decided', async () => {
    const { id } = await proposed('move-on')
    const seen = await changeAt(id)
    await second.post(`/v1/changes/${id}/decision`, { decision: 'approved', content: 'Look twice.\n' })
    const { content_sha256, state_sha256 } = seen
    const by_content = await reviewer.post(`/v1/changes/${id}/decision`, {
      decision: 'approved',
      content_sha256,
    })
    const by_state = await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'approved', state_sha256 })
    const blindly = await reviewer.post(`/v1/changes/${id}/decision`, {
      decision: 'approved',
      content_sha256: sha256('Look twice.\n'),
    })

    for (const { status, headers, json } of [by_content, by_state]) {
      expect([status, json.error.type]).toEqual([409, 'conflict_error'])
      expect(headers.get('x-should-retry')).toBe('false')
    }
    expect(blindly.json.approved_by).toHaveLength(2)
  })

  test.each([
    ['a word that there is not', { decision: 'maybe' }],
    ['no word', {}],
    ['a field that there is not', { decision: 'approved', because: 'of it' }],
    ['a day that there is not', { decision: 'rejected', reason: 'a', until: '2026-02-30' }],
    ['a day that has passed', { decision: 'rejected', reason: 'a', until: '2020-01-01' }],
    ['an empty text', { decision: 'approved', content: '  ' }],
    ['a text with a key in it', { decision: 'approved', content: `Use ghp_${'a1B2'.repeat(9)} here.` }],
  ])('%s is refused', async (_, body) => {
    const { json } = await reader.get('/v1/changes?statuses[]=undecided&limit=1')
    const [{ id }] = json.data
    const answer = await reviewer.post(`/v1/changes/${id}/decision`, body)

    expect([answer.status, answer.json.error.type]).toEqual([400, 'invalid_request_error'])
    expect((await changeAt(id)).decisions).toEqual([])
  })

  test('many of one dream are decided each by itself', async () => {
    const changes = await desk.night(['many-a', 'many-b'])
    const [a, b] = ['many-a', 'many-b'].map((it) => changes.find(({ path }) => path.includes(it))!)
    const elsewhere = await proposed('elsewhere')
    const { status, json } = await reviewer.post(`/v1/dreams/${a!.dream_id}/decisions`, {
      decisions: [
        { change_id: a!.id, decision: 'approved' },
        { change_id: b!.id, decision: 'rejected' },
        { change_id: b!.id, decision: 'rejected', reason: 'not so' },
        { change_id: elsewhere.id, decision: 'approved' },
        { change_id: a!.id, decision: 'approved' },
      ],
    })

    expect(status).toBe(200)
    expect(
      json.data.map((it: Json) => [it.result, it.change?.status ?? null, it.error?.type ?? null]),
    ).toEqual([
      ['decided', 'approved', null],
      ['refused', null, 'invalid_request_error'],
      ['decided', 'rejected', null],
      ['refused', null, 'not_found_error'],
      ['known', 'approved', null],
    ])
    expect((await changeAt(elsewhere.id)).status).toBe('undecided')
  })
})

describe('putting into the memory, and taking back', () => {
  test('what is approved goes live, needs no body for that, and is live once', async () => {
    const { id, path, after } = await proposed('live')
    const early = await reviewer.post(`/v1/changes/${id}/adopt`)
    await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'approved' })
    const rehearsed = await reviewer.post(`/v1/changes/${id}/adopt`, { dry_run: true })
    const standing = (await desk.standing())[path]
    const { json } = await reviewer.post(`/v1/changes/${id}/adopt`)
    const again = await reviewer.post(`/v1/changes/${id}/adopt`)

    expect([early.status, early.json.error.type]).toEqual([409, 'conflict_error'])
    expect([rehearsed.json.dry_run, rehearsed.json.data[0].result, standing]).toEqual([
      true,
      'adopted',
      undefined,
    ])
    expect(json).toEqual({
      type: 'adoption',
      dry_run: false,
      data: [
        {
          type: 'adoption_result',
          change_id: id,
          path,
          operation: 'created',
          result: 'adopted',
          why: null,
          again_change_id: null,
          memory_version_id: expect.stringMatching(/^memver_/),
        },
      ],
      undecided: 0,
    })
    expect((await desk.standing())[path]).toBe(after)
    expect(again.json.data[0].result).toBe('known')
  })

  test('of a dream, all that is approved; the rest is counted', async () => {
    const changes = await desk.night(['pack', 'ship'])
    const { dream_id } = changes[0]!
    const [first] = changes.filter((it) => it.kind === 'add')
    await reviewer.post(`/v1/changes/${first!.id}/decision`, { decision: 'approved' })
    const { json } = await reviewer.post(`/v1/dreams/${dream_id}/adopt`)

    expect(json.data.map((it: Json) => [it.change_id, it.result])).toEqual([[first!.id, 'adopted']])
    expect(json.undecided).toBe(changes.length - 1)
  })

  test('what is live is taken back once, with the reason', async () => {
    const { id, path } = await proposed('take-back')
    const early = await reviewer.post(`/v1/changes/${id}/undo`)
    await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'approved' })
    await reviewer.post(`/v1/changes/${id}/adopt`)
    const { json } = await reviewer.post(`/v1/changes/${id}/undo`, { reason: 'it misled' })
    const again = await reviewer.post(`/v1/changes/${id}/undo`)

    expect(json).toEqual({
      type: 'change_undone',
      change_id: id,
      path,
      status: 'undone',
      memory_version_id: expect.stringMatching(/^memver_/),
    })
    expect(await desk.standing()).not.toHaveProperty([path])
    for (const it of [early, again]) expect([it.status, it.json.error.type]).toEqual([409, 'conflict_error'])
  })
})

test('where the policy is regulated, it takes two keys, and one key twice is one', async () => {
  const admin = await desk.caller('admin')
  const { id } = await proposed('two-people')
  const { json } = await admin.post('/v1/policy', { content: 'format_version: 1\nregulated: true\n' })
  const one = await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'approved' })
  const same = await reviewer.post(`/v1/changes/${id}/decision`, { decision: 'approved' })
  const early = await reviewer.post(`/v1/changes/${id}/adopt`)
  const two = await second.post(`/v1/changes/${id}/decision`, { decision: 'approved' })
  const adopted = await second.post(`/v1/changes/${id}/adopt`)

  expect(json.is_new).toBe(true)
  expect([one, same].map((it) => [it.json.status, it.json.approvals_needed])).toEqual(
    Array(2).fill(['undecided', 2]),
  )
  expect(early.status).toBe(409)
  expect(two.json.status).toBe('approved')
  expect(two.json.approved_by.map((it: Json) => it.api_key_id)).toEqual([reviewer.id, second.id])
  expect(adopted.json.data[0].result).toBe('adopted')
})
