import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewDreamRequest } from '../../src/db/dream-requests.ts'
import type { OutputBehavior } from '../../src/domain/dream.ts'
import { putDreamIn } from '../../src/engine/dream-requests.ts'
import { openEngine } from '../../src/engine.ts'
import { ticking } from '../govern/desk.ts'
import { trust } from '../trusting.ts'
import { ANA, deskFiles, openWire, type Wire } from './wire-dreaming.ts'

const { folder, week } = deskFiles(160)
const now = () => new Date('2026-11-09T03:00:00Z')
afterAll(() => rmSync(folder, { recursive: true }))

/** Two databases with the same sessions: what people without a policy of their own have, and what people have who trust their dreams. */
const ingested = join(folder, 'ingested.db')
const trusting = join(folder, 'trusting.db')
/** What `reverie dream` learns of them. */
let lessons: { path: string; after: string | null }[]

beforeAll(async () => {
  const engine = openEngine({ database: ingested, now })
  await engine.ingest([1, 2, 3, 4, 5, 6].map(week))
  await engine.close()
  copyFileSync(ingested, trusting)
  const other = openEngine({ database: trusting, now })
  await trust(other)
  await other.close()
  const usual = openEngine({ database: copy('usual'), now })
  const [report] = await usual.dream()
  lessons = report!.changes.map(({ path, after }) => ({ path, after }))
  await usual.close()
})

test('the sessions teach something', () => {
  expect(lessons.length).toBeGreaterThan(3)
})

describe('a dream into a new store', () => {
  test('proposes what `reverie dream` proposes, leaves the input as it is, and holds the result in a store of its own', async () => {
    await over('new', async (wire) => {
      const { id: input } = await wire.store()
      await write(wire, input, '/team.md', 'We are four.\n')
      const before = await wire.texts(input)
      const asked = await wire.ask(input, await wire.sessions())
      expect(asked).toMatchObject({ status: 'pending', output_store_id: null, recording_id: null })

      const dream = await wire.run(asked.id)

      expect(dream).toMatchObject({ status: 'completed', result: 'changed', agent: 'compliance-desk' })
      const { changes } = await wire.engine.dreamReport(dream.id)
      expect(changes.map(({ path, after }) => ({ path, after }))).toEqual(lessons)
      expect(changes.every((it) => it.status !== 'adopted')).toBe(true)
      expect(await wire.texts(input)).toEqual(before)
      const output = dream.output_store_id!
      expect(output).not.toBe(input)
      const { '/_index.md': index, ...held } = await wire.texts(output)
      expect(held).toEqual({ '/team.md': 'We are four.\n', ...asTexts(lessons) })
      for (const { path } of lessons) expect(index).toContain(path)
      expect(await authors(wire, output)).toEqual(new Set(['user:ana', `dream:${dream.id}`]))
    })
  })

  test('whose policy allows everything, approves it and still leaves the input as it is', async () => {
    await over(
      'allowed',
      async (wire) => {
        const { id: input } = await wire.store()
        const dream = await wire.run((await wire.ask(input, await wire.sessions())).id)
        const { changes } = await wire.engine.dreamReport(dream.id)
        expect(new Set(changes.map((it) => it.status))).toEqual(new Set(['approved']))
        expect(await wire.texts(input)).toEqual({})

        const update = await wire.ask(input, await wire.sessions(), { output_behavior: 'update_existing' })
        await wire.run(update.id)
        const { '/_index.md': _, ...held } = await wire.texts(input)
        expect(held, 'the next dream that updates the input adopts them').toEqual(asTexts(lessons))
      },
      trusting,
    )
  })

  test('goes on in its output: a dream over that counts on from there, and does not read a session twice', async () => {
    await over('on', async (wire) => {
      const { id: input } = await wire.store()
      const first = await wire.run((await wire.ask(input, await wire.sessions())).id)
      await wire.engine.ingest([7, 8, 9, 10].map(week))
      const all = await wire.sessions()

      const onOutput = await wire.run((await wire.ask(first.output_store_id!, all)).id)

      const alone = openEngine({ database: copy('alone'), now })
      await alone.dream()
      await alone.ingest([7, 8, 9, 10].map(week))
      const [report] = await alone.dream()
      await alone.close()
      expect(onOutput.sessions_read).toBe(report!.dream.sessions_read)
      expect(tally(wire.path, onOutput.output_store_id!)).toEqual(tally(join(folder, 'alone.db')))
      expect(tally(wire.path, onOutput.output_store_id!).length).toBeGreaterThan(50)
    })
  })

  test('forgets with it: a session that is erased is gone from what the output knows, and nothing else', async () => {
    await over('forgets', async (wire) => {
      const { id: input } = await wire.store()
      const sessions = await wire.sessions()
      const { output_store_id } = await wire.run((await wire.ask(input, sessions)).id)
      await wire.engine.erase({ session_ids: [sessions[3]!] }, { as: ANA, dry_run: false })
      const of = (store: string) => [tally(wire.path, store), patterns(wire.path, store)]
      expect(of(output_store_id!)).toEqual(of(input))
      expect(patterns(wire.path, input).length).toBeGreaterThan(3)
    })
  })

  test('holds what waits from before, what was written to the input while it ran, and not what people rejected', async () => {
    await over('waiting', async (wire) => {
      const { id: input } = await wire.store()
      const first = await wire.run((await wire.ask(input, await wire.sessions())).id)
      const { changes } = await wire.engine.dreamReport(first.id)
      const [rejected, ...others] = changes
      const word = { reason: 'no', edited: null, until: null, covered_by: null }
      await wire.engine.decide([{ id: rejected!.id }], { ...word, decision: 'rejected' }, ANA)
      await wire.engine.ingest([week(7)])
      const asked = await wire.ask(input, await wire.sessions())
      let has_written = false
      const second = await wire.run(asked.id, {
        stay: async () => {
          if (has_written || (await wire.engine.requestedDream(asked.id)).output_store_id === null) return
          has_written = true
          await write(wire, input, '/written-meanwhile.md', 'Later.\n')
        },
      })
      expect(second.status).toBe('completed')
      const held = await wire.texts(second.output_store_id!)
      expect(held['/written-meanwhile.md']).toBe('Later.\n')
      expect(held).not.toHaveProperty([rejected!.path])
      expect(Object.keys(held)).toEqual(expect.arrayContaining(others.map((it) => it.path)))
    })
  })
})

test('a dream that updates its store lets live what the policy allows, and the rest waits', async () => {
  for (const [name, from, live] of [
    ['held', ingested, false],
    ['live', trusting, true],
  ] as const)
    await over(
      name,
      async (wire) => {
        const { id } = await wire.store()
        const asked = await wire.ask(id, await wire.sessions(), { output_behavior: 'update_existing' })
        const dream = await wire.run(asked.id)
        expect(dream.output_store_id).toBe(id)
        const { '/_index.md': _, ...held } = await wire.texts(id)
        expect(held).toEqual(live ? asTexts(lessons) : {})
      },
      from,
    )
})

test('a dream reads exactly the sessions that it is given, whatever their order, and the rest stays new', async () => {
  await over('some', async (wire) => {
    const { id } = await wire.store()
    const all = await wire.sessions()
    const some = all.filter((_, i) => i % 3 === 0)
    const first = await wire.run((await wire.ask(id, [...some].reverse())).id)
    expect(first.session_ids).toEqual([...some].sort())
    expect(first.sessions_read).toBe(some.length)
    const again = await wire.run((await wire.ask(id, some)).id)
    expect(again).toMatchObject({ sessions_read: 0, result: 'nothing_new' })
    const { id: store } = await wire.engine.memoryStore('desk')
    expect(store).toBe(id)
    const [rest] = await wire.engine.dream({ store: 'desk' })
    expect(rest!.dream.sessions_read).toBe(all.length - some.length)
  })
})

test('a dream over everything new, as schedules have it, says afterwards what it has read, and tells of many sessions in bunches', async () => {
  await over('everything', async (wire) => {
    await wire.engine.ingest([7, 8, 9, 10].map(week))
    const { id: memory_store_id } = await wire.store()
    const request: NewDreamRequest = {
      ...{ memory_store_id, session_ids: null, instructions: null, requested_by: ANA },
      ...{ model: { id: 'm', speed: 'standard' }, output_behavior: 'update_existing' },
    }
    const id = await wire.db
      .transaction()
      .execute((tx) => putDreamIn(tx, request, { actor: 'server', reason: '' }, now()))
    expect((await wire.engine.requestedDream(id)).session_ids).toEqual([])
    const dream = await wire.run(id)
    const sessions = await wire.sessions()
    expect(sessions.length).toBeGreaterThan(100)
    expect(dream).toMatchObject({ status: 'completed', session_ids: [...sessions].sort() })
    const calls = told(wire, dream.recording_id!).filter((it) => it.name === 'read_sessions')
    expect(calls.flatMap((it) => it.input.session_ids).sort()).toEqual([...sessions].sort())
  })
})

describe('what a dream does stands in a session of its own', () => {
  test('what it reads and writes as calls, which no dream reads', async () => {
    await over('told', async (wire) => {
      const { id } = await wire.store()
      const sessions = (await wire.sessions()).slice(0, 80)
      const dream = await wire.run((await wire.ask(id, sessions)).id)
      const events = told(wire, dream.recording_id!)
      expect(
        events.map((it) => it.type).filter((it, i, all) => it !== all[i - 1] && !it.startsWith('agent.tool')),
      ).toEqual(['session.status_running', 'agent.message', 'agent.message', 'session.status_idle'])
      expect(JSON.stringify(events)).toContain('Reading 80 sessions')
      const calls = events.filter((it) => it.type === 'agent.tool_use')
      const read = calls.filter((it) => it.name === 'read_session').map((it) => it.input.session_id)
      expect(read.sort()).toEqual(sessions.sort())
      const { changes } = await wire.engine.dreamReport(dream.id)
      const written = calls.filter((it) => it.name === 'write_memory').map((it) => it.input.change_id)
      expect(written).toEqual(changes.map((it) => it.id))
      const results = events.filter((it) => it.type === 'agent.tool_result').map((it) => it.tool_use_id)
      expect(results).toEqual(calls.map((it) => it.id))
      const sqlite = new DatabaseSync(wire.path)
      const row = sqlite
        .prepare('SELECT archived_at, dream_id FROM recording WHERE id = ?')
        .get(dream.recording_id!)
      sqlite.close()
      expect(row).toEqual({ archived_at: now().toISOString(), dream_id: dream.id })
      await expect(wire.ask(id, [dream.recording_id!])).rejects.toMatchObject({
        type: 'invalid_request_error',
        message: `the session ${dream.recording_id} is that of a dream`,
      })
    })
  })

  test('as it happens', async () => {
    const wire = openWire(copy('happens'), ticking())
    const asked = await wire.ask((await wire.store()).id, (await wire.sessions()).slice(0, 80))
    const { recording_id } = await wire.run(asked.id)
    await wire.close()
    const sqlite = new DatabaseSync(join(folder, 'happens.db'))
    const rows = sqlite
      .prepare(
        "SELECT DISTINCT processed_at FROM recorded_event WHERE recording_id = ? AND type = 'agent.tool_use'",
      )
      .all(recording_id)
    sqlite.close()
    expect(rows.length).toBeGreaterThan(6)
  })
})

describe('dreams of one store', () => {
  test('run one at a time, in the order in which they were asked for', async () => {
    await over('queue', async (wire) => {
      const { id } = await wire.store()
      const sessions = await wire.sessions()
      const [first, second] = [await wire.ask(id, sessions.slice(0, 40)), await wire.ask(id, sessions)]
      const before = [first, second].sort((a, b) => (a.id < b.id ? -1 : 1))
      await expect(wire.run(before[1]!.id)).rejects.toThrow(`the dream ${before[0]!.id} is before it`)
      let put_off: unknown
      await wire.run(before[0]!.id, {
        stay: async () => {
          put_off ??= await wire.run(before[1]!.id).catch((it) => it.message)
        },
      })
      expect(put_off).toBe(`the dream ${before[0]!.id} is before it`)
      expect((await wire.engine.requestedDream(before[1]!.id)).status).toBe('pending')
      jobEnds(wire, before[0]!.id)
      expect((await wire.run(before[1]!.id)).status).toBe('completed')
    })
  })

  test('wait for one of the command line, and a dead one has failed', async () => {
    await over('dead', async (wire) => {
      const { id } = await wire.store()
      const asked = await wire.ask(id, await wire.sessions())
      const sqlite = new DatabaseSync(wire.path)
      const running = sqlite.prepare(
        "INSERT INTO dream (id, memory_store_id, status, worker, lease_expires_at, created_at) VALUES ('drm_a', ?, 'running', 'elsewhere:1:a', ?, '2026-11-09T02:00:00.000Z')",
      )
      running.run(id, '2026-11-09T03:00:30.000Z')
      await expect(wire.run(asked.id)).rejects.toThrow('the dream drm_a is before it')
      sqlite.exec("UPDATE dream SET lease_expires_at = '2026-11-09T02:59:00.000Z' WHERE id = 'drm_a'")
      expect((await wire.run(asked.id)).status).toBe('completed')
      expect(sqlite.prepare("SELECT status, error_type FROM dream WHERE id = 'drm_a'").get()).toEqual({
        status: 'failed',
        error_type: 'internal_error',
      })
      sqlite.close()
    })
  })

  test('that wait are no hindrance to `reverie dream`, which leaves one whose worker died to its job', async () => {
    await over('cli', async (wire) => {
      const { id } = await wire.store()
      const asked = await wire.ask(id, (await wire.sessions()).slice(0, 50))
      await expect(
        wire.run(asked.id, { stay: async () => Promise.reject(new Error('killed')) }),
      ).rejects.toThrow('killed')
      expect((await wire.engine.requestedDream(asked.id)).status).toBe('running')
      const sqlite = new DatabaseSync(wire.path)
      sqlite.exec("UPDATE dream SET worker = 'elsewhere:1:a', lease_expires_at = '2026-11-09T02:59:00.000Z'")
      sqlite.close()

      const [report] = await wire.engine.dream({ store: 'desk', agent: 'compliance-desk' })

      expect(report!.dream).toMatchObject({
        status: 'completed',
        sessions_read: (await wire.sessions()).length,
      })
      expect(report!.dream.id).not.toBe(asked.id)
      expect((await wire.engine.requestedDream(asked.id)).status).toBe('pending')
      expect(await wire.run(asked.id)).toMatchObject({ status: 'completed', sessions_read: 0 })
    })
  })
})

describe('instructions steer a dream', () => {
  const dreamed = async (
    wire: Wire,
    instructions: string | null,
    output_behavior: OutputBehavior = 'create_new',
  ) => {
    const { id } = await wire.store(instructions ?? 'without')
    const dream = await wire.run(
      (await wire.ask(id, await wire.sessions(), { instructions, output_behavior })).id,
    )
    return { dream, changes: (await wire.engine.dreamReport(dream.id)).changes, input: id }
  }

  test('to some lessons; the others stay known and come with a later dream', async () => {
    await over('focus', async (wire) => {
      const { dream, changes, input } = await dreamed(wire, 'Focus on get_customer')
      expect(changes.length).toBeGreaterThan(0)
      expect(changes.length).toBeLessThan(lessons.length)
      for (const it of changes) expect(it.after).toMatch(/customer/)
      const unseen = lessons.length - changes.length
      expect(dream.notes).toContain(
        `${unseen === 1 ? '1 change was' : `${unseen} changes were`} not proposed, as the instructions ask; what is behind them stays known.`,
      )
      const held = await wire.texts(dream.output_store_id!)
      expect(Object.keys(held).filter((it) => it !== '/_index.md')).toEqual(changes.map((it) => it.path))
      await wire.engine.dream({ store: input })
      const waiting = await wire.engine.changes({ store: input, limit: 200 })
      expect(waiting.data.map((it) => it.path).sort()).toEqual(lessons.map((it) => it.path).sort())
    })
  })

  test('to another folder', async () => {
    await over('folder', async (wire) => {
      const { changes } = await dreamed(wire, 'Put lessons under /lessons.')
      expect(changes.map(({ path, after }) => ({ path, after }))).toEqual(
        lessons.map(({ path, after }) => ({ path: `/lessons${path}`, after })),
      )
    })
  })

  test('away from what is to stay, also where it waited before', async () => {
    await over('kept', async (wire) => {
      const [{ path }] = lessons as [(typeof lessons)[number]]
      const { dream, changes, input } = await dreamed(wire, `Keep ${path} unchanged.`)
      expect(changes.map((it) => it.path)).toEqual(lessons.slice(1).map((it) => it.path))
      const usual = await wire.run((await wire.ask(input, await wire.sessions())).id)
      expect(await wire.texts(usual.output_store_id!)).toHaveProperty([path])
      const again = await wire.ask(input, await wire.sessions(), { instructions: `Do not touch ${path}` })
      const held = await wire.texts((await wire.run(again.id)).output_store_id!)
      expect(held).not.toHaveProperty([path])
      expect(await wire.texts(dream.output_store_id!)).not.toHaveProperty([path])
    })
  })

  test.each([
    ['Be brief.', 'An instruction was not followed: “Be brief”.'],
    [
      'Put lessons under /team.md',
      'An instruction was not followed: “put everything under /team.md: a memory stands there”.',
    ],
  ])('and %j, which cannot be followed, is named', async (instructions, note) => {
    await over(`note ${instructions.length}`, async (wire) => {
      const { id } = await wire.store()
      await write(wire, id, '/team.md', 'We are four.\n')
      const dream = await wire.run((await wire.ask(id, await wire.sessions(), { instructions })).id)
      expect(dream).toMatchObject({ status: 'completed', result: 'changed' })
      expect(dream.notes).toContain(note)
      expect(JSON.stringify(told(wire, dream.recording_id!))).toContain(JSON.stringify(note).slice(1, -1))
    })
  })

  test('never past the policy: what it denies or has people decide, it does in another folder, too', async () => {
    await over(
      'policy',
      async (wire) => {
        const rule =
          'rules:\n  - verdict: hold\n    because: mistakes are for people to decide\n    path: /mistakes/**\n'
        const text = TRUSTING.replace('rules:\n', rule)
        await wire.engine.setPolicy({ file: 'p.yaml', text }, ANA)
        const verdicts = async (instructions: string | null) => {
          const { changes } = await dreamed(wire, instructions, 'update_existing')
          return changes.map((it) => [it.pattern_ids[0], it.verdict])
        }
        const usual = await verdicts(null)
        expect(new Set(usual.map(([, verdict]) => verdict))).toEqual(new Set(['hold', 'allow']))
        expect(await verdicts('Put mistakes under /elsewhere')).toEqual(usual)
      },
      trusting,
    )
  })
})

const TRUSTING = readFileSync(new URL('../../examples/policies/trusting.yaml', import.meta.url), 'utf8')

type Step = 'before' | 'while' | 'at the end'

describe('a dream fails', () => {
  const archive = (wire: Wire, id: string) =>
    sql(wire, "UPDATE memory_store SET archived_at = 'x' WHERE id = ?", id)
  const remove = (wire: Wire, id: string) =>
    sql(wire, "UPDATE memory_store SET deleted_at = 'x' WHERE id = ?", id)
  const removeOutput = (wire: Wire, id: string) =>
    sql(wire, "UPDATE memory_store SET deleted_at = 'x' WHERE id <> ?", id)
  const erase = async (wire: Wire, _: string, session: string) => {
    await wire.engine.erase({ session_ids: [session] }, { as: ANA, dry_run: false })
  }
  const unseen = async (wire: Wire, _: string, session: string) =>
    sql(wire, "UPDATE session SET recording_id = 'sesn_other' WHERE id = ?", session)

  test.each<{
    error: string
    name: string
    when: Step
    act: (wire: Wire, store: string, session: string) => unknown
  }>([
    { error: 'input_memory_store_unavailable', name: 'its store is archived', when: 'before', act: archive },
    {
      error: 'input_memory_store_unavailable',
      name: 'its store is archived',
      when: 'at the end',
      act: archive,
    },
    { error: 'input_memory_store_unavailable', name: 'its store is deleted', when: 'before', act: remove },
    {
      error: 'input_memory_store_unavailable',
      name: 'its store is deleted',
      when: 'at the end',
      act: remove,
    },
    { error: 'internal_error', name: 'its output is deleted', when: 'at the end', act: removeOutput },
    { error: 'input_session_unavailable', name: 'a session is erased', when: 'before', act: erase },
    { error: 'input_session_unavailable', name: 'a session is gone', when: 'at the end', act: unseen },
  ])('with $error when $name $when', async ({ error, name, when, act }) => {
    await over(`${name} ${when}`, async (wire) => {
      const { id } = await wire.store()
      const sessions = await wire.sessions()
      const asked = await wire.ask(id, sessions)
      if (when === 'before') await act(wire, id, sessions[3]!)
      let stays = 0
      const dream = await wire.run(asked.id, {
        stay: async () => {
          if (when !== 'before' && stays++ === 0) await act(wire, id, sessions[3]!)
        },
      })
      expect(dream).toMatchObject({ status: 'failed', error: { type: error } })
      const gone = { internal_error: dream.output_store_id!, input_session_unavailable: sessions[3]! }
      expect(dream.error!.message).toContain(gone[error as keyof typeof gone] ?? id)
      expect((await wire.engine.dreamReport(dream.id)).changes).toEqual([])
      expect(tally(wire.path, id)).toEqual([])
      const last = told(wire, dream.recording_id!).slice(-2)
      expect(last.map((it) => it.type)).toEqual(['session.error', 'session.status_idle'])
      if (when !== 'before') expect(dream.output_store_id, 'what was copied stays').not.toBeNull()
    })
  })

  test('with input_session_unavailable when a session is erased while it runs, on the next attempt', async () => {
    await over('erased', async (wire) => {
      const { id } = await wire.store()
      const sessions = await wire.sessions()
      const asked = await wire.ask(id, sessions)
      let is_erased = false
      const first = wire.run(asked.id, {
        stay: async () => {
          if (is_erased) return
          is_erased = true
          await erase(wire, id, sessions[3]!)
        },
      })
      await first.catch(() => undefined)
      const dream = await wire.run(asked.id, { attempt: 2 })
      expect(dream).toMatchObject({ status: 'failed', error: { type: 'input_session_unavailable' } })
    })
  })

  test.each([
    { error: 'input_memory_store_too_large', limits: { memories: 0 } },
    { error: 'input_memory_store_too_large', limits: { bytes: 3 } },
    { error: 'memory_store_org_limit_exceeded', limits: { stores: 1 } },
    { error: 'timeout', limits: { budget_ms: -1 } },
  ])('with $error beyond the limit $limits', async ({ error, limits }) => {
    await over(`limit ${error} ${Object.keys(limits)}`, async (wire) => {
      const { id } = await wire.store()
      await write(wire, id, '/team.md', 'We are four.\n')
      const dream = await wire.run((await wire.ask(id, await wire.sessions())).id, { limits })
      expect(dream).toMatchObject({ status: 'failed', error: { type: error } })
    })
  })

  test('with internal_error after its last attempt at what is a fault of ours, and says no more', async () => {
    await over('bug', async (wire) => {
      const { id } = await wire.store()
      const asked = await wire.ask(id, await wire.sessions())
      const fault = async () => Promise.reject(new TypeError('qq is not a function'))
      await expect(wire.run(asked.id, { stay: fault, attempt: 4 })).rejects.toThrow('qq')
      expect((await wire.engine.requestedDream(asked.id)).status).toBe('running')
      await expect(wire.run(asked.id, { stay: fault, attempt: 5 })).rejects.toThrow('qq')
      const dream = await wire.engine.requestedDream(asked.id)
      expect(dream).toMatchObject({ status: 'failed', error: { type: 'internal_error' } })
      expect(dream.error!.message).not.toContain('qq')
    })
  })

  test('with internal_error after its last attempt to begin, though it could not even be noted who runs it', async () => {
    await over('not begun', async (wire) => {
      const { id } = await wire.store()
      const asked = await wire.ask(id, await wire.sessions())
      sql(
        wire,
        `CREATE TRIGGER broken BEFORE UPDATE ON dream WHEN new.status = 'running' BEGIN SELECT raise(ABORT, 'broken'); END`,
      )
      await expect(wire.run(asked.id, { attempt: 4 })).rejects.toThrow('broken')
      expect((await wire.engine.requestedDream(asked.id)).status).toBe('pending')
      await expect(wire.run(asked.id, { attempt: 5 })).rejects.toThrow('broken')
      expect(await wire.engine.requestedDream(asked.id)).toMatchObject({
        status: 'failed',
        error: { type: 'internal_error' },
      })
    })
  })
})

describe('a dream that is canceled', () => {
  test('while it runs stops without writing, and leaves the copy as it was', async () => {
    await over('canceled', async (wire) => {
      const { id } = await wire.store()
      await write(wire, id, '/team.md', 'We are four.\n')
      const asked = await wire.ask(id, await wire.sessions())
      const dream = await wire.run(asked.id, {
        stay: async () => {
          const { status, ended_at } = await wire.engine.cancelDream(asked.id, ANA)
          expect([status, ended_at]).toEqual(['canceled', now().toISOString()])
        },
      })
      expect(dream).toMatchObject({ status: 'canceled', error: null })
      expect(await wire.texts(dream.output_store_id!)).toEqual(await wire.texts(id))
      expect(tally(wire.path, id)).toEqual([])
      expect(told(wire, dream.recording_id!).at(-1)!.type).toBe('session.status_idle')
    })
  })

  test('before it runs never runs', async () => {
    await over('never', async (wire) => {
      const asked = await wire.ask((await wire.store()).id, await wire.sessions())
      await wire.engine.cancelDream(asked.id, ANA)
      expect(await wire.run(asked.id)).toMatchObject({
        status: 'canceled',
        recording_id: null,
        output_store_id: null,
      })
    })
  })
})

// ---------------------------------------------------------------- what is there

function copy(name: string, from = ingested): string {
  const path = join(folder, `${name}.db`)
  copyFileSync(from, path)
  return path
}

async function over(name: string, act: (wire: Wire) => Promise<void>, from = ingested): Promise<void> {
  const wire = openWire(copy(name, from), now)
  try {
    await act(wire)
  } finally {
    await wire.close()
  }
}

async function write(wire: Wire, store: string, path: string, text: string): Promise<void> {
  const how = { store, format: 'markdown', as: ANA, replace: true, dry_run: false } as const
  await wire.engine.importMemories([{ name: path.slice(1), bytes: Buffer.from(text) }], how)
}

function asTexts(changes: { path: string; after: string | null }[]): Record<string, string | null> {
  return Object.fromEntries(changes.map((it) => [it.path, it.after]))
}

async function authors(wire: Wire, store: string): Promise<Set<string>> {
  const { data } = await wire.engine.memories(store, { limit: 1_000 })
  return new Set(data.map((it) => it.created_by))
}

function sql(wire: Wire, text: string, ...values: string[]): void {
  const sqlite = new DatabaseSync(wire.path)
  sqlite.prepare(text).run(...values)
  sqlite.close()
}

function jobEnds(wire: Wire, id: string): void {
  sql(wire, "UPDATE job SET status = 'completed', ended_at = '2026-11-09T03:00:00.000Z' WHERE id = ?", id)
}

/** What a store has counted; of a database with one store, that. */
function tally(path: string, store?: string): unknown[] {
  const sqlite = new DatabaseSync(path)
  const rows = sqlite
    .prepare(
      'SELECT context, trait, channel, bad, n, cells, weeks, sightings FROM tally WHERE memory_store_id = coalesce(?, memory_store_id) ORDER BY context, trait',
    )
    .all(store ?? null)
  sqlite.close()
  return rows
}

function patterns(path: string, store: string): unknown[] {
  const sqlite = new DatabaseSync(path)
  const rows = sqlite
    .prepare('SELECT id, status, content FROM pattern WHERE memory_store_id = ? ORDER BY id')
    .all(store)
  sqlite.close()
  return rows
}

// biome-ignore lint/suspicious/noExplicitAny: what is told is looked at as JSON
function told(wire: Wire, recording_id: string): any[] {
  const sqlite = new DatabaseSync(wire.path)
  const rows = sqlite
    .prepare('SELECT content FROM recorded_event WHERE recording_id = ? ORDER BY seq')
    .all(recording_id)
  sqlite.close()
  return rows.map((it) => JSON.parse(String(it.content)))
}
