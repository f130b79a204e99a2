/** What each kind of job does. */
import type { Job, Port } from '../jobs/port.ts'
import { runDream } from './dream-jobs.ts'
import type { Opened } from './opened.ts'
import { deliver } from './webhook-jobs.ts'

export type JobHandler = (opened: Opened, job: Job, port: Port) => Promise<void>

export const jobHandlers: Record<string, JobHandler> = {
  dream: (opened, job, port) => runDream(opened, job, port),
  webhook: deliver,
}
