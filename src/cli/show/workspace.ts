import type { Page } from '../../domain/page.ts'
import type { Workspace } from '../../domain/workspace.ts'
import { table, wrap } from '../layout.ts'
import { minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export function showWorkspaces({ data, next_page }: Page<Workspace>, screen: Screen): string {
  const rows = data.map((it) => [it.name, minute(it.created_at), allowed(it)])
  return `${table([['workspace', 'made (UTC)', 'may call'], ...rows], screen.columns)}\n${screen.more(next_page)}`
}

export function showWorkspace(it: Workspace, { columns, bold }: Screen): string {
  const facts = `Made ${minute(it.created_at)} UTC, ${it.id}. It may call ${allowed(it)}.`
  return `${bold(it.name)}\n${wrap(facts, columns, '  ')}\n`
}

export function showMade(it: Workspace, screen: Screen): string {
  const next = screen.command(['ingest', 'FILES', '--workspace', it.name])
  return `${showWorkspace(it, screen)}\nNext: ${next}\n`
}

function allowed({ offline, regions, model_hosts }: Workspace): string {
  if (model_hosts.length === 0) return offline ? 'nothing: it is offline' : 'no host'
  const where = regions.length === 0 ? '' : ` in ${regions.join(', ')}`
  return offline
    ? `only what of these is on this machine: ${model_hosts.join(', ')}`
    : `${model_hosts.join(', ')}${where}`
}
