import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import { observeRepairs } from '../../src/2-review/repair-channel.ts'
import { answer, call, deny, error, events, exit, result, type Step, say } from '../session-builder.ts'

const lookup = call('find_order', { order: '5490111', zip: '10115' })
const gone = error('order not found')

describe('after an error, the next attempt', () => {
  test.each<{ name: string; steps: Step[]; traits: string[] }>([
    { name: 'is the same call again', steps: [lookup, gone, lookup, result()], traits: ['again'] },
    {
      name: 'has another argument',
      steps: [lookup, gone, call('find_order', { order: '7000000', zip: '10115' }), result()],
      traits: ['change order'],
    },
    {
      name: 'has an argument of another shape',
      steps: [lookup, gone, call('find_order', { order: '#W5490111', zip: '10115' }), result()],
      traits: ['change order', 'give order: digits -> #W<n>'],
    },
    {
      name: 'has another input, where that is no object',
      steps: [
        call('find_order', { raw: 'one two' }),
        gone,
        call('find_order', { raw: 'one\ntwo' }),
        result(),
      ],
      traits: ['change input', 'give input: several words -> several lines'],
    },
    {
      name: 'has an argument more, and one less',
      steps: [lookup, gone, call('find_order', { order: '5490111', name: 'Ana' }), result()],
      traits: ['add name', 'leave out zip'],
    },
    {
      name: 'is the one after that which a person denied',
      steps: [
        lookup,
        gone,
        call('find_order', { order: '7', zip: '10115' }),
        deny(),
        error('denied by user'),
        lookup,
        result(),
      ],
      traits: ['again'],
    },
    {
      name: 'takes what the error names',
      steps: [
        lookup,
        error('no 10115; did you mean 10117?'),
        call('find_order', { order: '5490111', zip: '10117' }),
        result(),
      ],
      traits: ['change zip', 'take zip'],
    },
    {
      name: 'comes after asking',
      steps: [lookup, gone, answer('Your zip?'), say('It is 10117'), lookup, result()],
      traits: ['ask'],
    },
    {
      name: 'comes after asking, with another argument',
      steps: [
        lookup,
        gone,
        answer('Your zip?'),
        say('It is 10117'),
        call('find_order', { order: '5490111', zip: '10117' }),
        result(),
      ],
      traits: ['ask', 'change zip', 'ask, change zip'],
    },
    {
      name: 'comes after notes, which are no help',
      steps: [
        lookup,
        gone,
        call('TodoWrite'),
        result(),
        call('find_order', { order: '1', zip: '10115' }),
        result(),
      ],
      traits: ['change order'],
    },
    {
      name: 'was made before the error was known, so it is none',
      steps: [
        call('find_order', { order: '1' }, 'c1'),
        call('find_order', { order: '2' }, 'c2'),
        error('order not found', 'tool_fault', 'c1'),
        result('here', 'c2'),
      ],
      traits: ['give up'],
    },
    {
      name: 'comes after another call that worked',
      steps: [lookup, gone, call('sync'), result(), lookup, result()],
      traits: ['first sync'],
    },
    {
      name: 'comes after another call, with another argument',
      steps: [
        lookup,
        gone,
        call('sync'),
        result(),
        call('find_order', { order: '1234567', zip: '10115' }),
        result(),
      ],
      traits: ['first sync', 'change order', 'first sync, change order'],
    },
    {
      name: 'comes after another call that failed, which is no help',
      steps: [lookup, gone, call('sync'), error('down'), lookup, result()],
      traits: ['again'],
    },
    {
      name: 'is a tool of nearly the same name',
      steps: [lookup, gone, call('find_order_archived'), result()],
      traits: ['switch find_order_archived'],
    },
    {
      name: 'is such a tool, after a look at something else',
      steps: [lookup, gone, call('sync'), result(), call('find_order_archived'), result()],
      traits: ['switch find_order_archived'],
    },
    {
      name: 'is a tool that takes the same arguments',
      steps: [lookup, gone, call('archive', { order: '5490111', zip: '10115' }), result()],
      traits: ['switch archive'],
    },
    {
      name: 'is another tool on the same object, though the first one is then called for the next',
      steps: [
        lookup,
        gone,
        call('find_order_archived', { order: '5490111', zip: '10115' }),
        result(),
        call('find_order', { order: '7000000', zip: '20095' }),
        result(),
      ],
      traits: ['switch find_order_archived'],
    },
    {
      name: 'is the same tool on another object, where nothing was tried on the first',
      steps: [lookup, gone, call('find_order', { order: '7000000', zip: '20095' }), result()],
      traits: ['change order', 'change zip'],
    },
    {
      name: 'is a retry where an argument is still the same, whatever was tried in between',
      steps: [
        lookup,
        gone,
        call('find_order_archived', { order: '5490111', zip: '10115' }),
        error('not archived'),
        call('find_order', { order: '#W5490111', zip: '10115' }),
        result(),
      ],
      traits: ['change order', 'give order: digits -> #W<n>'],
    },
    {
      name: 'is something else altogether',
      steps: [lookup, gone, call('send_mail', { to: 'ana' }), result()],
      traits: ['give up'],
    },
    { name: 'never comes', steps: [lookup, gone, answer('Sorry.')], traits: ['give up'] },
    {
      name: 'comes too late to be a reaction',
      steps: [
        lookup,
        gone,
        ...Array.from({ length: 6 }, () => [call('look', {}), result()]).flat(),
        lookup,
        result(),
      ],
      traits: ['give up'],
    },
  ])('$name', ({ steps, traits }) => {
    const [first] = observed(...steps)
    expect(first!.context).toMatch(/^repair find_order \| /)
    expect(Object.keys(first!.traits)).toEqual(['met', ...traits])
    expect(first!.bad).toBe(traits.includes('give up'))
  })

  test('went badly when it failed too, and is then an error of its own', () => {
    expect(observed(lookup, gone, lookup, gone)).toMatchObject([
      { bad: true, event: 1, traits: { met: 1, again: 2 } },
      { bad: true, event: 3, traits: { 'give up': 3 } },
    ])
  })

  test('counts once a session, however often the error comes back', () => {
    const observations = observed(...Array.from({ length: 10 }, () => [lookup, gone]).flat())
    expect(observations.map(({ traits }) => Object.keys(traits))).toEqual([['met', 'again'], ['give up']])
  })
})

describe('of command lines', () => {
  const shell = (command: string) => call('Bash', { command })

  test.each<{ name: string; steps: Step[]; traits: string[] }>([
    {
      name: 'the same program with other words is another attempt, not another argument',
      steps: [shell('psql -f a.sql'), exit(2, 'no host'), shell('psql -f b.sql'), result()],
      traits: [],
    },
    {
      name: 'an option of the program that was not there before is one',
      steps: [
        shell('pip install "x y"'),
        exit(1, 'managed'),
        shell('pip install --user --index=http://a "x -z" && ls -la'),
        result(),
      ],
      traits: ['option --index', 'option --user'],
    },
    {
      name: 'so is a setting of the shell that was not there before, or that is larger now',
      steps: [
        call('Bash', { command: 'make all', timeout: 1 }),
        error('Command timed out', 'timeout'),
        call('Bash', { command: 'make all', timeout: 9, sandbox: false, why: 'slow' }),
        result(),
      ],
      traits: ['add sandbox', 'raise timeout'],
    },
    {
      name: 'a program that ran first helped, on the same line too',
      steps: [
        shell('jq . a.json'),
        exit(127, 'jq: not found'),
        shell('apt-get install jq && jq . a.json'),
        result(),
      ],
      traits: ['first apt-get install'],
    },
    {
      name: 'looking at files and writing them is no help',
      steps: [
        shell('make x'),
        exit(2, 'no rule'),
        shell('cat Makefile'),
        result(),
        call('Edit', {}),
        result(),
        shell('make x'),
        result(),
      ],
      traits: [],
    },
    {
      name: 'an interpreter does the same with the same file only',
      steps: [shell('python src/load.py'), exit(1, 'no column'), shell('python src/other.py'), result()],
      traits: ['give up'],
    },
    {
      name: 'an interpreter after a preparation puts it to the test',
      steps: [
        shell('python src/load.py'),
        exit(1, 'no module'),
        shell('pip install pandas'),
        result(),
        shell('python src/other.py'),
        result(),
      ],
      traits: ['first pip install'],
    },
    {
      name: 'a program that runs the same program is a switch',
      steps: [
        shell('rails db:migrate'),
        exit(1, 'not found'),
        shell('bundle exec rails db:migrate'),
        result(),
      ],
      traits: ['switch bundle exec rails'],
    },
    {
      name: 'looking at the same file is no switch',
      steps: [shell('psql -f src/a.sql'), exit(1, 'syntax'), shell('cat src/a.sql'), result()],
      traits: ['give up'],
    },
    {
      name: 'another program on the same file is a switch',
      steps: [shell('python src/load.py'), exit(1, 'no module'), shell('uv run src/load.py'), result()],
      traits: ['switch uv run'],
    },
    {
      name: 'another program on another file is something else',
      steps: [shell('python src/load.py'), exit(1, 'no module'), shell('wget other/file.txt'), result()],
      traits: ['give up'],
    },
  ])('$name', ({ steps, traits }) => {
    expect(Object.keys(observed(...steps)[0]!.traits)).toEqual(['met', ...traits])
  })
})

describe('a check that could not begin', () => {
  const shell = (command: string) => call('Bash', { command })
  const broken = exit(4, 'ImportError while loading conftest: No module named app')

  test.each<{ by: string; steps: Step[]; shows: string[]; bad: boolean }>([
    {
      by: 'the same through another program',
      steps: [shell('pytest'), broken, shell('uv run pytest'), result('9 passed')],
      ...{ shows: ['met', 'switch uv run pytest'], bad: false },
    },
    {
      by: 'the same by more of its words through another program',
      steps: [shell('pytest'), broken, shell('uv run python -m pytest -x'), result('9 passed')],
      ...{ shows: ['met', 'switch uv run pytest'], bad: false },
    },
    {
      by: 'an option',
      steps: [shell('pytest tests'), broken, shell('pytest --pyargs tests'), result('9 passed')],
      ...{ shows: ['met', 'option --pyargs'], bad: false },
    },
    {
      by: 'a preparation on the same line',
      steps: [shell('pytest'), broken, shell('pip install -e . && pytest'), result('9 passed')],
      ...{ shows: ['met', 'first pip install'], bad: false },
    },
    {
      by: 'an option, and still said no, as the work may be wrong as well',
      steps: [shell('pytest tests'), broken, shell('pytest --pyargs tests'), exit(1, '1 failed')],
      ...{ shows: ['option --pyargs'], bad: true },
    },
  ])('was run by $by', ({ steps, shows, bad }) => {
    const [first, ...others] = observed(...steps)
    expect(first).toMatchObject({ context: expect.stringMatching(/^repair pytest \| ImportError/), bad })
    expect(Object.keys(first!.traits)).toEqual(shows)
    expect(others).toEqual([])
  })

  test.each<{ name: string; steps: Step[] }>([
    {
      name: 'it had counted what is wrong with the work',
      steps: [shell('pytest tests'), exit(1, '2 failed, 3 passed'), shell('pytest -k one tests'), result()],
    },
    {
      name: 'something was done in between',
      steps: [shell('pytest'), broken, call('Edit'), result(), shell('uv run pytest'), result()],
    },
    {
      name: 'it was run as before',
      steps: [shell('pytest tests'), broken, shell('pytest tests/a'), result()],
    },
    {
      name: 'something else was done with the same files',
      steps: [shell('pytest tests/a.py'), broken, shell('ruff format tests/a.py'), result()],
    },
    { name: 'nothing came after it', steps: [shell('pytest'), broken] },
    {
      name: 'it only looks at things',
      steps: [shell('ls src/x'), exit(2, 'cannot access src/x'), shell('ls -la src/x'), result()],
    },
  ])('is no error to repair where $name', ({ steps }) => {
    expect(observed(...steps)).toEqual([])
  })
})

describe('of amounts', () => {
  const list = (input: Record<string, unknown>) => call('list_orders', input)

  test.each<{ before: Record<string, unknown>; after: Record<string, unknown>; traits: string[] }>([
    { before: { limit: 500 }, after: { limit: 50 }, traits: ['change limit', 'lower limit'] },
    { before: { batchSize: 1 }, after: { batchSize: 8 }, traits: ['change batchSize', 'raise batchSize'] },
    { before: { page: 3 }, after: { page: 4 }, traits: ['change page'] },
    { before: { order_id: 17 }, after: { order_id: 4 }, traits: ['change order_id'] },
    { before: { orderId: 17 }, after: { orderId: 4 }, traits: ['change orderId'] },
    { before: { limit: '500' }, after: { limit: '50' }, traits: ['change limit'] },
  ])('$before is tried again as $after', ({ before, after, traits }) => {
    const [first] = observed(list(before), gone, list(after), result())
    expect(Object.keys(first!.traits)).toEqual(['met', ...traits])
  })
})

describe('a wait before the next attempt', () => {
  const shell = (command: string) => call('Bash', { command })
  const busy = error('database is locked')
  const locked = exit(1, 'database is locked')
  const work = shell('psql -f a.sql')
  const long = ['wait', 'wait 10 s']

  test.each<{ name: string; steps: Step[]; traits: string[] }>([
    {
      name: 'is a sleep',
      steps: [lookup, busy, shell('sleep 5'), result(), lookup, result()],
      traits: ['wait'],
    },
    {
      name: 'is told by its length',
      steps: [lookup, busy, shell('sleep 2m'), result(), lookup, result()],
      traits: [...long, 'wait 1 min'],
    },
    {
      name: 'may be two sleeps',
      steps: [lookup, busy, shell('sleep 6'), result(), shell('sleep 6'), result(), lookup, result()],
      traits: long,
    },
    {
      name: 'stands on the command line of the attempt, too',
      steps: [work, locked, shell('sleep 15; psql -f a.sql'), result()],
      traits: long,
    },
    {
      name: 'is none where the failed call had waited as long',
      steps: [shell('sleep 5 && psql -f a.sql'), locked, shell('sleep 5 && psql -f b.sql'), result()],
      traits: [],
    },
    {
      name: 'may go with a change',
      steps: [
        call('list', { limit: 9 }),
        busy,
        shell('sleep 5'),
        result(),
        call('list', { limit: 3 }),
        result(),
      ],
      traits: ['wait', 'change limit', 'lower limit', 'wait, change limit', 'wait, lower limit'],
    },
    {
      name: 'is one though nobody slept, when the same call comes half a minute later',
      steps: [lookup, at(0, busy), at(45, lookup), result()],
      traits: [...long, 'again'],
    },
    {
      name: 'is none in the time that thinking takes',
      steps: [lookup, at(0, busy), at(12, lookup), result()],
      traits: ['again'],
    },
    {
      name: 'is none when something was done in that time',
      steps: [lookup, at(0, busy), call('sync'), result(), at(45, lookup), result()],
      traits: ['first sync'],
    },
    {
      name: 'is one all the same when the error goes by itself',
      steps: [
        lookup,
        at(0, error('429 Too Many Requests')),
        call('sync'),
        result(),
        at(45, lookup),
        result(),
      ],
      traits: ['passes', 'first sync', ...long],
    },
    {
      name: 'is none that failed, nor a word about it',
      steps: [
        lookup,
        busy,
        shell('sleep x'),
        exit(1, 'x'),
        shell('echo sleep 5'),
        result(),
        lookup,
        result(),
      ],
      traits: [],
    },
    {
      name: 'is not a command that runs nothing',
      steps: [work, locked, shell('cd api'), result(), work, result()],
      traits: [],
    },
  ])('$name', ({ steps, traits }) => {
    expect(Object.keys(observed(...steps)[0]!.traits)).toEqual(['met', ...traits])
  })
})

describe('an outage', () => {
  const down = error('Request failed with status code 429', 'infrastructure')

  test('is nobody\u2019s fault, and still an error to mend, which goes by itself', () => {
    expect(observed(lookup, down, lookup, result())).toMatchObject([
      {
        context: 'repair find_order | Request failed with status code 429',
        bad: false,
        traits: { met: 1, passes: 1, again: 2 },
      },
    ])
    expect(observed(lookup, down)).toMatchObject([{ bad: true, traits: { 'give up': 1 } }])
  })

  test.each([
    '429 Too Many Requests',
    'API rate limit exceeded',
    'read ECONNRESET',
    '503 Service Unavailable',
  ])('is known by its words, whoever reports it: %s', (words) => {
    expect(observed(lookup, error(words), lookup, result())[0]!.traits).toMatchObject({ passes: 1 })
  })

  test.each(['the limit of 429 orders is reached', 'rates are missing', 'order 503 not found'])(
    'is not known by words that others use: %s',
    (words) => {
      expect(observed(lookup, error(words), lookup, result())[0]!.traits).not.toHaveProperty('passes')
    },
  )

  test('is none where the harness dropped a call because another one failed', () => {
    const dropped = error(
      '<tool_use_error>Cancelled: parallel tool call failed</tool_use_error>',
      'infrastructure',
    )
    expect(observed(lookup, dropped, lookup, result())).toEqual([])
  })
})

test('a program without its subcommand is nothing to take instead', () => {
  const shell = (command: string) => call('Bash', { command })
  const [first] = observed(
    shell('npm run deploy'),
    exit(1, 'Missing script'),
    shell('npm run'),
    result('test'),
  )
  expect(Object.keys(first!.traits)).toEqual(['met', 'give up'])
})

test.each(['user_rejection', 'interrupt'] as const)('%s is no error to repair', (error_class) => {
  expect(observed(lookup, error('stop', error_class), lookup, result())).toEqual([])
})

function observed(...steps: Step[]) {
  const story = events(...steps)
  return observeRepairs(callsOf(story), story)
}

/** A step so many seconds after nine. */
function at(seconds: number, step: Step): Step {
  const processed_at = new Date(Date.UTC(2026, 10, 2, 9) + seconds * 1_000).toISOString()
  return (id, latest) => ({ ...step(id, latest), processed_at })
}
