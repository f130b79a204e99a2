/** Sessions that a model has read, as the miner sees them. */
import { observeClaims } from '../../src/2-review/claim-channel.ts'
import { reviewSession } from '../../src/2-review/review.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Counted } from '../../src/3-mine/tally.ts'
import type { Claim, ClaimKind } from '../../src/domain/claim.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, SATISFIED, say, session, UNSATISFIED } from '../session-builder.ts'
import { claim, quoted } from './claims.ts'
import { generator } from './tallied.ts'

/** A session, and of which groups claims were made of it. */
export type Case = Partial<Pick<Session, 'task' | 'person' | 'outcome' | 'events' | 'started_at'>> & {
  claims?: string[]
  told?: string[]
}

const PERSON = { origin: 'person' as const, quote: 'Shorter, please' }
const KINDS: Record<string, ClaimKind> = { wish: 'preference', way: 'good_practice' }
/** `wish-1` is a group of wishes, `way-1` one of good practice, all others are of mistakes. */
function said(group: string): Claim {
  const kind = KINDS[group.split('-')[0]!] ?? 'wrong_value'
  return claim({
    id: `clm_${group}`,
    kind,
    citations: [kind === 'preference' ? quoted(2, PERSON) : quoted(1)],
  })
}

const talk = [say('How much is it?'), answer('The price is 20 euros.'), say('Shorter next time.')]

export function counted(cases: Case[]): Counted[] {
  return cases.map(({ claims = [], told, ...facts }, i) => {
    const it = { ...session(...talk), task: `task-${i}`, ...facts }
    return {
      session_id: `sesn_${String(i).padStart(4, '0')}`,
      cell: cellOf({ ...it, title: '' }),
      person: it.person,
      at: it.started_at,
      observations: [...reviewSession(it), ...observeClaims(it, claims.map(said))],
      told,
    }
  })
}

export const times = <T>(n: number, of: (i: number) => T) => Array.from({ length: n }, (_, i) => of(i))

/** 360 sessions of 12 tasks that fail as often as their task does, and more often with a claim where it tells. */
export function judged(
  seed: number,
  fails: { with: number; without: number } | null,
  group = 'value-1',
): Case[] {
  const random = generator(seed)
  return times(360, (i) => {
    const task = i % 12
    const has = random() < 0.3
    const rate = fails === null ? 0.1 + (0.5 * task) / 11 : has ? fails.with : fails.without
    const outcome = random() < rate ? UNSATISFIED : SATISFIED
    return { task: `task-${task}`, outcome, claims: has ? [group] : [] }
  })
}
