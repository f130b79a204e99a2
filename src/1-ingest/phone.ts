import { confirmed, type FindPii, type PiiFinding } from './pii-finding.ts'
import { TellingWords } from './telling-words.ts'

/**
 * Phone numbers: international ones of a country's length, and the common spellings inside a country.
 *
 * Spellings that other numbers share, as ten digits in one piece, count only beside a word that says so.
 * Inside one country a number has no one spelling: with and without the code of the country it gets two placeholders.
 */
export const findPhones: FindPii = (text) => [
  ...findInternational(text),
  ...confirmed(text, 'phone', NATIONAL, national),
  ...confirmed(text, 'phone', ANY, (match, start) =>
    isNoDate(match) && WORDS.tell(text, start, start + match.length) ? digitsOf(match) : null,
  ),
]

const LEFT = String.raw`(?<![\p{LC}\p{N}+]|\p{N}[.:/-])`
const RIGHT = String.raw`(?![\p{LC}\p{N}]|[.:/-]\p{N}|%)`
const S = String.raw`[ .\u00a0\u202f-]`

const NATIONAL = new RegExp(
  [
    // North America: (415) 555-2671, 415-555-2671, 1-415-555-2671
    String.raw`(?:\+?1${S})?\([2-9]\d{2}\)[ \u00a0]?[2-9]\d{2}${S}\d{4}`,
    String.raw`(?:1-)?[2-9]\d{2}([.-])[2-9]\d{2}\1\d{4}`,
    String.raw`1 [2-9]\d{2} [2-9]\d{2} \d{4}`,
    // France: 06 12 34 56 78
    String.raw`0[1-9](?:(${S})\d{2})(?:\2\d{2}){3}(?! [0-9a-fA-F]{2}(?![\p{LC}\p{N}]))`,
    // A trunk zero: 030 123456, 0171/1234567, 020 7946 0958, (02) 9876 5432, 070-123 45 67
    String.raw`\(0[1-9]\d{0,3}\)[ \u00a0]?\d{2,8}(?:[ \u00a0-]\d{2,5}){0,3}`,
    String.raw`0[1-9]\d{0,3}(?:[ \u00a0/-]| / | - )\d{3,8}(?:[ \u00a0-]\d{2,5}){0,3}`,
    // Brazil: (11) 91234-5678
    String.raw`\([1-9]\d\)[ \u00a0]?9?\d{4}[ -]\d{4}`,
  ]
    .map((it) => `${LEFT}(?:${it})${RIGHT}`)
    .join('|'),
  'gu',
)

function national(match: string): string | null {
  const digits = digitsOf(match)
  return digits.length >= 9 && digits.length <= 12 && isNoDate(match) ? digits : null
}

const ANY =
  /(?<![\p{LC}\p{N}+]|\p{N}[.:/-])[+(]{0,2}\d(?:[ .\u00a0\u202f()/-]{0,2}\d){6,14}(?![\p{LC}\p{N}]|[.:/-]\p{N}|%)/gu

const CONNECTING =
  'number|numbers|no|nr|num|is|are|was|me|us|him|her|them|at|on|home|work|direct|auf|unter|ist|lautet|es|est|numero|número|numéro|nummer|numer|al|le|au|a|é|o|il|to|via'
const WORDS = new TellingWords(
  [
    ...[
      'phone',
      'telephone',
      'phone number',
      'cellphone',
      'mobile',
      'mobile number',
      'cell',
      'fax',
      'tel',
      'whatsapp',
    ],
    ...['telefon', 'telefonnummer', 'rufnummer', 'handy', 'handynummer', 'mobil', 'mobilnummer', 'durchwahl'],
    ...['téléphone', 'tél', 'portable', 'teléfono', 'telefono', 'móvil', 'celular', 'cellulare', 'telefone'],
    ...['telefoon', 'telefoonnummer', 'mobiel', 'komórka', 'numer telefonu', 'puhelin', 'mobiltelefon'],
    ...['call me', 'call us', 'call him', 'call her', 'text me', 'reach me', 'sms', 'gsm', 'msisdn', 'dial'],
    ...['電話', '电话', '手机', 'телефон', 'тел'],
  ],
  new RegExp(String.raw`[\s"'’*\\>(#.:：=,_–-]|(?:${CONNECTING})(?!\p{LC})`),
)

/** `2026-03-02 09:00`, `02.03.2026 …`. */
function isNoDate(match: string): boolean {
  return !/^(?:(?:19|20)\d{2}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2(?:19|20)\d{2})(?!\d)/.test(match)
}

function digitsOf(match: string): string {
  return match.replace(/\D/g, '')
}

/** `+` or `00`, the code of a country, and as many digits as numbers have there. */
function findInternational(text: string): PiiFinding[] {
  const findings: PiiFinding[] = []
  PREFIX.lastIndex = 0
  for (let match = PREFIX.exec(text); match !== null; match = PREFIX.exec(text)) {
    const found = internationalAt(text, match.index, PREFIX.lastIndex, match[0].includes('+'))
    if (found === null) continue
    findings.push(found)
    PREFIX.lastIndex = found.end
  }
  return findings
}

const PREFIX = /(?<![\p{LC}\p{N}+]|\p{N}[.:/-])(?:\(?\+[ \u00a0]?|00[ \u00a0]?)(?=[1-9])/gu
const GROUP = /(?:[ .\u00a0\u202f/-]|[ \u00a0]?\(0\)[ \u00a0]?|[ \u00a0]?\(|\)[ \u00a0-]?)?(\d{1,12})/uy

function internationalAt(text: string, start: number, at: number, has_plus: boolean): PiiFinding | null {
  const code = callingCodeAt(text, at)
  if (code === null) return null
  const { digits: prefix, least, most } = code
  let end = at + prefix.length
  // Zeros in front are everywhere; a code is set apart.
  if (!has_plus && /\d/.test(text.charAt(end))) return null
  let digits = ''
  let found: PiiFinding | null = null
  for (GROUP.lastIndex = end; ; ) {
    const group = GROUP.exec(text)
    if (group === null) break
    digits += group[1]
    end = GROUP.lastIndex
    if (digits.length > most) break
    if (digits.length >= least && !/^(?:[\p{LC}\p{N}%]|[.:/-]\p{N})/u.test(text.slice(end, end + 2)))
      found = { start, end, class: 'phone', value: `+${prefix}${digits}` }
  }
  if (found === null || (prefix === '1' && !/^\+1[2-9]\d{2}[2-9]/.test(found.value))) return null
  return found
}

/** Digits of a number after the code of its country; codes of three digits are not listed, and have seven to ten. */
const NUMBER_LENGTHS = new Map(
  `1:10 7:10 20:8-10 27:9 30:10 31:9 32:8-9 33:9 34:9 36:8-9 39:8-11 40:9 41:9 43:7-13 44:9-10 45:8 46:7-10 47:8 48:9
   49:6-12 51:8-9 52:10 53:8 54:10-11 55:10-11 56:9 57:10 58:10 60:8-10 61:9 62:8-12 63:10 64:8-10 65:8 66:8-9 81:9-10
   82:8-10 84:9-10 86:10-11 90:10 91:10 92:10 93:9 94:9 95:7-10 98:10`
    .trim()
    .split(/\s+/)
    .map((it) => {
      const [code, lengths] = it.split(':') as [string, string]
      const [least, most] = lengths.split('-')
      return [code, { least: Number(least), most: Number(most ?? least) }]
    }),
)
const CODES_OF_THREE = /^(?:2[1-69]|3[578]|42|5[09]|6[789]|8[0578]|9[679])\d$/

function callingCodeAt(text: string, at: number): { digits: string; least: number; most: number } | null {
  for (const length of [1, 2]) {
    const digits = text.slice(at, at + length)
    const lengths = NUMBER_LENGTHS.get(digits)
    if (lengths !== undefined) return { digits, ...lengths }
  }
  const digits = text.slice(at, at + 3)
  return CODES_OF_THREE.test(digits) ? { digits, least: 7, most: 10 } : null
}
