/**
 * The shape of an argument: what kind of value it is, never which one. Identifiers, names and numbers
 * are masked, so that no value of one task ever looks like a pattern.
 *
 *     shapeOf('#W5490111')  // '#W<n>'
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

function shapeOfText(text: string): string {
  if (text === '') return 'empty'
  if (text.trim() === '') return 'blank'
  if (/^\s*(?:\{[\s\S]*\}|\[[\s\S]*\])\s*$/.test(text)) return 'a text of JSON'
  if (text.length > 60 || text.includes('\n')) return 'a long text'
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return 'digits'
  if (/^[#$@]?[A-Z]{0,3}[-_]?\d{3,}$/.test(text)) return text.replace(/\d+/, '<n>')
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return 'a date like YYYY-MM-DD'
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return 'a time like YYYY-MM-DDThh:mm'
  if (/^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}$/.test(text)) return 'a date in another order'
  if (/^[\w.+-]+@[\w-]+\.[\w.]+$/.test(text)) return 'an e-mail address'
  if (/^https?:\/\//.test(text)) return 'a URL'
  if (/^(?:\/|~\/|[A-Za-z]:\\)/.test(text)) return 'an absolute path'
  if (/^\.{0,2}[\w.-]*\/[\w./-]+$/.test(text)) return 'a relative path'
  if (/\s/.test(text)) return /["'[(]/.test(text) ? 'several words with quotes or brackets' : 'several words'
  if (/\d/.test(text)) return 'an identifier'
  return 'one word'
}

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
