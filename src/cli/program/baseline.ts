import type { Command } from 'commander'
import { sinceTime } from '../option-values.ts'
import { type Perform, paged } from './command-parts.ts'

export function addBaseline(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('baseline')
      .description('how each agent works without lessons, in numbers')
      .option('--agent <name>', 'only this agent')
      .option('--since <when>', 'only sessions from then on: 12h, 7d, 2w or a date', (text) =>
        sinceTime(text),
      )
      .option('--until <when>', 'only sessions that began before then', (text) => sinceTime(text))
      .option('--by-intent', 'also each kind of work'),
  )
    .addHelpText(
      'after',
      `
It counts the sessions that began before the first lesson went live; while none
is, all of them. What a session does not say is unknown, and counts as nothing
else. The intervals are 95 %.

Examples:
  $ reverie baseline
  $ reverie baseline --agent compliance-desk --by-intent --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/baseline.ts')).baseline(call, options)),
    )
}
