/** A server that works its jobs, and asks a scripted provider where a dream names one of its models. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configure, KEY } from '../model/scripted-models.ts'
import { openDoor } from './door.ts'

/** `besides` are further lines of its models.yaml. Everything of it, and what a test writes into its folder, is gone once it is closed. */
export async function openAskingDoor(base_url: string, besides: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-asking-'))
  const [database, models_file] = [join(folder, 'reverie.db'), join(folder, 'models.yaml')]
  await configure(database, models_file, { protocol: 'anthropic', base_url, besides })
  const door = await openDoor({ database, models_file, now: () => new Date() })
  const jobs = door.server.startJobs({ report: () => {} })
  return {
    ...{ folder, database, models_file, door },
    async close() {
      await jobs.stop()
      await door.close()
      delete process.env[KEY]
      rmSync(folder, { recursive: true })
    },
  }
}

/** The time of day in so many hours, in UTC, as models.yaml has it. */
export function timeIn(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16)
}
