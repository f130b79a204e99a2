/** `reverie recall` gives a program the text and nothing else, and a person what there is to say about it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Desk, openDesk } from '../govern/desk.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-recall-'))
let desk: Desk
let world: { home: string; env: Record<string, string> }

beforeAll(async () => {
  desk = await openDesk()
  await desk.live(await desk.night(['refund']))
  await desk.write('/tone.md', 'Be brief.\u001b[2J\n')
  world = { home, env: { REVERIE_DB: desk.path } }
})
afterAll(async () => {
  await desk.close()
  rmSync(home, { recursive: true })
})

describe('recall', () => {
  test('prints the text as it is given, without what would act on a terminal, and remarks to stderr', async () => {
    const { stdout, stderr, exit_code } = await reverie(['recall', '--agent', 'desk'], world)
    expect(stdout).toMatch(
      /^<reverie-memory>\n[\s\S]*Be brief\.\\x1b\[2J\n[\s\S]*get_refund[\s\S]*<\/reverie-memory>\n$/,
    )
    expect(stderr).toContain('No session was named')
    expect(exit_code).toBe(0)
  })

  test('prints nothing where there is nothing to give', async () => {
    const { stdout, stderr } = await reverie(
      ['recall', '--agent', 'desk', '--session', 's', '--budget', '0'],
      world,
    )
    expect([stdout, stderr]).toEqual(['', '2 memories left out: there was no room.\n'])
  })

  test('tells all in JSON, and what it told is in the list and with the session', async () => {
    const session = (await desk.engine.sessions()).data[0]!
    const args = ['recall', '--session', session.external_session_id, '--query', 'refund', '--as', 'ana']
    const it = shapes.Recalled.parse(await reverieJson(args, world))
    expect(it).toMatchObject({ agent: 'desk', session_key: session.external_session_id })
    const rows = shapes
      .list(shapes.RecallRow)
      .parse(await reverieJson(['recalls', '--session', session.id], world))
    expect(rows.data.map(({ id, created_by }) => [id, created_by])).toEqual([[it.id, 'user:ana']])
    const shown = shapes.OneSession.parse(await reverieJson(['sessions', 'show', session.id], world))
    expect(shown.recalls).toEqual(rows.data)
    const { stdout } = await reverie(['sessions', 'show', session.id], world)
    expect(stdout).toContain(it.id)
    expect(stdout).toMatch(/ {2}delivered: \/tone\.md/)
  })

  test('says of an agent that nobody knows what to do', async () => {
    const { stdout, stderr, exit_code } = await reverie(['recall', '--agent', 'dekc'], world)
    expect([stdout, exit_code]).toEqual(['', 1])
    expect(stderr).toContain('there is no agent dekc')
  })
})

test('a list without recalls says how to get one', async () => {
  const { stdout } = await reverie(['recalls', '--agent', 'nobody'], world)
  expect(stdout).toMatch(/^No recalls yet\./)
})
