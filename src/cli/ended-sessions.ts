/**
 * The sessions that have ended and are not stored yet: a file each in the data folder, so that none is forgotten whatever is killed, and a
 * lock that lets one process at a time store them.
 *
 * Whoever writes one down looks at the lock afterwards, and whoever has held the lock looks for more after he has let it go: so
 * either the one or the other sees to it.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../domain/id.ts'
import { dataFolder } from './data-folder.ts'
import type { RedactionOptions } from './redaction-choice.ts'

/** Of which database, and which workspace of it: each has notes and a lock of its own. */
export type Place = { database: string; workspace: string }

/** With what was to be redacted when it ended, whoever stores it. */
export type EndedSession = { transcript_path: string } & RedactionOptions

/** Written down under a name of its own, so that no session's words become a path. */
export function writeDown(place: Place, ended: EndedSession): void {
  const folder = endedFolder(place)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${sha256(ended.transcript_path).slice(0, 32)}.json`)
  const next = `${file}.${process.pid}`
  writeFileSync(next, JSON.stringify(ended))
  renameSync(next, file)
}

/** In the order of their names. `done` crosses one out, unless its session has ended once more meanwhile. */
export function endedSessions(place: Place): (EndedSession & { done: () => void })[] {
  const folder = endedFolder(place)
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
    .filter((it) => it.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const file = join(folder, name)
      const noted_at = notedAt(file)
      const ended = readEnded(file)
      const done = () => {
        if (notedAt(file) === noted_at) rmSync(file, { force: true })
      }
      // What is no such note was not written by us, and is in nobody's way.
      return ended ? [{ ...ended, done }] : []
    })
}

function notedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}

function readEnded(file: string): EndedSession | null {
  try {
    const ended = JSON.parse(readFileSync(file, 'utf8'))
    return typeof ended?.transcript_path === 'string' ? ended : null
  } catch {
    return null
  }
}

/** Whether somebody is at it. */
export function isBeingStored(place: Place): boolean {
  const held = statSync(lockFile(place), { throwIfNoEntry: false })
  return held !== undefined && Date.now() - held.mtimeMs < ABANDONED_MS && isAlive(readHolder(place))
}

/** Does the work while holding the lock; false where another holds it. The lock of one that has died is taken over. */
export async function alone(place: Place, work: () => Promise<void>): Promise<boolean> {
  if (!takeLock(place)) return false
  // A process number may be given out again, so a lock that nobody touches is nobody's.
  const touch = setInterval(() => {
    if (existsSync(lockFile(place))) utimesSync(lockFile(place), new Date(), new Date())
  }, ABANDONED_MS / 10)
  try {
    await work()
  } finally {
    clearInterval(touch)
    rmSync(lockFile(place), { force: true })
  }
  return true
}

const ABANDONED_MS = 60_000

/** Two who take over at once may both come through: then both store, and each session is stored once all the same. */
function takeLock(place: Place): boolean {
  mkdirSync(folderOf(place), { recursive: true })
  if (isBeingStored(place)) return false
  rmSync(lockFile(place), { force: true })
  try {
    writeFileSync(lockFile(place), String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readHolder(place: Place): number {
  try {
    return Number(readFileSync(lockFile(place), 'utf8'))
  } catch {
    // Let go of since.
    return 0
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function endedFolder(place: Place): string {
  return join(folderOf(place), 'ended')
}

function lockFile(place: Place): string {
  return join(folderOf(place), 'lock')
}

function folderOf({ database, workspace }: Place): string {
  return join(dataFolder(), 'hooks', sha256(`${database}\0${workspace}`).slice(0, 16))
}
