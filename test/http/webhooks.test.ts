/** Webhooks over the wire: who may look after them, what is shown of them, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Door, openDoor } from './door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door.close())

const PATH = '/v1/webhooks'
const WANTED = { url: 'https://hooks.example.com/reverie', events: ['dream.completed'] }

test('a webhook is made, read, changed, listed and deleted; its secret is shown when it is made', async () => {
  const made = await door.ask('POST', PATH, { ...WANTED, description: 'For the desk.' })
  const { secret, ...shown } = made.json
  expect(made.status).toBe(200)
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(shown).toEqual({
    type: 'webhook',
    id: expect.stringMatching(/^whep_[0-9a-f]{24}$/),
    ...WANTED,
    description: 'For the desk.',
    status: 'enabled',
    disabled_reason: null,
    created_at: expect.any(String),
    updated_at: shown.created_at,
  })
  const path = `${PATH}/${shown.id}`
  expect((await door.ask('GET', path)).json).toEqual(shown)
  expect((await door.ask('GET', PATH)).json).toEqual({ data: [shown], next_page: null })

  const events = ['dream.failed', 'change.awaiting_decision']
  const changed = (await door.ask('POST', path, { events, status: 'disabled' })).json
  expect(changed).toEqual({
    ...shown,
    events,
    status: 'disabled',
    disabled_reason: 'manual',
    updated_at: changed.updated_at,
  })
  expect((await door.ask('POST', `${path}/test`)).json.error.message).toContain('is disabled')
  expect((await door.ask('POST', path, { status: 'enabled' })).json).toMatchObject({
    status: 'enabled',
    disabled_reason: null,
  })

  expect((await door.ask('DELETE', path)).json).toEqual({ type: 'webhook_deleted', id: shown.id })
  for (const [method, at] of [
    ['GET', path],
    ['DELETE', path],
    ['POST', `${path}/test`],
    ['POST', `${path}/rotate_secret`],
    ['GET', `${path}/deliveries`],
  ] as const)
    expect(await door.ask(method, at)).toMatchObject({
      status: 404,
      json: { error: { type: 'not_found_error' } },
    })
})

test('a new secret is shown once, and no answer shows one otherwise', async () => {
  const made = (await door.ask('POST', PATH, WANTED)).json
  const path = `${PATH}/${made.id}`
  const rotated = (await door.ask('POST', `${path}/rotate_secret`)).json
  expect(rotated.secret).toMatch(/^whsec_/)
  expect(rotated.secret).not.toBe(made.secret)

  for (const at of [PATH, path, `${path}/deliveries`, '/v1/audit'])
    expect(JSON.stringify((await door.ask('GET', at)).json)).not.toContain('whsec_')
  await door.ask('DELETE', path)
})

test('what it was told is listed, newest first, page by page', async () => {
  const { id } = (await door.ask('POST', PATH, WANTED)).json
  const sent = []
  for (let i = 0; i < 5; i++) sent.unshift((await door.ask('POST', `${PATH}/${id}/test`)).json)
  expect(sent[0]).toEqual({
    type: 'webhook_delivery',
    id: expect.stringMatching(/^whe_[0-9a-f]{24}$/),
    webhook_id: id,
    event_type: 'webhook.test',
    object_id: id,
    status: 'pending',
    attempts: 0,
    response_status: null,
    error: null,
    next_attempt_at: expect.any(String),
    created_at: expect.any(String),
    ended_at: null,
  })

  const found = []
  let page: string | null = ''
  while (page !== null) {
    const { data, next_page } = (
      await door.ask('GET', `${PATH}/${id}/deliveries?limit=2${page && `&page=${page}`}`)
    ).json as { data: unknown[]; next_page: string | null }
    found.push(...data)
    page = next_page
  }
  expect(found).toEqual(sent)
  await door.ask('DELETE', `${PATH}/${id}`)
})

describe('is refused', () => {
  test.each<[what: string, body: object, message: string]>([
    ['a webhook without a URL', { events: ['dream.started'] }, 'url'],
    ['one for nothing', { ...WANTED, events: [] }, 'events'],
    ['one for what never happens', { ...WANTED, events: ['dream.dreamed'] }, 'events.0'],
    ['a field that there is not', { ...WANTED, secret: 'whsec_mine' }, 'secret'],
    ['a URL without encryption', { ...WANTED, url: 'http://hooks.example.com/' }, 'url: it is not encrypted'],
    ['this machine', { ...WANTED, url: 'https://127.0.0.1:8443/' }, 'url: 127.0.0.1 is no address'],
    ['the metadata of a cloud', { ...WANTED, url: 'https://[::ffff:a9fe:a9fe]/' }, 'url: [::ffff:a9fe:a9fe]'],
    ['a URL that is too long', { ...WANTED, url: `https://example.com/${'a'.repeat(2_048)}` }, 'url'],
  ])('%s', async (_, body, message) => {
    const answer = await door.ask('POST', PATH, body)
    expect(answer.status).toBe(400)
    expect(answer.json.error.type).toBe('invalid_request_error')
    expect(answer.json.error.message).toContain(message)
  })

  test('the hundred-and-first', async () => {
    const made = []
    for (let i = 0; i < 100; i++) made.push((await door.ask('POST', PATH, WANTED)).json.id)
    expect((await door.ask('POST', PATH, WANTED)).json.error.message).toContain('100 webhooks already')
    for (const id of made) await door.ask('DELETE', `${PATH}/${id}`)
  })

  test.each(['reader', 'writer', 'reviewer'] as const)('whoever is a %s', async (role) => {
    const { token } = await door.keyOf(role)
    const { id } = (await door.ask('POST', PATH, WANTED)).json
    for (const [method, path] of [
      ['GET', PATH],
      ['POST', PATH],
      ['GET', `${PATH}/${id}`],
      ['POST', `${PATH}/${id}`],
      ['DELETE', `${PATH}/${id}`],
      ['POST', `${PATH}/${id}/test`],
      ['POST', `${PATH}/${id}/rotate_secret`],
      ['GET', `${PATH}/${id}/deliveries`],
    ] as const)
      expect((await door.ask(method, path, method === 'POST' ? WANTED : undefined, { token })).status).toBe(
        403,
      )
    await door.ask('DELETE', `${PATH}/${id}`)
  })
})
