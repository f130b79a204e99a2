/** Environments as the Managed Agents API has them. Nothing runs here, so they are kept and told again. */
import { redactJson } from '../1-ingest/redact.ts'
import type { Transaction } from '../db/database.ts'
import {
  deleteEnvironment,
  findEnvironment,
  insertEnvironment,
  listEnvironments,
  updateEnvironment,
} from '../db/environments.ts'
import type { Environment } from '../domain/environment.ts'
import { EngineError } from '../domain/error.ts'
import { derivedId, randomId } from '../domain/id.ts'
import { type MetadataPatch, patched } from '../domain/metadata.ts'
import { type Page, type PageRequest, pageByTime } from '../domain/page.ts'
import { notFound } from './find.ts'
import { type Opened, transaction } from './opened.ts'
import { privacyOfWire } from './privacy.ts'

export type EnvironmentWanted = Pick<Environment, 'name' | 'description' | 'metadata' | 'config'>

export type EnvironmentPatch = Partial<Omit<EnvironmentWanted, 'metadata'>> & { metadata?: MetadataPatch }

/** Where sessions are that name no environment, and those that came from files. */
export const DEFAULT_ENVIRONMENT = 'env_default'

export function environmentsOf(opened: Opened) {
  const { db, now } = opened
  return {
    async createEnvironment(wanted: EnvironmentWanted): Promise<Environment> {
      const { value } = await redactJson(wanted, await privacyOfWire(opened))
      const made = newEnvironment({ ...value, id: randomId('env') }, now().toISOString())
      await transaction(db, false, (tx) => insertEnvironment(tx, made))
      return made
    },

    async environmentById(id: string): Promise<Environment> {
      const found = await findEnvironment(db, id)
      if (found) return found
      throw noEnvironment(id)
    },

    /** Newest first. */
    async environmentList(filter: { include_archived: boolean } & PageRequest): Promise<Page<Environment>> {
      return pageByTime(filter, (after, limit) => listEnvironments(db, filter, { after, limit }))
    },

    /** What is given takes the place of what was there. Throws `invalid_request_error` for one that is archived. */
    async changeEnvironment(id: string, patch: EnvironmentPatch): Promise<Environment> {
      const { metadata, ...value } = (await redactJson(patch, await privacyOfWire(opened))).value
      return transaction(db, false, async (tx) => {
        const found = await findEnvironment(tx, id)
        if (!found) throw noEnvironment(id)
        refuseArchived(found)
        const changed = {
          ...found,
          ...value,
          metadata: patched(found.metadata, metadata),
          updated_at: now().toISOString(),
        }
        await updateEnvironment(tx, changed)
        return changed
      })
    },

    async archiveEnvironment(id: string): Promise<Environment> {
      return transaction(db, false, async (tx) => {
        const found = await findEnvironment(tx, id)
        if (!found) throw noEnvironment(id)
        if (found.archived_at !== null) return found
        const at = now().toISOString()
        const archived = { ...found, archived_at: at, updated_at: at }
        await updateEnvironment(tx, archived)
        return archived
      })
    },

    /** Sessions that name it stay, and go on naming it. */
    async deleteEnvironment(id: string): Promise<void> {
      await transaction(db, false, async (tx) => {
        if (!(await findEnvironment(tx, id))) throw noEnvironment(id)
        await deleteEnvironment(tx, id)
      })
    },
  }
}

/** The id of the environment that a session is made in, which is made where it is not known. A text that is no id is a name. */
export async function environmentForSession(
  tx: Transaction,
  wanted: string | null,
  at: string,
): Promise<string> {
  const name = wanted ?? DEFAULT_ENVIRONMENT
  const id = name.startsWith('env_') ? name : derivedId('env', name)
  const found = await findEnvironment(tx, id)
  if (found) refuseArchived(found)
  else {
    const config = { type: 'self_hosted' as const }
    await insertEnvironment(tx, newEnvironment({ id, name, description: null, metadata: {}, config }, at))
  }
  return id
}

function newEnvironment(wanted: EnvironmentWanted & { id: string }, at: string): Environment {
  return { ...wanted, created_at: at, updated_at: at, archived_at: null }
}

function refuseArchived({ id, archived_at }: Environment): void {
  if (archived_at === null) return
  throw new EngineError('invalid_request_error', `the environment ${id} is archived`, {
    hint: 'create another',
    details: { error_code: 'environment_archived' },
  })
}

function noEnvironment(id: string): EngineError {
  return notFound('environment', id, 'list the environments of this workspace')
}
