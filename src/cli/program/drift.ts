import type { Command } from 'commander'
import { day, windowDays } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addDrift(reverie: Command, perform: Perform): void {
  reverie
    .command('drift')
    .description('how far an agent and its memory have moved between two days')
    .option('--from <day>', 'the first day of the earlier window (default: the first)', day)
    .option('--to <day>', 'the last day of the later window (default: the last)', day)
    .option('--window <length>', 'of both windows, as 7d or 4w (default: policy)', windowDays)
    .option('--agent <name>', 'this agent')
    .option('--store <name>', 'this memory store, and its agent')
    .option('--out <file>', 'write it as Markdown into a new file')
    .addHelpText(
      'after',
      `
What passed a threshold of the policy comes first, then what the agent does and
what its memory holds, then and now. Intervals are 95 %. docs/drift.md says what
each line measures.

Examples:
  $ reverie drift
  $ reverie drift --from 2026-08-31 --to 2026-11-06 --window 4w
  $ reverie drift --agent checkout --out drift.md`,
    )
    .action((options) => perform(async (call) => (await import('../commands/drift.ts')).drift(call, options)))
}
