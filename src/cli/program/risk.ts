import type { Command } from 'commander'
import { type Perform, paged } from './command-parts.ts'

export function addRisk(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('risk')
      .description('where sessions are likely to fail, task by task')
      .option('--agent <name>', 'only this agent')
      .option('--store <name>', 'only what this memory store has dreamed of'),
  )
    .addHelpText(
      'after',
      `
A view of where to look, no lesson: nothing of it is tested, and nothing of it
is told to an agent. It counts the sessions that were dreamed of and have a
verified outcome. The intervals are 95 %.

Examples:
  $ reverie risk
  $ reverie risk --agent compliance-desk --json`,
    )
    .action((options) => perform(async (call) => (await import('../commands/risk.ts')).risk(call, options)))
}
