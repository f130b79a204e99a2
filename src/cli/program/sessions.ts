import type { Command } from 'commander'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addSessions(reverie: Command, perform: Perform): void {
  const sessions = reverie.command('sessions').helpCommand(false).description('the sessions that are stored')
  const list = paged(
    sessions
      .command('list', { isDefault: true })
      .description('every session, the latest to arrive first')
      .option('--agent <name>', 'only sessions of this agent'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie sessions
  $ reverie sessions --agent compliance-desk --limit 10`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/sessions.ts')).listSessions(call, options)),
    )
  sessions
    .command('show')
    .description('one session, event by event')
    .argument('<id>', "id of the session, ours or the harness's own")
    .addHelpText(
      'after',
      `
Long texts are cut; --json has them in full.

Examples:
  $ reverie sessions show sesn_0123456789abcdef01234567
  $ reverie sessions show 5a1e0000-0000-4000-8000-000000000001 --json`,
    )
    .action((id) => perform(async (call) => (await import('../commands/sessions.ts')).showSession(call, id)))
  helpOfGroup(sessions, list)
}
