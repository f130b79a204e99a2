import { passesLuhn, passesMod1110, remainder, weightedSum } from './check-digit.ts'
import { confirmed, type FindPii } from './pii-finding.ts'
import { TellingWords } from './telling-words.ts'

/**
 * Numbers that a state gives to a person, of the countries in `SCHEMES`.
 *
 * Where shape and check digits leave hardly any other number, they are enough. Where they do not, as in nine digits
 * of which one is checked, the number counts only beside a word that says so.
 */
export const findNationalIds: FindPii = (text) => {
  if (!FIVE_DIGITS.test(text)) return []
  return SCHEMES.flatMap(({ pattern, accepts, words }) =>
    confirmed(text, 'national-id', pattern, (match, start) => {
      const value = match.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
      if (!accepts(value)) return null
      return words === undefined || words.tell(text, start, start + match.length) ? value : null
    }),
  )
}

/** No number has fewer. */
const FIVE_DIGITS = /\d(?:[ .A-Za-z-]{0,2}\d){4}/

type Scheme = { pattern: RegExp; accepts: (value: string) => boolean; words?: TellingWords }

const SCHEMES: Scheme[] = [
  // United States: Social Security number
  scheme(String.raw`\d{3}([ -]?)\d{2}\1\d{4}`, isSsn, [
    ...['ssn', 'social security', 'social security number', 'social security no', 'soc sec'],
  ]),
  // United Kingdom: National Insurance number
  scheme(
    String.raw`[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z]([ -]?)\d{2}\1\d{2}\1\d{2}\1[A-Da-d]`,
    isNino,
    [
      ...[
        'national insurance',
        'national insurance number',
        'nino',
        'ni number',
        'ni no',
        'insurance number',
      ],
    ],
  ),
  // France: numéro de sécurité sociale (NIR)
  scheme(
    String.raw`[12]([ .]?)\d{2}\1(?:0[1-9]|1[0-2]|20|3[0-9]|4[0-2])\1(?:\d{2}|2[ABab])\1\d{3}\1\d{3}\1?[ ]?\d{2}`,
    isNir,
  ),
  // Spain: DNI and NIE
  scheme(String.raw`(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZxyz]-?\d{7})-?[A-HJ-NP-TV-Za-hj-np-tv-z]`, isDni),
  // Italy: codice fiscale; not the rare ones that have letters in the place of digits
  scheme(
    String.raw`[A-Za-z]{3} ?[A-Za-z]{3} ?\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2} ?[A-Za-z]\d{3} ?[A-Za-z]`,
    isCodiceFiscale,
  ),
  // Germany: Steuerliche Identifikationsnummer
  scheme(String.raw`[1-9]\d([ ]?)\d{3}\1\d{3}\1\d{3}`, isSteuerId),
  // Netherlands: burgerservicenummer
  scheme(String.raw`\d{9}|\d{4}\.\d{2}\.\d{3}`, isBsn, [
    'bsn',
    'burgerservicenummer',
    'bsn nummer',
    'sofinummer',
  ]),
  // Poland: PESEL
  scheme(String.raw`\d{11}`, isPesel, ['pesel', 'numer pesel', 'nr pesel']),
  // Switzerland: AHV number
  scheme(String.raw`756([ .]?)\d{4}\1\d{4}\1\d{2}`, isAhv),
  // Brazil: CPF
  scheme(String.raw`\d{3}\.\d{3}\.\d{3}-\d{2}`, isCpf),
  scheme(String.raw`\d{9}-?\d{2}`, isCpf, ['cpf', 'cpf nº', 'cpf no', 'número do cpf']),
  // Sweden: personnummer and samordningsnummer
  scheme(String.raw`(?:19|20)?\d{6}[+-]?\d{4}`, isPersonnummer, [
    ...['personnummer', 'personnr', 'person nr', 'pnr', 'samordningsnummer', 'personal identity number'],
  ]),
]

function scheme(shape: string, accepts: Scheme['accepts'], words?: string[]): Scheme {
  const pattern = new RegExp(
    `(?<![\\p{LC}\\p{N}+]|\\p{N}[./-])(?:${shape})(?![\\p{LC}\\p{N}]|[./-]\\p{N})`,
    'gu',
  )
  // In a list, the word stands before the first number.
  return { pattern, accepts, words: words && new TellingWords(words, /[^\n]/) }
}

function isSsn(value: string): boolean {
  return !/^(?:000|666|9)|^\d{3}00|0000$/.test(value)
}

function isNino(value: string): boolean {
  return !/^(?:BG|GB|KN|NK|NT|TN|ZZ)/.test(value)
}

function isNir(value: string): boolean {
  const digits = value.replace('2A', '19').replace('2B', '18')
  return 97 - remainder(digits.slice(0, 13), 97) === Number(digits.slice(13))
}

function isDni(value: string): boolean {
  const digits = value.slice(0, -1).replace(/^[XYZ]/, (it) => String('XYZ'.indexOf(it)))
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === value.at(-1)
}

function isCodiceFiscale(value: string): boolean {
  let sum = 0
  for (const [i, character] of [...value.slice(0, 15)].entries()) {
    const place = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65
    sum += i % 2 === 1 ? place : ODD_PLACES[place]!
  }
  return String.fromCharCode(65 + (sum % 26)) === value.at(-1)
}

const ODD_PLACES = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
]

/** Of the first ten digits, exactly one stands there twice or three times. */
function isSteuerId(value: string): boolean {
  const counts = Map.groupBy(value.slice(0, 10), (it) => it).values()
  const repeated = [...counts].map((it) => it.length).filter((it) => it > 1)
  return repeated.length === 1 && repeated[0]! <= 3 && passesMod1110(value)
}

function isBsn(value: string): boolean {
  return value !== '000000000' && weightedSum(value, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0
}

function isPesel(value: string): boolean {
  const month = Number(value.slice(2, 4)) % 20
  return (
    isDay(month, Number(value.slice(4, 6))) &&
    weightedSum(value, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
  )
}

function isAhv(value: string): boolean {
  return weightedSum(value, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0
}

function isCpf(value: string): boolean {
  const check = (length: number) => {
    const weights = Array.from({ length }, (_, i) => length + 1 - i)
    return ((10 * weightedSum(value, weights)) % 11) % 10
  }
  return !/^(.)\1*$/.test(value) && check(9) === Number(value[9]) && check(10) === Number(value[10])
}

function isPersonnummer(value: string): boolean {
  const short = value.slice(-10)
  // In a samordningsnummer the day is 60 more.
  return isDay(Number(short.slice(2, 4)), Number(short.slice(4, 6)) % 60) && passesLuhn(short)
}

function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
}
