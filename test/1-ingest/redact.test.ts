import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayHoldSecret, redact, redactSession } from '../../src/1-ingest/redact.ts'
import type { SessionEvent } from '../../src/domain/event.ts'
import { UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import type { Session } from '../../src/domain/session.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'

// No secret stands in this file: they are made up here, and put together from parts, so that nobody's scanner takes
// them for real ones.
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const DIGITS = '0123456789'
const ALPHANUMERIC = LOWER + UPPER + DIGITS
const BASE64 = `${ALPHANUMERIC}+/`
const BASE64URL = `${ALPHANUMERIC}_-`
const HEX = '0123456789abcdef'

/** The same characters every time, of every kind in the alphabet, and looking like chance. */
function made(length: number, alphabet = ALPHANUMERIC): string {
  return Array.from({ length }, (_, i) => alphabet[(i * 37 + ((i * i) % 11) * 5 + 7) % alphabet.length]).join(
    '',
  )
}

const password = `Tr${4}vel${'-light-'}${82}`
const awsSecret = made(40, BASE64)
const jwt = `eyJ${made(17)}.eyJ${made(40, BASE64URL)}.${made(43, BASE64URL)}`
const keyLines = Array.from({ length: 6 }, (_, i) => `MII${made(61 - i, BASE64)}${i}`)
const opening = `-----BEGIN RSA ${'PRIVATE'} KEY-----`
const closing = `-----END RSA ${'PRIVATE'} KEY-----`

const secrets: { kind: string; secret: string; around?: [string, string] }[] = [
  { kind: 'aws-access-key', secret: `AKIA${made(16, UPPER + DIGITS)}` },
  { kind: 'aws-access-key', secret: `ASIA${made(16, UPPER + DIGITS)}` },
  // The key of Amazon's documentation: the same rule for all is safer than a list of exceptions.
  { kind: 'aws-access-key', secret: ['AKIA', 'IOSFODNN7', 'EXAMPLE'].join('') },
  { kind: 'aws-access-key', secret: `AKIA${made(16, UPPER + DIGITS)}`, around: ['{"url":"?id\\u003d', '"}'] },
  { kind: 'aws-secret-key', secret: awsSecret, around: ['aws_secret_access_key = ', '\n'] },
  { kind: 'aws-secret-key', secret: awsSecret, around: ['export AWS_SECRET_ACCESS_KEY=', ''] },
  { kind: 'aws-secret-key', secret: awsSecret, around: ['{"SecretAccessKey": "', '"}'] },
  { kind: 'aws-secret-key', secret: awsSecret, around: ["secretAccessKey: '", "',"] },
  {
    kind: 'aws-secret-key',
    secret: awsSecret,
    around: ['aws configure set aws_secret_access_key ', ' && ls'],
  },
  { kind: 'aws-secret-key', secret: awsSecret, around: ['AWS Secret Access Key [None]: ', ''] },
  { kind: 'github-token', secret: `ghp_${made(36)}` },
  { kind: 'github-token', secret: `gho_${made(36)}` },
  { kind: 'github-token', secret: `ghu_${made(36)}` },
  { kind: 'github-token', secret: `ghs_${made(36)}` },
  { kind: 'github-token', secret: `ghr_${made(36)}` },
  { kind: 'github-token', secret: `github_pat_${made(22)}_${made(59)}` },
  { kind: 'gitlab-token', secret: `glpat-${made(20, BASE64URL)}` },
  { kind: 'slack-token', secret: `xoxb-${made(12, DIGITS)}-${made(12, DIGITS)}-${made(24)}` },
  { kind: 'slack-token', secret: `xoxp-${made(12, DIGITS)}-${made(24)}` },
  { kind: 'slack-token', secret: `xapp-1-A${made(10)}-${made(13, DIGITS)}-${made(64, HEX)}` },
  {
    kind: 'slack-webhook',
    secret: `hooks.slack.com/services/T${made(8)}/B${made(8)}/${made(24)}`,
    around: ['https://', ' x'],
  },
  { kind: 'stripe-key', secret: `sk_live_${made(24)}` },
  { kind: 'stripe-key', secret: `rk_live_${made(99)}` },
  { kind: 'stripe-key', secret: `sk_test_${made(24)}` },
  { kind: 'openai-key', secret: `sk-${made(48)}` },
  { kind: 'openai-key', secret: `sk-proj-${made(74, BASE64URL)}` },
  { kind: 'openai-key', secret: `sk-svcacct-${made(74, BASE64URL)}` },
  { kind: 'anthropic-key', secret: `sk-ant-api03-${made(93, BASE64URL)}AA` },
  { kind: 'google-api-key', secret: `AIza${made(35, BASE64URL)}` },
  { kind: 'google-oauth-token', secret: `ya29.${made(60, BASE64URL)}` },
  { kind: 'huggingface-token', secret: `hf_${made(34)}` },
  // Shorter than the real ones, as people make them up for tests.
  { kind: 'huggingface-token', secret: `hf_${made(32)}` },
  { kind: 'npm-token', secret: `npm_${made(36)}` },
  { kind: 'pypi-token', secret: `pypi-AgEIcHlwaS5vcmc${made(60, BASE64URL)}` },
  { kind: 'sendgrid-key', secret: `SG.${made(22, BASE64URL)}.${made(43, BASE64URL)}` },
  { kind: 'twilio-key', secret: `SK${made(32, HEX)}` },
  { kind: 'jwt', secret: jwt },
  { kind: 'authorization-header', secret: made(30), around: ['Authorization: Bearer ', '\r\n'] },
  {
    kind: 'authorization-header',
    secret: made(30),
    around: ['curl -H "authorization: token ', '" https://api.test'],
  },
  { kind: 'authorization-header', secret: `${made(19)}=`, around: ["{'Authorization': 'Basic ", "'}"] },
  { kind: 'authorization-header', secret: 'dXNlcjpwYXNz', around: ['Authorization: Basic ', ''] },
  { kind: 'authorization-header', secret: made(30, BASE64URL), around: ['sends "Bearer ', '"'] },
  { kind: 'url-password', secret: 'kite7', around: ['git clone https://ana:', '@git.test/a.git'] },
  { kind: 'url-password', secret: password, around: ['postgres://app:', '@db.test:5432/app'] },
  { kind: 'url-password', secret: 'p@ss:w!', around: ['"amqp://app:', '@mq.test"'] },
  { kind: 'url-password', secret: password, around: ['redis://:', '@cache.test:6379/0'] },
  // Names and values, as code, configuration, shells and people write them.
  { kind: 'password', secret: password, around: ['DB_PASSWORD=', '\n'] },
  { kind: 'password', secret: 'correcthorse', around: ['export PGPASSWORD=', ' && psql'] },
  { kind: 'password', secret: password, around: ['{"password": "', '", "a": 1}'] },
  { kind: 'password', secret: password, around: ['{\\"password\\":\\"', '\\"}'] },
  { kind: 'password', secret: 'correct-horse', around: ["dbPassword: '", "'"] },
  { kind: 'password', secret: password, around: ['password: ', '\nuser: a'] },
  { kind: 'password', secret: password, around: ['passwd = ', '\n'] },
  { kind: 'password', secret: password, around: ['const passphrase: string = `', '`'] },
  { kind: 'password', secret: password, around: ['os.environ["DB_PASSWORD"] = "', '"'] },
  { kind: 'password', secret: password, around: ["auth: { user: 'a', pass: '", "' }"] },
  { kind: 'password', secret: password, around: ['login --password ', ' --user a'] },
  { kind: 'password', secret: password, around: ['["--db-password", "', '"]'] },
  { kind: 'password', secret: password, around: ["CREATE USER a WITH PASSWORD '", "';"] },
  { kind: 'password', secret: password, around: ['The password is ', ' and the user is ana'] },
  { kind: 'password', secret: password, around: ['**Password:** `', '`'] },
  { kind: 'secret', secret: made(24), around: ['client_secret=', '&grant_type=code'] },
  { kind: 'secret', secret: made(64, HEX), around: ['SECRET_KEY_BASE: "', '"'] },
  { kind: 'token', secret: made(24), around: ['https://a.test/?access_token=', '&page=2'] },
  { kind: 'token', secret: made(40, HEX), around: ['self.auth_token = "', '"'] },
  { kind: 'token', secret: made(24), around: ['//registry.test/:_authToken=', '\n'] },
  // Chance may leave out the digits.
  { kind: 'token', secret: 'aBCd'.repeat(6), around: ['token = "', '"'] },
  { kind: 'api-key', secret: made(32, HEX), around: ['X-Api-Key: ', '\r\n'] },
  { kind: 'api-key', secret: made(32, HEX), around: ['apiKey: "', '",'] },
  { kind: 'api-key', secret: made(32, HEX), around: ['API_KEY_2="', '"'] },
  {
    kind: 'api-key',
    secret: `${made(86, BASE64)}==`,
    around: ['DefaultEndpointsProtocol=https;AccountKey=', ';'],
  },
  // Known to secretlint only, so the class is the name of its rule.
  { kind: 'groq', secret: `gsk_${made(52)}` },
  { kind: 'groq', secret: `gsk_${made(52)}`, around: ['first\\n', '\\nlast'] },
  { kind: 'linear', secret: `lin_api_${made(40)}` },
  { kind: 'hashicorp-vault', secret: `hvs.${made(95, BASE64URL)}` },
  { kind: 'databricks', secret: `dapi${made(32, HEX)}` },
]

/** For `${…}` in texts. */
const $ = '$'

const untouched = [
  'max_tokens: 4096, token_count: 128000, "total_tokens": 91723',
  'The token expired; ask for a new password, or reset the secret in the settings.',
  'password: required, min length 12',
  'token = getToken(12345678)',
  'const token = await fetchToken2("a")',
  'token = sign42payload(user)',
  'token: "CI_TOKEN_2B"',
  'token = request.headers.x2token',
  'password: str, token: Optional[str] = None, secret: Uint8Array',
  'password = process.env.DB_PASSWORD2',
  'password = os.environ["DB_PASSWORD1"]',
  `secret: ${$}{{ secrets.DEPLOY_KEY_2 }}`,
  `PASSWORD=$DB_PASSWORD1 TOKEN=${$}{TOKEN_V2} SECRET=$(cat /run/secrets/db1)`,
  'api_key: "<your-api-key-1>"',
  'API_KEY="your_api_key_123"',
  'api_key = "YOUR_API_KEY_1"',
  'password = "changeme"',
  'password="xxxxxxxx" token="********12" secret="abc1...xyz9"',
  '"password": null, "token": undefined, "secret": false',
  'password: "{{ db_password1 }}"',
  `f"Bearer {token1}" and 'Bearer ${$}{token1}' and "Bearer YOUR_TOKEN_1"`,
  'Authorization: Bearer <token1>',
  'Bearer authentication is described in RFC6750; Basic authentication is older.',
  'secret_file: /run/secrets/db_password1',
  'secret: projects/acme/secrets/db1/versions/2',
  'token: https://auth.test/token1',
  'next_page_token: "CAoQAA1b2c3d4e5f6"',
  'pad_token="[PAD12345]" eos_token = "<|endoftext|>1"',
  'PASS: test_login_with_2_tokens',
  'pip install scikit-learn sk-learn; task-1234567890abcdef1234567890; risk-0a1b2c3d4e5f6a7b8c9d0e1f',
  'commit 9fceb02d0ae598e95dc970b74767f19372d61af8',
  '550e8400-e29b-41d4-a716-446655440000',
  `data:image/png;base64,${made(4000, BASE64)}`,
  'hf_hub_download, npm_config_registry, ghp_ and sk- are prefixes; AKIA too',
  'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx1',
  `https://user:password@db.test, https://${$}{USER}:${$}{PASS}@db.test, postgres://<user>:<password>@db.test`,
  'http://localhost:8080/@scope/package@1.2.3 and git@github.com:acme/api.git',
  `if "${opening}" in text or text.endswith("${closing}"):`,
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1234\n-----END PUBLIC KEY-----',
  'already gone: password = [redacted:password], "token": "[redacted:jwt]"',
  'publicKeyToken="b77a5c561934e089"',
  '{"token": "hello", "token_id": 12345678, "pos": "NOUN"}',
  'token: sha256sum, secret = base64Encode2, api key is base64-encoded',
]

describe('a secret is replaced by its class', () => {
  test.each(secrets)(
    '$kind in $around',
    async ({ kind, secret, around: [before, after] = ['see ', ' here'] }) => {
      const result = await redact(before + secret + after)

      expect(result.text).toBe(`${before}[redacted:${kind}]${after}`)
      expect(result.redactions).toEqual({ [kind]: 1 })
    },
  )
})

test.each(untouched)('this is no secret: %s', async (text) => {
  expect(mayHoldSecret(text)).toBe(false)
  expect(await redact(text)).toEqual({ text, redactions: {} })
})

describe('a private key', () => {
  const key = [opening, ...keyLines, closing].join('\n')

  test.each([
    { name: 'whole', text: `cat id_rsa\n${key}\nexit 0`, left: 'cat id_rsa\n[redacted:private-key]\nexit 0' },
    { name: 'in a JSON string', text: JSON.stringify({ key }), left: '{"key":"[redacted:private-key]"}' },
    {
      name: 'in a JSON string of a JSON string',
      text: JSON.stringify(JSON.stringify({ key })),
      left: String.raw`"{\"key\":\"[redacted:private-key]\"}"`,
    },
    {
      name: 'with line numbers',
      text: key.replace(/^/gm, '    12→'),
      left: '    12→[redacted:private-key]',
    },
    {
      name: 'cut in the middle',
      text: [opening, keyLines[0], '[... 900 characters left out ...]', keyLines[5], closing].join('\n'),
      left: '[redacted:private-key]',
    },
    {
      name: 'without its end',
      text: `${[opening, ...keyLines.slice(0, 3)].join('\n')}\nand so on`,
      left: '[redacted:private-key]\nand so on',
    },
    {
      name: 'cut off in a line',
      text: `"${[opening, ...keyLines.slice(0, 3), 'MIIabc'].join('\\n')}`,
      left: '"[redacted:private-key]',
    },
    {
      name: 'encrypted and without its end',
      text: [
        opening,
        'Proc-Type: 4,ENCRYPTED',
        `DEK-Info: AES-128-CBC,${made(32, HEX)}`,
        '',
        ...keyLines,
      ].join('\n'),
      left: '[redacted:private-key]',
    },
    {
      name: 'without its beginning',
      text: `tail id_rsa\n${[...keyLines.slice(2), 'MIIabc==', closing].join('\n')}\n`,
      left: 'tail id_rsa\n[redacted:private-key]\n',
    },
  ])('$name is removed', async ({ text, left }) => {
    expect(await redact(text)).toEqual({ text: left, redactions: { 'private-key': 1 } })
  })
})

test('a secret is found at every place of a long text', () => {
  const token = `ghp_${made(36)}`
  const missed = Array.from({ length: 140 }, (_, i) => 65_536 - 70 + i).filter(
    (at) => !mayHoldSecret(`${'.'.repeat(at)}${token}`),
  )

  expect(missed).toEqual([])
})

test('a text cannot switch the search off', async () => {
  const { text } = await redact(`// secretlint-disable\nkey gsk_${made(52)} and ghp_${made(36)}`)

  expect(text).toBe('// secretlint-disable\nkey [redacted:groq] and [redacted:github-token]')
})

test('a text without secrets does not load secretlint', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ resolve: (name, context, next) => (loaded.push(name), next(name, context)) })
    const { redact } = await import('./src/1-ingest/redact.ts')
    await redact('nothing to hide')
    const before = loaded.some((it) => it.includes('secretlint'))
    await redact('ghp_' + 'a1'.repeat(18))
    console.log(before, loaded.some((it) => it.includes('secretlint')))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })

  expect(stdout).toBe('false true\n')
})

describe('a session', () => {
  const token = `ghp_${made(36)}`

  test('without secrets comes back as the same object', async () => {
    const session = sessionOf([message('user.message', 'Count the tokens; the password is in the vault.')])

    expect(await redactSession(session)).toEqual({ session, redactions: {} })
    expect((await redactSession(session)).session).toBe(session)
  })

  test('loses the secrets of all its texts, and keeps everything else', async () => {
    const secret = `token ${token}`
    const base = { id: 'sevt_1', processed_at: null }
    const content = [{ type: 'text' as const, text: secret }]
    const error = { is_error: true, error_class: 'exit_code' as const, exit_code: 1 }
    const outcome = { ...UNKNOWN_OUTCOME, reported: secret, explanation: secret }
    const events: SessionEvent[] = [
      { type: 'user.message', ...base, content },
      { type: 'system.message', ...base, content },
      { type: 'agent.message', ...base, content },
      { type: 'agent.thinking', ...base, content },
      { type: 'agent.thread_message_received', ...base, content },
      { type: 'agent.thread_context_compacted', ...base, content },
      { type: 'agent.tool_use', ...base, name: 'Bash', input: { command: secret, env: [{ a: [secret] }] } },
      { type: 'agent.mcp_tool_use', ...base, name: 'get', mcp_server_name: 'web', input: { url: secret } },
      { type: 'agent.custom_tool_use', ...base, name: 'get', input: { url: secret } },
      { type: 'agent.tool_result', ...base, ...error, tool_use_id: 'sevt_1', content },
      { type: 'agent.mcp_tool_result', ...base, ...error, mcp_tool_use_id: 'sevt_1', content },
      { type: 'user.custom_tool_result', ...base, ...error, custom_tool_use_id: 'sevt_1', content },
      { type: 'user.tool_result', ...base, ...error, tool_use_id: 'sevt_1', content },
      {
        type: 'user.tool_confirmation',
        ...base,
        tool_use_id: 'sevt_1',
        result: 'deny',
        deny_message: secret,
      },
      { type: 'user.feedback', ...base, feedback: { kind: 'rejection', comment: secret } },
      {
        type: 'user.feedback',
        ...base,
        feedback: { kind: 'edit', before: secret, after: secret, comment: null },
      },
      { type: 'user.define_outcome', ...base, description: secret, rubric: secret },
      { type: 'session.error', ...base, error: { type: 'api_error', message: secret } },
      { type: 'session.outcome', ...base, outcome },
    ]
    const session = { ...sessionOf(events), agent: secret, agent_version: secret, task: secret, outcome }
    const before = JSON.stringify(session)

    const { session: redacted, redactions } = await redactSession(session)

    expect(JSON.stringify(redacted)).toBe(before.replaceAll(token, '[redacted:github-token]'))
    expect(redactions).toEqual({ 'github-token': before.split(token).length - 1 })
    expect(JSON.stringify(session)).toBe(before)
  })

  test('shares with the original what holds no secret', async () => {
    const session = sessionOf([message('user.message', 'hello'), message('agent.message', token)])

    const { session: redacted } = await redactSession(session)

    expect(redacted.events[0]).toBe(session.events[0])
    expect(redacted.events[1]).not.toBe(session.events[1])
  })

  test.each([
    { key: 'password', value: password, kind: 'password' },
    { key: 'dbPassword', value: 'correct-horse', kind: 'password' },
    { key: 'client_secret', value: made(24), kind: 'secret' },
    { key: 'X-Api-Key', value: made(32, HEX), kind: 'api-key' },
    { key: 'Authorization', value: `Basic ${made(19)}=`, kind: 'authorization-header' },
    { key: 'tokens_left', value: made(24), kind: null },
    { key: 'next_page_token', value: made(24), kind: null },
    { key: 'password', value: 'changeme', kind: null },
    { key: 'password', value: 'must have 8 characters', kind: null },
    { key: 'Authorization', value: 'Bearer <token1>', kind: null },
  ])('a tool input $key: $value counts as $kind', async ({ key, value, kind }) => {
    const session = sessionOf([toolUse({ form: { [key]: value, list: [value] } })])

    const { session: redacted, redactions } = await redactSession(session)

    // What is a secret once is one wherever it stands, if it is long and odd enough to be told from a word.
    const alike = kind !== null && /^\S*\d\S*$/.test(value) ? `[redacted:${kind}]` : value
    const form =
      kind === null ? { [key]: value, list: [value] } : { [key]: `[redacted:${kind}]`, list: [alike] }
    expect(redacted.events).toEqual([toolUse({ form })])
    expect(redactions).toEqual(kind === null ? {} : { [kind]: alike === value ? 1 : 2 })
  })

  test('loses a secret also where nothing tells that it is one', async () => {
    const session = sessionOf([
      message('user.message', `replace ${awsSecret} everywhere`),
      toolUse({ command: `sed -i 's#${awsSecret}#KEY#' .env` }),
      message('agent.message', `AWS_SECRET_ACCESS_KEY=${awsSecret}`),
    ])

    const { session: redacted, redactions } = await redactSession(session)

    expect(JSON.stringify(redacted)).not.toContain(awsSecret)
    expect(redactions).toEqual({ 'aws-secret-key': 3 })
  })

  test('keeps an ordinary word that was somebody’s password', async () => {
    const session = sessionOf([
      message('agent.message', 'psql postgres://app:postgres@db.test'),
      message('agent.message', 'start postgres again'),
    ])

    const { session: redacted } = await redactSession(session)

    expect(redacted.events).toEqual([
      message('agent.message', 'psql postgres://app:[redacted:url-password]@db.test'),
      message('agent.message', 'start postgres again'),
    ])
  })

  test('may hold one object twice', async () => {
    const shared = { note: token }
    const session = sessionOf([toolUse({ a: shared, b: { shared } })])

    expect(JSON.stringify((await redactSession(session)).session)).not.toContain(token)
  })

  test('keeps a key called __proto__ what it was', async () => {
    const session = sessionOf([toolUse(JSON.parse(`{"__proto__": {"a": "${token}"}, "b": 1}`))])

    const { session: redacted } = await redactSession(session)

    expect(JSON.stringify(redacted.events[0])).toContain(
      '{"__proto__":{"a":"[redacted:github-token]"},"b":1}',
    )
  })

  test('may be nested a hundred thousand levels deep', async () => {
    let input: Record<string, unknown> = { deepest: token }
    for (let i = 0; i < 100_000; i++) input = { input }

    const { session, redactions } = await redactSession(sessionOf([toolUse(input)]))

    let inside = (session.events[0] as { input: Record<string, unknown> }).input
    while ('input' in inside) inside = inside.input as Record<string, unknown>
    expect(inside).toEqual({ deepest: '[redacted:github-token]' })
    expect(redactions).toEqual({ 'github-token': 1 })
  })
})

describe('whatever stands around a secret', () => {
  test('it is gone from a text, from the JSON in it, and from a session', async () => {
    await fc.assert(
      fc.asyncProperty(secretInText, async ({ text, value }) => {
        const nested = JSON.stringify(JSON.stringify({ text }))
        const session = sessionOf([
          message('user.message', text),
          toolUse({ text, nested, list: [{ text }] }),
        ])

        expect((await redact(text)).text).not.toContain(value)
        expect((await redact(nested)).text).not.toContain(value)
        expect(JSON.stringify((await redactSession(session)).session)).not.toContain(value)
      }),
      { numRuns: 500 },
    )
  })

  test('redacting again changes nothing', async () => {
    const pieces = fc.constantFrom(
      ...secrets.map((it) => (it.around ?? ['', '']).join(it.secret)),
      ...secrets.map((it) => it.secret.slice(0, 12)),
      ...untouched.map((it) => it.slice(0, 60)),
      ...[
        'password',
        'token=',
        '://u:',
        '@h',
        '"',
        "'",
        '\\n',
        '\n',
        ' ',
        '-',
        '_',
        '[redacted:jwt]',
        '[redacted:',
      ],
      ...[opening, closing, keyLines[0]!],
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
        const { text } = await redact(parts.join(''))

        expect(await redact(text)).toEqual({ text, redactions: {} })
      }),
      { numRuns: 500 },
    )
  })
})

test.each([
  'sk-ant-',
  'sk-proj-a1',
  'ghs_1_a',
  'eyJ',
  '.eyJhbGciOi',
  'a.eyJhbGciOi',
  'SG.a',
  'github_pat_',
  'pypi-AgE',
  'xoxb-1-',
  'AKIA',
  'password=',
  'password="',
  'password = a1',
  'password: str',
  '--token ',
  'token":\\"',
  'a_token_is_',
  '**secret:** ',
  '://',
  '://a:',
  'x://a:b',
  '://a:b@',
  'Authorization: ',
  'authorization="Basic ',
  'Bearer a1.',
  'bearer ',
  `${opening}\n`,
  `${opening}\n${keyLines[0]}\n`,
  `${opening}\\n\\n`,
  `${opening}Proc-Type: Proc-Type:`,
  `-----BEGIN ${UPPER}`,
  `${keyLines[0]}\n`,
  `${keyLines[0]}\n${closing}`,
  closing,
  '\\\\n',
  '1\t2\t',
  'secret_access_key=',
  'secretkey [None]',
  'hvs.',
  'mongodb://a:',
  'a'.repeat(100),
  `ghp_${'a1'.repeat(18)} `,
  `ghp_${'a1'.repeat(18)}`,
])('four times as much of %j takes about four times as long', async (piece) => {
  const once = await timeOf(piece, 100_000)
  const fourfold = await timeOf(piece, 400_000)

  // Four if time grows with length, sixteen if with its square. Below a few milliseconds there is nothing to compare.
  expect(fourfold).toBeLessThan(Math.max(10 * once, 100))
})

/** The least processor time, in milliseconds, of three runs over that many characters, with a secret at the end. */
async function timeOf(piece: string, length: number): Promise<number> {
  const text = `${piece.repeat(length / piece.length)} ghp_${made(36)}`
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage()
    await redact(text)
    times.push(process.cpuUsage(start).user / 1000)
  }
  return Math.min(...times)
}

function characters(length: number, alphabet: string): fc.Arbitrary<string> {
  return fc
    .string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length })
    .filter((it) => !/xxxx/i.test(it))
}

/** With digits, for letters alone would read like a word. */
function mixed(length: number): fc.Arbitrary<string> {
  return fc
    .tuple(characters(length, LOWER + UPPER), characters(length, DIGITS))
    .map(([letters, digits]) => Array.from(letters, (it, i) => (i % 3 === 2 ? digits[i] : it)).join(''))
}

const anySecret = fc.oneof(
  characters(16, UPPER + DIGITS).map((it) => ({ value: `AKIA${it}`, before: '', after: '' })),
  characters(40, BASE64).map((value) => ({ value, before: 'aws_secret_access_key=', after: '' })),
  characters(36, ALPHANUMERIC).map((it) => ({ value: `ghp_${it}`, before: '', after: '' })),
  characters(34, ALPHANUMERIC).map((it) => ({ value: `hf_${it}`, before: '', after: '' })),
  characters(20, BASE64URL).map((it) => ({ value: `glpat-${it}`, before: '', after: '' })),
  characters(60, BASE64URL).map((it) => ({ value: `sk-ant-api03-${it}`, before: '', after: '' })),
  characters(60, BASE64URL).map((it) => ({ value: `sk-proj-${it}`, before: '', after: '' })),
  characters(35, BASE64URL).map((it) => ({ value: `AIza${it}`, before: '', after: '' })),
  characters(60, BASE64URL).map((it) => ({ value: `eyJ${it}.eyJ${it}.${it}`, before: '', after: '' })),
  mixed(24).map((it) => ({ value: `xoxb-${it.slice(0, 12)}-${it}`, before: '', after: '' })),
  mixed(24).map((it) => ({ value: `sk_live_${it}`, before: '', after: '' })),
  mixed(24).map((value) => ({ value, before: 'Authorization: Bearer ', after: '' })),
  mixed(24).map((value) => ({ value, before: 'API_TOKEN=', after: '' })),
  mixed(12).map((value) => ({ value, before: 'password: ', after: '' })),
  mixed(12).map((value) => ({ value, before: 'https://me:', after: '@a.test' })),
  fc.array(characters(64, BASE64), { minLength: 2, maxLength: 8 }).map((it) => ({
    value: it.at(-1)!,
    before: `${opening}\n${it.join('0\n')}`.slice(0, -64),
    after: `\n${closing}`,
  })),
)

/** A secret in any text; what touches it ends a word, also in the ways of terminals and escapes. */
const secretInText = fc
  .record({
    text: fc.string({ unit: 'binary' }),
    left: fc.constantFrom(
      ...[' ', '\n', '\t', '"', "'", '`', '(', ',', '=', '\\n', '%3D', '\x1b[31m', '\u00a0', '語'],
    ),
    secret: anySecret,
    right: fc.constantFrom(
      ...[' ', '\n', '\t', '"', "'", '`', ')', ',', ';', '\\n', '\x1b[0m', '\u00a0', ' 語'],
    ),
    more: fc.string({ unit: 'binary' }),
  })
  .map(({ text, left, secret: { value, before, after }, right, more }) => ({
    value,
    text: `${text}${left}${before}${value}${after}${right}${more}`,
  }))

function sessionOf(events: SessionEvent[]): Omit<Session, 'id'> {
  return {
    harness: 'steps',
    external_session_id: 'a1',
    agent: 'desk',
    agent_version: null,
    task: null,
    person: null,
    parent_external_session_id: null,
    started_at: null,
    ended_at: null,
    outcome: UNKNOWN_OUTCOME,
    usage: NO_USAGE,
    events,
  }
}

function message(type: 'user.message' | 'agent.message', text: string): SessionEvent {
  return { type, id: 'sevt_1', processed_at: null, content: [{ type: 'text', text }] }
}

function toolUse(input: Record<string, unknown>): SessionEvent {
  return { type: 'agent.tool_use', id: 'sevt_2', processed_at: null, name: 'Bash', input }
}
