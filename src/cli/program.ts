/**
 * The commands in their order; how each is called, and its help, stand in `program/`. Nothing is loaded there or here but
 * commander: each command's own code, and the engine, come with the command that is called.
 */
import { Command, Option } from 'commander'
import { dataFolder } from './data-folder.ts'
import { addAdopt } from './program/adopt.ts'
import { addAudit } from './program/audit.ts'
import { addBaseline } from './program/baseline.ts'
import { addChanges } from './program/changes.ts'
import type { Perform } from './program/command-parts.ts'
import { addDecide } from './program/decide.ts'
import { addDigest } from './program/digest.ts'
import { addDoctor } from './program/doctor.ts'
import { addDream } from './program/dream.ts'
import { addDreams } from './program/dreams.ts'
import { addDrift } from './program/drift.ts'
import { addErase } from './program/erase.ts'
import { addEvidence } from './program/evidence.ts'
import { addExperiments } from './program/experiments.ts'
import { addHook } from './program/hook.ts'
import { addIngest } from './program/ingest.ts'
import { addInstall, addUninstall } from './program/install.ts'
import { addKeys } from './program/keys.ts'
import { addLessons } from './program/lessons.ts'
import { addLift } from './program/lift.ts'
import { addMemory } from './program/memory.ts'
import { addModels } from './program/models.ts'
import { addPolicy } from './program/policy.ts'
import { addRecall, addRecalls } from './program/recall.ts'
import { addReport } from './program/report.ts'
import { addRetention } from './program/retention.ts'
import { addRisk } from './program/risk.ts'
import { addServe } from './program/serve.ts'
import { addSessions } from './program/sessions.ts'
import { addSimulate } from './program/simulate.ts'
import { addStart } from './program/start.ts'
import { addUndo } from './program/undo.ts'
import { addWorkspace } from './program/workspace.ts'

const COMMANDS: Record<string, (reverie: Command, perform: Perform) => void> = {
  start: addStart,
  ingest: addIngest,
  dream: addDream,
  changes: addChanges,
  decide: addDecide,
  adopt: addAdopt,
  undo: addUndo,
  lessons: addLessons,
  evidence: addEvidence,
  risk: addRisk,
  doctor: addDoctor,
  baseline: addBaseline,
  drift: addDrift,
  experiments: addExperiments,
  lift: addLift,
  simulate: addSimulate,
  recall: addRecall,
  recalls: addRecalls,
  report: addReport,
  sessions: addSessions,
  memory: addMemory,
  dreams: addDreams,
  models: addModels,
  digest: addDigest,
  policy: addPolicy,
  erase: addErase,
  retention: addRetention,
  audit: addAudit,
  workspace: addWorkspace,
  install: addInstall,
  uninstall: addUninstall,
  hook: addHook,
  serve: addServe,
  keys: addKeys,
}

/**
 * Every command, or the one alone that `argv` calls, where it calls one: it is understood without the others, and to declare them all
 * takes a hook a tenth of its time.
 */
export function reverieProgram(perform: Perform, argv: string[] = []): Command {
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

  const name = commandIn(argv, reverie)
  const called = Object.entries(COMMANDS).filter(([it]) => it === name)
  for (const [, add] of called.length > 0 ? called : Object.entries(COMMANDS)) add(reverie, perform)
  return reverie
}

/** The first word that is no option of `reverie` itself, nor the value of one; whatever that is. */
function commandIn(argv: string[], reverie: Command): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const option = reverie.options.find((it) => it.long === argv[i]?.replace(/=.*/s, ''))
    if (!option) return argv[i]
    if (option.required && option.long === argv[i]) i++
  }
  return undefined
}
