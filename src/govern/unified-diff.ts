/** Two texts as the lines of a unified diff, without the lines that name files. Exact: every byte that differs is in one of them. */
import { type Hunk, hunksOf } from '../2-review/diff.ts'

const CONTEXT = 3

/** Empty where nothing differs. Null stands for no text at all. */
export function unifiedDiff(before: string | null, after: string | null): string[] {
  if (before === after) return []
  const [a, b] = [linesOf(before), linesOf(after)]
  const hunks = hunksOf(a, b) ?? [{ removed: a, added: b, at: 0 }]
  let longer = 0
  return groupsOf(hunks).flatMap((group) => {
    const lines = linesOfGroup(group, b, longer)
    for (const it of group) longer += it.added.length - it.removed.length
    return lines
  })
}

/** A last line without a newline is another line than one with it, and is told as such. */
function linesOf(text: string | null): string[] {
  if (text === null || text === '') return []
  const lines = text.split('\n')
  const last = lines.pop()!
  return last === '' ? lines : [...lines, `${last}\n${NO_NEWLINE}`]
}

const NO_NEWLINE = '\\ No newline at end of file'

/** Hunks whose context would touch stand together. */
function groupsOf(hunks: Hunk[]): Hunk[][] {
  const groups: Hunk[][] = []
  for (const it of hunks) {
    const before = groups.at(-1)?.at(-1)
    if (before && it.at - (before.at + before.added.length) <= 2 * CONTEXT) groups.at(-1)!.push(it)
    else groups.push([it])
  }
  return groups
}

/** `longer`: by how many lines the text after is longer up to there. */
function linesOfGroup(group: Hunk[], b: string[], longer: number): string[] {
  const last = group.at(-1)!
  const from = Math.max(0, group[0]!.at - CONTEXT)
  const to = Math.min(b.length, last.at + last.added.length + CONTEXT)
  const lines: string[] = []
  let at = from
  for (const { removed, added, at: start } of group) {
    lines.push(...b.slice(at, start).map((it) => ` ${it}`))
    lines.push(...removed.map((it) => `-${it}`), ...added.map((it) => `+${it}`))
    at = start + added.length
  }
  lines.push(...b.slice(at, to).map((it) => ` ${it}`))
  const old = lines.filter((it) => !it.startsWith('+')).length
  const head = `@@ -${range(from - longer, old)} +${range(from, to - from)} @@`
  return [head, ...lines.flatMap((it) => it.split('\n'))]
}

/** Of no lines, the line before them is named. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start : start + 1},${lines}`
}
