import { expect, test } from 'vitest'
import { segments } from '../../src/1-ingest/injected-text.ts'

const told = (text: string) => segments(text).map(({ who, text }) => `${who}: ${text}`)

test.each([
  { what: 'words of a person', text: 'fix it', segments: ['person: fix it'] },
  {
    what: 'a person who writes markup',
    text: 'why <div> and not <p>x</p>?',
    segments: ['person: why <div> and not <p>x</p>?'],
  },
  { what: 'nothing', text: ' \n ', segments: [] },
  {
    what: 'a reminder alone',
    text: '<system-reminder>x</system-reminder>',
    segments: ['harness: <system-reminder>x</system-reminder>'],
  },
  {
    what: 'words around reminders',
    text: 'before <system-reminder>x</system-reminder> between <ide_selection>y</ide_selection> after',
    segments: [
      'person: before',
      'harness: <system-reminder>x</system-reminder>',
      'person: between',
      'harness: <ide_selection>y</ide_selection>',
      'person: after',
    ],
  },
  {
    what: 'blocks of the harness side by side',
    text: '<environment_context>x</environment_context>\n\n<user_instructions>y</user_instructions>',
    segments: [
      'harness: <environment_context>x</environment_context>\n\n<user_instructions>y</user_instructions>',
    ],
  },
  {
    what: 'a command with words of a person',
    text: '<command-name>/fix</command-name>\n<command-args>the header\nand footer</command-args>',
    segments: ['harness: <command-name>/fix</command-name>', 'person: the header\nand footer'],
  },
  {
    what: 'a command without',
    text: '<command-name>/fix</command-name>\n<command-args> </command-args>',
    segments: ['harness: <command-name>/fix</command-name>\n<command-args> </command-args>'],
  },
  {
    what: 'a tag that a person mentions',
    text: 'drop the <system-reminder> please',
    segments: ['person: drop the <system-reminder> please'],
  },
  {
    what: 'a reminder that was cut short',
    text: ' <system-reminder>The todo',
    segments: ['harness: <system-reminder>The todo'],
  },
  {
    what: 'output of a command',
    text: '<local-command-stdout>a</local-command-stdout>',
    segments: ['harness: <local-command-stdout>a</local-command-stdout>'],
  },
  {
    what: 'a skill',
    text: 'Base directory for this skill: /s\n# Deploy',
    segments: ['harness: Base directory for this skill: /s\n# Deploy'],
  },
  {
    what: 'an instructions file',
    text: '# AGENTS.md instructions for /x\n<INSTRUCTIONS>y</INSTRUCTIONS>\nz',
    segments: ['harness: # AGENTS.md instructions for /x\n<INSTRUCTIONS>y</INSTRUCTIONS>\nz'],
  },
  {
    what: 'a request below what the editor shows',
    text: '# Context from my IDE setup:\n## Open tabs:\n- a\n## My request for Codex:\nfix a',
    segments: [
      'harness: # Context from my IDE setup:\n## Open tabs:\n- a\n## My request for Codex:',
      'person: fix a',
    ],
  },
  {
    what: 'what the editor shows alone',
    text: '# Context from my IDE setup:\n- a',
    segments: ['harness: # Context from my IDE setup:\n- a'],
  },
])('$what', ({ text, segments }) => {
  expect(told(text)).toEqual(segments)
})

test('a text full of tags that are never closed is read in one pass', () => {
  const text = `a${'<system-reminder>'.repeat(300_000)}`
  expect(told(text)).toEqual([`person: ${text}`])
})
