import type { Command } from 'commander'
import { sinceTime } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addDream(reverie: Command, perform: Perform): void {
  reverie
    .command('dream')
    .description('work out what recurs in the new sessions, and propose it for the memory')
    .option('--store <name>', 'memory store (default: the one named like the agent)')
    .option('--agent <name>', 'only this agent (default: every agent, one dream each)')
    .option('--since <when>', 'only sessions from then on: 12h, 7d, 2w or a date', (text) => sinceTime(text))
    .option('--dry-run', 'show the changes and write nothing')
    .addHelpText(
      'after',
      `
A session is dreamed of once for each memory store. A dream proposes: nothing
goes live but what the policy allows, until somebody decides (\`reverie decide\`).

Examples:
  $ reverie dream
  $ reverie dream --agent claude-code:acme-api --since 7d --dry-run`,
    )
    .action((options) => perform(async (call) => (await import('../commands/dream.ts')).dream(call, options)))
}
