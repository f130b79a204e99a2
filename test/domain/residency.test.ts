import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../src/domain/error.ts'
import { hostNamed, type Outbound, type Residency, refusalOf, within } from '../../src/domain/residency.ts'

const OPEN: Residency = { name: 'acme', offline: false, regions: [], model_hosts: [] }
const of = (it: Partial<Residency>): Residency => ({ ...OPEN, ...it })
const API = of({ model_hosts: ['api.example.com'] })
const EU = of({ model_hosts: ['api.example.com'], regions: ['eu', 'eu-central-1'] })
const HERE = of({
  model_hosts: ['localhost:11434', '127.0.0.1:8080', '[::1]:8080', 'api.example.com'],
  offline: true,
})

describe('a call is made', () => {
  test.each<[what: string, workspace: Residency, url: string, region: string | null]>([
    ['to a host that is listed', API, 'https://api.example.com/v1/messages', null],
    ['whatever its path and query', API, 'https://api.example.com/a/b?host=evil.example', null],
    ['to a host in capitals', API, 'https://API.Example.COM/v1', null],
    ['to its usual port by number', API, 'https://api.example.com:443/v1', null],
    ['in a region that is listed', EU, 'https://api.example.com/v1', 'eu-central-1'],
    ['wherever the host is, when no region is listed', API, 'https://api.example.com/v1', 'mars'],
    ['offline, to a listed port of this machine', HERE, 'http://localhost:11434/api/chat', null],
    ['offline, to this machine by address', HERE, 'http://127.0.0.1:8080/', null],
    ['offline, to this machine by another address', HERE, 'http://[::1]:8080/', null],
    [
      'to this machine, which is in every region',
      of({ model_hosts: ['localhost:1'], regions: ['eu'] }),
      'http://localhost:1/',
      null,
    ],
  ])('%s', async (_, workspace, url, region) => {
    const { sent, outbound } = recorder()
    await within(workspace, outbound)(url, {}, region)

    expect(sent).toEqual([url])
  })
})

describe('a call is refused, before anything is sent,', () => {
  test.each<[what: string, workspace: Residency, url: string, region: string | null, because: RegExp]>([
    ['where no host is listed', OPEN, 'https://api.example.com/', null, /not among its hosts/],
    [
      'where another host is listed',
      API,
      'https://api.example.org/',
      null,
      /api\.example\.org, which is not/,
    ],
    ['to a host inside the listed one', API, 'https://eu.api.example.com/', null, /not among its hosts/],
    [
      'to a host that begins like the listed one',
      API,
      'https://api.example.com.evil.example/',
      null,
      /not among/,
    ],
    [
      'to a host behind a name that looks like the listed one',
      API,
      'https://api.example.com@evil.example/',
      null,
      /evil\.example, which/,
    ],
    ['to a host in letters that look like the listed ones', API, 'https://аpi.example.com/', null, /xn--/],
    ['to a host with a dot behind it', API, 'https://api.example.com./', null, /not among/],
    ['to another port', API, 'https://api.example.com:8443/', null, /:8443, which is not/],
    ['to this machine, where that is not listed', API, 'http://localhost:11434/', null, /not among/],
    [
      'to this machine by a number',
      of({ model_hosts: ['127.0.0.1'] }),
      'http://2130706434/',
      null,
      /127\.0\.0\.2/,
    ],
    [
      'in another region',
      EU,
      'https://api.example.com/',
      'us-east-1',
      /in us-east-1, which is not among its regions/,
    ],
    [
      'in a region that begins like a listed one',
      EU,
      'https://api.example.com/',
      'eu-west-1',
      /not among its regions/,
    ],
    ['in a region that nobody names', EU, 'https://api.example.com/', null, /does not say in which region/],
    ['offline, to a listed host that is elsewhere', HERE, 'https://api.example.com/', null, /it is offline/],
    [
      'offline, to this machine, where the port is not listed',
      HERE,
      'http://localhost:80/',
      null,
      /not among/,
    ],
    [
      'offline, to a host that calls itself local',
      of({ offline: true, model_hosts: ['localhost.example.com'] }),
      'http://localhost.example.com/',
      null,
      /it is offline/,
    ],
    [
      'offline, to an address that ends like this machine',
      of({ offline: true, model_hosts: ['1.127.0.0'] }),
      'http://1.127.0.0/',
      null,
      /it is offline/,
    ],
    [
      'that is no web call',
      of({ model_hosts: ['api.example.com'] }),
      'ftp://api.example.com/',
      null,
      /no web address/,
    ],
    ['that reads a file', API, 'file:///etc/passwd', null, /no web address/],
    ['that is no URL', API, 'api.example.com', null, /no web address/],
  ])('%s', async (_, workspace, url, region, because) => {
    const { sent, outbound } = recorder()
    const call = within(workspace, outbound)(url, {}, region)

    await expect(call).rejects.toThrow(because)
    await expect(call).rejects.toMatchObject({ type: 'permission_error' })
    await expect(call).rejects.toThrow('the workspace acme allows no call to')
    expect(sent).toEqual([])
  })

  test('however the URL is written, where it is not to a listed host', () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withFragments: true, withQueryParameters: true }),
        fc.string(),
        (url, region) => {
          expect(refusalOf(API, url, region)).not.toBeNull()
          expect(
            refusalOf(of({ offline: true, model_hosts: [new URL(url).host] }), url, region),
          ).not.toBeNull()
        },
      ),
    )
  })
})

test('a redirect is not followed: it would lead to a host that nobody allowed', async () => {
  let redirect: unknown
  await within(API, async (_, request) => {
    redirect = request.redirect
    return new Response()
  })('https://api.example.com/', { redirect: 'follow' }, null)

  expect(redirect).toBe('error')
})

test.each([
  ['api.example.com', 'api.example.com'],
  ['API.Example.com', 'api.example.com'],
  ['api.example.com:443', 'api.example.com'],
  ['api.example.com:80', 'api.example.com'],
  ['localhost:11434', 'localhost:11434'],
  ['[::1]:8080', '[::1]:8080'],
  ['127.1', '127.0.0.1'],
])('the host %s is listed as %s', (text, host) => {
  expect(hostNamed(text)).toBe(host)
})

test.each([
  '',
  'https://api.example.com',
  'api.example.com/v1',
  'me@api.example.com',
  '*.example.com',
  'a b',
  'x:99999',
  'a?b',
  'a#b',
])('%j is no host to list', (text) => {
  expect(() => hostNamed(text)).toThrow(EngineError)
})

/** What would open sockets, and which URLs it was asked for. */
function recorder(): { sent: string[]; outbound: Outbound } {
  const sent: string[] = []
  return {
    sent,
    outbound: async (url) => {
      sent.push(url)
      return new Response()
    },
  }
}
