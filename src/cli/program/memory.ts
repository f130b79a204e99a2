import { type Command, Option } from 'commander'
import { pastState, personName } from '../option-values.ts'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addMemory(reverie: Command, perform: Perform): void {
  const memory = reverie.command('memory').helpCommand(false).description('what the memory stores hold')
  const store = (usual: string) => new Option('--store <name>', `memory store (default: ${usual})`)
  const output = () => new Option('--dream <id>', 'what this dream came to: what it read, with its changes')
  const list = paged(
    memory
      .command('ls', { isDefault: true })
      .description('the memories by their paths')
      .addOption(store('all'))
      .addOption(output()),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie memory
  $ reverie memory ls --store compliance-desk
  $ reverie memory ls --dream drm_1a2b3c4d`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/memory.ts')).listMemories(call, options)),
    )
  memory
    .command('cat')
    .description('one memory as it stands now')
    .argument('<path>', 'path of the memory')
    .addOption(store('the one that has it'))
    .addOption(output())
    .addHelpText(
      'after',
      `
Control characters are shown as letters; \`memory export\` and --json keep every
byte.

Examples:
  $ reverie memory cat /_index.md`,
    )
    .action((path, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).showMemory(call, path, options)),
    )
  paged(
    memory
      .command('history')
      .description('every version of one memory, the newest first')
      .argument('<path>', 'path of the memory')
      .addOption(store('the one that has it')),
  )
    .addHelpText(
      'after',
      `
By whom the text is, and below it who acted and why. The number is the place of
the version among all of the database: a store is restored to it.

Examples:
  $ reverie memory history /_index.md
  $ reverie memory history /_index.md --json`,
    )
    .action((path, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).memoryHistory(call, path, options)),
    )
  memory
    .command('show')
    .description('one version of a memory')
    .argument('<version>', 'id of the version, or the beginning of it')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie memory show memver_1a2b3c4d`,
    )
    .action((id) => perform(async (call) => (await import('../commands/memory.ts')).showVersion(call, id)))
  memory
    .command('diff')
    .description('what changed in a memory')
    .argument('<one>', 'a version, or a path: what its last version changed')
    .argument('[other]', 'another version (default: the one before)')
    .addOption(store('the one that has it'))
    .addHelpText(
      'after',
      `
With one version, what it changed; with two, of any memories, what is between
them. What a store would be is shown by \`memory restore --dry-run\`, and what a
dream changes by \`changes show\`.

Examples:
  $ reverie memory diff /_index.md
  $ reverie memory diff memver_1a2b3c4d memver_5e6f7a8b`,
    )
    .action((one, other, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).diffMemory(call, one, other, options)),
    )
  memory
    .command('restore')
    .description('put an earlier version back, or a whole store as it once was')
    .argument('[version]', 'id of a version, or the beginning of it')
    .addOption(store('the only one'))
    .addOption(
      new Option(
        '--to <when>',
        'restore the store to then: 12h, 7d, 2w ago, a date, or a version number',
      ).argParser(pastState),
    )
    .option('--as <name>', 'who restores (default: your account)', personName)
    .option('--dry-run', 'show what would change and write nothing')
    .addHelpText(
      'after',
      `
Everything is put back as a new version, so nothing is lost and restoring can be
taken back in the same way. What is taken out of the store by it, no dream
proposes again; what is put back counts as wanted.

Examples:
  $ reverie memory restore memver_1a2b3c4d
  $ reverie memory restore --store compliance-desk --to 2d --dry-run
  $ reverie memory restore --store compliance-desk --to '2026-11-09T03:00Z'`,
    )
    .action((version, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).restoreMemory(call, version, options)),
    )
  memory
    .command('remove')
    .description('take a memory out of a store, so that no dream brings it back')
    .argument('<path>', 'path of the memory')
    .requiredOption('--reason <text>', 'why; it is kept')
    .addOption(store('the one that has it'))
    .option('--as <name>', 'who removes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Its versions stay in the history, and \`memory restore\` brings it back.

Examples:
  $ reverie memory remove /mistakes/old-api.md --reason 'the old API is gone'`,
    )
    .action((path, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).removeMemory(call, path, options)),
    )
  const format = () =>
    new Option('--format <name>', 'format of the files')
      .choices(['markdown', 'claude-code', 'claude-md', 'agents-md', 'skills', 'mem0'])
      .default('markdown')
  memory
    .command('export')
    .description('write the memories of a store as files')
    .argument('<to>', 'a new or empty folder; a file for claude-md, agents-md, mem0')
    .addOption(store('the only one'))
    .addOption(output())
    .addOption(format())
    .option('--replace', 'write over a block that was edited, or is of another store')
    .addHelpText(
      'after',
      `
Formats:
  markdown     the files as they are, with a manifest: comes back exactly
  claude-code  a memory folder of Claude Code, with its index MEMORY.md
  claude-md    a block in CLAUDE.md; everything outside of it stays as it is
  agents-md    the same in AGENTS.md
  skills       Agent Skills: a folder with a SKILL.md for each memory
  mem0         one JSON file, as mem0 exports it

What a format has no place for is told.

Examples:
  $ reverie memory export ./memory
  $ reverie memory export . --format claude-md --store compliance-desk`,
    )
    .action((to, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).exportMemories(call, to, options)),
    )
  memory
    .command('import')
    .description('take the memories in files into a store')
    .argument('<from>', 'a folder; a file for claude-md, agents-md, mem0')
    .addOption(store('the only one'))
    .option('--agent <name>', 'make the store, for this agent, where there is none')
    .addOption(format())
    .option('--as <name>', 'who writes them (default: your account)', personName)
    .option('--replace', 'write over other texts at the same paths')
    .option('--dry-run', 'show what would happen and write nothing')
    .addHelpText(
      'after',
      `
The formats are those of \`memory export\`. A memory that stands there already is
left alone; where another text stands at its path, it is refused, told, and the
exit code is 1. Secrets are removed before anything is stored.

Examples:
  $ reverie memory import ./memory
  $ reverie memory import ~/.claude/projects/app/memory --format claude-code`,
    )
    .action((from, options) =>
      perform(async (call) => (await import('../commands/memory.ts')).importMemories(call, from, options)),
    )
  helpOfGroup(memory, list)
}
