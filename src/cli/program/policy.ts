import type { Command } from 'commander'
import { personName } from '../option-values.ts'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addPolicy(reverie: Command, perform: Perform): void {
  const policy = reverie
    .command('policy')
    .helpCommand(false)
    .description('what goes live without a person, and what never does')
  const show = policy
    .command('show', { isDefault: true })
    .description('the policy in force, as it was written')
    .option('--sha256 <beginning>', 'another one, by the first characters of its hash')
    .addHelpText(
      'after',
      `
docs/policy.md explains every key.

Examples:
  $ reverie policy show > policy.yaml
  $ reverie policy --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/policy.ts')).showPolicy(call, options)),
    )
  policy
    .command('check')
    .description('look for errors in a policy, and set nothing')
    .argument('<file>', 'a policy in YAML')
    .addHelpText(
      'after',
      `
Names every error by line and column; the exit code is then 1.

Examples:
  $ reverie policy check policy.yaml`,
    )
    .action((file) => perform(async () => (await import('../commands/policy.ts')).checkPolicy(file)))
  policy
    .command('set')
    .description('put a policy in force')
    .argument('<file>', 'a policy in YAML')
    .option('--as <name>', 'who sets it (default: your account)', personName)
    .addHelpText(
      'after',
      `
It holds for what is proposed from then on. The one before is kept, and can be
set again.

Examples:
  $ reverie policy set policy.yaml
  $ reverie policy set policy.yaml --as ana`,
    )
    .action((file, options) =>
      perform(async (call) => (await import('../commands/policy.ts')).setPolicy(call, file, options)),
    )
  paged(
    policy
      .command('test')
      .description('what a policy would have said of past changes; writes nothing')
      .argument('<file>', 'a policy in YAML')
      .option('--dream <id>', 'only the changes of this dream'),
  )
    .addHelpText(
      'after',
      `
Every change that was ever proposed is judged anew, against the memory as its
dream read it. Counted are all; listed are those of which the policy says
something else than was said.

Examples:
  $ reverie policy test policy.yaml
  $ reverie policy test policy.yaml --dream drm_0123456789ab --limit 10`,
    )
    .action((file, options) =>
      perform(async (call) => (await import('../commands/policy.ts')).testPolicy(call, file, options)),
    )
  paged(policy.command('history').description('which policy was in force since when, the latest first'))
    .addHelpText(
      'after',
      `
Examples:
  $ reverie policy history`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/policy.ts')).policyHistory(call, options)),
    )
  helpOfGroup(policy, show)
}
