import type { BetaDream } from '@anthropic-ai/sdk/resources/beta/dreams'
import type { Client } from './server.ts'

/** The dream once it has ended, polled as the guide does it, only more often. */
export async function dreamed(client: Client, id: string, patience_ms = 50_000): Promise<BetaDream> {
  const until = Date.now() + patience_ms
  for (;;) {
    const dream = await client.beta.dreams.retrieve(id)
    if (dream.ended_at !== null) return dream
    if (Date.now() > until) throw new Error(`the dream ${id} is still ${dream.status}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}
