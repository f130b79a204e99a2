/** The hooks in the settings of Claude Code: whatever stands there, it stands there afterwards, to the byte. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, constantFrom, dictionary, integer, jsonValue, property, record, string } from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  areSwitchedOff,
  hooksIn,
  NEW_SETTINGS,
  refuseNoSettings,
  settingsBefore,
  withHooks,
  withoutHooks,
} from '../../src/cli/claude-settings.ts'
import { Installed } from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const OURS = {
  SessionStart: '/opt/node /opt/reverie/bin/reverie.js hook session-start',
  SessionEnd: "'/my node' /opt/reverie/bin/reverie.js --db '/a b.db' hook session-end --redact email",
}
const THEIRS = { hooks: [{ type: 'command', command: 'say hello' }], matcher: 'startup' }

/** What people have in their settings, with hooks of others and without, laid out as people lay it out. */
const settings = record({
  values: dictionary(string(), jsonValue()),
  hooks: constantFrom(
    undefined,
    {},
    { SessionStart: [] },
    { SessionStart: [THEIRS], Stop: [THEIRS] },
    { SessionEnd: [THEIRS, { hooks: [] }], SessionStart: [{ matcher: 'resume', hooks: [] }] },
  ),
  indent: constantFrom(0, 1, 2, 4, '\t'),
  newline: constantFrom('\n', '\r\n'),
  end: constantFrom('', '\n', '\n\n'),
  mark: constantFrom('', '\ufeff'),
}).map(({ values, hooks, indent, newline, end, mark }) => {
  const { hooks: _, ...others } = values
  const json = JSON.stringify(hooks ? { ...others, hooks, last: 1 } : others, null, indent)
  return `${mark}${(json + end).replaceAll('\n', newline)}`
})

const read = (text: string) => JSON.parse(text.replace(/^\ufeff/, ''))

describe('in any settings', () => {
  test('the hooks are put in once, and nothing else changes', () => {
    assert(
      property(settings, (text) => {
        const after = withHooks(text, OURS)

        expect(hooksIn(after)).toEqual(OURS)
        expect(withHooks(after, OURS)).toBe(after)
        const { hooks, ...others } = read(text)
        const { hooks: now, ...kept } = read(after)
        expect(kept).toEqual(others)
        for (const [event, groups] of Object.entries(hooks ?? {}) as [string, unknown[]][])
          expect(now[event].slice(0, groups.length)).toEqual(groups)
      }),
    )
  })

  test('taken out again, they leave the same bytes', () => {
    assert(
      property(settings, (text) => {
        expect(settingsBefore(withHooks(text, OURS), text)).toBe(text)
      }),
    )
  })

  test('what was changed meanwhile stays, and so do the bytes around it', () => {
    assert(
      property(settings, string(), integer(), (text, name, value) => {
        const installed = withHooks(text, OURS)
        const open = installed.indexOf('{') + 1
        const key = JSON.stringify(`added ${name}`)
        const edited = `${installed.slice(0, open)}${key}: ${value},${installed.slice(open)}`

        const after = settingsBefore(edited, text)!

        const { hooks: before_hooks, ...before } = read(text)
        const { hooks, ...rest } = read(after)
        expect(rest).toEqual({ [`added ${name}`]: value, ...before })
        expect(after.slice(0, open + key.length)).toBe(edited.slice(0, open + key.length))
        const others = (it: Record<string, unknown[]> = {}) =>
          Object.fromEntries(Object.entries(it).filter(([, groups]) => groups.length > 0))
        expect(others(hooks)).toEqual(others(before_hooks))
      }),
    )
  })
})

test.each([
  {
    name: 'of another place',
    there: {
      SessionStart: 'node /old/reverie.js hook session-start',
      SessionEnd: 'reverie hook session-end',
    },
  },
  { name: 'only one of them', there: { SessionStart: OURS.SessionStart, SessionEnd: 'say goodbye' } },
])('hooks $name are replaced, not doubled', ({ there }) => {
  const after = withHooks(withHooks(NEW_SETTINGS, there), OURS)

  expect(hooksIn(after)).toEqual(OURS)
  expect(after.includes('say goodbye')).toBe(there.SessionEnd === 'say goodbye')
})

test('a hook of ours that a person has put beside others is taken from among them', () => {
  const text = withHooks('{"hooks":{"SessionStart":[{"hooks":[{"command":"a"}]}]}}', OURS)
  const moved = JSON.stringify({
    hooks: {
      SessionStart: [
        { matcher: 'startup', hooks: [{ command: 'a' }, { command: OURS.SessionStart }, { command: 'b' }] },
      ],
    },
  })

  expect(read(withoutHooks(moved))).toEqual({
    hooks: { SessionStart: [{ matcher: 'startup', hooks: [{ command: 'a' }, { command: 'b' }] }] },
  })
  expect(withoutHooks(text)).toBe('{"hooks":{"SessionStart":[{"hooks":[{"command":"a"}]}]}}')
})

test.each([
  { name: 'no JSON', text: '{"a": 1,}', says: /no settings.*position 8/s },
  { name: 'a list', text: '[]', says: /no JSON object/ },
  { name: 'hooks of another kind', text: '{"hooks": []}', says: /"hooks" is no object/ },
  { name: 'a hook of another kind', text: '{"hooks": {"SessionEnd": {}}}', says: /SessionEnd are no list/ },
])('$name is refused', ({ text, says }) => {
  expect(() => refuseNoSettings(text, '/a/settings.json')).toThrow(says)
})

test('that hooks are switched off is seen', () => {
  expect(areSwitchedOff('{"disableAllHooks": true}')).toBe(true)
  expect(areSwitchedOff('{"disableAllHooks": 1}')).toBe(false)
})

// ---------------------------------------------------------------- on disk

const home = mkdtempSync(join(tmpdir(), 'reverie-install-'))
const folder = join(home, '.claude')
const file = join(folder, 'settings.json')
afterAll(() => rmSync(home, { recursive: true }))
beforeEach(() => rmSync(folder, { recursive: true, force: true }))

test('installed and uninstalled, a file is what it was, with its mode', async () => {
  const text = '{\n    "model": "opus",\n    "hooks": { }\n}'
  mkdirSync(folder)
  writeFileSync(file, text)
  chmodSync(file, 0o600)

  const dry = Installed.parse(await reverieJson(['install', 'claude-code', '--dry-run'], { home }))
  const untouched = readFileSync(file, 'utf8')
  const installed = Installed.parse(
    await reverieJson(['install', 'claude-code', '--redact', 'email'], { home }),
  )
  const again = Installed.parse(await reverieJson(['install', 'claude-code', '--redact', 'email'], { home }))
  const commands = hooksIn(readFileSync(file, 'utf8'))
  const uninstalled = Installed.parse(await reverieJson(['uninstall', 'claude-code'], { home }))

  expect([dry.is_changed, installed.is_changed, again.is_changed, uninstalled.is_changed]).toEqual([
    true,
    true,
    false,
    true,
  ])
  expect(untouched).toBe(text)
  expect(commands).toEqual(installed.hooks)
  expect(commands.SessionEnd).toMatch(/reverie\.js hook session-end --redact email$/)
  expect(commands.SessionStart!.split(' ')[0]).toContain(process.execPath)
  expect(readFileSync(file, 'utf8')).toBe(text)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('where there was no file there is none again', async () => {
  await reverie(['install', 'claude-code'], { home })
  const was_there = existsSync(file)
  await reverie(['install', 'claude-code', '--db', 'other.db'], { home })
  const { SessionStart } = hooksIn(readFileSync(file, 'utf8'))
  await reverie(['uninstall', 'claude-code'], { home })

  expect(was_there).toBe(true)
  expect(SessionStart).toContain(`--db ${join(home, 'other.db')} hook session-start`)
  expect(existsSync(file)).toBe(false)
})

test('a project has them in the settings that are not committed, and CLAUDE_CONFIG_DIR is heeded', async () => {
  await reverie(['install', 'claude-code', '--project'], { home })
  await reverie(['install', 'claude-code'], { home, env: { CLAUDE_CONFIG_DIR: join(home, 'elsewhere') } })

  expect(existsSync(join(folder, 'settings.local.json'))).toBe(true)
  expect(existsSync(join(home, 'elsewhere', 'settings.json'))).toBe(true)
  expect(existsSync(file)).toBe(false)
})

test("a link of one's own is followed and stays a link; one that leads out of a project is not", async () => {
  mkdirSync(folder)
  writeFileSync(join(home, 'dotfile.json'), '{}')
  symlinkSync(join(home, 'dotfile.json'), file)
  mkdirSync(join(home, 'project', '.claude'), { recursive: true })
  symlinkSync(join(home, 'dotfile.json'), join(home, 'project', '.claude', 'settings.local.json'))

  const own = await reverieJson(['install', 'claude-code'], { home })
  const written = readFileSync(join(home, 'dotfile.json'), 'utf8')
  const led_out = await reverieJson(['install', 'claude-code', '--project'], { home: join(home, 'project') })

  expect(own.file).toBe(join(home, 'dotfile.json'))
  expect(hooksIn(written)).toEqual(own.hooks)
  expect(led_out.error).toMatchObject({ type: 'file_access_error' })
  expect(readFileSync(join(home, 'dotfile.json'), 'utf8')).toBe(written)
})

test('settings that are no JSON are left alone, and it is said where they are wrong', async () => {
  mkdirSync(folder)
  writeFileSync(file, '{"a": 1,}')

  const { stderr, exit_code } = await reverie(['install', 'claude-code'], { home })

  expect(exit_code).toBe(1)
  expect(stderr.replace(/\s+/g, ' ')).toContain(`${file} holds no settings of Claude Code`)
  expect(readFileSync(file, 'utf8')).toBe('{"a": 1,}')
})
