import type { Command } from 'commander'
import { type Perform, paged } from './command-parts.ts'

export function addDoctor(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('doctor')
      .description('whether dreaming helps your agents, and what is missing')
      .option('--agent <name>', 'only this agent'),
  )
    .addHelpText(
      'after',
      `
The verdict, from the latest 2,000 sessions of each agent:
  fit          lessons can come today
  not yet      they could: it says what to do first
  not for you  nothing recurs in this work, so there is nothing to learn

Examples:
  $ reverie doctor
  $ reverie doctor --agent checkout --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/doctor.ts')).doctor(call, options)),
    )
}
