import { expect, test } from 'vitest'
import { toolError } from '../../src/1-ingest/tool-error.ts'

const REJECTED =
  "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file)."

test.each([
  { what: 'a failed command', text: 'Exit code 2\nno such file', error_class: 'exit_code', exit_code: 2 },
  {
    what: 'a failed command of mini-swe-agent',
    text: '<returncode>1</returncode>',
    error_class: 'exit_code',
    exit_code: 1,
  },
  {
    what: 'a command that the harness stopped',
    text: 'Exit code 143\nCommand timed out after 2m 0.0s',
    error_class: 'timeout',
    exit_code: 143,
  },
  {
    what: 'a failed command that speaks of a time-out',
    text: 'Exit code 1\n3 tests timed out',
    error_class: 'exit_code',
    exit_code: 1,
  },
  { what: 'a tool that timed out', text: 'Request timed out', error_class: 'timeout', exit_code: null },
  {
    what: 'a fault that only names a time-out',
    text: 'Error: timeout must be positive',
    error_class: 'tool_fault',
    exit_code: null,
  },
  { what: 'a rejection', text: REJECTED, error_class: 'user_rejection', exit_code: null },
  {
    what: 'a plan that was not taken',
    text: 'User chose to stay in plan mode and continue planning',
    error_class: 'user_rejection',
    exit_code: null,
  },
  {
    what: 'a rejection in Codex',
    text: 'exec command rejected by user',
    error_class: 'user_rejection',
    exit_code: null,
  },
  {
    what: 'a denied permission',
    text: 'Permission to use Bash with command rm has been denied.',
    error_class: 'permission_denied',
    exit_code: null,
  },
  {
    what: 'a permission not granted',
    text: "Claude requested permissions to write to a.ts, but you haven't granted it yet.",
    error_class: 'permission_denied',
    exit_code: null,
  },
  {
    what: 'a hook that says no',
    text: 'PreToolUse:Bash hook error: [guard.sh]: not on main',
    error_class: 'permission_denied',
    exit_code: null,
  },
  {
    what: 'a file the system does not let us read',
    text: "EACCES: permission denied, open 'a'",
    error_class: 'tool_fault',
    exit_code: null,
  },
  {
    what: 'a call that does not fit the tool',
    text: '<tool_use_error>Unknown skill: comit</tool_use_error>',
    error_class: 'validation',
    exit_code: null,
  },
  {
    what: 'arguments that do not parse',
    text: 'failed to parse function arguments: missing field',
    error_class: 'validation',
    exit_code: null,
  },
  {
    what: 'a call dropped for a parallel one',
    text: '<tool_use_error>Cancelled: parallel tool call Bash(ls) errored</tool_use_error>',
    error_class: 'infrastructure',
    exit_code: null,
  },
  {
    what: 'an interrupted call',
    text: '[Request interrupted by user for tool use]',
    error_class: 'interrupt',
    exit_code: null,
  },
  {
    what: 'an interrupted call in Codex',
    text: 'aborted by user after 2.1s',
    error_class: 'interrupt',
    exit_code: null,
  },
  {
    what: 'a server that is away',
    text: 'connect ECONNREFUSED 127.0.0.1:80',
    error_class: 'infrastructure',
    exit_code: null,
  },
  { what: 'anything else', text: 'String to replace not found', error_class: 'tool_fault', exit_code: null },
])('a result flagged as an error: $what is $error_class', ({ text, error_class, exit_code }) => {
  expect(toolError(text, true)).toEqual({ is_error: true, error_class, exit_code })
})

test.each([
  { what: 'an error of a tool', text: 'Error: User not found', is_error: true },
  { what: 'an exception', text: 'ValueError: invalid literal', is_error: true },
  { what: 'a stack trace', text: 'Traceback (most recent call last):\n  File', is_error: true },
  { what: 'an error in JSON', text: '{"error": "not found"}', is_error: true },
  { what: 'a rejection', text: 'exec command rejected by user', is_error: true },
  { what: 'a failed command', text: 'Exit code 1', is_error: true },
  { what: 'a command that went well', text: 'Exit code 0', is_error: false },
  { what: 'JSON without an error', text: '{"error": null, "id": 7}', is_error: false },
  { what: 'prose about errors', text: 'The error rate is 2 %', is_error: false },
  { what: 'an error further down', text: 'log:\nError: disk full', is_error: false },
  { what: 'prose about hooks', text: 'The webhook denied error is documented.', is_error: false },
  { what: 'nothing', text: '', is_error: false },
])('a result without a flag: $what is judged by its first words', ({ text, is_error }) => {
  expect(toolError(text, null).is_error).toBe(is_error)
})

test.each([
  {
    what: 'a good result is not judged by its words',
    says: false,
    exit_code: null,
    is_error: false,
    error_class: null,
  },
  {
    what: 'a good exit code does not undo a flag',
    says: true,
    exit_code: 0,
    is_error: true,
    error_class: 'tool_fault',
  },
  {
    what: 'a bad exit code outweighs a good flag',
    says: false,
    exit_code: 3,
    is_error: true,
    error_class: 'exit_code',
  },
  { what: 'exit code 124 is a time-out', says: null, exit_code: 124, is_error: true, error_class: 'timeout' },
] as const)('$what', ({ says, exit_code, is_error, error_class }) => {
  expect(toolError('Error: words', says, exit_code)).toEqual({ is_error, error_class, exit_code })
})
