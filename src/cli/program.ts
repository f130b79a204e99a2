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
import { addInstall } from './program/install.ts'
import { addKeys } from './program/keys.ts'
import { addLessons } from './program/lessons.ts'
import { addLift } from './program/lift.ts'
import { addMemory } from './program/memory.ts'
import { addPolicy } from './program/policy.ts'
import { addRecall } from './program/recall.ts'
import { addReport } from './program/report.ts'
import { addRetention } from './program/retention.ts'
import { addRisk } from './program/risk.ts'
import { addServe } from './program/serve.ts'
import { addSessions } from './program/sessions.ts'
import { addSimulate } from './program/simulate.ts'
import { addStart } from './program/start.ts'
import { addUndo } from './program/undo.ts'
import { addWorkspace } from './program/workspace.ts'

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
  addDoctor(reverie, perform)
  addBaseline(reverie, perform)
  addDrift(reverie, perform)
  addExperiments(reverie, perform)
  addLift(reverie, perform)
  addSimulate(reverie, perform)
  addRecall(reverie, perform)
  addReport(reverie, perform)
  addSessions(reverie, perform)
  addMemory(reverie, perform)
  addDreams(reverie, perform)
  addDigest(reverie, perform)
  addPolicy(reverie, perform)
  addErase(reverie, perform)
  addRetention(reverie, perform)
  addAudit(reverie, perform)
  addWorkspace(reverie, perform)
  addInstall(reverie, perform)
  addHook(reverie, perform)
  addServe(reverie, perform)
  addKeys(reverie, perform)
  return reverie
}
