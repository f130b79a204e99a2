/**
 * The commands, their options and their help. Nothing is loaded here but commander: each command's own code, and
 * the engine, come with the command that is called.
 */
import { Command, Option } from 'commander'
import type { Answer, Call } from './call.ts'
import { dataFolder } from './data-folder.ts'
import { personName, piiShapes, rowLimit, sinceTime } from './option-values.ts'

/** Does the work of a command; given by whoever runs the program. */
export type Perform = <T>(work: (call: Call) => Promise<Answer<T>>) => Promise<void>

export function reverieProgram(perform: Perform): Command {
  const reverie = new Command('reverie')
    .description("Learns from what your agents' sessions really did, and keeps their memory.")
    .addOption(
      new Option('--db <database>', 'path or URL (default: reverie.db in the data folder)').env('REVERIE_DB'),
    )
    .option('--json', 'answer with one JSON document (see docs/cli.md)')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `
First steps:
  $ reverie start                      everything at once, or step by step:
  $ reverie ingest ~/.claude/projects  store the sessions
  $ reverie dream                      work out what recurs
  $ reverie lessons                    read what was learned

Data folder: ${dataFolder()}`,
    )

  addStart(reverie, perform)
  addIngest(reverie, perform)
  addDream(reverie, perform)
  addLessons(reverie, perform)
  addEvidence(reverie, perform)
  addRisk(reverie, perform)
  addSessions(reverie, perform)
  addMemory(reverie, perform)
  addDreams(reverie, perform)
  addAudit(reverie, perform)
  return reverie
}

function addStart(reverie: Command, perform: Perform): void {
  redacting(reverie.command('start'))
    .description('find the agent sessions on this machine, dream over them and print the lessons')
    .addHelpText(
      'after',
      `
Looks for sessions of Claude Code and Codex. Where there are none, it makes a
sample workload and dreams over that, in a database of its own. The sessions are
only read; everything written is in Reverie's own data folder.

Examples:
  $ reverie start
  $ reverie start --json`,
    )
    .action((options) => perform(async (call) => (await import('./commands/start.ts')).start(call, options)))
}

function addIngest(reverie: Command, perform: Perform): void {
  redacting(reverie.command('ingest'))
    .description('store the sessions in these transcript files and folders')
    .argument('<path...>', 'files, or folders that are searched to the bottom')
    .addOption(
      new Option('--harness <name>', 'format of the transcripts')
        .choices(['auto', 'claude-code', 'codex', 'managed-agents', 'openai-chat', 'steps'])
        .default('auto'),
    )
    .option('--agent <name>', 'whose sessions they are (default: as the transcript says)')
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
      perform(async (call) => (await import('./commands/ingest.ts')).ingest(call, paths, options)),
    )
}

function addDream(reverie: Command, perform: Perform): void {
  reverie
    .command('dream')
    .description('work out what recurs in the new sessions and write it into the memory')
    .option('--store <name>', 'memory store (default: the one named like the agent)')
    .option('--agent <name>', 'only this agent (default: every agent, one dream each)')
    .option('--since <when>', 'only sessions from then on: 12h, 7d, 2w or a date', (text) => sinceTime(text))
    .option('--dry-run', 'show the changes and write nothing')
    .addHelpText(
      'after',
      `
A session is dreamed of once for each memory store. What a person wrote in the
memory stays as it is.

Examples:
  $ reverie dream
  $ reverie dream --agent claude-code:acme-api --since 7d --dry-run`,
    )
    .action((options) => perform(async (call) => (await import('./commands/dream.ts')).dream(call, options)))
}

function addLessons(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('lessons')
      .description('the lessons, those that matter most first')
      .option('--store <name>', 'only this memory store')
      .addOption(
        new Option('--tier <tier>', 'only lessons supported this well').choices([
          'verified',
          'process',
          'people',
          'marker',
        ]),
      )
      .option('--candidates', 'also what is only watched, and not yet written into the memory'),
  )
    .addHelpText(
      'after',
      `
Tiers, the best supported first:
  verified  sessions of one task end better or worse with it, judged by checks
  process   read off the tool calls: this call fails, this repair works
  people    people asked for it, again and again
  marker    goes together with good or bad endings, without proof of a cause

Examples:
  $ reverie lessons
  $ reverie lessons --tier verified --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/lessons.ts')).lessons(call, options)),
    )
}

function addEvidence(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('evidence')
      .description('the quotes behind one lesson')
      .argument('<lesson>', 'id of the lesson, or the beginning of it'),
  )
    .addHelpText(
      'after',
      `
Each quote stands word for word in the event that it names.

Examples:
  $ reverie evidence pat_1a2b3c4d
  $ reverie evidence pat_1a2b3c4d --json`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('./commands/lessons.ts')).evidence(call, id, options)),
    )
}

function addRisk(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('risk')
      .description('where sessions are likely to fail, task by task')
      .option('--agent <name>', 'only this agent')
      .option('--store <name>', 'only what this memory store has dreamed of'),
  )
    .addHelpText(
      'after',
      `
A view of where to look, no lesson: nothing of it is tested, and nothing of it
is told to an agent. It counts the sessions that were dreamed of and have a
verified outcome. The intervals are 95 %.

Examples:
  $ reverie risk
  $ reverie risk --agent compliance-desk --json`,
    )
    .action((options) => perform(async (call) => (await import('./commands/risk.ts')).risk(call, options)))
}

function addSessions(reverie: Command, perform: Perform): void {
  const sessions = reverie.command('sessions').helpCommand(false).description('the sessions that are stored')
  const list = paged(
    sessions
      .command('list', { isDefault: true })
      .description('every session, the latest to arrive first')
      .option('--agent <name>', 'only sessions of this agent'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie sessions
  $ reverie sessions --agent compliance-desk --limit 10`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/sessions.ts')).listSessions(call, options)),
    )
  sessions
    .command('show')
    .description('one session, event by event')
    .argument('<id>', "id of the session, ours or the harness's own")
    .addHelpText(
      'after',
      `
Long texts are cut; --json has them in full.

Examples:
  $ reverie sessions show sesn_0123456789abcdef01234567
  $ reverie sessions show 5a1e0000-0000-4000-8000-000000000001 --json`,
    )
    .action((id) => perform(async (call) => (await import('./commands/sessions.ts')).showSession(call, id)))
  helpOfGroup(sessions, list)
}

function addMemory(reverie: Command, perform: Perform): void {
  const memory = reverie.command('memory').helpCommand(false).description('what the memory stores hold')
  const store = (usual: string) => new Option('--store <name>', `memory store (default: ${usual})`)
  const list = paged(
    memory
      .command('ls', { isDefault: true })
      .description('the memories by their paths')
      .addOption(store('all')),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie memory
  $ reverie memory ls --store compliance-desk`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/memory.ts')).listMemories(call, options)),
    )
  memory
    .command('cat')
    .description('one memory as it stands now')
    .argument('<path>', 'path of the memory')
    .addOption(store('the one that has it'))
    .addHelpText(
      'after',
      `
Control characters are shown as letters; \`memory export\` and --json keep every
byte.

Examples:
  $ reverie memory cat /_index.md`,
    )
    .action((path, options) =>
      perform(async (call) => (await import('./commands/memory.ts')).showMemory(call, path, options)),
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
Examples:
  $ reverie memory history /_index.md
  $ reverie memory history /_index.md --json`,
    )
    .action((path, options) =>
      perform(async (call) => (await import('./commands/memory.ts')).memoryHistory(call, path, options)),
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
      perform(async (call) => (await import('./commands/memory.ts')).exportMemories(call, to, options)),
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
      perform(async (call) => (await import('./commands/memory.ts')).importMemories(call, from, options)),
    )
  helpOfGroup(memory, list)
}

function addDreams(reverie: Command, perform: Perform): void {
  const dreams = reverie.command('dreams').helpCommand(false).description('the dreams so far')
  const list = paged(
    dreams
      .command('list', { isDefault: true })
      .description('every dream, the latest first')
      .option('--store <name>', 'only dreams of this memory store'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie dreams
  $ reverie dreams --store compliance-desk --limit 5`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/dreams.ts')).listDreams(call, options)),
    )
  dreams
    .command('show')
    .description('one dream, with the changes it made line by line')
    .argument('<id>', 'id of the dream')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie dreams show drm_0123456789abcdef01234567`,
    )
    .action((id) => perform(async (call) => (await import('./commands/dreams.ts')).showDream(call, id)))
  helpOfGroup(dreams, list)
}

function addAudit(reverie: Command, perform: Perform): void {
  const audit = reverie.command('audit').helpCommand(false).description('what happened, who did it and why')
  const list = paged(
    audit.command('list', { isDefault: true }).description('every change of state, the latest first'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie audit
  $ reverie audit list --limit 5`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/audit.ts')).listAudit(call, options)),
    )
  audit
    .command('export')
    .description('write the whole log into a new file, one JSON record a line')
    .argument('<file>', 'a file that is not there yet')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie audit export audit.jsonl`,
    )
    .action((file) => perform(async (call) => (await import('./commands/audit.ts')).exportAudit(call, file)))
  audit
    .command('verify')
    .description('check that no record was changed, removed or moved')
    .option('--head <hash>', 'a head noted earlier: the log must lead through it')
    .addHelpText(
      'after',
      `
Each record carries a hash over itself and the record before. The first one that
is not as it was written is named, and the exit code is then 1.

Examples:
  $ reverie audit verify`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/audit.ts')).verifyAudit(call, options)),
    )
  helpOfGroup(audit, list)
}

function redacting(command: Command): Command {
  return command
    .addOption(
      new Option('--redact <classes>', 'personal data to remove: email,phone,card,iban,national-id,ip or all')
        .env('REVERIE_REDACT')
        .argParser(piiShapes),
    )
    .addOption(new Option('--names <file>', 'names of persons to remove, one a line').env('REVERIE_NAMES'))
}

function paged(command: Command): Command {
  return command
    .option('--limit <n>', 'rows at most (default: 50)', rowLimit)
    .option('--page <token>', 'where to go on: the next_page of the page before')
}

/** A noun alone lists, so its help also tells the options of the list. */
function helpOfGroup(group: Command, list: Command): void {
  const options = list.options.map((it) => `  ${it.flags.padEnd(16)}  ${it.description}`).join('\n')
  const name = `reverie ${group.name()}`
  group.addHelpText(
    'after',
    `\n\`${name}\` alone is \`${name} ${list.name()}\`, with these options:\n${options}`,
  )
}
