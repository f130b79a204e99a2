import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { modelNamed, NO_FILE, parseModelConfig } from '../../src/model/config.ts'

function errorsOf(text: string): string[] {
  try {
    parseModelConfig(text, 'm')
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  return []
}

describe('without a file', () => {
  test('the usual providers are known, and none is asked', () => {
    expect(NO_FILE.default).toBe('none')
    expect([...NO_FILE.providers.keys()]).toEqual(['anthropic', 'openai', 'google', 'bedrock', 'ollama'])
  })

  test('any id of the wire is taken', () => {
    expect(NO_FILE.wire).toBeNull()
  })
})

describe('a file', () => {
  const config = parseModelConfig(`
default: anthropic/claude-haiku-4-5
providers:
  anthropic: { kind: anthropic, concurrency: 9 }
  here:
    kind: openai_compatible
    base_url: http://127.0.0.1:8000/v1/
    api_key_env: HERE_KEY
    timeout: 5m
  frankfurt: { kind: bedrock, region: eu-central-1 }
wire: { claude-opus-5-5: here/org/llama-4, off: none }
prices: { here/org/llama-4: { input: 0.5, output: 2, cache_read: 0.1 } }
budget: { dream: { usd: 2.5 }, day: { tokens: 1000000 } }
night: { window: "22:00-06:00", timezone: Europe/Berlin }
`)

  test('says which model is asked by default, and what ids of the wire stand for', () => {
    expect(config.default).toBe('anthropic/claude-haiku-4-5')
    expect(config.wire).toEqual(
      new Map([
        ['claude-opus-5-5', 'here/org/llama-4'],
        ['off', 'none'],
      ]),
    )
  })

  test('adds providers to those that are known, or takes the place of one', () => {
    expect([...config.providers.keys()]).toEqual([
      ...['anthropic', 'here', 'frankfurt'],
      ...['openai', 'google', 'bedrock', 'ollama'],
    ])
    expect(config.providers.get('anthropic')).toMatchObject({
      base_url: 'https://api.anthropic.com/v1',
      api_key_env: 'ANTHROPIC_API_KEY',
      concurrency: 9,
    })
    expect(config.providers.get('here')).toEqual({
      name: 'here',
      kind: 'openai_compatible',
      base_url: 'http://127.0.0.1:8000/v1',
      api_key_env: 'HERE_KEY',
      region: null,
      concurrency: 4,
      timeout_ms: 300_000,
    })
    expect(config.providers.get('frankfurt')).toMatchObject({
      base_url: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
      region: 'eu-central-1',
    })
  })

  test('says prices, of which what is not said is that of input', () => {
    expect(config.prices.get('here/org/llama-4')).toEqual({
      input: 0.5,
      output: 2,
      cache_read: 0.1,
      cache_write: 0.5,
    })
  })

  test('says budgets, of which what is not said is no limit', () => {
    expect(config.budget).toEqual({
      dream: { tokens: null, usd: 2.5 },
      day: { tokens: 1_000_000, usd: null },
    })
  })

  test('says the night, after which what is left is asked directly', () => {
    expect(config.night).toEqual({
      from: '22:00',
      to: '06:00',
      timezone: 'Europe/Berlin',
      when_closed: 'direct',
    })
  })
})

describe('what is wrong with a file is told by line and column', () => {
  test.each([
    [
      'an empty file',
      '',
      'm:1:1: there is no configuration of models in it (begin with the line "default: none")',
    ],
    [
      'a key that is misspelled',
      'defalt: none',
      'm:1:1: there is no key "defalt" here (did you mean default?)',
    ],
    [
      'a model without a provider',
      'default: haiku',
      'm:1:10: give none, or a provider and a model of it, as in anthropic/claude-haiku-4-5',
    ],
    [
      'a provider that is not there',
      'default: antropic/claude',
      'm:1:10: there is no provider antropic; known are anthropic, openai, google, bedrock, ollama',
    ],
    [
      'an id of the wire that stands for a provider that is not there',
      'wire:\n  big: here/x',
      'm:2:8: there is no provider here; known are anthropic, openai, google, bedrock, ollama',
    ],
    [
      'a key itself',
      'providers:\n  a: { kind: anthropic, api_key_env: sk-ant-1 }',
      'm:2:38: this is the name of an environment variable, as in ANTHROPIC_API_KEY; never the key itself',
    ],
    [
      'a key by another name',
      'providers:\n  a: { kind: anthropic, api_key: sk-ant-1 }',
      'm:2:25: there is no key "api_key" here (did you mean api_key_env?)',
    ],
    [
      'a kind that is none',
      'providers:\n  a: { kind: openai }',
      'm:2:14: "openai" cannot stand here (known are anthropic, openai_compatible, google, bedrock)',
    ],
    [
      'an address that is missing',
      'providers:\n  a: { kind: openai_compatible }',
      'm:2:14: such a provider needs a base_url, as in https://api.openai.com/v1',
    ],
    [
      'an address that is no web address',
      'providers:\n  a: { kind: anthropic, base_url: "ftp://x" }',
      'm:2:35: give an address that begins with https://, or with http://',
    ],
    [
      'an address with a password in it',
      'providers:\n  a: { kind: anthropic, base_url: "https://me:pw@x/v1" }',
      'm:2:35: an address has no name, password, question mark or # here; keys are named by api_key_env',
    ],
    [
      'a time that is too long',
      'providers:\n  a: { kind: anthropic, timeout: 10m }',
      'm:2:34: no answer is waited for longer than 5m',
    ],
    [
      'a time without a unit',
      'providers:\n  a: { kind: anthropic, timeout: 10 }',
      'm:2:34: this has to be a text, not 10 (give a time with its unit, as in 90s or 2m)',
    ],
    [
      'a name of a provider that no model could be named by',
      'providers:\n  A/B: { kind: anthropic }',
      'm:2:3: the name of a provider has small letters, digits, dashes and underscores',
    ],
    [
      'half a price',
      'prices:\n  openai/x: { input: 1 }',
      'm:2:13: output is missing (give USD for a million tokens, as in 4.5)',
    ],
    ['a budget of nothing', 'budget: { dream: { tokens: 0 } }', 'm:1:28: this has to be at least 0'],
    [
      'a night of no length',
      'night: { window: "22:00-22:00", timezone: UTC }',
      'm:1:18: a night ends when it begins: give two times',
    ],
    ['a night that has no zone', 'night: { window: "22:00-06:00" }', 'm:1:8: timezone is missing'],
    [
      'a zone that is none',
      'night: { window: "22:00-06:00", timezone: Berlin }',
      'm:1:43: give a time zone as in Europe/Berlin, or UTC',
    ],
    [
      'an anchor',
      'default: &a none',
      'm:1:10: an anchor has no place in a configuration of models (write the value itself)',
    ],
  ])('%s', (_, text, error) => {
    expect(errorsOf(text)).toEqual([error])
  })

  test('and all of it at once', () => {
    expect(errorsOf('default: haiku\nbudget: { week: { usd: 1 } }\nnight: 1')).toHaveLength(3)
  })
})

test.each([
  ['anthropic/claude-haiku-4-5', { provider: 'anthropic', model: 'claude-haiku-4-5' }],
  ['router/anthropic/claude', { provider: 'router', model: 'anthropic/claude' }],
  ['claude', null],
  ['none', null],
  ['/claude', null],
  ['anthropic/', null],
])('%s names %o', (name, named) => {
  expect(modelNamed(name)).toEqual(named)
})

test.each([
  'providers:\n  anthropic: SECRET',
  'providers:\n  a: { kind: SECRET }',
  'providers:\n  a: { kind: anthropic, api_key: SECRET }',
  'providers:\n  a: { kind: anthropic, api_key_env: SECRET }',
  'providers:\n  a: { kind: anthropic, base_url: "https://me:SECRET@api.example.com/v1" }',
  'providers:\n  a: { kind: anthropic, region: SECRET }',
  'providers:\n  a: { kind: anthropic, api_key_env: "SECRET',
  'providers: SECRET',
  'api_key: SECRET',
  'default: SECRET',
  'SECRET',
])('a key that stands where none belongs is in no error: %s', (text) => {
  const secret = 'sk-ant-api03-Zq7xW2vB9nM4kL8pR3tY'
  const parse = () => parseModelConfig(text.replace('SECRET', secret))
  expect(parse).toThrow()
  expect(parse).not.toThrow(secret)
})

test('docs/models.md explains every key', () => {
  const docs = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')
  const keys = [
    ...['default', 'providers', 'kind', 'base_url', 'api_key_env', 'region', 'concurrency', 'timeout'],
    ...['wire', 'prices', 'input', 'output', 'cache_read', 'cache_write', 'budget', 'dream', 'day'],
    ...['tokens', 'usd', 'night', 'window', 'timezone', 'when_closed'],
  ]

  expect(keys.filter((it) => !docs.includes(`\`${it}\``))).toEqual([])
})
