import type { Command } from 'commander'
import { day } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addReport(reverie: Command, perform: Perform): void {
  reverie
    .command('report')
    .description('write a page about what was learned, whether it helps, and what it costs')
    .requiredOption('--out <folder>', 'where report.html and report.json go')
    .option('--store <name>', 'only this memory store')
    .option('--agent <name>', 'only the memory stores of this agent')
    .option('--from <day>', 'first day, as 2026-09-01 (default: twelve weeks before the last)', day)
    .option('--to <day>', 'last day (default: today)', day)
    .addHelpText(
      'after',
      `
The page needs no network and no script, and can be printed. A folder that
holds anything but the last report is left as it is.

Examples:
  $ reverie report --out report
  $ reverie report --out november --store compliance-desk --from 2026-11-01`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/report.ts')).report(call, options)),
    )
}
