import type { Show } from '../call.ts'
import { wrap } from '../layout.ts'

export type Installed = {
  harness: 'claude-code'
  /** The settings, where they really stand. */
  file: string
  is_changed: boolean
  dry_run: boolean
  /** The commands that stand there, or would; null once they are taken out. */
  hooks: { SessionStart: string | null; SessionEnd: string | null }
  /** Hooks are switched off in this file, ours too. */
  is_switched_off: boolean
}

export const showInstalled: Show<Installed> = (it, { columns, bold, command }) => {
  const { file, is_changed, dry_run, hooks } = it
  const done = is_changed ? (dry_run ? 'Would be written to' : 'Written to') : 'Nothing to do. In'
  const off = it.is_switched_off
    ? `\n${wrap('This file switches off every hook, these too: "disableAllHooks" is true in it.', columns)}\n`
    : ''
  return `${done} ${bold(file)}${is_changed ? ':' : ' stand already:'}
  when a session begins  ${hooks.SessionStart}
  when it has ended      ${hooks.SessionEnd}
${off}
${wrap('From the next session on: what was learned is given to each session that begins, and what has ended is stored, and dreamed over once a day.', columns)}
What was done stands in hooks.log in the data folder. To take it out again:
  ${command(['uninstall', 'claude-code'])}
`
}

export const showUninstalled: Show<Installed> = (
  { file, is_changed, dry_run },
  { bold, columns, command },
) => {
  if (!is_changed) return `Nothing to do: ${bold(file)} has no hooks of Reverie.\n`
  return `${dry_run ? 'Would be taken' : 'Taken'} out of ${bold(file)}.
${wrap(`What Reverie has stored stays; ${command(['erase', '--help'])} tells how it is removed.`, columns)}
`
}
