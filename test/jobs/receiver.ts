/** Somebody who receives webhooks: a real HTTP server of this machine, which answers as it is told. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { path: string; headers: IncomingHttpHeaders; body: string }

export type Receiver = {
  port: number
  url: string
  received: Received[]
  /** What is answered next, and from then on. A status of null is no answer at all. */
  answer: { status: number | null; headers?: Record<string, string>; body?: string }
  /** Resolves when there are so many. */
  got: (n: number) => Promise<void>
  close: () => Promise<void>
}

export async function receiver(host = '127.0.0.1'): Promise<Receiver> {
  const received: Received[] = []
  let told = () => {}
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ path: request.url!, headers: request.headers, body })
    told()
    const { status, headers, body: said } = it.answer
    if (status !== null) response.writeHead(status, headers).end(said)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const it: Receiver = {
    port,
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    answer: { status: 204 },
    async got(n) {
      while (received.length < n)
        await new Promise<void>((resolve) => {
          told = resolve
        })
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return it
}
