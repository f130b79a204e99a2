/** Those who share a database: what each of them does in its workspace, and words that nobody else ever says. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../src/domain/error.ts'
import { type Engine, openEngine, openWorkspaces } from '../../src/engine.ts'

export const AGENTS = ['desk', 'shop'] as const
export type AgentName = (typeof AGENTS)[number]

/** What a tenant can do; `batch` and `path` are numbers that make one of them differ from the next. */
export type Act =
  | { does: 'ingest'; agent: AgentName; batch: number }
  | { does: 'ingest what others have too' }
  | { does: 'record'; agent: AgentName; batch: number }
  | { does: 'set a policy'; share: number }
  | { does: 'dream' }
  | { does: 'decide'; nth: number; decision: 'approved' | 'rejected' }
  | { does: 'adopt' }
  | { does: 'erase'; of: 'everybody' | AgentName }
  | { does: 'undo'; nth: number }
  | { does: 'compare'; agent: AgentName }
  | { does: 'import'; agent: AgentName; path: number; text: number; replace: boolean }

export type Tenant = {
  workspace: string
  /** Stands in every text of it; with the agent, in every text of that agent. */
  word: string
  engine: Engine
  act: (it: Act) => Promise<void>
}

/** Opens a workspace of a database, made where it is not there, with a clock of its own: what others do takes it no time. */
export async function tenant(
  database: string,
  folder: string,
  workspace: string,
  word: string,
): Promise<Tenant> {
  let ticks = 0
  const now = () => new Date(Date.UTC(2026, 10, 2) + 1_000 * ticks++)
  if (workspace !== 'default') {
    const workspaces = openWorkspaces({ database, now })
    const known = (await workspaces.list()).data.some((it) => it.name === workspace)
    if (!known) await workspaces.create({ name: workspace }, 'user:ann')
    await workspaces.close()
  }
  const engine = openEngine({ database, workspace, now })
  mkdirSync(folder, { recursive: true })
  return { workspace, word, engine, act: (it) => act(engine, { folder, word }, it) }
}

async function act(
  engine: Engine,
  { folder, word }: { folder: string; word: string },
  it: Act,
): Promise<void> {
  switch (it.does) {
    case 'ingest': {
      const said = `${word}${it.agent}`
      const lines = Array.from({ length: 12 }, (_, i) => run(it.agent, said, `${it.batch}-${i}`, i))
      return ingest(engine, join(folder, `${it.agent}-${it.batch}.jsonl`), lines)
    }
    case 'ingest what others have too': {
      const lines = Array.from({ length: 12 }, (_, i) => run('desk', 'everybody', `shared-${i}`, i))
      return ingest(engine, join(folder, 'shared.jsonl'), lines)
    }
    case 'record': {
      await record(engine, it.agent, `${word}${it.agent}`, `${word}-${it.batch}`)
      return
    }
    case 'set a policy': {
      const text = `format_version: 1\nlargest_share: { touched: 0.2${it.share} } # says ${word}\n`
      await engine.setPolicy({ file: 'policy.yaml', text }, 'user:ann')
      return
    }
    case 'dream':
      await engine.dream()
      return
    case 'decide': {
      const { data } = await engine.changes({ status: ['undecided'] })
      const chosen = data[it.nth % Math.max(data.length, 1)]
      if (!chosen) return
      const word = { decision: it.decision, reason: 'as agreed', edited: null, until: null, covered_by: null }
      await engine.decide([{ id: chosen.id }], word, 'user:ann')
      return
    }
    case 'erase': {
      const person = it.of === 'everybody' ? 'everybodyann' : `${word}${it.of}ann`
      // Of whom everything may be erased already.
      await unlessRefused('not_found_error', () =>
        engine.erase({ person }, { as: 'user:ann', dry_run: false }),
      )
      return
    }
    case 'adopt': {
      const stores = await engine.memoryStores()
      for (const { name: store } of stores) await engine.adopt({ store }, 'user:ann')
      return
    }
    case 'undo': {
      const { data } = await engine.changes({ status: ['adopted'] })
      const chosen = data[it.nth % Math.max(data.length, 1)]
      // Its memory may have been changed or erased since.
      if (chosen) await unlessRefused('conflict_error', () => engine.undo(chosen.id, { as: 'user:ann' }))
      return
    }
    case 'compare': {
      const control_agent = 'till'
      await ingest(engine, join(folder, 'till.jsonl'), [run(control_agent, `${word}till`, 'till', 0)])
      await engine.startExperiment({ store: it.agent, control_agent }, 'user:ann')
      return
    }
    case 'import': {
      const content = `Ask ${word}${it.agent} before case ${it.text}.\n`
      const files = [{ name: `by-hand/${it.path}.md`, bytes: Buffer.from(content) }]
      const how = { format: 'markdown', as: 'user:ann', replace: it.replace, dry_run: false } as const
      await engine.importMemories(files, { ...how, store: it.agent, agent: it.agent })
    }
  }
}

async function unlessRefused(type: EngineError['type'], act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof EngineError && error.type === type)) throw error
  }
}

/** A session over the wire, with a thread, an agent and an environment of its own. */
async function record(engine: Engine, agent: AgentName, said: string, name: string): Promise<void> {
  const text = (it: string) => [{ type: 'text', text: it }]
  const session = await engine.createSession(
    {
      agent: { id: agent, version: null, overrides: {} },
      environment_id: `env_${name}`,
      title: `About ${said}`,
      metadata: { external_id: `recorded-${agent}-${name}` },
      resources: [{ type: 'file', file_id: `file_${name}`, mount_path: null }],
      vault_ids: [],
      budget: null,
      initial_events: [{ type: 'user.message', id: `sevt_${name}`, content: text(`Say ${said}.`) }],
    },
    'user:ann',
  )
  const thread = { session_thread_id: `sthr_${name}`, agent_name: said }
  await engine.sendEvents(session.id, [
    { type: 'session.thread_created', ...thread, workflow_run_id: null },
    { type: 'agent.message', content: text(`So be it, ${said}.`) },
  ])
}

/** Every other one fails because of a call that a tool refuses; half of them are judged. */
function run(agent: string, word: string, id: string, i: number): object {
  const has_failed = i % 3 !== 0
  return {
    id: `run-${id}`,
    agent,
    user: `${word}ann`,
    task_id: `${word}-${i % 4}`,
    started_at: `2026-11-01T09:${String(i).padStart(2, '0')}:00Z`,
    outcome: { success: !has_failed },
    steps: [
      { role: 'user', text: `Please book trip ${id} of ${word}.` },
      { role: 'assistant', calls: [{ id: 'c1', name: `book_${word}`, args: { trip: `${word} ${id}` } }] },
      {
        role: 'tool',
        call_id: 'c1',
        name: `book_${word}`,
        text: has_failed ? `Error: the ${word} office is closed` : 'booked',
        error: has_failed,
      },
    ],
  }
}

async function ingest(engine: Engine, path: string, lines: object[]): Promise<void> {
  writeFileSync(path, lines.map((it) => `${JSON.stringify(it)}\n`).join(''))
  await engine.ingest([path])
}
