import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorTemplate } from '../../src/2-review/error-template.ts'
import { actionsOf } from '../../src/domain/action.ts'

/** The template of an error that a tool answers to this input. */
function templateOf(error: string, input: Record<string, unknown>, tool = 'query'): string {
  return errorTemplate(error, { tool, actions: actionsOf(tool, input), input })
}

const shell = (command: string) => ({ command })

describe('one error that repeats what it was given is one template', () => {
  test.each([
    {
      of: 'a value',
      error: (it: string) => `Document ${it} is locked by another user`,
      input: (it: string) => ({ name: it }),
      names: ['report', 'year_plan', 'Ledger'],
      template: 'Document <…> is locked by another user',
    },
    {
      of: 'a value in another case',
      error: (it: string) => `${it.toUpperCase()} is not open`,
      input: (it: string) => ({ shop: it }),
      names: ['north', 'south'],
      template: '<…> is not open',
    },
    {
      of: 'a value deep in the input',
      error: (it: string) => `no rights on ${it}`,
      input: (it: string) => ({ filter: { any: [{ owner: it }] } }),
      names: ['ana', 'priya'],
      template: 'no rights on <…>',
    },
    {
      of: 'a name of several words',
      error: (it: string) => `account of ${it} is frozen`,
      input: (it: string) => ({ customer: it }),
      names: ['Acme Corp', 'North & South (Ltd.)', 'Wholesale'],
      template: 'account of <…> is frozen',
    },
    {
      of: 'a table in a query',
      error: (it: string) => `no such table: ${it}`,
      input: (it: string) => ({ sql: `select count(*) from ${it} where total > 7` }),
      names: ['orders', 'users', 'user', 'line_items'],
      template: 'no such table: <…>',
    },
    {
      of: 'a column, quoted or not',
      error: (it: string) => `Unknown column ${it} in field list`,
      input: (it: string) => ({ sql: `select ${it.replace(/'/g, '')} from orders` }),
      names: ['total', "'total'", 'shipped_at', 'name'],
      template: 'Unknown column <…> in field list',
    },
    {
      of: 'a host with dots or without',
      error: (it: string) => `getaddrinfo failed for ${it}: name not known`,
      input: (it: string) => ({ url: `http://${it}:8080/health` }),
      names: ['mailer', 'db1.internal', 'queue', 'search.internal'],
      template: 'getaddrinfo failed for <…>: name not known',
    },
    {
      of: 'an operand of a command',
      error: (it: string) => `Error response from daemon: No such container: ${it}`,
      input: (it: string) => shell(`docker logs ${it}`),
      names: ['web', 'mailer'],
      template: 'Error response from daemon: No such container: <…>',
    },
    {
      of: 'a name that stands in the error twice',
      error: (it: string) => `Failed to start ${it}.service: Unit ${it}.service not found.`,
      input: (it: string) => shell(`systemctl start ${it}`),
      names: ['nginx', 'mailer'],
      template: 'Failed to start <…>.service: Unit <…>.service not found',
    },
  ])('$of', ({ error, input, names, template }) => {
    const tool = 'command' in input('x') ? 'Bash' : 'query'
    expect(names.map((it) => templateOf(error(it), input(it), tool))).toEqual(names.map(() => template))
  })
})

describe('what tells errors apart is not masked:', () => {
  test.each([
    {
      name: 'which program says so',
      error: 'find: permission denied',
      input: { program: 'find', args: ['data'] },
      template: 'find: permission denied',
    },
    {
      name: 'which program is missing',
      error: 'bash: line 1: jq: command not found',
      input: shell('jq . a.json'),
      tool: 'Bash',
      template: 'jq: command not found',
    },
    {
      name: 'the name of the tool',
      error: 'refund failed: query refused',
      input: { call: 'query' },
      template: 'refund failed: query refused',
    },
    {
      name: 'words of one or two letters',
      error: 'x is no id of DE',
      input: { by: 'id', of: 'x', country: 'DE' },
      template: 'x is no id of DE',
    },
    {
      name: 'what kind of thing is missing',
      error: 'user not found',
      input: { kind: 'user' },
      template: 'user not found',
    },
    {
      name: 'what is wrong',
      error: 'limit exceeded, not allowed',
      input: { mode: 'limit', show: 'not' },
      template: 'limit exceeded, not allowed',
    },
    {
      name: 'words that a prose input happens to use',
      error: 'File has not been read yet',
      input: { text: 'This has been read by ana, yet nobody wrote the file down before the meeting.' },
      template: 'File has not been read yet',
    },
    {
      name: 'words that a command happens to use',
      error: 'no tests ran in the folder',
      input: shell('pytest tests'),
      tool: 'Bash',
      template: 'no tests ran in the folder',
    },
    {
      name: 'an option',
      error: 'unknown option --colour',
      input: { flag: 'colour' },
      template: 'unknown option --colour',
    },
    {
      name: 'a part of a word',
      error: 'reordering is off',
      input: { sort: 'order', item: 'ring' },
      template: 'reordering is off',
    },
    {
      name: 'an error that is nothing but what was given',
      error: 'boom',
      input: { say: 'boom' },
      template: 'boom',
    },
    {
      name: 'paths, files, addresses, ids and numbers, which have masks of their own',
      error: 'cannot move /srv/a/b.md to plan.md, W17 or 4 at https://a.example/x',
      input: { from: '/srv/a/b.md', to: 'plan.md', id: 'W17', n: '4', at: 'https://a.example/x' },
      template: 'cannot move <path> to <file>, <id> or <n> at <url>',
    },
  ])('$name', ({ error, input, tool, template }) => {
    expect(templateOf(error, input, tool)).toBe(template)
  })
})

test('two errors of one tool stay two, whatever it was given', () => {
  const inputs = [{ table: 'orders' }, { table: 'users' }, { sql: 'drop table orders' }]
  const errors = ['permission denied on orders', 'no such table: orders', 'orders is locked']
  const templates = errors.map((error) => inputs.map((it) => templateOf(error, it)))
  expect(new Set(templates.map((it) => it[0])).size).toBe(3)
  for (const of_one of templates) expect(new Set(of_one).size).toBeLessThanOrEqual(2)
})

test.each([
  { name: 'one huge value', input: { text: 'orders '.repeat(200_000) } },
  {
    name: 'very many values',
    input: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [i, `v${i}`])),
  },
  { name: 'brackets', input: { a: '(('.repeat(25), b: '[a-'.repeat(15), c: '\\' } },
])('an input of $name is no trouble', ({ input }) => {
  const started = performance.now()
  expect(templateOf('relation orders does not exist (( [a- \\', input)).toMatch(/does not exist/)
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('a template is one line of at most 160 characters, and never empty, whatever was given', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom('orders', 'Acme', ' ', '.', ':', '<…>', '-', '/', '"', '😀', '\ud83d', 'table '),
        {
          maxLength: 12,
        },
      )
      .map((it) => it.join('')),
  )
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 4 }), (error, values) => {
      const template = templateOf(error, { values })
      expect(template).toMatch(/^[^\p{Cc}\p{Cs}\u2028\u2029]{1,160}$/u)
      expect(template).toBe(template.trim())
    }),
    { numRuns: 1_000 },
  )
})
