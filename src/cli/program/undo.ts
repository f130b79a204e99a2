import type { Command } from 'commander'
import { personName } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addUndo(reverie: Command, perform: Perform): void {
  reverie
    .command('undo')
    .description('take one adopted change back')
    .argument('<change>', 'id of the change, or the beginning of it')
    .option('--reason <text>', 'why; it is kept, and no dream proposes the change again')
    .option('--as <name>', 'who takes it back (default: your account)', personName)
    .addHelpText(
      'after',
      `
What stood there before is put back as a new version, whatever became of other
memories since. Where the memory itself was changed since, that is refused, and
says by what. Only twice as many sessions bring the change up again.

Examples:
  $ reverie undo chg_1a2b3c4d --reason 'only true of the old API'`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('../commands/adopt.ts')).undo(call, id, options)),
    )
}
