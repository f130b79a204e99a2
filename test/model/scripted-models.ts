/** Scripted providers, as an engine is told of them. */
import { writeFileSync } from 'node:fs'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'
import { openWorkspaces } from '../../src/engine.ts'
import type { Protocol } from './scripted-servers.ts'

const KINDS: Record<Protocol, string> = {
  anthropic: 'anthropic',
  openai: 'openai_compatible',
  google: 'google',
  bedrock: 'bedrock',
}

/** The environment variable that holds a key of scripted providers. */
export const KEY = 'REVERIE_SCRIPTED_KEY'

/**
 * Writes a models.yaml with one provider, `scripted`, which answers at `base_url`, and lets the default workspace of the database call it.
 * `more` are further lines of that provider; `besides` further lines of the file.
 */
export async function configure(
  database: string,
  models_file: string,
  { protocol, base_url, more = [], besides = [] }: Scripted,
): Promise<void> {
  process.env[KEY] = 'sk-scripted'
  const provider = [`kind: ${KINDS[protocol]}`, `base_url: ${base_url}`, `api_key_env: ${KEY}`, ...more]
  const lines = ['providers:', '  scripted:', ...provider.map((it) => `    ${it}`), ...besides]
  writeFileSync(models_file, `${lines.join('\n')}\n`)
  const workspaces = openWorkspaces({ database })
  await workspaces.change({ name: DEFAULT_WORKSPACE.name, model_hosts: [new URL(base_url).host] }, 'user:ana')
  await workspaces.close()
}

type Scripted = { protocol: Protocol; base_url: string; more?: string[]; besides?: string[] }
