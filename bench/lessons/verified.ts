/** What the miner says of whole sessions, how one of its lessons does on other sessions, and what a miner without strata would say. */
import { intentOf } from '../../src/3-mine/cell.ts'
import { qValues } from '../../src/3-mine/false-discovery.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { twoSidedP } from '../../src/3-mine/normal.ts'
import { fitNuisance, type Score, scoreTest } from '../../src/3-mine/score-test.ts'
import { SESSION_RIDGE } from '../../src/3-mine/session-lessons.ts'
import { EVERY, rowKey, type Tally, type TallyRow, totalOf } from '../../src/domain/tally.ts'

/** The lessons of tier `verified` that would be told to an agent. */
export function verifiedLessons(tally: Tally): Finding[] {
  return mine(tally).findings.filter((it) => it.tier === 'verified' && it.published)
}

/** The test of the same trait on other sessions; null when they do not show it both with and without. */
export function scoreIn(tally: Tally, { context, trait }: Pick<Finding, 'context' | 'trait'>): Score | null {
  const every = tally.get(rowKey(context, EVERY))
  const row = tally.get(rowKey(context, trait))
  if (!every || !row) return null
  const score = scoreTest(fitNuisance(every.cells, SESSION_RIDGE), row.cells)
  return score.information > 0 ? score : null
}

/**
 * For contrast: how many traits of sessions a miner reports that compares all sessions with all others, by a chi-squared
 * test of two proportions at a false discovery rate of 5 %. Same support as in mining.md 7.2: 5 with, 5 without, 4 tasks.
 */
export function crudeLessons(tally: Tally): number {
  const p = [...tally.values()].flatMap((row) => {
    if (row.channel !== 'session' || row.trait === EVERY) return []
    const z = crudeZ(row, tally.get(rowKey(row.context, EVERY))!)
    return z === null ? [] : [twoSidedP(z)]
  })
  return qValues(p).filter((it) => it <= 0.05).length
}

/** The difference of two proportions in standard errors of the pooled proportion; null without enough support. */
function crudeZ(row: TallyRow, every: TallyRow): number | null {
  const [bad, n] = totalOf(row)
  const [all_bad, all] = totalOf(every)
  const others = all - n
  if (n < 5 || others < 5 || new Set(Object.keys(row.cells).map(intentOf)).size < 4) return null
  const pooled = all_bad / all
  const variance = pooled * (1 - pooled) * (1 / n + 1 / others)
  return variance === 0 ? null : (bad / n - (all_bad - bad) / others) / Math.sqrt(variance)
}
