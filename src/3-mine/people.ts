import { type Count, type TallyRow, totalOf } from '../domain/tally.ts'
import { intentOf, versionOf } from './cell.ts'

/** In how many kinds of work it went badly at least once. */
export function intentsBehind(row: TallyRow): number {
  return new Set(badCells(row).map(intentOf)).size
}

/**
 * The one person whose wish or habit it is; undefined when it is everybody's. Where nobody is named there is one
 * developer, and what that developer wants is what the project wants.
 */
export function onlyPersonBehind(...rows: TallyRow[]): string | undefined {
  const [person, ...others] = new Set(rows.flatMap(badCells).map(versionOf))
  return others.length > 0 || person === '' ? undefined : person
}

/** `[bad, n]` of one person, or of everybody. */
export function countOf(row: TallyRow | undefined, person: string | undefined): Count {
  return row === undefined || person === undefined ? totalOf(row) : totalOf({ cells: cellsOf(row, person) })
}

/** The cells of one person, or of everybody. */
export function cellsOf(row: TallyRow, person: string | undefined): TallyRow['cells'] {
  if (person === undefined) return row.cells
  return Object.fromEntries(Object.entries(row.cells).filter(([cell]) => versionOf(cell) === person))
}

function badCells(row: TallyRow): string[] {
  return Object.keys(row.cells).filter((it) => row.cells[it]![0] > 0)
}
