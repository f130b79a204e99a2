/** Risk: where the sessions of an agent are likely to fail. */
import { signatureOf } from '../3-mine/intent.ts'
import { MIN_SUPPORT } from '../3-mine/mine.ts'
import { type IntentRisk, riskByIntent } from '../3-mine/risk.ts'
import type { Database } from '../db/database.ts'
import { listSessions } from '../db/sessions.ts'
import { loadTally } from '../db/tallies.ts'
import { type Page, type PageRequest, pageOf } from '../domain/page.ts'
import type { Opened } from './opened.ts'
import { storesOf } from './stores.ts'

/** Where sessions of an agent are likely to fail: a view for a person, no lesson. */
export type Risk = IntentRisk & {
  memory_store_id: string
  agent: string
  /** How a session of it began, where the intent is a cluster; null for a task, whose name says what it is. */
  example: string | null
}

export function riskOf({ db }: Opened) {
  return {
    /**
     * Failure risk by intent, the surest first, from the counts of each store: the sessions that were dreamed of and have a
     * verified outcome. It shows a person where to look; nothing of it is a lesson.
     */
    async risk(filter: { agent?: string; store?: string } & PageRequest = {}): Promise<Page<Risk>> {
      const risks: Risk[] = []
      for (const { id, agent } of await storesOf(db, filter)) {
        const intents = riskByIntent(await loadTally(db, id, new Map(), MIN_SUPPORT))
        const examples = await beginningsOf(db, agent, intents)
        for (const it of intents)
          risks.push({ memory_store_id: id, agent, ...it, example: examples.get(it.intent) ?? null })
      }
      return pageOf(
        risks.sort((a, b) => b.low - a.low),
        filter,
      )
    },
  }
}

/** The first words of a session of each cluster among these intents. */
async function beginningsOf(
  db: Database,
  agent: string,
  intents: IntentRisk[],
): Promise<Map<string, string>> {
  const wanted = new Set(intents.map((it) => it.intent).filter((it) => it.startsWith('~')))
  const found = new Map<string, string>()
  let before: string | undefined
  while (found.size < wanted.size) {
    const rows = await listSessions(db, { agent, before, limit: 1_000 })
    if (rows.length === 0) break
    for (const { task, title } of rows) {
      const intent = task === null ? signatureOf(title) : ''
      if (wanted.has(intent) && !found.has(intent)) found.set(intent, title)
    }
    before = rows.at(-1)!.id
  }
  return found
}
