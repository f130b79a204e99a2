/** Policies at the command line, over the sample workload: looked at, tried on the past, put in force, and followed by the next dream. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { DEFAULT_POLICY_TEXT } from '../../src/domain/default-policy.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-policy-'))
afterAll(() => rmSync(home, { recursive: true }))

const world = { home, env: { REVERIE_DB: join(home, 'policy.db'), USER: 'ana' } }
const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/policies/${name}.yaml`, import.meta.url))
const run = (...args: string[]) => reverie(args, world)
const json = (...args: string[]) => reverieJson(args, world)

const BAD = 'format_version: 1\nrules:\n  - verdict: alow\n    teir: verified\n'

beforeAll(async () => {
  generateComplianceDesk(join(home, 'desk'))
  writeFileSync(join(home, 'bad.yaml'), BAD)
  await json('ingest', 'desk')
  await json('dream')
}, 60_000)

test('at first the default is in force, and prints as it is written', async () => {
  const { stdout } = await run('policy')
  expect(stdout).toBe(DEFAULT_POLICY_TEXT)
  expect(shapes.PolicyShown.parse(await json('policy', 'show'))).toMatchObject({ set_at: null, set_by: null })
  expect((await run('policy', 'history')).stdout).toMatch(/Nobody has set a policy/)
})

test('check names every error by line and column, with what was perhaps meant, and fails', async () => {
  const { stdout, exit_code } = await run('policy', 'check', 'bad.yaml')
  expect(exit_code).toBe(1)
  expect(stdout).toBe(
    'bad.yaml:3:14: "alow" cannot stand here\n  did you mean allow?\nbad.yaml:4:5: there is no key "teir" here\n  did you mean tier?\n2 errors\n',
  )
  const checked = shapes.PolicyChecked.parse(await json('policy', 'check', 'bad.yaml'))
  expect(checked).toMatchObject({
    policy: null,
    errors: [
      { line: 3, column: 14 },
      { line: 4, column: 5 },
    ],
  })
  const good = shapes.PolicyChecked.parse(await json('policy', 'check', example('regulated')))
  expect(good).toMatchObject({ policy: { regulated: true }, errors: [] })
})

describe('what cannot be a policy is refused, and nothing is set:', () => {
  test.each([
    { name: 'one with errors', file: 'bad.yaml', text: BAD, says: /bad\.yaml:3:14: .*\nbad\.yaml:4:5: / },
    { name: 'no file', file: 'none.yaml', text: null, says: /there is no file none\.yaml/ },
    {
      name: 'bytes that are no text',
      file: 'bytes.yaml',
      text: new Uint8Array([0xff, 0xfe, 0x00]),
      says: /is no text in UTF-8/,
    },
    {
      name: 'one with a secret in it',
      file: 'secret.yaml',
      text: `format_version: 1\n# ${['ghp', 'aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789'].join('_')}\n`,
      says: /there is a secret in secret\.yaml/,
    },
  ])('$name', async ({ file, text, says }) => {
    if (text !== null) writeFileSync(join(home, file), text)
    const { stderr, exit_code } = await run('policy', 'set', file)

    expect(exit_code).toBe(1)
    expect(stderr).toMatch(says)
    expect((await json('policy', 'history')).data).toEqual([])
  })
})

test('a dry run tells what well supported lessons of its own would have gone live, and writes nothing', async () => {
  const before = readFileSync(world.env.REVERIE_DB)
  const tried = shapes.PolicyTried.parse(await json('policy', 'test', example('own-lessons')))
  const { stdout } = await run('policy', 'test', example('own-lessons'))

  expect(tried.changes).toBeGreaterThan(8)
  expect(tried.verdicts).toEqual({ allow: 0, hold: tried.changes, deny: 0 })
  // Ordinary lessons are not stopped by the words they are made of: what is held lacks support.
  expect(tried.would_be.allow).toBeGreaterThan(tried.changes / 3)
  expect(tried.data.filter((it) => it.would_be === 'hold')).toEqual([])
  expect(tried.differing).toBe(tried.data.length)
  expect(stdout).toMatch(/hold -> allow {2}\/mistakes\//)
  expect(readFileSync(world.env.REVERIE_DB).equals(before)).toBe(true)
})

test('of the sample’s lessons no more than one in five is held, or refused, for the words it is made of', async () => {
  writeFileSync(join(home, 'words.yaml'), 'format_version: 1\nrules:\n  - verdict: allow\n')
  const tried = shapes.PolicyTried.parse(await json('policy', 'test', 'words.yaml', '--limit', '100'))

  expect(tried.would_be.deny).toBe(0)
  expect(tried.would_be.hold).toBeLessThanOrEqual(tried.changes / 5)
})

test('the list of what differs pages, while the counts stay', async () => {
  const all = await json('policy', 'test', example('trusting'), '--limit', '100')
  const first = shapes.PolicyTried.parse(await json('policy', 'test', example('trusting'), '--limit', '2'))
  const second = await json('policy', 'test', example('trusting'), '--limit', '2', '--page', first.next_page!)

  expect([...first.data, ...second.data]).toEqual(all.data.slice(0, 4))
  expect(first.differing).toBe(all.data.length)
  const dream = all.data[0].dream_id
  expect((await json('policy', 'test', example('trusting'), '--dream', dream)).dreams).toBe(1)
})

test('what is set is in force, is kept, and is in the log; the next dream follows it', async () => {
  const set = shapes.PolicySet.parse(await json('policy', 'set', example('trusting'), '--as', 'ben'))
  expect(set).toMatchObject({ is_new: true, set_by: 'user:ben' })
  expect((await json('policy', 'set', example('trusting'))).is_new).toBe(false)

  const { data } = shapes.list(shapes.PolicySetting).parse(await json('policy', 'history'))
  expect(data).toEqual([{ seq: 1, sha256: set.sha256, set_at: set.set_at, set_by: 'user:ben' }])
  expect((await json('audit', '--limit', '1')).data[0]).toMatchObject({
    action: 'policy.set',
    object: set.sha256,
  })
  expect((await run('policy', 'show', '--sha256', set.sha256.slice(0, 9))).stdout).toBe(
    readFileSync(example('trusting'), 'utf8'),
  )
  expect((await run('policy', 'show', '--sha256', 'abc')).stderr).toMatch(/there is no policy version abc/)

  await json('dream', '--store', 'second', '--agent', 'compliance-desk')
  const tried = await json('policy', 'test', example('careful'))
  expect(tried.verdicts.allow).toBeGreaterThan(5)
  expect(tried.would_be.allow).toBe(0)
})
