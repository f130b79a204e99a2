/** Claims as a checked answer has them. */
import type { Citation, Claim } from '../../src/domain/claim.ts'
import type { ClaimOfSession } from '../../src/group-claims.ts'

/** Said of one session; of the group that is named, or of its own. */
export function claim(of: Partial<Claim> = {}): Claim {
  const { id = 'clm_1', group_id = id } = of
  return {
    id,
    session_id: 'sesn_1',
    agent: 'desk',
    kind: 'wrong_value',
    statement: 'Read the price from the order before you quote it.',
    action: null,
    citations: [quoted(1)],
    ...of,
    group_id,
  }
}

export function quoted(event: number, of: Partial<Citation> = {}): Citation {
  return { event, event_id: `e${event + 1}`, origin: 'agent', quote: 'The price is 20 euros.', ...of }
}

/** Not yet grouped. */
export function saying(statement: string, of: Partial<ClaimOfSession> = {}): ClaimOfSession {
  const { id, group_id, ...it } = claim({ statement })
  return { ...it, ...of }
}
