import type { Command } from 'commander'
import { budgetOf, sinceTime } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

export function addDream(reverie: Command, perform: Perform): void {
  reverie
    .command('dream')
    .description('work out what recurs in the new sessions, and propose it for the memory')
    .option('--store <name>', 'memory store (default: the one named like the agent)')
    .option('--agent <name>', 'only this agent (default: every agent, one dream each)')
    .option('--since <when>', 'only sessions from then on: 12h, 7d, 2w or a date', (text) => sinceTime(text))
    .option('--dry-run', 'show the changes and write nothing')
    .option('--model <name>', 'a language model to ask as well, as provider/model, or none')
    .option('--budget <limit>', 'what it may cost: 200000tokens, 2.50usd, or both with a comma', budgetOf)
    .option('--at-night', 'ask in batches, in the hours that are configured, and wait: half the price')
    .option('--record <folder>', 'write every exchange with the model into this folder')
    .option('--replay <folder>', 'take the answers of the model from this folder')
    .addHelpText(
      'after',
      `
A session is dreamed of once for each memory store. A dream proposes: nothing
goes live but what the policy allows, until somebody decides (\`reverie decide\`).
Without a model nothing is asked of anybody; docs/models.md says what one adds.

Examples:
  $ reverie dream
  $ reverie dream --agent claude-code:acme-api --since 7d --dry-run
  $ reverie dream --model anthropic/claude-haiku-4-5 --budget 1usd`,
    )
    .action((options) => perform(async (call) => (await import('../commands/dream.ts')).dream(call, options)))
}
