import { type Command, Option } from 'commander'
import { personName } from '../option-values.ts'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addExperiments(reverie: Command, perform: Perform): void {
  const experiments = reverie
    .command('experiments')
    .helpCommand(false)
    .description('who goes without lessons, so that their effect is known')
  const list = paged(
    experiments
      .command('list', { isDefault: true })
      .description('the comparisons, the newest first')
      .option('--store <name>', 'only of this memory store')
      .addOption(new Option('--kind <kind>', 'only of this kind').choices(['memory', 'lesson', 'agent']))
      .addOption(new Option('--status <status>', 'only these').choices(['running', 'ended'])),
  )
    .addHelpText(
      'after',
      `
Kinds:
  memory  sessions with all lessons of a memory store against sessions with none
  lesson  sessions with one lesson against sessions without it
  agent   an agent against another one that is never given memory

Those of the first two kinds start by themselves with the first session that
recalls a lesson. The policy says how many sessions go without.

Examples:
  $ reverie experiments
  $ reverie experiments list --kind lesson --status running --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/experiments.ts')).listExperiments(call, options)),
    )
  experiments
    .command('show')
    .description('one comparison: who goes without, and what the sessions say so far')
    .argument('<experiment>', 'id of the experiment, or the beginning of it')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie experiments show exp_1a2b3c4d`,
    )
    .action((id) => perform(async (call) => (await import('../commands/experiments.ts')).showOne(call, id)))
  experiments
    .command('start')
    .description('compare an agent with another, or measure a lesson again')
    .option('--control-agent <name>', 'the agent that is given no memory from now on')
    .option('--lesson <lesson>', 'id of a lesson whose experiment was ended, or the beginning of it')
    .option('--store <name>', 'the memory store of the agent that learns, or of the lesson')
    .option('--agent <name>', 'the agent that learns, where it has one memory store')
    .option('--as <name>', 'who starts it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Two agents can only be compared where both are given the same kind of work:
nobody draws lots there. The control has to be one that is given no memory yet.

Examples:
  $ reverie experiments start --agent desk --control-agent desk-without
  $ reverie experiments start --lesson pat_1a2b3c4d`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/experiments.ts')).startExperiment(call, options)),
    )
  experiments
    .command('end')
    .description('end a comparison, for good')
    .argument('<experiment>', 'id of the experiment, or the beginning of it')
    .requiredOption('--reason <text>', 'why; it is kept')
    .option('--as <name>', 'who ends it (default: your account)', personName)
    .addHelpText(
      'after',
      `
A lesson is then given to every session that it fits, and its effect is not
measured any more, until you start that again. That of a whole memory store is
switched off in the policy.

Examples:
  $ reverie experiments end exp_1a2b3c4d --reason 'nobody may go without it'`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('../commands/experiments.ts')).endExperiment(call, id, options)),
    )
  helpOfGroup(experiments, list)
}
