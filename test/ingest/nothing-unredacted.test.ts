/**
 * A real run of the command line over transcripts that are full of secrets and personal data: no byte that it wrote, into
 * database and log, to stdout and stderr, or as an export, holds any of them.
 */

import { hash } from 'node:crypto'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Harness } from '../../src/domain/session.ts'
import type { IngestReport } from '../../src/engine.ts'
import { type Ended, reverie } from '../cli/reverie.ts'
import { Plants } from './planted.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-planted-'))
afterAll(() => rmSync(home, { recursive: true }))

const database = join(home, 'written', 'reverie.db')
const world = { home, env: { REVERIE_DB: database } }
const plants = new Plants()

/** Everything that was written, by where. */
const written = new Map<string, Buffer>()
let report: IngestReport
let lessons: { id: string; text: string }[] = []

beforeAll(async () => {
  plants.writeFixtures(join(home, 'in'))
  writeFileSync(join(home, 'in', 'desk.jsonl'), deskSessions(60))
  const locked = join(home, 'in', `${plants.behind('a file that cannot be read')}.jsonl`)
  writeFileSync(locked, 'binary \0')
  writeFileSync(join(home, 'names.txt'), plants.names.join('\n'))
  mkdirSync(join(home, 'written'))

  const ingest = ['ingest', 'in', '--redact', 'all', '--names', 'names.txt']
  report = JSON.parse((await run([...ingest, '--json'])).stdout)
  // Held open, so that the log of the database stays where it is when a command ends.
  const held = new DatabaseSync(database)
  held.prepare('SELECT count(*) FROM session').get()
  await run(ingest)
  await run([
    'ingest',
    `in/${plants.behind('a file that is not there')}.jsonl`,
    '--redact',
    'all',
    '--names',
    'names.txt',
  ])
  await run(['dream', '--dry-run'])
  await run(['dream'])
  lessons = JSON.parse((await run(['lessons', '--candidates', '--limit', '500', '--json'])).stdout).data
  const sessions = JSON.parse((await run(['sessions', '--limit', '500', '--json'])).stdout).data
  const dreams = JSON.parse((await run(['dreams', '--json'])).stdout).data
  const stores = new Set(
    JSON.parse((await run(['memory', '--limit', '500', '--json'])).stdout).data.map(
      (it: { store: string }) => it.store,
    ),
  )
  for (const it of [
    'lessons',
    'risk',
    'sessions',
    'memory',
    'dreams',
    'audit',
    'audit --json',
    'digest',
    'digest --json',
    'risk --json',
  ])
    await run(it.split(' '))
  for (const it of lessons.slice(0, 4)) await run(['evidence', it.id])
  for (const it of sessions.slice(0, 6)) await run(['sessions', 'show', it.id])
  for (const it of sessions.slice(-6)) await run(['sessions', 'show', it.id, '--json'])
  for (const it of dreams.slice(0, 3)) await run(['dreams', 'show', it.id])
  for (const [i, it] of [...stores].entries())
    await run(['memory', 'export', join(home, 'written', `store-${i}`), '--store', String(it)])
  await run(['audit', 'export', join(home, 'written', 'audit.jsonl')])
  await run(['digest', '--out', join(home, 'written', 'digest.md')])
  for (const it of [
    'evidence nothing',
    'sessions show nothing',
    'memory cat /nothing',
    'dream --agent nothing',
  ])
    expect((await run(it.split(' '))).exit_code).toBe(1)

  for (const path of globSync('written/**', { cwd: home }))
    if (statSync(join(home, path)).isFile()) written.set(path, readFileSync(join(home, path)))
  const rows = held.prepare('SELECT sha256, content FROM transcript').all() as {
    sha256: string
    content: Uint8Array
  }[]
  for (const it of rows) written.set(`transcript ${it.sha256}`, zstdDecompressSync(it.content))
  held.close()
}, 600_000)

async function run(args: string[]): Promise<Ended> {
  const ended = await reverie(args, world)
  const shown = args.join(' ')
  written.set(`stdout of ${shown}`, Buffer.from(ended.stdout))
  written.set(`stderr of ${shown}`, Buffer.from(ended.stderr))
  return ended
}

test('the run did what it is meant to show: everything was found, learned from, and written', () => {
  expect(Object.keys(report.redactions)).toEqual(
    expect.arrayContaining(['github-token', 'email', 'phone', 'card', 'iban', 'national-id', 'ip', 'name']),
  )
  expect(Object.keys(report.by_harness).sort()).toEqual(Harness.options.toSorted())
  expect(report.skipped.length).toBeGreaterThan(20)
  expect(Object.keys(report.passed_over).join()).toContain('[redacted:')
  expect(plants.values.size).toBeGreaterThan(500)
  expect(lessons.length).toBeGreaterThan(0)
  expect(lessons.some((it) => it.text.includes('[redacted:'))).toBe(true)
  expect([...written.keys()]).toEqual(
    expect.arrayContaining(['written/reverie.db', 'written/reverie.db-wal', 'written/audit.jsonl']),
  )
  expect(written.get('written/reverie.db-wal')!.length).toBeGreaterThan(0)
})

describe('of what was planted', () => {
  test('no value was written anywhere', () => {
    const seen: string[] = []
    for (const [place, bytes] of written)
      for (const value of plants.values) if (bytes.includes(value)) seen.push(`${value} in ${place}`)

    expect(seen).toEqual([])
  })

  test('no value was written without its spaces and signs, or in capitals', () => {
    const seen: string[] = []
    for (const [place, bytes] of written) {
      const text = bytes.toString('latin1').toLowerCase()
      for (const value of plants.values) {
        const bare = value.replace(/[ +]/g, '').toLowerCase()
        if (bare.length >= 12 && text.includes(bare)) seen.push(`${bare} in ${place}`)
      }
    }

    expect(seen).toEqual([])
  })

  test('no hash was written that anyone could compare with the hash of a guess', () => {
    const seen: string[] = []
    const guessed = [...plants.values, ...plants.texts].filter((it) => !it.includes('ghp_'))
    const digests = guessed.flatMap((it) =>
      ['sha1', 'sha256', 'md5'].map((how) => hash(how, it).slice(0, 12)),
    )
    for (const [place, bytes] of written) {
      const text = bytes.toString('latin1')
      for (const digest of digests) if (text.includes(digest)) seen.push(`${digest} in ${place}`)
    }

    expect(seen).toEqual([])
  })
})

/** Sessions of which something is learned, so that plants could get into lessons and memories. */
function deskSessions(count: number): string {
  const plant = (what: string) => plants.behind(what)
  return Array.from({ length: count }, (_, i) => {
    const looks_up = i % 2 === 0
    const steps = [
      {
        role: 'user',
        text: `Refund order ${1000 + i} of ${plant('the customer')}, please. ${plant(`session ${i}`)}`,
      },
      ...(looks_up
        ? [
            {
              role: 'assistant',
              text: plant('what is said'),
              calls: [{ id: `l${i}`, name: 'find_order', args: { order: 1000 + i } }],
            },
            { role: 'tool', call_id: `l${i}`, text: `found, paid by ${plant('the payer')}` },
          ]
        : []),
      {
        role: 'assistant',
        calls: [{ id: `r${i}`, name: 'refund', args: { order: 1000 + i, to: plant('the account') } }],
      },
      looks_up
        ? { role: 'tool', call_id: `r${i}`, text: 'refunded' }
        : {
            role: 'tool',
            call_id: `r${i}`,
            text: `Error: order of ${plant('the customer')} is not loaded, see ${plant('the manual')}`,
            error: true,
          },
      {
        role: 'feedback',
        kind: 'edit',
        before: `Dear ${plant('the greeted')}, done.`,
        after: `Dear ${plant('the greeted')}, done. Regards, ${plant('the signer')}`,
      },
      { role: 'user', text: `No, always copy ${plant('the boss')} on refunds.` },
    ]
    const person = plant(`person ${i % 3}`)
    const outcome = {
      success: looks_up,
      verified: true,
      rule: plant('the rule'),
      explanation: plant('why'),
      kind: plant('how'),
    }
    // Without an id of its own, a session is known by all it says.
    const id = i % 4 === 0 ? {} : { id: `run ${i} ${plant(`id ${i}`)}` }
    const agent = `desk ${plant('the agent')}`
    const task = { domain: plant('the domain'), task_id: `${i % 5} ${plant(`task ${i % 5}`)}` }
    return JSON.stringify({
      ...id,
      agent,
      agent_version: plant('the version'),
      user: person,
      ...task,
      outcome,
      steps,
    })
  }).join('\n')
}
