/**
 * Two people and a dream at one store, each over a connection of its own, in any order, against a simple model of a store: a list of
 * versions for each path, and where each change stands. People may act at any moment of a dream, and on what they saw a while ago.
 *
 * Nothing that anybody wrote is lost: what stands is what the model says, every version is in the history in its order, no bytes are
 * written over but by who saw them, and the audit log and the index are whole after every step.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { ensureMemoryStore, listMemoryStores } from '../../src/db/memory-stores.ts'
import type { Change } from '../../src/domain/change.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { MemoryStore } from '../../src/domain/memory.ts'
import { AS_USUAL, dream } from '../../src/dream.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { keepingIndex } from '../../src/govern/keep-index.ts'
import { ANA, BO, openDesk, type Person, standingIn, ticking } from './desk.ts'

const CALLS = ['ship', 'pack', 'load']
const PATHS = [...CALLS.map((it) => `/mistakes/get_${it}-before-${it}.md`), '/theirs.md']

type Version = { content: string | null; author: string; change: string | null; id: string }
type Known = Pick<Change, 'path' | 'before' | 'after' | 'status' | 'kind' | 'dream_id'> & {
  edited: [string, Person] | null
}

class Model {
  versions = new Map<string, Version[]>()
  changes = new Map<string, Known>()
  /** What each person saw last at each path. */
  seen = new Map<string, string | null>()

  /** Of a path, the oldest first. */
  past(path: string): Version[] {
    const past = this.versions.get(path) ?? []
    this.versions.set(path, past)
    return past
  }
  newest(path: string): Version | undefined {
    return this.past(path).at(-1)
  }
  standing(path: string): string | null {
    return this.newest(path)?.content ?? null
  }
  is_theirs(path: string): boolean {
    return this.standing(path) !== null && this.newest(path)!.author.startsWith('user:')
  }
}

type Real = {
  people: Record<Person, Engine>
  db: Database
  store: MemoryStore
  now: () => Date
  sessionFile: (calls: string[], n: number) => string
}

type Step = fc.AsyncCommand<Model, Real>

const scratch = mkdtempSync(join(tmpdir(), 'reverie-model-'))
const prepared = join(scratch, 'prepared.db')
let sessionFile: Real['sessionFile']
let runs = 0

beforeAll(async () => {
  const desk = await openDesk(scratch)
  sessionFile = desk.sessionFile
  await desk.engine.ingest([desk.sessionFile(CALLS)])
  await desk.engine.close()
  copyFileSync(desk.path, prepared)
})
afterAll(() => rmSync(scratch, { recursive: true }))

test('whatever two people and a dream do, nobody loses a word', { timeout: 180_000 }, async () => {
  const ran: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(fc.commands(steps(), { maxCommands: 25, size: 'max' }), async (commands) => {
      const real = await openReal()
      await fc.asyncModelRun(() => ({ model: new Model(), real }), commands)
      for (const it of commands) {
        const [name] = it.toString().split(' ')
        ran[name!] = (ran[name!] ?? 0) + 1
      }
      for (const it of Object.values(real.people)) await it.close()
      await real.db.destroy()
    }),
    { numRuns: 25 },
  )
  // Each kind of step was taken often enough to mean something.
  for (const kind of ['dream', 'approve', 'reject', 'edit', 'adopt', 'undo', 'write', 'remove', 'restore'])
    expect(ran[kind], kind).toBeGreaterThan(5)
})

async function openReal(): Promise<Real> {
  const path = join(scratch, `run-${++runs}.db`)
  copyFileSync(prepared, path)
  const now = ticking()
  const people = { [ANA]: openEngine({ database: path, now }), [BO]: openEngine({ database: path, now }) }
  await people[ANA]!.dream({ dry_run: true })
  const db = openDatabase(path)
  await ensureMemoryStore(db, 'desk', 'desk', now().toISOString())
  const [store] = await listMemoryStores(db)
  return { people, db, store: store!, now, sessionFile }
}

function steps(): fc.Arbitrary<Step>[] {
  const who = fc.constantFrom(ANA, BO)
  const pick = fc.nat({ max: 50 })
  const path = fc.constantFrom(...PATHS)
  const text = fc.constantFrom('Mine.\n', 'Yours.\n', 'Ours.\n')
  const act = fc.oneof(
    fc
      .tuple(who, pick)
      .map(([who, n]) => step(`approve ${who} ${n}`, (m, r) => say(m, r, who, n, 'approved'))),
    fc
      .tuple(who, pick)
      .map(([who, n]) => step(`reject ${who} ${n}`, (m, r) => say(m, r, who, n, 'rejected'))),
    fc
      .tuple(who, pick, text)
      .map(([who, n, text]) =>
        step(`edit ${who} ${n} ${text}`, (m, r) => say(m, r, who, n, 'approved', text)),
      ),
    who.map((who) => step(`adopt ${who}`, (m, r) => adoptAll(m, r, who))),
    fc.tuple(who, pick).map(([who, n]) => step(`undo ${who} ${n}`, (m, r) => undoOne(m, r, who, n))),
    fc
      .tuple(who, path, text)
      .map(([who, path, text]) =>
        step(`write ${who} ${path} ${text}`, (m, r) => write(m, r, who, path, text)),
      ),
    who.map((who) => step(`look ${who}`, async (m) => look(m, who))),
    fc
      .tuple(who, path)
      .map(([who, path]) => step(`remove ${who} ${path}`, (m, r) => remove(m, r, who, path))),
    fc
      .tuple(who, path, pick)
      .map(([who, path, n]) => step(`restore ${who} ${path} ${n}`, (m, r) => restore(m, r, who, path, n))),
  )
  const more = fc.option(fc.constantFrom(...CALLS), { nil: null })
  const alone = more.map((call) => step(`dream ${call}`, (m, r) => dreamOf(m, r, call, null)))
  const disturbed = fc
    .tuple(more, act, fc.constantFrom('plan', 'consolidate', 'consolidate'), fc.nat({ max: 8 }))
    .map(([call, other, stage, at]) =>
      step(`dream ${call}, at ${stage} ${at} ${other}`, (m, r) => dreamOf(m, r, call, { other, stage, at })),
    )
  // Acts three times as often as dreams.
  return [alone, disturbed, act, act, act]
}

type Act = (model: Model, real: Real) => Promise<void>
type Named = Step & { act: Act }

/** One step, after which everything is compared. */
function step(name: string, act: Act): Named {
  return {
    act,
    check: () => true,
    run: async (model, real) => {
      await act(model, real)
      await compare(model, real)
    },
    toString: () => name,
  }
}

async function compare(model: Model, real: Real): Promise<void> {
  const engine = real.people[ANA]!
  const wanted = [...model.versions].flatMap(([path]) => {
    const content = model.standing(path)
    return content === null ? [] : [[path, content]]
  })
  expect(await standingIn(engine)).toEqual(Object.fromEntries(wanted))
  for (const [path, versions] of model.versions) {
    const { data } =
      versions.length === 0 ? { data: [] } : await engine.memoryHistory('desk', path, { limit: 1_000 })
    expect(data.map((it) => [it.content, it.created_by]).reverse()).toEqual(
      versions.map((it) => [it.content, it.author]),
    )
    for (const [i, it] of data.toReversed().entries()) versions[i]!.id = it.id
  }
  for (const [id, it] of model.changes)
    expect([id, (await engine.change(id)).status]).toEqual([id, it.status])
  expect((await engine.verifyAudit()).broken).toBeNull()
}

// ---------------------------------------------------------------- what people do

function nth(
  model: Model,
  n: number,
  fits: (it: Known) => boolean = () => true,
): [string, Known] | undefined {
  const found = [...model.changes].filter(([, it]) => fits(it))
  return found[n % Math.max(found.length, 1)]
}

async function say(
  model: Model,
  real: Real,
  who: Person,
  n: number,
  decision: 'approved' | 'rejected',
  edited: string | null = null,
): Promise<void> {
  const [id, change] = nth(model, n) ?? []
  if (!id || !change) return
  const word = { decision, reason: 'because', edited, until: null, covered_by: null }
  const { refused } = await real.people[who]!.decide([{ id }], word, who)
  const is_open = ['undecided', 'approved', 'rejected'].includes(change.status)
  const is_new_text = edited === null || (change.after !== null && edited !== textOf(change))
  expect(refused.length === 0).toBe(is_open && is_new_text)
  if (refused.length > 0) return
  change.status = decision
  if (edited !== null) change.edited = [edited, who]
}

function textOf({ edited, after }: Known): string | null {
  return edited ? edited[0] : after
}

/** What is approved goes live where the memory is what it was; elsewhere it is put up again. */
async function adoptAll(model: Model, real: Real, who: Person): Promise<void> {
  const report = await real.people[who]!.adopt({}, who)
  const done = [...report.adopted, ...report.superseded.map((it) => it.change)]
  const approved = [...model.changes].filter(([, it]) => it.status === 'approved')
  expect(done.map((it) => it.id).sort()).toEqual(approved.map(([id]) => id).sort())
  for (const { id } of [...report.superseded.map((it) => it.change), ...report.adopted]) {
    const change = model.changes.get(id)!
    const { path, before } = change
    const content = textOf(change)
    const is_live = report.adopted.some((it) => it.id === id)
    if (!is_live) {
      change.status = 'superseded'
      continue
    }
    expect(model.standing(path), 'nothing is written over that the change was not about').toBe(before)
    const author = change.edited ? change.edited[1] : model.is_theirs(path) ? who : `dream:${change.dream_id}`
    model.past(path).push({ content, author, change: id, id: '' })
    change.status = 'adopted'
  }
  for (const { change, again } of report.superseded) {
    const { edited, path } = model.changes.get(change.id)!
    const content = textOf(model.changes.get(change.id)!)
    if (again === null) expect(model.standing(path)).toBe(content)
    else {
      expect([again.before, again.after]).toEqual([model.standing(path), content])
      expect(again.before, 'a change is put up again only where the memory is not what it was').not.toBe(
        change.before,
      )
      model.changes.set(again.id, { ...again, edited })
    }
  }
}

async function undoOne(model: Model, real: Real, who: Person, n: number): Promise<void> {
  const [id, change] = nth(model, n, (it) => it.status === 'adopted') ?? []
  if (!id || !change) return
  const versions = model.past(change.path)
  const at = versions.findIndex((it) => it.change === id)
  const [made, newest] = [versions[at]!, versions.at(-1)!]
  const is_as_left = made.content === newest.content && made.author === newest.author
  const ended = await real.people[who]!.undo(id, { as: who }).catch((error) => error.type)
  if (!is_as_left) {
    expect(ended).toBe('conflict_error')
    return
  }
  const before = versions[at - 1]
  const back = before?.content ?? null
  versions.push({ content: back, author: back === null ? who : before!.author, change: null, id: '' })
  change.status = 'undone'
}

async function look(model: Model, who: Person): Promise<void> {
  for (const path of PATHS) model.seen.set(`${who} ${path}`, model.standing(path))
}

/** On what this person saw last, which may be long ago: then it is refused, and the person looks again. */
async function write(model: Model, real: Real, who: Person, path: string, text: string): Promise<void> {
  const seen = model.seen.get(`${who} ${path}`) ?? null
  const by = { created_by: who, now: real.now().toISOString() }
  const expected = seen === null ? null : sha256(seen)
  const version = await real.db
    .transaction()
    .execute((tx) =>
      keepingIndex(tx, real.store.id, by, () =>
        writeMemory(tx, real.store.id, { ...by, path, content: text, expected, reason: 'by hand' }),
      ),
    )
  expect(version !== null).toBe(seen === model.standing(path))
  if (version) model.past(path).push({ content: text, author: who, change: null, id: version.id })
  model.seen.set(`${who} ${path}`, model.standing(path))
}

async function remove(model: Model, real: Real, who: Person, path: string): Promise<void> {
  const ended = await real.people[who]!.removeMemory('desk', path, { as: who, reason: 'gone' }).catch(
    (error) => error.type,
  )
  if (model.standing(path) === null) expect(ended).toBe('not_found_error')
  else model.past(path).push({ content: null, author: who, change: null, id: '' })
}

async function restore(model: Model, real: Real, who: Person, path: string, n: number): Promise<void> {
  const versions = model.past(path).filter((it) => it.content !== null)
  const version = versions[n % Math.max(versions.length, 1)]
  if (!version) return
  const id = (await real.people[who]!.memoryHistory('desk', path, { limit: 1_000 })).data
    .toReversed()
    .filter((it) => it.content !== null)[n % versions.length]!.id
  await real.people[who]!.restoreMemory(id, { as: who })
  if (version.content !== model.standing(path))
    model.past(path).push({ content: version.content, author: version.author, change: null, id: '' })
}

// ---------------------------------------------------------------- what a dream does

/** A dream over what is new, while which somebody may do something: after the statement `at` of one of its stages. */
async function dreamOf(
  model: Model,
  real: Real,
  call: string | null,
  meanwhile: { other: Named; stage: string; at: number } | null,
): Promise<void> {
  const { db, store: memory_store, now } = real
  if (call !== null) await real.people[BO]!.ingest([real.sessionFile([call], 30)])
  let statements = 0
  let stage = ''
  const disturbed = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      // In its last stage it is in a transaction, where nobody comes between.
      if (stage === meanwhile?.stage && statements++ === meanwhile.at) await meanwhile.other.act(model, real)
      return result
    },
  })
  const progress = (it: string) => {
    stage = it
  }
  const world = { now, worker: 'here', is_alive: () => false, progress }
  const { changes } = await dream(disturbed, { ...AS_USUAL, memory_store }, world)

  for (const it of changes) {
    expect(it.status).toBe('undecided')
    expect(it.before, 'proposed against what stands there').toBe(model.standing(it.path))
    expect(model.is_theirs(it.path) && it.kind, 'of what a person wrote, a person is asked').toBeOneOf([
      false,
      'conflict',
    ])
    const other = [...model.changes.values()].filter((known) => known.path === it.path)
    expect(
      other.map((known) => known.status),
      'what is approved waits alone',
    ).not.toContain('approved')
    for (const known of other) if (known.status === 'undecided') known.status = 'superseded'
    model.changes.set(it.id, { ...it, edited: null })
  }
  // What no longer fits is out of date; nothing else is moved by a dream.
  for (const [id, it] of model.changes) {
    const { status } = await real.people[ANA]!.change(id)
    if (it.status === 'undecided' && status === 'superseded') it.status = status
  }
}
