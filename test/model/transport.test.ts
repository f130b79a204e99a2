/** What a hostile provider may send, and where it may have our side send something: never elsewhere, never without end. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGzip } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Outbound } from '../../src/domain/residency.ts'
import { ModelError } from '../../src/model/model-error.ts'
import { providerAsk } from '../../src/model/providers.ts'
import { transportOf } from '../../src/model/transport.ts'

const servers: Server[] = []
afterEach(() => {
  for (const it of servers.splice(0)) {
    it.closeAllConnections()
    it.close()
  }
})

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const send: Outbound = (url, request) => fetch(url, request)

test.each([
  ['another host', (it: string) => it.replace('127.0.0.1', 'localhost')],
  ['another port', (it: string) => it.replace(/\d+$/, '1')],
  ['the same host without TLS', (it: string) => it.replace('http:', 'https:')],
  ['what is no address', () => 'results'],
])('a key is not sent to %s, whatever an answer names', async (_, moved) => {
  let sent = 0
  const base_url = await serving((_, response) => response.end())
  const { fetch } = transportOf(
    async (...it) => {
      sent++
      return send(...it)
    },
    { base_url: `${base_url}/v1`, region: null },
  )
  await expect(fetch(`${moved(base_url)}/v1/results`, { headers: { 'x-api-key': 'k' } })).rejects.toThrow(
    /names an address elsewhere/,
  )
  expect(sent).toBe(0)
  await fetch(`${base_url}/v1/results`)
  expect(sent).toBe(1)
})

describe.each(['as it is', 'packed'])('an answer that does not end, %s', (how) => {
  let hung_up: Promise<unknown>
  const endless = () =>
    serving((_, response) => {
      hung_up = once(response, 'close')
      const is_packed = how === 'packed'
      const headers = {
        'content-type': 'application/json',
        ...(is_packed ? { 'content-encoding': 'gzip' } : {}),
      }
      response.writeHead(200, headers)
      const to = is_packed ? createGzip() : response
      if (to !== response) to.pipe(response)
      const chunk = Buffer.alloc(1 << 20, ' ')
      const more = () => {
        let is_taken = true
        while (is_taken && !response.destroyed) is_taken = to.write(chunk)
        to.once('drain', more)
      }
      more()
    })

  test('is hung up on, and is no answer', async () => {
    const ask = await providerAsk(settingsOf(await endless()), 'qwen3', send)
    const error = await ask(QUESTION).catch((it: unknown) => it)
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ kind: 'unavailable', reason: 'not a provider' })
    await hung_up
  })

  test('is read up to a bound', async () => {
    const base_url = await endless()
    const { body } = await transportOf(send, { base_url, region: null }).fetch(base_url)
    let read = 0
    const reading = async () => {
      for await (const chunk of body!) {
        read += chunk.byteLength
        if (read > MOST_READ) return
      }
    }
    await expect(reading()).rejects.toThrow(/bytes were answered/)
    expect(read).toBeLessThanOrEqual(MOST_READ)
    await hung_up
  })
})

const MOST_READ = 32 * (1 << 20)

const QUESTION = {
  stage: 'review' as const,
  system: 'Read.',
  prompt: 'This.',
  schema: z.object({ claims: z.array(z.string()) }),
  max_output_tokens: 100,
}

function settingsOf(base_url: string) {
  return {
    name: 'here',
    kind: 'openai_compatible' as const,
    base_url: `${base_url}/v1`,
    api_key: null,
    aws: null,
    region: null,
    concurrency: 1,
    timeout_ms: 20_000,
  }
}
