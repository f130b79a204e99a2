/** What several commands are declared with: who does their work, the options they share, the help of a group. */
import { type Command, Option } from 'commander'
import type { ChangeStatus } from '../../domain/change.ts'
import type { Answer, Call } from '../call.ts'
import { piiShapes, rowLimit } from '../option-values.ts'

/** Does the work of a command; given by whoever runs the program. */
export type Perform = <T>(work: (call: Call) => Promise<Answer<T>>) => Promise<void>

export function paged(command: Command): Command {
  return command
    .option('--limit <n>', 'rows at most (default: 50)', rowLimit)
    .option('--page <token>', 'where to go on: the next_page of the page before')
}

/** The options that say which changes. */
export function choosing(command: Command, usual: string): Command {
  const one = (flags: string, description: string, choices: string[]) =>
    new Option(flags, description).choices(choices)
  return command
    .option('--store <name>', 'only of this memory store')
    .addOption(one('--status <status>', `(default: ${usual})`, [...Object.keys(STATUSES), 'all']))
    .addOption(one('--kind <kind>', 'only of this kind', ['add', 'refresh', 'merge', 'stale', 'conflict']))
    .addOption(
      one('--tier <tier>', 'only with a lesson of this tier', ['verified', 'process', 'people', 'marker']),
    )
    .addOption(one('--verdict <verdict>', 'only with this verdict', ['allow', 'hold', 'deny']))
    .option('--path <pattern>', 'only at such paths; * within a name, ** anything')
}

/** Only types can be had of the domain here, as its schemas load zod. A status that is left out does not compile. */
const STATUSES: Record<ChangeStatus, true> = {
  undecided: true,
  approved: true,
  rejected: true,
  adopted: true,
  undone: true,
  superseded: true,
  denied: true,
}

export function redacting(command: Command): Command {
  return command
    .addOption(
      new Option('--redact <classes>', 'personal data to remove: email,phone,card,iban,national-id,ip or all')
        .env('REVERIE_REDACT')
        .argParser(piiShapes),
    )
    .addOption(new Option('--names <file>', 'names of persons to remove, one a line').env('REVERIE_NAMES'))
}

/** Collects an option that may be given more than once. */
export function each(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** A noun alone lists, so its help also tells the options of the list. */
export function helpOfGroup(group: Command, list: Command): void {
  const options = list.options.map((it) => `  ${it.flags.padEnd(16)}  ${it.description}`).join('\n')
  const name = `reverie ${group.name()}`
  group.addHelpText(
    'after',
    `\n\`${name}\` alone is \`${name} ${list.name()}\`, with these options:\n${options}`,
  )
}
