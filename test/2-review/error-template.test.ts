import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorTemplate, tellingLine } from '../../src/2-review/error-template.ts'

const PYTHON = `Traceback (most recent call last):
  File "/srv/app/load.py", line 31, in <module>
    rows = read(path)
  File "/srv/app/read.py", line 7, in read
    return parse(text)
ValueError: row 12 has 3 columns
`

describe('the same error in two sessions is one template', () => {
  test.each([
    {
      differs: 'ids and numbers',
      texts: ['Error: order #W5490111 not found', 'Error: order #W2890441 not found'],
      template: 'order <id> not found',
    },
    {
      differs: 'decimals and separators',
      texts: ['balance 1,204.50 is below 10.00', 'balance 3.1 is below 7'],
      template: 'balance <n> is below <n>',
    },
    {
      differs: 'uuids',
      texts: ['no such job: 0198f3aa-11bc-7def-8000-0123456789ab', 'no such job: job-7'],
      template: 'no such job: <id>',
    },
    {
      differs: 'absolute paths',
      texts: ['cannot read /home/ana/api/a.ts', 'cannot read /srv/b/c/d.py'],
      template: 'cannot read <path>',
    },
    {
      differs: 'relative and Windows paths',
      texts: ['cannot read src/api/a.ts', 'cannot read C:\\Users\\ana\\b.ts'],
      template: 'cannot read <path>',
    },
    {
      differs: 'file names',
      texts: ['invalid header in report-2026.csv', 'invalid header in q3.csv'],
      template: 'invalid header in <file>',
    },
    {
      differs: 'quoted names',
      texts: ['no tool "get_order"', "no tool 'refund'", 'no tool `x y`'],
      template: 'no tool <…>',
    },
    {
      differs: 'lists',
      texts: ['must be one of [a, b]', 'must be one of [a, b, c]'],
      template: 'must be one of […]',
    },
    {
      differs: 'addresses',
      texts: [
        'cannot reach https://a.example/x?y=1 as ana@a.example',
        'cannot reach http://b.example as bo.b+c@b.example',
      ],
      template: 'cannot reach <url> as <email>',
    },
    {
      differs: 'the full stop and spaces at the end',
      texts: ['quota exceeded', 'quota exceeded.', '  quota   exceeded!! \n'],
      template: 'quota exceeded',
    },
    {
      differs: 'the word Error before it',
      texts: ['Error: quota exceeded', 'error: Error: quota exceeded', 'quota exceeded'],
      template: 'quota exceeded',
    },
    {
      differs: 'the tags of the harness',
      texts: ['<tool_use_error>File has not been read yet.</tool_use_error>', 'File has not been read yet'],
      template: 'File has not been read yet',
    },
    {
      differs: 'colours',
      texts: ['\u001b[1;31mfatal: not a git repository\u001b[0m', 'fatal: not a git repository'],
      template: 'fatal: not a git repository',
    },
    {
      differs: 'line endings',
      texts: ['quota exceeded\r\nask an admin', 'quota exceeded\nask an admin'],
      template: 'quota exceeded',
    },
    {
      differs: 'the whole in quotes',
      texts: ['"Order 17 not found"', 'Order 18 not found.'],
      template: 'Order <n> not found',
    },
    {
      differs: 'the stack above it',
      texts: [PYTHON, PYTHON.replace('31', '44').replace('row 12', 'row 7')],
      template: 'ValueError: row <n> has <n> columns',
    },
    {
      differs: 'what was printed before it',
      texts: [
        'Exit code 127\nbash: line 1: jq: command not found',
        'reading\n\nbash: line 7: jq: command not found',
      ],
      template: 'jq: command not found',
    },
    {
      differs: 'the shells',
      texts: [
        '/bin/sh: 1: jq: not found',
        'sh: 12: jq: not found',
        'bash: line 3: jq: not found',
        'dash: jq: not found',
      ],
      template: 'jq: not found',
    },
    {
      differs: 'how JSON is laid out',
      texts: [
        '{"error":"Order #W1 not found","code":404}',
        '{\n  "code": 404,\n  "error": "Order #W2 not found"\n}',
        "{'error': 'Order #W3 not found'}",
      ],
      template: 'Order <id> not found',
    },
    {
      differs: 'what stands around JSON',
      texts: [
        'APIError: 400 - {"error": {"type": "bad_request", "message": "balance too low"}}',
        '{"error":{"message":"balance too low","type":"invalid"}}',
      ],
      template: 'balance too low',
    },
    {
      differs: 'the time and the worker before it',
      texts: [
        '2026-11-12T10:11:00Z ERROR [worker-3] quota exceeded',
        '[2026-11-13 08:00:59,120] FATAL: quota exceeded',
        'quota exceeded',
      ],
      template: 'quota exceeded',
    },
    {
      differs: 'where in the code it is',
      texts: [
        "src/a.c:3:14: error: expected ';' before '}' token",
        "lib/deep/b.c:120:1: error: expected ')' before '{' token",
      ],
      template: 'expected <…> before <…> token',
    },
    {
      differs: 'where in the code it is, as other compilers say it',
      texts: [
        "src/a.ts(3,14): error TS2307: Cannot find module 'x'.",
        "a/b/c.tsx(7,1): error TS2307: Cannot find module '@acme/ui'.",
      ],
      template: 'error TS2307: Cannot find module <…>',
    },
    {
      differs: 'frames around it',
      texts: ['│ Error: no backend', '╷\n│ Error: no backend\n╵', '✖ no backend'],
      template: 'no backend',
    },
    {
      differs: 'the time it took',
      texts: ['timed out after 30s', 'timed out after 1.5s', 'timed out after 250ms'],
      template: 'timed out after <n>',
    },
    {
      differs: 'how quotes are written down',
      texts: ['{"message": "no field \\"login\\" here"}', 'no field "name" here'],
      template: 'no field <…> here',
    },
    {
      differs: 'the page around it',
      texts: [
        '<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>',
        '<!DOCTYPE html>\n<html>\n<head>\n<title>\n403 Forbidden</title>\n</head>\n<p>You cannot see this.',
      ],
      template: '403 Forbidden',
    },
  ])('although $differs differ', ({ texts, template }) => {
    expect(texts.map((it) => errorTemplate(it))).toEqual(texts.map(() => template))
  })
})

describe('different errors are different templates', () => {
  test.each([
    { name: 'what is missing', texts: ['order 1 not found', 'user 1 not found'] },
    { name: 'messages in JSON', texts: ['{"error":"order not found"}', '{"error":"balance too low"}'] },
    { name: 'messages that are all in quotes', texts: ['"order not found"', '"balance too low"'] },
    {
      name: 'status codes',
      texts: [
        'Request failed with status code 404',
        'Request failed with status code 503',
        'HTTP 404',
        'HTTP 503',
      ],
    },
    { name: 'programs that are missing', texts: ['sh: jq: not found', 'sh: rg: not found'] },
    { name: 'exceptions', texts: ['KeyError: 3', 'IndexError: 3'] },
    {
      name: 'status codes before their phrase',
      texts: ['429 Too Many Requests', '404 Not Found', '403 Forbidden', 'The server says 502 Bad Gateway'],
    },
    { name: 'codes of a compiler', texts: ['error TS2307: no such type', 'error TS2345: no such type'] },
    { name: 'exceptions of packages', texts: ['sqlite3.OperationalError: busy', 'lib2to3.OtherError: busy'] },
    { name: 'codes in JSON', texts: ['{"error":{"code":"no_scope"}}', '{"error":{"code":"expired"}}'] },
  ])('$name', ({ texts }) => {
    expect(new Set(texts.map((it) => errorTemplate(it))).size).toBe(texts.length)
  })
})

describe('the telling line', () => {
  test.each([
    { name: 'of a traceback is the exception', text: PYTHON, line: 'ValueError: row 12 has 3 columns' },
    {
      name: 'of a program is its error, not its help',
      text: 'error: unknown option --colour\n\nusage: tool [--color]',
      line: 'error: unknown option --colour',
    },
    {
      name: 'of a progress bar is what came after it',
      text: '10 %\r60 %\rError: disk full\r',
      line: 'Error: disk full',
    },
    {
      name: 'of hard-wrapped words is the line that says it',
      text: 'The request that you have sent\ncannot be processed, because the\naccount is frozen',
      line: 'cannot be processed, because the',
    },
    {
      name: 'of a text that says nothing of the kind is its first',
      text: '\n\n  all is well\nbye',
      line: 'all is well',
    },
    {
      name: 'of JSON is the message as it is spelled there',
      text: '{"message": "no \\"plan\\" here", "at": 1}',
      line: 'no \\"plan\\" here',
    },
    {
      name: 'of JSON on many lines is the message, whatever else sounds like an error',
      text: '{\n  "type": "request failed",\n  "message": "balance too low"\n}',
      line: 'balance too low',
    },
    {
      name: 'of a traceback is the exception, whatever its first line does not say',
      text: 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    main()\nValidationError: 2 problems\nregion\n  field required',
      line: 'ValidationError: 2 problems',
    },
    {
      name: 'of a traceback is the exception, whatever is warned of after it',
      text: 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\nRuntimeError: asleep\nsys:1: ResourceWarning: a file must be closed',
      line: 'RuntimeError: asleep',
    },
    {
      name: 'of two tracebacks is the exception of the last',
      text: 'Traceback (most recent call last):\n  x\nKeyError: 1\n\nDuring handling another exception occurred:\n\nTraceback (most recent call last):\n  y\na.b.ConfigError: no name\n',
      line: 'a.b.ConfigError: no name',
    },
    {
      name: 'of an exception without words is its name',
      text: 'Traceback (most recent call last):\n  File "a.py", line 3\n    assert must_be_ready()\nAssertionError\n',
      line: 'AssertionError',
    },
    {
      name: 'of a Java trace is its last cause',
      text: 'Exception in thread "main" a.StateException: bad state\n\tat a.B.run(B.java:4)\nCaused by: b.SQLException: table is outdated\n\tat a.B.parseError(B.java:9)\n\t... 3 more',
      line: 'Caused by: b.SQLException: table is outdated',
    },
    {
      name: 'of a build is what failed, and not that something did',
      text: "a.c:3:1: error: 'SIZE' undeclared\nmake: *** [Makefile:12: all] Error 1",
      line: "a.c:3:1: error: 'SIZE' undeclared",
    },
    {
      name: 'of a script is its error, and not its exit code',
      text: 'Missing file a\nerror Command failed with exit code 1.',
      line: 'Missing file a',
    },
    {
      name: 'of a program with nothing else to say is that it failed',
      text: 'make: *** [Makefile:12: all] Error 1',
      line: 'make: *** [Makefile:12: all] Error 1',
    },
    {
      name: 'is no warning and no hint',
      text: 'ERROR: no network\nWARNING: You should upgrade. It is required.\nhint: if this failed, see the manual',
      line: 'ERROR: no network',
    },
    {
      name: 'is no word of where to read on',
      text: 'Error: needs approval\n\nFor more information see the page on what failed\nA complete log of this error can be found in a.log',
      line: 'Error: needs approval',
    },
    {
      name: 'is the last one, where no line is called an error',
      text: 'Checking required fields\nrelease was rolled back: the check did not pass',
      line: 'release was rolled back: the check did not pass',
    },
    {
      name: 'of JSON with a text in its message is the telling line of that',
      text: '{"message":"Traceback (most recent call last):\\n  File x\\nValueError: no rows"}',
      line: 'ValueError: no rows',
    },
    {
      name: 'of JSON without a message is its code',
      text: '{"errors":[{"field":"phone","code":"missing_field"}],"status":422}',
      line: 'missing_field',
    },
    {
      name: 'of JSON without a message is what sounds like one',
      text: '{"errors":{"phone":["is required"]},"path":"/v1/users"}',
      line: 'is required',
    },
    {
      name: 'of a list of errors is the first',
      text: '{"ok":false,"errors":["no such plan","too late"]}',
      line: 'no such plan',
    },
    {
      name: 'of a compiler that calls nothing an error is what is wrong',
      text: '# example.com/app\n./main.go:5:2: undefined: start',
      line: './main.go:5:2: undefined: start',
    },
    {
      name: 'of a build that goes on about help is the error',
      text: '[ERROR] Failed to run the goal: no rights\n[ERROR] To see the errors in full, turn them on.\n[ERROR] For more information about the errors, read on\n[ERROR] [Help 1] http://a.example/Failed',
      line: '[ERROR] Failed to run the goal: no rights',
    },
    {
      name: 'of XML is its message',
      text: '<?xml version="1.0"?><Error><Code>NoSuchBucket</Code><Message>There is no such bucket</Message></Error>',
      line: 'There is no such bucket',
    },
    { name: 'of JSON without one is a line of it', text: '{"ok": false}', line: '{"ok": false}' },
    { name: 'of an exit code alone is nothing', text: 'Exit code 1\n', line: '' },
    { name: 'of nothing is nothing', text: '', line: '' },
    {
      name: 'of a huge text is found at its end',
      text: `${'x\n'.repeat(1_000_000)}Error: out of memory`,
      line: 'Error: out of memory',
    },
  ])('$name', ({ text, line }) => {
    expect(tellingLine(text)).toBe(line)
  })

  test('an error without words has a template all the same', () => {
    expect(errorTemplate('Exit code 1\n---\n')).toBe('(no message)')
  })

  const pieces = fc.constantFrom(
    'Error: ',
    'not found',
    '{"error": "',
    "'message': '",
    '"',
    "'",
    '\\',
    '\n',
    '\r',
    '\u2028',
    ' ',
    '[31m',
    '\u001b',
    '<id>',
    '#W1',
    '/a/b/c',
    '`',
    '[',
    ']',
    '😀',
    '\ud83d',
    '…',
  )
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(pieces, { maxLength: 50 }).map((it) => it.join('')),
  )

  test('is a line of the text, word for word', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const line = tellingLine(text)
        expect(text.includes(line)).toBe(true)
        expect(line).not.toMatch(/[\n\r\u2028\u2029]/)
        expect(line).toBe(line.trim())
      }),
      { numRuns: 1_000 },
    )
  })

  test('a template is one line of whole characters, at most 160, and never empty', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const template = errorTemplate(text)
        expect(template).toMatch(/^[^\p{Cc}\p{Cs}\u2028\u2029]{1,160}$/u)
        expect(template).toBe(template.trim())
      }),
      { numRuns: 1_000 },
    )
  })
})

test.each([
  'order <id> not found',
  'file size <n> MB exceeds limit of <n> MB: <file>',
  'cannot reach <url> as <email>',
  'cannot read <path>: no tool <…> in […]',
])('a template is its own template: %s', (template) => {
  expect(errorTemplate(template)).toBe(template)
})

test.each([
  { name: 'words', text: 'a'.repeat(100_000) },
  { name: 'dotted words', text: 'a.'.repeat(50_000) },
  { name: 'dashes', text: `error: 1${'-'.repeat(100_000)}` },
  { name: 'slashes', text: `error: ${'/a'.repeat(50_000)}` },
  { name: 'open quotes', text: `error: ${`'"\``.repeat(30_000)}` },
  { name: 'open brackets', text: `error: ${'['.repeat(100_000)}` },
  { name: 'at signs', text: `error: ${'a@'.repeat(50_000)}` },
  { name: 'half JSON', text: `{"error": "${'\\"'.repeat(50_000)}` },
  { name: 'tags', text: `<html>${'<title '.repeat(15_000)}` },
  { name: 'line ends', text: `Traceback (most recent call last):\n${' \n'.repeat(50_000)}` },
  { name: 'exit codes', text: 'exited with code '.repeat(6_000) },
  { name: 'packages', text: `error ${'a1.'.repeat(30_000)}` },
  { name: 'texts in JSON', text: `{${'"a b",'.repeat(20_000)}` },
  { name: 'escapes in JSON', text: `{"${'\\'.repeat(99_999)}` },
  { name: 'keys of JSON', text: `{${'"error":'.repeat(10_000)}` },
])('a hundred kilobytes of $name are no trouble', ({ text }) => {
  const started = performance.now()
  expect(errorTemplate(text).length).toBeLessThanOrEqual(160)
  // Milliseconds on any machine; minutes if a pattern backtracked.
  expect(performance.now() - started).toBeLessThan(5_000)
})
