/** Workspaces: the one that is open, and, for whoever looks after the whole of a database, all of them. */
import { insertWorkspace, listWorkspaces, ownWorkspace, updateWorkspace } from '../db/workspaces.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor } from '../domain/memory.ts'
import { type Page, type PageRequest, pageOf } from '../domain/page.ts'
import { hostNamed, regionNamed } from '../domain/residency.ts'
import { type Workspace, workspaceNamed } from '../domain/workspace.ts'
import type { Opened } from './opened.ts'

export type NewWorkspace = Partial<Pick<Workspace, 'offline' | 'regions' | 'model_hosts'>> & { name: string }

export function workspaceOf({ db }: Opened) {
  return {
    /** The workspace that is open, with what it allows. */
    workspace: () => ownWorkspace(db),
  }
}

export function workspacesOf({ db, now }: Opened) {
  return {
    async list(page: PageRequest = {}): Promise<Page<Workspace>> {
      return pageOf(await listWorkspaces(db), page)
    },

    /** Throws `invalid_request_error` for what is no name, region or host, `conflict_error` for a name that is taken. */
    async create({ name, ...allowed }: NewWorkspace, as: Actor): Promise<Workspace> {
      const workspace = {
        name: workspaceNamed(name),
        created_at: now().toISOString(),
        ...{ offline: false, regions: [], model_hosts: [] },
        ...checkedAllowance(allowed),
      }
      return db.transaction().execute((tx) => insertWorkspace(tx, workspace, as))
    },

    /** What is given takes the place of what the workspace allowed; what is not stays. Throws `not_found_error` for a name that is not there. */
    async change({ name, ...allowed }: NewWorkspace, as: Actor): Promise<Workspace> {
      const by = { actor: as, at: now().toISOString() }
      const changed = await db
        .transaction()
        .execute((tx) => updateWorkspace(tx, name, checkedAllowance(allowed), by))
      if (changed) return changed
      throw new EngineError('not_found_error', `there is no workspace ${name}`, {
        hint: '`reverie workspace list` shows those that are there',
      })
    },
  }
}

function checkedAllowance({ offline, regions, model_hosts }: Omit<NewWorkspace, 'name'>) {
  return {
    ...(offline === undefined ? {} : { offline }),
    ...(regions === undefined ? {} : { regions: [...new Set(regions.map(regionNamed))] }),
    ...(model_hosts === undefined ? {} : { model_hosts: [...new Set(model_hosts.map(hostNamed))] }),
  }
}
