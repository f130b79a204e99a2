import type { Page, PageRequest } from '../../domain/page.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { showMade, showWorkspace, showWorkspaces } from '../show/workspace.ts'

export async function listWorkspaces(call: Call, page: PageRequest): Promise<Answer<Page<Workspace>>> {
  const workspaces = await call.openWorkspaces()
  return { data: await workspaces.list(page), show: showWorkspaces }
}

export async function showOwnWorkspace(call: Call): Promise<Answer<Workspace>> {
  const engine = await call.open()
  return { data: await engine.workspace(), show: showWorkspace }
}

type Options = { region?: string[]; modelHost?: string[]; offline?: true; as?: string }

export async function createWorkspace(
  call: Call,
  name: string,
  { region: regions, modelHost: model_hosts, offline, as }: Options,
): Promise<Answer<Workspace>> {
  const workspaces = await call.openWorkspaces()
  return {
    data: await workspaces.create({ name, regions, model_hosts, offline }, personAt(as)),
    show: showMade,
  }
}

type Changes = Omit<Options, 'offline'> & {
  /** False with `--no-hosts`. */
  hosts?: boolean
  anyRegion?: true
  offline?: true
  online?: true
}

export async function setWorkspace(
  call: Call,
  name: string,
  { region, modelHost, anyRegion, hosts, offline, online, as }: Changes,
): Promise<Answer<Workspace>> {
  const workspaces = await call.openWorkspaces()
  const regions = anyRegion ? [] : region
  const model_hosts = hosts === false ? [] : modelHost
  return {
    data: await workspaces.change(
      { name, regions, model_hosts, offline: offline ?? (online ? false : undefined) },
      personAt(as),
    ),
    show: showWorkspace,
  }
}
