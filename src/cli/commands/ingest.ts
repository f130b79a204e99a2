import type { Harness } from '../../domain/session.ts'
import type { IngestReport } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { showIngest } from '../show/ingest.ts'

type Options = { harness: Harness | 'auto'; agent?: string }

export async function ingest(
  call: Call,
  paths: string[],
  { harness, agent }: Options,
): Promise<Answer<IngestReport>> {
  const engine = await call.open()
  const report = await engine.ingest(paths, { harness, agent: agent ?? null }, call.progress.ingest)
  return { data: report, show: showIngest, exit_code: hasFailed(report) ? 1 : 0 }
}

/** Some of many files may be unreadable; when nothing at all could be read, that is a failure. */
function hasFailed(report: IngestReport): boolean {
  return report.sessions_new + report.sessions_known === 0 && report.skipped.length > 0
}
