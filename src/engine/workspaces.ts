/** Workspaces: the one that is open. The others are for whoever looks after all of them (`openWorkspaces`). */
import { ownWorkspace } from '../db/workspaces.ts'
import type { Opened } from './opened.ts'

export function workspaceOf({ db }: Opened) {
  return {
    /** The workspace that is open, with what it allows. */
    workspace: () => ownWorkspace(db),
  }
}
