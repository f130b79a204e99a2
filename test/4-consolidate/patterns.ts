import type { Known } from '../../src/4-consolidate/consolidate.ts'
import type { Pattern } from '../../src/domain/pattern.ts'

/** A pattern as the miner gives it; `n` tells one from another. */
export function pattern(n: number, of: Partial<Pattern> = {}): Pattern {
  return {
    id: `pat_${String(n).padStart(24, '0')}`,
    class: 'mistake',
    channel: 'call',
    tier: 'process',
    status: 'probation',
    context: `call update_${n}`,
    trait: 'after get',
    name: `get-before-update_${n}`,
    text: `Call \`get\` before \`update_${n}\`.`,
    why: 'Without it the first call failed in 12 of 12 sessions; with it in 2 of 22.',
    scope: { agent: 'desk', person: null },
    effect: { exposed: [12, 12], unexposed: [2, 22], odds_ratio: 200, low: 9, high: 900 },
    p: 0.001,
    q: 0.01,
    e: null,
    sessions: 12,
    sightings: [],
    evidence: [],
    watch: {
      expectation: { of_those: 'without', bad: true },
      epoch: 0,
      confirmation: null,
      usual_rate: 0.9,
      detector: 0,
      since: null,
    },
    ...of,
  }
}

/** A memory that Reverie wrote. */
export function ours(path: string, content: string, created_at = '2026-11-01T03:00:00Z'): Known {
  return { path, content, created_by: 'dream:drm_1', created_at }
}

/** A memory that a person wrote, or edited. */
export function theirs(path: string, content: string, created_at = '2026-11-01T03:00:00Z'): Known {
  return { path, content, created_by: 'user:ana', created_at }
}
