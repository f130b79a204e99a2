/** The audit log on the command line: what a person sees of it, signing, checking without Reverie, and the digest. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { digestText } from '../../src/cli/show/digest.ts'
import type { Digest, DigestedChange } from '../../src/domain/digest.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-audit-cli-'))
afterAll(() => rmSync(home, { recursive: true }))

const database = join(home, 'audit.db')
const world = { home, env: { REVERIE_DB: database } }
let dream_id: string

beforeAll(async () => {
  generateComplianceDesk(join(home, 'desk'))
  await reverie(['ingest', 'desk'], world)
  const { dream } = await reverieJson(['dream'], world)
  dream_id = dream.id
  writeFileSync(join(home, 'CLAUDE.md'), 'own words\n')
  await reverie(['memory', 'export', '.', '--format', 'claude-md'], world)
  writeFileSync(join(home, 'mem0.json'), JSON.stringify([{ id: 'm1', memory: 'Be brief.' }]))
  await reverie(['memory', 'import', 'mem0.json', '--format', 'mem0', '--as', 'ann'], world)
})

describe('audit list', () => {
  test('names the store and the path of a memory, of which the log has the id alone', async () => {
    const { data } = shapes.list(shapes.AuditRow).parse(await reverieJson(['audit'], world))
    const written = data.find((it) => it.path === '/mem0/m1.md')!
    const { stdout } = await reverie(['audit'], world)

    expect(written).toMatchObject({ action: 'memory.created', actor: 'user:ann', store: 'compliance-desk' })
    expect(written.object).toMatch(/^memver_[0-9a-f]{24}$/)
    expect(data.find((it) => it.action === 'dream.completed')).toMatchObject({
      object: dream_id,
      store: 'compliance-desk',
      path: null,
      reason: expect.stringMatching(/^new sessions read: 392, changes proposed: \d+$/),
    })
    expect(stdout).toMatch(/memory\.created +compliance-desk \/mem0\/m1\.md/)
  })

  test('says so where the object is gone, or the record is of the time when it named the path', async () => {
    const copy = join(home, 'gone.db')
    new DatabaseSync(database).exec(`VACUUM INTO '${copy}'`)
    const sqlite = new DatabaseSync(copy)
    const store = sqlite.prepare('SELECT id FROM memory_store').get()!.id
    const add = sqlite.prepare(
      `INSERT INTO audit (workspace_id, seq, at, actor, action, object, reason, previous_hash, hash)
       SELECT workspace_id, seq + 1, at, actor, 'memory.created', ?, 'by hand', hash, ? FROM audit ORDER BY seq DESC LIMIT 1`,
    )
    add.run('memver_000000000000000000000000', 'a')
    add.run(`${store}/old.md`, 'b')
    sqlite.close()
    const { data } = await reverieJson(['audit', '--db', copy], world)
    const { stdout } = await reverie(['audit', '--db', copy], world)

    expect(data.slice(0, 2)).toMatchObject([
      { store: 'compliance-desk', path: '/old.md' },
      { store: null, path: null },
    ])
    expect(stdout).toMatch(/compliance-desk \/old\.md\n/)
    expect(stdout).toMatch(/memver_0{24} \(erased\)\n/)
  })
})

describe('signing', () => {
  test('keygen, sign and verify, with everything a person has to know said', async () => {
    const key = shapes.AuditKey.parse(await reverieJson(['audit', 'keygen', 'audit.key'], world))
    const { signed_head, file } = shapes.AuditSigned.parse(
      await reverieJson(['audit', 'sign', '--key', 'audit.key', '--out', 'head.json'], world),
    )
    const arguments_of_verify = ['--signature', 'head.json', '--public-key', 'audit.key.pub']
    const verified = shapes.AuditVerified.parse(
      await reverieJson(['audit', 'verify', ...arguments_of_verify], world),
    )
    const { stdout, exit_code } = await reverie(['audit', 'verify', ...arguments_of_verify], world)

    expect(statSync(key.file).mode & 0o777).toBe(0o600)
    expect(readFileSync(key.public_key_file, 'utf8')).toBe(key.public_key)
    expect(JSON.parse(readFileSync(file!, 'utf8'))).toEqual(signed_head)
    expect(verified).toMatchObject({
      is_good: true,
      head: { seq: signed_head.seq, hash: signed_head.hash },
      signature: { problem: null, public_key_sha256: key.public_key_sha256, records_since: 0 },
    })
    expect(stdout).toContain('Nothing has happened since')
    expect(stdout).toContain('It proves neither that everything')
    expect(exit_code).toBe(0)
  })

  test('without --out the signed head itself is printed, so that it can be led into a file', async () => {
    const { stdout } = await reverie(['audit', 'sign', '--key', 'audit.key'], world)
    writeFileSync(join(home, 'printed.json'), stdout)
    const { exit_code } = await reverie(
      ['audit', 'verify', '--signature', 'printed.json', '--public-key', 'audit.key.pub'],
      world,
    )

    expect(exit_code).toBe(0)
  })

  test('a forged head is told with what it means, and the exit code is 1', async () => {
    const head = JSON.parse(readFileSync(join(home, 'head.json'), 'utf8'))
    writeFileSync(join(home, 'forged.json'), JSON.stringify({ ...head, at: '2027-01-01T00:00:00.000Z' }))
    const { stdout, exit_code } = await reverie(
      ['audit', 'verify', '--signature', 'forged.json', '--public-key', 'audit.key.pub'],
      world,
    )

    expect(stdout).toMatch(/^bad signature: forged\n/m)
    expect(exit_code).toBe(1)
  })

  test.each([
    ['audit keygen audit.key', /file already exists/],
    ['audit sign --key audit.key.pub', /no private Ed25519 key/],
    ['audit sign --key nothing.key', /there is no file/],
    ['audit sign --key audit.key --out head.json', /file already exists/],
    ['audit verify --signature head.json', /is checked with a public key/],
    ['audit verify --public-key audit.key.pub', /is checked with a public key/],
    ['audit verify --signature head.json --public-key audit.key', /no public Ed25519 key/],
    ['audit verify --signature CLAUDE.md --public-key audit.key.pub', /no signed head: it is not JSON/],
    ['audit verify --signature mem0.json --public-key audit.key.pub', /no signed head: /],
  ])('%s is refused', async (args, told) => {
    const { stderr, exit_code } = await reverie(args.split(' '), world)

    expect(stderr.replace(/\s+/g, ' ')).toMatch(told)
    expect(exit_code).toBe(1)
  })

  test('a key whose public half cannot be written is not left behind', async () => {
    writeFileSync(join(home, 'half.pub'), '')
    const { exit_code } = await reverie(['audit', 'keygen', 'half'], world)

    expect(exit_code).toBe(1)
    expect(statSync(join(home, 'half'), { throwIfNoEntry: false })).toBeUndefined()
  })

  test('no byte of the private key is in the database', () => {
    const [, secret] = readFileSync(join(home, 'audit.key'), 'utf8').split('\n')

    expect(readFileSync(database).includes(secret!)).toBe(false)
  })
})

describe('the script of docs/audit.md', () => {
  const script = /```js\n(\/\/ verify\.mjs[\s\S]*?)```/.exec(
    readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8'),
  )![1]!
  const run = (...files: string[]) =>
    spawnSync(process.execPath, ['verify.mjs', ...files], { cwd: home, encoding: 'utf8' })
  const lines = () => readFileSync(join(home, 'log.jsonl'), 'utf8').trim().split('\n')
  const spoiled = (spoil: (lines: string[]) => string[]) =>
    writeFileSync(join(home, 'spoiled.jsonl'), `${spoil(lines()).join('\n')}\n`)

  beforeAll(async () => {
    writeFileSync(join(home, 'verify.mjs'), script)
    const { head, records } = shapes.AuditExported.parse(
      await reverieJson(['audit', 'export', 'log.jsonl'], world),
    )
    expect(head).toMatchObject({ seq: records })
  })

  test('is short, and passes a log that is as it was written and signed', () => {
    const { stdout, status } = run('log.jsonl', 'head.json', 'audit.key.pub')

    expect(script.trim().split('\n').length).toBeLessThanOrEqual(26)
    expect(stdout).toBe(`${lines().length} records, every one as it was written\n`)
    expect(status).toBe(0)
  })

  test.each<{ name: string; spoil: (lines: string[]) => string[]; told: string }>([
    {
      name: 'a changed record',
      spoil: (it) => it.with(1, it[1]!.replace('392', '393').replace('transcripts', 'files')),
      told: 'record 2 is bad',
    },
    { name: 'a missing record', spoil: (it) => it.toSpliced(1, 1), told: 'record 2 is bad' },
    {
      name: 'two that changed places',
      spoil: (it) => [it[1]!, it[0]!, ...it.slice(2)],
      told: 'record 1 is bad',
    },
    { name: 'a log that was cut off', spoil: (it) => it.slice(0, -1), told: 'is not the signed one' },
  ])('finds $name', ({ spoil, told }) => {
    spoiled(spoil)
    const { stderr, status } = run('spoiled.jsonl', 'head.json', 'audit.key.pub')

    expect(stderr).toContain(told)
    expect(status).toBe(1)
  })

  test('finds a signature that is none', () => {
    expect(run('log.jsonl', 'forged.json', 'audit.key.pub').stderr).toContain('bad signature')
  })
})

describe('digest', () => {
  let digests: z.infer<typeof shapes.Digests>
  let digest: Digest
  beforeAll(async () => {
    digests = shapes.Digests.parse(await reverieJson(['digest'], world))
    digest = digests.data[0]!
  })

  test('tells in words what the dream learned and where it stands, and that it is as recorded', async () => {
    const { data, file } = digests
    const { stdout } = await reverie(['digest', dream_id], world)
    const added = digest.counts.proposed.add

    expect(file).toBeNull()
    expect(data).toHaveLength(1)
    expect(digest).toMatchObject({ store: 'compliance-desk', is_as_recorded: true, erased: 0 })
    expect(added).toBeGreaterThan(5)
    expect(stdout).toMatch(/^# What compliance-desk learned, \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/)
    expect(stdout).toContain('- 392 new sessions read.')
    expect(stdout).toContain('\n## New lessons\n')
    expect(stdout.match(/^- .*`get_customer` before `update_record`/m)).not.toBeNull()
    expect(stdout.split('\n').filter((it) => it.length > 80)).toEqual([])
  })

  test('goes into a new file, one line for each thing, and is the same each time', async () => {
    await reverie(['digest', '--store', 'compliance-desk', '--out', 'one.md'], world)
    await reverie(['digest', '--out', 'two.md'], world)
    const again = await reverie(['digest', '--out', 'two.md'], world)
    const text = readFileSync(join(home, 'one.md'), 'utf8')
    const { data } = await reverieJson(['digest'], world)

    expect(readFileSync(join(home, 'two.md'), 'utf8')).toBe(text)
    expect(text.split('\n').filter((it) => /^- .*`\/\S+`$/.test(it))).toHaveLength(data[0].changes.length)
    expect(again.exit_code).toBe(1)
  })

  test('says so when a proposal is not what the dream ended with', async () => {
    const copy = join(home, 'changed.db')
    new DatabaseSync(database).exec(`VACUUM INTO '${copy}'`)
    const sqlite = new DatabaseSync(copy)
    const triggers = sqlite
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'change'")
      .all()
    for (const { name } of triggers) sqlite.exec(`DROP TRIGGER ${name}`)
    sqlite.exec("UPDATE change SET after = 'other words' WHERE seq = 0")
    sqlite.close()
    const { data } = await reverieJson(['digest', '--db', copy], world)
    const { stdout } = await reverie(['digest', '--db', copy], world)

    expect(data[0].is_as_recorded).toBe(false)
    expect(stdout.replace(/\s+/g, ' ')).toContain('something was changed since')
  })

  const said = (by: string, decision: 'approved' | 'rejected', reason = '', is_edited = false) => ({
    by: by as 'user:ann',
    decision,
    reason,
    at: '2026-11-04T09:00:00.000Z',
    is_edited,
  })
  test.each<[name: string, Partial<DigestedChange>, words: string]>([
    ['waits', {}, '**Waits for a decision: it speaks of payment.**'],
    ['is refused', { status: 'denied' }, '**Refused by the policy: it speaks of payment.**'],
    [
      'is approved',
      { status: 'approved', decisions: [said('user:ann', 'approved')] },
      '**Approved by ann, not live yet.**',
    ],
    [
      'is approved by two',
      { status: 'adopted', decisions: [said('user:ann', 'approved'), said('user:bob', 'approved')] },
      '**Live, approved by ann and bob.**',
    ],
    [
      'is approved by the policy',
      { status: 'adopted', decisions: [said('policy:0123', 'approved')] },
      '**Live, approved by the policy.**',
    ],
    [
      'was edited',
      {
        status: 'adopted',
        decisions: [said('user:ann', 'approved', '', true), said('user:bob', 'approved')],
      },
      '**Live, approved by ann and bob, in the words of ann.**',
    ],
    [
      'was rejected after all',
      { status: 'rejected', decisions: [said('user:ann', 'approved'), said('user:bob', 'rejected', 'no')] },
      '**Rejected by bob: no.**',
    ],
    [
      'was undone',
      { status: 'undone', decisions: [said('user:ann', 'approved')] },
      '**Was live, approved by ann, and was taken back.**',
    ],
    ['is out of date', { status: 'superseded' }, '**Out of date.**'],
    ['was erased', { lesson: null, why: null }, '- (what it said was erased).'],
  ])('says of a change that %s so', (_, over, words) => {
    const [proposed] = digest.changes
    const change = { ...proposed!, ...over, verdict_reason: 'it speaks of payment' }
    const others = [proposed!, proposed!]

    expect(digestText({ ...digest, changes: [change, ...others] }, Number.POSITIVE_INFINITY)).toContain(words)
  })

  test('of a database without dreams there is none', async () => {
    const { stdout, exit_code } = await reverie(['digest', '--db', 'empty.db'], world)

    expect(stdout).toMatch(/^No dreams yet\.\n/)
    expect(exit_code).toBe(0)
  })

  test('of a dream that is not there is told', async () => {
    const { stderr, exit_code } = await reverie(['digest', 'drm_000000000000000000000000'], world)

    expect(stderr).toMatch(/there is no dream drm_0/)
    expect(exit_code).toBe(1)
  })
})
