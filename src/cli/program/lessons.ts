import { type Command, Option } from 'commander'
import { type Perform, paged } from './command-parts.ts'

export function addLessons(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('lessons')
      .description('the lessons, those that matter most first')
      .option('--store <name>', 'only this memory store')
      .addOption(
        new Option('--tier <tier>', 'only lessons supported this well').choices([
          'verified',
          'process',
          'people',
          'marker',
        ]),
      )
      .option('--candidates', 'also what is only watched, and not yet written into the memory'),
  )
    .addHelpText(
      'after',
      `
Tiers, the best supported first:
  verified  sessions of one task end better or worse with it, judged by checks
  process   read off the tool calls: this call fails, this repair works
  people    people asked for it, again and again
  marker    goes together with good or bad endings, without proof of a cause

Examples:
  $ reverie lessons
  $ reverie lessons --tier verified --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/lessons.ts')).lessons(call, options)),
    )
}
