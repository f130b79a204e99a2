/** A report of a made-up store, in which everything happens once. */
import type { Lift } from '../../src/domain/lift.ts'
import { wilsonInterval } from '../../src/domain/proportion.ts'
import type { Report, StoreReport } from '../../src/domain/report.ts'

const NO_STATUS = { undecided: 0, approved: 0, rejected: 0, adopted: 0, undone: 0, superseded: 0, denied: 0 }
const NO_KIND = { add: 0, refresh: 0, merge: 0, stale: 0, conflict: 0 }

export function lift(of: Partial<Lift> = {}): Lift {
  return {
    metric: 'completion',
    unit: 'share',
    treatment: { sessions: 512, mean: 0.74 },
    control: { sessions: 61, mean: 0.62 },
    ...{ estimate: 0.118, low: 0.021, high: 0.215, detectable: 0.14, sessions_needed: 0 },
    ...of,
  }
}

type DigestOfReport = StoreReport['digests'][number]

export function change(
  of: Partial<DigestOfReport['changes'][number]> = {},
): DigestOfReport['changes'][number] {
  return {
    id: 'chg_1',
    kind: 'add',
    operation: 'created',
    path: '/mistakes/get-order-first.md',
    status: 'adopted',
    verdict: 'hold',
    verdict_reason: '',
    lesson: 'Call `get_order` before `refund_order`.',
    why: 'without it the first call was rejected in 21 of 22 sessions; with it in 11 of 199.',
    decisions: [],
    ...of,
  }
}

export function digest(ended_at: string, changes: DigestOfReport['changes']): DigestOfReport {
  return {
    dream: {
      id: 'drm_1',
      status: 'completed',
      memory_store_id: 'memstore_1',
      agent: 'compliance-desk',
      result: changes.length === 0 ? 'unchanged' : 'changed',
      ...{ notes: [], alerts: [], sessions_read: 43, observations: 900 },
      ...{ model: null, spending: null },
      created_at: ended_at,
      ended_at,
      error: null,
    },
    store: 'compliance-desk',
    counts: {
      proposed: { ...NO_KIND },
      status: { ...NO_STATUS, undecided: changes.filter((it) => it.status === 'undecided').length },
      alerts: 0,
    },
    changes,
    recorded_sha256: null,
    erased: 0,
    is_as_recorded: null,
  }
}

const day = (i: number) => new Date(Date.UTC(2026, 8, 1 + i)).toISOString().slice(0, 10)

function side(completed: number, sessions: number) {
  const [low, high] = wilsonInterval(completed, sessions)
  return { sessions, completed, low, high }
}

export function storeReport(of: Partial<StoreReport> = {}): StoreReport {
  return {
    memory_store_id: 'memstore_1',
    store: 'compliance-desk',
    agent: 'compliance-desk',
    dreams: { ended: 84, failed: 0 },
    waiting: { undecided: 1, approved: 2 },
    digests: [
      digest('2026-11-22T02:00:00Z', [
        change({ id: 'chg_3', status: 'undecided', lesson: 'End every export with author and source.' }),
        change({ kind: 'refresh', lesson: 'Ask for the order number first.', why: 'newer evidence' }),
      ]),
      digest('2026-11-19T02:00:00Z', [
        change(),
        change({
          kind: 'stale',
          lesson: 'Use the old export.',
          why: 'it no longer fails',
          status: 'adopted',
        }),
        change({ kind: 'add', lesson: 'Use 300 dpi for scans.', status: 'rejected' }),
      ]),
    ],
    effect: {
      control_share: 0.1,
      draws_lots: true,
      verdict: 'keep',
      step_days: 7,
      arms: Array.from({ length: 12 }, (_, i) => ({
        day: day(7 * i),
        treatment: side(28 + i, 44 + (i % 3)),
        control: side(i === 4 ? 0 : 3 + (i % 2), i === 4 ? 0 : 5 + (i % 3)),
      })),
      lift_by_day: Array.from({ length: 84 }, (_, i) => ({
        day: day(i),
        sessions: 7 * i,
        ...(i < 20
          ? { estimate: null, low: null, high: null }
          : { estimate: 0.1 + Math.sin(i) / 60, low: 0.1 - 4 / (i + 9), high: 0.1 + 4 / (i + 9) }),
      })),
      lifts: [
        lift(),
        lift({
          ...{ metric: 'duration_ms', unit: 'relative', estimate: -0.08, low: -0.2, high: 0.06 },
          ...{ treatment: { sessions: 590, mean: 431_000 }, control: { sessions: 70, mean: 470_000 } },
          ...{ detectable: 0.2, sessions_needed: 2_300 },
        }),
        lift({
          ...{ metric: 'tool_errors', unit: 'calls', estimate: -0.31, low: -0.5, high: -0.12 },
          ...{ treatment: { sessions: 590, mean: 0.4 }, control: { sessions: 70, mean: 0.7 } },
          detectable: 0.25,
        }),
        lift({
          ...{ metric: 'tokens', unit: 'relative', estimate: 0.04, low: -0.03, high: 0.12 },
          ...{ treatment: { sessions: 590, mean: 18_420 }, control: { sessions: 70, mean: 17_600 } },
          detectable: 0.1,
        }),
        lift({
          ...{ metric: 'edit_distance', estimate: null, low: null, high: null, sessions_needed: 120 },
          ...{ treatment: { sessions: 14, mean: 0.08 }, control: { sessions: 0, mean: null } },
        }),
      ],
    },
    agents: [
      {
        ...{ id: 'exp_9', control_agent: 'desk-without', status: 'running', verdict: null },
        lifts: [lift({ estimate: 0.06, low: -0.04, high: 0.16 })],
      },
    ],
    lessons: [
      {
        ...{ id: 'exp_1', pattern_id: 'pat_1', status: 'running', verdict: 'keep' },
        lesson: 'Call `get_order` before `refund_order`.',
        completion: lift({ treatment: { sessions: 310, mean: 0.77 }, control: { sessions: 92, mean: 0.6 } }),
        recurrence: lift({ metric: 'recurrence', estimate: -0.41, low: -0.52, high: -0.3 }),
      },
      {
        ...{ id: 'exp_2', pattern_id: 'pat_2', status: 'running', verdict: null },
        lesson: 'When calling `parse_document`, give `format` as lower case, not as a file name extension.',
        completion: lift({ estimate: 0.01, low: -0.19, high: 0.21 }),
        recurrence: lift({
          metric: 'recurrence',
          estimate: null,
          low: null,
          high: null,
          sessions_needed: 40,
        }),
      },
      {
        ...{ id: 'exp_3', pattern_id: 'pat_3', status: 'ended', verdict: 'harm' },
        ...{ lesson: 'Close the ledger first.', recurrence: null },
        completion: lift({ estimate: -0.14, low: -0.25, high: -0.03 }),
      },
    ],
    memory: Array.from({ length: 30 }, (_, i) => ({
      day: day(2.8 * i),
      memories: Math.min(14, Math.floor(i / 2)),
      bytes: 610 * Math.min(14, Math.floor(i / 2)),
    })),
    recalled: Array.from({ length: 40 }, (_, i) => ({
      day: day(2 * i),
      recalls: 9,
      tokens: 9 * (120 + 14 * i),
    })),
    asked: [
      {
        ...{ stage: 'review', provider: 'anthropic', model: 'claude-haiku-4-5' },
        ...{ calls: 590, from_cache: 12, unusable: 3, failed: 1, cost_usd: 1.23456 },
        usage: {
          ...{ input_tokens: 402_000, output_tokens: 41_000 },
          ...{ cache_read_input_tokens: 600_000, cache_creation_input_tokens: 1_000 },
        },
      },
      {
        ...{ stage: 'consolidate', provider: 'anthropic', model: 'claude-haiku-4-5' },
        ...{ calls: 84, from_cache: 0, unusable: 0, failed: 0, cost_usd: 0.0431 },
        usage: {
          ...{ input_tokens: 9_000, output_tokens: 500 },
          ...{ cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
        },
      },
    ],
    alarms: [
      {
        type: 'refusals',
        text: 'Sessions in which the agent declined something went from 2 % to 9 %. Look at what was asked since.',
        since: '2026-11-20',
      },
    ],
    ...of,
  }
}

export function report(...stores: StoreReport[]): Report {
  return { made_at: '2026-11-23T04:00:00.000Z', from: '2026-09-01', to: '2026-11-23', stores }
}

export const EMPTY: Partial<StoreReport> = {
  agents: [],
  waiting: { undecided: 0, approved: 0 },
  ...{
    dreams: { ended: 0, failed: 0 },
    digests: [],
    effect: null,
    lessons: [],
    memory: [],
    recalled: [],
    asked: [],
    alarms: [],
  },
}
