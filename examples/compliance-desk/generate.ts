/**
 * The sample workload: some hundred sessions of one agent, `compliance-desk`, over ten simulated
 * weeks, as `week-01.jsonl` .. `week-10.jsonl` in the steps format.
 *
 * The README beside says what is true in it and must be found, and what is not and must not.
 * Deterministic: the same options write the same bytes, on any machine. It writes those ten files
 * into the folder it is given, over older ones, and touches nothing else.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planSessions } from './plan.ts'
import { type Random, seeded } from './random.ts'
import { hex, writeSession } from './session.ts'
import type { SessionLine, Step } from './steps.ts'

const WEEKS = 10
const COPIES = 9
/** Fewer would leave some days without a session. */
const FEWEST = 60 + COPIES

/** @param options.sessions lines written in all, the nine copies of one session included */
export function generateComplianceDesk(
  folder: string,
  options: { seed?: number; sessions?: number } = {},
): { files: number; sessions: number } {
  const { seed = 1, sessions = 400 } = options
  if (!Number.isInteger(sessions) || sessions < FEWEST)
    throw new RangeError(`sessions is ${sessions}; give a whole number of at least ${FEWEST}`)

  const weeks = writeWeeks(seed, sessions)
  mkdirSync(folder, { recursive: true })
  for (const [index, lines] of weeks.entries()) {
    const file = `week-${String(index + 1).padStart(2, '0')}.jsonl`
    writeFileSync(join(folder, file), lines.map((it) => `${JSON.stringify(it)}\n`).join(''))
  }
  return { files: weeks.length, sessions: weeks.flat().length }
}

function writeWeeks(seed: number, count: number): SessionLine[][] {
  const random = seeded(seed)
  const weeks: SessionLine[][] = Array.from({ length: WEEKS }, () => [])
  const plans = planSessions(count - COPIES, random)
  for (const plan of plans) {
    const line = writeSession(plan, random)
    weeks[plan.week]!.push(line)
    if (plan.locks_ledger)
      for (const [week, copy] of copiesOf(line, plan.week, random)) weeks[week]!.push(copy)
  }
  return weeks
}

/** A resumed session is written again, under a new id, into the files of later weeks. */
function copiesOf(line: SessionLine, week: number, random: Random): [week: number, copy: SessionLine][] {
  return Array.from({ length: COPIES }, (_, index) => {
    const copy = { ...line, id: `desk-${hex(random, 12)}` }
    const later = week + Math.floor((index * (WEEKS - 1 - week)) / (COPIES - 1))
    return [later, index === 4 ? continued(copy) : copy]
  })
}

/** One of the copies goes on for two steps. */
function continued(line: SessionLine): SessionLine {
  const ended = new Date(line.ended_at).getTime()
  const at = (minutes: number) => new Date(ended + minutes * 60_000).toISOString()
  const more: Step[] = [
    { role: 'user', text: 'Is there any news on this one?', ts: at(12) },
    { role: 'assistant', text: 'Nothing new so far, the second line has it.', calls: [], ts: at(13) },
  ]
  return { ...line, ended_at: at(13), steps: [...line.steps, ...more] }
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) {
    process.stderr.write('Usage: node examples/compliance-desk/generate.ts DIR\n')
    process.exitCode = 1
  } else {
    const written = generateComplianceDesk(folder)
    process.stdout.write(`${written.sessions} sessions in ${written.files} files written to ${folder}\n`)
  }
}
