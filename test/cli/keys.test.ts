/** Keys at the command line: made and shown once, listed without themselves, revoked, each of its own workspace. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { untilTime } from '../../src/cli/option-values.ts'
import { openServer } from '../../src/engine.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-keys-'))
const database = join(home, 'keys.db')
const world = { home, env: { REVERIE_DB: database } }
afterAll(() => rmSync(home, { recursive: true }))

const run = (...args: string[]) => reverie(['keys', ...args], world)
const json = (...args: string[]) => reverieJson(['keys', ...args], world)

let made: ReturnType<typeof shapes.NewKey.parse>
let shown: string

beforeAll(async () => {
  await reverie(['workspace', 'create', 'acme'], world)
  made = shapes.NewKey.parse(
    await json('create', 'ci', '--role', 'writer', '--expires', '30d', '--as', 'ana'),
  )
  shown = (await run('create', 'the reader', '--role', 'reader')).stdout
})

test('a key is made with its role, its end and whoever made it', () => {
  expect(made).toMatchObject({
    name: 'ci',
    role: 'writer',
    workspace_id: 'wrkspc_000000000000000000000000',
    created_by: 'user:ana',
    revoked_at: null,
    last_used_at: null,
  })
  expect(Date.parse(made.expires_at!) - Date.parse(made.created_at)).toBeGreaterThan(29.9 * 86_400_000)
})

test('it is shown this once, and is nowhere in the database', async () => {
  const [token] = /rvk_[\w-]{43}/.exec(shown)!
  expect(shown).toContain('Shown this once')
  expect(shown).toMatch(/To revoke it: .*keys revoke apikey_/)
  const listed = await run()
  expect(listed.stdout).not.toContain('rvk_')
  for (const it of [token, made.token]) {
    expect(readFileSync(database).includes(it)).toBe(false)
    expect((await reverie(['audit', '--json'], world)).stdout).not.toContain(it)
  }
})

test('the list shows both, the newest first, and what each opens', async () => {
  const { stdout } = await run('list')
  expect(stdout).toMatch(/^key +role +opens +last used \(UTC\) +name\n/)
  expect(stdout).toMatch(/reader +yes +never +the reader\n.* writer +until \d{4}-\d\d-\d\d +never +ci\n/)
  const list = shapes.list(shapes.KeyRow).parse(await json('list', '--limit', '1'))
  expect(list.data).toMatchObject([{ name: 'the reader' }])
  const rest = shapes.list(shapes.KeyRow).parse(await json('list', '--page', list.next_page!))
  expect(rest).toMatchObject({ data: [{ name: 'ci' }], next_page: null })
})

test('a workspace has its own keys, and cannot revoke those of another', async () => {
  expect((await run('list', '--workspace', 'acme')).stdout).toMatch(
    /^There is no key to this workspace yet\.\n/,
  )
  const { stderr, exit_code } = await run('revoke', made.id, '--workspace', 'acme')
  expect(exit_code).toBe(1)
  expect(stderr).toContain(made.id)
  expect((await json('list', '--limit', '9')).data).toMatchObject([{}, { id: made.id, revoked_at: null }])
})

test('one that was revoked opens nothing, stays listed, and is revoked again in vain', async () => {
  const revoked = shapes.KeyRow.parse(await json('revoke', made.id))
  expect(revoked.revoked_at).not.toBeNull()
  expect(await json('revoke', made.id)).toEqual(revoked)
  expect((await run('revoke', made.id.slice(0, 15))).stdout).toMatch(/^ci\n.*revoked/)
  const server = openServer({ database })
  await expect(server.authenticate(made.token)).rejects.toMatchObject({ type: 'authentication_error' })
  await server.close()
  const { stdout } = await reverie(['audit'], world)
  expect(stdout).toMatch(/key/)
})

describe('refused', () => {
  test.each([
    { name: 'a key without a role', args: ['create', 'ci'], exit_code: 2, says: '--role' },
    {
      name: 'a role that there is not',
      args: ['create', 'ci', '--role', 'god'],
      exit_code: 2,
      says: 'reviewer',
    },
    {
      name: 'an end that is no time',
      args: ['create', 'ci', '--role', 'reader', '--expires', 'soon'],
      exit_code: 2,
      says: '2026-12-31',
    },
    {
      name: 'an end that is past',
      args: ['create', 'ci', '--role', 'reader', '--expires', '2020-01-01'],
      exit_code: 1,
      says: 'a time to come',
    },
    {
      name: 'an empty name',
      args: ['create', ' ', '--role', 'reader'],
      exit_code: 1,
      says: '1 to 100 characters',
    },
    {
      name: 'more than one key at once',
      args: ['revoke', 'apikey_'],
      exit_code: 1,
      says: '2 keys begin with apikey_',
    },
    { name: 'a key that there is not', args: ['revoke', 'apikey_none'], exit_code: 1, says: 'keys list' },
    {
      name: 'a workspace that there is not',
      args: ['list', '--workspace', 'nowhere'],
      exit_code: 1,
      says: 'nowhere',
    },
  ])('is $name', async ({ args, exit_code, says }) => {
    const ran = await run(...args)
    expect(ran).toMatchObject({ stdout: '', exit_code })
    expect(ran.stderr.replace(/\s+/g, ' ')).toContain(says)
  })
})

test.each([
  { text: '12h', until: '2026-11-23T00:00:00.000Z' },
  { text: '30d', until: '2026-12-22T12:00:00.000Z' },
  { text: '2w', until: '2026-12-06T12:00:00.000Z' },
  { text: '2026-12-31', until: '2026-12-31T23:59:59.999Z' },
])('on 22 November at noon, $text is until $until', ({ text, until }) => {
  expect(untilTime(text, new Date('2026-11-22T12:00:00Z'))).toBe(until)
})
