/**
 * From tonight's patterns to changes that wait: what to change in the memory store, beside what waits there already, without what
 * people do not want back, each with the verdict of the policy in force.
 *
 * `propose` only reads. `putUp` writes in the transaction that ends the dream; only what the policy allows goes live there.
 */
import { type Advised, consolidate, type Proposal, usualPath } from './4-consolidate/consolidate.ts'
import { REFUSALS, type Refused } from './4-consolidate/operation.ts'
import type { OperationGround } from './4-consolidate/operations.ts'
import { isWanted, type Steering } from './4-consolidate/steering.ts'
import { capabilitiesIn } from './5-decide/capability.ts'
import { type Ground, isBuried, whyAgain } from './5-decide/tombstone.ts'
import { type Judgement, verdictsOn } from './5-decide/verdict.ts'
import { besideWaiting } from './5-decide/waiting.ts'
import type { Advice } from './advise.ts'
import { appendAudit } from './db/audit.ts'
import { insertChange, moveChange, questionsAsked, standOf, waitingChanges } from './db/changes.ts'
import type { Database, Transaction } from './db/database.ts'
import { decisionsOn } from './db/decisions.ts'
import { listMemories, newestVersion } from './db/memories.ts'
import { peopleBehind } from './db/patterns.ts'
import { policyInForce } from './db/policies.ts'
import { listTombstones } from './db/tombstones.ts'
import type { Change } from './domain/change.ts'
import { randomId, sha256 } from './domain/id.ts'
import type { MemoryStore } from './domain/memory.ts'
import { ancestorsOf } from './domain/memory-path.ts'
import type { Pattern } from './domain/pattern.ts'
import { adopt } from './govern/adopt.ts'
import { say } from './govern/decide.ts'

export type Proposed = {
  /** What is new tonight, as it is to be stored. */
  changes: Change[]
  /** What waited, and no longer fits what is known. */
  superseded: Change[]
  /** Sentences to be read: of what was not proposed, and why. */
  notes: string[]
  /** The newest memory version that all this rests on; 0 for a store without a past. */
  read_through: number
  /** What people had written and decided by then. */
  stand: string
}

/** What is proposed for, when, and what somebody asked of it. */
export type Proposing = { id: string; store: MemoryStore; now: Date; steering: Steering }

export async function propose(
  db: Database | Transaction,
  dream: Proposing,
  patterns: Pattern[],
  advice: Advice | null = null,
): Promise<Proposed> {
  const { id: store, agent } = dream.store
  const stand = await standOf(db, store)
  const read_through = (await newestVersion(db, store)) ?? 0
  const memories = await listMemories(db, store)
  const waiting = await waitingChanges(db, store)
  const today = dream.now.toISOString().slice(0, 10)
  const tombstones = await listTombstones(db, store)
  const paths = new Set(memories.map((it) => it.path))
  const sessions = new Map(patterns.map((it) => [it.id, it.sessions]))
  const groundOf = ({ pattern_ids }: Pick<Change, 'pattern_ids'>): Ground => ({
    sessions: Math.max(0, ...pattern_ids.map((id) => sessions.get(id) ?? 0)),
    today,
    paths,
  })
  const asked = (await questionsAsked(db, store)).filter(
    (it) => it.status !== 'rejected' || isBuried(it, tombstones, groundOf(it)),
  )
  const steering = withRoom(dream.steering, paths)
  const known = new Map(patterns.map((it) => [it.id, it]))
  const behind = (it: Pick<Change, 'pattern_ids'>) => it.pattern_ids.flatMap((id) => known.get(id) ?? [])
  const consolidated = (advised?: Advised) =>
    consolidate(patterns, memories, today, { asked, waiting }, steering, advised)
  const is_unwanted = (it: Proposal) =>
    !isWanted(it, behind(it), steering) || isBuried(it, tombstones, groundOf(it))
  const { proposals, refused } = await withAdvice(advice, consolidated(), {
    ...{ patterns, memories, asked, is_unwanted, consolidated },
    capabilities: (text) => capabilitiesIn(text).map((it) => it.capability),
  })
  const { fresh, superseded } = besideWaiting(proposals, waiting)
  const steered = fresh.filter((it) => isWanted(it, behind(it), steering))
  const unwanted = new Set(fresh.filter((it) => !steered.includes(it)).map((it) => it.path))
  const wanted = steered.filter((it) => !isBuried(it, tombstones, groundOf(it)))

  const { policy, sha256: policy_sha256 } = await policyInForce(db)
  const named = new Set(wanted.flatMap((it) => it.pattern_ids))
  const people = await peopleBehind(
    db,
    patterns.filter((it) => named.has(it.id)),
  )
  const ground = { memories, patterns, agent, policy, people }
  const verdicts = strictest(
    verdictsOn(wanted, ground),
    verdictsOn(
      wanted.map((it) => ({ ...it, path: unsteered(it, behind(it), steering, paths) })),
      ground,
    ),
  )
  const changes = wanted.map((it, i): Change => {
    const again = whyAgain(it, tombstones, groundOf(it))
    const { verdict, verdict_reason } = again === null ? verdicts[i]! : toPeople(verdicts[i]!)
    return {
      id: randomId('chg'),
      dream_id: dream.id,
      ...it,
      reason: again === null ? it.reason : `${it.reason}\n${again}`,
      verdict,
      verdict_reason,
      policy_sha256,
      status: verdict === 'deny' ? 'denied' : 'undecided',
      memory_version_id: null,
      redacted_at: null,
    }
  })
  return {
    changes,
    // Nothing takes the place of what waits where instructions keep it out.
    superseded: superseded.filter((it) => !unwanted.has(it.path)),
    notes: [
      ...notesOn(steered.length - wanted.length),
      ...notesOnSteering(steering, fresh.length - steered.length, advice?.is_answered ?? false),
      ...(advice?.notes ?? []),
      ...notesOnRefused(refused),
    ],
    read_through,
    stand,
  }
}

/** What is proposed with what a model advised, as far as it stands the check as things are now; without advice, what there is. */
async function withAdvice(
  advice: Advice | null,
  proposals: Proposal[],
  ground: OperationGround,
): Promise<{ proposals: Proposal[]; refused: Refused[] }> {
  if (advice === null) return { proposals, refused: [] }
  // Without a model nothing of it is loaded.
  const { withOperations } = await import('./4-consolidate/operations.ts')
  const checked = withOperations(proposals, advice.operations, ground)
  return { ...checked, refused: [...advice.refused, ...checked.refused] }
}

/** A memory cannot be a folder: where one stands, nothing is put below it. */
function withRoom(steering: Steering, paths: Set<string>): Steering {
  const is_taken = (folder: string) => [...ancestorsOf(folder), folder].some((it) => paths.has(it))
  const taken = steering.folders.filter((it) => is_taken(it.folder))
  return {
    ...steering,
    folders: steering.folders.filter((it) => !taken.includes(it)),
    not_followed: [
      ...steering.not_followed,
      ...taken.map((it) => `put ${it.of} under ${it.folder}: a memory stands there`),
    ],
  }
}

/** Where a new memory would stand had nobody asked for it to stand elsewhere: that must not get it past a rule. */
function unsteered(
  { path, operation }: Pick<Change, 'path' | 'operation'>,
  [first]: Pattern[],
  { folders, prefix }: Steering,
  taken: Set<string>,
): string {
  const is_steered = operation === 'created' && (folders.length > 0 || prefix !== '')
  return is_steered && first !== undefined ? usualPath(first, taken) : path
}

function strictest(one: Judgement[], other: Judgement[]): Judgement[] {
  const strictness = (it: Judgement) => ['allow', 'hold', 'deny'].indexOf(it.verdict)
  return one.map((it, i) => (strictness(other[i]!) > strictness(it) ? other[i]! : it))
}

function notesOnSteering({ not_followed }: Steering, unwanted: number, is_advised: boolean): string[] {
  const left = unwanted === 1 ? '1 change was' : unwanted === 0 ? null : `${unwanted} changes were`
  return [
    ...not_followed.map((it) =>
      is_advised
        ? `An instruction was left to the model: “${shortened(it)}”.`
        : `An instruction was not followed: “${shortened(it)}”.`,
    ),
    ...(left === null
      ? []
      : [`${left} not proposed, as the instructions ask; what is behind them stays known.`]),
  ]
}

function shortened(text: string): string {
  const letters = [...text]
  return letters.length <= 200 ? text : `${letters.slice(0, 199).join('')}…`
}

/** Who did not want it once is asked, however far a policy trusts its dreams. */
function toPeople(it: Judgement): Judgement {
  if (it.verdict !== 'allow') return it
  return { verdict: 'hold', verdict_reason: 'people rejected it, or took it back, before' }
}

function notesOn(buried: number): string[] {
  if (buried === 0) return []
  const what =
    buried === 1
      ? '1 change that people rejected or took back was'
      : `${buried} changes that people rejected or took back were`
  return [`${what} not proposed again.`]
}

/** One sentence, the commonest reason first. */
function notesOnRefused(refused: Refused[]): string[] {
  if (refused.length === 0) return []
  const counts = [...Map.groupBy(refused, (it) => it.reason)]
    .map(([reason, its]) => ({ words: REFUSALS[reason], n: its.length }))
    .sort((a, b) => b.n - a.n || (a.words < b.words ? -1 : 1))
  const what = refused.length === 1 ? 'One operation' : `${refused.length} operations`
  const were = refused.length === 1 ? 'was' : 'were'
  return [
    `${what} that the model advised ${were} refused: ${counts.map((it) => `${it.n} ${it.words}`).join('; ')}.`,
  ]
}

/** What was proposed, or, where people wrote or decided anything since, what is proposed beside that. */
export async function proposedNow(
  tx: Transaction,
  dream: Proposing,
  patterns: Pattern[],
  proposed: Proposed,
  advice: Advice | null = null,
): Promise<Proposed> {
  const is_as_read = (await standOf(tx, dream.store.id)) === proposed.stand
  return is_as_read ? proposed : propose(tx, dream, patterns, advice)
}

/**
 * Stores the changes, and adopts those that the policy allows, with those that it allowed earlier dreams whose result went elsewhere; or
 * adopts none. What comes back is each as it then stands.
 */
export async function putUp(
  tx: Transaction,
  dream: { id: string; store: MemoryStore; steering: Steering; adopts: boolean },
  { changes, superseded }: Proposed,
  patterns: Pattern[],
  now: string,
): Promise<Change[]> {
  for (const it of superseded) await supersede(tx, it, dream.id, now)
  for (const it of changes) await insertChange(tx, it)
  const allowed = changes.filter((it) => it.verdict === 'allow')
  for (const it of allowed) await approve(tx, it, now)
  if (!dream.adopts) return changes.map((it) => (allowed.includes(it) ? { ...it, status: 'approved' } : it))
  const left = await leftByOthers(tx, dream, patterns)
  const adopted = await adopt(tx, dream.store, [...left, ...allowed], { actor: `dream:${dream.id}`, now })
  const after = new Map(adopted.map((it) => [it.change.id, it]))
  return changes.flatMap((it) => {
    const { change = it, again = null } = after.get(it.id) ?? {}
    return again ? [change, again] : [change]
  })
}

/** What the policy allowed and no person touched, and is not live because the dream wrote into another store. */
async function leftByOthers(
  tx: Transaction,
  { id, store, steering }: { id: string; store: MemoryStore; steering: Steering },
  patterns: Pattern[],
): Promise<Change[]> {
  const waiting = (await waitingChanges(tx, store.id)).filter(
    (it) => it.dream_id !== id && it.status === 'approved' && it.verdict === 'allow',
  )
  const decisions = await decisionsOn(
    tx,
    waiting.map((it) => it.id),
  )
  return waiting.filter(
    (it) =>
      (decisions.get(it.id) ?? []).every(({ by }) => by.startsWith('policy:')) &&
      isWanted(
        it,
        patterns.filter((one) => it.pattern_ids.includes(one.id)),
        steering,
      ),
  )
}

async function supersede(tx: Transaction, change: Change, dream_id: string, at: string): Promise<void> {
  await moveChange(tx, change.id, 'superseded')
  await appendAudit(tx, {
    at,
    actor: `dream:${dream_id}`,
    action: 'change.superseded',
    object: change.id,
    before_sha256: change.before_sha256,
    after_sha256: null,
    reason: 'a later dream no longer proposes it so',
  })
}

/** The word of the policy. */
async function approve(tx: Transaction, change: Change, at: string): Promise<void> {
  const said = {
    change_id: change.id,
    decision: 'approved' as const,
    by: `policy:${change.policy_sha256}` as const,
    reason: change.verdict_reason,
    at,
    content_sha256: change.after === null ? null : sha256(change.after),
    edited: null,
  }
  await say(tx, change, [], said, false)
}
