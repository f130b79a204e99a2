import type { Command } from 'commander'
import { personName } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addAdopt(reverie: Command, perform: Perform): void {
  reverie
    .command('adopt')
    .description('put approved changes into the live memory')
    .argument('[dream]', 'id of a dream, or the beginning of it (default: all that is approved)')
    .option('--change <id...>', 'only these changes')
    .option('--store <name>', 'all that is approved for this memory store (default: the only one)')
    .option('--as <name>', 'who adopts (default: your account)', personName)
    .option('--dry-run', 'show what would go live and write nothing')
    .addHelpText(
      'after',
      `
Exactly the text that was approved goes live, all of it in one transaction.
Where a memory is not what it was when its change was proposed, nothing is
written over: the change is put up again, against the text of now. The policy in
force is asked again. What is not live is told, and the exit code is then 1.

Examples:
  $ reverie adopt
  $ reverie adopt drm_1a2b3c4d --dry-run
  $ reverie adopt --change chg_1a2b3c4d chg_5e6f7a8b`,
    )
    .action((dream, options) =>
      perform(async (call) => (await import('../commands/adopt.ts')).adopt(call, dream, options)),
    )
}
