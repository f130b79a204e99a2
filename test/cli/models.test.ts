/** Models at the command line: where they are configured, what a dream says that asks one, and that it goes nowhere unasked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEY } from '../model/scripted-models.ts'
import { type Script, type ScriptedServer, scriptedServer } from '../model/scripted-servers.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-cli-models-'))
const data = join(home, 'data')
const SECRET = 'sk-nobody-may-see-this'
const world = { home, env: { XDG_DATA_HOME: data, [KEY]: SECRET } }

let server: ScriptedServer
const usual: Script = () => ({ json: { claims: [], operations: [] } })

beforeAll(async () => {
  server = await scriptedServer(usual)
  mkdirSync(join(data, 'reverie'), { recursive: true })
  writeFileSync(join(data, 'reverie', 'models.yaml'), configuration('scripted/m'))
  writeFileSync(join(home, 'other.yaml'), configuration('none'))
  writeFileSync(join(home, 'broken.yaml'), 'default: none\nprovider: {}\n')
  writeFileSync(join(home, 'desk.jsonl'), [0, 1, 2].map(sessionLine).join('\n'))
  await reverie(['ingest', 'desk.jsonl'], world)
})
afterAll(async () => {
  await server.close()
  rmSync(home, { recursive: true })
})

function configuration(usual: string): string {
  const provider = `{ kind: openai_compatible, base_url: "${server.base_url('openai')}", api_key_env: ${KEY} }`
  return `default: ${usual}\nproviders: { scripted: ${provider} }\nprices: { scripted/m: { input: 1, output: 5 } }\n`
}

function sessionLine(i: number): string {
  return JSON.stringify({
    ...{ id: `run-${i}`, agent: 'desk' },
    steps: [
      { role: 'user', text: `Please send offer ${i} to the customer, and never by post again.` },
      { role: 'assistant', text: `Offer ${i} went out by mail, as you asked for it.` },
    ],
  })
}

describe('they are configured', () => {
  test('in the data folder', async () => {
    const it = shapes.Models.parse(await reverieJson(['models'], world))

    expect(it).toMatchObject({ file: join(data, 'reverie', 'models.yaml'), default: 'scripted/m' })
  })

  test('or where REVERIE_MODELS says', async () => {
    const env = { ...world.env, REVERIE_MODELS: join(home, 'other.yaml') }

    expect(await reverieJson(['models'], { home, env })).toMatchObject({ default: 'none' })
  })

  test.each([
    ['broken.yaml', 'broken.yaml:2:1: there is no key "provider" here (did you mean providers?)'],
    ['nowhere.yaml', 'nowhere.yaml cannot be read REVERIE_MODELS names it'],
  ])('and %s is told for what it is', async (name, says) => {
    const env = { ...world.env, REVERIE_MODELS: join(home, name) }
    const { stderr, exit_code } = await reverie(['models'], { home, env })

    expect(exit_code).toBe(1)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(says)
  })
})

describe('a dream', () => {
  test('that cannot begin tells all that is wrong with the file, a line each', async () => {
    writeFileSync(join(home, 'worse.yaml'), 'defualt: none\nprovider: {}\n')
    const env = { ...world.env, REVERIE_MODELS: join(home, 'worse.yaml') }
    const { stdout, exit_code } = await reverie(['dream'], { home, env })

    expect(exit_code).toBe(1)
    expect(stdout).toMatch(/^ {2}\S*worse\.yaml:1:1: .*\n(?: {2}.*\n)* {2}\S*worse\.yaml:2:1: /m)
  })

  test('asks nobody whom the workspace does not list, and says how that is changed', async () => {
    const { stdout, exit_code } = await reverie(['dream'], world)

    expect(exit_code).toBe(1)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `the workspace default allows no call to ${new URL(server.url).host}, which is not among its hosts`,
    )
    expect(server.requests).toEqual([])
  })

  test('says before what a model will cost and after what it did, in 80 columns, and never a key', async () => {
    await reverie(['workspace', 'set', 'default', '--model-host', new URL(server.url).host], world)
    const tried = await reverie(['dream', '--dry-run'], world)
    expect(server.requests).toEqual([])
    const { stdout, stderr, exit_code } = await reverie(['dream', '--budget', '1usd'], world)
    const [words, dry] = [stdout, tried.stdout].map((it) => it.replaceAll(/\s+/g, ' '))

    expect(exit_code).toBe(0)
    expect(dry).toMatch(
      /Would ask scripted\/m 3 questions on sessions, [\d,]+ tokens in, up to [\d,]+ out: at most \$/,
    )
    expect(dry).toContain('A dry run: nothing was written.')
    expect(words).toMatch(/^desk: asking scripted\/m 3 questions on sessions, .* desk: 3 new sessions read/)
    expect(words).toMatch(
      /scripted\/m: 3 calls, [\d,]+ tokens in, [\d,]+ out, \$0\.00\d+\. Planned: 3 questions/,
    )
    expect(stdout.split('\n').filter((it) => it.length > 80)).toEqual([])
    expect(stdout + stderr).not.toContain(SECRET)
    expect(server.requests[0]!.headers.authorization).toContain(SECRET)
  })

  test('keeps what it cost for whoever looks it up', async () => {
    const { data: dreams } = shapes.list(shapes.OneDream).parse(await reverieJson(['dreams'], world))
    const { stdout } = await reverie(['dreams', 'show', dreams[0]!.id], world)

    expect(dreams[0]).toMatchObject({ model: 'scripted/m', spending: { uses: [{ calls: 3 }] } })
    expect(stdout).toContain('scripted/m: 3 calls')
    expect(await reverieJson(['models'], world)).toMatchObject({ spent_today: { usd: expect.any(Number) } })
  })

  test('that fails tells what it has cost all the same', async () => {
    writeFileSync(join(home, 'more.jsonl'), [7, 8].map(sessionLine).join('\n'))
    await reverie(['ingest', 'more.jsonl'], world)
    server.script = () => ({ text: 'Sorry.' })
    const { stdout, exit_code } = await reverie(['dream'], world)
    server.script = usual
    const words = stdout.replaceAll(/\s+/g, ' ')

    expect(exit_code).toBe(1)
    expect(words).toMatch(
      /desk: scripted\/m: 4 calls, 4 without a use, [\d,]+ tokens in, \d+ out, \$0\.00\d+\./,
    )
    expect(words).toContain('desk: failed scripted/m could not read any of the 2 new sessions')
  })

  test('is replayed without a word of asking or of paying', async () => {
    const recorded = join(home, 'recorded')
    const { stdout: live } = await reverie(['dream', '--record', recorded], world)
    const { length } = server.requests
    writeFileSync(
      join(home, 'others.jsonl'),
      Array.from({ length: 9 }, (_, i) => sessionLine(20 + i)).join('\n'),
    )
    await reverie(['ingest', 'more.jsonl', 'others.jsonl', '--db', 'second.db'], world)
    const { stdout } = await reverie(
      ['dream', '--agent', 'desk', '--replay', recorded, '--db', 'second.db'],
      world,
    )

    expect(live).toContain('2 new sessions read')
    expect(server.requests).toHaveLength(length)
    expect(stdout).toContain('answered by the recording in')
    expect(stdout).not.toMatch(/asking|\$/)
    // Each of the nine that were not recorded has a reason of its own, and four of them tell enough.
    const words = stdout.replaceAll(/\s+/g, ' ')
    expect(
      words.match(/1 session was not read and will be by the next dream: the recording in/g),
    ).toHaveLength(4)
    expect(words).toContain(
      '5 sessions were not read and will be by the next dream: for 5 more reasons of this',
    )
  })

  test('asks no model where none is wanted', async () => {
    const it = shapes.Dreamed.parse(await reverieJson(['dream', '--model', 'none'], world))

    expect(it.dream).toMatchObject({ model: null, spending: null })
  })
})
