/** What is put in over the wire event by event is, once it is settled, what the same events in a file are. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { REVIEWER } from '../../src/2-review/review.ts'
import { openDatabase } from '../../src/db/database.ts'
import { readReviews } from '../../src/db/sessions.ts'
import type { WireEvent } from '../../src/domain/recorded-event.ts'
import { type Engine, openEngine, type SessionWanted } from '../../src/engine.ts'
import { eventsOf } from '../sdk/recorded-session.ts'
import { sessionWanted } from '../session-wanted.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-settle-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let databases = 0

const NOW = new Date('2026-11-22T02:00:00.000Z')

function opened(): { engine: Engine; path: string } {
  const path = join(scratch, `${databases++}.db`)
  return { engine: openEngine({ database: path, now: () => NOW }), path }
}

const text = (it: string) => [{ type: 'text', text: it }]

/** A session of some length: people ask, calls fail and are mended, somebody says what they think of it. */
function transcript(length: number, first = 0): WireEvent[] {
  const at = (i: number) => new Date(Date.UTC(2026, 9, 1, 9, 0, first + i)).toISOString()
  return Array.from({ length }, (_, n) => {
    const i = first + n
    const id = `sevt_${i}`
    const base = { id, processed_at: at(i) }
    switch (i % 7) {
      case 0:
        return { ...base, type: 'user.message', content: text(`Please look up invoice ${i}.`) }
      case 1:
        return { ...base, type: 'agent.tool_use', name: 'find_invoice', input: { number: i } }
      case 2:
        return {
          ...base,
          type: 'agent.tool_result',
          tool_use_id: `sevt_${i - 1}`,
          content: text('Error: the ledger is locked'),
          is_error: true,
        }
      case 3:
        return { ...base, type: 'span.model_request_end', model_usage: { input_tokens: 5, output_tokens: 2 } }
      case 4:
        return { ...base, type: 'agent.message', content: text('It is locked.') }
      case 5:
        return { ...base, type: 'user.feedback', kind: 'rating', rating: 4 }
      default:
        return { ...base, type: 'session.outcome', result: 'satisfied', verified: true, rule: 'books@1' }
    }
  })
}

/** What a file that holds the same session makes of it. */
async function fromFile(events: WireEvent[]) {
  const { engine, path } = opened()
  const file = join(scratch, `${databases++}.json`)
  writeFileSync(file, JSON.stringify({ session: { id: 'sesn_file', agent: { name: 'desk' } }, events }))
  await engine.ingest([file])
  return told(engine, path)
}

/** What a database holds of a conversation, its parts together, without what differs from one to the next; closes it. */
async function told(engine: Engine, path: string) {
  const { data } = await engine.sessions({ limit: 100 })
  const db = openDatabase(path)
  const ids = data.map((it) => it.id).reverse()
  const reviews = await readReviews(db, ids, REVIEWER)
  const observations = ids.flatMap((id) =>
    reviews.get(id)!.observations.map(({ sightings, ...it }: Record<string, unknown>) => JSON.stringify(it)),
  )
  const last = await engine.session(ids.at(-1)!)
  await db.destroy()
  await engine.close()
  const { id, external_session_id, ingested_at, continues_session_id, ...row } = last.row
  return { row, events: last.session?.events, observations: observations.sort() }
}

/** Puts events in with the session that they are of. */
async function recorded(engine: Engine, more: Partial<SessionWanted> = {}): Promise<string> {
  return (await engine.createSession({ ...sessionWanted, ...more }, 'user:ann')).id
}

test('event by event, in requests of any size, some of them twice: the same as in one file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), again: fc.boolean() }), { minLength: 1 }),
      async (length, requests) => {
        const events = transcript(length)
        const { engine, path } = opened()
        const id = await recorded(engine)
        for (let at = 0, i = 0; at < events.length; i++) {
          const { size, again } = requests[i % requests.length]!
          const some = events.slice(at, at + size)
          await engine.sendEvents(id, some)
          if (again) await engine.sendEvents(id, [...some].reverse())
          at += size
        }
        await engine.settle()
        expect(await told(engine, path)).toEqual(await fromFile(events))
      },
    ),
    { numRuns: 12 },
  )
})

test('one that grows between settlings counts each event once', async () => {
  const events = transcript(28)
  const { engine, path } = opened()
  const id = await recorded(engine)
  for (const [from, to] of [
    [0, 9],
    [9, 17],
    [17, 28],
  ]) {
    await engine.sendEvents(id, events.slice(from, to))
    await engine.settle([id])
  }
  const { session_ids } = await engine.settle([id])
  expect(session_ids).toHaveLength(3)
  const whole = await fromFile(events)
  const grown = await told(engine, path)
  expect(grown.events).toEqual(whole.events)
  // One for each tool, however often a session calls it.
  expect(calls(whole.observations)).toHaveLength(1)
  expect(calls(grown.observations)).toEqual(calls(whole.observations))
})

/** Without what is said of a session as a whole, which is judged once, when it is first seen. */
function calls(observations: string[]): string[] {
  return observations.filter((it) => it.includes('"channel":"call"'))
}

describe('settling', () => {
  test('two sessions whose events have the same ids are two sessions', async () => {
    const { engine } = opened()
    const ids = [await recorded(engine), await recorded(engine)]
    await engine.sendEvents(ids[0]!, transcript(7))
    await engine.sendEvents(ids[1]!, [
      { type: 'user.message', id: 'sevt_0', content: text('Something else altogether.') },
    ])
    expect((await engine.settle()).session_ids).toHaveLength(2)
    expect((await engine.sessions()).data.map((it) => it.continues_session_id)).toEqual([null, null])
    await engine.close()
  })

  test('two of the same words at the same times are one, and both lead to it', async () => {
    const { engine } = opened()
    const ids = [await recorded(engine), await recorded(engine)]
    for (const id of ids) await engine.sendEvents(id, transcript(10))
    const { session_ids, sessions, skipped } = await engine.settle()
    expect(session_ids).toHaveLength(1)
    expect([...sessions.values()]).toEqual([session_ids, session_ids])
    expect(skipped).toEqual([])
    expect((await engine.settle(ids)).session_ids).toEqual(session_ids)
    await engine.close()
  })

  test('task, version, agent and title are those of the session', async () => {
    const { engine } = opened()
    const metadata = { task_id: 'refund-7', agent_version: 'gpt-x 3' }
    const id = await recorded(engine, { title: 'A refund', metadata })
    await engine.sendEvents(id, transcript(3))
    await engine.settle()
    expect((await engine.sessions()).data).toMatchObject([
      {
        agent: 'desk',
        task: 'refund-7',
        agent_version: 'gpt-x 3',
        title: 'A refund',
        external_session_id: id,
      },
    ])
    await engine.close()
  })

  test('without a version of its own it is the model and version of the agent, where these are known', async () => {
    const { engine } = opened()
    const agent = { id: 'desk', version: null, overrides: { model: { id: 'claude-opus-5' } } }
    for (const more of [{ agent }, {}])
      await engine.sendEvents(await recorded(engine, more), [say(JSON.stringify(more))])
    await engine.settle()
    const { data } = await engine.sessions()
    expect(data.map((it) => it.agent_version).toSorted()).toEqual(['claude-opus-5 v1', null])
    await engine.close()
  })

  test('one that is running waits, unless it is asked for by its id', async () => {
    const { engine } = opened()
    const id = await recorded(engine)
    await engine.sendEvents(id, [say('Hello.'), { type: 'session.status_running' }])
    expect((await engine.settle()).session_ids).toEqual([])
    expect((await engine.settle([id])).session_ids).toHaveLength(1)
    await engine.close()
  })

  test.each<[what: string, events: WireEvent[], reason: RegExp]>([
    ['one without events', [], /nothing in it/],
    ['one with nothing for a dream', [{ type: 'session.status_running' }], /nothing in it/],
  ])('%s is skipped by name', async (_, events, reason) => {
    const { engine } = opened()
    const id = await recorded(engine)
    if (events.length > 0) await engine.sendEvents(id, events)
    expect(await engine.settle([id, 'sesn_none'])).toEqual({
      sessions: new Map(),
      session_ids: [],
      skipped: [
        { id: 'sesn_none', reason: 'there is no such session' },
        { id, reason: expect.stringMatching(reason) },
      ],
    })
    await engine.close()
  })

  test('what was erased is not stored again', async () => {
    const { engine } = opened()
    const id = await recorded(engine)
    await engine.sendEvents(id, transcript(10))
    await engine.settle()
    await engine.erase({ session_ids: [id] }, { as: 'user:ann', dry_run: false })
    const again = await recorded(engine)
    await engine.sendEvents(again, transcript(10))
    expect((await engine.settle([again])).skipped).toEqual([
      { id: again, reason: expect.stringContaining('erased') },
    ])
    await engine.close()
  })

  test('the ids of a session from a file, and of what was settled, lead to themselves', async () => {
    const { engine } = opened()
    const id = await recorded(engine)
    await engine.sendEvents(id, transcript(10))
    const { session_ids } = await engine.settle()
    expect((await engine.settle(session_ids)).session_ids).toEqual(session_ids)
    await engine.close()
  })

  test('a dream settles what is idle before it looks for sessions, and quotes events by their ids', async () => {
    const { engine } = opened()
    const folder = join(scratch, 'desk')
    generateComplianceDesk(folder, { sessions: 80 })
    const lines = readdirSync(folder)
      .sort()
      .flatMap((it) => readFileSync(join(folder, it), 'utf8').split('\n').filter(Boolean))
      .slice(0, 80)
    for (const line of lines) await engine.sendEvents(await recorded(engine), eventsOf(JSON.parse(line)))
    const [report] = await engine.dream()
    const { data } = await engine.sessions({ limit: 100 })
    expect(data.length).toBeGreaterThan(60)
    expect(report!.dream.sessions_read).toBe(data.length)
    const lessons = (await engine.lessons({ limit: 100 })).data
    const evidence = (await Promise.all(lessons.map(({ id }) => engine.evidence(id)))).flatMap(
      (it) => it.data,
    )
    expect(evidence.length).toBeGreaterThan(0)
    for (const { session_id, event_id, quote } of evidence) {
      const { id } = await engine.sessionById(session_id)
      const events = (await engine.eventList(id, { processed: {}, order: 'asc' })).data
      expect(JSON.stringify(events.find((it) => it.id === event_id))).toContain(quote)
    }
    await engine.close()
  })

  test('one audit record says that it was stored, and none holds its words', async () => {
    const { engine } = opened()
    const id = await recorded(engine, { title: 'qzxtitle' })
    await engine.sendEvents(id, [say('qzxword')])
    await engine.settle()
    const { data } = await engine.audit()
    expect(data.map((it) => it.action)).toEqual(['sessions.ingested', 'session.created'])
    expect(JSON.stringify(data)).not.toContain('qzx')
    await engine.close()
  })
})

function say(it: string): WireEvent {
  return { type: 'user.message', content: text(it) }
}
