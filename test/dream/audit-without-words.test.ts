/** The audit log is for ever and what sessions say is not: after everything that can happen to a store, no word of a session is in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { AuditAction } from '../../src/domain/audit.ts'
import { experimentsFor } from '../../src/engine/experiments.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { openWire } from './wire-dreaming.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-audit-words-'))
const path = join(folder, 'audit.db')
let engine: Engine
/** Every column of every record, one text each. */
let records: string[]
let actions: Set<string>

const ANN = 'user:ann'
let now = new Date()

/** In every place of a transcript that has a text; all of them hold `qq`. */
const word = (what: string) => `qq${what}`

beforeAll(async () => {
  engine = openEngine({ database: path, now: () => now })
  await ingest('one', 0, 60)
  const [first] = await engine.dream()
  const waiting = first!.changes.filter((it) => it.status === 'undecided')
  expect(waiting.length).toBeGreaterThan(2)
  expect(JSON.stringify(waiting)).toContain('qq')

  // One is left to wait, so that the next dream supersedes it.
  const [rejected, edited, _, ...approved] = waiting
  const say = { reason: 'as agreed', edited: null, until: null, covered_by: null }
  await engine.decide([{ id: rejected!.id }], { ...say, decision: 'rejected' }, ANN)
  await engine.decide(
    [{ id: edited!.id }],
    { ...say, decision: 'approved', edited: `${word('edited')} it\n` },
    ANN,
  )
  await engine.decide(
    approved.map((it) => ({ id: it.id })),
    { ...say, decision: 'approved' },
    ANN,
  )
  await engine.adopt({}, ANN)
  await engine.undo(edited!.id, { as: ANN, reason: 'a mistake' })

  const from = { created_by: `somebody who says: ${word('author')}, obey!`, updated_at: word('time') }
  await engine.importMemories(
    [
      {
        name: `${word('file')}.json`,
        bytes: Buffer.from(
          JSON.stringify([
            {
              id: word('id'),
              memory: word('memory'),
              metadata: { reverie: { format_version: 1, path: `/${word('path')}.md`, ...from } },
              updated_at: from.updated_at,
            },
          ]),
        ),
      },
    ],
    { format: 'mem0', as: ANN, replace: true, dry_run: false },
  )
  await engine.removeMemory(undefined, `/${word('path')}.md`, { as: ANN, reason: 'out of date' })
  await engine.restoreStore(undefined, { seq: 1 }, { as: ANN })
  await experimentOnLesson()
  await storeOverTheWire()
  await dreamOverTheWire()
  await sessionOverTheWire()

  await trust(engine)
  await ingest('two', 60, 140)
  await engine.dream()
  await lessonThatHarms()
  await engine.erase({ person: word('user1') }, { as: ANN, reason: `${word('user1')} asked`, dry_run: false })
  await retainNothing()
  await failingDream()

  const sqlite = new DatabaseSync(path)
  const rows = sqlite.prepare('SELECT * FROM audit').all()
  sqlite.close()
  records = rows.map((it) => JSON.stringify(it))
  actions = new Set(rows.map((it) => String(it.action)))
}, 120_000)
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

test('the run did what it is meant to show', () => {
  expect([...actions].toSorted()).toEqual(
    AuditAction.options.filter((it) => !ELSEWHERE.includes(it)).toSorted(),
  )
})

test('no word of a session, an import or an edit is in any column', () => {
  expect(records.filter((it) => /qq/i.test(it))).toEqual([])
})

test('the log is whole', async () => {
  expect((await engine.verifyAudit()).is_good).toBe(true)
})

/** What has nothing to do with words of a session. */
const ELSEWHERE: AuditAction[] = [
  'redaction_key.created',
  'workspace.created',
  'workspace.changed',
  'key.created',
  'key.revoked',
  'schedule.created',
  'schedule.changed',
  'schedule.archived',
  'webhook.created',
  'webhook.changed',
  'webhook.deleted',
]

async function ingest(name: string, from: number, to: number): Promise<void> {
  const file = join(folder, `${word('transcripts')}-${name}.jsonl`)
  const lines = Array.from({ length: to - from }, (_, i) => session(from + i))
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file])
}

/** Begins as where a session recalls the lesson. */
async function experimentOnLesson(): Promise<void> {
  const [lesson] = (await engine.lessons()).data
  const db = openDatabase(path)
  const { lessons } = await db
    .transaction()
    .execute((tx) => experimentsFor(tx, { id: lesson!.memory_store_id }, [lesson!.id], now.toISOString()))
  await db.destroy()
  await engine.endExperiment(lessons.get(lesson!.id)!.id, { reason: 'as agreed' }, ANN)
}

/** Sessions that are given it never complete, all others do. */
async function lessonThatHarms(): Promise<void> {
  const ended: string[] = []
  let harmful: string | undefined
  for (let i = 0; i < 60; i++) {
    const id = `${word('measured')}${i}`
    const { memories } = await engine.recall(
      { agent: word('agent'), session: id, budget_tokens: 50_000 },
      ANN,
    )
    harmful ??= memories.find((it) => it.given === 'held')?.pattern_ids[0]
    const was_given = memories.some((it) => it.given === 'delivered' && it.pattern_ids[0] === harmful)
    const outcome = { success: !was_given, verified: true, rule: word('rule'), explanation: word('why') }
    ended.push(JSON.stringify({ ...JSON.parse(session(200 + i)), id, outcome }))
  }
  const file = join(folder, `${word('transcripts')}-measured.jsonl`)
  writeFileSync(file, ended.join('\n'))
  await engine.ingest([file])
  await engine.dream()
}

async function storeOverTheWire(): Promise<void> {
  const wanted = { name: word('name'), description: word('what'), metadata: { [word('key')]: word('value') } }
  const { id } = await engine.createStore(wanted, ANN)
  await engine.updateStore(id, () => ({ name: word('other') }), ANN)
  const written = { path: `/${word('place')}`, content: word('content') }
  const memory = await engine.createMemory(id, written, ANN)
  const moved = { path: `/${word('moved')}`, content: word('more'), expected: null }
  await engine.updateMemory(id, memory.id, moved, ANN)
  await engine.redactVersion(id, memory.memory_version_id, ANN)
  await engine.deleteMemory(id, memory.id, null, ANN)
  await engine.archiveStore(id, ANN)
  await engine.deleteStore(id, ANN)
}

async function sessionOverTheWire(): Promise<void> {
  const said = { type: 'user.message', content: [{ type: 'text', text: word('said') }] }
  const { id } = await engine.createSession(
    {
      agent: { id: word('agent'), version: null, overrides: {} },
      environment_id: word('environment'),
      title: word('title'),
      metadata: { external_id: word('external'), [word('key')]: word('value') },
      ...{ resources: [], vault_ids: [], budget: null },
      initial_events: [said],
    },
    ANN,
  )
  await engine.deleteSession(id, ANN)
}

async function dreamOverTheWire(): Promise<void> {
  const wire = openWire(path, () => now)
  const { id } = await wire.store(word('store'))
  const instructions = `Focus on ${word('focus')}. ${word('order')}!`
  const { id: dream_id } = await wire.ask(id, (await wire.sessions()).slice(0, 20), { instructions })
  await wire.run(dream_id)
  const canceled = await wire.ask(id, (await wire.sessions()).slice(0, 1), { instructions })
  await wire.engine.cancelDream(canceled.id, ANN)
  await wire.engine.archiveDream(canceled.id, ANN)
  await wire.close()
}

async function retainNothing(): Promise<void> {
  const text = 'format_version: 1\nretention:\n  - agent: "*"\n    transcripts: 1d\n'
  await engine.setPolicy({ file: 'policy.yaml', text }, ANN)
  now = new Date(Date.now() + 30 * 86_400_000)
  await engine.retain(false)
}

/** A review that cannot be read makes a dream fail with an error that tells of it. */
async function failingDream(): Promise<void> {
  await ingest('three', 140, 142)
  const sqlite = new DatabaseSync(path)
  sqlite.exec(`UPDATE review SET content = '${word('broken')}' WHERE rowid = (SELECT max(rowid) FROM review)`)
  sqlite.close()
  await expect(engine.dream()).rejects.toThrow()
}

function session(i: number): string {
  const looks_up = i % 2 === 0
  const tool = word('refund')
  const steps = [
    { role: 'user', text: `${word('please')} refund order ${1000 + i}` },
    ...(looks_up
      ? [
          { role: 'assistant', calls: [{ id: `l${i}`, name: word('find'), args: { [word('key')]: i } }] },
          { role: 'tool', call_id: `l${i}`, text: word('found') },
        ]
      : []),
    { role: 'assistant', calls: [{ id: `r${i}`, name: tool, args: { order: word('order') } }] },
    looks_up
      ? { role: 'tool', call_id: `r${i}`, text: word('done') }
      : { role: 'tool', call_id: `r${i}`, text: `Error: ${word('order')} is not loaded`, error: true },
    { role: 'user', text: `No, always copy ${word('boss')} on refunds.` },
    {
      role: 'feedback',
      kind: 'edit',
      before: `Dear ${word('sir')}, done.`,
      after: `Dear ${word('sir')}, done. Regards, ${word('signer')}.`,
    },
  ]
  return JSON.stringify({
    id: `${word('session')}${i}`,
    agent: word('agent'),
    agent_version: word('version'),
    user: `${word('user')}${i % 3}`,
    task: `${word('task')}${i % 5}`,
    outcome: { success: looks_up, verified: true, rule: word('rule'), explanation: word('why') },
    steps,
  })
}
