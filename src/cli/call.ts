import type { PrivacyChoice } from '../domain/pii.ts'
import type { Engine, Server, Workspaces } from '../engine.ts'
import type { Progress } from './progress.ts'
import type { Screen } from './screen.ts'
import type { Terminal } from './terminal.ts'

/** What a command is given besides its own arguments. */
export type Call = {
  /** The database the user chose, or the usual one. */
  database: string
  /** Name of the workspace the user chose, or of the usual one. */
  workspace: string
  /** Opens the chosen workspace of that database, or the default one of another; it is closed when the command has ended. */
  open: (database?: string) => Promise<Engine>
  /** Opens the chosen workspace without making or migrating its database, and waits no longer than that for others who write. */
  openInHurry: (patience_ms: number) => Promise<Engine>
  /** The workspaces of that database; closed when the command has ended. */
  openWorkspaces: () => Promise<Workspaces>
  /** Every workspace of that database, and the keys to them; closed when the command has ended. */
  openServer: (options?: { allows_private_webhooks: boolean; redacts: PrivacyChoice }) => Promise<Server>
  /** Shows something before the answer is there. In JSON mode nothing is shown. */
  say: Say
  screen: Screen
  /** Where a person is at the terminal; null where nobody can be asked, as in JSON mode. */
  terminal: () => Terminal | null
  progress: Progress
}

export type Say = <T>(data: T, show: Show<T>) => void

/** Data -> text. The data is printable already; a line ends in a newline. */
export type Show<T> = (data: T, screen: Screen) => string

/**
 * What a command answers: data, which is its JSON, and how the same data reads as text.
 *
 * What `remark` says goes to stderr, where the answer itself is meant for a program even as text; in JSON mode the data has it.
 *
 * `exit_code` is 1 where the answer is an account of a failure. A command that goes on after it has answered gives `until`, which is
 * settled when it has ended; its JSON is one line.
 */
export type Answer<T> = {
  data: T
  show: Show<T>
  remark?: Show<T>
  exit_code?: 0 | 1
  until?: () => Promise<void>
}
