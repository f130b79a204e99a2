import type { Command } from 'commander'
import { type Perform, redacting } from './command-parts.ts'

export function addStart(reverie: Command, perform: Perform): void {
  redacting(reverie.command('start'))
    .description('find the agent sessions on this machine, dream over them and print the lessons')
    .addHelpText(
      'after',
      `
Looks for sessions of Claude Code and Codex. Where there are none, it makes a
sample workload and dreams over that, in a database of its own. The sessions are
only read; everything written is in Reverie's own data folder.

Examples:
  $ reverie start
  $ reverie start --json`,
    )
    .action((options) => perform(async (call) => (await import('../commands/start.ts')).start(call, options)))
}
