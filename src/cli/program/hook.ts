import type { Command } from 'commander'
import { type Perform, redacting } from './command-parts.ts'

export function addHook(reverie: Command, perform: Perform): void {
  const hook = reverie
    .command('hook')
    .helpCommand(false)
    .description('what a harness calls when a session begins and when it has ended')
    .addHelpText('after', '\n`reverie hook` alone is `reverie hook catch-up`.')

  // A hook must not fail by what a newer harness, or an older installation, adds.
  hook
    .command('session-start')
    .description('what a session of Claude Code that begins is given')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
Reads what Claude Code tells its hooks on stdin, and answers as Claude Code
wants it. It always ends well, and soon: where the database cannot be read, or
others keep it for longer than an eighth of a second, it says so once and gives
nothing. \`reverie install claude-code\` puts it in.

Examples:
  $ echo '{"session_id":"s1","cwd":"/home/ada/acme-api"}' |
      reverie hook session-start
  $ reverie hook session-start < told.json`,
    )
    .action(() => perform(async (call) => (await import('../commands/hook.ts')).sessionStart(call)))

  redacting(hook.command('session-end'))
    .description('have a session of Claude Code that has ended stored')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
Reads what Claude Code tells its hooks on stdin, writes down which transcript
has ended, and starts \`reverie hook catch-up\` in the background. It always ends
well, and does not wait.

Examples:
  $ reverie hook session-end < told.json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/hook.ts')).sessionEnd(call, options)),
    )

  redacting(hook.command('catch-up', { isDefault: true }))
    .description('store the sessions that have ended, and dream where it is time')
    .addHelpText(
      'after',
      `
What \`reverie hook session-end\` starts in the background: it stores the sessions
that were written down, and those of the same projects whose end nobody told of,
and dreams for an agent whose last dream is a day ago. One works at a time.
What it did stands in hooks.log in the data folder.

Examples:
  $ reverie hook catch-up`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/hook.ts')).catchUp(call, options)),
    )
}
