/**
 * mem0, its open-source part in this process: `add` for every session, all into the memory of one agent.
 *
 * What it keeps is in memory; that, and SQLite being Node's own, spares it time and no tokens.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contender, inTurns, type Message, messagesOf } from './contender.ts'

type Memory = {
  add: (messages: Message[], config: { agentId: string }) => Promise<unknown>
  getAll: (config: { filters: { agent_id: string }; topK: number }) => Promise<{ results: unknown[] }>
}

const AGENT = 'retail-desk'
/** Known here by its name alone: it is not among what this project installs. */
const PACKAGE: string = 'mem0ai/oss'

export const mem0: Contender = contender('mem0', 'all messages', () => true)

/** As most use it: what was said, without what tools answered. */
export const mem0_of_words: Contender = contender(
  'mem0 words only',
  'only what was said',
  (it) => it.role !== 'tool',
)

function contender(name: string, of: string, is_given: (message: Message) => boolean): Contender {
  return {
    name,
    says: `mem0ai/oss: add() with infer for every session, ${of}; memory vector store`,
    async begin(base_url, width) {
      const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-cost-'))
      const memory = await newMemory(base_url, folder)
      return {
        learn: (sessions) =>
          inTurns(sessions, width, async (it) => {
            await memory.add(messagesOf(it).filter(is_given), { agentId: AGENT })
          }),
        async kept() {
          const { results } = await memory.getAll({ filters: { agent_id: AGENT }, topK: 10_000 })
          return `memories: ${results.length}`
        },
        end: async () => rmSync(folder, { recursive: true }),
      }
    },
  }
}

/** It tells nobody that it is used, and writes who uses it into `folder` and not into the home. */
async function newMemory(base_url: string, folder: string): Promise<Memory> {
  process.env.MEM0_TELEMETRY = 'false'
  process.env.MEM0_DIR = folder
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'better-sqlite3'
        ? { url: import.meta.resolve('./better-sqlite3.ts'), shortCircuit: true }
        : next(specifier, context),
  })
  try {
    const { Memory } = (await import(PACKAGE)) as { Memory: new (config: unknown) => Memory }
    const config = { apiKey: 'none', baseURL: base_url }
    return new Memory({
      llm: { provider: 'openai', config: { ...config, model: 'scripted' } },
      embedder: {
        provider: 'openai',
        config: { ...config, model: 'text-embedding-3-small', embeddingDims: 1_536 },
      },
      vectorStore: {
        provider: 'memory',
        config: { collectionName: 'memories', dimension: 1_536, dbPath: ':memory:' },
      },
      historyDbPath: ':memory:',
    })
  } finally {
    hooks.deregister()
  }
}
