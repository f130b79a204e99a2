/** The one door to language models: what a workspace allows goes through it, over the network, and nothing else does. */
import { type Outbound, within } from '../domain/residency.ts'
import type { Workspace } from '../domain/workspace.ts'

export function outboundOf(workspace: Workspace): Outbound {
  return within(workspace, (url, request) => fetch(url, request))
}
