import type { Command } from 'commander'
import { personName, wholeNumber } from '../option-values.ts'
import { type Perform, paged } from './command-parts.ts'

export function addRecall(reverie: Command, perform: Perform): void {
  reverie
    .command('recall')
    .description('what a new session is given of the memory, and what it goes without')
    .option('--agent <name>', 'whose memory; by default that of the session')
    .option('--store <name>', "the memory store; by default the agent's own")
    .option('--session <key>', 'what the harness calls the session: its lots are drawn by it')
    .option('--task <id>', 'which task it is')
    .option('--query <text>', 'what the session begins with')
    .option('--person <name>', 'whom it works for: lessons for one person need it')
    .option('--budget <tokens>', 'tokens at most (default: 2000)', wholeNumber(0, 100_000))
    .option('--as <name>', 'who asks (default: your account name)', personName)
    .addHelpText(
      'after',
      `
The text goes to stdout as it is to be put before the session, and nothing
besides; it is empty where there is nothing to give. Remarks go to stderr.

Some sessions go without a lesson, or without all, on purpose: that is how its
effect is known. A session that asks again gets what it got before.

Examples:
  $ reverie recall --agent desk --session run-17 --query "Refund order 9"
  $ reverie recall --agent desk --budget 500 --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/recall.ts')).recall(call, options)),
    )
}

export function addRecalls(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('recalls')
      .description('what sessions were given, the newest first')
      .option('--session <id>', 'only this session, by any name that it has')
      .option('--agent <name>', 'only sessions of this agent')
      .option('--store <name>', 'only of this memory store'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie recalls
  $ reverie recalls --session run-17 --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/recall.ts')).recalls(call, options)),
    )
}
