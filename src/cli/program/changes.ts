import type { Command } from 'commander'
import { choosing, helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addChanges(reverie: Command, perform: Perform): void {
  const changes = reverie
    .command('changes')
    .helpCommand(false)
    .description('what dreams propose, and what became of it')
  const list = choosing(
    paged(
      changes
        .command('list', { isDefault: true })
        .description('the changes that wait, those of the latest dream first')
        .argument('[dream]', 'id of a dream, or the beginning of it (default: all)'),
    ),
    'undecided and approved',
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie changes
  $ reverie changes --tier verified --path '/mistakes/**'
  $ reverie changes drm_1a2b3c4d --status all --json`,
    )
    .action((dream, options) =>
      perform(async (call) => (await import('../commands/changes.ts')).listChanges(call, dream, options)),
    )
  changes
    .command('show')
    .description('one change with all that a decision rests on')
    .argument('<change>', 'id of the change, or the beginning of it')
    .addHelpText(
      'after',
      `
The text before and after line by line, why, the lessons and their effect, some
of the quotes, the verdict of the policy, and who decided what and when.

Examples:
  $ reverie changes show chg_1a2b3c4d
  $ reverie changes show chg_1a2b3c4d --json`,
    )
    .action((id) => perform(async (call) => (await import('../commands/changes.ts')).showChange(call, id)))
  helpOfGroup(changes, list)
}
