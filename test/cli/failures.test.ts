/** What happens when something goes wrong outside of what was asked: another dream, a closed pipe, a bug. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { openDatabase } from '../../src/db/database.ts'
import { beginDream } from '../../src/db/dreams.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { Dreamed, Failure } from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-failures-'))
afterAll(() => rmSync(home, { recursive: true }))

test('an agent whose memory is being dreamed for elsewhere does not keep the others from their dream', async () => {
  const world = { home, env: { REVERIE_DB: join(home, 'busy.db') } }
  const sessions = ['busy', 'free'].map((agent) =>
    JSON.stringify({ agent, id: agent, steps: [{ role: 'user', text: `Hello ${agent}` }] }),
  )
  writeFileSync(join(home, 'sessions.jsonl'), sessions.join('\n'))
  await reverie(['ingest', 'sessions.jsonl'], world)
  await dreamElsewhere(world.env.REVERIE_DB, 'busy')

  const one = await reverie(['dream', '--agent', 'busy', '--json'], world)
  const both = Dreamed.parse(await reverieJson(['dream'], world))
  const told = await reverie(['dream'], world)

  expect(Failure.parse(JSON.parse(one.stdout)).error.type).toBe('conflict_error')
  expect(both.failed).toMatchObject([{ agent: 'busy', error: { type: 'conflict_error' } }])
  expect(both.dream).toMatchObject({ agent: 'free', status: 'completed', sessions_read: 1 })
  expect(told.stdout).toMatch(/busy: failed\n.* is still running/s)
  expect([one.exit_code, told.exit_code]).toEqual([1, 1])
})

test('who stops reading the answer ends it quietly', async () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--help'], { env: { HOME: home } })
  child.stdout.destroy()
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])

  expect(stderr).toBe('')
  expect(child.exitCode).toBe(0)
})

test('a bug is called one, without its stack', async () => {
  let told = ''
  const broken = {
    write() {
      throw new Error('the screen is gone')
    },
  }
  const stderr = { write: (it: string) => (told += it) }
  const argv = ['sessions', '--db', join(home, 'bug.db')]
  const exit_code = await run(argv, { stdout: broken, stderr } as never)

  expect(told).toMatch(/^reverie: this is a bug in Reverie: the screen is gone\n {2}run the same command/)
  expect(told).not.toContain('.ts')
  expect(exit_code).toBe(1)
})

async function dreamElsewhere(database: string, agent: string): Promise<void> {
  const db = openDatabase(database)
  const store = await ensureMemoryStore(db, agent, agent, new Date().toISOString())
  await beginDream(db, store.id, 'another-machine:1', new Date(), () => true)
  await db.destroy()
}
