/**
 * The journal of a job: which of its steps were done, and whether it is still its worker's.
 *
 * A step is noted when it has been done and before the next one begins, and only by the worker that holds the job. So a worker that has
 * lost its job, and does not know yet, leaves no trace in the journal of the one that has it now.
 */
import type { Database } from '../db/database.ts'
import { jobState, readStep, storeStep } from '../db/jobs.ts'
import { type Job, NotOurs, type Port } from './port.ts'

/** What of its port a job needs the database for. */
export type Journal = Omit<Port, 'rest'>

/** The journal of a job that `worker` holds. `control` is aborted when it turns out not to be its any more. */
export function journalOf(db: Database, job: Job, worker: string, control: AbortController): Journal {
  const { signal } = control
  const holding = { id: job.id, worker }

  const stay = async () => {
    signal.throwIfAborted()
    const state = await jobState(db, job.id)
    if (state?.worker === worker) return
    control.abort(new NotOurs(state?.status === 'canceled' ? 'canceled' : 'taken over'))
    signal.throwIfAborted()
  }

  const step = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    await stay()
    const known = await readStep(db, job.id, key)
    if (known !== undefined) return JSON.parse(known)
    const result = JSON.stringify((await work()) ?? null)
    if (!(await storeStep(db, holding, { key, result }))) await stay()
    return JSON.parse(result)
  }

  const fan: Journal['fan'] = async (key, items, work, width = 4) => {
    const results: unknown[] = []
    const failures: unknown[] = []
    let next = 0
    const line = async () => {
      while (next < items.length && failures.length === 0) {
        const i = next++
        try {
          results[i] = await step(`${key}/${i}`, () => work(items[i]!, i))
        } catch (error) {
          failures.push(error)
        }
      }
    }
    await Promise.all(Array.from({ length: width }, line))
    if (failures.length > 0) throw failures[0]
    return results as never[]
  }

  return { step, fan, stay, signal }
}
