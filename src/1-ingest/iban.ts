import { remainder } from './check-digit.ts'
import type { FindPii, PiiFinding } from './pii-finding.ts'

/** IBANs, in one piece or in groups: of a country's length, with right check digits. */
export const findIbans: FindPii = (text) => {
  const findings: PiiFinding[] = []
  BEGINNING.lastIndex = 0
  for (let match = BEGINNING.exec(text); match !== null; match = BEGINNING.exec(text)) {
    const found = ibanAt(text, match.index)
    if (found === null) continue
    findings.push(found)
    BEGINNING.lastIndex = found.end
  }
  return findings
}

const BEGINNING = /(?<![\p{LC}\p{N}])[A-Za-z]{2}\d{2}(?=[ \u00a0\u202f-]?[A-Za-z0-9])/gu

function ibanAt(text: string, start: number): PiiFinding | null {
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase())
  if (length === undefined) return null
  let value = ''
  let end = start
  while (value.length < length) {
    const character = text.charAt(end)
    if (/[A-Za-z0-9]/.test(character)) value += character.toUpperCase()
    else if (!/[ \u00a0\u202f-]/.test(character) || !/[A-Za-z0-9]/.test(text.charAt(end - 1))) return null
    end++
  }
  if (/[\p{LC}\p{N}]/u.test(text.charAt(end))) return null
  const turned = value.slice(4) + value.slice(0, 4)
  const digits = turned.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  return remainder(digits, 97) === 1 ? { start, end, class: 'iban', value } : null
}

/** Of the countries in the IBAN registry. */
const LENGTHS = new Map(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
   FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
   LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
   SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`
    .trim()
    .split(/\s+/)
    .map((it) => [it.slice(0, 2), Number(it.slice(2))]),
)
