import { type Command, Option } from 'commander'
import { type Perform, redacting } from './command-parts.ts'

export function addInstall(reverie: Command, perform: Perform): void {
  redacting(harness(reverie.command('install')))
    .description('let a harness keep Reverie going: what each session is given, and learns')
    .addHelpText(
      'after',
      `
Writes two hooks into the settings of Claude Code: what was learned is given to
a session when it begins, and the session is stored, and dreamed over once a
day, when it has ended. Everything else in the file stays as it is, and
\`reverie uninstall claude-code\` takes the hooks out again.

The settings are your own (~/.claude/settings.json, or where CLAUDE_CONFIG_DIR
says), or with --project those of this folder that are never committed
(.claude/settings.local.json). The database, the workspace and what is to be
redacted are written into the hooks where you name them.

Examples:
  $ reverie install claude-code --dry-run
  $ reverie install claude-code
  $ reverie install claude-code --project --redact email,phone`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('../commands/install.ts')).install(call, name, options)),
    )
}

export function addUninstall(reverie: Command, perform: Perform): void {
  harness(reverie.command('uninstall'))
    .description('take out again what `reverie install` wrote')
    .addHelpText(
      'after',
      `
The file is afterwards, to the byte, what it was before, where nothing else in
it was changed since. What Reverie has stored stays: \`reverie erase\` removes it.

Examples:
  $ reverie uninstall claude-code
  $ reverie uninstall claude-code --project`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('../commands/install.ts')).uninstall(call, name, options)),
    )
}

function harness(command: Command): Command {
  return command
    .addArgument(command.createArgument('<harness>', 'only claude-code so far').choices(['claude-code']))
    .addOption(new Option('--project', 'only for sessions that are started in this folder'))
    .option('--dry-run', 'only say what would be written')
}
