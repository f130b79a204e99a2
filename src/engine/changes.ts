/** Changes: what waits, what people say of it, what goes live and what is taken back. */
import { redact } from '../1-ingest/redact.ts'
import { textOf } from '../5-decide/decision.ts'
import {
  type ChangesAsked,
  countWaiting,
  findChanges,
  readChanges,
  type StoredChange,
  waitingChanges,
} from '../db/changes.ts'
import type { Transaction } from '../db/database.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import { policyInForce } from '../db/policies.ts'
import type { Change } from '../domain/change.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor } from '../domain/memory.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf, readCursor } from '../domain/page.ts'
import { adopt } from '../govern/adopt.ts'
import { type ChangeFilter, changesLike, type ListedChange, seen } from '../govern/changes.ts'
import { type Choice, decide, type PersonsWord } from '../govern/decide.ts'
import { type Undone, undo } from '../govern/undo.ts'
import { unifiedDiff } from '../govern/unified-diff.ts'
import { oneChange, oneDream } from './find.ts'
import { asLesson, type Lesson } from './lessons.ts'
import { oneStore, refuseArchived } from './memory-stores.ts'
import type { Opened } from './opened.ts'
import { transaction } from './opened.ts'
import { isRegulated } from './regulated.ts'
import { memoryStore } from './stores.ts'

export type ChangesWanted = Omit<ChangesAsked, 'dream_id' | 'memory_store_id'> &
  Pick<ChangeFilter, 'tier' | 'path'> & {
    /** Id of the dream that proposed them, or the beginning of it. */
    dream?: string
    /** Name of the memory store; by default all of them. */
    store?: string
  }

/** A change with all its quotes, and the lessons behind it. */
export type ShownChange = ListedChange & {
  /** The text that would go live; null where the memory goes. */
  content: string | null
  /** What that does to the text before, as the lines of a unified diff. */
  diff: string[]
  lessons: Lesson[]
}

/** What a word did to the changes it was said of. */
export type DecideReport = {
  decided: ListedChange[]
  /** The same person had said the same already, so nothing was added. */
  known: ListedChange[]
  /** Each as it stands, and why it was left so. */
  refused: { change: ListedChange; error: EngineError }[]
}

/** Which approved changes: of a dream, of a store, or these; by default those of the only store. */
export type AdoptWanted = { dream?: string; store?: string; changes?: string[]; dry_run?: boolean }

export type AdoptReport = {
  dry_run: boolean
  /** What went live, each as it is now. */
  adopted: Change[]
  /** The memory was not what it was: not live, but put up again where something is left to do. */
  superseded: { change: Change; again: Change | null; why: string }[]
  /** Not live, and as it was. */
  refused: { change: Change; why: string }[]
  /** Named, and live already. */
  known: Change[]
  /** Of the dream or store, what nobody has decided on. */
  undecided: number
}

export function changesOf({ db, now }: Opened) {
  return {
    /** Changes, unless other statuses are asked for those that wait for a decision or for adoption; those of the latest dream first. */
    async changes(wanted: ChangesWanted & PageRequest = {}): Promise<Page<ListedChange>> {
      const { dream, store, limit = 50, page, ...asked } = wanted
      const filter = {
        status: ['undecided', 'approved'] as const,
        ...asked,
        dream_id: dream === undefined ? undefined : (await oneDream(db, dream)).id,
        memory_store_id: store === undefined ? undefined : (await memoryStore(db, store)).id,
      }
      const place = { after: readCursor(page), limit: limit + 1 }
      return pageOf(await changesLike(db, filter, place, await isRegulated(db)), { limit }, (it) => it.id)
    },

    /** One change with all that a decision rests on, by its id or an unambiguous beginning of it. */
    async change(id: string): Promise<ShownChange> {
      const every_quote = Number.POSITIVE_INFINITY
      const [found] = await seen(db, [await oneChange(db, id)], await isRegulated(db), every_quote)
      const { change, patterns } = found!
      const { content } = textOf(change, change.decisions)
      const diff = unifiedDiff(change.before, content)
      return { ...change, content, diff, lessons: patterns.map(asLesson) }
    },

    /** How many changes wait for a decision, and how many approved ones for adoption. */
    async waiting(store?: string): Promise<{ undecided: number; approved: number }> {
      return countWaiting(db, store === undefined ? null : (await memoryStore(db, store)).id)
    },

    /**
     * A person's word on these changes, by their ids or unambiguous beginnings, in one transaction. What cannot be decided,
     * or is not what the person saw, is refused; the others are decided all the same.
     */
    async decide(choices: Choice[], word: PersonsWord, as: `user:${string}`): Promise<DecideReport> {
      const whole: Choice[] = []
      for (const it of choices) whole.push({ ...it, id: (await oneChange(db, it.id)).id })
      const decided = await db.transaction().execute(async (tx) => {
        const { policy } = await policyInForce(tx)
        return decide(tx, whole, word, { by: as, now: now().toISOString(), regulated: policy.regulated })
      })
      const changes = await seen(
        db,
        decided.map((it) => it.change),
        await isRegulated(db),
      )
      const report: DecideReport = { decided: [], known: [], refused: [] }
      for (const [i, { result }] of decided.entries()) {
        const { change } = changes[i]!
        if (result instanceof EngineError) report.refused.push({ change, error: result })
        else report[result].push(change)
      }
      return report
    },

    /** Puts approved changes into the live memory, in one transaction: exactly the bytes that were approved. */
    async adopt(wanted: AdoptWanted, as: Actor): Promise<AdoptReport> {
      const { changes = [], dry_run = false } = wanted
      const named: string[] = []
      for (const it of changes) named.push((await oneChange(db, it)).id)
      const dream_id = wanted.dream === undefined ? undefined : (await oneDream(db, wanted.dream)).id
      const is_of_store = wanted.store !== undefined || (dream_id === undefined && named.length === 0)
      const store_id = is_of_store ? (await memoryStore(db, wanted.store)).id : undefined
      return transaction(db, dry_run, async (tx) => {
        const found: Change[] = []
        if (store_id !== undefined) found.push(...(await waitingChanges(tx, store_id)))
        if (dream_id !== undefined) found.push(...(await readChanges(tx, dream_id)))
        const asked = new Set(found.filter((it) => it.status === 'approved').map((it) => it.id))
        const undecided = found.filter((it) => it.status === 'undecided').length
        return adoptAll(tx, [...new Set([...asked, ...named])], {
          actor: as,
          now: now().toISOString(),
          undecided,
          dry_run,
        })
      })
    },

    /** Takes one adopted change back. Throws `conflict_error` where it is not live, or its memory was changed since. */
    async undo(id: string, { as, reason = '' }: { as: Actor; reason?: string }): Promise<Undone> {
      const change = await oneChange(db, id)
      const by = { actor: as, reason: (await redact(reason)).text, now: now().toISOString() }
      return transaction(db, false, async (tx) => {
        const [live] = await findChanges(tx, change.id)
        refuseArchived(await oneStore(tx, change.memory_store_id))
        return undo(tx, live!.memory_store_id, asChange(live!), by)
      })
    },
  }
}

async function adoptAll(
  tx: Transaction,
  ids: string[],
  { actor, now, undecided, dry_run }: { actor: Actor; now: string; undecided: number; dry_run: boolean },
): Promise<AdoptReport> {
  const report: AdoptReport = { dry_run, adopted: [], superseded: [], refused: [], known: [], undecided }
  const approved: StoredChange[] = []
  for (const id of ids) {
    const [it] = await findChanges(tx, id)
    if (it!.status === 'approved') approved.push(it!)
    else if (it!.status === 'adopted') report.known.push(asChange(it!))
    else
      report.refused.push({
        change: asChange(it!),
        why: `it is ${it!.status}, and only what is approved goes live`,
      })
  }
  for (const [store_id, its] of Map.groupBy(approved, (it) => it.memory_store_id)) {
    const store = (await findMemoryStore(tx, store_id))!
    for (const { change, again, why } of await adopt(tx, store, its.map(asChange), { actor, now })) {
      if (why === null) report.adopted.push(change)
      else if (change.status === 'superseded') report.superseded.push({ change, again, why })
      else report.refused.push({ change, why })
    }
  }
  return report
}

/** A change without what was joined to it. */
function asChange({ memory_store_id, store, proposed_at, ...change }: StoredChange): Change {
  return change
}
