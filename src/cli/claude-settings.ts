/**
 * The hooks of Reverie in a settings file of Claude Code: put in, found, and taken out again.
 *
 * Text in, text out. Whatever else stands in the file stays as it is, to the byte. A hook is known as ours by its command, which
 * names Reverie and our hook, so one that was written by another version, or for another place, is replaced and not doubled.
 */
import { EngineError } from '../domain/error.ts'
import { placesIn, withItem, withoutItem } from './json-text.ts'

/** The event of Claude Code, and the command that it is to run. */
export type Hooks = Record<HookEvent, string>
export type HookEvent = (typeof EVENTS)[number]

const EVENTS = ['SessionStart', 'SessionEnd'] as const
const NAMES: Record<HookEvent, string> = { SessionStart: 'session-start', SessionEnd: 'session-end' }

/** In seconds. Far more than they take; without it Claude Code ends what runs at the end of a session after 1.5. */
const TIMEOUT = 10

/**
 * The settings with these hooks, each once. A text that has them already comes back as it is. `refuseNoSettings` comes before this,
 * and before all else here.
 */
export function withHooks(text: string, hooks: Hooks): string {
  if (EVENTS.every((it) => hooksIn(text)[it] === hooks[it])) return text
  let next = withoutHooks(text)
  if (placesIn(next, ['hooks'], '{') === null) next = withItem(next, [], 'hooks', {})
  for (const event of EVENTS) {
    const group = { hooks: [{ type: 'command', command: hooks[event], timeout: TIMEOUT }] }
    if (placesIn(next, ['hooks', event], '[') === null) next = withItem(next, ['hooks'], event, [group])
    else next = withItem(next, ['hooks', event], null, group)
  }
  return next
}

/** The settings without our hooks, and without what is empty once they are gone. */
export function withoutHooks(text: string): string {
  let next = text
  for (const event of EVENTS) {
    for (let place = firstOurs(next, event); place; place = firstOurs(next, event)) {
      const way = ['hooks', event]
      next = withoutItem(next, [...way, place.group, 'hooks'], place.hook)
      next = withoutEmpty(next, [...way, place.group], 'hooks', way, place.group)
      next = withoutEmpty(next, ['hooks'], event, ['hooks'], event)
      next = withoutEmpty(next, [], 'hooks', [], 'hooks')
    }
  }
  return next
}

/**
 * What stood there before the hooks were put in: `before`, to the byte, where nothing but them was changed since; otherwise
 * the settings as they are without them. Null is no file, and undefined that nobody knows what stood there.
 */
export function settingsBefore(text: string, before: string | null | undefined): string | null {
  const { SessionStart, SessionEnd } = hooksIn(text)
  const is_as_written =
    before !== undefined &&
    SessionStart !== null &&
    SessionEnd !== null &&
    withHooks(before ?? NEW_SETTINGS, { SessionStart, SessionEnd }) === text
  return is_as_written ? before : withoutHooks(text)
}

export const NEW_SETTINGS = '{}\n'

/** Our hooks in these settings: the command of each, where it is there once; null where it is not there, or more than once. */
export function hooksIn(text: string): Record<HookEvent, string | null> {
  const one = (event: HookEvent) => {
    const found = groupsOf(text, event).flatMap((it) =>
      it.commands.filter((command) => isOurs(command, event)),
    )
    return found.length === 1 ? found[0]! : null
  }
  return { SessionStart: one('SessionStart'), SessionEnd: one('SessionEnd') }
}

/** Whether these settings switch off every hook, ours too. */
export function areSwitchedOff(text: string): boolean {
  return JSON.parse(withoutMark(text)).disableAllHooks === true
}

type Group = { commands: string[] }

function groupsOf(text: string, event: HookEvent): Group[] {
  const groups = JSON.parse(withoutMark(text)).hooks?.[event]
  if (!Array.isArray(groups)) return []
  return groups.map((group) => ({
    commands: Array.isArray(group?.hooks) ? group.hooks.map((it: unknown) => commandOf(it)) : [],
  }))
}

function commandOf(hook: unknown): string {
  const { command } = (hook ?? {}) as { command?: unknown }
  return typeof command === 'string' ? command : ''
}

function isOurs(command: string, event: HookEvent): boolean {
  return command.includes('reverie') && `${command} `.includes(` hook ${NAMES[event]} `)
}

function firstOurs(text: string, event: HookEvent): { group: number; hook: number } | null {
  for (const [group, { commands }] of groupsOf(text, event).entries()) {
    const hook = commands.findIndex((it) => isOurs(it, event))
    if (hook !== -1) return { group, hook }
  }
  return null
}

/** Takes out the item of `way` that has become empty: an object or list without items, or a group without hooks. */
function withoutEmpty(
  text: string,
  inside: (string | number)[],
  key: string,
  way: (string | number)[],
  item: string | number,
): string {
  const left = placesIn(text, [...inside, key], '[') ?? placesIn(text, [...inside, key], '{')
  if (left === null || left.length > 0) return text
  const index =
    typeof item === 'number' ? item : placesIn(text, way, '{')!.findLastIndex((it) => it.key === item)
  return withoutItem(text, way, index)
}

/** Throws `file_access_error` for a text of that file that is no settings. */
export function refuseNoSettings(text: string, file: string): void {
  const settings = parsed(text, file)
  if (!isObject(settings)) throw noSettings(file, 'it is no JSON object')
  const { hooks } = settings
  if (hooks !== undefined && !isObject(hooks)) throw noSettings(file, '"hooks" is no object')
  for (const event of EVENTS)
    if (hooks?.[event] !== undefined && !Array.isArray(hooks[event]))
      throw noSettings(file, `the hooks for ${event} are no list`)
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(withoutMark(text))
  } catch (error) {
    throw noSettings(file, error instanceof Error ? error.message : String(error))
  }
}

function noSettings(file: string, what: string): EngineError {
  return new EngineError('file_access_error', `${file} holds no settings of Claude Code: ${what}`, {
    hint: 'mend the file, or move it away, and run the command again; it was left as it is',
  })
}

function isObject(it: unknown): it is Record<string, unknown> {
  return typeof it === 'object' && it !== null && !Array.isArray(it)
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}
