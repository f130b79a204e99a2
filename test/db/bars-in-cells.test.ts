/** What was counted under names with a bar in them, before a bar in a name was told from the one between the halves of a cell. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { intentOf, ruleOf, versionOf } from '../../src/3-mine/cell.ts'
import type { Count } from '../../src/domain/tally.ts'
import { openEngine } from '../../src/engine.ts'
import { marked } from '../erasure/marked-sessions.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-bars-'))
afterAll(() => rmSync(folder, { recursive: true }))

const PEOPLE = ['Ana | Sales', 'Ana | Support', 'ben', undefined, 'é|🎈|']
const TASKS = ['refund', 'a|b', undefined]

test.each(['2.1|beta', '2.1|beta|2', '2.1'])(
  'of sessions of version %s it is written anew as it is counted today, and goes with them when they are erased',
  async (agent_version) => {
    const path = join(folder, `${agent_version.replaceAll('|', '-')}.db`)
    await dreamed(path, agent_version)
    const anew = cellsIn(path)
    spellAsBefore(path, agent_version)
    const before = cellsIn(path)

    const engine = openEngine({ database: path })
    await engine.lessons({})

    expect(cellsIn(path)).toEqual(anew)
    const rewritten = [...anew].filter(([row, cells]) => !isSame(cells, before.get(row)!))
    expect(new Set(rewritten.map(([row]) => row.split(' ')[0]))).toEqual(
      new Set(agent_version === '2.1' ? OF_PEOPLE : CHANNELS),
    )
    await engine.erase({ before: '2030-01-01T00:00:00Z' }, { as: 'user:ana', dry_run: false })
    await engine.close()
    expect(cellsIn(path)).toEqual(new Map())
  },
)

const OF_PEOPLE = ['correction', 'edit', 'temporal']
const CHANNELS = [...OF_PEOPLE, 'approval', 'call', 'repair', 'session']

async function dreamed(path: string, agent_version: string): Promise<void> {
  const lines = marked(60).map((line, i) => {
    const session = { ...JSON.parse(line), agent_version, user: PEOPLE[i % 5], task_id: TASKS[i % 3] }
    return JSON.stringify(session)
  })
  writeFileSync(`${path}.jsonl`, lines.join('\n'))
  const engine = openEngine({ database: path, now: () => new Date('2026-09-01T00:00:00Z') })
  await engine.ingest([`${path}.jsonl`], { harness: 'steps' })
  await engine.dream({ store: 'desk', agent: 'desk' })
  await engine.close()
}

function cellsIn(path: string): Map<string, Record<string, Count>> {
  const sqlite = new DatabaseSync(path)
  const rows = sqlite.prepare('SELECT channel, context, trait, cells FROM tally').all()
  sqlite.close()
  return new Map(rows.map((it) => [`${it.channel} ${it.context} ${it.trait}`, JSON.parse(String(it.cells))]))
}

/** As the version before the migration left it. */
function spellAsBefore(path: string, agent_version: string): void {
  const sqlite = new DatabaseSync(path)
  const [number, ...rest] = agent_version.split('|')
  const after_bar = rest.map((it) => `${it}|`).join('')
  const spelled = (cell: string) => {
    const [name, intent, rule] = [versionOf(cell), intentOf(cell), ruleOf(cell)]
    if (rule !== null) return `${number} by ${rule}|${after_bar}${intent}`
    return name === agent_version || /^\d{4}-\d\d-\d\dT\d\d$/.test(intent)
      ? `${name}|${intent}`
      : `${name}|${after_bar}${intent}`
  }
  const write = sqlite.prepare(
    'UPDATE tally SET cells = ? WHERE memory_store_id = ? AND context = ? AND trait = ?',
  )
  for (const it of sqlite.prepare('SELECT * FROM tally').all()) {
    const cells = Object.entries(JSON.parse(String(it.cells))).map(([cell, count]) => [spelled(cell), count])
    write.run(JSON.stringify(Object.fromEntries(cells)), it.memory_store_id!, it.context!, it.trait!)
  }
  sqlite.exec("DELETE FROM migration WHERE name = '0028-bars-in-cells'")
  sqlite.close()
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
