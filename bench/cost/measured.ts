/** One contender, a server of its own, and what was sent to that server in three runs. */
import { type Recorded, scriptedServer } from '../../test/model/scripted-servers.ts'
import { answering } from './answers.ts'
import type { Contender, Session } from './contender.ts'

export type Row = {
  contender: string
  width: number
  run: 'first' | 'again' | 'more'
  calls: number
  prompt_tokens: number
  /** Of those, what a provider that keeps beginnings it has seen would charge less for. */
  of_them_cached: number
  answer_tokens: number
  embedding_calls: number
  embedding_tokens: number
  most_at_once: number
  seconds: number
  keeps: string
}

export type Trial = {
  all: Session[]
  /** How many of them, at the end, are new to the last run. */
  more: number
  /** Questions at a time. */
  width: number
  /** How long an answer takes. */
  ms: number
  /** In one session of so many there is something to learn. */
  one_in: number
}

export async function measured(
  contender: Contender,
  { all, more, width, ms, one_in }: Trial,
): Promise<Row[]> {
  const first = all.slice(0, -more)
  const script = answering(one_in)
  const server = await scriptedServer(async (asked) => ({ ...(await script(asked)), ms }))
  const begun = await contender.begin(server.base_url('openai'), width)
  const rows: Row[] = []
  try {
    for (const [run, sessions] of [
      ['first', first],
      ['again', first],
      ['more', all],
    ] as const) {
      const before = { requests: server.requests.length, embeddings: server.embeddings.length }
      const began = performance.now()
      await begun.learn(sessions)
      const seconds = (performance.now() - began) / 1_000
      const requests = server.requests.slice(before.requests)
      const embeddings = server.embeddings.slice(before.embeddings)
      const not_understood = requests.filter((it) => it.billed.output === 0).length
      if (not_understood > 0)
        throw new Error(`${contender.name}: ${not_understood} questions were not understood`)
      rows.push({
        contender: contender.name,
        width,
        run,
        calls: requests.length,
        prompt_tokens: sum(requests.map((it) => it.billed.input + it.billed.cache_read)),
        of_them_cached: sum(requests.map((it) => it.billed.cache_read)),
        answer_tokens: sum(requests.map((it) => it.billed.output)),
        embedding_calls: embeddings.length,
        embedding_tokens: sum(embeddings.map((it) => it.tokens)),
        most_at_once: mostAtOnce(requests),
        seconds,
        keeps: await begun.kept(),
      })
    }
  } finally {
    await begun.end()
    await server.close()
  }
  return rows
}

function mostAtOnce(requests: Recorded[]): number {
  return Math.max(
    0,
    ...requests.map(
      ({ began }) => requests.filter((it) => it.began <= began && (it.ended ?? began + 1) > began).length,
    ),
  )
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, it) => total + it, 0)
}
