/** Approvals: what they weigh where they know the truth and where they do not, and what is made of them. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { approvalRatio, approvalWeight } from '../../src/3-mine/approval-ratio.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import type { Count } from '../../src/domain/tally.ts'
import type { Section } from './section.ts'

const SESSIONS = 600
const TASKS = 20
const TOOLS = 40
const LOOKS = 8
/** Shown by this share of the sessions; tools by fewer of them the later they are. */
const LIKED = 'answer with look 0'
const WRONG = 'use tool_0'

type World = {
  name: string
  /** Chance of an approval, before what is liked is added. */
  approves: (failed: boolean) => number
  /** Added for the look that people like, and whether the tool that they like nearly always fails. */
  liking: number
  has_liked_and_wrong: boolean
}

const WORLDS: World[] = [
  {
    name: 'approvals know nothing, nothing is liked',
    approves: () => 0.7,
    liking: 0,
    has_liked_and_wrong: false,
  },
  {
    name: 'approvals know nothing, a look is liked',
    approves: () => 0.6,
    liking: 0.35,
    has_liked_and_wrong: false,
  },
  {
    name: 'approvals know, nothing is liked',
    approves: (failed) => (failed ? 0.2 : 0.8),
    liking: 0,
    has_liked_and_wrong: false,
  },
  {
    name: 'approvals know, a look is liked',
    approves: (failed) => (failed ? 0.15 : 0.6),
    liking: 0.35,
    has_liked_and_wrong: false,
  },
  {
    name: 'approvals know nothing, a tool is liked and fails',
    approves: () => 0.7,
    liking: 0,
    has_liked_and_wrong: true,
  },
]

export async function approvals(seeds: number): Promise<Section> {
  const rows = WORLDS.map((world) => {
    const runs = Array.from({ length: seeds }, (_, i) => runOf(world, i + 1))
    const preferences = runs.map((it) => it.findings.filter(({ kind }) => kind === 'preference'))
    const disputes = runs.map((it) => it.findings.filter(({ kind }) => kind === 'disputed'))
    return {
      world: world.name,
      weight: mean(runs.map((it) => it.weight)),
      'liked look told': shareWith(preferences, LIKED),
      'other preferences a run': mean(preferences.map((it) => others(it, world.liking > 0 ? LIKED : null))),
      'liked and wrong disputed': shareWith(disputes, WRONG),
      'other disputes a run': mean(
        disputes.map((it) => others(it, world.has_liked_and_wrong ? WRONG : null)),
      ),
    }
  })
  const [nothing, look, know, known_look, wrong] = rows
  const false_preferences = Math.max(...rows.map((it) => it['other preferences a run']))
  const false_disputes = Math.max(...rows.map((it) => it['other disputes a run']))
  return {
    name: 'Approvals against verified outcomes',
    about: `${SESSIONS} sessions of ${TASKS} tasks, all judged and verified, ${TOOLS} tools and ${LOOKS} looks of answers. Mean of ${seeds} runs.`,
    rows,
    bars: [
      {
        name: 'weight of approvals that know nothing',
        value: Math.max(nothing!.weight, look!.weight),
        limit: 0.05,
        is: 'at most',
      },
      {
        name: 'weight of approvals that know',
        value: Math.min(know!.weight, known_look!.weight),
        limit: 0.5,
        is: 'at least',
      },
      {
        name: 'preferences told on approvals that know nothing',
        value: look!['liked look told'],
        limit: 0.05,
        is: 'at most',
      },
      {
        name: 'liked look told where approvals know',
        value: known_look!['liked look told'],
        limit: 0.8,
        is: 'at least',
      },
      {
        name: 'liked and wrong disputed',
        value: wrong!['liked and wrong disputed'],
        limit: 0.9,
        is: 'at least',
      },
      { name: 'false preferences a run, worst case', value: false_preferences, limit: 0.1, is: 'at most' },
      { name: 'false disputes a run, worst case', value: false_disputes, limit: 0.1, is: 'at most' },
    ],
    skipped: null,
  }
}

function runOf(world: World, seed: number): { weight: number; findings: Finding[] } {
  const random = seeded(seed)
  const sessions = Array.from({ length: SESSIONS }, (_, i) => sessionOf(world, i, random))
  const counted = (failed: boolean): Count => {
    const judged = sessions.filter((it) => it.failed === failed)
    return [judged.filter((it) => it.approved).length, judged.length]
  }
  return {
    weight: approvalWeight(approvalRatio(counted(false), counted(true))),
    findings: mine(tallyOf(sessions.map((it) => it.counted))).findings.filter(
      (it) => it.channel === 'approval',
    ),
  }
}

function sessionOf(
  { approves, liking, has_liked_and_wrong }: World,
  i: number,
  random: Random,
): { counted: Counted; failed: boolean; approved: boolean } {
  const task = i % TASKS
  const traits: Record<string, number> = {}
  for (let tool = 0; tool < TOOLS; tool++) {
    // Half of the tools belong to the harder tasks.
    const usual = tool === 0 ? 0.15 : 0.6 / Math.sqrt(tool)
    if (random.chance(tool % 2 === 1 && task > TASKS / 2 ? Math.min(1, 2 * usual) : usual))
      traits[`use tool_${tool}`] = 0
  }
  for (let look = 0; look < LOOKS; look++) if (random.chance(0.4)) traits[`answer with look ${look}`] = 0
  const is_wrong = has_liked_and_wrong && WRONG in traits
  const failed = random.chance(is_wrong ? 0.9 : 0.05 + (0.6 * task) / TASKS)
  const approved = random.chance(
    Math.min(1, approves(failed) + (LIKED in traits ? liking : 0) + (is_wrong ? 0.25 : 0)),
  )
  const observed = (context: string, bad: boolean) =>
    ({ channel: 'approval', context, bad, event: 0, traits }) satisfies Counted['observations'][number]
  const counted: Counted = {
    session_id: `sesn_${String(i).padStart(5, '0')}`,
    cell: `v1|task-${task}`,
    person: null,
    at: null,
    observations: [
      observed('judged by people', !approved),
      observed('verified and judged by people', failed),
      ...(approved ? [observed('approved by people', failed)] : []),
    ],
  }
  return { counted, failed, approved }
}

function shareWith(runs: Finding[][], trait: string): number {
  return mean(runs.map((it) => Number(it.some((finding) => finding.trait === trait))))
}

function others(findings: Finding[], expected: string | null): number {
  return findings.filter((it) => it.trait !== expected).length
}

function mean(values: number[]): number {
  return values.reduce((sum, it) => sum + it, 0) / values.length
}
