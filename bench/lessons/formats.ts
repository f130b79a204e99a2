/** Formats: whether the same sessions, written by another harness, give the same lessons. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readTranscript } from '../../src/1-ingest/detect.ts'
import type { Transcript } from '../../src/1-ingest/transcript.ts'
import { openEngine } from '../../src/engine.ts'
import { recordedFiles } from './recorded.ts'
import { recordings, type Section, skipped } from './section.ts'

export async function formats(): Promise<Section> {
  const folder = recordings()
  if (folder === null) return skipped('formats', 'the data folder is missing')
  const rows: { recording: string; lessons: number; 'the same': number }[] = []
  for (const path of await recordedFiles(folder)) {
    const as_steps = await lessonsOf(path)
    const as_events = await asManagedAgents(path, lessonsOf)
    const same = as_steps.filter((it) => as_events.includes(it)).length
    rows.push({
      recording: basename(path, '.jsonl'),
      lessons: new Set([...as_steps, ...as_events]).size,
      'the same': same,
    })
  }
  const all = rows.reduce((sum, it) => sum + it.lessons, 0)
  const same = rows.reduce((sum, it) => sum + it['the same'], 0)
  return {
    name: 'formats',
    about: [
      'Each recording once in the steps format and once as events of the Managed Agents API: of all lessons of either, how many came out of both, word for word',
      'and with the same counts.',
    ].join(' '),
    rows,
    bars:
      all === 0
        ? []
        : [{ name: 'lessons that both formats give', value: same / all, limit: 1, is: 'at least' }],
    skipped: null,
  }
}

async function lessonsOf(path: string): Promise<string[]> {
  const engine = openEngine({ database: ':memory:', now: () => new Date(0) })
  try {
    await engine.ingest([path])
    const reports = await engine.dream()
    return reports.flatMap(({ dream, patterns }) =>
      patterns.map((it) =>
        JSON.stringify([dream.agent, it.text, it.tier, it.status, it.effect, it.sessions]),
      ),
    )
  } finally {
    await engine.close()
  }
}

async function asManagedAgents<T>(path: string, look: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-format-'))
  try {
    const file = join(folder, basename(path))
    const read = readTranscript(path, { harness: 'steps', agent: null }, () => {})
    writeFileSync(file, [...read].map((it) => `${JSON.stringify(managedAgents(it.transcript))}\n`).join(''))
    return await look(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A session object with its events. Only calls keep their ids, which results refer to: so copies are known by content, as in steps. */
function managedAgents({ session }: Transcript) {
  const { external_session_id, agent, agent_version, task, started_at, outcome, events } = session
  return {
    session: {
      id: external_session_id,
      agent: { name: agent, model: agent_version },
      metadata: { task_id: task },
      created_at: started_at,
    },
    events: [
      ...events.map(({ id, ...it }) => (it.type === 'agent.tool_use' ? { id, ...it } : it)),
      { type: 'session.outcome', outcome },
    ],
  }
}
