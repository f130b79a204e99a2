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
  if (typeof value === 'number')
    return value === 0
      ? '0'
      : value < 0
        ? 'a negative number'
        : Number.isInteger(value)
          ? 'a whole number'
          : 'a fraction'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty object' : 'an object'
  const text = String(value)
  if (text === '') return 'empty'
  if (text.trim() === '') return 'blank'
  if (text.length > 60 || text.includes('\n')) return 'a long text'
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return 'digits'
  if (/^[#$@]?[A-Z]{0,3}[-_]?\d{3,}$/.test(text)) return text.replace(/\d+/, '<n>')
  if (/^[\w.+-]+@[\w-]+\.[\w.]+$/.test(text)) return 'an e-mail address'
  if (/^https?:\/\//.test(text)) return 'a URL'
  if (/^(?:\/|~\/|[A-Za-z]:\\)/.test(text)) return 'an absolute path'
  if (/^\.{0,2}[\w.-]*\/[\w./-]+$/.test(text)) return 'a relative path'
  if (/\s/.test(text)) return /["'[(]/.test(text) ? 'several words with quotes or brackets' : 'several words'
  if (/\d/.test(text)) return 'an identifier'
  return 'one word'
}
