import type { Command } from 'commander'
import { day, personName } from '../option-values.ts'
import { choosing, type Perform } from './command-parts.ts'

export function addDecide(reverie: Command, perform: Perform): void {
  choosing(
    reverie
      .command('decide')
      .description('approve, reject or edit what dreams propose')
      .argument('[change]', 'id of a change, or of a dream, or the beginning of one')
      .argument('[word]', 'approve, reject or edit'),
    'undecided',
  )
    .option('--dream <id>', 'only changes of this dream')
    .option('--all', 'decide all that fit: decide --all approve')
    .option('--yes', 'without asking, as scripts need it')
    .option('--reason <text>', 'why; a rejection needs one')
    .option('--until <date>', 'reject up to and on this day: 2026-12-31', day)
    .option('--covered-by <path>', 'reject while this memory stands')
    .option('--file <file>', 'the edited text (default: your editor opens)')
    .option('--expect <state>', 'only if the change is in this state (state_sha256)')
    .option('--as <name>', 'who decides (default: your account)', personName)
    .addHelpText(
      'after',
      `
On a terminal, without a word to say, it shows one change after another and asks
for a key. What is approved is the exact text; \`reverie adopt\` puts it live.
What is rejected is not proposed again, unless twice as many sessions speak for
it one day, or --until has passed, or the memory that covers it is gone.

Examples:
  $ reverie decide
  $ reverie decide chg_1a2b3c4d approve
  $ reverie decide chg_1a2b3c4d reject --reason 'only true of the old API'
  $ reverie decide chg_1a2b3c4d edit --file better.md
  $ reverie decide --all approve --tier verified --yes`,
    )
    .action((change, word, options) =>
      perform(async (call) =>
        (await import('../commands/decide.ts')).decide(
          call,
          [change, word].filter((it) => it !== undefined),
          options,
        ),
      ),
    )
}
