/** Files as an export has them and an import wants them, on disk. No file is written over but the one a block is put into. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { EngineError } from '../domain/error.ts'
import type { ExchangeFile } from '../engine.ts'

/** Every file below a folder. Links are not followed: what they lead to was not meant. */
export function readFolder(folder: string): { files: ExchangeFile[]; links: string[] } {
  return orFileError('read', folder, () => {
    const files: ExchangeFile[] = []
    const links: string[] = []
    const visit = (below: string) => {
      for (const it of readdirSync(join(folder, below), { withFileTypes: true })) {
        const name = below === '' ? it.name : `${below}/${it.name}`
        if (it.isDirectory()) {
          if (it.name !== '.git') visit(name)
        } else if (it.isFile()) files.push({ name, bytes: readFileSync(join(folder, name)) })
        else links.push(name)
      }
    }
    visit('')
    return { files, links }
  })
}

/** Null where there is none. */
export function readFile(path: string, name: string): ExchangeFile | null {
  return orFileError('read', path, () => (exists(path) ? { name, bytes: readFileSync(path) } : null))
}

/** Writes into a folder that is new or empty, all of it or nothing. */
export function writeFolder(folder: string, files: ExchangeFile[]): void {
  const places = files.map((it) => ({ file: placeIn(folder, it.name), bytes: it.bytes }))
  orFileError('write to', folder, () => {
    const was_there = exists(folder)
    mkdirSync(folder, { recursive: true })
    if (readdirSync(folder).length > 0)
      throw new EngineError('invalid_request_error', `the folder ${folder} is not empty`, {
        hint: 'give a folder that is not there yet: an export never overwrites a file',
      })
    try {
      for (const { file, bytes } of places) {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, bytes, { flag: 'wx' })
      }
    } catch (error) {
      for (const it of readdirSync(folder)) rmSync(join(folder, it), { recursive: true })
      if (!was_there) rmSync(folder, { recursive: true })
      throw error
    }
  })
}

/**
 * Writes these files into a folder that is new or empty, or in the place of those of the last time, each at once. A folder in which anything
 * stands that `isOurs` does not know is left as it is.
 */
export function writeAgain(
  folder: string,
  files: ExchangeFile[],
  isOurs: (file: ExchangeFile) => boolean,
): void {
  orFileError('write to', folder, () => {
    mkdirSync(folder, { recursive: true })
    for (const it of readdirSync(folder, { withFileTypes: true })) {
      const is_ours = it.isFile() && isOurs({ name: it.name, bytes: readFileSync(join(folder, it.name)) })
      if (!is_ours)
        throw new EngineError('invalid_request_error', `${it.name} in ${folder} is none of ours`, {
          hint: 'give a folder that is not there yet, or the one of the last report',
        })
    }
    for (const it of files) replaceFile(join(folder, it.name), it.bytes)
  })
}

/** Refuses to write over a file. */
export function writeNewFile(path: string, bytes: Uint8Array, mode?: number): void {
  orFileError('write', path, () => writeFileSync(path, bytes, { flag: 'wx', mode }))
}

/** Puts a file in the place of another at once, so that nobody ever reads half of it. A link stays one. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  orFileError('write', path, () => {
    const place = exists(path) ? realpathSync(path) : path
    const mode = exists(place) ? statSync(place).mode : undefined
    const next = `${place}.reverie-${process.pid}`
    writeFileSync(next, bytes, { flag: 'wx', mode })
    try {
      renameSync(next, place)
    } catch (error) {
      rmSync(next)
      throw error
    }
  })
}

export function isFolder(path: string): boolean {
  const stat = () => statSync(path, { throwIfNoEntry: false })
  return orFileError('look at', path, stat)?.isDirectory() ?? false
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** A name in an export must not lead out of its folder. */
function placeIn(folder: string, name: string): string {
  const file = resolve(join(folder, name))
  if (!file.startsWith(folder + sep)) throw new Error(`${name} leads out of ${folder}`)
  return file
}

/** What the disk refuses, told as a person can use it. */
export function orFileError<T>(verb: string, path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new EngineError('file_access_error', `cannot ${verb} ${path}: ${error.message}`, {
      hint: HINTS[String(error.code)] ?? 'give a place that is there and that you may use',
      cause: error,
    })
  }
}

const HINTS: Record<string, string> = {
  EEXIST: 'give a file that is not there yet: none is ever written over',
  ENOTDIR: 'give a folder',
}
