import type { Command } from 'commander'
import { type Perform, paged } from './command-parts.ts'

export function addEvidence(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('evidence')
      .description('the quotes behind one lesson')
      .argument('<lesson>', 'id of the lesson, or the beginning of it')
      .option('--store <name>', 'as this memory store has learned it, where several have'),
  )
    .addHelpText(
      'after',
      `
Each quote stands word for word in the event that it names.

Examples:
  $ reverie evidence pat_1a2b3c4d
  $ reverie evidence pat_1a2b3c4d --json`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('../commands/lessons.ts')).evidence(call, id, options)),
    )
}
