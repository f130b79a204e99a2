import { z } from 'zod'
import { EngineError } from './error.ts'

/**
 * A part of a database that knows nothing of the others: its sessions, memory stores and audit log are its own. It says, too,
 * where what is in it may be sent.
 */
export const Workspace = z.object({
  id: z.string().startsWith('wrkspc_'),
  name: z.string(),
  created_at: z.string(),
  /** Nothing leaves this machine. */
  offline: z.boolean(),
  /** Where a model may keep what it is told; empty: wherever the listed hosts do. */
  regions: z.array(z.string()),
  /** The hosts that may be called, each with its port where it is not the usual one; empty: none. */
  model_hosts: z.array(z.string()),
})
export type Workspace = z.infer<typeof Workspace>

/** A name that can be typed, and told from every other by eye. */
export function workspaceNamed(text: string): string {
  if (text.length <= 64 && /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(text)) return text
  throw new EngineError('invalid_request_error', `${JSON.stringify(text)} is no name for a workspace`, {
    hint: 'give small letters and digits, with single dashes, dots or underscores between them, at most 64 in all',
  })
}
