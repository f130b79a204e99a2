/**
 * Whether an action says, by the first word of its name, that it changes something: `cancel_order`, `UpdateRecord`,
 * `git push`, `mcp__crm__delete_contact`.
 *
 * No harness says which tools write, so this is a reading of names and no knowledge: a tool named otherwise is not
 * seen, and one named misleadingly is. What is counted by it is told to a reader as what it is ("whose name says that
 * it changes something"); a wrong reading makes a pattern weaker, never false.
 */
export function saysItChanges(action: string): boolean {
  const name = action.slice(action.lastIndexOf('__') + 1)
  const [first = '', second = ''] = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((it) => it !== '')
  return VERBS.has(WITH_SUBCOMMAND.has(first) ? second : first)
}

const VERBS = new Set(
  `add apply approve archive assign book buy cancel change charge chmod chown close commit cp create delete deploy
   disable drop edit enable exchange grant insert invite issue merge mkdir modify move mv pay place post
   publish purchase push put refund reject release remove rename replace reopen reschedule reset return revoke rm
   schedule send set ship submit suspend touch transfer unassign update upgrade upload upsert write`.split(
    /\s+/,
  ),
)

const WITH_SUBCOMMAND = new Set([
  'git',
  'gh',
  'docker',
  'kubectl',
  'aws',
  'gcloud',
  'az',
  'helm',
  'terraform',
])
