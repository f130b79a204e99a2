import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import type { ErrorClass } from '../../src/domain/event.ts'
import { call, deny, error, events, exit, result, say } from '../session-builder.ts'

describe('a call can be blamed for', () => {
  test.each<{ error_class: ErrorClass; blamed: boolean; judged: boolean; because: string }>([
    { error_class: 'tool_fault', blamed: true, judged: true, because: 'the tool refused it' },
    { error_class: 'validation', blamed: true, judged: true, because: 'its input was wrong' },
    { error_class: 'permission_denied', blamed: true, judged: true, because: 'a rule forbids it' },
    { error_class: 'timeout', blamed: true, judged: true, because: 'it took too long' },
    { error_class: 'user_rejection', blamed: false, judged: false, because: 'a rejection is feedback' },
    { error_class: 'interrupt', blamed: false, judged: false, because: 'a person stopped it' },
    {
      error_class: 'infrastructure',
      blamed: false,
      judged: false,
      because: 'nobody is to blame for an outage',
    },
  ])('$error_class: $blamed, for $because', ({ error_class, blamed, judged }) => {
    const [it] = callsOf(events(call('deploy'), error('it went wrong', error_class)))

    expect(it!.fault !== null).toBe(blamed)
    expect(it!.judged).toBe(judged)
  })
})

describe('an exit code other than 0', () => {
  test.each([
    { command: 'npm ci', words: 'ERESOLVE', is: 'a fault' },
    { command: 'grep -rn needle src', words: '', is: 'an answer' },
    { command: 'diff a b', words: '1c1', is: 'an answer' },
    { command: 'npm test', words: 'expected 1 to be 2', is: 'an answer' },
    { command: 'pnpm run typecheck', words: 'TS2345', is: 'an answer' },
    { command: 'pnpm --filter web test', words: 'expected 1 to be 2', is: 'an answer' },
    { command: './gradlew -p api test', words: 'There were failing tests', is: 'an answer' },
    { command: 'python3 -m pytest', words: 'assert 1 == 2', is: 'an answer' },
    { command: './check.sh', words: '3 tests failed, 20 passed', is: 'an answer' },
    { command: 'node script.js', words: 'cannot find module x', is: 'a fault' },
    { command: 'alembic upgrade', words: 'connection to port 5433 failed: refused', is: 'a fault' },
    { command: 'python load.py', words: 'KeyError: 3', is: 'a fault' },
  ])('of `$command` is $is', ({ command, words, is }) => {
    const [it] = callsOf(events(call('Bash', { command }), exit(1, words)))

    expect(it!.judged).toBe(true)
    expect(it!.fault !== null).toBe(is === 'a fault')
    expect(it!.answer !== null).toBe(is === 'an answer')
  })

  test('is a fault even of a test run when the program is not there', () => {
    const [it] = callsOf(
      events(call('Bash', { command: 'pytest -x' }), exit(127, 'bash: pytest: command not found')),
    )

    expect(it!.fault?.template).toBe('pytest: command not found')
  })
})

describe('a failure without a word', () => {
  test.each([
    { code: 137, template: 'exit code 137' },
    { code: 3, template: 'exit code 3' },
    // Everything exits with that.
    { code: 1, template: '(no message)' },
  ])('is known by its exit code $code: $template', ({ code, template }) => {
    const [it] = callsOf(events(call('Bash', { command: './render.sh' }), exit(code)))
    expect(it!.fault?.template).toBe(template)
  })

  test('is known by its words where it has some', () => {
    const [it] = callsOf(events(call('Bash', { command: './render.sh' }), exit(137, 'Killed')))
    expect(it!.fault?.template).toBe('Killed')
  })
})

test('an error is told without the names that its call was given', () => {
  const [it] = callsOf(events(call('open', { name: 'ledger' }), error('ledger is locked')))
  expect(it!.fault?.template).toBe('<…> is locked')
})

describe('of several programs in one command', () => {
  const command = 'npm ci && jq . a.json && git push'

  test.each([
    { shell: 'bash', words: 'bash: line 1: jq: command not found' },
    { shell: 'dash', words: '/bin/sh: 1: jq: not found' },
    { shell: 'zsh', words: 'zsh:1: command not found: jq' },
  ])('the one that $shell does not find is to blame', ({ words }) => {
    const [it] = callsOf(events(call('Bash', { command }), exit(127, words)))
    expect(it!.action).toBe('jq')
  })

  test.each([
    { when: 'nothing names one', step: exit(1, 'rejected') },
    { when: 'all went well', step: result() },
    { when: 'nobody knows', step: say('and?') },
  ])('the last one counts when $when', ({ step }) => {
    const [it] = callsOf(events(call('Bash', { command }), step))
    expect(it!.action).toBe('git push')
  })
})

test.each([
  { tool: 'Bash', input: { command: 'npm ci && git push' }, actions: ['npm ci', 'git push'] },
  { tool: 'find_order', input: { order: '17' }, actions: ['find_order'] },
])('a call of $tool did $actions', ({ tool, input, actions }) => {
  const [it] = callsOf(events(call(tool, input), result()))
  expect(it!.actions).toEqual(actions)
})

describe('results', () => {
  test('out of order find the calls that they answer', () => {
    const calls = callsOf(
      events(call('a', {}, 'c1'), call('b', {}, 'c2'), error('no', 'tool_fault', 'c2'), result('yes', 'c1')),
    )
    expect(
      calls.map(({ action, at, answered_at, fault }) => [action, at, answered_at, fault?.template]),
    ).toEqual([
      ['a', 0, 3, undefined],
      ['b', 1, 2, 'no'],
    ])
  })

  test('that are missing leave a call unjudged', () => {
    expect(callsOf(events(call('a'), say('never mind')))).toMatchObject([
      { action: 'a', answered_at: 0, judged: false, fault: null },
    ])
  })

  test('of a call that a person denied say nothing of it', () => {
    const [it] = callsOf(events(call('send'), deny('not now'), error('Permission denied by user')))
    expect(it).toMatchObject({ judged: false, fault: null, denied: true })
  })

  test('that answer no call are passed over', () => {
    expect(callsOf(events(say('hi'), result('lost', 'no such call')))).toEqual([])
  })
})
