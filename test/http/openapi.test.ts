/** /openapi.json and /docs: made from the routes, complete, valid, and readable without anything from anywhere. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer, type Server } from '../../src/engine.ts'
import { type App, appOf } from '../../src/http/app.ts'
import type { OpenApi, Operation } from '../../src/http/openapi.ts'

let server: Server
let app: App
let document: OpenApi
let operations: { name: string; path: string; it: Operation }[]

beforeAll(async () => {
  server = openServer({ database: ':memory:' })
  app = appOf(server, () => {})
  document = (await (await app.request('/openapi.json')).json()) as OpenApi
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, it]) => ({ name: `${method.toUpperCase()} ${path}`, path, it })),
  )
})
afterAll(() => server.close())

test('it says which version of OpenAPI it is, where to call and with what', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Reverie', version: expect.any(String) },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { x_api_key: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        x_api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  })
})

test('every route is in it, and nothing else', () => {
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && method !== 'PATCH' && !path.includes('*'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const of_the_page = ['GET /', 'GET /docs', 'GET /openapi.json']
  expect(operations.map((it) => it.name).sort()).toEqual(
    [...new Set(served)].filter((it) => !of_the_page.includes(it)).sort(),
  )
})

test('every reference leads somewhere', () => {
  const found = referencesIn(document)
  expect(found.length).toBeGreaterThan(0)
  expect(found.filter((it) => at(it) === undefined)).toEqual([])
})

test('every operation has a name of its own, words, a part, and what it answers', () => {
  const names = operations.map(({ it }) => it.operationId)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, it } of operations) {
    expect(it.operationId, name).toMatch(/^[a-z][a-z0-9_]*$/)
    expect(it.summary, name).toMatch(/^[A-Z].*[^.]$/)
    expect(document.tags.map((tag) => tag.name)).toEqual(expect.arrayContaining(it.tags))
    expect(Object.keys(it.responses), name).not.toEqual([])
    for (const [status, { description }] of Object.entries(it.responses)) {
      expect(status).toMatch(/^(?:[1-5]\d\d|default)$/)
      expect(description, name).toBeTruthy()
    }
  }
})

test('every place in a path is a parameter of it, and no parameter stands twice', () => {
  for (const { name, path, it } of operations) {
    const parameters = it.parameters ?? []
    const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, place]) => place)
    const in_path = parameters.filter((one) => one.in === 'path')
    expect(in_path.map((one) => one.name).sort(), name).toEqual(places.sort())
    expect(
      in_path.every((one) => one.required),
      name,
    ).toBe(true)
    const named = parameters.map((one) => `${one.in} ${one.name}`)
    expect(new Set(named).size, name).toBe(named.length)
    for (const one of parameters) expect(one.schema, `${name} ${one.name}`).toBeDefined()
  }
})

test('what needs a key says which role, and what needs none says so', () => {
  for (const { name, path, it } of operations)
    if (path.startsWith('/v1/'))
      expect(it.description, name).toMatch(/Role: (?:reader|writer|reviewer|admin)\.$/)
    else expect(it.description, name).toMatch(/key/)
})

test.each([
  { name: 'POST /v1/memory_stores', is_ours: false },
  { name: 'GET /v1/memory_stores/{memory_store_id}', is_ours: false },
  { name: 'GET /v1/api_keys', is_ours: true },
  { name: 'GET /healthz', is_ours: true },
])('$name is an extension of ours: $is_ours', ({ name, is_ours }) => {
  const found = operations.find((it) => it.name === name)
  expect(found?.it['x-reverie-extension']).toBe(is_ours ? true : undefined)
})

describe('the page', () => {
  let page: string
  let policy: string

  beforeAll(async () => {
    const answer = await app.request('/docs')
    page = await answer.text()
    policy = answer.headers.get('content-security-policy')!
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
  })

  test('tells of every operation, and leads to each shape that it names', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))
    for (const { it } of operations) expect(ids).toContain(it.operationId)
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!)
    expect(links.filter((it) => !ids.has(it))).toEqual([])
    expect(ids.size).toBe([...page.matchAll(/ id="/g)].length)
  })

  test('runs nothing and fetches nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<form| on\w+=|@import|url\(|src=|http:/)
    const [, style] = /<style>([\s\S]*?)<\/style>/.exec(page)!
    const hash = createHash('sha256').update(style!).digest('base64')
    expect(policy).toMatch(
      new RegExp(`^default-src 'none'; style-src 'sha256-${hash.replace(/[+/]/g, '\\$&')}'`),
    )
    expect(page).not.toContain(' style=')
  })

  test('has its elements in order', () => {
    const open: string[] = []
    for (const [, closing, name] of page.matchAll(/<(\/?)([a-z]+[1-6]?)\b[^>]*>/g)) {
      if (['meta', 'br'].includes(name!)) continue
      if (closing === '') open.push(name!)
      else expect(open.pop()).toBe(name)
    }
    expect(open).toEqual([])
  })

  test('is there under the name alone, too', async () => {
    const answer = await app.request('/')
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe('docs')
  })
})

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, it]) =>
    key === '$ref' && typeof it === 'string' ? [it] : referencesIn(it),
  )
}

function at(reference: string): unknown {
  const way = reference.replace(/^#\//, '').split('/')
  return way.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document)
}
