import { type Command, Option } from 'commander'
import { type Perform, paged } from './command-parts.ts'

export function addLift(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('lift')
      .description('does it help: sessions with memory against sessions without')
      .option('--store <name>', 'only of this memory store')
      .addOption(new Option('--kind <kind>', 'only of this kind').choices(['memory', 'lesson', 'agent']))
      .option('--experiment <experiment>', 'only this one, by its id or the beginning of it'),
  )
    .addHelpText(
      'after',
      `
The whole memory comes first, then agents, then single lessons. The intervals
hold at every look: you may run this every night and stop when you like.

Examples:
  $ reverie lift
  $ reverie lift --kind lesson
  $ reverie lift --experiment exp_1a2b3c4d --json`,
    )
    .action((options) => perform(async (call) => (await import('../commands/lift.ts')).lift(call, options)))
}
