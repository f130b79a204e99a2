import { z } from 'zod'
import { Alarm } from './alarm.ts'

const count = z.number().int().nonnegative()

/** A calendar day in UTC. */
const Day = z.iso.date()

/**
 * What behaviour is compared by.
 *
 *     completion          share of sessions whose outcome is satisfied, of those whose outcome is known
 *     approved_but_wrong  share of sessions that were verified to have failed, of those that people approved
 *     tool_errors         share of a session's calls that failed, the mean over sessions with calls
 *     refusals            share of sessions in which the agent declined something
 *     escalation          share of sessions that were handed to a person
 *     duration_ms, tokens, tool_calls, words    a session, on average; words are those to people
 */
export const Behaviour = z.enum([
  'completion',
  'approved_but_wrong',
  'tool_errors',
  'refusals',
  'escalation',
  'duration_ms',
  'tokens',
  'tool_calls',
  'words',
])
export type Behaviour = z.infer<typeof Behaviour>

/** After minus before, with its 95 % interval. */
export const Difference = z.object({ estimate: z.number(), low: z.number(), high: z.number() })
export type Difference = z.infer<typeof Difference>

/** Sessions in which it is known, and their mean. */
const Side = z.object({ sessions: count, mean: z.number().nullable() })

export const BehaviourDrift = z.object({
  behaviour: Behaviour,
  before: Side,
  after: Side,
  /** Null where a window has too few sessions. */
  difference: Difference.nullable(),
  /** The same between sessions of one intent, so that other work is not taken for other behaviour; null where too few are comparable. */
  at_equal_work: Difference.nullable(),
})
export type BehaviourDrift = z.infer<typeof BehaviourDrift>

/** How two mixes differ: of actions, or of intents. */
export const MixDrift = z.object({
  /** Jensen-Shannon divergence in bits: 0 for the same mix, 1 where nothing is in both; null where a window has too few sessions. */
  divergence: z.number().nullable(),
  /** As much would be there with nothing changed: the mean over sessions dealt to the windows at random. Of actions, within each intent. */
  by_luck: z.number().nullable(),
  /** How often dealing at random gives as much. */
  p: z.number().nullable(),
  /** Shares of the whole, those that moved most first. */
  moved: z.array(z.object({ name: z.string(), before: z.number(), after: z.number() })),
  /** In so many sessions of one window and in none of the other, which luck alone does in 1 of 100 cases at most. */
  appeared: z.array(z.object({ name: z.string(), sessions: count })),
  vanished: z.array(z.object({ name: z.string(), sessions: count })),
})
export type MixDrift = z.infer<typeof MixDrift>

/** A memory store as it stood at the end of a day; its index is none of its memories. */
export const StoreState = z.object({
  memories: count,
  bytes: count,
  /** Of the index, which a session reads first; a token is taken for four characters. */
  index_tokens: count,
  /** Memories that tell no lesson of a dream. */
  by_people: count,
  /** By what each memory says of its lesson. */
  lessons: z.object({
    probation: count,
    confirmed: count,
    stale: count,
    dormant: count,
    disputed: count,
    retired: count,
  }),
  /** Marks that say that another memory says otherwise. */
  contradictions: count,
  /** Memories whose text was erased since, so that nothing more is known of it. */
  erased: count,
})
export type StoreState = z.infer<typeof StoreState>

/** Of what was `refreshed`, only the counts are newer; what was `modified` says something else. */
const Writes = z.object({
  created: z.number(),
  modified: z.number(),
  refreshed: z.number(),
  deleted: z.number(),
})
export type Writes = z.infer<typeof Writes>

/** What sessions were given in one window. */
const Seen = z.object({
  recalls: count,
  /** Of them, given no lesson on purpose. */
  control: count,
  /** Distinct memory versions, and distinct sets of versions. */
  versions: count,
  sets: count,
})

export const MemoryDrift = z.object({
  memory_store_id: z.string(),
  store: z.string(),
  before: StoreState,
  after: StoreState,
  /** Memories written in each window, as so many a week. */
  a_week: z.object({ before: Writes, after: Writes }),
  /** Between the two days, by who acted; dreams together as `dreams`, a policy as `policy:` and its sha256. */
  writes: z.array(Writes.extend({ by: z.string() })),
  /** Lessons that people rejected, took back or took out, and that are live again without a person's word. */
  resurrected: z.array(
    z.object({
      path: z.string(),
      cause: z.enum(['rejected', 'undone', 'retired']),
      /** When people did so, and when it went live again. */
      buried_at: z.string(),
      live_since: z.string(),
    }),
  ),
  seen: z.object({ before: Seen, after: Seen, versions_in_both: count }),
})
export type MemoryDrift = z.infer<typeof MemoryDrift>

const Window = z.object({ from: Day, to: Day, sessions: count, intents: count })

/** How far an agent's behaviour and its memory have moved from one window of days to another. */
export const Drift = z.object({
  agent: z.string(),
  window_days: z.number().int().positive(),
  /** Begins with the first day. */
  before: Window,
  /** Ends with the last day. */
  after: Window,
  alarms: z.array(Alarm),
  behaviour: z.array(BehaviourDrift),
  actions: MixDrift,
  intents: MixDrift,
  /** Sessions by version of the agent; null where the harness told none. */
  versions: z.array(z.object({ version: z.string().nullable(), before: count, after: count })),
  /** Null where the agent has no memory store. */
  memory: MemoryDrift.nullable(),
  /** What could not be compared, and why. */
  notes: z.array(z.string()),
})
export type Drift = z.infer<typeof Drift>
