import type { Command } from 'commander'
import type { Perform } from './command-parts.ts'

export function addModels(reverie: Command, perform: Perform): void {
  reverie
    .command('models')
    .description('which language models may be asked, and what they cost')
    .addHelpText(
      'after',
      `
They are configured in models.yaml, in the data folder or where REVERIE_MODELS
says; docs/models.md explains every key. Without it no model is asked. Keys
stand in the environment, and are never shown.

Examples:
  $ reverie models
  $ reverie models --json`,
    )
    .action(() => perform(async (call) => (await import('../commands/models.ts')).showModels(call)))
}
