/** Reverie: sessions are ingested from their file, and dreamed of with a model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine, openWorkspaces } from '../../src/engine.ts'
import type { Contender } from './contender.ts'

export const reverie: Contender = {
  name: 'Reverie',
  says: 'ingest() and dream() with a model, on a database on disk; ingesting is in its time',
  async begin(base_url, width) {
    const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-cost-'))
    const [database, models_file, file] = ['a.db', 'models.yaml', 'sessions.jsonl'].map((it) =>
      join(folder, it),
    )
    writeFileSync(
      models_file!,
      `default: bench/scripted
providers:
  bench: { kind: openai_compatible, base_url: ${base_url}, concurrency: ${width} }
`,
    )
    const workspaces = openWorkspaces({ database: database! })
    await workspaces.change({ name: 'default', model_hosts: [new URL(base_url).host] }, 'user:bench')
    await workspaces.close()
    const engine = openEngine({ database: database!, models_file })
    return {
      async learn(sessions) {
        writeFileSync(file!, sessions.map((it) => `${JSON.stringify(it)}\n`).join(''))
        await engine.ingest([file!])
        await engine.dream()
      },
      async kept() {
        const { data } = await engine.lessons({ limit: 100 })
        return `lessons: ${data.length}`
      },
      async end() {
        await engine.close()
        rmSync(folder, { recursive: true })
      },
    }
  },
}
