/**
 * The shape of an argument: what kind of value it is, never which one. Identifiers, names and numbers
 * are masked, so that no value of one task ever looks like a pattern.
 *
 *     shapeOf('#W5490111')  // '#W<n>'
 *     shapeOf('1-10')       // '<n>-<n>'
 *     shapeOf('#general')   // 'one word with #'
 *     shapeOf(['a', 'b'])   // 'a list of 2 or more'
 *     shapeOf('')           // 'empty'
 */
export function shapeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : value.length === 1 ? 'a list of 1' : 'a list of 2 or more'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return shapeOfNumber(value)
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty object' : 'an object'
  return shapeOfText(String(value))
}

function shapeOfNumber(value: number): string {
  if (value === 0) return '0'
  if (value < 0) return 'a negative number'
  return Number.isInteger(value) ? 'a whole number' : 'a fraction'
}

function shapeOfText(given: string): string {
  const text = given.trim()
  if (text === '') return given === '' ? 'empty' : 'blank'
  if (JSON_START.test(text) && /[}\]]/.test(text.at(-1)!)) return 'a text of JSON'
  if (text.includes('\n')) return 'several lines'
  if (text.length > PLACE_LIMIT) return 'a long text'
  if (text.includes('[redacted:')) return shapeOfRedacted(text)
  const place = shapeOfPlace(text)
  if (text.length > SHORT) return place ?? 'a long text'
  return (/\d/.test(text) ? shapeOfDigits(text) : null) ?? place ?? shapeOfWords(text)
}

/** One line that is longer is prose, unless it is a path or an address, which may be as long as that. */
const SHORT = 60
const PLACE_LIMIT = 1_000
const JSON_START = /^(?:\{\s*["}]|\[\s*(?:["{[\]\d-]|true|false|null))/

function shapeOfRedacted(text: string): string {
  const rest = text.replace(/\[redacted:[^\]]{0,60}(?:\]|$)/g, 'x').replaceAll('[redacted:', 'x')
  return rest === 'x' ? 'a redacted value' : shapeOfText(rest)
}

/** A path or a URL; a path with spaces where its first folder has none. `/review this` is none. */
function shapeOfPlace(text: string): string | null {
  if (/\s/.test(text)) return /^(?:[A-Za-z]:\\|~?\/[^\s/]+\/)/.test(text) ? 'an absolute path' : null
  if (/^(?:[A-Za-z][\w+.-]*:\/\/|\w+@[\w.-]+:)/.test(text))
    return /^https?:/i.test(text) ? 'a URL' : 'a URL that is not HTTP'
  if (/^(?:~?\/|[A-Za-z]:\\)/.test(text))
    return withSign('an absolute path', text.replace(/^[A-Za-z]:/, ''), SIGNS_OF_PATHS)
  const is_path = text.includes('/') && !/^<|^[A-Za-z\d+/]{61,}=*$/.test(text)
  return is_path ? withSign('a relative path', text, SIGNS_OF_PATHS) : null
}

/** What has digits and is no word: what it is by its form, or the form itself. */
function shapeOfDigits(text: string): string | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return 'digits'
  if (/^[#$@]?[A-Z]{0,3}[-_]?\d{3,}$/.test(text)) return text.replace(/\d+/, '<n>')
  const known = FORMS.find(([form]) => form.test(text))
  if (known) return known[1]
  if (!/^[-+~^=#$€£¥]{0,2}v?\d[\d.:/x–-]*%?$/.test(text) && !/^[+(]\d[\d ()-]*$/.test(text)) {
    return /^[\d.,;:/–-]+$/.test(text) ? withSign('digits', text, ',;') : null
  }
  // `1.5` is one number, `1.5.2` is three.
  const form = text.replace(/\d+(?:\.\d+)*/g, (it) =>
    it.split('.').length <= 2 ? '<n>' : it.replace(/\d+/g, '<n>'),
  )
  return form.length <= FORM_LIMIT ? form : 'digits with signs'
}

const FORM_LIMIT = 24
const FORMS: [RegExp, string][] = [
  [/^\d{4}-\d\d-\d\d$/, 'a date like YYYY-MM-DD'],
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/, 'a time like YYYY-MM-DDThh:mm'],
  [/^(?:\d{1,2}\/\d{1,2}\/(?:\d\d)?\d\d|\d{1,2}\.\d{1,2}\.\d{4})$/, 'a date in another order'],
  [/^\d{4}\/\d{1,2}\/\d{1,2}$/, 'a date like YYYY/MM/DD'],
  [
    /^(?:[a-z]{3,9},? )?(?:\d{1,2}(?:st|nd|rd|th)?\.? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d{1,2}(?:st|nd|rd|th)?)?(?:,? \d{4})?$/i,
    'a date in words',
  ],
  [
    /^[-+]?(?:\d+(?:\.\d+)?(?:[num]?s|secs?|m|mins?|h|hrs?|hours?|d|days?|w|weeks?|[KMGT]i?B?|[kmg]b|px|r?em))+$/,
    'a number with a unit',
  ],
  [/^(?:[^!]{1,30}!)?\$?[A-Z]{1,3}\$?\d+:\$?[A-Z]{1,3}\$?\d+$/, 'a range of cells'],
  [/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i, 'a UUID'],
]

function shapeOfWords(text: string): string {
  if (/^[\w.+-]+@[\w-]+\.[\w.]+$/.test(text)) return 'an e-mail address'
  if (/\s/.test(text)) return /["'[(]/.test(text) ? 'several words with quotes or brackets' : 'several words'
  if (/^(?:true|false)$/i.test(text)) return 'a boolean in quotes'
  return withSign(/\d/.test(text) ? 'an identifier' : 'one word', text, SIGNS)
}

/** Which sign makes it another kind of word or path: `#general` is one word with #. */
function withSign(shape: string, text: string, signs: string): string {
  const sign = /[^\w-]/.test(text) ? [...signs].find((it) => text.includes(it)) : undefined
  return sign === undefined ? shape : `${shape} with ${sign}`
}

/** The most telling first. */
const SIGNS = '*#@$=:(,;{["\'\\%&+!?~^.'
const SIGNS_OF_PATHS = '*{[?#:@='

/**
 * The word or the prefix that a value may be chosen by: `delivered`, `paypal_<n>`; null for everything else.
 *
 * It can be a name of a task all the same (`ana`, `chen_lee_<n>`). So it may be counted, but it may be told
 * only where nearly all calls choose between a few such words, each in several kinds of work.
 */
export function choiceOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 40) return null
  if (/^(?:[a-z]+(?:[_-][a-z]+){0,3}|[A-Z]+(?:_[A-Z]+){0,3})$/.test(value)) return value
  return /^[a-z]+(?:[_-][a-z]+){0,2}[_-]\d{2,}$/.test(value) ? value.replace(/\d+$/, '<n>') : null
}
