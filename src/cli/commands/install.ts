/** Install: the hooks of Reverie put into the settings of a harness, and taken out again. */
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { DEFAULT_WORKSPACE } from '../../domain/default-workspace.ts'
import { EngineError } from '../../domain/error.ts'
import { sha256 } from '../../domain/id.ts'
import type { Answer, Call } from '../call.ts'
import {
  areSwitchedOff,
  type Hooks,
  hooksIn,
  NEW_SETTINGS,
  refuseNoSettings,
  settingsBefore,
  withHooks,
} from '../claude-settings.ts'
import { binary, quoted } from '../command-line.ts'
import { dataFolder } from '../data-folder.ts'
import { orFileError, replaceFile } from '../folder.ts'
import type { RedactionOptions } from '../redaction-choice.ts'
import { type Installed, showInstalled, showUninstalled } from '../show/install.ts'

type Options = { project?: boolean; dryRun?: boolean }

export async function install(
  call: Call,
  harness: 'claude-code',
  { project = false, dryRun: dry_run = false, ...redaction }: Options & RedactionOptions,
): Promise<Answer<Installed>> {
  const file = settingsFile(project)
  const before = settingsIn(file)
  const backup = backupOf(file)
  const original = before !== null && hasOurs(before) ? settingsBefore(before, keptIn(backup)) : before
  const after = withHooks(original ?? NEW_SETTINGS, hooksFor(call, redaction))
  const is_changed = after !== before
  if (is_changed && !dry_run) {
    keep(backup, original)
    orFileError('write', file, () => mkdirSync(dirname(file), { recursive: true }))
    replaceFile(file, Buffer.from(after))
  }
  return {
    data: {
      harness,
      file,
      is_changed,
      dry_run,
      hooks: hooksIn(after),
      is_switched_off: areSwitchedOff(after),
    },
    show: showInstalled,
  }
}

export async function uninstall(
  _call: Call,
  harness: 'claude-code',
  { project = false, dryRun: dry_run = false }: Options,
): Promise<Answer<Installed>> {
  const file = settingsFile(project)
  const before = settingsIn(file)
  const backup = backupOf(file)
  const is_changed = before !== null && hasOurs(before)
  const after = is_changed ? settingsBefore(before, keptIn(backup)) : before
  if (is_changed && !dry_run) {
    if (after === null) orFileError('remove', file, () => rmSync(file))
    else replaceFile(file, Buffer.from(after))
  }
  if (!dry_run) orFileError('remove', backup, () => rmSync(backup, { force: true }))
  return {
    data: {
      harness,
      file,
      is_changed,
      dry_run,
      hooks: { SessionStart: null, SessionEnd: null },
      is_switched_off: after !== null && areSwitchedOff(after),
    },
    show: showUninstalled,
  }
}

/**
 * A project's own settings may be committed, and these commands name places on this machine: they go into those that are not.
 *
 * A link is followed, since people keep their settings elsewhere; out of a project, which others may have written, it is not.
 */
function settingsFile(is_project: boolean): string {
  if (!is_project)
    return real(join(process.env.CLAUDE_CONFIG_DIR || join(homedir(), '.claude'), 'settings.json'))
  const folder = realpathSync(process.cwd())
  const file = real(join(folder, '.claude', 'settings.local.json'))
  if (file.startsWith(folder + sep)) return file
  throw new EngineError('file_access_error', `the settings of this project are a link to ${file}`, {
    hint: 'nothing was written; remove the link, or install for yourself without --project',
  })
}

/** Where a file really stands, or would stand. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const folder = dirname(path)
    return folder === path ? path : join(real(folder), path.slice(folder.length))
  }
}

/** Null where there is no file. */
function settingsIn(file: string): string | null {
  const text = textOf(file)
  if (text !== null) refuseNoSettings(text, file)
  return text
}

/** Null where there was no file, undefined where nothing is kept. */
function keptIn(backup: string): string | null | undefined {
  const kept = textOf(backup)
  return kept === null ? undefined : kept === '' ? null : kept
}

/** Null where there is no file. */
function textOf(file: string): string | null {
  return orFileError('read', file, () => {
    try {
      const bytes = readFileSync(file)
      const text = bytes.toString('utf8')
      if (Buffer.from(text).equals(bytes)) return text
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return null
    }
    throw new EngineError('file_access_error', `${file} is no text in UTF-8`, {
      hint: 'it was left as it is',
    })
  })
}

function hasOurs(text: string): boolean {
  const { SessionStart, SessionEnd } = hooksIn(text)
  return SessionStart !== null || SessionEnd !== null
}

/** In our own folder: settings may hold secrets, and beside a project's they could be committed. */
function backupOf(file: string): string {
  return join(dataFolder(), 'before-install', `${sha256(file).slice(0, 16)}.json`)
}

/** An empty one says that there was no file. */
function keep(backup: string, original: string | null): void {
  orFileError('write', backup, () => {
    mkdirSync(dirname(backup), { recursive: true })
    writeFileSync(backup, original ?? '', { mode: 0o600 })
  })
}

/** The same Node and the same Reverie, wherever they are called from: a hook knows of no PATH and of no npm. */
function hooksFor(call: Call, { redact, names }: RedactionOptions): Hooks {
  const file = binary()
  if (file.split(sep).includes('_npx'))
    throw new EngineError('invalid_request_error', 'npx keeps Reverie for a while only', {
      hint: '`npm install -g` it first, and run this command of the one that stays',
    })
  const usual = join(dataFolder(), 'reverie.db')
  const reverie = [
    process.execPath,
    file,
    ...(call.database === usual ? [] : ['--db', absolute(call.database)]),
    ...(call.workspace === DEFAULT_WORKSPACE.name ? [] : ['--workspace', call.workspace]),
  ]
  const redaction = [
    ...(redact === undefined ? [] : ['--redact', redact.join(',')]),
    ...(names ? ['--names', resolve(names)] : []),
  ]
  return {
    SessionStart: commandLine([...reverie, 'hook', 'session-start']),
    SessionEnd: commandLine([...reverie, 'hook', 'session-end', ...redaction]),
  }
}

function absolute(database: string): string {
  return /^[a-z]+:\/\//i.test(database) ? database : resolve(database)
}

/** Claude Code hands it to a shell; on Windows to the one of Git, which takes slashes. */
function commandLine(words: string[]): string {
  return words.map((it) => quoted(process.platform === 'win32' ? it.replaceAll('\\', '/') : it)).join(' ')
}
