/**
 * A provider that takes message batches: a real HTTP server of this machine that speaks the protocol, so that the real SDK is on our side.
 *
 * A batch is in progress for as many looks as `looks` says; one that is canceled ends at the next look.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export type BatchRequest = {
  custom_id: string
  params: {
    model: string
    max_tokens: number
    system: { text: string; cache_control?: unknown }[]
    messages: { role: string; content: string }[]
    output_config: { format: { type: string; schema: Record<string, unknown> } }
  }
}

/** What one question of a batch comes to. */
export type BatchResult =
  | { json: unknown }
  | { text: string; stop_reason?: string }
  | { error: string; says?: string }
  | 'expired'

type Batch = {
  id: string
  requests: BatchRequest[]
  status: 'in_progress' | 'canceling' | 'ended'
  /** Before it came to its first question. */
  was_canceled: boolean
}

export type ScriptedBatches = {
  url: string
  batches: Batch[]
  /** Statuses to answer with before anything is done, each once. */
  faults: number[]
  /** How often a batch is looked at before it has ended. */
  looks: number
  answer: (request: BatchRequest) => BatchResult
  /** How often results were fetched. */
  fetched: number
  /** Questions that came by themselves. */
  direct: number
  /** Takes requests and answers none. */
  is_silent: boolean
  /** So often results break off. */
  broken_results: number
  close: () => Promise<void>
}

export async function scriptedBatches(answer: ScriptedBatches['answer']): Promise<ScriptedBatches> {
  const looked = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const say = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (it.is_silent) return
    const fault = it.faults.shift()
    if (fault !== undefined) return say(fault, failure('api_error'))
    if (request.method === 'POST' && request.url === '/v1/messages') {
      const asked = { custom_id: 'direct', params: oneText(await json(request)) }
      const { result } = resultOf(asked, { was_canceled: false }, it.answer)
      it.direct++
      return say(200, 'message' in result ? result.message : failure('api_error'))
    }
    const [, id, verb] = /^\/v1\/messages\/batches(?:\/([^/?]+))?(?:\/(\w+))?/.exec(request.url!) ?? []
    if (request.method === 'POST' && id === undefined) {
      const { requests } = (await json(request)) as { requests: BatchRequest[] }
      const id = `msgbatch_${it.batches.length + 1}`
      const batch: Batch = { id, requests, status: 'in_progress', was_canceled: false }
      it.batches.push(batch)
      return say(200, shown(batch, it.url))
    }
    const batch = it.batches.find((one) => one.id === id)
    if (batch === undefined) return say(404, failure('not_found_error'))
    if (verb === 'cancel') {
      if (batch.status === 'in_progress') batch.status = 'canceling'
      return say(200, shown(batch, it.url))
    }
    if (verb === 'results') {
      it.fetched++
      response.writeHead(200, { 'content-type': 'application/x-jsonl' })
      if (it.broken_results-- > 0) return response.write('{"custom_id":', () => response.destroy())
      for (const one of batch.requests) response.write(`${JSON.stringify(resultOf(one, batch, it.answer))}\n`)
      return response.end()
    }
    const looks = (looked.get(batch.id) ?? 0) + 1
    looked.set(batch.id, looks)
    if (batch.status === 'canceling') batch.was_canceled = true
    if (batch.status === 'canceling' || looks > it.looks) batch.status = 'ended'
    return say(200, shown(batch, it.url))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const it: ScriptedBatches = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches: [],
    faults: [],
    looks: 1,
    answer,
    fetched: 0,
    direct: 0,
    is_silent: false,
    broken_results: 0,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return it
}

/** By itself a question comes in parts; as one text, it is as in a batch. */
function oneText(body: unknown): BatchRequest['params'] {
  const { messages, ...params } = body as Omit<BatchRequest['params'], 'messages'> & {
    messages: { role: string; content: { text: string }[] }[]
  }
  const texts = messages.map((it) => ({ ...it, content: it.content.map(({ text }) => text).join('') }))
  return { ...params, messages: texts }
}

function shown({ id, requests, status }: Batch, url: string) {
  const n = requests.length
  const has_ended = status === 'ended'
  return {
    id,
    type: 'message_batch',
    processing_status: status,
    request_counts: {
      ...{ processing: has_ended ? 0 : n, succeeded: has_ended ? n : 0 },
      ...{ errored: 0, canceled: 0, expired: 0 },
    },
    created_at: '2026-11-23T22:00:00Z',
    expires_at: '2026-11-24T22:00:00Z',
    ended_at: has_ended ? '2026-11-23T23:00:00Z' : null,
    archived_at: null,
    cancel_initiated_at: null,
    results_url: has_ended ? `${url}/v1/messages/batches/${id}/results` : null,
  }
}

function resultOf(
  { custom_id, params }: BatchRequest,
  { was_canceled }: Pick<Batch, 'was_canceled'>,
  answer: ScriptedBatches['answer'],
) {
  if (was_canceled) return { custom_id, result: { type: 'canceled' } }
  const said = answer({ custom_id, params })
  if (said === 'expired') return { custom_id, result: { type: 'expired' } }
  if ('error' in said)
    return { custom_id, result: { type: 'errored', error: failure(said.error, said.says) } }
  const text = 'json' in said ? JSON.stringify(said.json) : said.text
  const stop_reason = ('stop_reason' in said && said.stop_reason) || 'end_turn'
  const usage = {
    ...{ input_tokens: 120, output_tokens: 12 },
    ...{ cache_read_input_tokens: 1_000, cache_creation_input_tokens: 0 },
  }
  const message = {
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: params.model },
    ...{ content: text === '' ? [] : [{ type: 'text', text }], stop_reason, stop_sequence: null, usage },
  }
  return { custom_id, result: { type: 'succeeded', message } }
}

function failure(type: string, message = `scripted ${type}`) {
  return { type: 'error', error: { type, message }, request_id: 'req_scripted' }
}
