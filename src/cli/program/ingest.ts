import { type Command, Option } from 'commander'
import { type Perform, redacting } from './command-parts.ts'

export function addIngest(reverie: Command, perform: Perform): void {
  redacting(reverie.command('ingest'))
    .description('store the sessions in these transcript files and folders')
    .argument('<path...>', 'files, or folders that are searched to the bottom')
    .addOption(
      new Option('--harness <name>', 'format of the transcripts')
        .choices(['auto', 'claude-code', 'codex', 'managed-agents', 'openai-chat', 'steps'])
        .default('auto'),
    )
    .option('--agent <name>', 'whose sessions they are (default: as the transcript says)')
    .option('--again', 'also store what was erased')
    .addHelpText(
      'after',
      `
Secrets are removed before anything is stored, and a session that is there
already is not stored again. What cannot be read is reported and does not stop
the rest. The files are only read.

Personal data is removed where it is asked for. The same value gets the same
placeholder everywhere in one database, so what recurs can still be counted.

Examples:
  $ reverie ingest ~/.claude/projects
  $ reverie ingest ~/.claude/projects --redact email,phone --names staff.txt
  $ reverie ingest sessions.jsonl --harness steps --agent refund-desk`,
    )
    .action((paths, options) =>
      perform(async (call) => (await import('../commands/ingest.ts')).ingest(call, paths, options)),
    )
}
