/** The same Reverie once more, in the background: it outlives whoever starts it, and what it says goes to a log of its own. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { dataFolder } from './data-folder.ts'

/** Returns at once. The log is in the data folder. */
export function startInBackground(args: string[]): void {
  const log = openLog()
  const child = spawn(process.execPath, [process.argv[1]!, ...args], {
    cwd: dataFolder(),
    detached: true,
    stdio: ['ignore', log, log],
    windowsHide: true,
  })
  // A machine that starts no further process has other worries; the next hook tries again.
  child.on('error', () => {})
  if (child.pid !== undefined) yieldToOthers(child.pid)
  child.unref()
  closeSync(log)
}

function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Where that is not allowed it runs like others.
  }
}

const MAX_LOG_BYTES = 1_000_000

/** The log of before is kept once. */
function openLog(): number {
  mkdirSync(dataFolder(), { recursive: true })
  const file = join(dataFolder(), 'hooks.log')
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}
