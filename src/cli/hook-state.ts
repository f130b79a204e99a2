/**
 * What the hooks have told the person already, in a small file of the data folder, so that each thing is told once.
 *
 * Where the file cannot be written nothing is told at all: a message at the beginning of every session would be worse than none.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dataFolder } from './data-folder.ts'

export type HookState = {
  /** The memory could be read once: that it is not there is no longer what a beginner has to expect. */
  has_worked: boolean
  /** That something is wrong has been told, and it has not been well since. */
  is_broken: boolean
  /** The dream whose changes were told of last. */
  told_dream: string | null
}

const NOTHING_YET: HookState = { has_worked: false, is_broken: false, told_dream: null }

export function hookState(): HookState {
  try {
    return { ...NOTHING_YET, ...JSON.parse(readFileSync(stateFile(), 'utf8')) }
  } catch {
    // None yet, or none that can be read: then nothing has been told.
    return NOTHING_YET
  }
}

/** False where it cannot be kept. */
export function keepHookState(state: HookState): boolean {
  const file = stateFile()
  const next = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(next, JSON.stringify(state))
    renameSync(next, file)
    return true
  } catch {
    return false
  }
}

function stateFile(): string {
  return join(dataFolder(), 'hooks', 'told.json')
}
