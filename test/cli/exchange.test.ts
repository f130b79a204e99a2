/** `memory export` and `memory import`, from one database to another. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { LESSON } from '../exchange/memories.ts'
import { Exported, Failure, Imported } from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-exchange-'))
afterAll(() => rmSync(home, { recursive: true }))

const CONTENTS = {
  '/../outside.md': 'No way out.\n',
  '/_index.md': '# What earlier sessions taught\n',
  '/A.md': 'one',
  '/CON': 'device\r\n',
  '/a.md': 'other',
  '/empty.md': '',
  '/mistakes/año.md': LESSON,
  [`/${'long '.repeat(90)}`]: '\ufeff<!-- reverie:end -->\n',
}

describe.each([
  { format: 'markdown', to: 'folder', lost: [] },
  { format: 'claude-code', to: 'folder', lost: ['/_index.md'] },
  { format: 'skills', to: 'folder', lost: ['/_index.md'] },
  { format: 'mem0', to: 'memories.json', lost: [] },
  { format: 'claude-md', to: '.', lost: ['/_index.md'] },
  { format: 'agents-md', to: 'RULES.md', lost: ['/_index.md'] },
])('$format', ({ format, to, lost }) => {
  test('what one database writes another reads to the byte', async () => {
    const { world, there } = await twoDatabases(format, CONTENTS)
    const out = Exported.parse(await reverieJson(['memory', 'export', to, '--format', format], world))
    const into = ['memory', 'import', to, '--format', format, '--agent', 'desk', '--as', 'ann']
    const back = Imported.parse(await reverieJson(into, there))
    const again = Imported.parse(await reverieJson(into, there))
    const expected = Object.entries(CONTENTS).filter(([path]) => !lost.includes(path))

    // An index that was not brought along is made.
    const made = lost.length === 0 ? {} : { '/_index.md': expect.stringContaining('](/A.md): one') }
    expect(await contentsOf(there)).toEqual({ ...Object.fromEntries(expected), ...made })
    expect(out).toMatchObject({ store: 'desk', format, memories: expected.length })
    expect(back).toMatchObject({ created: expected.length, equal: 0, conflicting: 0, format_version: 1 })
    expect(again).toMatchObject({ created: 0, equal: expected.length, conflicting: 0 })
    for (const path of lost) expect(out.left_out.flatMap((it) => it.paths)).toContain(path)
  })
})

describe('an import', () => {
  test('never writes over another text unless told to, and fails where it did not', async () => {
    const { world } = await twoDatabases('conflict', { '/same.md': 'same', '/theirs.md': 'theirs' })
    put(world.home, { 'same.md': 'same', 'theirs.md': 'ours', 'new.md': 'new' })
    const refused = await reverie(['memory', 'import', 'in'], world)
    const left = await contentsOf(world)
    const replaced = await reverie(['memory', 'import', 'in', '--replace'], world)

    expect(refused.stdout).toMatch(/1 created, 1 there already, 1 conflicting/)
    expect(refused.stdout).toMatch(/^ {2}conflicting +\/theirs\.md$/m)
    expect(refused.stdout).toMatch(/--replace/)
    expect(left).toMatchObject({ '/new.md': 'new', '/same.md': 'same', '/theirs.md': 'theirs' })
    expect(replaced.stdout).toMatch(/0 created, 2 there already, 1 replaced/)
    expect(await contentsOf(world)).toMatchObject({
      '/new.md': 'new',
      '/same.md': 'same',
      '/theirs.md': 'ours',
    })
    expect([refused.exit_code, replaced.exit_code]).toEqual([1, 0])
  })

  test('is a person’s act, each memory in the audit log with where it came from', async () => {
    const { world, there } = await twoDatabases('audit', { '/a.md': 'a' })
    await reverie(['memory', 'export', 'out'], world)
    await reverie(['memory', 'import', 'out', '--agent', 'desk', '--as', 'Ann Lee'], there)
    put(world.home, { 'b.md': 'b' })
    await reverie(['memory', 'import', 'in'], there)
    const is_imported = (it: { path: string }) => it.path !== '/_index.md'
    const { data } = await reverieJson(['audit'], there)
    const { data: memories } = await reverieJson(['memory'], there)

    expect(data.filter(is_imported)).toMatchObject([
      { actor: `user:${userInfo().username}`, action: 'memory.created', reason: 'imported from markdown' },
      {
        actor: 'user:Ann Lee',
        action: 'memory.created',
        reason: expect.stringMatching(/^imported from markdown, where user:bob wrote it at 2026-/),
      },
    ])
    expect(memories.filter(is_imported)).toMatchObject([{ created_by: 'user:Ann Lee' }, { path: '/b.md' }])
    expect((await reverieJson(['audit', 'verify'], there)).broken).toBe(null)
  })

  test('with --dry-run says the same and writes nothing', async () => {
    const { world, there } = await twoDatabases('dry', {})
    put(world.home, { 'a.md': 'a' })
    const dry = ['memory', 'import', 'in', '--agent', 'desk', '--dry-run']
    const it = Imported.parse(await reverieJson(dry, there))
    const { stdout } = await reverie(dry, there)

    expect(it).toMatchObject({ dry_run: true, created: 1, memories: [{ path: '/a.md', result: 'created' }] })
    expect(stdout).toContain('nothing was written')
    expect((await reverieJson(['memory'], there)).data).toEqual([])
    expect((await reverieJson(['audit'], there)).data).toEqual([])
  })

  test('of files that are not those of the manifest stores nothing', async () => {
    const { world, there } = await twoDatabases('changed', { '/a.md': 'a', '/b.md': 'b' })
    await reverie(['memory', 'export', 'out'], world)
    writeFileSync(join(world.home, 'out', 'b.md'), 'B')
    const { stdout, exit_code } = await reverie(
      ['memory', 'import', 'out', '--agent', 'desk', '--json'],
      there,
    )

    expect(Failure.parse(JSON.parse(stdout)).error.message).toMatch(
      /: b\.md was changed; nothing was imported/,
    )
    expect(exit_code).toBe(1)
    expect((await reverieJson(['memory'], there)).data).toEqual([])
  })

  test('removes secrets before anything is stored, and says how many', async () => {
    const { world, there } = await twoDatabases('secret', {})
    const key = ['AKIA', 'Q3EGR7ZJ5KPL', 'TX2M'].join('')
    put(world.home, { 'a.md': `aws_access_key_id=${key}\n` })
    const it = await reverie(['memory', 'import', 'in', '--agent', 'desk'], there)
    const { '/a.md': content } = await contentsOf(there)

    expect(it.stdout).toMatch(/1 secret removed before anything was stored/)
    expect(content).toMatch(/\[redacted:/)
    expect(content).not.toContain(key)
  })

  test('names what it did not take', async () => {
    const { world, there } = await twoDatabases('skipped', {})
    put(world.home, { 'a.md': 'a' })
    writeFileSync(join(world.home, 'in', 'b.png'), Buffer.from([0xff, 0xd8]))
    const it = await reverie(['memory', 'import', 'in', '--agent', 'desk'], there)

    expect(it.stdout).toContain('Skipped b.png: no UTF-8 text.')
    expect(it.exit_code).toBe(0)
  })

  test.each([
    [1, 'from nowhere', ['nowhere'], /there is no folder .*nowhere/],
    [1, 'from a file in a format of folders', ['file.md'], /is a file, and markdown is a format of folders/],
    [1, 'from a folder in a format of one file', ['in', '--format', 'mem0'], /there is no file .*in/],
    [
      1,
      'from a file without a block',
      ['file.md', '--format', 'claude-md'],
      /no block of Reverie in file\.md/,
    ],
    [1, 'into a store that is not there', ['in', '--store', 'x'], /there is no memory store x/],
    [1, 'into the store of another agent', ['in', '--store', 'desk', '--agent', 'x'], /belongs to the agent/],
    [2, 'in a format that is none', ['in', '--format', 'notion'], /markdown, claude-code, claude-md/],
    [2, 'under no name', ['in', '--as', ''], /Give a name/],
    [2, 'under a name that writes lines', ['in', '--as', 'a\nb'], /'--as <name>'/],
  ])('exits with %i %s', async (exit_code, _, args, told) => {
    const { world } = await twoDatabases(`refused-${refusals++}`, { '/a.md': 'a' })
    put(world.home, { 'a.md': 'a' })
    writeFileSync(join(world.home, 'file.md'), '# House rules\n')
    const it = await reverie(['memory', 'import', ...args], world)

    expect(it.stderr.replace(/\s+/g, ' ')).toMatch(told)
    expect(it.exit_code).toBe(exit_code)
  })
})

describe('an export', () => {
  test('says what is not in it, how many and which', async () => {
    const { world } = await twoDatabases('left-out', CONTENTS)
    const { stdout } = await reverie(['memory', 'export', 'out', '--format', 'skills'], world)

    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'Not in this format, of 1 memory: the generated index (/_index.md).',
    )
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/of 7 memories: who wrote it and when \(.*and 4 more; --json/)
  })

  test('changes nothing outside of its block, and does not write over an edited one', async () => {
    const { world } = await twoDatabases('block', { '/a.md': 'one\n' })
    const file = join(world.home, 'CLAUDE.md')
    const block = ['memory', 'export', '.', '--format', 'claude-md']
    writeFileSync(file, '\ufeff# Mine\r\nno end')
    await reverie(block, world)
    const written = readFileSync(file, 'utf8')
    writeFileSync(file, written.replace('> one', '> two'))
    const refused = await reverie(block, world)
    const replaced = await reverie([...block, '--replace'], world)

    expect(written.startsWith('\ufeff# Mine\r\nno end\r\n\r\n<!-- reverie:begin ')).toBe(true)
    expect(refused.stderr).toMatch(/somebody edited the block/)
    expect([refused.exit_code, replaced.exit_code]).toEqual([1, 0])
    expect(readFileSync(file, 'utf8')).toBe(written)
  })

  test('makes the file for a block where there is none', async () => {
    const { world } = await twoDatabases('new-block', { '/a.md': 'one\n' })
    await reverie(['memory', 'export', '.', '--format', 'agents-md'], world)

    expect(readFileSync(join(world.home, 'AGENTS.md'), 'utf8')).toMatch(/^<!-- reverie:begin .*-->\n$/s)
  })

  test('of one of several stores has to say which', async () => {
    const { world } = await twoDatabases('several', { '/a.md': 'a' })
    const db = openDatabase(world.env.REVERIE_DB)
    await ensureMemoryStore(db, 'other', 'other', new Date().toISOString())
    await db.destroy()
    const { stderr, exit_code } = await reverie(['memory', 'export', 'out'], world)

    expect(stderr).toMatch(/there are 2 memory stores\n +choose one with --store: desk, other/)
    expect(exit_code).toBe(1)
    expect(existsSync(join(world.home, 'out'))).toBe(false)
  })
})

let refusals = 0

/** A database with a store `desk` that holds these memories, an empty one, and a folder that both work in. */
async function twoDatabases(name: string, contents: Record<string, string>) {
  const folder = join(home, name)
  mkdirSync(folder)
  const db = openDatabase(join(folder, 'here.db'))
  const now = new Date().toISOString()
  const { id } = await ensureMemoryStore(db, 'desk', 'desk', now)
  const write = { expected: null, created_by: 'user:bob' as const, reason: 'by hand', now }
  await db.transaction().execute(async (tx) => {
    for (const [path, content] of Object.entries(contents))
      await writeMemory(tx, id, { path, content, ...write })
  })
  await db.destroy()
  return {
    world: { home: folder, env: { REVERIE_DB: join(folder, 'here.db') } },
    there: { home: folder, env: { REVERIE_DB: join(folder, 'there.db') } },
  }
}

function put(folder: string, files: Record<string, string>): void {
  mkdirSync(join(folder, 'in'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'in', name), text)
}

async function contentsOf(world: Parameters<typeof reverieJson>[1]): Promise<Record<string, string>> {
  const { data } = await reverieJson(['memory', '--limit', '1000'], world)
  return Object.fromEntries(data.map((it: { path: string; content: string }) => [it.path, it.content]))
}
