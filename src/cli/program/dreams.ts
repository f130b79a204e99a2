import type { Command } from 'commander'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addDreams(reverie: Command, perform: Perform): void {
  const dreams = reverie.command('dreams').helpCommand(false).description('the dreams so far')
  const list = paged(
    dreams
      .command('list', { isDefault: true })
      .description('every dream, the latest first')
      .option('--store <name>', 'only dreams of this memory store'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie dreams
  $ reverie dreams --store compliance-desk --limit 5`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/dreams.ts')).listDreams(call, options)),
    )
  dreams
    .command('show')
    .description('one dream, with the changes it proposed line by line')
    .argument('<id>', 'id of the dream, or the beginning of it')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie dreams show drm_0123456789abcdef01234567`,
    )
    .action((id) => perform(async (call) => (await import('../commands/dreams.ts')).showDream(call, id)))
  helpOfGroup(dreams, list)
}
