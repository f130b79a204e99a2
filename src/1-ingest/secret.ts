/**
 * Secrets: a text in, the places of the secrets in it out, each with its class.
 *
 * A secret is noticed by a mark (`ghp_`, `-----BEGIN`, `passw`) and confirmed on the spot by the rule of
 * that mark. So text without marks costs one quick pass, and time grows with the length of a text,
 * whatever it says.
 *
 * A value counts as a secret when its own shape says so (a vendor's prefix), or when it is assigned to
 * a telling name and looks made up: `token = "a81f…"` does, `token = nextToken()`, `<your-token>` and
 * `max_tokens: 4096` do not. What reads like an ordinary word is only taken for a password in quotes.
 */

/** Visits what may be a secret, in order of their marks; findings may overlap. */
export function eachFinding(text: string, visit: (finding: Finding) => 'go on' | 'stop'): void {
  // Chunks overlap, so that every mark is whole in one of them.
  for (let from = 0; from < text.length; from += CHUNK - 4) {
    const chunk = text.length <= CHUNK ? text : text.slice(from, from + CHUNK)
    // Characters outside Latin-1 lose their upper byte here. A mark cannot get lost, only seem to be there.
    const length = bytes.write(chunk, LEAD, 'latin1')
    const count = noteEnds(length, fours, pairs, ends, noted)
    for (let i = 0; i < count; i++) {
      const four = 4 * noted[i]!
      for (let byte = four - 1; byte < four + 3; byte++) {
        if (visitAt(text, from + byte - LEAD, byte, visit) === 'stop') return
      }
    }
  }
}

/** The class of a secret that stands alone under a telling key, as in `{"password": "…"}`; null when it is none. */
export function classByKey(key: string, value: string): string | null {
  if (value.length < MIN_VALUE || value.length > MAX_VALUE) return null
  const named = classNamedBy(key)
  if (named === null) return null
  if (named === AUTHORIZATION) return CREDENTIALS.test(value) ? named : null
  return looksSecret(value, named, 'quoted') ? named : null
}

export type Finding = Span & { class: string; rank: number }

type Span = { start: number; end: number }

/** How a finding was made. Where findings overlap, the lowest rank tells best what it is. */
export const RANK = { shape: 0, secretlint: 1, header: 2, name: 3 } as const

/** Not a class: a finding of which only secretlint can tell whether it is a secret. */
export const HINT = 'hint'

type Rule = {
  class: string
  rank: number
  /** Where one of these stands the rule is tried. Three characters at least, the last three rare in ordinary text. */
  marks: string[]
  /** The secret that a mark in the text belongs to. */
  secretAt: (text: string, mark: number) => Span | null
}

// Rules by shape. In their patterns no two ways lead through the same characters, and what is not
// bounded begins only where a word does, so that no text makes them slow.

/** The start of a word, also after what ends in a letter without being one: `\n`, `\u0026`, `%3D`, terminal colors. */
const WORD = String.raw`(?:(?<![\w-])|(?<=\\[bfnrtv]|\\u[0-9a-fA-F]{4}|%[0-9A-F]{2}|(?:\x1b|\\u001b|\\x1b|\\033|\\e)\[[0-9;]{0,12}[A-Za-z]))`

const AWS_SECRET = '(?<![A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])'

const KEY_LABEL = '[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----'
const KEY_LINE = '(?=[A-Za-z]{0,63}[0-9+/])[A-Za-z0-9+/]{16,4096}={0,2}'
/** What stands between two lines of a private key: line ends, also escaped, quotes, line numbers, headers. */
const KEY_GLUE = String.raw`(?:[^A-Za-z0-9+/\\]|\\[nrt]?|\d{1,6}[\t→:| ]|(?:Proc-Type|DEK-Info|Version|Comment):[^\\\n]{0,80}(?=[\\\n]))`
const LINE_END = String.raw`(?:\\[nr]|[^A-Za-z0-9+/\\])`

const QUOTE = String.raw`\\{0,7}["'\x60]`

const MASKED = /[xX]{4}|\*{4}|\.{3}|…|•/

const SHAPES: Rule[] = [
  shape('aws-access-key', ['AKIA', 'ASIA'], exactly`${WORD}A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])`),
  shape('aws-secret-key', ['AKIA', 'ASIA'], exactly`A[KS]IA[A-Z0-9]{16}[\s,;:|"']{1,8}${AWS_SECRET}`),
  shape(
    'aws-secret-key',
    anyCase('secr'),
    inAnyCase`secret[_ -]?(?:access[_ -]?)?key(?:[^A-Za-z0-9+/\r\n]|\[None\]){1,16}${AWS_SECRET}`,
  ),
  // A whole private key, whatever stands between its first and its last line: a cut in the middle, too.
  shape(
    'private-key',
    ['-----BEGIN'],
    exactly`-----BEGIN ?${KEY_LABEL}(?=(?:(?!-----)[^]){0,400}?${KEY_LINE})(?:(?!-----)[^]){16,20000}-----END ?${KEY_LABEL}`,
    evenMasked,
  ),
  // One without its last line: as far as the lines look like a key.
  shape(
    'private-key',
    ['-----BEGIN'],
    exactly`-----BEGIN ?${KEY_LABEL}(?:${KEY_GLUE}{1,80}${KEY_LINE}){1,400}(?:${KEY_GLUE}{1,8}[A-Za-z0-9+/]{1,15}(?:={1,2}|$))?`,
    evenMasked,
  ),
  // One without its first line.
  shape(
    'private-key',
    ['-----END'],
    exactly`(?<=((?:[A-Za-z0-9+/]{40,76}${LINE_END}{1,16}){1,400}(?:[A-Za-z0-9+/]{1,76}${LINE_END}{1,16})?))-----END ?${KEY_LABEL}`,
    evenMasked,
  ),
  shape(
    'github-token',
    ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_p'],
    exactly`gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}`,
  ),
  shape('github-token', ['ghs_'], exactly`${WORD}ghs_\d{1,20}_[\w-]{16,}\.[\w-]+\.[\w-]+`),
  shape('gitlab-token', ['glp', 'gldt-', 'glr'], exactly`gl(?:pat|dt|rt)-[\w-]{16,255}`),
  shape('slack-token', ['xox', 'xap'], exactly`(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]{10,255}`),
  shape('slack-webhook', ['hooks.sl'], exactly`hooks\.slack\.com/services/[\w/]{20,100}`),
  shape('stripe-key', ['sk_l', 'sk_t', 'rk_l', 'rk_t'], exactly`${WORD}[sr]k_(?:live|test)_[A-Za-z0-9]{16,}`),
  shape('anthropic-key', ['sk-'], exactly`${WORD}sk-ant-[\w-]{16,}`),
  shape(
    'openai-key',
    ['sk-'],
    exactly`${WORD}sk-(?:(?:proj|svcacct|admin|None|or-v1)-[\w-]{20,}|(?=[A-Za-z]{0,63}\d)[A-Za-z0-9]{20,})`,
  ),
  shape('google-api-key', ['AIza'], exactly`${WORD}AIza[\w-]{30,}`),
  shape('google-oauth-token', ['ya2'], exactly`${WORD}ya29\.[\w-]{20,}`),
  shape('huggingface-token', ['hf_'], exactly`${WORD}hf_[A-Za-z0-9]{24,}`),
  shape('npm-token', ['npm'], exactly`${WORD}npm_[A-Za-z0-9]{30,}`),
  shape('pypi-token', ['pypi-'], exactly`${WORD}pypi-(?:AgE[\w-]{16,}|\w{40,})`),
  shape('sendgrid-key', ['SG.'], exactly`${WORD}SG\.[\w-]{16,64}\.[\w-]{16,}`),
  shape(
    'twilio-key',
    [...'0123456789abcdef'].map((it) => `SK${it}`),
    exactly`${WORD}SK[0-9a-f]{32}(?![A-Za-z0-9])`,
  ),
  shape('jwt', ['eyJ'], exactly`${WORD}eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}`),
]

/** How the tokens begin that are left to secretlint: the mark, and what follows it. */
const HINTS: Rule[] = [
  ...['gsk _', 'lin_a pi_', 'ntn_ [0-9]', 'glc _', 'gls a_', 'dap i', 'dck r_pat_', 'figd_', 'tskey-'],
  ...['ops_ey [A-Z]', 'cfk _', 'cfu t_', 'cfa t_', 'shp [a-z]{2}_', 'hvs [.]', 'hvb [.]', 'hvr [.]'],
  ...['vcp _', 'vci _', 'vca _', 'vcr _', 'vck _'],
].map((it) => {
  const [mark = '', next = ''] = it.split(' ')
  return shape(HINT, [mark], exactly`${mark}${next}[\w-]{16}`)
})

/** What stands behind one of these is a credential. */
const HEADERS: Rule[] = [
  shape(
    'authorization-header',
    anyCase('authoriza'),
    inAnyCase`authorization(?:${QUOTE})?\]?[ \t]{0,4}[:=,][ \t]{0,4}(?:[bfr]?${QUOTE})?(?:[a-z][\w-]{1,20} {1,4})?([\w+/.~-]{8,4096}={0,2})`,
    looksRandom,
  ),
  shape(
    'authorization-header',
    anyCase('bea'),
    inAnyCase`bearer {1,4}([\w+/.~-]{16,4096}={0,2})`,
    looksRandom,
  ),
  shape(
    'url-password',
    ['://'],
    exactly`://[^\s/:@"'\x60<>\\]{0,256}:([^\s/"'\x60<>\\]{1,256})(?=@[\w[.%-])`,
    (value) => !isPlaceholder(value),
  ),
].map((it) => ({ ...it, rank: RANK.header }))

const AUTHORIZATION = 'authorization-header'
const CREDENTIALS = /^[A-Za-z][\w-]{1,20} {1,4}(?=\S{0,64}(?:\d|[a-z][A-Z]))[\w+/.~-]{8,4096}={0,2}$/

// Rules by name: `password = value`, in all the ways that code, configuration, shells and people write it.

const NAMES = [
  name('password', anyCase('passw', 'passph'), /pass(?:w(?:or)?d|phrase)/i),
  name(
    'password',
    ['pwd', 'Pwd', 'PWD', ...['pass', 'Pass', 'PASS'].flatMap((it) => [...':="\''].map((next) => it + next))],
    // Not `PASS: test_login`, as test runners write.
    /(?<![A-Za-z])(?:[Pp]wd|PWD|(?:[Pp]ass|PASS)(?!:[ \t]{0,8}[\w./-]))|(?<=[a-z])(?:Pass|Pwd)/,
  ),
  name('secret', anyCase('secr'), /secret(?:[_ -]?(?:access[_ -]?)?key)?(?:[_-]?base)?/i),
  name(
    'token',
    anyCase('toke'),
    // The tokens of paging and of language models are no secrets.
    /(?<!(?:page|next|continuation|pad|eos|bos|unk|sep|cls|mask|stop|start|end|special|publickey)[_-]?)token/i,
  ),
  name(
    'api-key',
    [
      ...['api', 'access', 'private', 'signing', 'encryption', 'account', 'master', 'auth'].flatMap(keyMarks),
      ...['apike', 'accesske', 'api ke', 'API ke', 'API Ke'],
    ],
    /(?:api|access|private|signing|encryption|account|master|auth)[_ -]?key/i,
  ),
]

/** Keys come again and again, so what they name is remembered; not for ever, for a transcript may invent keys. */
const classesOfKeys = new Map<string, string | null>()

function classNamedBy(key: string): string | null {
  const known = classesOfKeys.get(key)
  if (known !== undefined) return known
  if (classesOfKeys.size > 10_000) classesOfKeys.clear()
  const named = /authorization$/i.test(key) ? AUTHORIZATION : NAMES.find((it) => it.asKey.test(key))?.class
  classesOfKeys.set(key, named ?? null)
  return named ?? null
}

/** What ties a value to the name before it that is surely meant as it stands, even unquoted. */
const LITERAL_TIE = anyOf(
  // NAME=value, as in an environment file.
  /(?<=[A-Z0-9_]{4})=(?=[^\s=])/,
  // --name value, also as two items of a list.
  /(?=[ \t\\"'])(?<=--[\w-]{1,60})(?:[ \t]{1,4}|\\{0,7}["'],\s{0,8}(?=\\{0,7}["']))/,
)

/** What ties to it a value that may be code, unless it is quoted. */
const TIE = anyOf(
  // name = value, "name": value, name: Type = value, ["name"] => value, **name:** value, name is value.
  /(?:\\{0,7}["'\x60])?\]?\*{0,2}[ \t]{0,8}(?:(?::[ \t]?[A-Za-z][\w.[\]|<>]{0,40}[ \t]{0,8})?(?:=>?|={2,3}(?=[ \t]{0,8}["'\x60]))|:=?|is[ \t])\*{0,2}[ \t]{0,8}/,
  // name 'value', as in SQL.
  /[ \t](?=\\{0,7}["'\x60])/,
)

const OPENING_QUOTE = /[bfru]{0,2}(\\{0,7}["'\x60])/iy
const BARE_VALUE = /[^\s"'\x60,;(){}[\]<>|&\\\p{Cc}]{1,512}/uy

/** In quotes; without, but in a place where no code stands; or where it may be code. */
type Written = 'quoted' | 'literal' | 'bare'

const MIN_VALUE = 8
const MAX_VALUE = 4096

const ASSIGNMENTS: Rule[] = NAMES.map((name) => ({
  class: name.class,
  rank: RANK.name,
  marks: name.marks,
  secretAt: (text, mark) => {
    const named = endOfMatch(name.inText, text, mark)
    if (named === -1) return null
    const literal = endOfMatch(LITERAL_TIE, text, named)
    if (literal !== -1) return assignedSecret(text, literal, name.class, true)
    const tied = endOfMatch(TIE, text, named)
    return tied === -1 ? null : assignedSecret(text, tied, name.class, false)
  },
}))

const RULES = [...SHAPES, ...HINTS, ...HEADERS, ...ASSIGNMENTS]

// Where marks are looked for: by the last three characters of a mark, its end, in copies of a chunk of the
// text that can be read four bytes at once. Of any three bytes in a row, two are the first or the last pair
// of such four.

const CHUNK = 65_536
/** Room before the text, so that the byte before its first can be read. */
const LEAD = 4
const fours = new Int32Array((LEAD + CHUNK + 4) / 4)
const bytes = Buffer.from(fours.buffer)
/** Where in `fours` the ends of marks may be. */
const noted = new Int32Array(fours.length)

/** 1 for two bytes that are part of an end. */
const pairs = new Uint8Array(65_536)
/** By the hash of three bytes, where in `rulesByEnd` the marks are that may end in them; 0 for none. */
const ends = new Uint16Array(65_536)
const rulesByEnd: { rule: Rule; mark: string }[][] = [[]]
for (const rule of RULES) for (const mark of new Set(rule.marks)) addMark(rule, mark)

function addMark(rule: Rule, mark: string): void {
  bytes.write(mark.slice(-3), 'latin1')
  const end = fours[0]! & 0xff_ff_ff
  const hash = hashOf(end)
  if (ends[hash] === 0) ends[hash] = rulesByEnd.push([]) - 1
  rulesByEnd[ends[hash]!]!.push({ rule, mark })
  pairs[end & 0xffff] = 1
  pairs[end >>> 8] = 1
}

/** Of the three bytes in the lower part of a number. */
function hashOf(three: number): number {
  return Math.imul(three, 0x9e_37_79_b1) >>> 16
}

/**
 * Notes the fours where an end is, begins or goes on, and gives their number. Seldom it is no end, but three
 * bytes of the same hash. The tables are arguments because those are faster to read than what is outside.
 */
function noteEnds(
  length: number,
  fours: Int32Array,
  pairs: Uint8Array,
  ends: Uint16Array,
  noted: Int32Array,
): number {
  const stop = (LEAD + length + 3) >>> 2
  let paired = 0
  // Every four is noted, and most are overwritten: a branch here would be guessed wrong too often.
  for (let i = LEAD / 4; i < stop; i++) {
    const four = fours[i]!
    noted[paired] = i
    paired += pairs[four & 0xffff]! | pairs[four >>> 16]!
  }
  let count = 0
  for (let k = 0; k < paired; k++) {
    const i = noted[k]!
    const four = fours[i]!
    const found =
      ends[hashOf((fours[i - 1]! >>> 24) | ((four & 0xffff) << 8))]! |
      ends[hashOf(four & 0xff_ff_ff)]! |
      ends[hashOf(four >>> 8)]! |
      ends[hashOf((four >>> 16) | ((fours[i + 1]! & 0xff) << 16))]!
    if (found !== 0) noted[count++] = i
  }
  return count
}

function visitAt(
  text: string,
  at: number,
  byte: number,
  visit: (finding: Finding) => 'go on' | 'stop',
): 'go on' | 'stop' {
  const three = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16)
  for (const { rule, mark } of rulesByEnd[ends[hashOf(three)]!]!) {
    const start = at + 3 - mark.length
    if (!text.startsWith(mark, start)) continue
    const span = rule.secretAt(text, start)
    if (span !== null && visit({ ...span, class: rule.class, rank: rule.rank }) === 'stop') return 'stop'
  }
  return 'go on'
}

/** A rule for what `pattern` matches at its mark, or only from the group in it on, when `accept` agrees. */
function shape(
  kind: string,
  marks: string[],
  pattern: RegExp,
  accept: (value: string) => boolean = isNotMasked,
): Rule {
  const atMark = new RegExp(pattern, `${pattern.flags}dy`)
  return {
    class: kind,
    rank: RANK.shape,
    marks,
    secretAt: (text, mark) => {
      atMark.lastIndex = mark
      const match = atMark.exec(text)
      if (match === null) return null
      const [start] = match.indices![1] ?? match.indices![0]!
      const end = atMark.lastIndex
      return accept(text.slice(start, end)) ? { start, end } : null
    },
  }
}

function isNotMasked(value: string): boolean {
  return !MASKED.test(value)
}

function evenMasked(): boolean {
  return true
}

/** A pattern with other patterns in it. (`(?i:…)` would do for `inAnyCase`, but V8 gets alternatives in it wrong.) */
function exactly(parts: TemplateStringsArray, ...inner: string[]): RegExp {
  return new RegExp(String.raw(parts, ...inner))
}

function inAnyCase(parts: TemplateStringsArray, ...inner: string[]): RegExp {
  return new RegExp(String.raw(parts, ...inner), 'i')
}

/** The first of these that matches right where it is looked for. */
function anyOf(...patterns: RegExp[]): RegExp {
  return new RegExp(patterns.map((it) => it.source).join('|'), 'y')
}

/** A name that secrets are assigned to, as it stands in a text (from a mark on) and at the end of a key. */
function name(kind: string, marks: string[], { source, flags }: RegExp) {
  const named = String.raw`(?:${source})(?:[_-]?value)?(?:_?\d{1,2})?`
  return { class: kind, marks, inText: new RegExp(named, `${flags}y`), asKey: new RegExp(`${named}$`, flags) }
}

function anyCase(...words: string[]): string[] {
  return words.flatMap((it) => [it, capitalized(it), it.toUpperCase()])
}

/** `api_k`, `apiK`, `API-K`, … */
function keyMarks(word: string): string[] {
  const titled = capitalized(word)
  return [
    ...anyCase(`${word}_ke`, `${word}-ke`),
    `${word}Ke`,
    `${titled}Ke`,
    `${titled}-Ke`,
    `${word.toUpperCase()}KE`,
  ]
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function endOfMatch(sticky: RegExp, text: string, start: number): number {
  sticky.lastIndex = start
  return sticky.test(text) ? sticky.lastIndex : -1
}

function assignedSecret(text: string, at: number, kind: string, literal: boolean): Span | null {
  const quoted = quotedValue(text, at)
  if (quoted !== null) {
    return looksSecret(text.slice(quoted.start, quoted.end), kind, 'quoted') ? quoted : null
  }
  const end = endOfMatch(BARE_VALUE, text, at)
  // A call, an index, a type: code that makes the value, not the value.
  if (end === -1 || /[([{<]/.test(text.charAt(end))) return null
  return looksSecret(text.slice(at, end), kind, literal ? 'literal' : 'bare') ? { start: at, end } : null
}

/** What stands between the quotes that open at `at`, up to a placeholder if there is one in it. */
function quotedValue(text: string, at: number): Span | null {
  OPENING_QUOTE.lastIndex = at
  const opening = OPENING_QUOTE.exec(text)
  if (opening === null) return null
  const quote = opening[1]!
  const start = at + opening[0].length
  const ahead = text.slice(start, start + MAX_VALUE + quote.length)
  let length = ahead.indexOf(quote)
  while (length > 0 && quote.length === 1 && ahead[length - 1] === '\\')
    length = ahead.indexOf(quote, length + 1)
  if (length === -1) return null
  const placeholder = ahead.slice(0, length).indexOf('[redacted:')
  return { start, end: start + (placeholder === -1 ? length : placeholder) }
}

/** Whether a value that is assigned to a telling name is a secret, and not a word, a number or code. */
function looksSecret(value: string, kind: string, written: Written): boolean {
  if (value.length < MIN_VALUE || value.length > MAX_VALUE || !isMadeUp(value, kind, written)) return false
  return !/\s/.test(value) && !isPlaceholder(value) && !REFERENCE.test(value)
}

function isMadeUp(value: string, kind: string, written: Written): boolean {
  if (hasLettersAndDigits(value))
    return !NUMBER.test(value) && (written !== 'bare' || !isIdentifier(value, kind))
  if (hasRandomCase(value)) return true
  if (written === 'bare') return false
  return kind === 'password' ? /[A-Za-z]|^\d+$/.test(value) : kind === 'secret' && /[A-Za-z]/.test(value)
}

function looksRandom(value: string): boolean {
  if (isPlaceholder(value)) return false
  return hasRandomCase(value) || (hasLettersAndDigits(value) && /\d/.test(value.replace(TECHNICAL, '')))
}

function hasLettersAndDigits(value: string): boolean {
  return /[A-Za-z]/.test(value) && /\d/.test(value)
}

/** Base64 that happens to have no digit; even camelCase with abbreviations has fewer capitals side by side. */
function hasRandomCase(value: string): boolean {
  const often = Math.max(2, value.length / 8)
  return (
    (value.match(/[a-z][A-Z]/g) ?? []).length >= often && (value.match(/[A-Z]{2}/g) ?? []).length >= often
  )
}

const VARIABLE =
  /^(?:--|\$[A-Za-z_{(]|%\w+%$|%[dsv(]|[<{[]|@\{|(?:process|os|env|import|secrets|vars?|self|this|config|settings)\.)|[#$]\{|\{[\w.]*\}/
const CONSTANT_NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/
const EXAMPLE_WORDS =
  /^(?:your|(?:(?:my|the|here|new|old|user|admin|api|app|auth|access|client|secret|token|key|password|passwd|pass|value|string|example|sample|dummy|fake|test|placeholder|change|me|this|insert|enter|replace|with|real|actual|undefined|null|none|true|false|required|optional|redacted|hidden|default|name|id)[-_. ]?)+$)/i

function isPlaceholder(value: string): boolean {
  return (
    MASKED.test(value) ||
    VARIABLE.test(value) ||
    CONSTANT_NAME.test(value) ||
    EXAMPLE_WORDS.test(value) ||
    /^(.)\1{3,}$/.test(value)
  )
}

/** A path, a file, an address where the secret is kept. */
const REFERENCE =
  /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|[a-z][a-z0-9+.-]{1,20}:\/\/|arn:|[a-z0-9._-]+(?:\/[a-z0-9._-]+){2,}$)|\.(?:json|ya?ml|txt|env|pem|key|crt|py|[jt]sx?|sh|md|toml|ini|cfg)$/
const NUMBER = /^[-+]?[\d.,_]+e[-+]?\d+$/i
const MEMBER = /^[A-Za-z_$][\w$]{0,29}(?:\??\.[A-Za-z_$#][\w$]{0,29})+$/
/** Words with digits in them that are words all the same. */
const TECHNICAL =
  /(?:base|sha|md|utf|u?int|float|oauth|auth|aes|argon|ed|ipv|web|http|pbkdf|win)-?\d{1,5}|(?<![A-Za-z0-9])[a-z]\d{1,2}[a-z]?(?![A-Za-z0-9])|k8s|i18n|a11y|l10n|e2e/gi

function isIdentifier(value: string, kind: string): boolean {
  const words = value.replace(TECHNICAL, '')
  return MEMBER.test(value) || !/\d/.test(words) || (kind !== 'password' && /^[A-Za-z_$]+\d$/.test(words))
}
