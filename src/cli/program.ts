/**
 * The commands, their options and their help. Nothing is loaded here but commander: each command's own code, and
 * the engine, come with the command that is called.
 */
import { Command, Option } from 'commander'
import type { Answer, Call } from './call.ts'
import { dataFolder } from './data-folder.ts'
import {
  day,
  pastState,
  personName,
  piiShapes,
  portNumber,
  rateLimit,
  rowLimit,
  sinceTime,
  untilTime,
} from './option-values.ts'

/** Does the work of a command; given by whoever runs the program. */
export type Perform = <T>(work: (call: Call) => Promise<Answer<T>>) => Promise<void>

export function reverieProgram(perform: Perform): Command {
  const reverie = new Command('reverie')
    .description("Learns from what your agents' sessions really did, and keeps their memory.")
    .addOption(
      new Option('--db <database>', 'path or URL (default: reverie.db in the data folder)').env('REVERIE_DB'),
    )
    .addOption(
      new Option('--workspace <name>', 'the part of the database to work in (default: default)').env(
        'REVERIE_WORKSPACE',
      ),
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
  addChanges(reverie, perform)
  addDecide(reverie, perform)
  addAdopt(reverie, perform)
  addUndo(reverie, perform)
  addLessons(reverie, perform)
  addEvidence(reverie, perform)
  addRisk(reverie, perform)
  addSessions(reverie, perform)
  addMemory(reverie, perform)
  addDreams(reverie, perform)
  addDigest(reverie, perform)
  addPolicy(reverie, perform)
  addErase(reverie, perform)
  addRetention(reverie, perform)
  addAudit(reverie, perform)
  addWorkspace(reverie, perform)
  addServe(reverie, perform)
  addKeys(reverie, perform)
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
      perform(async (call) => (await import('./commands/ingest.ts')).ingest(call, paths, options)),
    )
}

function addDream(reverie: Command, perform: Perform): void {
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
    .action((options) => perform(async (call) => (await import('./commands/dream.ts')).dream(call, options)))
}

function addChanges(reverie: Command, perform: Perform): void {
  const changes = reverie
    .command('changes')
    .helpCommand(false)
    .description('what dreams propose, and what became of it')
  const list = choosing(
    paged(
      changes
        .command('list', { isDefault: true })
        .description('the changes that wait, those of the latest dream first')
        .argument('[dream]', 'id of a dream, or the beginning of it (default: all)'),
    ),
    'undecided and approved',
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie changes
  $ reverie changes --tier verified --path '/mistakes/**'
  $ reverie changes drm_1a2b3c4d --status all --json`,
    )
    .action((dream, options) =>
      perform(async (call) => (await import('./commands/changes.ts')).listChanges(call, dream, options)),
    )
  changes
    .command('show')
    .description('one change with all that a decision rests on')
    .argument('<change>', 'id of the change, or the beginning of it')
    .addHelpText(
      'after',
      `
The text before and after line by line, why, the lessons and their effect, some
of the quotes, the verdict of the policy, and who decided what and when.

Examples:
  $ reverie changes show chg_1a2b3c4d
  $ reverie changes show chg_1a2b3c4d --json`,
    )
    .action((id) => perform(async (call) => (await import('./commands/changes.ts')).showChange(call, id)))
  helpOfGroup(changes, list)
}

function addDecide(reverie: Command, perform: Perform): void {
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
        (await import('./commands/decide.ts')).decide(
          call,
          [change, word].filter((it) => it !== undefined),
          options,
        ),
      ),
    )
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
      perform(async (call) => (await import('./commands/memory.ts')).listMemories(call, options)),
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
By whom the text is, and below it who acted and why. The number is the place of
the version among all of the database: a store is restored to it.

Examples:
  $ reverie memory history /_index.md
  $ reverie memory history /_index.md --json`,
    )
    .action((path, options) =>
      perform(async (call) => (await import('./commands/memory.ts')).memoryHistory(call, path, options)),
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
    .action((id) => perform(async (call) => (await import('./commands/memory.ts')).showVersion(call, id)))
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
      perform(async (call) => (await import('./commands/memory.ts')).diffMemory(call, one, other, options)),
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
      perform(async (call) => (await import('./commands/memory.ts')).restoreMemory(call, version, options)),
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
      perform(async (call) => (await import('./commands/memory.ts')).removeMemory(call, path, options)),
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
    .description('one dream, with the changes it proposed line by line')
    .argument('<id>', 'id of the dream, or the beginning of it')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie dreams show drm_0123456789abcdef01234567`,
    )
    .action((id) => perform(async (call) => (await import('./commands/dreams.ts')).showDream(call, id)))
  helpOfGroup(dreams, list)
}

function addAdopt(reverie: Command, perform: Perform): void {
  reverie
    .command('adopt')
    .description('put approved changes into the live memory')
    .argument('[dream]', 'id of a dream, or the beginning of it (default: all that is approved)')
    .option('--change <id...>', 'only these changes')
    .option('--store <name>', 'all that is approved for this memory store (default: the only one)')
    .option('--as <name>', 'who adopts (default: your account)', personName)
    .option('--dry-run', 'show what would go live and write nothing')
    .addHelpText(
      'after',
      `
Exactly the text that was approved goes live, all of it in one transaction.
Where a memory is not what it was when its change was proposed, nothing is
written over: the change is put up again, against the text of now. The policy in
force is asked again. What is not live is told, and the exit code is then 1.

Examples:
  $ reverie adopt
  $ reverie adopt drm_1a2b3c4d --dry-run
  $ reverie adopt --change chg_1a2b3c4d chg_5e6f7a8b`,
    )
    .action((dream, options) =>
      perform(async (call) => (await import('./commands/adopt.ts')).adopt(call, dream, options)),
    )
}

function addUndo(reverie: Command, perform: Perform): void {
  reverie
    .command('undo')
    .description('take one adopted change back')
    .argument('<change>', 'id of the change, or the beginning of it')
    .option('--reason <text>', 'why; it is kept, and no dream proposes the change again')
    .option('--as <name>', 'who takes it back (default: your account)', personName)
    .addHelpText(
      'after',
      `
What stood there before is put back as a new version, whatever became of other
memories since. Where the memory itself was changed since, that is refused, and
says by what. Only twice as many sessions bring the change up again.

Examples:
  $ reverie undo chg_1a2b3c4d --reason 'only true of the old API'`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('./commands/adopt.ts')).undo(call, id, options)),
    )
}

function addDigest(reverie: Command, perform: Perform): void {
  paged(
    reverie
      .command('digest')
      .description('what was learned, and what became of it, in words')
      .argument('[dream]', 'id of a dream (default: the last one of each memory store)')
      .option('--store <name>', 'only this memory store')
      .option('--out <file>', 'write it as Markdown into a new file'),
  )
    .addHelpText(
      'after',
      `
Counts first, then a line for each change: the lesson, why to believe it, and
whether it is live and by whose word. It says whether the proposals are still
those whose hash the audit log holds.

Examples:
  $ reverie digest
  $ reverie digest --store compliance-desk --out digest.md`,
    )
    .action((dream, options) =>
      perform(async (call) => (await import('./commands/digest.ts')).digest(call, dream, options)),
    )
}

function addPolicy(reverie: Command, perform: Perform): void {
  const policy = reverie
    .command('policy')
    .helpCommand(false)
    .description('what goes live without a person, and what never does')
  const show = policy
    .command('show', { isDefault: true })
    .description('the policy in force, as it was written')
    .option('--sha256 <beginning>', 'another one, by the first characters of its hash')
    .addHelpText(
      'after',
      `
docs/policy.md explains every key.

Examples:
  $ reverie policy show > policy.yaml
  $ reverie policy --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/policy.ts')).showPolicy(call, options)),
    )
  policy
    .command('check')
    .description('look for errors in a policy, and set nothing')
    .argument('<file>', 'a policy in YAML')
    .addHelpText(
      'after',
      `
Names every error by line and column; the exit code is then 1.

Examples:
  $ reverie policy check policy.yaml`,
    )
    .action((file) => perform(async () => (await import('./commands/policy.ts')).checkPolicy(file)))
  policy
    .command('set')
    .description('put a policy in force')
    .argument('<file>', 'a policy in YAML')
    .option('--as <name>', 'who sets it (default: your account)', personName)
    .addHelpText(
      'after',
      `
It holds for what is proposed from then on. The one before is kept, and can be
set again.

Examples:
  $ reverie policy set policy.yaml
  $ reverie policy set policy.yaml --as ana`,
    )
    .action((file, options) =>
      perform(async (call) => (await import('./commands/policy.ts')).setPolicy(call, file, options)),
    )
  paged(
    policy
      .command('test')
      .description('what a policy would have said of past changes; writes nothing')
      .argument('<file>', 'a policy in YAML')
      .option('--dream <id>', 'only the changes of this dream'),
  )
    .addHelpText(
      'after',
      `
Every change that was ever proposed is judged anew, against the memory as its
dream read it. Counted are all; listed are those of which the policy says
something else than was said.

Examples:
  $ reverie policy test policy.yaml
  $ reverie policy test policy.yaml --dream drm_0123456789ab --limit 10`,
    )
    .action((file, options) =>
      perform(async (call) => (await import('./commands/policy.ts')).testPolicy(call, file, options)),
    )
  paged(policy.command('history').description('which policy was in force since when, the latest first'))
    .addHelpText(
      'after',
      `
Examples:
  $ reverie policy history`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/policy.ts')).policyHistory(call, options)),
    )
  helpOfGroup(policy, show)
}

function addErase(reverie: Command, perform: Perform): void {
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
    .action((options) => perform(async (call) => (await import('./commands/erase.ts')).erase(call, options)))
}

function addRetention(reverie: Command, perform: Perform): void {
  const retention = reverie
    .command('retention')
    .helpCommand(false)
    .description('how long sessions are kept, by the policy in force')
  const run = retention
    .command('run', { isDefault: true })
    .description('remove what the policy keeps no longer')
    .option('--dry-run', 'show what would go, and remove nothing')
    .addHelpText(
      'after',
      `
The section retention of the policy says after how many days sessions go with
all that rests on them, or only their transcripts. Run it once a day.

Examples:
  $ reverie retention run --dry-run
  $ reverie retention run`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/erase.ts')).runRetention(call, options)),
    )
  helpOfGroup(retention, run)
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
    .option('--signature <file>', 'a head signed earlier, as `audit sign` wrote it')
    .option('--public-key <file>', 'the key to check the signature with')
    .addHelpText(
      'after',
      `
Each record carries a hash over itself and the record before. The first one that
is not as it was written is named, and the exit code is then 1. So it is where
the log does not lead through a head that was noted or signed.

Examples:
  $ reverie audit verify
  $ reverie audit verify --signature head.json --public-key audit.key.pub`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/audit.ts')).verifyAudit(call, options)),
    )
  audit
    .command('keygen')
    .description('make a key to sign the log with')
    .argument('<file>', 'where the private key goes; the public one gets .pub added')
    .addHelpText(
      'after',
      `
An Ed25519 key. Only you can read the private half, and it never gets into the
database. Keep it where those who can write to the database cannot reach it.

Examples:
  $ reverie audit keygen audit.key`,
    )
    .action((file) => perform(async () => (await import('./commands/audit.ts')).newKey(file)))
  audit
    .command('sign')
    .description('sign the head of the log, which vouches for all of it')
    .requiredOption('--key <file>', 'the private key')
    .option('--out <file>', 'a new file for the signed head (default: it is printed)')
    .addHelpText(
      'after',
      `
A log that is not as it was written is not signed.

Examples:
  $ reverie audit sign --key audit.key --out head.json`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/audit.ts')).signAudit(call, options)),
    )
  helpOfGroup(audit, list)
}

function addWorkspace(reverie: Command, perform: Perform): void {
  const workspace = reverie
    .command('workspace')
    .helpCommand(false)
    .description('parts of the database that know nothing of each other')
  const list = paged(
    workspace.command('list', { isDefault: true }).description('every workspace of the database'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie workspace
  $ reverie workspace list --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/workspace.ts')).listWorkspaces(call, options)),
    )
  workspace
    .command('create')
    .description('make a workspace')
    .argument('<name>', 'small letters and digits, with dashes between them')
    .option('--model-host <host>', 'a host that may be called, once for each (default: none)', each)
    .option('--region <region>', 'a region it may be in, once for each (default: any)', each)
    .option('--offline', 'nothing leaves this machine')
    .option('--as <name>', 'who makes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Sessions, memories, dreams and the audit log of a workspace are its own; every
command works in one of them: --workspace NAME, or REVERIE_WORKSPACE.

Examples:
  $ reverie workspace create acme
  $ reverie workspace create clinic --offline --model-host localhost:11434
  $ reverie workspace create bank --model-host api.example.com --region eu`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('./commands/workspace.ts')).createWorkspace(call, name, options)),
    )
  workspace
    .command('set')
    .description('change what a workspace may call')
    .argument('<name>', 'name of the workspace')
    .option('--model-host <host>', 'a host that may be called, once for each, in place of those before', each)
    .addOption(new Option('--no-hosts', 'no host may be called').conflicts('modelHost'))
    .option('--region <region>', 'a region it may be in, once for each, in place of those before', each)
    .addOption(new Option('--any-region', 'the hosts decide alone').conflicts('region'))
    .option('--offline', 'nothing leaves this machine')
    .addOption(new Option('--online', 'what is listed may be called').conflicts('offline'))
    .option('--as <name>', 'who changes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
What is not named stays as it is.

Examples:
  $ reverie workspace set default --offline
  $ reverie workspace set bank --model-host api.example.com --region eu`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('./commands/workspace.ts')).setWorkspace(call, name, options)),
    )
  workspace
    .command('show')
    .description('the workspace that is chosen, and what it allows')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie workspace show --workspace acme`,
    )
    .action(() => perform(async (call) => (await import('./commands/workspace.ts')).showOwnWorkspace(call)))
  helpOfGroup(workspace, list)
}

function addServe(reverie: Command, perform: Perform): void {
  reverie
    .command('serve')
    .description('answer over HTTP, as the Managed Agents API and more, until it is ended')
    .addOption(
      new Option('--host <address>', 'where to listen; other machines reach what is no loopback address')
        .env('REVERIE_HOST')
        .default('127.0.0.1'),
    )
    .addOption(
      new Option('--port <n>', 'and on which port; 0 for one that is free')
        .env('REVERIE_PORT')
        .argParser(portNumber)
        .default(4777),
    )
    .option('--public-host <name>', 'a name it is called by behind a proxy, once for each', each)
    .option('--allow-private-webhooks', 'webhooks may go to this machine and its network')
    .option('--rate-limit <n>', 'requests a second for each key; 0: as many as come', rateLimit, 100)
    .addOption(
      new Option('--log-level <level>', 'what is logged, as JSON lines on stderr')
        .choices(['error', 'warn', 'info', 'debug', 'silent'])
        .default('info'),
    )
    .addHelpText(
      'after',
      `
Programs written for hosted Dreams run against it with its address as base URL.
Where nobody has a key yet, it makes one and prints it, once. An address that
other machines reach is refused until somebody has a key with the role admin.
docs/server.md says more: keys, limits, proxies, backups.

Examples:
  $ reverie serve
  $ reverie serve --host 0.0.0.0 --port 8080`,
    )
    .action((options) => perform(async (call) => (await import('./commands/serve.ts')).serve(call, options)))
}

function addKeys(reverie: Command, perform: Perform): void {
  const keys = reverie.command('keys').helpCommand(false).description('who may call the server')
  const list = paged(
    keys.command('list', { isDefault: true }).description('the keys to the workspace, the newest first'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie keys
  $ reverie keys list --workspace acme --json`,
    )
    .action((options) =>
      perform(async (call) => (await import('./commands/keys.ts')).listKeys(call, options)),
    )
  keys
    .command('create')
    .description('make a key to the workspace')
    .argument('<name>', 'whose it is, or what for')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['reader', 'writer', 'reviewer', 'admin'])
        .makeOptionMandatory(),
    )
    .option('--expires <when>', 'the last day it opens anything, or after how long: 12h, 30d', (text) =>
      untilTime(text),
    )
    .option('--as <name>', 'who makes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Roles, each with all that the ones before it may:
  reader    reads
  writer    puts sessions in and starts dreams
  reviewer  decides on changes, writes memories and memory stores
  admin     sets policies, keys, schedules and webhooks, and deletes

The key is shown this once; the database keeps only its hash.

Examples:
  $ reverie keys create ci --role writer --expires 90d
  $ reverie keys create ana --role reviewer --workspace acme`,
    )
    .action((name, options) =>
      perform(async (call) => (await import('./commands/keys.ts')).createKey(call, name, options)),
    )
  keys
    .command('revoke')
    .description('take a key back: it opens nothing from now on')
    .argument('<key>', 'id of the key, or the beginning of it')
    .option('--as <name>', 'who revokes it (default: your account)', personName)
    .addHelpText(
      'after',
      `
Examples:
  $ reverie keys revoke apikey_1a2b3c4d`,
    )
    .action((id, options) =>
      perform(async (call) => (await import('./commands/keys.ts')).revokeKey(call, id, options)),
    )
  helpOfGroup(keys, list)
}

/** Collects an option that may be given more than once. */
function each(value: string, before: string[] = []): string[] {
  return [...before, value]
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

/** The options that say which changes. */
function choosing(command: Command, usual: string): Command {
  const one = (flags: string, description: string, choices: string[]) =>
    new Option(flags, description).choices(choices)
  return command
    .option('--store <name>', 'only of this memory store')
    .addOption(
      one('--status <status>', `(default: ${usual})`, [
        'undecided',
        'approved',
        'rejected',
        'adopted',
        'undone',
        'superseded',
        'denied',
        'all',
      ]),
    )
    .addOption(one('--kind <kind>', 'only of this kind', ['add', 'refresh', 'merge', 'stale', 'conflict']))
    .addOption(
      one('--tier <tier>', 'only with a lesson of this tier', ['verified', 'process', 'people', 'marker']),
    )
    .addOption(one('--verdict <verdict>', 'only with this verdict', ['allow', 'hold', 'deny']))
    .option('--path <pattern>', 'only at such paths; * within a name, ** anything')
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
