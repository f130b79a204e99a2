/**
 * Code review: an agent proposes changes, and reviewers have preferences that decide whether a change is merged.
 *
 * What they want stands nowhere but in what they say and do: they ask for a test plan, add a line on rollback where a request
 * mentions a migration, and put plain words in the place of others. One thing is the tools': the gate turns down what was not linted.
 */
import type { Random } from '../compliance-desk/random.ts'
import { PEOPLE } from '../compliance-desk/world.ts'
import { AGAIN, first, GIVE_UP } from './helpdesk.ts'
import {
  type Desk,
  did,
  hardness,
  type Occasion,
  type Reception,
  told,
  type Work,
  type World,
} from './world.ts'

const CHANGES = [
  'typo-fix',
  'dependency-bump',
  'new-endpoint',
  'slow-query',
  'flaky-job',
  'schema-change',
  'cache-layer',
  'retry-logic',
  'log-format',
  'date-parsing',
]

const MODULES = ['billing', 'search', 'sessions', 'reports', 'gateway', 'catalog', 'mailer', 'ledger']

export const codeReview: World = {
  name: 'code-review',
  about:
    'changes to code, merged or sent back by reviewers whose preferences stand only in what they say and edit',
  tasks: CHANGES,
  tools: {
    read_files: {
      takes: ['module'],
      answer: ({ module }, { random }) => ({ result: { module, files: random.int(2, 30) } }),
    },
    run_linter: { takes: ['module'], answer: ({ module }) => ({ result: { module, findings: 0 } }) },
    run_suite: {
      takes: ['module'],
      answer: ({ module }, { random }) => ({ result: { module, passed: random.int(20, 400) } }),
    },
    submit_change: {
      takes: ['module', 'change'],
      answer: ({ module, change }, desk) =>
        did(desk, 'run_linter')
          ? { result: { change, state: 'in review' } }
          : { error: `merge gate: no lint report for ${change} in ${module}` },
    },
  },
  practices: [
    { told: /test plan/i, adds: 'Test plan: ran the suite of the module and the job by hand.' },
    { told: /rollback/i, adds: 'Rollback: restore the snapshot, owner is on call.' },
  ],
  work: change,
  success: merged,
  receive,
  sessions: 24,
  verified_share: 0.9,
  rule: 'merged-and-kept@1',
  never: [],
}

function change(task: string, { random }: Occasion): Work {
  const facts: Work['facts'] = {
    module: [random.pick(MODULES)],
    change: [`CH-${random.int(1000, 9999)}`],
    task: [task.replace('-', ' ')],
  }
  const asks = random.chance(0.4) ? `${random.pick(ASKS)} ${random.pick(MIGRATIONS)}` : random.pick(ASKS)
  return {
    task,
    person: random.pick(PEOPLE),
    request: told(asks, facts),
    facts,
    steps: [
      { tool: 'read_files', reactions: [[GIVE_UP, 1]] },
      { draft: told(described(random), facts) },
      {
        tool: 'submit_change',
        before: [
          ['run_linter', 0.45],
          ['run_suite', 0.6],
        ],
        reactions: [
          [GIVE_UP, 4],
          [AGAIN, 3],
          [first('run_linter'), 3],
        ],
      },
    ],
  }
}

const ASKS = [
  'Please take the {task} in {module}.',
  'We need the {task} in {module} done this week.',
  'Can you prepare a change for {module}: {task}?',
]
const MIGRATIONS = ['It needs a migration.', 'There is a migration in it.', 'The migration goes out with it.']

function described(random: Random): string {
  return [
    'Change {change} for {module}.',
    random.pick(['The {task} is done as asked.', 'This does the {task}.', 'Here is the {task}.']),
    random.pick([
      'It touches two files.',
      'No interface changes.',
      'The diff is small.',
      'One helper became two.',
    ]),
    random.pick(['We utilize the existing pool.', 'We utilize the old queue for it.', 'Nothing else moves.']),
  ].join(' ')
}

const isMigration = ({ work }: Desk) => work.request.includes('migration')

/** Reviewers edit what is quickly edited, say what is quickly said, and let the rest pass or send it back. */
function receive(draft: string, desk: Desk): Reception {
  const { random } = desk
  const said: Reception = {}
  if (isMigration(desk) && !/rollback/i.test(draft) && random.chance(0.7))
    said.edit = `${draft}\n${random.pick(ROLLBACKS)}`
  else if (draft.includes('utilize') && random.chance(0.6)) said.edit = draft.replaceAll('utilize', 'use')
  if (!/test plan/i.test(draft) && random.chance(0.3)) said.correction = random.pick(TEST_PLANS)
  return said
}

const ROLLBACKS = [
  'Rollback: restore the snapshot, owner is on call.',
  'Rollback plan: restore the snapshot; the owner is on call.',
  'Rollback: the owner on call restores the snapshot.',
]
const TEST_PLANS = [
  'Please always add a test plan to the description.',
  'You should add the test plan to the description.',
  'No, the test plan is missing. Please add a test plan to every description.',
  'Again: put a test plan into the description, please.',
  'The description needs a test plan, please always add it.',
]

/** Reviewers decide by what the agent wrote first: a change that has to be explained comes back. */
function merged({ work, failed, drafts, calls }: Desk): number {
  const [text = ''] = drafts
  const misses = [
    !/test plan/i.test(text),
    work.request.includes('migration') && !/rollback/i.test(text),
  ].filter((it) => it).length
  const untested = calls.some((it) => it.tool === 'run_suite') ? 1 : 0.85
  return (1 - hardness(CHANGES, work.task, 0.03, 0.25)) * 0.5 ** misses * 0.05 ** failed.length * untested
}
