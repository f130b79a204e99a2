import { type ApiKey, isUsable } from '../../domain/api-key.ts'
import type { Page } from '../../domain/page.ts'
import type { Show } from '../call.ts'
import { table, wrap } from '../layout.ts'
import { minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export const showKeys =
  (now: Date): Show<Page<ApiKey>> =>
  ({ data, next_page }, screen) => {
    if (data.length === 0 && next_page === null)
      return `There is no key to this workspace yet.\n\nNext: ${screen.command(['keys', 'create', 'NAME', '--role', 'writer'])}\n`
    const rows = data.map((it) => [shortId(it), it.role, standing(it, now), lastUse(it), it.name])
    return `${table([['key', 'role', 'opens', 'last used (UTC)', 'name'], ...rows], screen.columns)}\n${screen.more(next_page)}`
  }

export const showKey =
  (now: Date): Show<ApiKey> =>
  (key, { columns, bold }) =>
    `${bold(key.name)}\n${wrap(`${key.id}, role ${key.role}, opens the workspace: ${standing(key, now)}.`, columns, '  ')}\n`

export function showNewKey(key: ApiKey & { token: string }, screen: Screen): string {
  const { columns, bold } = screen
  const facts = `${key.id}, role ${key.role}${key.expires_at === null ? '' : `, until ${minute(key.expires_at)} UTC`}. Shown this once:`
  const revoke = screen.command(['keys', 'revoke', shortId(key)])
  return `${bold(key.name)}\n${wrap(facts, columns, '  ')}\n\n  ${bold(key.token)}\n\nTo revoke it: ${revoke}\n`
}

/** Enough of an id to type. */
function shortId({ id }: ApiKey): string {
  return id.slice(0, 'apikey_'.length + 8)
}

function standing(key: ApiKey, now: Date): string {
  if (key.revoked_at !== null) return 'revoked'
  if (!isUsable(key, now.toISOString())) return 'ended'
  return key.expires_at === null ? 'yes' : `until ${key.expires_at.slice(0, 10)}`
}

function lastUse({ last_used_at }: ApiKey): string {
  return last_used_at === null ? 'never' : minute(last_used_at)
}
