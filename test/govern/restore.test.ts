import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ANA, BO, type Desk, openDesk, standingIn } from './desk.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
  await desk.engine.ingest([desk.sessionFile(['ship'], 2)])
  await desk.engine.dream()
})
afterEach(() => desk.close())

describe('a version', () => {
  test('is put back as a new version, and keeps its author; what stood there can be put back in turn', async () => {
    await desk.write('/a.md', 'one\n', ANA)
    await desk.write('/a.md', 'two\n', BO)
    const [, one] = (await desk.engine.memoryHistory('desk', '/a.md')).data

    const { restored } = await desk.engine.restoreMemory(one!.id, { as: BO })

    expect(await desk.standing()).toEqual({ '/a.md': 'one\n' })
    const { data } = await desk.engine.memoryHistory('desk', '/a.md')
    expect(data.map((it) => [it.content, it.created_by, it.actor, it.reason])).toEqual([
      ['one\n', ANA, BO, `${one!.id} was put back`],
      ['two\n', BO, BO, 'imported from markdown'],
      ['one\n', ANA, ANA, 'imported from markdown'],
    ])
    await desk.engine.restoreMemory(restored!.from!, { as: BO })
    expect(await desk.standing()).toEqual({ '/a.md': 'two\n' })
  })

  test('that was taken away comes back; one that stands there already is not written again', async () => {
    await desk.write('/a.md', 'one\n')
    const [one] = (await desk.engine.memoryHistory('desk', '/a.md')).data
    expect(await desk.engine.restoreMemory(one!.id, { as: ANA })).toMatchObject({ restored: null })
    await desk.engine.removeMemory('desk', '/a.md', { as: ANA, reason: 'gone' })
    await desk.engine.restoreMemory(one!.id, { as: ANA, dry_run: true })
    expect(await desk.standing()).toEqual({})
    await desk.engine.restoreMemory(one!.id, { as: ANA })
    expect(await desk.standing()).toEqual({ '/a.md': 'one\n' })
  })

  test('that records a removal is refused, and so is an id of nothing', async () => {
    await desk.write('/a.md', 'one\n')
    const gone = await desk.engine.removeMemory('desk', '/a.md', { as: ANA, reason: 'gone' })
    await expect(desk.engine.restoreMemory(gone.id, { as: ANA })).rejects.toMatchObject({
      type: 'invalid_request_error',
      message: `${gone.id} records that /a.md was taken away: there is no text in it`,
    })
    await expect(desk.engine.restoreMemory(`memver_${'0'.repeat(24)}`, { as: ANA })).rejects.toMatchObject({
      type: 'not_found_error',
    })
    await expect(desk.engine.removeMemory('desk', '/a.md', { as: ANA, reason: 'x' })).rejects.toMatchObject({
      type: 'not_found_error',
    })
  })
})

test('what changed: of a path the last version, of a version what it changed, of two what is between them', async () => {
  for (const text of ['one\n', 'two\n', 'three\n']) await desk.write('/a.md', text)
  const [three, two, one] = (await desk.engine.memoryHistory('desk', '/a.md')).data
  const lines = async (...args: [string, string?]) =>
    (await desk.engine.memoryDiff('desk', ...args)).diff.filter((it) => !it.startsWith('@'))
  expect(await lines('/a.md')).toEqual(['-two', '+three'])
  expect(await lines(two!.id)).toEqual(['-one', '+two'])
  expect(await lines(one!.id)).toEqual(['+one'])
  expect(await lines(one!.id, three!.id.slice(0, 16))).toEqual(['-one', '+three'])
})

describe('a store', () => {
  test('is restored to a time, and the index with it', async () => {
    await desk.write('/a.md', 'one\n')
    await desk.write('/b.md', 'other\n')
    const then = desk.now().toISOString()
    await desk.write('/a.md', 'two\n')
    await desk.engine.removeMemory('desk', '/b.md', { as: BO, reason: 'gone' })
    await desk.write('/c.md', 'new\n')

    const dry = await desk.engine.restoreStore('desk', { time: then }, { as: ANA, dry_run: true })
    expect(await desk.standing()).toEqual({ '/a.md': 'two\n', '/c.md': 'new\n' })
    const report = await desk.engine.restoreStore('desk', { time: then }, { as: ANA })

    expect(report).toEqual({ ...dry, dry_run: false })
    expect(report.restored.map((it) => [it.operation, it.path])).toEqual([
      ['modified', '/a.md'],
      ['created', '/b.md'],
      ['deleted', '/c.md'],
    ])
    expect(await desk.standing()).toEqual({ '/a.md': 'one\n', '/b.md': 'other\n' })
    const [record] = (await desk.engine.audit()).data.filter((it) => it.action === 'store.restored')
    expect(record).toMatchObject({
      actor: ANA,
      store: 'desk',
      reason: `to ${then}: 3 memories put back or taken away`,
    })
    // And back again.
    await desk.engine.restoreStore('desk', { seq: report.back }, { as: ANA })
    expect(await desk.standing()).toEqual({ '/a.md': 'two\n', '/c.md': 'new\n' })
  })

  test('with an index of a person’s gets that one back, to the byte', async () => {
    await desk.write('/a.md', 'one\n')
    await desk.write('/_index.md', '# Mine\n')
    const [mine] = (await desk.engine.memoryHistory('desk', '/_index.md')).data
    await desk.engine.removeMemory('desk', '/_index.md', { as: BO, reason: 'gone' })
    expect(await desk.standing()).toEqual({ '/a.md': 'one\n' })
    await desk.engine.restoreStore('desk', { seq: mine!.seq }, { as: ANA })
    expect((await desk.engine.memory('desk', '/_index.md')).content).toBe('# Mine\n')
  })

  test.each([
    { name: 'before there was anything', to: { time: '2020-01-01T00:00:00.000Z' } },
    { name: 'version 0', to: { seq: 0 } },
  ])('is not emptied by restoring it to $name', async ({ to }) => {
    await desk.write('/a.md', 'one\n')
    await expect(desk.engine.restoreStore('desk', to, { as: ANA })).rejects.toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringContaining('held nothing at'),
    })
    expect(await desk.standing()).toEqual({ '/a.md': 'one\n' })
  })

  test('whatever happened, is after restoring what it was then, nothing is lost, and the way back is open', async () => {
    const path = fc.constantFrom('/a.md', '/b.md', '/c.md')
    const text = fc.constantFrom('one\n', 'two\n', 'three\n', null)
    const step = fc.record({ path, text, restore: fc.option(fc.nat({ max: 30 }), { freq: 4 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const desk = await openDesk()
        const { engine } = desk
        await desk.engine.ingest([desk.sessionFile(['ship'], 2)])
        await desk.engine.dream()
        const past: { seq: number; state: Record<string, string> }[] = []
        const note = async () => {
          const versions = (
            await Promise.all(['/a.md', '/b.md', '/c.md', '/_index.md'].map(versionsOf))
          ).flat()
          past.push({ seq: Math.max(...versions.map((it) => it.seq)), state: await standingIn(engine) })
          return versions.length
        }
        const versionsOf = async (path: string) =>
          (await engine.memoryHistory('desk', path).catch(() => ({ data: [] }))).data
        await desk.write('/a.md', 'first\n')
        let versions = await note()
        for (const { path, text, restore } of steps) {
          const then = restore === null ? undefined : past[restore % past.length]!
          if (then) {
            await engine.restoreStore('desk', { seq: then.seq }, { as: ANA })
            expect(await standingIn(engine)).toEqual(then.state)
          } else if (text !== null) await desk.write(path, text)
          else if ((await standingIn(engine))[path] !== undefined)
            await engine.removeMemory('desk', path, { as: BO, reason: 'gone' })
          const now = await note()
          expect(now).toBeGreaterThanOrEqual(versions)
          versions = now
        }
        for (const { seq, state } of past) {
          await engine.restoreStore('desk', { seq }, { as: ANA })
          expect(await standingIn(engine)).toEqual(state)
        }
        expect((await engine.verifyAudit()).broken).toBeNull()
        await desk.close()
      }),
      { numRuns: 25 },
    )
  })
})
