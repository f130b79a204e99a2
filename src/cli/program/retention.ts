import type { Command } from 'commander'
import { helpOfGroup, type Perform } from './command-parts.ts'

export function addRetention(reverie: Command, perform: Perform): void {
  const retention = reverie
    .command('retention')
    .helpCommand(false)
    .description('how long sessions are kept, by the policy in force')
  const run = retention
    .command('run', { isDefault: true })
    .description('remove what the policy keeps no longer')
    .option('--dry-run', 'show what would go, and remove nothing')
    .addHelpText(
      'after',
      `
The section retention of the policy says after how many days sessions go with
all that rests on them, or only their transcripts. Run it once a day.

Examples:
  $ reverie retention run --dry-run
  $ reverie retention run`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/erase.ts')).runRetention(call, options)),
    )
  helpOfGroup(retention, run)
}
