/** From a proposal to the live memory and back, on the command line: as JSON, as text, and with which exit code. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import type { Change } from '../../src/domain/change.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-cli-adopt-'))
afterAll(() => rmSync(home, { recursive: true }))

const world = { home, env: { REVERIE_DB: join(home, 'adopt.db') } }
const json = (...args: string[]) => reverieJson(args, world)
const says = (...args: string[]) => reverie(args, world)

let dream: string
let changes: Change[]

beforeAll(async () => {
  generateComplianceDesk(join(home, 'desk'), { sessions: 160 })
  await json('ingest', 'desk')
  const dreamed = shapes.Dreamed.parse(await json('dream'))
  dream = dreamed.dream!.id
  changes = dreamed.changes
})

/** In order: each test goes on where the one before ended. */
describe('from a proposal to the live memory and back', () => {
  test('a dream’s output is shown, and written, before any of it is live', async () => {
    const { data } = shapes.list(shapes.OutputRow).parse(await json('memory', 'ls', '--dream', dream))
    expect(data.map((it) => it.change_id).filter((it) => it !== null)).toHaveLength(changes.length)
    const [first] = data
    expect((await says('memory', 'cat', first!.path, '--dream', dream.slice(0, 12))).stdout).toBe(
      first!.content,
    )
    expect(await json('memory', 'export', 'output', '--dream', dream)).toMatchObject({
      memories: data.length,
    })
    expect(readFileSync(join(home, 'output/_index.md'), 'utf8')).toBe(
      data.find((it) => it.path === '/_index.md')!.content,
    )
    expect((await json('memory')).data).toEqual([])
  })

  test('nothing approved is no failure, and how many wait is told', async () => {
    const { stdout, exit_code } = await says('adopt')
    expect([stdout, exit_code]).toEqual([
      expect.stringMatching(
        new RegExp(`^Nothing went live\\.\n${changes.length} changes undecided\\. Decide: .*decide`),
      ),
      0,
    ])
  })

  test('what is approved goes live, and a dry run says so before', async () => {
    await json('decide', changes[0]!.id, 'approve', '--as', 'ana')
    await json('decide', changes[1]!.id, 'approve', '--as', 'ana')
    const dry = shapes.Adopted.parse(await json('adopt', dream.slice(0, 12), '--dry-run'))
    expect(dry.adopted.map((it) => it.id)).toEqual(changes.slice(0, 2).map((it) => it.id))
    expect((await json('memory')).data).toEqual([])

    const { stdout, exit_code } = await says('adopt', dream.slice(0, 12), '--as', 'bo')
    expect(exit_code).toBe(0)
    expect(stdout).toMatch(/^2 changes are live\.\nchg_\w{8} {2}\+ new .*\n/)
    expect(stdout).toMatch(/Take one back: .*undo chg_\w{8}\n$/)
    const again = shapes.Adopted.parse(await json('adopt', '--change', changes[0]!.id.slice(0, 14)))
    expect(again.known.map((it) => it.id)).toEqual([changes[0]!.id])
  })

  test('what is named and not approved is told, and the exit code is 1', async () => {
    const { stdout, exit_code } = await says('adopt', '--change', changes[2]!.id)
    expect([stdout, exit_code]).toEqual([
      expect.stringMatching(
        /^Nothing went live\.\n[\s\S]*not live: it is undecided, and only what is approved goes live\n/,
      ),
      1,
    ])
  })

  test('the history says whose text it is, who acted and why; versions are shown and compared', async () => {
    const { data } = shapes.list(shapes.VersionRow).parse(await json('memory', 'history', changes[0]!.path))
    expect(data).toMatchObject([
      { created_by: `dream:${dream}`, actor: 'user:bo', change_id: changes[0]!.id },
    ])
    const { stdout } = await says('memory', 'history', changes[0]!.path)
    expect(stdout).toMatch(
      /^version .* no\. .* by\nmemver_\w{8} +\d+ .* created .*\n {4}bo: chg_\w{24} was adopted\n/,
    )

    const version = shapes.ShownVersion.parse(await json('memory', 'show', data[0]!.id.slice(0, 15)))
    expect(version).toMatchObject({ content: changes[0]!.after, store: 'compliance-desk' })
    expect((await says('memory', 'show', version.id)).stdout).toBe(changes[0]!.after)
    const diff = shapes.Diff.parse(await json('memory', 'diff', changes[0]!.path))
    expect(diff).toMatchObject({ before: null, after: { id: version.id } })
    expect((await says('memory', 'diff', '/_index.md')).stdout).toMatch(
      /^nothing -> \/_index\.md memver_\w{8}\n {4}@@ -0,0 \+1,\d+ @@\n/,
    )
  })

  test('undo takes one back; a second time it is refused and says what to do', async () => {
    const undone = shapes.Undone.parse(await json('undo', changes[0]!.id, '--reason', 'not so', '--as', 'bo'))
    expect(undone).toMatchObject({ change: { status: 'undone' }, version: { operation: 'deleted' } })
    const { stderr, exit_code } = await says('undo', changes[0]!.id)
    expect(stderr).toMatch(/^reverie: the change chg_\w+ was taken back already\n {2}`.*memory restore/)
    expect(exit_code).toBe(1)
    expect((await says('undo', changes[1]!.id)).stdout).toMatch(
      /Taken back\. The memory was taken away \(memver_\w+\)/,
    )
  })

  test('a version is put back, and a memory removed for good', async () => {
    const [, first] = (await json('memory', 'history', changes[0]!.path)).data
    const dry = shapes.VersionRestored.parse(await json('memory', 'restore', first.id, '--dry-run'))
    expect(dry).toMatchObject({ dry_run: true, restored: { operation: 'created', to: first.id, from: null } })
    expect((await says('memory', 'restore', first.id)).stdout).toMatch(/is back, as a new version\.\n$/)
    expect((await says('memory', 'restore', first.id)).stdout).toMatch(
      /stands there already\. Nothing was written\.\n$/,
    )

    const removed = shapes.ShownVersion.parse(
      await json('memory', 'remove', changes[0]!.path, '--reason', 'of no use'),
    )
    expect(removed).toMatchObject({ operation: 'deleted', content: null })
    expect((await says('memory', 'remove', changes[0]!.path, '--reason', 'x')).stderr).toMatch(
      /there is no memory/,
    )
    expect((await says('memory', 'remove', changes[0]!.path)).exit_code).toBe(2)
  })

  test('a store is restored to a version or a time, and back', async () => {
    const [, , , first] = (await json('memory', 'history', changes[0]!.path)).data
    const dry = shapes.StoreRestored.parse(
      await json('memory', 'restore', '--to', String(first.seq), '--dry-run'),
    )
    expect(dry).toMatchObject({ store: 'compliance-desk', seq: first.seq, erased: [] })
    const { stdout } = await says(
      'memory',
      'restore',
      '--store',
      'compliance-desk',
      '--to',
      String(first.seq),
    )
    expect(stdout).toMatch(
      /^The memory store compliance-desk, as of version \d+: 1 memory changes\.\n {2}\+ \/\S+\n/,
    )
    const [, back] = /--to (\d+)/.exec(stdout)!
    expect((await json('memory')).data.map((it: { path: string }) => it.path)).toEqual([
      '/_index.md',
      changes[0]!.path,
    ])
    await json('memory', 'restore', '--to', back!)
    expect((await json('memory')).data).toEqual([])
    expect((await says('memory', 'restore', '--to', '2020-01-01')).stderr).toMatch(
      /held nothing at\s2020-01-01/,
    )
    expect((await says('memory', 'restore')).stderr).toMatch(/one version, or a store to a time/)
    expect((await says('audit', 'verify')).stdout).toMatch(/every one as it was written/)
  })
})
