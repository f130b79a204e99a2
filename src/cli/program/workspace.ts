import { type Command, Option } from 'commander'
import { personName } from '../option-values.ts'
import { each, helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addWorkspace(reverie: Command, perform: Perform): void {
  const workspace = reverie
    .command('workspace')
    .helpCommand(false)
    .description('parts of the database that know nothing of each other')
  const list = paged(
    workspace.command('list', { isDefault: true }).description('every workspace of the database'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie workspace
  $ reverie workspace list --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/workspace.ts')).listWorkspaces(call, options)),
    )
  workspace
    .command('create')
    .description('make a workspace')
    .argument('<name>', 'small letters and digits, with dashes between them')
    .option('--model-host <host>', 'a host that may be called, once for each (default: none)', each)
    .option('--region <region>', 'a region it may be in, once for each (default: any)', each)
    .option('--offline', 'nothing leaves this machine')
    .option('--as <name>', 'who makes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Sessions, memories, dreams and the audit log of a workspace are its own; every
command works in one of them: --workspace NAME, or REVERIE_WORKSPACE.

Examples:
  $ reverie workspace create acme
  $ reverie workspace create clinic --offline --model-host localhost:11434
  $ reverie workspace create bank --model-host api.example.com --region eu`,
    )
    .action((name, options) =>
      perform(async (call) =>
        (await import('../commands/workspace.ts')).createWorkspace(call, name, options),
      ),
    )
  workspace
    .command('set')
    .description('change what a workspace may call')
    .argument('<name>', 'name of the workspace')
    .option('--model-host <host>', 'a host that may be called, once for each, in place of those before', each)
    .addOption(new Option('--no-hosts', 'no host may be called').conflicts('modelHost'))
    .option('--region <region>', 'a region it may be in, once for each, in place of those before', each)
    .addOption(new Option('--any-region', 'the hosts decide alone').conflicts('region'))
    .option('--offline', 'nothing leaves this machine')
    .addOption(new Option('--online', 'what is listed may be called').conflicts('offline'))
    .option('--as <name>', 'who changes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
What is not named stays as it is.

Examples:
  $ reverie workspace set default --offline
  $ reverie workspace set bank --model-host api.example.com --region eu`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('../commands/workspace.ts')).setWorkspace(call, name, options)),
    )
  workspace
    .command('show')
    .description('the workspace that is chosen, and what it allows')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie workspace show --workspace acme`,
    )
    .action(() => perform(async (call) => (await import('../commands/workspace.ts')).showOwnWorkspace(call)))
  helpOfGroup(workspace, list)
}
