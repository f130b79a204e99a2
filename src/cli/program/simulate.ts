import { type Command, Option } from 'commander'
import { wholeNumber } from '../option-values.ts'
import type { Perform } from './command-parts.ts'

/** Their code is loaded with the command. */
const WORLDS = [
  'document-review',
  'helpdesk',
  'code-review',
  'compliance-desk',
  'tool-change',
  'wrong-approvals',
  'poisoner',
  'nothing-to-learn',
]

export function addSimulate(reverie: Command, perform: Perform): void {
  reverie
    .command('simulate')
    .description(
      'see whether dreaming helps: an agent that dreams and one that does not, in an invented world',
    )
    .addOption(new Option('--world <name>', 'the invented world (default: document-review)').choices(WORLDS))
    .option('--nights <n>', 'how many (default: 30)', wholeNumber(1, 1_000))
    .option('--sessions <n>', "a night and agent (default: the world's own, 24 or 40)", wholeNumber(1, 500))
    .addOption(
      new Option('--agents <list>', 'which (default: treatment,control)').choices([
        'treatment,control',
        'treatment',
        'control',
      ]),
    )
    .option('--seed <n>', 'of the sessions (default: 1)', wholeNumber(0, 1_000_000))
    .option('--out <folder>', 'keep the sessions and the database there')
    .addHelpText(
      'after',
      `
A scripted agent works there by its habits. By day one agent reads what Reverie
recalls for it, as plain text, and mostly does what it reads; the other is given
nothing. At night the first one's memory dreams. No model, no network. Nothing
is written into your database.

Worlds:
  document-review   files in formats whose workarounds the agent forgets
  helpdesk          tools that want an order of calls, or ids in one form
  code-review       reviewers whose preferences stand only in what they do
  compliance-desk   reviews and tickets of the sample workload
  tool-change       a tool is switched off on night 40: give it 60 nights
  wrong-approvals   people approve what is wrong
  poisoner          a user and web pages try to write the memory
  nothing-to-learn  what helps is nothing: no lesson may be told

Examples:
  $ reverie simulate
  $ reverie simulate --world tool-change --nights 60
  $ reverie simulate --world helpdesk --seed 7 --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/simulate.ts')).simulate(call, options)),
    )
}
