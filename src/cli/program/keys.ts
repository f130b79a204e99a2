import { type Command, Option } from 'commander'
import { personName, untilTime } from '../option-values.ts'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addKeys(reverie: Command, perform: Perform): void {
  const keys = reverie.command('keys').helpCommand(false).description('who may call the server')
  const list = paged(
    keys.command('list', { isDefault: true }).description('the keys to the workspace, the newest first'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie keys
  $ reverie keys list --workspace acme --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/keys.ts')).listKeys(call, options)),
    )
  keys
    .command('create')
    .description('make a key to the workspace')
    .argument('<name>', 'whose it is, or what for')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['reader', 'writer', 'reviewer', 'admin'])
        .makeOptionMandatory(),
    )
    .option('--expires <when>', 'the last day it opens anything, or after how long: 12h, 30d', (text) =>
      untilTime(text),
    )
    .option('--as <name>', 'who makes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Roles, each with all that the ones before it may:
  reader    reads
  writer    puts sessions in and starts dreams
  reviewer  decides on changes, writes memories and memory stores
  admin     sets policies, keys, schedules and webhooks, and deletes

The key is shown this once; the database keeps only its hash.

Examples:
  $ reverie keys create ci --role writer --expires 90d
  $ reverie keys create ana --role reviewer --workspace acme`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('../commands/keys.ts')).createKey(call, name, options)),
    )
  keys
    .command('revoke')
    .description('take a key back: it opens nothing from now on')
    .argument('<key>', 'id of the key, or the beginning of it')
    .option('--as <name>', 'who revokes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Examples:
  $ reverie keys revoke apikey_1a2b3c4d`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('../commands/keys.ts')).revokeKey(call, id, options)),
    )
  helpOfGroup(keys, list)
}
