/**
 * Which sessions an erasure takes: those that were asked for, and what holds their words as well, which are later copies of them (resumed, forked,
 * grown) and the sessions of their subagents.
 *
 * A conversation is as old as its last part: of those before a day, the ones that a newer session goes on from stay.
 *
 * What was put in over the wire goes with the sessions that were stored of it, all of which go together. What nothing was stored of yet is
 * chosen by itself. So is what was recalled for a session that never came; else a recall goes with its session, by whichever name.
 */
import { piiFinder } from '../1-ingest/pii.ts'
import type { Database, Transaction } from '../db/database.ts'
import {
  type Candidate,
  candidates,
  copiesLike,
  type Prints,
  printsOf,
  type RecallToErase,
  recallsToErase,
} from '../db/erasable.ts'
import { erasedAt } from '../db/erased.ts'
import { type RecordingToErase, recordingsToErase } from '../db/recordings.ts'
import { knownRedactionKey } from '../db/settings.ts'
import { EngineError } from '../domain/error.ts'
import { PII_SHAPES } from '../domain/pii.ts'

export type Which =
  /** By their ids, ours or the harness's own. */
  | { session_ids: string[] }
  /** Those that worked for a person. */
  | { person: string; agent?: string }
  /** Those that ended before this time (RFC 3339). */
  | { before: string; agent?: string }
  /** Those that are due, of all that there are. */
  | { due: (session: Pick<Candidate, 'agent' | 'at'>) => boolean }

export type Selection = {
  /** In order of arrival. */
  sessions: Candidate[]
  followers: number
  kept_for_newer: number
  /** Persons of whom no session remains. */
  persons: string[]
  /** What was put in over the wire and goes: with those sessions, and of what nothing was stored. */
  recordings: RecordingToErase[]
  /** How many of these nothing was stored of. */
  unstored: RecordingToErase[]
  /** What was recalled for those sessions, and what else was asked for. */
  recalls: RecallToErase[]
  /** How many of these are of no session that is stored, or that stays. */
  unheard: RecallToErase[]
}

export async function select(db: Database | Transaction, which: Which): Promise<Selection> {
  const names = 'person' in which ? await spellingsOf(db, which.person) : null
  const put_in = await recordingsToErase(db)
  const recalls = await recallsToErase(db)
  const all = asOldAsRecorded(await candidates(db), put_in)
  const asked = await askedFor(db, { all, recordings: put_in, recalls }, which, names)
  const is_by_age = 'before' in which || 'due' in which
  const chosen = new Set(asked.map((it) => it.id))
  const followers = followersAmong(db, all)
  if (is_by_age) await keepWhatIsFollowed(chosen, followers)
  else await addFollowers(chosen, followers)

  const sessions = all.filter((it) => chosen.has(it.id))
  const { recordings, unstored } = recordingsGone(put_in, all, chosen, which, names)
  const recalled = recallsGone(recalls, { all, chosen, put_in, recordings }, which, names)
  const remaining = new Set(all.filter((it) => !chosen.has(it.id)).map((it) => it.person))
  const persons = new Set(sessions.flatMap((it) => it.person ?? []))
  return {
    sessions,
    followers: is_by_age ? 0 : sessions.length - asked.length,
    kept_for_newer: is_by_age ? asked.length - sessions.length : 0,
    persons: [...persons].filter((it) => !remaining.has(it)),
    recordings,
    unstored,
    ...recalled,
  }
}

/** A conversation that was put in over the wire is as old as its last event, whether that was stored yet or not. */
function asOldAsRecorded(all: Candidate[], recordings: RecordingToErase[]): Candidate[] {
  if (recordings.length === 0) return all
  const last = new Map<string, string>()
  const note = (id: string, at: string) => {
    if (at > (last.get(id) ?? '')) last.set(id, at)
  }
  for (const { id, same_as, at } of recordings) {
    note(id, at)
    if (same_as !== null) note(same_as, at)
  }
  return all.map((it) => {
    const at = [last.get(it.id), last.get(it.recording_id ?? '')].reduce<string>(
      (latest, other) => (other !== undefined && other > latest ? other : latest),
      it.at,
    )
    return at === it.at ? it : { ...it, at }
  })
}

function recordingsGone(
  recordings: RecordingToErase[],
  all: Candidate[],
  chosen: Set<string>,
  which: Which,
  names: Set<string> | null,
): Pick<Selection, 'recordings' | 'unstored'> {
  const stored = new Set(all.flatMap((it) => it.recording_id ?? []))
  const with_sessions = new Set(all.flatMap((it) => (chosen.has(it.id) ? (it.recording_id ?? []) : [])))
  const isAsked = (it: RecordingToErase) => isNamed(it, which) || isDue(it, which) || isOf(it, which, names)
  const unstored = recordings.filter((it) => !stored.has(it.id) && isAsked(it))
  const gone = recordings.filter(
    (it) =>
      with_sessions.has(it.id) || (it.same_as !== null && chosen.has(it.same_as)) || unstored.includes(it),
  )
  return { recordings: gone, unstored }
}

/**
 * With a session goes what was recalled under any name of it. A recall of nobody's, and one of a session that never came, is as old as itself; one
 * that says for whom it was goes with that person.
 */
function recallsGone(
  recalls: RecallToErase[],
  of: { all: Candidate[]; chosen: Set<string>; put_in: RecordingToErase[]; recordings: RecordingToErase[] },
  which: Which,
  names: Set<string> | null,
): Pick<Selection, 'recalls' | 'unheard'> {
  const { all, chosen, put_in, recordings } = of
  const gone = new Set<string | null>([
    ...all.filter((it) => chosen.has(it.id)).flatMap(namesOf),
    ...recordings.flatMap((it) => [it.id, it.external_id]),
  ])
  const there = new Set<string | null>([
    ...all.flatMap((it) => [...namesOf(it), it.parent_external_session_id]),
    ...put_in.flatMap((it) => [it.id, it.external_id]),
  ])
  gone.delete(null)
  there.delete(null)
  const isAsked = (it: RecallToErase) =>
    ('session_ids' in which && which.session_ids.includes(it.session_key ?? '')) || isDue(it, which)
  const unheard = recalls.filter(
    (it) =>
      !gone.has(it.session_key) && (isOf(it, which, names) || (!there.has(it.session_key) && isAsked(it))),
  )
  return { recalls: recalls.filter((it) => gone.has(it.session_key) || unheard.includes(it)), unheard }
}

/** By any of which a session may have recalled. */
function namesOf({ id, external_session_id, recording_id }: Candidate): (string | null)[] {
  return [id, external_session_id, recording_id]
}

function isNamed({ id, external_id }: RecordingToErase, which: Which): boolean {
  if (!('session_ids' in which)) return false
  return which.session_ids.some((it) => it === id || it === external_id)
}

function isOf(
  { person, agent }: Pick<RecordingToErase, 'person' | 'agent'>,
  which: Which,
  names: Set<string> | null,
): boolean {
  if (!('person' in which) || person === null || !names!.has(person)) return false
  return which.agent === undefined || agent === which.agent
}

function isDue(it: Pick<RecordingToErase, 'agent' | 'at'>, which: Which): boolean {
  if ('due' in which) return which.due(it)
  return 'before' in which && it.at < which.before && (which.agent === undefined || it.agent === which.agent)
}

async function askedFor(
  db: Database | Transaction,
  of: { all: Candidate[]; recordings: RecordingToErase[]; recalls: RecallToErase[] },
  which: Which,
  names: Set<string> | null,
): Promise<Candidate[]> {
  const { all, recordings, recalls } = of
  if ('session_ids' in which) return sessionsNamed(db, of, which.session_ids)
  if ('due' in which) return all.filter(which.due)
  const mine = all.filter((it) => which.agent === undefined || it.agent === which.agent)
  if (
    which.agent !== undefined &&
    ![...all, ...recordings, ...recalls].some((it) => it.agent === which.agent)
  )
    throw new EngineError('not_found_error', `there are no sessions of an agent ${which.agent}`, {
      hint: '`reverie sessions` shows whose sessions there are',
    })
  if ('before' in which) return mine.filter((it) => it.at < which.before)
  const recorded = new Set(recordings.filter((it) => isOf(it, which, names)).map((it) => it.id))
  const recalled = new Set(recalls.filter((it) => isOf(it, which, names)).map((it) => it.session_key))
  return mine.filter(
    (it) =>
      (it.person !== null && names!.has(it.person)) ||
      recorded.has(it.recording_id ?? '') ||
      namesOf(it).some((name) => name !== null && recalled.has(name)),
  )
}

async function sessionsNamed(
  db: Database | Transaction,
  {
    all,
    recordings,
    recalls,
  }: { all: Candidate[]; recordings: RecordingToErase[]; recalls: RecallToErase[] },
  ids: string[],
): Promise<Candidate[]> {
  const found = new Set<Candidate>()
  for (const id of ids) {
    const recorded = recordings.filter((it) => it.id === id || it.external_id === id).map((it) => it.id)
    const named = all.filter(
      (it) => it.id === id || it.external_session_id === id || recorded.includes(it.recording_id ?? 'none'),
    )
    for (const it of named) found.add(it)
    const is_known = named.length > 0 || recorded.length > 0 || recalls.some((it) => it.session_key === id)
    if (!is_known && (await erasedAt(db, id)) === null)
      throw new EngineError('not_found_error', `there is no session ${id}`, {
        hint: '`reverie sessions` lists them; nothing was erased',
      })
  }
  return [...found]
}

/** The name itself, and what personal data of that value is masked by in this workspace. */
async function spellingsOf(db: Database | Transaction, person: string): Promise<Set<string>> {
  const names = new Set([person])
  const key = await knownRedactionKey(db)
  if (key === undefined) return names
  for (const kind of [...PII_SHAPES, 'name'] as const) {
    const masked = piiFinder({ classes: [kind], names: person, key })(person, 'person')
    let text = person
    for (const it of masked.toReversed()) text = text.slice(0, it.start) + it.placeholder + text.slice(it.end)
    names.add(text)
  }
  return names
}

type Followers = (id: string) => Promise<string[]>

/** What holds words of a session besides itself: found when it is asked for, since few sessions have any. */
function followersAmong(db: Database | Transaction, all: Candidate[]): Followers {
  const by_id = new Map(all.map((it) => [it.id, it]))
  const subagents = Map.groupBy(
    all.filter((it) => it.parent_external_session_id !== null),
    (it) => `${it.harness} ${it.parent_external_session_id}`,
  )
  const parts = Map.groupBy(
    all.filter((it) => it.recording_id !== null),
    (it) => it.recording_id,
  )
  const has_copies = all.some((it) => it.is_copy)
  return async (id) => {
    const { harness, external_session_id, recording_id } = by_id.get(id)!
    const others = recording_id === null ? [] : parts.get(recording_id)!.map((it) => it.id)
    const own = (subagents.get(`${harness} ${external_session_id}`) ?? []).map((it) => it.id)
    const copies = has_copies ? await copiesOf(db, id) : []
    return [...own, ...others, ...copies].filter((it) => it !== id)
  }
}

async function copiesOf(db: Database | Transaction, id: string): Promise<string[]> {
  const [session] = await printsOf(db, [id])
  const own = new Set(session!.events.filter((_, i) => !session!.copied.has(i)))
  const others = await printsOf(db, await copiesLike(db, session!))
  const holds = ({ events, copied }: Prints) => [...copied].some((i) => own.has(events[i]!))
  return others.filter(holds).map((it) => it.id)
}

async function addFollowers(chosen: Set<string>, followers: Followers): Promise<void> {
  // A set hands out what is added to it while it is gone through.
  for (const id of chosen) for (const it of await followers(id)) chosen.add(it)
}

async function keepWhatIsFollowed(chosen: Set<string>, followers: Followers): Promise<void> {
  const followed = new Map<string, string[]>()
  for (const id of chosen) followed.set(id, await followers(id))
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size
    for (const [id, others] of followed) if (others.some((it) => !chosen.has(it))) chosen.delete(id)
  }
}
