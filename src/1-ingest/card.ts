import { passesLuhn } from './check-digit.ts'
import { confirmed, type FindPii } from './pii-finding.ts'

/** Numbers of payment cards: a network's prefix and length, Luhn's check digit, and grouped as on a card or not at all. */
export const findCards: FindPii = (text) =>
  confirmed(text, 'card', GROUPED, cardNumber).concat(confirmed(text, 'card', PLAIN, cardNumber))

const GROUPED =
  /(?<![\p{LC}\p{N}]|\d[.-])(?:\d{4}([ .\u00a0\u202f-])\d{4}\1\d{4}\1\d{4}(?:\1\d{3}(?![\d]))?|\d{4}([ .\u00a0\u202f-])\d{6}\2\d{4,5})(?![\p{LC}\p{N}]|[.-]\d)/gu
const PLAIN = /(?<![\p{LC}\p{N}]|\d[.-])\d{14,19}(?![\p{LC}\p{N}]|[.-]\d)/gu

function cardNumber(match: string): string | null {
  const digits = match.replace(/\D/g, '')
  const is_issued = NETWORKS.some(
    ({ prefix, lengths }) => prefix.test(digits) && lengths.includes(digits.length),
  )
  return is_issued && passesLuhn(digits) ? digits : null
}

/** Visa cards of 13 digits have not been issued for decades, and are left out: so many digits have milliseconds and articles. */
const NETWORKS: { prefix: RegExp; lengths: number[] }[] = [
  { prefix: /^4/, lengths: [16, 19] }, // Visa
  { prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] }, // Mastercard
  { prefix: /^3[47]/, lengths: [15] }, // American Express
  { prefix: /^3(?:0[0-5]|[689])/, lengths: [14, 16] }, // Diners Club
  { prefix: /^(?:6011|64[4-9]|65)/, lengths: [16, 19] }, // Discover
  { prefix: /^35(?:2[89]|[3-8])/, lengths: [16, 19] }, // JCB
  { prefix: /^62/, lengths: [16, 17, 18, 19] }, // UnionPay
  { prefix: /^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, lengths: [16, 17, 18, 19] }, // Maestro
  { prefix: /^220[0-4]/, lengths: [16] }, // Mir
  { prefix: /^(?:60|81|82|508)/, lengths: [16] }, // RuPay
]
