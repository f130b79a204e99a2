import type { Command } from 'commander'
import { personName, sinceTime } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addErase(reverie: Command, perform: Perform): void {
  reverie
    .command('erase')
    .description('remove sessions, and all that rests on them, for good')
    .option('--session <id...>', "these sessions: our ids or the harness's own")
    .option('--user <name>', 'the sessions that worked for this person')
    .option('--before <when>', 'sessions that ended before then: 30d, 52w or a date', (text) =>
      sinceTime(text),
    )
    .option('--agent <name>', 'with --user or --before: only sessions of this agent')
    .option('--dry-run', 'show what would go, and remove nothing')
    .option('--yes', 'remove it')
    .option('--reason <text>', 'why, for the audit log, which keeps it for ever')
    .option('--as <name>', 'who erases (default: your account)', personName)
    .option('--finish', 'remove bytes that an earlier erase had to leave')
    .addHelpText(
      'after',
      `
Transcripts, reviews, quotes and counts go; lessons are tested again without
them, and memories that lose their support are taken out. Old versions, changes
and decisions that repeat their words are emptied, and the files hold no byte of
them afterwards. docs/privacy.md says what stays. It cannot be undone.

Copies of a session, and its subagents' sessions, go with it. The transcripts
themselves are not touched; ingested again they are refused.

Examples:
  $ reverie erase --user ana --dry-run
  $ reverie erase --session 5a1e0000-0000-4000-8000-000000000001 --yes
  $ reverie erase --before 400d --agent compliance-desk --yes`,
    )
    .action((options) => perform(async (call) => (await import('../commands/erase.ts')).erase(call, options)))
}
