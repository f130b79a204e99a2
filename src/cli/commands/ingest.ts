import type { Harness } from '../../domain/session.ts'
import type { IngestReport } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { type RedactionOptions, redactionChoice } from '../redaction-choice.ts'
import { showIngest } from '../show/ingest.ts'

type Options = { harness: Harness | 'auto'; agent?: string; again?: true } & RedactionOptions

export async function ingest(
  call: Call,
  paths: string[],
  { harness, agent, again, ...redaction }: Options,
): Promise<Answer<IngestReport>> {
  const how = { harness, agent: agent ?? null, again: again ?? false, ...redactionChoice(redaction) }
  const engine = await call.open()
  const report = await engine.ingest(paths, how, call.progress.ingest)
  return { data: report, show: showIngest, exit_code: hasFailed(report) ? 1 : 0 }
}

/** Some of many files may be unreadable; when nothing at all could be read, that is a failure. */
function hasFailed(report: IngestReport): boolean {
  return report.sessions_new + report.sessions_known === 0 && report.skipped.length > 0
}
