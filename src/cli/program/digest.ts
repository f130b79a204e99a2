import type { Command } from 'commander'
import { type Perform, paged } from './command-parts.ts'

export function addDigest(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('digest')
      .description('what was learned, and what became of it, in words')
      .argument('[dream]', 'id of a dream (default: the last one of each memory store)')
      .option('--store <name>', 'only this memory store')
      .option('--out <file>', 'write it as Markdown into a new file'),
  )
    .addHelpText(
      'after',
      `
Counts first, then a line for each change: the lesson, why to believe it, and
whether it is live and by whose word. It says whether the proposals are still
those whose hash the audit log holds.

Examples:
  $ reverie digest
  $ reverie digest --store compliance-desk --out digest.md`,
    )
    .action((dream, options) =>
      perform(async (call) => (await import('../commands/digest.ts')).digest(call, dream, options)),
    )
}
