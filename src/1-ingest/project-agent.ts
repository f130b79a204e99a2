/**
 * Whose sessions those of a harness are: in one project, the harness is one agent, so that lessons stay with their project.
 *
 * Whoever recalls for a session before it is ingested asks here too, and both come to the same name.
 */
import type { Harness } from '../domain/session.ts'
import { lastPart } from './path-name.ts'

/** `claude-code:acme-api` for sessions that begin in `/home/ada/acme-api`; null for a folder that nobody knows. */
export function projectAgent(harness: Harness, folder: string | null): string {
  return `${harness}:${lastPart(folder ?? '') || 'unknown'}`
}
