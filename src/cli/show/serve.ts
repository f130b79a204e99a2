import type { ApiKey } from '../../domain/api-key.ts'
import { wrap } from '../layout.ts'
import type { Screen } from '../screen.ts'

export type Served = {
  address: string
  docs: string
  database: string
  /** Made because nobody had one. */
  key: (ApiKey & { token: string }) | null
}

export function showServed({ address, docs, key }: Served, screen: Screen): string {
  const { bold } = screen
  const listening = `Reverie listens on ${bold(address)}; what it can do stands on ${docs}\n`
  const more = screen.command(['keys', 'create', 'NAME', '--role', 'writer'])
  if (key === null) return `${listening}Another key: ${more}\n`
  return `${listening}
${wrap('Nobody had a key yet, so this one was made. It may do everything, and is shown this once:', screen.columns)}

  ${bold(key.token)}

Try it:
  curl -H 'x-api-key: ${key.token}' ${address}/v1/memory_stores
  new Anthropic({ apiKey: '${key.token}', baseURL: '${address}' })

Another key: ${more}
`
}
